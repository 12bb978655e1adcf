import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IHeaders } from 'kafkajs'
import type { DeadLetterReason } from '../../src/ingest/dead-letter'
import { schemaHeader } from '../../src/ingest/frame'
import { inAvro, openSchema, poisons } from './poison'
import type { Honest } from './poison'

/** A record of a topic that cannot be read, and the reason that its dead letter must give. */
export interface TopicPoison {
  readonly name: string
  readonly reason: DeadLetterReason
  readonly make: (honest: Honest) => PoisonRecord
}

export interface PoisonRecord {
  readonly key?: Buffer | null
  readonly value: Buffer | null
  readonly headers?: IHeaders
}

/** The ids that a registry gave to these schemas. */
export interface PoisonSchemas {
  readonly click: number
  /** A click with a map of lists beside it, which is none of ours. */
  readonly crowded: number
  /** Any field may hold anything. */
  readonly open: number
  /** Describes no record. */
  readonly text: number
}

const click = JSON.parse(readFileSync(join(__dirname, '../../schemas/click.avsc'), 'utf8')) as {
  readonly fields: readonly object[]
}
const crowdedType = { type: 'map', values: { type: 'array', items: 'double' } }

export const poisonSchemas = {
  click: JSON.stringify(click),
  crowded: JSON.stringify({ ...click, fields: [{ name: 'more', type: crowdedType }, ...click.fields] }),
  open: openSchema,
  text: '"string"',
} satisfies Record<keyof PoisonSchemas, string>

/** What a topic holds and no line can: frames, schemas, nothing at all, and every line that cannot be read. */
export function topicPoisons({ click: clickId, crowded, open, text }: PoisonSchemas): readonly TopicPoison[] {
  const bytes = (name: string, reason: DeadLetterReason, value: Buffer | null): TopicPoison => ({
    name,
    reason,
    make: () => ({ value }),
  })
  return [
    ...poisons.map(({ name, reason, reasonInTopic = reason, make }): TopicPoison => ({
      name,
      reason: reasonInTopic,
      make: (honest) => ({ value: Buffer.from(make(honest)) }),
    })),
    ...poisons.flatMap(({ name, reason, changes }): TopicPoison[] =>
      changes === undefined ? [] : [framedPoison({ name, reason, changes, open })],
    ),
    ...[...Array(10).keys()].map((minutes): TopicPoison => ({
      name: `${minutes + 6} minutes ahead`,
      reason: 'ahead-of-time',
      make: ({ fields }) => ({ value: dated(fields, Date.now() + (minutes + 6) * 60_000) }),
    })),
    bytes('a tombstone', 'tombstone', null),
    {
      name: 'a tombstone with a key and headers',
      reason: 'tombstone',
      make: () => ({ key: Buffer.from('k'), value: null, headers: { a: 'b' } }),
    },
    bytes('an empty value', 'empty', Buffer.of()),
    bytes('a magic byte alone', 'bad-frame', Buffer.of(0)),
    bytes('half an id', 'bad-frame', Buffer.of(0, 0, 0)),
    bytes('half a GUID', 'bad-frame', Buffer.of(1, 2, 3)),
    bytes('another magic byte', 'bad-frame', Buffer.of(2, 0, 0, 0, 1, 2)),
    bytes('a negative id', 'bad-frame', frame(-1, 'x')),
    bytes('an unknown id', 'unknown-schema', frame(0x7ffffffe, 'x')),
    bytes('an unknown GUID', 'unknown-schema', Buffer.alloc(30, 1)),
    {
      name: 'half an id in the header',
      reason: 'bad-frame',
      make: ({ line }) => ({ value: Buffer.from(line), headers: { [schemaHeader]: Buffer.of(0, 1) } }),
    },
    bytes('a schema that is no record', 'unsupported-schema', frame(text, '\u0002x')),
    bytes('Avro without a byte', 'malformed-avro', frame(clickId, '')),
    bytes('Avro that is cut off', 'malformed-avro', frame(clickId, avroClick().subarray(0, 9))),
    bytes('Avro and more', 'malformed-avro', frame(clickId, Buffer.concat([avroClick(), Buffer.of(0)]))),
    bytes('Avro with a text of 2^40 bytes', 'malformed-avro', frame(clickId, Buffer.of(0, ...huge))),
    bytes('Avro with a map of 2^40', 'malformed-avro', frame(crowded, Buffer.of(...huge))),
    bytes('Avro with 2^40 of nothing', 'malformed-avro', frame(crowded, Buffer.of(2, 2, 65, ...huge))),
    bytes('Avro that is no UTF-8', 'invalid-utf8', frame(clickId, avroClick(Buffer.of(0xff, 0xfe)))),
    bytes('Avro without an actor', 'missing-field', frame(clickId, avroClick(Buffer.of()))),
    bytes('Avro beyond the limit', 'record-too-large', frame(clickId, Buffer.alloc(300_000))),
    bytes('a value as large as brokers take', 'record-too-large', Buffer.alloc(1_048_000, '{')),
    bytes('much more than that', 'record-too-large', Buffer.alloc(9_000_000, '{')),
    {
      name: 'a large key',
      reason: 'malformed-json',
      make: () => ({ key: Buffer.alloc(300_000, 0xff), value: Buffer.from('{') }),
    },
    {
      name: 'thousands of headers',
      reason: 'malformed-json',
      make: () => ({
        value: Buffer.from('{'),
        headers: Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`name-${index}`, 'value'])),
      }),
    },
    {
      name: 'headers that look like ours',
      reason: 'not-an-object',
      make: () => ({
        key: Buffer.of(),
        value: Buffer.from('[]'),
        headers: {
          ...{ reason: 'none', topic: 'another', partition: '-1', offset: 'x', part: '1', '': 'nameless' },
          ...{ constructor: 'c', 'original.topic': 't', empty: '', ['__proto__']: 'p' },
        },
      }),
    },
  ]
}

/** The same thing said in Avro, behind the id of a schema. */
function framedPoison({
  name,
  reason,
  changes,
  open,
}: Pick<TopicPoison, 'name' | 'reason'> & { changes: Honest['fields']; open: number }): TopicPoison {
  return {
    name: `${name}, in Avro`,
    reason,
    make: ({ fields }) => ({ value: frame(open, inAvro({ ...fields, ...changes })) }),
  }
}

function dated(fields: Honest['fields'], occurredAt: number): Buffer {
  return Buffer.from(JSON.stringify({ ...fields, eventId: `ahead-${occurredAt}`, occurredAt }))
}

function frame(id: number, body: string | Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, Buffer.from(body)])
}

/** A click as `schemas/click.avsc` says: no kind, id, time, actor, account, and nothing of the rest. */
function avroClick(actorId = Buffer.from('actor')): Buffer {
  const time = [0xd0, 0xe7, 0xdc, 0xd0, 0xc0, 0x63]
  return Buffer.concat([
    Buffer.of(0, 4, 101, 49, ...time, 2 * actorId.length),
    actorId,
    Buffer.of(2, 97),
    Buffer.alloc(9),
  ])
}

/** The number 2^40 in Avro. */
const huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x40]
