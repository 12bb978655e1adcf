import avro from 'avsc'
import fc from 'fast-check'
import { AvroDecoder } from '../../../src/ingest/decode-avro'
import {
  absent,
  fieldNames,
  FoundFields,
  isListField,
  numeric,
  texts,
  truth,
} from '../../../src/ingest/fields'
import { exactInAvsc, readByAvsc } from './avro'
import { damage, damaged, isSame } from './damage'
import type { Damage } from './damage'
import { anyLaw } from './law'

/** A record of some writer: its fields with the type and the value of each. */
interface Written {
  readonly fields: readonly WrittenField[]
  readonly damage: Damage
}

interface WrittenField {
  readonly name: string
  readonly type: (typeof typeNames)[number]
  /** Where null stands in the union, if there is one. */
  readonly empty: 'first' | 'last' | 'never'
  readonly isEmpty: boolean
  readonly text: string
  readonly number: number
}

const typeNames = [
  ...['string', 'long', 'int', 'double', 'boolean', 'bytes', 'texts', 'longs'],
  ...['map', 'enum', 'fixed', 'record', 'choice', 'null'],
] as const
const symbols = ['click', 'POST', 'QR_CODE'] as const
const ownNames = ['sessionId', 'region', 'extra', 'more'] as const

const field: fc.Arbitrary<WrittenField> = fc.record({
  name: fc.constantFrom<string>(...fieldNames, ...ownNames),
  // Mostly what events are made of.
  type: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('string', 'long') },
    { weight: 1, arbitrary: fc.constantFrom(...typeNames) },
  ),
  empty: fc.constantFrom('first', 'last', 'never'),
  isEmpty: fc.boolean(),
  text: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ maxLength: 300 }),
    fc.constantFrom(
      '',
      'x'.repeat(63),
      'x'.repeat(64),
      '字'.repeat(3000),
      'x'.repeat(8191),
      'x'.repeat(8192),
    ),
  ),
  number: fc.oneof(
    fc.integer({ min: -exactInAvsc, max: exactInAvsc }),
    fc.integer(),
    fc.integer({ min: -70, max: 70 }),
  ),
})

export const avroWriterLaw = anyLaw({
  name: 'avro-writer',
  runs: 500,
  arbitrary: fc.record({
    fields: fc.uniqueArray(field, { selector: ({ name }) => name, maxLength: 20 }),
    damage,
  }),
  /** Whatever the writer's schema, and in whatever order it has its fields, they are found as avsc finds them. */
  check({ fields, damage: harm }: Written) {
    const schema = { type: 'record', name: 'Written', fields: fields.map(declared) }
    const type = avro.Type.forSchema(schema as avro.Schema, { wrapUnions: false })
    const record = Object.fromEntries(fields.map((one) => [one.name, valueOf(one)]))
    const whole = type.toBuffer(record)
    // Records stand between others, whose bytes are no part of them.
    const bytes = damaged(Buffer.concat([whole, whole]), harm)
    const found = new FoundFields()
    const decoder = new AvroDecoder(JSON.stringify(schema), found)
    const isWhole = isSame(bytes.subarray(0, whole.length), whole)
    const reason = decoder.decode(bytes, 0, bytes.length)
    if (decoder.recordEnd > bytes.length) throw new Error('reads beyond its bytes')
    const peer = isWhole ? { value: record, offset: whole.length } : readByAvsc(type, bytes)
    // What avsc reads but would not write like this, such as a branch in two bytes, may be refused.
    const isAsWritten =
      peer !== undefined && isSame(type.toBuffer(peer.value), bytes.subarray(0, peer.offset))
    if (!isAsWritten) return
    if (reason !== undefined) throw new Error(`refuses what avsc writes: ${reason}`)
    if (peer.offset !== decoder.recordEnd) {
      throw new Error(`ends at ${decoder.recordEnd}, avsc at ${peer.offset}`)
    }
    expectFields(found, fields, peer.value as Record<string, unknown>)
  },
})

function expectFields(
  found: FoundFields,
  fields: readonly WrittenField[],
  record: Readonly<Record<string, unknown>>,
): void {
  fieldNames.forEach((name, number) => {
    const type = fields.find((one) => one.name === name)?.type
    const got = JSON.stringify(foundAt(found, number))
    const expected = JSON.stringify(shapeOf(record[name], { type, isList: isListField[number] === 1 }))
    if (got !== expected) throw new Error(`${name} (${type}) is ${got}, not ${expected}`)
  })
}

function shapeOf(
  value: unknown,
  { type, isList }: { readonly type: WrittenField['type'] | undefined; readonly isList: boolean },
): unknown {
  if (value === undefined || value === null) return 'absent'
  if (type === 'enum') return (value as string).toLowerCase().replaceAll('_', '-')
  if (type === 'bytes' || type === 'fixed' || type === 'longs' || (type === 'texts' && !isList))
    return 'other'
  if (Array.isArray(value)) return value.length === 0 ? 'absent' : value
  return typeof value === 'object' ? 'other' : value
}

function foundAt(found: FoundFields, field: number): unknown {
  if (found.isText(field)) {
    return Buffer.from(found.bufferOf(field).subarray(found.starts[field], found.ends[field])).toString()
  }
  const type = found.types[field]
  if (type === absent) return 'absent'
  if (type === numeric) return found.numbers[field]
  if (type === truth) return found.numbers[field] === 1
  return type === texts ? found.lists[field] : 'other'
}

function declared(one: WrittenField): object {
  const type = typeOf(one)
  const union: readonly unknown[] = Array.isArray(type) ? type : [type]
  if (one.empty === 'never' || one.type === 'null') return { name: one.name, type }
  return { name: one.name, type: one.empty === 'first' ? ['null', ...union] : [...union, 'null'] }
}

function typeOf({ name, type }: WrittenField): unknown {
  switch (type) {
    case 'texts':
      return { type: 'array', items: 'string' }
    case 'longs':
      return { type: 'array', items: 'long' }
    case 'map':
      return { type: 'map', values: ['null', 'string'] }
    case 'enum':
      return { type: 'enum', name: `Enum_${name}`, symbols }
    case 'fixed':
      return { type: 'fixed', name: `Fixed_${name}`, size: 3 }
    case 'record':
      return { type: 'record', name: `Record_${name}`, fields: [{ name: 'eventId', type: 'string' }] }
    case 'choice':
      return ['string', 'long']
    case 'string':
    case 'long':
    case 'int':
    case 'double':
    case 'boolean':
    case 'bytes':
    case 'null':
      return type
  }
}

function valueOf({ type, empty, isEmpty, text, number }: WrittenField): unknown {
  if (type === 'null' || (isEmpty && empty !== 'never')) return null
  switch (type) {
    case 'string':
      return text
    case 'long':
      return number
    case 'int':
      return number | 0
    case 'double':
      return number / 8
    case 'boolean':
      return isEmpty
    case 'bytes':
      return Buffer.from(text)
    case 'texts':
      return isEmpty ? [] : [text, '', 'x']
    case 'longs':
      return [number, 0]
    case 'map':
      return { one: text, two: null }
    case 'enum':
      return symbols[Math.abs(number) % symbols.length]
    case 'fixed':
      return Buffer.from('abc')
    case 'record':
      return { eventId: text }
    case 'choice':
      return isEmpty ? number : text
  }
}
