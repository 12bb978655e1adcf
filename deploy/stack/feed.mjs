/**
 * A platform for who has none: takes events as JSON lines (assay simulate), moves them to now and sends each to the topic of
 * its kind. Usage: feed.mjs FILE [PAST_HOURS]
 *
 *  event time  ──── PAST_HOURS ────┬──── the rest ────►
 *  sent             at once       now   as it comes due
 */
import { createReadStream } from 'node:fs'
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

// The packages are those of the command line, wherever this file stands.
const require = createRequire(process.env.ASSAY_HOME ?? import.meta.url)
const { Kafka, Partitioners, logLevel } = require('kafkajs')

const topics = {
  subscription: 'engagement.subscription',
  click: 'engagement.click',
  forward: 'engagement.forward',
  comment: 'engagement.comment',
  post: 'engagement.post',
  impression: 'engagement.impression',
  account: 'account.activity',
  feedback: 'enforcement.feedback',
}
const tickMs = 200
const partitions = 2

const [file, pastHoursText = '23'] = process.argv.slice(2)
if (file === undefined) {
  process.stderr.write('feed: name a file of events, as "assay simulate --out FILE" writes it\n')
  process.exit(2)
}
const events = []
for await (const line of createInterface({ input: createReadStream(file) })) {
  const event = JSON.parse(line)
  events.push({ event, timeMs: new Date(event.occurredAt).getTime() })
}
events.sort((a, b) => a.timeMs - b.timeMs)
if (events.length === 0) {
  process.stderr.write(`feed: ${file} holds no events\n`)
  process.exit(1)
}
/** What lies so far back is sent at once; what follows comes at the speed of the clock. */
const shiftMs = Date.now() - Number(pastHoursText) * 3_600_000 - events[0].timeMs

const kafka = new Kafka({ brokers: process.env.ASSAY_BROKERS.split(','), logLevel: logLevel.WARN })
const admin = kafka.admin()
await admin.connect()
const replicationFactor = Number(process.env.ASSAY_KAFKA_REPLICATION ?? 1)
await admin.createTopics({
  topics: Object.values(topics).map((topic) => ({
    topic,
    numPartitions: partitions,
    replicationFactor,
    // Events of yesterday are no older than any retention.
    configEntries: [{ name: 'retention.ms', value: '-1' }],
  })),
})
await admin.disconnect()
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
await producer.connect()

let at = 0
while (at < events.length) {
  const byTopic = new Map()
  const untilMs = Date.now() - shiftMs
  for (let sent = 0; sent < 5_000 && at < events.length && events[at].timeMs <= untilMs; sent++, at++) {
    const { event, timeMs } = events[at]
    const topic = topics[event.kind]
    if (topic === undefined) continue
    const moved = { ...event, occurredAt: timeMs + shiftMs }
    if (typeof event.actorCreatedAt === 'number') moved.actorCreatedAt = event.actorCreatedAt + shiftMs
    const partition = createHash('md5').update(event.actorId).digest()[0] % partitions
    if (!byTopic.has(topic)) byTopic.set(topic, [])
    byTopic.get(topic).push({ partition, value: JSON.stringify(moved) })
  }
  if (byTopic.size === 0) await sleep(tickMs)
  else {
    const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }))
    await producer.sendBatch({ topicMessages })
  }
}
process.stderr.write(`feed: all ${events.length} events are sent\n`)
await producer.disconnect()
