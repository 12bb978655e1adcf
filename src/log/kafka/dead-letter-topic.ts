import { Partitioners, type IHeaders, type Message, type Producer } from 'kafkajs'
import { SettingsError, UnreachableError } from '../../model/errors'
import { maxRecordBytes } from '../../model/record'
import { reasonOf, type KafkaClient } from './client'
import { scanTopic, type TopicMessage } from './scan-topic'
import { partitionName, type TopicPartition } from './topic-partition'
import { durable, ensureTopics } from './topics'

/** A record of a topic that was put aside: itself, untouched, and why. */
export interface TopicDeadLetter extends TopicPartition {
  readonly reason: string
  readonly offset: number
  /** When it was put aside. */
  readonly timeMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Those of the record itself. */
  readonly headers: Readonly<Record<string, Uint8Array | undefined>>
  /** It holds only a part of what was put aside, which nobody can replay; the topic it came from has the rest. */
  readonly isPart?: boolean
}

/**
 * A dead letter as a message: key and value are those of the record; its place and the reason are headers, and before
 * the names of its own headers stands `original.`, so that no producer can forge the others. Of a record that does not
 * fit into a message only the beginning is kept.
 */
export function deadLetterMessage(
  letter: TopicDeadLetter,
): Message & { readonly key: Buffer | null; readonly value: Buffer | null } {
  const { reason, topic, partition, offset, timeMs } = letter
  const { key, value, headers, isPart } = fitting(letter)
  // kafkajs cannot write a header without a value; it becomes an empty one.
  const own = Object.entries(headers).map(([name, header]) => [
    `${originalPrefix}${name}`,
    asBuffer(header) ?? Buffer.alloc(0),
  ])
  return {
    key: asBuffer(key) ?? null,
    value: asBuffer(value) ?? null,
    headers: {
      ...(Object.fromEntries(own) as IHeaders),
      reason,
      topic,
      partition: String(partition),
      offset: String(offset),
      time: String(timeMs),
      ...(isPart === true ? { part: 'true' } : {}),
    },
  }
}

function fitting(letter: TopicDeadLetter): TopicDeadLetter {
  const { key, value, headers } = letter
  let bytes = (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, header] of Object.entries(headers))
    bytes += Buffer.byteLength(name) + perHeaderBytes + (header?.length ?? 0)
  if (bytes <= maxLetterBytes) return letter
  const beginning = (all: Uint8Array | null) => all?.subarray(0, maxRecordBytes) ?? null
  return { ...letter, key: beginning(key), value: beginning(value), headers: {}, isPart: true }
}

/** The dead letter that a message is; undefined when it is none. */
export function readDeadLetter({ key, value, headers }: TopicMessage): TopicDeadLetter | undefined {
  const [reason, topic] = [textOf(headers['reason']), textOf(headers['topic'])]
  const [partition, offset, timeMs] = ['partition', 'offset', 'time'].map((name) => numberOf(headers[name]))
  if (reason === undefined || topic === undefined) return undefined
  if (partition === undefined || offset === undefined || timeMs === undefined) return undefined
  const own = Object.entries(headers).filter(([name]) => name.startsWith(originalPrefix))
  const isPart = headers['part'] !== undefined
  return {
    reason,
    topic,
    partition,
    offset,
    timeMs,
    key,
    value,
    headers: Object.fromEntries(own.map(([name, header]) => [name.slice(originalPrefix.length), header])),
    ...(isPart ? { isPart } : {}),
  }
}

/** Where the record stood, as people name it: `engagement.click/3/1042`. */
export function placeOf({ topic, partition, offset }: TopicPartition & { readonly offset: number }): string {
  return `${topic}/${partition}/${offset}`
}

/** The header of a record that was replayed; it names the place where it stood first. */
export const replayHeader = 'assay-replay-of'

/** The topics that dead letters are about. */
export interface DeadLetterTopics {
  readonly deadLetters: string
  /** Compacted; a key for every place that was replayed. */
  readonly replayed: string
  readonly replication: number
}

export function deadLetterTopics(settings: { topicPrefix: string; replication: number }): DeadLetterTopics {
  const { topicPrefix, replication } = settings
  return { deadLetters: `${topicPrefix}dead-letters`, replayed: `${topicPrefix}replayed`, replication }
}

/**
 * Gives every dead letter that is there now, each place once. Resolves with how many messages are no dead letters:
 * somebody else's.
 */
export async function scanDeadLetters(
  client: KafkaClient,
  topics: DeadLetterTopics,
  take: (letter: TopicDeadLetter) => Promise<void> | void,
): Promise<number> {
  const seen = new Set<string>()
  let strangers = 0
  await scanTopic(client, topics.deadLetters, (message) => {
    const letter = readDeadLetter(message)
    if (letter === undefined) {
      strangers++
      return
    }
    // A crash may have put it aside twice.
    const place = placeOf(letter)
    if (seen.has(place)) return
    seen.add(place)
    return take(letter)
  })
  return strangers
}

export interface ReplayOptions {
  readonly isWanted: (letter: TopicDeadLetter) => boolean
  /** Also what has been replayed before. */
  readonly again: boolean
  /** Tells what would be done, and does nothing. */
  readonly isDryRun: boolean
  /** Told of each that is replayed, when the brokers have it. */
  readonly onReplayed?: (letter: TopicDeadLetter) => void
}

export interface ReplayResult {
  readonly replayed: number
  /** Wanted, but replayed before. */
  readonly passedOver: number
  /** Wanted, but they hold only a part of their record. */
  readonly parts: number
  /** Messages that are no dead letters. */
  readonly strangers: number
}

/**
 * Writes records back to the partition that they came from, with their key, value and headers and one more that says
 * so. Each is noted as replayed once the brokers have it: killed in between, it may be replayed once more, which does
 * no harm, since a repeated event counts once.
 */
export async function replayDeadLetters(
  client: KafkaClient,
  topics: DeadLetterTopics,
  { isWanted, again, isDryRun, onReplayed }: ReplayOptions,
): Promise<ReplayResult> {
  const done = await replayedBefore(client, topics)
  const replayer = new Replayer(client, topics, (letter) => onReplayed?.(letter))
  let replayed = 0
  let passedOver = 0
  let parts = 0
  try {
    const strangers = await scanDeadLetters(client, topics, async (letter) => {
      if (!isWanted(letter)) return
      if (letter.isPart === true) {
        parts++
        return
      }
      if (!again && done.has(placeOf(letter))) {
        passedOver++
        return
      }
      replayed++
      if (isDryRun) onReplayed?.(letter)
      else await replayer.add(letter)
    })
    await replayer.flush()
    return { replayed, passedOver, parts, strangers }
  } finally {
    await replayer.close()
  }
}

async function replayedBefore(client: KafkaClient, { replayed }: DeadLetterTopics): Promise<Set<string>> {
  const places = new Set<string>()
  if (!(await client.topics()).has(replayed)) return places
  await scanTopic(client, replayed, ({ key }) => {
    const place = key === null ? undefined : textOf(key)
    if (place !== undefined) places.add(place)
  })
  return places
}

/** Sends letters back in batches, and notes them. */
class Replayer {
  private letters: TopicDeadLetter[] = []
  private bytes = 0
  private producer: Producer | undefined
  /** Partitions of topics that were asked for. */
  private readonly partitions = new Map<string, number>()

  constructor(
    private readonly client: KafkaClient,
    private readonly topics: DeadLetterTopics,
    private readonly onReplayed: (letter: TopicDeadLetter) => void,
  ) {}

  async add(letter: TopicDeadLetter): Promise<void> {
    await this.checkPlace(letter)
    this.letters.push(letter)
    this.bytes += (letter.value?.length ?? 0) + (letter.key?.length ?? 0)
    if (this.bytes >= batchBytes || this.letters.length >= batchLetters) await this.flush()
  }

  async flush(): Promise<void> {
    const { letters } = this
    if (letters.length === 0) return
    this.letters = []
    this.bytes = 0
    const producer = await this.connected()
    for (const group of byPartition(letters)) {
      await this.send(producer, group[0]!.topic, group.map(replayMessage))
      await this.send(
        producer,
        this.topics.replayed,
        group.map((letter) => ({ key: placeOf(letter), value: letter.reason, partition: 0 })),
      )
      group.forEach(this.onReplayed)
    }
  }

  async close(): Promise<void> {
    await this.producer?.disconnect().catch(() => undefined)
  }

  /** A topic may have been made anew with fewer partitions. */
  private async checkPlace({ topic, partition }: TopicDeadLetter): Promise<void> {
    if (!this.partitions.has(topic)) {
      const isThere = (await this.client.topics()).has(topic)
      this.partitions.set(topic, isThere ? (await this.client.offsets(topic)).size : 0)
    }
    const partitions = this.partitions.get(topic)!
    if (partition < partitions) return
    throw new SettingsError(
      `a record should go back to ${partitionName({ topic, partition })}, but ${partitions === 0 ? 'there is no such topic' : `the topic has ${partitions} partitions`}; create it, or leave its records out with --topic`,
    )
  }

  private async connected(): Promise<Producer> {
    if (this.producer !== undefined) return this.producer
    await this.ensureReplayedTopic()
    this.producer = this.client.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      maxInFlightRequests: 1,
    })
    await this.producer.connect()
    return this.producer
  }

  private async ensureReplayedTopic(): Promise<void> {
    const { replayed, replication } = this.topics
    const config = { 'cleanup.policy': 'compact', ...durable(replication) }
    const { differences } = await ensureTopics(this.client, [
      { topic: replayed, partitions: 1, replicationFactor: replication, config },
    ])
    const missing = differences.find(({ setting }) => setting === 'topic')
    if (missing !== undefined) {
      throw new UnreachableError(
        `the topic ${replayed}, which remembers what was replayed, should be there, but ${missing.found}; create it with one partition, compacted`,
      )
    }
  }

  private async send(producer: Producer, topic: string, messages: Message[]): Promise<void> {
    try {
      const replies = await producer.send({ topic, messages, acks: -1, timeout: 15_000 })
      const failed = replies.find(({ errorCode }) => errorCode !== 0)
      if (failed === undefined) return
      throw new Error(`error code ${failed.errorCode}`)
    } catch (error) {
      throw new UnreachableError(
        `records could not be written to ${topic} (${reasonOf(error)}); those before them are replayed and noted, run the same command again for the rest`,
        { cause: error },
      )
    }
  }
}

function byPartition(letters: readonly TopicDeadLetter[]): TopicDeadLetter[][] {
  const groups = new Map<string, TopicDeadLetter[]>()
  for (const letter of letters) {
    const name = partitionName(letter)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [letter])
    else group.push(letter)
  }
  return [...groups.values()]
}

function replayMessage(letter: TopicDeadLetter): Message {
  const { key, value, headers, partition } = letter
  const own = Object.entries(headers).map(([name, header]) => [name, asBuffer(header) ?? Buffer.alloc(0)])
  return {
    key: asBuffer(key) ?? null,
    value: asBuffer(value) ?? null,
    partition,
    headers: { ...(Object.fromEntries(own) as IHeaders), [replayHeader]: placeOf(letter) },
  }
}

/** The same bytes, as kafkajs wants them. */
function asBuffer(bytes: Uint8Array | null | undefined): Buffer | undefined {
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : undefined
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString()
}

function numberOf(bytes: Uint8Array | undefined): number | undefined {
  const text = textOf(bytes)
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

const originalPrefix = 'original.'
/** Our topic takes 8 MB; below that is room for our own headers. */
const maxLetterBytes = 6 << 20
/** The prefix of a name, and the lengths of both. */
const perHeaderBytes = 19
const batchBytes = 500_000
const batchLetters = 500
