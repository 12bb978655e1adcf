import { createFileEncoder } from 'avsc'
import type { Schema } from 'avsc'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { assay, simulated } from '../support/cli'
import { poisoned, readLines, smallDay } from '../support/events'
import { difference, outputsIn } from '../support/outputs'
import type { Outputs } from '../support/outputs'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
let lines: string[]
let file: string
let expected: Outputs

beforeAll(async () => {
  const { events } = await simulated(smallDay)
  lines = poisoned(readLines(events).slice(0, 5000), 200)
  file = join(newFolder(), 'events.ndjson')
  writeFileSync(file, lines.join(''))
  expected = await replay([file])
})

/** Replays files and gives what was written. */
async function replay(files: readonly string[], options: readonly string[] = []): Promise<Outputs> {
  const folder = newFolder()
  const outputs = [
    ...['--out', join(folder, 'verdicts.ndjson')],
    ...['--corrections', join(folder, 'corrections.ndjson')],
    ...['--dead-letters', join(folder, 'dead-letters.ndjson')],
  ]
  const { code, stderr } = await assay(['replay', ...files, ...outputs, ...options])
  if (code !== 0) throw new Error(`replay ended with ${code}: ${stderr}`)
  expect(stderr).toContain('the books balance')
  return outputsIn(folder)
}

const judged = ['verdicts', 'corrections'] as const

it('gives the same bytes each time', async () => {
  for (const bytes of [expected.verdicts, expected.corrections, expected['dead-letters']]) {
    expect(bytes.length).toBeGreaterThan(0)
  }
  expect(difference(expected, await replay([file]))).toBe('')
})

it('gives the same bytes embedded as in a replay', async () => {
  const state = join(newFolder(), 'state')
  const { code } = await assay(['run', '--embedded', '--state', state, file])
  expect(code).toBe(0)
  expect(difference(expected, outputsIn(state), ['verdicts', 'corrections', 'dead-letters'])).toBe('')
})

it('reads gzip as it reads text, positions of dead letters included', async () => {
  const compressed = join(newFolder(), 'events.ndjson.gz')
  writeFileSync(compressed, gzipSync(lines.join('')))
  const outputs = await replay([compressed])
  expect(difference(expected, outputs, judged)).toBe('')
  const letters = (bytes: Buffer, name: string): string => bytes.toString().replaceAll(name, 'the file')
  expect(letters(outputs['dead-letters'], compressed)).toBe(letters(expected['dead-letters'], file))
})

it('reads Avro as it reads text', async () => {
  const container = join(newFolder(), 'events.avro')
  const whole = lines
    .filter((line) => line.endsWith('}\n'))
    .map((line) => JSON.parse(line, momentsAsNumbers) as Fields)
  await writeAvro(container, whole)
  expect(difference(expected, await replay([container]), judged)).toBe('')
})

it('reads a pipe as it reads a file', async () => {
  const { code, stdout } = await assay(['replay', '-'], { input: lines.join('') })
  expect(code).toBe(0)
  expect(stdout).toBe(expected.verdicts.toString())
})

type Fields = Readonly<Record<string, unknown>>

/** Writes events as an Avro container whose schema has each of their fields, and null where one has not. */
async function writeAvro(path: string, events: readonly Fields[]): Promise<void> {
  const types = new Map<string, unknown>()
  for (const event of events) {
    for (const [name, value] of Object.entries(event)) types.set(name, avroTypeOf(value))
  }
  const fields = [...types].map(([name, type]) => ({ name, type: ['null', type], default: null }))
  const encoder = createFileEncoder(path, { type: 'record', name: 'Event', fields } as Schema, {
    codec: 'deflate',
  })
  for (const event of events) {
    encoder.write(Object.fromEntries([...types.keys()].map((name) => [name, event[name] ?? null])))
  }
  await new Promise((resolve) => {
    encoder.on('finish', resolve)
    encoder.end()
  })
}

/** An event may write a moment either way; a field of Avro has one type. */
function momentsAsNumbers(name: string, value: unknown): unknown {
  return name.endsWith('At') && typeof value === 'string' ? Date.parse(value) : value
}

function avroTypeOf(value: unknown): unknown {
  if (Array.isArray(value)) return { type: 'array', items: 'string' }
  if (typeof value === 'number') return 'long'
  return typeof value
}
