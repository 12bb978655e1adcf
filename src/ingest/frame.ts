import type { DeadLetterReason } from './dead-letter'

/** A record as a topic holds it. */
export interface TopicRecord {
  /** Null where the topic says that a key is deleted. */
  readonly value: Uint8Array | null
  /** By name; of a header that comes several times the last. */
  readonly headers?: Readonly<Record<string, Uint8Array | undefined>> | undefined
}

/** How a record names the schema that it was written with: by the registry's number, or by a GUID as text. */
export type SchemaRef = number | string

/** What the beginning of a record says of the rest. */
export type RecordForm =
  | { readonly kind: 'json' }
  | { readonly kind: 'framed'; readonly schema: SchemaRef; readonly frameBytes: number }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason }

/** The header in which newer clients of Confluent put the schema instead of before the record. */
export const schemaHeader = '__value_schema_id'

/**
 * Tells JSON from a record that names its schema, in the header or before its body:
 *
 * ```
 *  00 iiiiiiii body                            a number of 32 bits
 *  01 gggggggggggggggggggggggggggggggg body    a GUID of 16 bytes
 * ```
 */
export function formOf({ value, headers }: TopicRecord): RecordForm {
  if (value === null) return tombstone
  if (value.length === 0) return empty
  const header = headers?.[schemaHeader]
  if (header !== undefined) {
    const framed = frameIn(header)
    return framed?.frameBytes === header.length ? { ...framed, frameBytes: 0 } : badFrame
  }
  // No JSON begins with these; every text that is none gets its reason from the JSON decoder.
  if (value[0]! <= guidMagic) return frameIn(value) ?? badFrame
  return isControl(value[0]!) || value[0]! >= 0x80 ? badFrame : json
}

/** The schema that each of these records names, once each. */
export function schemasNamedIn(records: Iterable<TopicRecord>): Set<SchemaRef> {
  const named = new Set<SchemaRef>()
  for (const record of records) {
    const form = formOf(record)
    if (form.kind === 'framed') named.add(form.schema)
  }
  return named
}

function frameIn(bytes: Uint8Array): (RecordForm & { readonly kind: 'framed' }) | undefined {
  if (bytes[0] === idMagic && bytes.length >= idFrameBytes) {
    const id = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1)
    return id < 0 ? undefined : { kind: 'framed', schema: id, frameBytes: idFrameBytes }
  }
  if (bytes[0] === guidMagic && bytes.length >= guidFrameBytes) {
    return { kind: 'framed', schema: guidOf(bytes.subarray(1, guidFrameBytes)), frameBytes: guidFrameBytes }
  }
  return undefined
}

function guidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d
}

const idMagic = 0
const guidMagic = 1
const idFrameBytes = 5
const guidFrameBytes = 17
const json: RecordForm = { kind: 'json' }
const tombstone: RecordForm = { kind: 'dead-letter', reason: 'tombstone' }
const empty: RecordForm = { kind: 'dead-letter', reason: 'empty' }
const badFrame: RecordForm = { kind: 'dead-letter', reason: 'bad-frame' }
