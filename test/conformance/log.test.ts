import { FileLog } from '../../src/log/file-log'
import type { Log } from '../../src/log/log'
import { MemoryLog } from '../../src/log/memory-log'
import { keepsThePromisesOfALog } from '../support/log-promises'
import { temporaryFolders } from '../support/temporary'

const newFolder = temporaryFolders()

/** Every kind of log that needs no service, with a way to open an empty one. */
const kinds: [string, () => Promise<Log>][] = [
  ['memory', () => Promise.resolve(new MemoryLog())],
  ['file', () => FileLog.open(newFolder())],
  ['file with tiny segments', () => FileLog.open(newFolder(), { segmentBytes: 200 })],
]

describe.each(kinds)('a log in %s', (_kind, open) => {
  keepsThePromisesOfALog(open, { runs: 60 })
})
