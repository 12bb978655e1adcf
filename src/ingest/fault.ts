import { actionFields, kinds } from '../model/event'
import type { Kind } from '../model/event'
import { maxTextBytes } from '../text/fold'
import type { DeadLetterReason } from './dead-letter'
import { earliestTimeMs, latestTimeMs } from './event-time'
import { isListField, fieldNames } from './fields'
import type { FieldName } from './fields'
import { maxIdBytes } from './row'

/** What in a record is not as it should be. */
export interface Fault {
  /** The fields of the contract that it concerns; none where the record as a whole is at fault. */
  readonly fields: readonly FieldName[]
  /** What came, and what was expected. It quotes the record. */
  readonly sentence: string
}

/**
 * Looks a second time, slowly, at a record of JSON that was put aside, and says what in it led to the reason; undefined
 * where the reason says all there is, or the record is in another format.
 */
export function faultIn(
  bytes: Uint8Array,
  { reason, kind }: { readonly reason: string; readonly kind?: Kind | undefined },
): Fault | undefined {
  const text = new TextDecoder().decode(bytes)
  if (reason === ('malformed-json' satisfies DeadLetterReason)) return malformed(text)
  if (reason === ('not-an-object' satisfies DeadLetterReason)) return noObject(text)
  const record = objectIn(text)
  return record === undefined ? undefined : faultOf[reason]?.(record, kindOf(record) ?? kind)
}

type JsonObject = Readonly<Record<string, unknown>>
type Look = (record: JsonObject, kind: Kind | undefined) => Fault | undefined

const faultOf: Readonly<Record<string, Look>> = {
  'missing-field': missing,
  'wrong-type': (record) =>
    faultOfEach(record, (name, value) => {
      const expected = expectedTypes(name)
      return expected.includes(typeNameOf(value))
        ? undefined
        : `${name} is ${typeNameOf(value)} (${shown(value)}) and should be ${expected.join(' or ')}`
    }),
  'unknown-kind': ({ kind }) =>
    fault('kind', `kind is ${shown(kind)} and should be ${oneOf(kinds.filter((one) => one !== 'policy'))}`),
  'unknown-value': (record, kind) => {
    const action = kind === undefined ? undefined : actionFields[kind]
    if (action === undefined) return undefined
    const { field, values } = action
    return fault(field as FieldName, `${field} is ${shown(record[field])} and should be ${oneOf(values)}`)
  },
  'impossible-number': (record) =>
    faultOfEach(record, (name, value) =>
      typeof value === 'number' && numbers.includes(name) && !isCount(name, value)
        ? `${name} is ${value} and should be a whole number from 0 to 4,294,967,295`
        : undefined,
    ),
  'impossible-time': ({ occurredAt }) => fault('occurredAt', timeSentence(occurredAt)),
  'ahead-of-time': ({ occurredAt }) =>
    fault(
      'occurredAt',
      `occurredAt is ${shown(occurredAt)}, which is later than it can be; see the clock that gave it`,
    ),
  'field-too-large': (record) =>
    faultOfEach(record, (name, value) => {
      const bytes = typeof value === 'string' ? Buffer.byteLength(value) : 0
      const most = ids.includes(name) ? maxIdBytes : maxTextBytes
      return bytes > most ? `${name} has ${bytes} bytes and may have ${most}` : undefined
    }),
}

function malformed(text: string): Fault | undefined {
  if (!text.trimStart().startsWith('{')) {
    const sentence = `it begins with ${shown(text.slice(0, 40))}; one JSON object a line is expected, which begins with {`
    return { fields: [], sentence }
  }
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return { fields: [], sentence: (error as Error).message }
  }
}

function noObject(text: string): Fault {
  const what = text.trimStart().startsWith('[')
    ? 'it is a list; write each of its objects on a line of its own, as "jq -c .[]" does'
    : `it is ${shown(text.slice(0, 40))}; one JSON object a line is expected`
  return { fields: [], sentence: what }
}

function missing(record: JsonObject, kind: Kind | undefined): Fault {
  const needed: FieldName[] = ['eventId', 'occurredAt', 'actorId', 'accountId']
  const lacking = [...needed, ...neededBy(kind)].filter((name) => isAbsent(record[name]))
  const has = Object.keys(record)
  const named = lacking.map((name) => {
    const like = has.find((other) => other !== name && plain(other) === plain(name))
    return like === undefined ? name : `${name} (is it ${shown(like)}?)`
  })
  const others = has.slice(0, mostNames).map(shown).join(', ')
  const more = has.length > mostNames ? ', …' : ''
  return { fields: lacking, sentence: `there is no ${named.join(', no ')}; it has ${others}${more}` }
}

/** Without a kind it is one that is missing, unless the topic or the name of the file says it. */
function neededBy(kind: Kind | undefined): readonly FieldName[] {
  if (kind === undefined) return ['kind']
  const action = actionFields[kind]
  if (kind === 'feedback') return ['verdictId', 'decision']
  if (action !== undefined) return [action.field as FieldName]
  if (kind === 'comment' || kind === 'post') return ['text']
  return kind === 'impression' ? ['count'] : []
}

function timeSentence(value: unknown): string {
  const expected = 'milliseconds since 1970, or ISO 8601 with an offset such as 2025-03-01T08:00:00Z'
  const unit =
    typeof value !== 'number'
      ? undefined
      : units.find(({ times }) => value * times >= earliestTimeMs && value * times <= latestTimeMs)
  const guess = unit === undefined ? '' : `; it looks like ${unit.name}`
  return `occurredAt is ${shown(value)} and should be ${expected}${guess}`
}

const units = [
  { name: 'seconds', times: 1e3 },
  { name: 'microseconds', times: 1e-3 },
  { name: 'nanoseconds', times: 1e-6 },
]

/** The fields of which something is said, and all that is said. */
function faultOfEach(
  record: JsonObject,
  say: (name: FieldName, value: unknown) => string | undefined,
): Fault | undefined {
  const faults = fieldNames.flatMap((name) => {
    const sentence = isAbsent(record[name]) ? undefined : say(name, record[name])
    return sentence === undefined ? [] : [{ name, sentence }]
  })
  if (faults.length === 0) return undefined
  return {
    fields: faults.map(({ name }) => name),
    sentence: faults.map(({ sentence }) => sentence).join('; '),
  }
}

function fault(name: FieldName, sentence: string): Fault {
  return { fields: [name], sentence }
}

function expectedTypes(name: FieldName): readonly string[] {
  if (name === 'occurredAt' || name === 'actorCreatedAt') return ['a number', 'a text']
  if (numbers.includes(name)) return ['a number']
  if (name === 'original') return ['true or false']
  return isListField[fieldNames.indexOf(name)] === 1 ? ['a list of texts'] : ['a text']
}

function typeNameOf(value: unknown): string {
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'number') return 'a number'
  if (typeof value === 'boolean') return 'true or false'
  if (!Array.isArray(value)) return 'an object'
  return value.every((item) => typeof item === 'string') ? 'a list of texts' : 'a list of others than texts'
}

function isCount(name: FieldName, value: number): boolean {
  return value >= 0 && value <= 0xffffffff && (name === 'dwellMs' || Number.isInteger(value))
}

function kindOf({ kind }: JsonObject): Kind | undefined {
  return kinds.find((one) => one === kind)
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

/** What of a name is left without its style: `event_id` and `EventID` are one. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function shown(value: unknown): string {
  const json = JSON.stringify(value ?? null)
  return json.length <= mostShown ? json : `${json.slice(0, mostShown)}…`
}

function oneOf(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)!}`
}

const numbers: readonly FieldName[] = ['dwellMs', 'count']
const ids: readonly FieldName[] = ['eventId', 'actorId', 'accountId', 'contentId', 'deviceId', 'verdictId']
const mostNames = 20
const mostShown = 80
