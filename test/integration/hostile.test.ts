import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { maxRecordBytes } from '../../src/model/record'
import type { Books } from '../../src/runtime/books'
import { assay, simulated } from '../support/cli'
import { readLines, smallDay } from '../support/events'
import { difference, linesOf, outputsIn } from '../support/outputs'
import type { Outputs } from '../support/outputs'
import { poisons } from '../support/poison'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
let lines: string[]
let clean: Outputs

beforeAll(async () => {
  lines = readLines((await simulated(smallDay)).events).slice(0, 5000)
  clean = (await replay(Buffer.from(lines.join('')))).outputs
})

async function replay(bytes: Uint8Array): Promise<{ outputs: Outputs; books: Books; file: string }> {
  const folder = newFolder()
  const file = join(folder, 'events.ndjson')
  writeFileSync(file, bytes)
  const outputs = ['verdicts', 'corrections', 'dead-letters'].flatMap((name) => [
    name === 'verdicts' ? '--out' : `--${name}`,
    join(folder, `${name}.ndjson`),
  ])
  const { code, stderr } = await assay(['replay', '--json', file, ...outputs])
  expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' })
  return { outputs: outputsIn(folder), books: JSON.parse(stderr) as Books, file }
}

it('puts every poisoned record aside with its reason and its bytes, and judges the rest as if they were not there', async () => {
  //  event ×10  poison 1  event ×10  poison 2  …  event ×10  poison 1  …
  const placed: { reason: string; position: number; bytes: Buffer }[] = []
  const pieces: Buffer[] = []
  let position = 0
  const put = (bytes: Buffer): void => {
    pieces.push(bytes, Buffer.from('\n'))
    position += bytes.length + 1
  }
  lines.forEach((text, index) => {
    const line = text.slice(0, -1)
    put(Buffer.from(line))
    if (index === 0 || index % 10 !== 0) return
    const { reason, make } = poisons[(index / 10) % poisons.length]!
    const bytes = Buffer.from(make({ line, fields: JSON.parse(line) as Record<string, unknown> }))
    placed.push({ reason, position, bytes: bytes.subarray(0, maxRecordBytes) })
    put(bytes)
  })
  const { outputs, books, file } = await replay(Buffer.concat(pieces))

  const letters = linesOf(outputs['dead-letters']).map(
    (line) => JSON.parse(line) as { reason: string; source: string; position: number; bytes: string },
  )
  const found = new Map(letters.map((letter) => [letter.position, letter]))
  const wrong = placed.flatMap(({ reason, position: at, bytes }) => {
    const letter = found.get(at)
    if (
      letter?.reason === reason &&
      letter.source === file &&
      bytes.equals(Buffer.from(letter.bytes, 'base64'))
    )
      return []
    return [`${reason}, got ${letter?.reason ?? 'none'}: ${bytes.subarray(0, 300).toString()}`]
  })
  expect(wrong).toEqual([])
  expect(letters).toHaveLength(placed.length)
  expect(books).toMatchObject({
    balanced: true,
    read: lines.length + placed.length,
    deadLetters: placed.length,
    waiting: 0,
  })
  expect(difference(clean, outputs, ['verdicts', 'corrections'])).toBe('')
})

it('reads what other systems write: a byte order mark, CRLF, empty lines, no newline at the end', async () => {
  const text = `\ufeff\r\n\r\n${lines.map((line) => line.replace('\n', '\r\n')).join('')}`
  const { outputs, books } = await replay(Buffer.from(text.slice(0, -2).replace('\n{', '\n\n   \n{')))
  expect(books).toMatchObject({ read: lines.length, deadLetters: 0 })
  expect(difference(clean, outputs, ['verdicts', 'corrections'])).toBe('')
})

it('comes to its end with a file that holds nothing but garbage', async () => {
  const garbage = Buffer.alloc(3_000_000)
  for (let at = 0; at < garbage.length; at++) garbage[at] = (at * 2654435761) >>> 13
  const { outputs, books } = await replay(garbage)
  expect(books).toMatchObject({ balanced: true, counted: 0 })
  expect(books.deadLetters).toBe(books.read)
  expect(outputs.verdicts).toHaveLength(0)
})

it('comes to its end with an empty file', async () => {
  const { books } = await replay(Buffer.alloc(0))
  expect(books).toMatchObject({ balanced: true, read: 0, verdicts: 0 })
})
