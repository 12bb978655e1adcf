import { deadLetterReasons } from '../ingest/dead-letter'
import { rawTopicsOf, topicsOf, wantedTopics } from '../service/installation'
import { serviceSettings } from '../settings/service-settings'
import type { ServiceSettings } from '../settings/service-settings'
import { jsonSchemaOf } from './json-schema'
import { avroSchema } from './record-schemas'
import type { RecordName } from './record-schemas'

/**
 * The topics that others write and read, as AsyncAPI 3: with the names of these settings, or of the default ones. What
 * the views tell each other is nobody else's business and not in it.
 */
export function asyncApiDocument(settings: ServiceSettings = serviceSettings.parse({})): object {
  const described = topicsDescribed(settings)
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'assay',
      version: '1',
      description:
        'The topics that assay reads and writes. Events are JSON or Avro in the wire format of a schema registry; ' +
        'everything that assay publishes is JSON.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(described.map((topic) => [topic.name, channelOf(topic, settings)])),
    operations: Object.fromEntries(
      described.map((topic) => [`${topic.action}.${topic.name}`, operationOf(topic)]),
    ),
    components: {
      messages: Object.fromEntries(described.flatMap((topic) => Object.entries(topic.messages))),
    },
  }
}

/** A topic as others see it. */
interface DescribedTopic {
  readonly name: string
  readonly summary: string
  /** What assay does. */
  readonly action: 'receive' | 'send'
  /** By their names in the document. */
  readonly messages: Readonly<Record<string, object>>
}

function topicsDescribed(settings: ServiceSettings): readonly DescribedTopic[] {
  const { verdicts, corrections, deadLetters } = topicsOf(settings)
  const raw = Object.entries(rawTopicsOf(settings)).map(([name, carries]): DescribedTopic => {
    const record = carries === 'mixed' ? 'event' : carries
    return {
      name,
      summary: avroSchema(record).doc,
      action: 'receive',
      messages:
        // Policies are read as they are written by `assay policy activate`, which is JSON.
        record === 'policy'
          ? { policy: jsonMessage('policy') }
          : { [record]: jsonMessage(record), [`${record}Avro`]: avroMessage(record) },
    }
  })
  return [
    ...raw,
    {
      name: verdicts,
      summary: avroSchema('verdict').doc,
      action: 'send',
      messages: { verdict: { ...jsonMessage('verdict', 'accountId'), headers: verdictHeaders } },
    },
    {
      name: corrections,
      summary: avroSchema('correction').doc,
      action: 'send',
      messages: { correction: jsonMessage('correction', 'accountId|contentId|kind|hour') },
    },
    {
      name: deadLetters,
      summary: 'Records that could not be read: key and value as they came, and why in headers.',
      action: 'send',
      messages: { deadLetter: deadLetterMessage },
    },
  ]
}

const verdictHeaders = {
  type: 'object',
  properties: {
    traceparent: {
      type: 'string',
      pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
      description: 'the span that published it, as W3C Trace Context writes it; only where traces are kept',
    },
  },
}

function jsonMessage(record: RecordName, key?: string): object {
  return {
    name: record,
    title: avroSchema(record).name,
    contentType: 'application/json',
    ...(key === undefined ? {} : { bindings: { kafka: { key: { type: 'string', description: key } } } }),
    payload: { schemaFormat: 'application/schema+json;version=draft-2020-12', schema: jsonSchemaOf(record) },
  }
}

function avroMessage(record: RecordName): object {
  return {
    name: `${record}Avro`,
    title: `${avroSchema(record).name} in Avro`,
    summary: 'A zero byte, the schema id as 32 bits big-endian, and the record; or the id in a header.',
    contentType: 'application/vnd.apache.avro',
    bindings: { kafka: { schemaIdLocation: 'payload', schemaIdPayloadEncoding: 'confluent' } },
    payload: {
      schemaFormat: 'application/vnd.apache.avro+json;version=1.9.0',
      schema: avroSchema(record),
    },
  }
}

const deadLetterMessage = {
  name: 'deadLetter',
  title: 'Dead letter',
  summary: 'The bytes of the record untouched; headers of its own stand behind "original.".',
  contentType: 'application/octet-stream',
  headers: {
    type: 'object',
    required: ['reason', 'topic', 'partition', 'offset', 'time'],
    properties: {
      reason: { type: 'string', enum: Object.keys(deadLetterReasons), description: 'why it was put aside' },
      topic: { type: 'string', description: 'the topic that it came from' },
      partition: { type: 'string', pattern: '^\\d+$', description: 'its partition there' },
      offset: { type: 'string', pattern: '^\\d+$', description: 'its offset there' },
      time: {
        type: 'string',
        pattern: '^\\d+$',
        description: 'when it was put aside, ms since 1970',
      },
      part: { type: 'string', const: 'true', description: 'only its beginning is kept, it was too large' },
    },
  },
}

function channelOf({ name, summary, messages }: DescribedTopic, settings: ServiceSettings): object {
  const wanted = wantedTopics(settings).find(({ topic }) => topic === name)
  const { 'cleanup.policy': cleanup, 'retention.ms': retention } = wanted?.config ?? {}
  return {
    address: name,
    description: summary,
    messages: Object.fromEntries(
      Object.keys(messages).map((key) => [key, { $ref: `#/components/messages/${key}` }]),
    ),
    ...(wanted === undefined
      ? {}
      : {
          bindings: {
            kafka: {
              partitions: wanted.partitions,
              replicas: wanted.replicationFactor,
              topicConfiguration: {
                ...(cleanup === undefined ? {} : { 'cleanup.policy': [cleanup] }),
                ...(retention === undefined ? {} : { 'retention.ms': Number(retention) }),
              },
            },
          },
        }),
  }
}

function operationOf({ name, action, messages }: DescribedTopic): object {
  const channel = `#/channels/${name}`
  return {
    action,
    channel: { $ref: channel },
    messages: Object.keys(messages).map((key) => ({ $ref: `${channel}/messages/${key}` })),
  }
}
