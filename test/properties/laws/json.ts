import fc from 'fast-check'
import type { DeadLetterReason } from '../../../src/ingest/dead-letter'
import { JsonDecoder, paddingBytes } from '../../../src/ingest/decode-json'
import {
  absent,
  fieldNames,
  FoundFields,
  isListField,
  numeric,
  other,
  texts,
  truth,
} from '../../../src/ingest/fields'
import { anyLaw } from './law'

/** A line is a valid one with edits, or bytes that nobody meant as one. */
type Line =
  | { readonly json: string; readonly edits: readonly (readonly [at: number, text: string])[] }
  | readonly number[]

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\ud800',
    'a\udc00b',
    '\u0000',
    -0,
    1e21,
    1e-7,
    2 ** 53,
    [],
    {},
    ['a', null],
    ['a', '\ud800'],
  ),
)
const object = fc.dictionary(fc.oneof(fc.constantFrom(...fieldNames), fc.string({ maxLength: 6 })), value)
const edit = fc.tuple(
  fc.nat(),
  fc.oneof(
    fc.constantFrom(...'{}[]",:\\ \t\r0-9eE.+u'.split('')),
    fc.constantFrom(
      '\\u00',
      '\\ud83d',
      'null',
      'tru',
      '1e',
      '-',
      '\u2028',
      '\ufeff',
      '[[[[[[[[[[[[[[[[[',
      '"kind":',
    ),
  ),
)
const line: fc.Arbitrary<Line> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      json: object.map((one) => JSON.stringify(one)),
      edits: fc.array(edit, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.array(fc.nat(255), { maxLength: 40 }) },
)

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What the platform's own parser makes of it. */
function parsed(bytes: Uint8Array): { value: unknown } | { fault: 'json' | 'utf-8' } {
  let text: string
  try {
    text = strict.decode(bytes)
  } catch {
    return { fault: 'utf-8' }
  }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { fault: 'json' }
  }
}

export const jsonLaw = anyLaw({
  name: 'json-decoder',
  runs: 3000,
  arbitrary: line,
  /** The decoder and `JSON.parse` take the same lines and find the same in them. */
  check(made: Line) {
    const bytes = bytesOf(made)
    const found = new FoundFields()
    const padded = new Uint8Array(bytes.length + paddingBytes)
    padded.set(bytes)
    padded[bytes.length] = 0x0a
    const decoder = new JsonDecoder(found)
    const reason = decoder.decode(padded, 0, bytes.length)
    const expected = parsed(bytes)
    const isObject = 'value' in expected && typeof expected.value === 'object' && expected.value !== null
    if (reason === undefined) {
      if (!isObject || Array.isArray(expected.value)) throw new Error(`took ${JSON.stringify(expected)}`)
      expectFields(found, expected.value as Record<string, unknown>)
      if (bytes.includes(0x0a)) return
      expectSameAsLine(decoder, bytes, undefined)
      expectFields(found, expected.value as Record<string, unknown>)
      return
    }
    if (!bytes.includes(0x0a)) expectSameAsLine(decoder, bytes, reason)
    const isTrue: Partial<Record<DeadLetterReason, boolean>> = {
      'not-an-object': 'value' in expected && (!isObject || Array.isArray(expected.value)),
      'malformed-json': 'fault' in expected,
      'invalid-utf8': 'fault' in expected,
      'too-deep': Buffer.from(bytes).toString().replace(/[^[{]/g, '').length > 16,
    }
    if (isTrue[reason] !== true) throw new Error(`${reason}, but ${JSON.stringify(expected)}`)
  },
})

/** Read once more by a decoder that knows the order of its keys, with a line behind it, and without a word on where it ends. */
function expectSameAsLine(
  decoder: JsonDecoder,
  bytes: Uint8Array,
  expected: DeadLetterReason | undefined,
): void {
  const lines = Buffer.concat([bytes, Buffer.from('\n{"kind":"click"}\n'), new Uint8Array(paddingBytes)])
  const padded = Uint8Array.from(lines)
  const reason = decoder.decode(padded, 0, lines.lastIndexOf('\n'), true)
  if (reason !== expected) throw new Error(`${expected} by itself, ${reason} as a line`)
  if (reason === undefined && decoder.recordEnd !== bytes.length) {
    throw new Error(`a line of ${bytes.length} bytes was said to have ${decoder.recordEnd}`)
  }
}

function bytesOf(made: Line): Uint8Array {
  if (!('json' in made)) return Uint8Array.from(made)
  let text = made.json
  for (const [at, added] of made.edits) {
    const place = at % (text.length + 1)
    text = text.slice(0, place) + added + text.slice(place + (at % 2))
  }
  return Buffer.from(text.replace(/\n/g, ' '))
}

function expectFields(found: FoundFields, expected: Record<string, unknown>): void {
  fieldNames.forEach((name, field) => {
    const wanted = Object.hasOwn(expected, name)
      ? shapeOf(expected[name], isListField[field] === 1)
      : [absent]
    const got = foundAt(found, field)
    if (JSON.stringify(wanted) !== JSON.stringify(got)) {
      throw new Error(`${name}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(got)}`)
    }
  })
}

function shapeOf(wanted: unknown, isList: boolean): unknown[] {
  if (wanted === null) return [absent]
  if (typeof wanted === 'number') return [numeric, String(wanted)]
  if (typeof wanted === 'boolean') return [truth, wanted]
  if (typeof wanted === 'string') return ['text', wellFormed(wanted)]
  if (!isList || !Array.isArray(wanted)) return [other]
  if (wanted.length === 0) return [absent]
  return wanted.every((item) => typeof item === 'string') ? [texts, wanted.map(wellFormed)] : [other]
}

function foundAt(found: FoundFields, field: number): unknown[] {
  const type = found.types[field]!
  if (found.isText(field)) {
    return [
      'text',
      Buffer.from(found.bufferOf(field).subarray(found.starts[field], found.ends[field])).toString(),
    ]
  }
  if (type === numeric) return [numeric, String(found.numbers[field])]
  if (type === truth) return [truth, found.numbers[field] === 1]
  if (type === texts) return [texts, found.lists[field]!.map(wellFormed)]
  return [type]
}

/** Halves of surrogate pairs come as U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}
