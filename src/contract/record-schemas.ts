import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { kinds } from '../model/event'

/** Every record of the contract, by the name of its file in `schemas/`. */
export const recordNames = [...kinds, 'event', 'verdict', 'correction', 'dead-letter'] as const
export type RecordName = (typeof recordNames)[number]

/** Those that tell of something that happened. */
export const eventNames: readonly RecordName[] = [...kinds, 'event']

/** A record as its Avro schema describes it, with the attributes of ours that Avro carries along. */
export interface AvroRecord {
  readonly type: 'record'
  readonly name: string
  readonly doc: string
  readonly fields: readonly AvroField[]
}

export interface AvroField {
  readonly name: string
  readonly doc: string
  readonly type: AvroType
  /** The words that the field may hold. */
  readonly values?: readonly string[]
  readonly meanings?: Readonly<Record<string, string>>
}

export type AvroType =
  | 'null'
  | 'string'
  | 'boolean'
  | 'int'
  | 'long'
  | 'double'
  | AvroRecord
  | { readonly type: 'array'; readonly items: AvroType }
  | { readonly type: 'long'; readonly logicalType: 'timestamp-millis' }
  | readonly AvroType[]

/** The Avro schema of a record, as it stands in `schemas/`. */
export function avroSchema(name: RecordName): AvroRecord {
  return JSON.parse(readFileSync(join(__dirname, '../../schemas', `${name}.avsc`), 'utf8')) as AvroRecord
}
