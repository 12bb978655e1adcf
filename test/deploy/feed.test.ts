import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scanTopic } from '../../src/log/kafka/scan-topic'
import { contractTopics } from '../../src/settings/service-settings'
import { kafkaClient } from '../support/kafka'
import { startKafka } from '../support/stack/kafka'
import type { Kafka } from '../support/stack/kafka'
import { temporaryFolders } from '../support/temporary'

// The first run on a machine fetches Kafka.
jest.setTimeout(300_000)

const root = join(__dirname, '../..')
const newFolder = temporaryFolders()
// The topics of the contract are nobody's own.
let kafka: Kafka

beforeAll(async () => {
  kafka = await startKafka()
})
afterAll(() => kafka.stop())

it('sends a simulated day to the topics of the contract, moved so that it ends now', async () => {
  const hourMs = 3_600_000
  const startMs = Date.UTC(2024, 0, 1)
  const kinds = ['click', 'comment', 'account', 'click']
  const events = kinds.map((kind, index) => ({
    ...{ kind, eventId: `e${index}`, actorId: 'actor', accountId: 'account' },
    ...{ occurredAt: startMs + index * hourMs, actorCreatedAt: startMs - hourMs },
  }))
  const file = join(newFolder(), 'day.ndjson')
  writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  const env = { ...process.env, ASSAY_BROKERS: kafka.bootstrap, ASSAY_HOME: join(root, 'package.json') }
  const feed = spawn(process.execPath, [join(root, 'deploy/stack/feed.mjs'), file, '3'], { env })
  const [code] = (await once(feed, 'exit')) as [number]
  expect(code).toBe(0)

  const client = await kafkaClient(kafka.bootstrap)
  // What was not acknowledged in time is sent again, and counts once by its id.
  const byId = new Map<string, (typeof events)[number]>()
  for (const topic of Object.keys(contractTopics)) {
    await scanTopic(client, topic, ({ value }) => {
      const event = JSON.parse(Buffer.from(value!).toString()) as (typeof events)[number]
      expect(event.kind).toBe(contractTopics[topic])
      byId.set(event.eventId, event)
    })
  }
  const sent = [...byId.values()].sort((a, b) => a.occurredAt - b.occurredAt)
  expect(sent.map(({ eventId }) => eventId)).toEqual(['e0', 'e1', 'e2', 'e3'])
  const shiftMs = sent[0]!.occurredAt - startMs
  for (const [index, event] of sent.entries()) {
    expect(event).toEqual({
      ...events[index],
      occurredAt: events[index]!.occurredAt + shiftMs,
      actorCreatedAt: events[index]!.actorCreatedAt + shiftMs,
    })
  }
  const agoMs = Date.now() - sent.at(-1)!.occurredAt
  expect(agoMs).toBeGreaterThanOrEqual(0)
  expect(agoMs).toBeLessThan(hourMs)
})
