import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import avro from 'avsc'
import fc from 'fast-check'
import type { Block } from '../model/block'
import { maxRecordBytes } from '../model/record'
import type { DeadLetter } from './dead-letter'
import { AvroDecoder, maxAvroDepth, maxAvroItems } from './decode-avro'
import { fieldNumber, FoundFields, other } from './fields'
import { Ingest } from './ingest'

const key = new Uint8Array(16).fill(7)

function schemaOf(kind: string): string {
  return readFileSync(join(__dirname, '../../schemas', `${kind}.avsc`), 'utf8')
}

function typeOf(schema: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(schema) as avro.Schema)
}

interface Taken {
  readonly blocks: Block[]
  readonly letters: DeadLetter[]
  readonly ingest: Ingest
}

function take(schema: string, bytes: Uint8Array, count: number): Taken {
  const letters: DeadLetter[] = []
  const ingest = new Ingest({ source: 's', key, onDeadLetter: (letter) => letters.push(letter) })
  const blocks = [
    ...ingest.pushChunk({ format: 'avro', schema, bytes, count, position: 0, nextPosition: count }),
    ...ingest.end(),
  ]
  return { blocks, letters, ingest }
}

/** The same events by way of JSON. */
function takeAsJson(events: readonly object[]): Taken {
  const letters: DeadLetter[] = []
  const ingest = new Ingest({ source: 's', key, onDeadLetter: (letter) => letters.push(letter) })
  const blocks = events.flatMap((event, position) => [
    ...ingest.push(Buffer.from(JSON.stringify(event)), { position }),
  ])
  return { blocks: [...blocks, ...ingest.end()], letters, ingest }
}

/** All of a block but its positions, which are counted otherwise for lines. */
function rowsOf(blocks: readonly Block[]): string[] {
  return blocks.map(({ bytes }) => Buffer.from(bytes.subarray(64)).toString('base64'))
}

const noonMs = Date.UTC(2026, 2, 1, 12)
const time = { name: 'occurredAt', type: 'long' }
const base = { eventId: 'e1', occurredAt: noonMs, actorId: 'actor', accountId: 'account' }

describe('a record in Avro', () => {
  it.each([
    [
      'click',
      {
        dwellMs: 1500,
        referrer: 'feed',
        address: '192.0.2.1',
        userAgent: 'agent',
        actorCreatedAt: noonMs - 1e9,
      },
    ],
    ['subscription', { action: 'subscribe', source: 'qr-code', deviceId: 'd', contentId: 'c' }],
    ['forward', { channel: 'group', text: '写得真好' }],
    ['comment', { text: 'Good!', commentId: 'c1', parentId: null }],
    ['post', { text: 'Good!', links: ['a', 'b'], tags: [], mediaHashes: ['h'], original: true }],
    ['impression', { count: 40 }],
    ['account', { activity: 'login', category: 'news', subjectId: 's' }],
    ['feedback', { verdictId: 'v', decision: 'overturned' }],
  ])('of the kind %s becomes the same row as in JSON', (kind, fields) => {
    const schema = schemaOf(kind)
    const events = Array.from({ length: 10 }, (_, index) => ({ ...base, ...fields, eventId: `e${index}` }))
    const type = typeOf(schema)
    const bytes = Buffer.concat(events.map((event) => type.toBuffer(withDefaults(type, event))))
    const { blocks, letters, ingest } = take(schema, bytes, events.length)
    expect(letters).toEqual([])
    expect(ingest.books).toMatchObject({ read: 10, admitted: 10 })
    expect(rowsOf(blocks)).toEqual(rowsOf(takeAsJson(events.map((event) => ({ ...event, kind }))).blocks))
  })

  it('may hold any of several kinds, told apart by a field', () => {
    const schema = schemaOf('event')
    const type = typeOf(schema)
    const events = [
      { ...base, kind: 'click', dwellMs: 10 },
      { ...base, kind: 'comment', text: 'x', eventId: 'e2' },
    ]
    const bytes = Buffer.concat(events.map((event) => type.toBuffer(withDefaults(type, event))))
    expect(rowsOf(take(schema, bytes, 2).blocks)).toEqual(rowsOf(takeAsJson(events).blocks))
  })

  it('may be a branch of a union of records', () => {
    const click = JSON.parse(schemaOf('click')) as avro.Schema
    const comment = JSON.parse(schemaOf('comment')) as avro.Schema
    const schema = JSON.stringify([click, comment])
    const of = (kind: string, branch: number, event: object): Buffer => {
      const type = typeOf(schemaOf(kind))
      return Buffer.concat([Buffer.from([branch * 2]), type.toBuffer(withDefaults(type, event))])
    }
    const bytes = Buffer.concat([
      of('click', 0, base),
      of('comment', 1, { ...base, text: 'x', eventId: 'e2' }),
    ])
    const asJson = takeAsJson([
      { ...base, kind: 'click' },
      { ...base, kind: 'comment', text: 'x', eventId: 'e2' },
    ])
    expect(rowsOf(take(schema, bytes, 2).blocks)).toEqual(rowsOf(asJson.blocks))
  })

  it('may come with any schema that has the fields of the contract', () => {
    const schema = JSON.stringify({
      type: 'record',
      name: 'com.example.Thing',
      fields: [
        {
          name: 'extra',
          type: { type: 'map', values: { type: 'array', items: ['null', 'double', 'boolean'] } },
        },
        { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['CLICK', 'SUBSCRIPTION'] } },
        { name: 'id', type: { type: 'fixed', name: 'Uuid', size: 16 } },
        { name: 'accountId', type: 'string' },
        { name: 'source', type: ['null', { type: 'enum', name: 'Source', symbols: ['SEARCH', 'QR_CODE'] }] },
        { name: 'occurredAt', type: { type: 'long', logicalType: 'timestamp-micros' } },
        { name: 'actorId', type: ['string', 'null'] },
        { name: 'again', type: 'Uuid' },
        { name: 'action', type: 'string' },
        { name: 'eventId', type: 'string' },
        {
          name: 'list',
          type: [
            'null',
            { type: 'record', name: 'Node', fields: [{ name: 'next', type: ['null', 'Node'] }] },
          ],
        },
        { name: 'bytes', type: 'bytes' },
        { name: 'float', type: 'float' },
      ],
    })
    const uuid = Buffer.alloc(16, 1)
    const event = {
      ...base,
      occurredAt: noonMs * 1000 + 999,
      extra: { a: [{ double: 1.5 }, null, { boolean: true }], b: [] },
      kind: 'SUBSCRIPTION',
      id: uuid,
      source: 'QR_CODE',
      actorId: { string: 'actor' },
      again: uuid,
      action: 'subscribe',
      list: { 'com.example.Node': { next: { 'com.example.Node': { next: null } } } },
      bytes: Buffer.from('xyz'),
      float: 2.5,
    }
    const type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: true })
    const bytes = type.toBuffer({ ...event, source: { 'com.example.Source': 'QR_CODE' } })
    const asJson = takeAsJson([{ ...base, kind: 'subscription', action: 'subscribe', source: 'qr-code' }])
    const { blocks, letters } = take(schema, bytes, 1)
    expect(letters).toEqual([])
    expect(rowsOf(blocks)).toEqual(rowsOf(asJson.blocks))
  })

  it.each([
    ['timestamp-micros', 1_000n],
    ['timestamp-nanos', 1_000_000n],
  ])('has its time to the millisecond in %s too', (logicalType, unitsPerMs) => {
    const schema = JSON.stringify({
      type: 'record',
      name: 'Click',
      fields: [{ name: 'occurredAt', type: { type: 'long', logicalType } }],
    })
    const found = new FoundFields()
    const decoder = new AvroDecoder(schema, found)
    const expected: number[] = []
    const got: number[] = []
    for (let index = 0; index < 1000; index++) {
      const timeMs = noonMs + index * 7919
      // The first and the last unit of a millisecond, and the first before 1970.
      for (const units of [BigInt(timeMs) * unitsPerMs, BigInt(timeMs + 1) * unitsPerMs - 1n, -1n]) {
        const bytes = Uint8Array.from(long(units))
        expect(decoder.decode(bytes, 0, bytes.length)).toBeUndefined()
        expected.push(units < 0n ? -1 : timeMs)
        got.push(found.numbers[fieldNumber('occurredAt')]!)
      }
    }
    expect(got).toEqual(expected)
  })

  it.each([
    ['null first', ['null', 'string']],
    ['text first', ['string', 'null']],
  ])('may have lists whose items could be null, %s', (_, items) => {
    const schema = (tagItems: unknown): string =>
      JSON.stringify({
        type: 'record',
        name: 'Post',
        fields: [
          { name: 'tags', type: { type: 'array', items: tagItems } },
          { name: 'text', type: 'string' },
        ],
      })
    const read = (tags: readonly unknown[]): FoundFields => {
      const found = new FoundFields()
      const type = avro.Type.forSchema(JSON.parse(schema(items)) as avro.Schema, { wrapUnions: true })
      const bytes = type.toBuffer({ tags, text: 'Good!' })
      expect(new AvroDecoder(schema(items), found).decode(bytes, 0, bytes.length)).toBeUndefined()
      expect(found.isText(fieldNumber('text'))).toBe(true)
      return found
    }
    expect(read([{ string: 'a' }, { string: 'b' }]).lists[fieldNumber('tags')]).toEqual(['a', 'b'])
    // As in JSON, where `["a", null]` is no list of texts.
    expect(read([{ string: 'a' }, null]).types[fieldNumber('tags')]).toBe(other)
  })

  it('may have lists of more than a few thousand texts, as in JSON', () => {
    const type = typeOf(schemaOf('post'))
    const event = { ...base, text: 'Good!', tags: Array<string>(5000).fill('a') }
    const { letters, blocks } = take(schemaOf('post'), type.toBuffer(withDefaults(type, event)), 1)
    expect(letters).toEqual([])
    expect(rowsOf(blocks)).toEqual(rowsOf(takeAsJson([{ ...event, kind: 'post' }]).blocks))
  })

  it.each(['local-timestamp-millis', 'local-timestamp-micros', 'local-timestamp-nanos'])(
    'whose time is a %s says no moment, as a text without an offset says none',
    (logicalType) => {
      const { fields, ...click } = JSON.parse(schemaOf('click')) as { fields: { name: string }[] }
      const schema = JSON.stringify({
        ...click,
        fields: fields.map((field) =>
          field.name === 'occurredAt' ? { ...field, type: { type: 'long', logicalType } } : field,
        ),
      })
      const bytes = typeOf(schema).toBuffer(withDefaults(typeOf(schema), base))
      expect(take(schema, bytes, 1).letters.map(({ reason }) => reason)).toEqual(['impossible-time'])
    },
  )

  it('beyond the limit is put aside, wherever in a file it stands, and costs no other', () => {
    const schema = JSON.stringify({
      type: 'record',
      name: 'Click',
      fields: [
        ...['eventId', 'actorId', 'accountId', 'more'].map((name) => ({ name, type: 'string' })),
        time,
      ],
    })
    const type = typeOf(schema)
    const bytes = [...Array(20).keys()].map((index) =>
      type.toBuffer({ ...base, eventId: `e${index}`, more: 'x'.repeat(index === 15 ? maxRecordBytes : 0) }),
    )
    const { letters, ingest } = take(schema, Buffer.concat(bytes), 20)
    expect(letters.map(({ reason, position }) => [reason, position])).toEqual([['record-too-large', 15]])
    expect(ingest.books).toMatchObject({ read: 20, admitted: 19 })
  })

  it('is checked as one in JSON is', () => {
    const schema = schemaOf('click')
    const type = typeOf(schema)
    const reasonFor = (change: object): string | undefined =>
      take(schema, type.toBuffer(withDefaults(type, { ...base, ...change })), 1).letters[0]?.reason
    expect(reasonFor({})).toBeUndefined()
    expect(reasonFor({ eventId: '' })).toBe('missing-field')
    expect(reasonFor({ actorId: 'x'.repeat(129) })).toBe('field-too-large')
    expect(reasonFor({ occurredAt: noonMs / 1000 })).toBe('impossible-time')
    expect(reasonFor({ kind: 'like' })).toBe('unknown-kind')
    expect(reasonFor({ dwellMs: -1 })).toBe('impossible-number')
    const bad = type.toBuffer(withDefaults(type, { ...base, eventId: 'QQ' }))
    bad.set([0xff, 0xfe], bad.indexOf('QQ'))
    expect(take(schema, Buffer.concat([bad, type.toBuffer(withDefaults(type, base))]), 2)).toMatchObject({
      letters: [{ reason: 'invalid-utf8' }],
      ingest: { books: { read: 2, admitted: 1 } },
    })
  })
})

describe('broken bytes', () => {
  const schema = schemaOf('click')
  const type = typeOf(schema)
  const good = type.toBuffer(withDefaults(type, base))

  it('cost the rest of their container block, which the books count', () => {
    const next = type.toBuffer(withDefaults(type, { ...base, eventId: 'e2' }))
    const bytes = Buffer.concat([good, next.subarray(0, 10)])
    const { letters, ingest } = take(schema, bytes, 5)
    expect(letters).toEqual([
      { reason: 'malformed-avro', source: 's', position: 1, bytes: new Uint8Array(next.subarray(0, 10)) },
    ])
    expect(ingest.books).toMatchObject({ read: 5, admitted: 1, deadLetters: { 'malformed-avro': 4 } })
    // A count is no reason to believe in more records than there are bytes.
    expect(take(schema, bytes, 2 ** 40).ingest.books.read).toBe(11)
  })

  it('may be none at all, and then hold no record, whatever the count', () => {
    const empty = JSON.stringify({ type: 'record', name: 'Empty', fields: [] })
    expect(take(empty, new Uint8Array(0), 2 ** 40).ingest.books.read).toBe(1)
  })

  it('behind the last record are put aside', () => {
    const { letters, ingest } = take(schema, Buffer.concat([good, Buffer.from('more')]), 1)
    expect(letters.map(({ reason, bytes }) => [reason, Buffer.from(bytes).toString()])).toEqual([
      ['malformed-avro', 'more'],
    ])
    expect(ingest.books).toMatchObject({ read: 2, admitted: 1 })
  })

  it('behind the last record are put aside, also where all records waited for a clock', () => {
    const records = Array.from({ length: 8 }, (_, index) =>
      type.toBuffer(withDefaults(type, { ...base, eventId: `e${index}` })),
    )
    const { letters, ingest } = take(schema, Buffer.concat([...records, Buffer.from('more')]), 8)
    expect(letters).toEqual([
      { reason: 'malformed-avro', source: 's', position: 7, bytes: Uint8Array.from(Buffer.from('more')) },
    ])
    expect(ingest.books).toMatchObject({ read: 9, admitted: 8 })
  })

  it('are found out wherever the record is cut', () => {
    for (let length = 0; length < good.length; length++) {
      expect(take(schema, good.subarray(0, length), 1).letters.map(({ reason }) => reason)).toEqual([
        'malformed-avro',
      ])
    }
  })

  it('never make the decoder throw or be slow', () => {
    const post = typeOf(schemaOf('post'))
    const event = { ...base, text: 'text', links: ['a', 'b'], tags: ['t'], mediaHashes: [], original: false }
    const record = post.toBuffer(withDefaults(post, event))
    const found = new FoundFields()
    const decoder = new AvroDecoder(schemaOf('post'), found)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat(), (changes, cut) => {
        const bytes = Uint8Array.from(record)
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        const end = cut % 3 === 0 ? cut % (bytes.length + 1) : bytes.length
        decoder.decode(bytes, 0, end)
        expect(decoder.recordEnd).toBeLessThanOrEqual(end)
      }),
      { numRuns: 20_000 },
    )
  })
})

/** Zigzag form. */
function long(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt(value) * 2n
  if (value < 0) rest = -rest - 1n
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}

describe('a claim that eight bytes can make', () => {
  const decode = (fieldType: unknown, bytes: number[]): string | undefined => {
    const schema = JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'x', type: fieldType }] })
    return new AvroDecoder(schema, new FoundFields()).decode(Uint8Array.from(bytes), 0, bytes.length)
  }
  const containers = {
    strings: { type: 'array', items: 'string' },
    nulls: { type: 'array', items: 'null' },
    lists: { type: 'array', items: { type: 'array', items: 'null' } },
    map: { type: 'map', values: 'null' },
    'records of nothing': {
      type: 'array',
      items: { type: 'record', name: 'Empty', fields: [{ name: 'n', type: 'null' }] },
    },
    fixed: { type: 'array', items: { type: 'fixed', name: 'F', size: 0 } },
  }

  it.each(Object.entries(containers))('is refused for %s', (_, type) => {
    for (const count of [maxAvroItems + 1, 10_000_000, 2 ** 40, 2 ** 53, 2 ** 62]) {
      for (const sign of [1, -1]) expect(decode(type, [...long(sign * count), 2, 0])).toBe('malformed-avro')
    }
  })

  it('of items without bytes is held against the limit', () => {
    expect(decode(containers.nulls, [...long(maxAvroItems), 0])).toBeUndefined()
    expect(decode(containers.nulls, [...long(maxAvroItems), ...long(1), 0])).toBe('malformed-avro')
    expect(decode(containers.nulls, [...long(-7), ...long(0), 0])).toBeUndefined()
  })

  it('of a length beyond the bytes is refused', () => {
    for (const length of [5, 2 ** 31, 2 ** 62, -1]) {
      expect(decode('string', [...long(length), 1, 2, 3, 4])).toBe('malformed-avro')
      expect(decode('bytes', [...long(length), 1, 2, 3, 4])).toBe('malformed-avro')
    }
    expect(decode('string', [...long(4), 1, 2, 3, 4])).toBeUndefined()
  })

  it('of a number longer than ten bytes, of a branch or a symbol that is not there, is refused', () => {
    expect(decode('long', Array<number>(11).fill(0x80))).toBe('malformed-avro')
    for (const index of [-1, 2, 2 ** 40]) {
      expect(decode(['null', 'int'], [...long(index), 0])).toBe('malformed-avro')
    }
    const schema = JSON.stringify({
      type: 'record',
      name: 'R',
      fields: [{ name: 'kind', type: { type: 'enum', name: 'K', symbols: ['click'] } }],
    })
    expect(new AvroDecoder(schema, new FoundFields()).decode(Uint8Array.of(2), 0, 1)).toBe('malformed-avro')
  })

  it('of depth is refused beyond the limit', () => {
    const node = { type: 'record', name: 'Node', fields: [{ name: 'next', type: ['null', 'Node'] }] }
    const nested = (depth: number): number[] => [...Array<number>(depth - 1).fill(2), 0]
    // The outermost record is the first level.
    expect(decode(node, nested(maxAvroDepth - 1))).toBeUndefined()
    expect(decode(node, nested(maxAvroDepth))).toBe('too-deep')
    expect(decode(node, nested(20_000))).toBe('too-deep')
  })

  it('is passed over quickly, however it is nested', () => {
    // Each of 4,000 lists claims 4,096 items of nothing.
    const one = [...long(maxAvroItems), 0]
    const bytes = [...long(4000), ...Array.from({ length: 4000 }, () => one).flat(), 0]
    // The fastest of some: a machine that does something else meanwhile says nothing of the reader.
    const tookMs = Array.from({ length: 5 }, () => {
      const startedMs = performance.now()
      expect(decode(containers.lists, bytes)).toBeUndefined()
      return performance.now() - startedMs
    })
    expect(Math.min(...tookMs)).toBeLessThan(500)
  })
})

describe('a schema', () => {
  it('that nothing can be read with is told with the source that has it', () => {
    expect(() => take('{"type":"record","name":"Click","fields":[{"type":"int"}]}', Buffer.of(1), 1)).toThrow(
      /^s: the Avro schema should describe records .* but has a field without a name; see schemas/,
    )
  })

  it('of records in records that hold nothing costs no time, however often they are named', () => {
    // R28 holds R27 twice, that R26 twice, …: 2^28 records without a byte.
    let record: object = { type: 'record', name: 'R0', fields: [{ name: 'n', type: 'null' }] }
    for (let level = 1; level <= 28; level++) {
      const fields = [
        { name: 'a', type: record },
        { name: 'b', type: `R${level - 1}` },
      ]
      record = { type: 'record', name: `R${level}`, fields }
    }
    const schema = JSON.stringify({
      type: 'record',
      name: 'Click',
      fields: [
        { name: 'more', type: record },
        { name: 'eventId', type: 'string' },
      ],
    })
    const found = new FoundFields()
    expect(new AvroDecoder(schema, found).decode(Uint8Array.of(2, 97), 0, 2)).toBeUndefined()
    expect(found.isText(fieldNumber('eventId'))).toBe(true)
  })

  it.each([
    ['nonsense', 'is no JSON'],
    ['"string"', 'describes no record'],
    ['7', 'has 7 where a type should stand'],
    ['"Unheard"', 'uses the type Unheard before it is declared'],
    ['{"type":"record","name":"R"}', 'lacks the list "fields" in R'],
    ['{"type":"record","name":"R","fields":[{"type":"int"}]}', 'has a field without a name'],
    ['{"type":"array","items":'.repeat(70) + '"int"' + '}'.repeat(70), 'is deeper than 64 levels'],
  ])('%s is refused with a sentence', (schema, what) => {
    expect(() => new AvroDecoder(schema, new FoundFields())).toThrow(what)
  })
})

/** Fills the fields that an event leaves out, which the writer insists on. */
function withDefaults(type: avro.Type, event: object): object {
  const { fields } = type as unknown as { fields: { name: string; defaultValue: () => unknown }[] }
  const defaults = fields.map((field) => [field.name, field.defaultValue()] as const)
  return { ...Object.fromEntries(defaults.filter(([, value]) => value !== undefined)), ...event }
}
