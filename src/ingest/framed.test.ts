import avro from 'avsc'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { maxRecordBytes } from '../model/record'
import type { Block } from '../model/block'
import type { DeadLetter, DeadLetterReason } from './dead-letter'
import { maxAvroDepth, maxAvroItems } from './decode-avro'
import { schemaHeader } from './frame'
import { Ingest } from './ingest'
import type { SchemaOutcome } from './registry'

/** Records of a topic that name their schema. */

const key = new Uint8Array(16).fill(7)
const noonMs = Date.UTC(2026, 2, 1, 12)
const guid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const click = readFileSync(join(__dirname, '../../schemas/click.avsc'), 'utf8')
const clickType = avro.Type.forSchema(JSON.parse(click) as avro.Schema)

const outcomes = new Map<number | string, SchemaOutcome>([
  [7, { kind: 'avro', text: click }],
  [guid, { kind: 'avro', text: click }],
  [8, { kind: 'json' }],
  [9, { kind: 'unknown-schema' }],
  [10, { kind: 'schema-unavailable' }],
  [11, { kind: 'unsupported-schema' }],
])

function newIngest(letters: DeadLetter[] = []): Ingest {
  return new Ingest({
    source: 'clicks-0',
    key,
    schemas: { of: (schema) => outcomes.get(schema) ?? { kind: 'unknown-schema' } },
    onDeadLetter: (letter) => letters.push(letter),
  })
}

interface Sent {
  readonly value: Uint8Array | null
  readonly headers?: Record<string, Uint8Array>
}

interface Taken {
  readonly rows: string
  readonly letters: DeadLetter[]
  readonly ingest: Ingest
}

/** Takes records at once, appended at noon; a file's have no append time. */
function take(records: readonly Sent[], place: { appendTimeMs?: number } = { appendTimeMs: noonMs }): Taken {
  const letters: DeadLetter[] = []
  const ingest = newIngest(letters)
  const blocks = records.flatMap(({ value, headers }, position) => [
    ...ingest.push(value, { position, ...place, ...(headers === undefined ? {} : { headers }) }),
  ])
  return { rows: rowsOf([...blocks, ...ingest.end()]), letters, ingest }
}

function rowsOf(blocks: readonly Block[]): string {
  return blocks.map(({ bytes }) => Buffer.from(bytes).toString('base64')).join()
}

function event(index: number, afterMs = 0): Record<string, unknown> {
  return {
    kind: 'click',
    eventId: `e${index}`,
    occurredAt: noonMs + afterMs,
    actorId: 'actor',
    accountId: 'account',
    contentId: '写得真好',
    dwellMs: 1500,
    referrer: 'feed',
  }
}

function idFrame(id: number): Buffer {
  const frame = Buffer.alloc(5)
  frame.writeUInt32BE(id, 1)
  return frame
}

const guidFrame = Buffer.from(`01${guid.replaceAll('-', '')}`, 'hex')

function framed(id: number, body: Uint8Array): Sent {
  return { value: Buffer.concat([idFrame(id), body]) }
}

function inAvro(index: number, afterMs = 0): Buffer {
  return clickType.toBuffer(clickType.fromString(defaultsOf(event(index, afterMs))))
}

/** Avro's JSON form: a value in a union is an object with the branch as its key. */
function defaultsOf(fields: Record<string, unknown>): string {
  const declared = (JSON.parse(click) as { fields: { name: string; type: unknown }[] }).fields
  return JSON.stringify(
    Object.fromEntries(
      declared.map(({ name, type }) => {
        if (!Array.isArray(type)) return [name, fields[name]]
        return [
          name,
          fields[name] === undefined
            ? null
            : { [typeof fields[name] === 'number' ? 'long' : 'string']: fields[name] },
        ]
      }),
    ),
  )
}

describe('a record that names its schema', () => {
  const asJson = take([0, 1, 2].map((index) => ({ value: Buffer.from(JSON.stringify(event(index))) })))

  it.each<[string, (body: Buffer) => Sent]>([
    ['before its body', (body) => framed(7, body)],
    ['by a GUID before its body', (body) => ({ value: Buffer.concat([guidFrame, body]) })],
    ['in the header', (body) => ({ value: body, headers: { [schemaHeader]: idFrame(7) } })],
    ['by a GUID in the header', (body) => ({ value: body, headers: { [schemaHeader]: guidFrame } })],
  ])('%s becomes the same row as in JSON', (_where, send) => {
    const { rows, letters, ingest } = take([0, 1, 2].map((index) => send(inAvro(index))))
    expect(letters).toEqual([])
    expect(ingest.books.admitted).toBe(3)
    expect(rows).toBe(asJson.rows)
  })

  it('that is one of JSON is read as JSON', () => {
    const { rows, letters } = take(
      [0, 1, 2].map((index) => framed(8, Buffer.from(JSON.stringify(event(index))))),
    )
    expect(letters).toEqual([])
    expect(rows).toBe(asJson.rows)
  })

  it('stands beside plain JSON in one topic', () => {
    const { rows } = take([
      framed(7, inAvro(0)),
      { value: Buffer.from(JSON.stringify(event(1))) },
      framed(7, inAvro(2)),
    ])
    expect(rows).toBe(asJson.rows)
  })

  it.each<[string, Sent, DeadLetterReason]>([
    ['a tombstone', { value: null }, 'tombstone'],
    ['no bytes', { value: Buffer.of() }, 'empty'],
    ['half a frame', { value: idFrame(7).subarray(0, 4) }, 'bad-frame'],
    ['a schema that nobody knows', framed(9, inAvro(0)), 'unknown-schema'],
    ['a schema that could not be asked for', framed(10, inAvro(0)), 'schema-unavailable'],
    ['a schema that cannot be used', framed(11, inAvro(0)), 'unsupported-schema'],
    ['a frame alone', framed(7, Buffer.of()), 'malformed-avro'],
    ['a byte too much', framed(7, Buffer.concat([inAvro(0), Buffer.of(0)])), 'malformed-avro'],
    ['JSON behind the id of Avro', framed(7, Buffer.from(JSON.stringify(event(0)))), 'malformed-avro'],
    ['Avro behind the id of JSON', framed(8, inAvro(0)), 'malformed-json'],
    ['Avro without a frame', { value: inAvro(0) }, 'bad-frame'],
    ['too many bytes', framed(7, Buffer.alloc(maxRecordBytes)), 'record-too-large'],
  ])('is put aside untouched with its frame, and the stream goes on: %s', (_what, sent, reason) => {
    const { letters, ingest } = take([sent, framed(7, inAvro(1))])
    expect(letters.map((letter) => [letter.reason, letter.position])).toEqual([[reason, 0]])
    const untouched = Buffer.from(sent.value ?? []).subarray(0, maxRecordBytes)
    expect(Buffer.from(letters[0]!.bytes).equals(untouched)).toBe(true)
    expect(ingest.books).toMatchObject({ read: 2, admitted: 1 })
    expect(ingest.position).toBe(2)
  })

  it('is one position each, and what was taken before is passed over', () => {
    const letters: DeadLetter[] = []
    const ingest = newIngest(letters)
    ingest.push(framed(7, inAvro(0)).value, { position: 40, appendTimeMs: noonMs })
    ingest.push(framed(7, inAvro(0)).value, { position: 40, appendTimeMs: noonMs })
    ingest.push(null, { position: 41 })
    ingest.push(null, { position: 41 })
    // Control records leave holes.
    ingest.push(framed(7, inAvro(1)).value, { position: 44, appendTimeMs: noonMs })
    expect(ingest.books).toMatchObject({ read: 3, admitted: 2 })
    expect(letters).toHaveLength(1)
    expect(ingest.position).toBe(45)
  })

  it('waits with its frame when it lies far ahead, through a snapshot as well', () => {
    //  noon, noon + 26 h (waits), noon: put aside
    const records = [inAvro(0), inAvro(1, 26 * 3_600_000), inAvro(2)].map((body) => framed(7, body))
    const straight = take(records, {})
    expect(
      straight.letters.map(({ reason, bytes }) => [reason, Buffer.from(bytes).equals(records[1]!.value!)]),
    ).toEqual([['ahead-of-time', true]])

    const letters: DeadLetter[] = []
    let ingest = newIngest(letters)
    const blocks = records.flatMap(({ value }, position) => {
      const saved = ingest.snapshot()
      ingest = newIngest(letters)
      ingest.restore(saved)
      return [...ingest.push(value, { position })]
    })
    expect(rowsOf([...blocks, ...ingest.end()])).toBe(straight.rows)
    expect(letters).toEqual(straight.letters)
  })

  it('is believed, decoded anew, when others come to where it waits', () => {
    const later = Array.from({ length: 10 }, (_, index) =>
      framed(7, inAvro(index + 1, 26 * 3_600_000 + index)),
    )
    const { letters, ingest } = take([framed(7, inAvro(0)), ...later], {})
    expect(letters).toEqual([])
    expect(ingest.books.admitted).toBe(11)
  })
})

describe('a hostile record in a frame', () => {
  it('is put aside wherever it is cut off', () => {
    const whole = inAvro(0)
    for (let length = 0; length < whole.length; length++) {
      const { letters } = take([framed(7, whole.subarray(0, length))])
      expect([length, letters.map(({ reason }) => reason)]).toEqual([length, ['malformed-avro']])
    }
  })

  const texts = '{"type":"array","items":"string"}'
  const nulls = '{"type":"array","items":"null"}'
  const nested = '{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]}]}'
  it.each<[string, string, Buffer, DeadLetterReason]>([
    ['a list of 2^40 texts', texts, Buffer.from('808080808080808001', 'hex'), 'malformed-avro'],
    ['a list of many nothings', nulls, zigzag(maxAvroItems + 1), 'malformed-avro'],
    ['records inside each other without end', nested, Buffer.alloc(5000, 2), 'too-deep'],
    [
      'records just too deep',
      nested,
      Buffer.concat([Buffer.alloc(maxAvroDepth - 1, 2), Buffer.of(0)]),
      'too-deep',
    ],
  ])('%s', (_what, type, body, reason) => {
    const text = `{"type":"record","name":"Click","fields":[{"name":"x","type":${type}}]}`
    outcomes.set(12, { kind: 'avro', text })
    const started = process.hrtime.bigint()
    const { letters } = take([framed(12, body)])
    expect(letters.map((letter) => letter.reason)).toEqual([reason])
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(100)
  })
})

function zigzag(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value * 2; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest & 127) | 128)
  }
}
