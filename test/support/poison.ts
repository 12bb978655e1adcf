import avro from 'avsc'
import type { DeadLetterReason } from '../../src/ingest/dead-letter'
import { fieldNames } from '../../src/ingest/fields'

/**
 * A record that cannot be read, made from one that can, and the reason that its dead letter must give: the same in a file of
 * lines, compressed or not, in an Avro container and in a topic, wherever it can be said there.
 */
export interface Poison {
  readonly name: string
  readonly reason: DeadLetterReason
  /** The bytes of the line, without its newline. */
  readonly make: (honest: Honest) => string | Buffer
  /** What its fields hold instead, where it is that alone which is wrong: the same can then be said in Avro. */
  readonly changes?: Readonly<Record<string, unknown>>
  /** In a topic a frame may stand where a line begins with what no line begins with. */
  readonly reasonInTopic?: DeadLetterReason
}

/** An event as its fields, and as its line without the newline. */
export interface Honest {
  readonly fields: Readonly<Record<string, unknown>>
  readonly line: string
}

/** Texts that stand where the event time should, as they are written in JSON, and the reason that follows. */
const badTimes: readonly (readonly [written: string, reason?: DeadLetterReason])[] = [
  ['0'],
  ['-1'],
  ['1'],
  ['1767225600'],
  ['1767225600000000'],
  ['1767225600000000000'],
  ['1767225600000.5'],
  ['1e300'],
  ['1e999'],
  ['-1767225600000'],
  ['8640000000000001'],
  ['253402300800000'],
  ['946684799999'],
  ['4102444800001'],
  ['""'],
  ['null', 'missing-field'],
  ['true', 'wrong-type'],
  ['{}', 'wrong-type'],
  ['[]', 'wrong-type'],
  ['{"$date":1767225600000}', 'wrong-type'],
  ['"yesterday"'],
  ['"1767225600000"'],
  ['"2026-01-01"'],
  ['"2026-01-01T00:00:00"'],
  ['"2026-13-01T00:00:00Z"'],
  ['"2026-02-30T00:00:00Z"'],
  ['"2026-01-01T25:00:00Z"'],
  ['"2026-01-01T00:60:00Z"'],
  ['"2026-01-01T00:00:60Z"'],
  ['"2026-01-01T00:00:00+25:00"'],
  ['"2026-01-01T00:00:00.Z"'],
  ['"1999-12-31T23:59:59Z"'],
  ['"2100-01-02T00:00:00Z"'],
  ['"Thu, 01 Jan 2026 00:00:00 GMT"'],
  ['"２０２６-01-01T00:00:00Z"'],
  ['"NaN"'],
  ['NaN', 'malformed-json'],
  ['Infinity', 'malformed-json'],
  ['-Infinity', 'malformed-json'],
  ['01767225600000', 'malformed-json'],
  ['0x19B75E9A400', 'malformed-json'],
  ['+1767225600000', 'malformed-json'],
  ['"2098-01-01T00:00:00Z"', 'ahead-of-time'],
]

/** Every kind of record that must be put aside. */
export const poisons: readonly Poison[] = [
  ...badTimes.map(([text, reason = 'impossible-time']): Poison => ({
    name: `the time ${text}`,
    reason,
    make: ({ fields }) => JSON.stringify({ ...fields, occurredAt: '@' }).replace('"@"', () => text),
    ...(reason === 'malformed-json' ? {} : { changes: { occurredAt: JSON.parse(text) as unknown } }),
  })),
  poison('a cut off record', 'malformed-json', ({ line }) => line.slice(0, line.length - 7)),
  poison('half a record', 'malformed-json', ({ line }) => line.slice(line.length >> 1)),
  poison('two records in a line', 'malformed-json', ({ line }) => line + line),
  poison('no JSON', 'malformed-json', () => 'GET / HTTP/1.1'),
  poison('a comma too many', 'malformed-json', ({ line }) => line.replace(/}$/, ',}')),
  poison('single quotes', 'malformed-json', ({ line }) => line.replaceAll('"', "'")),
  { ...poison('zero bytes', 'malformed-json', () => Buffer.alloc(64)), reasonInTopic: 'unknown-schema' },
  poison('a zero byte in a text', 'malformed-json', ({ line }) => line.replace('":"', '":"\u0000')),
  {
    ...poison('a byte order mark', 'malformed-json', ({ line }) => `\ufeff${line}`),
    reasonInTopic: 'bad-frame',
  },
  {
    ...poison('UTF-16', 'malformed-json', ({ line }) => Buffer.from(`\ufeff${line}`, 'utf16le')),
    reasonInTopic: 'bad-frame',
  },
  {
    ...poison('compressed bytes', 'malformed-json', () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])),
    reasonInTopic: 'bad-frame',
  },
  poison('NaN', 'malformed-json', ({ line }) => line.replace(/}$/, ',"dwellMs":NaN}')),
  poison('Infinity', 'malformed-json', ({ line }) => line.replace(/}$/, ',"dwellMs":-Infinity}')),
  poison('a list', 'not-an-object', () => '[]'),
  poison('a number', 'not-an-object', () => '42'),
  poison('a text', 'not-an-object', () => '"event"'),
  poison('null', 'not-an-object', () => 'null'),
  poison('deep nesting', 'too-deep', ({ line }) => nested(line, 1000)),
  poison('very deep nesting', 'too-deep', ({ line }) => nested(line, 60_000)),
  changed('a giant id', 'field-too-large', { actorId: 'x'.repeat(129) }),
  changed('a giant text', 'field-too-large', { kind: 'comment', text: 'x'.repeat(8193) }),
  changed('a giant line', 'record-too-large', { more: 'x'.repeat(300_000) }),
  changed('no kind', 'missing-field', { kind: undefined }),
  changed('no id', 'missing-field', { eventId: undefined }),
  changed('an empty id', 'missing-field', { eventId: '' }),
  changed('no account', 'missing-field', { accountId: null }),
  poison('nothing', 'missing-field', () => '{}'),
  poison(
    'fields hidden behind a prototype',
    'missing-field',
    ({ line }) => `{"__proto__":${line},"constructor":${line}}`,
  ),
  changed('a policy among events', 'misplaced-policy', { kind: 'policy', version: 'p', text: '{}' }),
  changed('an unknown kind', 'unknown-kind', { kind: 'like' }),
  changed('a kind of the language', 'unknown-kind', { kind: '__proto__' }),
  changed('another kind of the language', 'unknown-kind', { kind: 'toString' }),
  changed('an unknown action', 'unknown-value', { kind: 'subscription', action: 'constructor' }),
  changed('a number as id', 'wrong-type', { actorId: 12345 }),
  changed('a list as account', 'wrong-type', { accountId: ['a'] }),
  changed('a number as kind', 'wrong-type', { kind: 1 }),
  changed('a text as duration', 'wrong-type', { kind: 'click', dwellMs: 'long' }),
  changed('a negative duration', 'impossible-number', { kind: 'click', dwellMs: -1 }),
  poison('an endless duration', 'impossible-number', ({ fields }) =>
    written(fields, { kind: 'click', dwellMs: 0 }).replace('"dwellMs":0', '"dwellMs":1e999'),
  ),
  poison('bytes that are no UTF-8', 'invalid-utf8', ({ fields }) =>
    spliced(written(fields, { actorId: '@' }), '@', [0xff, 0xfe, 0xc0, 0x80]),
  ),
  poison('an encoded surrogate', 'invalid-utf8', ({ fields }) =>
    spliced(written(fields, { accountId: '@' }), '@', [0xed, 0xa0, 0x80]),
  ),
  poison('half of a surrogate pair', 'invalid-utf8', ({ fields }) =>
    written(fields, { actorId: '@' }).replace('@', '\\ud800'),
  ),
  changed('the id of another event', 'id-collision', { accountId: 'somebody-else' }),
]

function poison(name: string, reason: DeadLetterReason, make: Poison['make']): Poison {
  return { name, reason, make }
}

function changed(name: string, reason: DeadLetterReason, changes: Readonly<Record<string, unknown>>): Poison {
  return { ...poison(name, reason, ({ fields }) => written(fields, changes)), changes }
}

function written(fields: Honest['fields'], other: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...fields, ...other })
}

function nested(line: string, depth: number): string {
  return line.replace(/}$/, `,"more":${'['.repeat(depth)}${']'.repeat(depth)}}`)
}

function spliced(text: string, mark: string, bytes: readonly number[]): Buffer {
  const [before = '', after = ''] = text.split(mark)
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])
}

/** A record in which any field may hold anything, as a registry or the head of a container has it. */
export const openSchema = JSON.stringify({
  type: 'record',
  name: 'Anything',
  fields: [...fieldNames, 'more'].map((name) => ({ name, type: anything() })),
})

function anything(): unknown {
  const plain = ['null', 'boolean', 'double', 'string']
  return [...plain, { type: 'array', items: plain }, { type: 'map', values: plain }]
}

const openType = avro.Type.forSchema(JSON.parse(openSchema) as avro.Schema, { wrapUnions: true })

/** The fields of a record in Avro, by the open schema. */
export function inAvro(fields: Honest['fields']): Buffer {
  return openType.toBuffer(
    Object.fromEntries([...fieldNames, 'more'].map((name) => [name, inBranch(fields[name])])),
  )
}

/** A value as avsc names the branch of a union that it takes. */
function inBranch(value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return { boolean: value }
  if (typeof value === 'number') return { double: value }
  if (typeof value === 'string') return { string: value }
  if (Array.isArray(value)) return { array: value.map(inBranch) }
  return { map: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inBranch(item)])) }
}
