/** Every reason for which a record is put aside, and what it means; the names are metric labels and stay as they are. */
export const deadLetterReasons = {
  'malformed-json': 'The line is not JSON: it is cut off, or a character stands where none may.',
  'not-an-object': 'The line is JSON, but not an object with fields.',
  'malformed-avro':
    'The bytes do not follow their schema: cut off, a count or length beyond what is there, a bad index.',
  tombstone: 'The record has no value: it says that a key is deleted, which means nothing for events.',
  empty: 'The record has a value without a byte.',
  'bad-frame':
    'The bytes are neither JSON nor begin with a schema as clients of a registry write it, or the header for it holds none.',
  'unknown-schema': 'The registry does not know the schema that the record names, or none is set up.',
  'schema-unavailable':
    'The registry could not be asked for the schema for as long as records may wait; replay the record when it answers.',
  'unsupported-schema':
    'The schema that the record names is neither Avro nor JSON Schema, describes no record, or refers to another schema.',
  'unreadable-batch':
    'A compressed batch of the topic is damaged or far too large; the letter stands for all of its records, which only the topic holds.',
  'too-deep': 'Objects and lists lie deeper inside each other than any event of the contract.',
  'invalid-utf8': 'A text holds bytes that are not UTF-8, or an id holds half of a surrogate pair.',
  'record-too-large': 'The record is larger than 256 KB; the letter holds its beginning.',
  'field-too-large': 'An id is longer than 128 bytes, or a text longer than 8 KB.',
  'missing-field': 'A field that this kind cannot do without is absent, null or empty.',
  'wrong-type':
    'A field holds a number, a text, a truth value or a structure where another of these belongs.',
  'unknown-kind': 'The field `kind` names no kind of the contract.',
  'unknown-value': 'A field that must hold one of a few words holds another one.',
  'impossible-number':
    'A count or a duration is negative, beyond 32 bits, or a fraction where there is none.',
  'impossible-time':
    'The event time is not a moment from 2000 to 2100, in whole milliseconds or as ISO 8601 with an offset; seconds and nanoseconds are not guessed.',
  'ahead-of-time': 'The event time lies ahead of the append time, or of everything else in the file.',
  'id-collision': 'Another event with this id but other content came before; the first one counts.',
  'misplaced-policy':
    'A policy came in another topic than that of policies, or something else in that one: whoever tells of engagement must not change the rules.',
  'misplaced-feedback':
    'Feedback came in a topic that is not set for it, or something else in one that is: whoever tells of engagement must not rule on verdicts, and who rules on them must not tell of engagement.',
  'bad-policy':
    'The policy does not hold, is of another version than its record says, changes a setting that is fixed for a state (epochMs, allowedDisorderMs), or lets accounts be closed with fewer than two people behind it; "assay policy check" names the fault.',
  'decoder-failed': 'Reading the record met a bug of assay; please report it with these bytes.',
} as const
export type DeadLetterReason = keyof typeof deadLetterReasons

/** A record that was put aside. */
export interface DeadLetter {
  readonly reason: DeadLetterReason
  /** The raw partition it came from, and where it stands there. */
  readonly source: string
  readonly position: number
  /** The record untouched, in memory of its own; of a record beyond the limit only the beginning. */
  readonly bytes: Uint8Array
}
