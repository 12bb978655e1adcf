import { z } from 'zod'
import { jsonSchemaOf } from '../contract/json-schema'
import type { Correction, Verdict } from '../model/records'

/** What the value of a record on a topic of the contract is. */
export type Decoded<R> =
  | { readonly kind: 'record'; readonly record: R }
  /** It has no value: its key is deleted, which only a compacted topic has. */
  | { readonly kind: 'tombstone' }
  /** It is not what the contract says; set it aside with its position rather than guess. */
  | { readonly kind: 'unreadable'; readonly reason: string }

/**
 * A record value of `enforcement.verdicts`, checked in full. Of the revisions of one `verdictId` the highest is valid,
 * whatever order they come in. Fields that this version does not know are kept; a word that it does not know, such as
 * another recommendation, makes the record unreadable.
 */
export function decodeVerdict(value: Uint8Array | null): Decoded<Verdict> {
  return decode<Verdict>(verdictCheck, value)
}

/** A record value of `enforcement.corrections`, checked in full; the latest of a key holds. */
export function decodeCorrection(value: Uint8Array | null): Decoded<Correction> {
  return decode<Correction>(correctionCheck, value)
}

const verdictCheck = checkOf('verdict')
const correctionCheck = checkOf('correction')

function checkOf(name: 'verdict' | 'correction'): z.ZodType {
  return z.fromJSONSchema(jsonSchemaOf(name))
}

function decode<R>(check: z.ZodType, value: Uint8Array | null): Decoded<R> {
  if (value === null) return { kind: 'tombstone' }
  let record: unknown
  try {
    record = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value))
  } catch {
    return { kind: 'unreadable', reason: 'the value should be JSON in UTF-8, and is not' }
  }
  const { success, error } = check.safeParse(record)
  if (success) return { kind: 'record', record: record as R }
  const { path, message } = error.issues[0]!
  const place = path.map(String).join('.')
  return { kind: 'unreadable', reason: `${place === '' ? 'the record' : place}: ${message}` }
}
