import { randomUUID } from 'node:crypto'
import { Partitioners } from 'kafkajs'
import type { KafkaClient } from '../../src/log/kafka/client'
import {
  deadLetterMessage,
  deadLetterTopics,
  placeOf,
  readDeadLetter,
  replayDeadLetters,
  replayHeader,
} from '../../src/log/kafka/dead-letter-topic'
import type { TopicDeadLetter } from '../../src/log/kafka/dead-letter-topic'
import { scanTopic } from '../../src/log/kafka/scan-topic'
import type { TopicMessage } from '../../src/log/kafka/scan-topic'
import { ensureTopics } from '../../src/log/kafka/topics'
import { assay } from '../support/cli'
import { kafkaClient, newTopic } from '../support/kafka'
import { shared } from '../support/stack/shared'

/** `assay dead-letters` on a topic, as an operator uses it. */

jest.setTimeout(180_000)

const noonMs = Date.UTC(2026, 2, 1, 12)

let bootstrap: string
let client: KafkaClient
beforeAll(async () => {
  ;({ bootstrap } = await shared('kafka'))
  client = await kafkaClient(bootstrap)
})

/** An installation of its own: a raw topic with three partitions and an empty topic of dead letters. */
async function installation() {
  const prefix = `test-${randomUUID().slice(0, 8)}.`
  const raw = await newTopic(client, { partitions: 3 })
  await ensureTopics(client, [
    { topic: `${prefix}dead-letters`, partitions: 2, replicationFactor: 1, config: {} },
  ])
  const topics = deadLetterTopics({ topicPrefix: prefix, replication: 1 })
  const env = { ASSAY_KAFKA_TOPIC_PREFIX: prefix, ASSAY_KAFKA_REPLICATION: '1' }
  const run = (...args: string[]) =>
    assay(['dead-letters', ...args, '--brokers', bootstrap], {
      under: ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
    })
  return { raw, topics, run }
}

async function put(topic: string, letters: readonly TopicDeadLetter[]): Promise<void> {
  const producer = client.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const messages = letters.map((letter, index) => ({ ...deadLetterMessage(letter), partition: index % 2 }))
  await producer.send({ topic, messages })
  await producer.disconnect()
}

/** A letter with bytes that no text holds, a key, and headers of its own, one named as if it were ours. */
function letter(topic: string, offset: number, more: Partial<TopicDeadLetter> = {}): TopicDeadLetter {
  return {
    reason: 'unknown-schema',
    topic,
    partition: offset % 3,
    offset,
    timeMs: noonMs + offset * 1000,
    key: Buffer.from([0xff, offset]),
    value: Buffer.from([0, 0, 0, 0, 9, 0xc3, 0x28, offset]),
    headers: { trace: Buffer.from('t-1'), reason: Buffer.from('forged') },
    ...more,
  }
}

async function messagesIn(topic: string): Promise<TopicMessage[]> {
  const messages: TopicMessage[] = []
  await scanTopic(client, topic, (message) => {
    messages.push(message)
  })
  return messages
}

const offsets = (length: number): number[] => Array.from({ length }, (_, index) => index)

it('a dead letter is a message and comes back as it was', async () => {
  const { raw, topics } = await installation()
  const letters = [
    letter(raw, 0),
    letter(raw, 1, { key: null, value: null, headers: {} }),
    letter(raw, 2, { value: Buffer.of() }),
  ]
  await put(topics.deadLetters, letters)
  const found = (await messagesIn(topics.deadLetters)).map(readDeadLetter)
  expect(found.sort((a, b) => a!.offset - b!.offset)).toEqual(letters)
})

it('lists what there is by reason, topic and time, each place once', async () => {
  const { raw, topics, run } = await installation()
  const tooLarge = letter(raw, 9, { reason: 'record-too-large' })
  await put(topics.deadLetters, [
    ...offsets(4).map((offset) => letter(raw, offset)),
    tooLarge,
    tooLarge,
    tooLarge,
  ])

  const { code, stdout } = await run('list', '--json')
  expect(code).toBe(0)
  const rows = stdout.split('\n').filter(Boolean)
  expect(rows.map((row) => JSON.parse(row) as object)).toMatchObject([
    {
      reason: 'unknown-schema',
      source: raw,
      letters: 4,
      from: '2026-03-01T12:00:00.000Z',
      to: '2026-03-01T12:00:03.000Z',
    },
    { reason: 'record-too-large', letters: 1, first: `${raw}/0/9` },
  ])
  const between = await run('list', '--from', '2026-03-01T12:00:01Z', '--to', '2026-03-01T12:00:03Z')
  expect(between.stdout).toMatch(/^unknown-schema +\S+ +2 +2026-03-01T12:00:01/m)
})

it('shows one: bytes, headers, what was expected', async () => {
  const { raw, topics, run } = await installation()
  await put(topics.deadLetters, [letter(raw, 1), letter(raw, 2)])
  const { code, stdout } = await run('show', `${raw}/1/1`)
  expect(code).toBe(0)
  expect(stdout).toContain('The registry does not know the schema')
  expect(stdout).toMatch(/^key +0xff01$/m)
  expect(stdout).toMatch(/^header trace +"t-1"$/m)
  expect(stdout).toMatch(/^header reason +"forged"$/m)
  expect(stdout).toMatch(/^00000000 {2}00 00 00 00 09 c3 28 01 .*\.{6}\(\.$/m)
  expect(stdout).not.toContain(`${raw}/2/2`)

  const missing = await run('show', `${raw}/0/99`)
  expect(missing).toMatchObject({ code: 1, stdout: '' })
  expect(missing.stderr).toContain('no dead letter at')
})

it('replays what is asked for, untouched, to where it was, once', async () => {
  const { raw, topics, run } = await installation()
  const other = letter(raw, 7, { reason: 'malformed-avro' })
  const letters = offsets(6).map((offset) => letter(raw, offset, offset === 5 ? { value: null } : {}))
  await put(topics.deadLetters, [...letters, other])
  const wanted = ['--reason', 'unknown-schema']

  const dry = await run('replay', ...wanted, '--dry-run')
  expect(dry.stderr).toContain('6 would be written back, 0 had been before')
  expect(dry.stdout.split('\n').filter(Boolean).sort()).toEqual(
    letters.map((each) => `${placeOf(each)} unknown-schema`).sort(),
  )
  expect(await messagesIn(raw)).toEqual([])

  const first = await run('replay', ...wanted)
  expect(first).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('6 were written back, 0 had') as string,
  })
  const second = await run('replay', ...wanted)
  expect(second.stderr).toContain('0 were written back, 6 had been before and were passed over')

  const sorted = (messages: TopicMessage[]) => messages.sort((a, b) => a.key![1]! - b.key![1]!)
  const written = sorted(await messagesIn(raw))
  expect(written.map(({ partition, key, value, headers }) => ({ partition, key, value, headers }))).toEqual(
    letters.map((each) => ({
      partition: each.partition,
      key: each.key,
      value: each.value,
      headers: { ...each.headers, [replayHeader]: Buffer.from(placeOf(each)) },
    })),
  )

  // All that is left, and then everything again.
  expect((await run('replay')).stderr).toContain('1 were written back, 6 had been before')
  expect((await run('replay', '--again')).stderr).toContain('7 were written back, 0 had been before')
  expect(await messagesIn(raw)).toHaveLength(14)
})

it('replays thousands in batches, and passes over what somebody else wrote', async () => {
  const { raw, topics } = await installation()
  const many = Array.from({ length: 3000 }, (_, offset) => letter(raw, offset, { key: null }))
  await put(topics.deadLetters, many)
  const producer = client.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic: topics.deadLetters, messages: [{ value: 'hello' }] })
  await producer.disconnect()

  const replayed: string[] = []
  const result = await replayDeadLetters(client, topics, {
    isWanted: () => true,
    again: false,
    isDryRun: false,
    onReplayed: (each) => replayed.push(placeOf(each)),
  })
  expect(result).toEqual({ replayed: 3000, passedOver: 0, parts: 0, strangers: 1 })
  expect(new Set(replayed).size).toBe(3000)
  expect(await messagesIn(raw)).toHaveLength(3000)
})

it('goes on where it was stopped: what was written is not written twice', async () => {
  const { raw, topics } = await installation()
  await put(
    topics.deadLetters,
    Array.from({ length: 1200 }, (_, offset) => letter(raw, offset)),
  )
  let written = 0
  const stopped = replayDeadLetters(client, topics, {
    isWanted: () => true,
    again: false,
    isDryRun: false,
    onReplayed: () => {
      if (++written === 500) throw new Error('stopped')
    },
  })
  await expect(stopped).rejects.toThrow('stopped')
  const rest = await replayDeadLetters(client, topics, {
    isWanted: () => true,
    again: false,
    isDryRun: false,
  })
  expect(rest.replayed + rest.passedOver).toBe(1200)
  expect(rest.passedOver).toBeGreaterThan(0)
  const places = (await messagesIn(raw)).map(({ headers }) => Buffer.from(headers[replayHeader]!).toString())
  expect(new Set(places).size).toBe(1200)
  expect(places).toHaveLength(1200)
})

it.each([
  ['no brokers are named', ['list'], {}, 78, 'kafka.brokers (ASSAY_BROKERS)'],
  [
    'the topic is not there',
    ['list'],
    { ASSAY_KAFKA_TOPIC_PREFIX: 'nobody.' },
    69,
    'the topic nobody.dead-letters is not there',
  ],
  ['a time is none', ['list', '--from', 'noon'], {}, 2, '--from should be a time'],
  ['a reason is none', ['list', '--reason', 'dislike'], {}, 2, "argument 'dislike' is invalid"],
])('ends with the code of the contract when %s', async (_what, args, env, code, says) => {
  const brokers = code === 69 ? ['--brokers', bootstrap] : code === 2 ? ['--brokers', '127.0.0.1:1'] : []
  const ended = await assay(['dead-letters', ...args, ...brokers], {
    under: ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
  })
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
  expect(ended.stderr).toContain(says)
})

it('does not write where the partition is no more', async () => {
  const { raw, topics, run } = await installation()
  await put(topics.deadLetters, [letter(raw, 1, { partition: 5 })])
  const ended = await run('replay')
  expect(ended.code).toBe(78)
  expect(ended.stderr).toMatch(/should go back to .*\[5\], but the topic has 3 partitions/)
})
