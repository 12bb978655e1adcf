import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { openLineLog } from '../log/line-log'
import { EndsFile } from './ends-file'

const newFolder = temporaryFolders()

it('keeps the ends of each source in order, on disk as soon as they are noted', async () => {
  const path = join(newFolder(), 'ends.ndjson')
  const ends = await EndsFile.open(await openLineLog(path))
  expect(ends.of('day.ndjson')).toEqual([])
  await ends.note('day.ndjson', 8191)
  await ends.note('other.ndjson', 3)
  await ends.note('day.ndjson', 9000)
  expect(ends.of('day.ndjson')).toEqual([8191, 9000])
  expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('{"source":"day.ndjson","position":8191}')
  await ends.close()

  const again = await EndsFile.open(await openLineLog(path))
  expect([again.of('day.ndjson'), again.of('other.ndjson'), again.of('none')]).toEqual([
    [8191, 9000],
    [3],
    [],
  ])
  await again.close()
})

it.each(['{"source":"day.ndjson"}', '{"position":8191}', '{"source":"day.ndjson","position":0.5}', 'null'])(
  'takes no other line for an end: %s',
  async (line) => {
    const path = join(newFolder(), 'ends.ndjson')
    writeFileSync(path, `${line}\n`)
    const lines = await openLineLog(path)
    await expect(EndsFile.open(lines)).rejects.toThrow('an end names its source and a position in it')
    await lines.close()
  },
)
