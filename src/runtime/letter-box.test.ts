import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import type { DeadLetter } from '../ingest/dead-letter'
import { openLineLog } from '../log/line-log'
import { LetterBox } from './letter-box'

const newFolder = temporaryFolders()

function letter(source: string, position: number): DeadLetter {
  return { reason: 'malformed-json', source, position, bytes: Uint8Array.of(0xff, position) }
}

it('keeps a letter as a line with its bytes in base64', async () => {
  const path = join(newFolder(), 'letters.ndjson')
  const box = await LetterBox.open(await openLineLog(path))
  box.take(letter('a', 7))
  await box.write()
  await box.close()
  expect(readFileSync(path, 'utf8')).toBe(
    '{"reason":"malformed-json","source":"a","position":7,"bytes":"/wc="}\n',
  )
})

it('keeps each letter of a source once, when the source is read again', async () => {
  //  first      a1 b1 a2 | killed           then, from the beginning   a1 a2 b1 a3 b2
  const path = join(newFolder(), 'letters.ndjson')
  const first = await LetterBox.open(await openLineLog(path))
  for (const taken of [letter('a', 1), letter('b', 1), letter('a', 2)]) first.take(taken)
  await first.write()
  await first.close()
  const second = await LetterBox.open(await openLineLog(path))
  for (const taken of [letter('a', 1), letter('a', 2), letter('b', 1), letter('a', 3), letter('b', 2)]) {
    second.take(taken)
  }
  await second.write()
  expect(second.counts).toEqual({ a: 3, b: 2 })
  await second.close()
  const places = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DeadLetter)
    .map(({ source, position }) => `${source}${position}`)
  expect(places).toEqual(['a1', 'b1', 'a2', 'a3', 'b2'])
})

it('goes on from a count, if it holds that many', async () => {
  const path = join(newFolder(), 'letters.ndjson')
  writeFileSync(path, '{"source":"a"}\n{"source":"a"}\n{"source":"b"}\n')
  const box = await LetterBox.open(await openLineLog(path))
  expect(box.holds({ a: 2, b: 1 })).toBe(true)
  expect(box.holds({ a: 2, c: 0 })).toBe(true)
  expect(box.holds({ a: 3 })).toBe(false)
  expect(box.holds({ a: 3, b: 1 })).toBe(false)
  box.restore({ a: 1 })
  box.take(letter('a', 2))
  await box.write()
  box.take(letter('a', 3))
  await box.write()
  await box.close()
  expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(4)
})
