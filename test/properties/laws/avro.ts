import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import avro from 'avsc'
import fc from 'fast-check'
import { AvroDecoder } from '../../../src/ingest/decode-avro'
import { fieldNames, FoundFields, numeric } from '../../../src/ingest/fields'
import { damage, damaged, isSame } from './damage'
import type { Damage } from './damage'
import { anyLaw } from './law'

interface Encoded {
  readonly kind: (typeof kinds)[number]
  readonly fields: Readonly<Record<string, unknown>>
  readonly damage: Damage
}

const kinds = ['click', 'comment', 'forward', 'subscription'] as const
const schemas = Object.fromEntries(
  kinds.map((kind) => [kind, readFileSync(join(__dirname, '../../../schemas', `${kind}.avsc`), 'utf8')]),
) as Record<(typeof kinds)[number], string>
const types = Object.fromEntries(
  kinds.map((kind) => [kind, avro.Type.forSchema(JSON.parse(schemas[kind]) as avro.Schema)]),
) as Record<(typeof kinds)[number], avro.Type>

/** Numbers beyond it avsc doubles, in zigzag form, into what a double cannot hold. */
export const exactInAvsc = 2 ** 52

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('', 'x'.repeat(200)))
const fields = fc.record(
  {
    eventId: text,
    actorId: text,
    accountId: text,
    occurredAt: fc.oneof(fc.integer(), fc.integer({ min: -exactInAvsc, max: exactInAvsc })),
    contentId: text,
    deviceId: text,
    userAgent: text,
    address: text,
    text,
    dwellMs: fc.nat(),
    action: fc.constantFrom('subscribe', 'unsubscribe'),
  },
  { requiredKeys: ['eventId', 'actorId', 'accountId', 'occurredAt', 'text', 'action'] },
)

export const avroLaw = anyLaw({
  name: 'avro-decoder',
  runs: 3000,
  arbitrary: fc.record({ kind: fc.constantFrom(...kinds), fields, damage }),
  /** What avsc wrote is read as avsc reads it; what it would not write like this is refused or read alike. */
  check({ kind, fields: given, damage: harm }: Encoded) {
    const type = types[kind]
    const record = filled(type, given)
    if (!type.isValid(record)) return
    const whole = type.toBuffer(record)
    const bytes = damaged(whole, harm)
    const found = new FoundFields()
    const decoder = new AvroDecoder(schemas[kind], found)
    const reason = decoder.decode(bytes, 0, bytes.length)
    if (decoder.recordEnd > bytes.length) throw new Error('reads beyond its bytes')
    if (isSame(whole, bytes) && reason !== undefined) throw new Error(`refuses what avsc wrote: ${reason}`)
    const peer = readByAvsc(type, bytes)
    if (reason !== undefined) {
      const isCanonical =
        peer !== undefined && isSame(type.toBuffer(peer.value), bytes.subarray(0, peer.offset))
      if (reason === 'malformed-avro' && isCanonical) throw new Error('refuses what avsc takes')
      return
    }
    if (peer === undefined) return
    if (peer.offset !== decoder.recordEnd)
      throw new Error(`ends at ${decoder.recordEnd}, avsc at ${peer.offset}`)
    fieldNames.forEach((name, field) => {
      const expected = (peer.value as Record<string, unknown>)[name]
      if (typeof expected === 'string' && found.isText(field)) {
        const got = Buffer.from(
          found.bufferOf(field).subarray(found.starts[field], found.ends[field]),
        ).toString()
        // The words of an enum have the contract's spelling.
        if (got !== expected && got !== expected.toLowerCase().replaceAll('_', '-'))
          throw new Error(`${name} is ${got}, not ${expected}`)
      } else if (typeof expected === 'number' && found.types[field] === numeric) {
        if (found.numbers[field] !== expected && Math.abs(expected) <= exactInAvsc)
          throw new Error(`${name} is ${found.numbers[field]}, not ${expected}`)
      } else if (typeof expected === 'string' || typeof expected === 'number') {
        throw new Error(`${name} was not found`)
      }
    })
  },
})

/** What avsc reads at the beginning, unless it would not have written that itself. */
export function readByAvsc(
  type: avro.Type,
  bytes: Uint8Array,
): { value: unknown; offset: number } | undefined {
  const tap = new BoundedTap(Buffer.from(bytes), 0)
  try {
    const value = (type as unknown as { _read(from: Tap): unknown })._read(tap)
    return !tap.isValid() || !type.isValid(value) ? undefined : { value, offset: tap.pos }
  } catch {
    return undefined
  }
}

interface Tap {
  readonly buf: Buffer
  readonly pos: number
  isValid(): boolean
  readLong(): number
}

const { Tap: AvscTap } = createRequire(__filename)('avsc/lib/utils') as {
  Tap: new (bytes: Buffer, at: number) => Tap
}

/**
 * What `decode` reads from, but that it ends with its bytes. avsc takes zeros for what is beyond them until all is
 * read, and so reads as many items as a damaged count says, which ends the process at some hundred million.
 */
class BoundedTap extends AvscTap {
  override readLong(): number {
    const number = super.readLong()
    if (!this.isValid()) throw new RangeError(`reads ${this.pos} of ${this.buf.length} bytes`)
    return number
  }
}

function filled(type: avro.Type, given: Encoded['fields']): object {
  const { fields: all } = type as unknown as { fields: { name: string; defaultValue: () => unknown }[] }
  return Object.fromEntries(all.map((field) => [field.name, given[field.name] ?? field.defaultValue()]))
}
