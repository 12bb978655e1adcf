import { deadLetterReasons } from './dead-letter'
import type { DeadLetterReason } from './dead-letter'
import { faultIn } from './fault'
import { Ingest } from './ingest'

const good = { kind: 'click', eventId: 'e', occurredAt: 1_740_816_000_000, actorId: 'u', accountId: 'a' }

/** The reason that the ingest gives for a record, and what a second look says of it. */
function seenIn(record: object | string): { reason: string; fields: readonly string[]; sentence: string } {
  const bytes = Buffer.from(typeof record === 'string' ? record : JSON.stringify(record))
  const reasons: DeadLetterReason[] = []
  const ingest = new Ingest({
    source: 'events',
    key: Buffer.alloc(32),
    onDeadLetter: ({ reason }) => reasons.push(reason),
  })
  ingest.push(bytes, { position: 0, appendTimeMs: 1_740_816_000_000 })
  const [reason = 'none'] = reasons
  return { reason, ...(faultIn(bytes, { reason }) ?? { fields: [], sentence: '' }) }
}

it.each<[what: string, record: object | string, reason: string, fields: string[], says: string]>([
  [
    'fields with names of their own',
    { event: 'click', event_id: 'e', user: 'u' },
    'missing-field',
    ['eventId', 'occurredAt', 'actorId', 'accountId', 'kind'],
    'there is no eventId (is it "event_id"?), no occurredAt, no actorId, no accountId, no kind; it has "event", "event_id", "user"',
  ],
  [
    'what its kind needs',
    { ...good, kind: 'comment' },
    'missing-field',
    ['text'],
    'there is no text; it has',
  ],
  [
    'an id as a number',
    { ...good, actorId: 17 },
    'wrong-type',
    ['actorId'],
    'actorId is a number (17) and should be a text',
  ],
  [
    'a number as a text',
    { ...good, dwellMs: '4' },
    'wrong-type',
    ['dwellMs'],
    'dwellMs is a text ("4") and should be a number',
  ],
  [
    'another kind',
    { ...good, kind: 'like' },
    'unknown-kind',
    ['kind'],
    'kind is "like" and should be subscription, click',
  ],
  [
    'another action',
    { ...good, kind: 'subscription', action: 'follow' },
    'unknown-value',
    ['action'],
    'action is "follow" and should be subscribe or unsubscribe',
  ],
  [
    'a time that ran backwards',
    { ...good, dwellMs: -4 },
    'impossible-number',
    ['dwellMs'],
    'dwellMs is -4 and should be',
  ],
  [
    'seconds',
    { ...good, occurredAt: 1_740_816_000 },
    'impossible-time',
    ['occurredAt'],
    'it looks like seconds',
  ],
  [
    'a time without an offset',
    { ...good, occurredAt: '2025-03-01 08:00:00' },
    'impossible-time',
    ['occurredAt'],
    'occurredAt is "2025-03-01 08:00:00" and should be milliseconds since 1970, or ISO 8601 with an offset',
  ],
  [
    'a clock ahead',
    { ...good, occurredAt: 1_740_902_400_001 },
    'ahead-of-time',
    ['occurredAt'],
    'later than it can be',
  ],
  [
    'a long id',
    { ...good, actorId: 'u'.repeat(129) },
    'field-too-large',
    ['actorId'],
    'actorId has 129 bytes and may have 128',
  ],
  ['a table', 'click,e,2025-03-01T08:00:00Z,u,a', 'malformed-json', [], 'it begins with "click,e,2025'],
  ['a cut', '{"kind":"click",', 'malformed-json', [], 'JSON'],
  ['a list', [good], 'not-an-object', [], 'it is a list; write each of its objects on a line of its own'],
])('says of %s what came and what was expected', (_what, record, reason, fields, says) => {
  const seen = seenIn(record)
  expect([seen.reason, seen.fields]).toEqual([reason, fields])
  expect(seen.sentence).toContain(says)
})

it('takes the kind from the topic where the record has none', () => {
  const bytes = Buffer.from(JSON.stringify({ ...good, kind: undefined }))
  expect(faultIn(bytes, { reason: 'missing-field', kind: 'impression' })!.fields).toEqual(['count'])
})

it('says nothing of bytes that are no JSON, whatever the reason', () => {
  const bytes = Uint8Array.of(0, 0, 0, 0, 7, 200, 3)
  const others = Object.keys(deadLetterReasons).filter(
    (one) => !['malformed-json', 'not-an-object'].includes(one),
  )
  expect(others.map((reason) => faultIn(bytes, { reason }))).toEqual(others.map(() => undefined))
})
