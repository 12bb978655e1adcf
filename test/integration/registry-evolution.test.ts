import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SchemaRegistryClient } from '@confluentinc/schemaregistry/dist/schemaregistry-client'
import { AvroSerializer } from '@confluentinc/schemaregistry/dist/serde/avro'
import { SerdeType } from '@confluentinc/schemaregistry/dist/serde/serde'
import type { DeadLetter } from '../../src/ingest/dead-letter'
import { schemaHeader } from '../../src/ingest/frame'
import type { TopicRecord } from '../../src/ingest/frame'
import { Ingest } from '../../src/ingest/ingest'
import { SchemaResolver } from '../../src/ingest/registry'
import { RegistryClient } from '../../src/log/registry/registry-client'
import { shared } from '../support/stack/shared'
import { startRegistry } from '../support/stack/registry'

/** Producers of other versions, by a registry and with the serializer that they use. */

jest.setTimeout(120_000)

const noonMs = Date.UTC(2026, 2, 1, 12)
const click = JSON.parse(readFileSync(join(__dirname, '../../schemas/click.avsc'), 'utf8')) as RecordSchema

interface RecordSchema {
  readonly fields: readonly { readonly name: string; readonly type: unknown; readonly default?: unknown }[]
}

const event = {
  kind: null,
  eventId: 'e1',
  occurredAt: noonMs,
  actorId: 'actor',
  accountId: 'account',
  contentId: 'content',
  deviceId: null,
  sessionId: null,
  userAgent: null,
  region: null,
  address: null,
  actorCreatedAt: null,
  dwellMs: 1500,
  referrer: 'feed',
}

/** One version ahead: a field before ours and one behind, of kinds that no schema of ours has. */
const ahead: RecordSchema = {
  ...click,
  fields: [
    {
      name: 'experiments',
      type: { type: 'map', values: { type: 'array', items: 'double' } },
      default: {},
    },
    ...click.fields,
    {
      name: 'screen',
      type: [
        'null',
        {
          type: 'record',
          name: 'Screen',
          fields: [{ name: 'turned', type: { type: 'enum', name: 'Turned', symbols: ['NO', 'YES'] } }],
        },
      ],
      default: null,
    },
  ],
}

/** One version behind: the optional fields are not there yet. */
const behind: RecordSchema = {
  ...click,
  fields: click.fields.filter(
    ({ name, type }) => !Array.isArray(type) || name in { contentId: 0, dwellMs: 0, referrer: 0 },
  ),
}

let url: string
beforeAll(async () => {
  ;({ url } = await shared('registry'))
})

/** A record as a producer writes it that has registered this schema last. */
async function produced(topic: string, schema: RecordSchema, value: object): Promise<Uint8Array> {
  const client = new SchemaRegistryClient({ baseURLs: [url] })
  await client.register(`${topic}-value`, { schema: JSON.stringify(schema), schemaType: 'AVRO' })
  const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true })
  return serializer.serialize(topic, value)
}

function resolverOf(at: string, told: string[] = [], waitMs = 20_000): SchemaResolver {
  return new SchemaResolver({
    registry: new RegistryClient({
      url: at,
      timeoutMs: 2000,
      username: undefined,
      password: undefined,
      token: undefined,
    }),
    clockMs: () => performance.now(),
    waitMs,
    unknownMs: 1000,
    tell: (sentence) => told.push(sentence),
  })
}

function takeAll(records: readonly TopicRecord[], resolver: SchemaResolver) {
  const letters: DeadLetter[] = []
  const ingest = new Ingest({
    source: 'engagement.click-0',
    key: new Uint8Array(16),
    kind: 'click',
    schemas: resolver,
    onDeadLetter: (letter) => letters.push(letter),
  })
  const blocks = records.flatMap(({ value, headers }, position) => [
    ...ingest.push(value, { position, headers, appendTimeMs: noonMs }),
  ])
  const rows = [...blocks, ...ingest.end()].map(({ bytes }) => Buffer.from(bytes).toString('base64'))
  return { rows, letters, books: ingest.books }
}

describe('a producer', () => {
  it.each([
    ['of our version', 'same', click, event],
    [
      'one version ahead',
      'ahead',
      ahead,
      { ...event, experiments: { a: [0.5, 1], b: [] }, screen: { turned: 'YES' } },
    ],
    ['one version behind', 'behind', behind, event],
  ])('%s is understood, by the names of its own fields', async (_which, topic, schema, value) => {
    const json = { ...event, kind: undefined }
    const expected = takeAll([{ value: Buffer.from(JSON.stringify(json)) }], resolverOf(url))
    expect(expected.books.admitted).toBe(1)

    const bytes = await produced(`evolution.${topic}`, schema, value)
    const inHeader = { value: bytes.subarray(5), headers: { [schemaHeader]: bytes.subarray(0, 5) } }
    for (const record of [{ value: bytes }, inHeader]) {
      const resolver = resolverOf(url)
      expect(await resolver.resolve(resolver.missing([record]))).toBe(true)
      const { rows, letters } = takeAll([record], resolver)
      expect(letters).toEqual([])
      expect(rows).toEqual(expected.rows)
    }
  })

  it('of every version stands in one topic beside the others', async () => {
    const topic = 'evolution.mixed'
    const values = [
      await produced(topic, behind, { ...event, eventId: 'e1' }),
      await produced(topic, click, { ...event, eventId: 'e2' }),
      await produced(topic, ahead, { ...event, eventId: 'e3', experiments: {}, screen: null }),
    ]
    const records = values.map((value) => ({ value }))
    const resolver = resolverOf(url)
    const missing = resolver.missing(records)
    expect(missing).toHaveLength(3)
    await resolver.resolve(missing)
    expect(takeAll(records, resolver).books).toMatchObject({ read: 3, admitted: 3 })
  })
})

describe('the registry', () => {
  it('does not know an id: the record becomes a dead letter', async () => {
    const record = { value: Buffer.from([0, 0x7f, 0xff, 0xff, 0xfe, 1, 2]) }
    const resolver = resolverOf(url)
    await resolver.resolve(resolver.missing([record]))
    const { letters } = takeAll([record], resolver)
    expect(letters.map(({ reason }) => reason)).toEqual(['unknown-schema'])
  })

  it('is down, comes up, and who waited goes on; down again, what is known goes on', async () => {
    const own = await startRegistry()
    const client = new SchemaRegistryClient({ baseURLs: [own.url] })
    await own.kill()

    const told: string[] = []
    const resolver = resolverOf(own.url, told, 60_000)
    const waiting = resolver.resolve([1])
    await waitUntil(() => told.length > 0)
    expect(told[0]).toMatch(/^the schema registry cannot be asked: it cannot be reached \(ECONNREFUSED\)/)

    await own.restart()
    const id = await client.register('evolution.back-value', {
      schema: JSON.stringify(click),
      schemaType: 'AVRO',
    })
    expect(await waiting).toBe(true)
    await resolver.resolve([id])
    await own.kill()
    expect(resolver.of(id).kind).toBe('avro')
    expect(told[1]).toBe('the schema registry answers again')
    await own.stop()
  })
})

async function waitUntil(isSo: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 20_000
  while (!isSo()) {
    if (performance.now() > deadlineMs) throw new Error('what was waited for did not come within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
