import type { CheckpointStore } from '../../src/store/checkpoint-store'
import { FileCheckpointStore } from '../../src/store/file-checkpoint-store'
import { MemoryCheckpointStore } from '../../src/store/memory-checkpoint-store'
import { checkpointPromises } from '../support/checkpoint-promises'
import { temporaryFolders } from '../support/temporary'

const newFolder = temporaryFolders()

/** Every kind of checkpoint store that needs no service, with a way to open an empty one. */
const kinds: [string, () => Promise<CheckpointStore>][] = [
  ['memory', () => Promise.resolve(new MemoryCheckpointStore())],
  ['file', () => FileCheckpointStore.open(newFolder())],
]

describe.each(kinds)('a checkpoint store in %s', (_kind, open) => {
  checkpointPromises(open)
})
