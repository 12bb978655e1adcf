import { Kafka, logLevel } from 'kafkajs'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventsFile } from '../../src/bench/data'
import { answersBy } from '../../src/bench/peers/answer'
import { answerFromKafka } from '../../src/bench/peers/assay-from-kafka'
import { compareAnswers } from '../../src/bench/peers/compare'
import { streamFile } from '../../src/bench/peers/stream'
import { kafkaClient, newTopic } from '../support/kafka'
import { shared } from '../support/stack/shared'

const folder = mkdtempSync(join(tmpdir(), 'assay-peers-kafka-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

it('answers the question of the peers from a topic as the reference does from a file', async () => {
  const { bootstrap } = await shared('kafka')
  const client = await kafkaClient(bootstrap)
  // The stream is of a day long ago.
  const topic = await newTopic(client, { config: { 'retention.ms': '-1' } })
  const controlTopic = await newTopic(client)
  const events = eventsFile(folder, { events: 20_000, accounts: 60, actors: 2_000, hours: 6 })
  const path = await streamFile(events, 19_000)
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const producer = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  for (let from = 0; from < lines.length; from += 1_000) {
    await producer.send({ topic, messages: lines.slice(from, from + 1_000).map((value) => ({ value })) })
  }
  await producer.disconnect()

  const answers = await answerFromKafka(bootstrap, { topic, controlTopic, events: lines.length })
  const { differences, windows, alerts } = compareAnswers(await answersBy.reference(path), answers, 0)
  expect(differences).toEqual([])
  expect(windows).toBeGreaterThan(100)
  expect(alerts).toBeGreaterThan(0)
}, 120_000)
