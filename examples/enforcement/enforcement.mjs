// @ts-check
/** Reads verdicts and acts once on each; see README.md. */
import { Kafka, logLevel } from 'kafkajs'
import { actFor, expiryOf, readVerdict } from './acts.mjs'
import { Ledger } from './ledger.mjs'

const { KAFKA_BROKERS = 'localhost:9092', CONSUMER_GROUP = 'enforcement' } = process.env
const { VERDICTS_TOPIC = 'enforcement.verdicts', LEDGER_FILE = 'ledger.ndjson' } = process.env

const ledger = await Ledger.open(LEDGER_FILE).catch(fail)
const kafka = new Kafka({
  clientId: 'enforcement',
  brokers: KAFKA_BROKERS.split(','),
  logLevel: logLevel.ERROR,
})
const consumer = kafka.consumer({
  groupId: CONSUMER_GROUP,
  // How long the next start waits for the partitions of one that crashed.
  sessionTimeout: 6_000,
  heartbeatInterval: 1_500,
  // Small batches, since one is read again after a crash.
  maxBytesPerPartition: 65_536,
  allowAutoTopicCreation: false,
})
// After an outage kafkajs starts again by itself; after anything else it would stay silent for ever.
consumer.on(consumer.events.CRASH, ({ payload }) => {
  if (!payload.restart) fail(payload.error)
})
const expiry = setInterval(() => void save(ledger.overdue(Date.now()).map(expiryOf)), 1_000)
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void stop())

try {
  await consumer.connect()
  await consumer.subscribe({ topic: VERDICTS_TOPIC, fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch: take })
  console.log(`enforcement: acts on ${VERDICTS_TOPIC}`)
} catch (error) {
  fail(error)
}

/** Acts, records, and then commits: what was recorded but not committed comes again and is passed over.
 * @param {import('kafkajs').EachBatchPayload} payload */
async function take({ batch: { topic, partition, messages }, heartbeat }) {
  for (const message of messages) {
    await save(entriesFor(message, `${topic}/${partition}/${message.offset}`))
    await heartbeat()
  }
  const next = BigInt(messages.at(-1)?.offset ?? -1) + 1n
  if (next > 0n) await consumer.commitOffsets([{ topic, partition, offset: String(next) }])
}

/** An act, or a record that cannot be read, or nothing.
 * @param {import('kafkajs').KafkaMessage} message
 * @param {string} position */
function entriesFor(message, position) {
  try {
    const verdict = readVerdict(message)
    const act = actFor(verdict, ledger.latest(verdict.verdictId), Date.now())
    return act === undefined ? [] : [act]
  } catch (error) {
    if (ledger.isSetAside(position)) return []
    const because = error instanceof Error ? error.message : String(error)
    return [{ setAside: position, because, bytes: message.value?.toString('base64') ?? null }]
  }
}

/** This is where to act: before it is recorded if acting twice is harmless, in one transaction with it if not.
 * @param {(import('./ledger.mjs').Act | import('./ledger.mjs').SetAside)[]} entries */
async function save(entries) {
  for (const entry of entries) ledger.add(entry)
  // kafkajs would try a failed batch again, with a memory that is ahead of the disk; so the process ends instead.
  await ledger.flush().catch(fail)
  for (const entry of entries) {
    if ('setAside' in entry) console.error(`enforcement: ${entry.setAside} is set aside: ${entry.because}`)
    else if (entry.doing !== 'nothing') console.log(sentence(entry))
  }
}

/** @param {import('./ledger.mjs').Act} act */
function sentence({ doing, sanction, whom, freed, verdictId, revision, because }) {
  const all = [...whom, ...freed].map((id) => `${id}: ${ledger.standingOf(id)}`)
  const more = all.length > 3 ? ` and ${all.length - 3} more` : ''
  return `${doing} ${sanction ?? ''} (${because}, ${verdictId} revision ${revision}); ${all.slice(0, 3).join(', ')}${more}`
}

async function stop() {
  clearInterval(expiry)
  // A broker that has gone must not keep a supervisor waiting; what was done is on the disk.
  setTimeout(() => process.exit(0), 10_000).unref()
  await consumer.disconnect()
  await ledger.flush()
}

/** @param {unknown} error @returns {never} */
function fail(error) {
  console.error(
    `enforcement: ${error instanceof Error ? error.message : String(error)}; it ends, and can be started again`,
  )
  process.exit(1)
}
