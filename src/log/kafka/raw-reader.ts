import type { Consumer, EachBatchPayload } from 'kafkajs'
import type { FetchedMessage } from 'kafkajs/src/protocol/requests/fetch/v11/response'
import { weightedAssigner } from './assigner'
import { reasonOf, rootOf, type KafkaClient } from './client'
import { FetchedRecord } from './record-batch'
import { partitionName, type TopicPartition } from './topic-partition'
import { Waiters } from './waiters'

export interface RawMessage {
  /** Its offset. */
  readonly position: number
  /** Cut out of what was fetched when it is asked for, as the value is. */
  readonly key: Uint8Array | null
  /** Null is a tombstone. */
  readonly value: Uint8Array | null
  /** By name; of a header that comes several times the last. */
  readonly headers: Readonly<Record<string, Uint8Array | undefined>>
  /** Append time or creation time, as the topic says; -1 when there is none. */
  readonly timeMs: number
  /** Why a whole compressed batch, which this message stands for, cannot be read: it is damaged, or far too large. */
  readonly unreadable?: string
}

/** Messages of one partition, in order. Without messages it only says that the position went on. */
export interface RawBatch extends TopicPartition {
  readonly generation: number
  readonly messages: readonly RawMessage[]
  /** Offset to go on from; it may be more than one above the last message, since control records are left out. */
  readonly nextOffset: number
  /** Offset after the last message of the partition when this was fetched. */
  readonly highWatermark: number
}

/** What this member owns from now on, until the next one comes. Nothing is read until it is started. */
export interface Assignment {
  /** Grows by one with each assignment; batches, `start` and `commit` of an older one are void. */
  readonly generation: number
  /** Partitions of the raw topics. */
  readonly raw: readonly TopicPartition[]
  /** Partitions of the control topic: each is a task. */
  readonly tasks: readonly number[]
}

/** Offsets that should be in a partition are not: lost to retention, or the topic was made anew. */
export interface OffsetGap extends TopicPartition {
  readonly expected: number
  /** First offset there is. Below `expected`: the partition ends before it. */
  readonly found: number
}

export interface RawReaderOptions {
  readonly groupId: string
  readonly rawTopics: readonly string[]
  /** Topic whose partitions stand for tasks; none of its records is read. */
  readonly controlTopic: string
  /** What a task costs, by its partition, where all raw partitions together cost 1; every member must say the same. */
  readonly taskShares: readonly number[]
  /** Bytes held ahead for a partition before it is paused; one fetch (1 MB) may come on top. Without it 2 MB. */
  readonly bufferBytes?: number
  /** After so long without a sign of life the group gives our partitions to others. Without it 10 s. */
  readonly sessionTimeoutMs?: number
  /** How often the brokers are asked for the ends of partitions. Without it 15 s. */
  readonly lagEveryMs?: number
  /** Called at once when the group has assigned, before anything is fetched: start here or later what is wanted. */
  readonly onAssignment: (assignment: Assignment) => void
  /** Called when the group assigns anew or the connection is lost: what is owned may go to somebody else. */
  readonly onRebalancing: () => void
  /** The partition is halted; `start` from another offset goes on. */
  readonly onGap: (gap: OffsetGap) => void
  /** The client has given up; the process should end and be started anew. */
  readonly onFatal: (error: Error) => void
}

export interface PartitionLag extends TopicPartition {
  /** Offset of the next message to be taken by `nextOf`. */
  readonly position: number
  /** Offset after the last message in the partition, when last asked. */
  readonly end: number
  readonly lag: number
}

/**
 * Member of a group that shares out raw partitions and tasks. Every position comes from the caller's checkpoints;
 * committed offsets are a hint for lag only. A partition whose buffer is full is paused and goes on when it is taken.
 */
export class RawReader {
  private generation = 0
  /** What we own, by name: raw partitions and tasks. */
  private owned = new Map<string, OwnedPartition>()
  private isClosed = false
  private timer: NodeJS.Timeout | undefined
  /** Raw topics that the brokers did not know when last asked, and those of which that was ever so. */
  private readonly missing = new Set<string>()
  private readonly wasMissing = new Set<string>()
  private readonly arrivals = new Waiters()
  /** When a broker last answered, by a clock that never goes back. */
  private answeredMs = performance.now()
  /** When the group last said that we are of it, by the same clock. */
  private confirmedMs = performance.now()
  private readonly consumer: Consumer

  private constructor(
    private readonly client: KafkaClient,
    private readonly options: RawReaderOptions,
  ) {
    const { groupId, controlTopic, taskShares } = options
    this.consumer = client.consumer({
      groupId,
      partitionAssigners: [
        weightedAssigner({ controlTopic, taskShares, owned: () => [...this.owned.values()] }),
      ],
      allowAutoTopicCreation: false,
      sessionTimeout: this.sessionTimeoutMs,
      heartbeatInterval: this.sessionTimeoutMs / 5,
      rebalanceTimeout: 60_000,
      // A partition that is added to a raw topic is read well before its first events would be late.
      metadataMaxAge: 10_000,
      minBytes: 1,
      maxWaitTimeInMs: 500,
      maxBytesPerPartition: 1 << 20,
      maxBytes: 8 << 20,
    })
  }

  /** Joins the group and resolves with the first assignment; throws when no broker answers. */
  static async open(client: KafkaClient, options: RawReaderOptions): Promise<RawReader> {
    await client.admin()
    const reader = new RawReader(client, options)
    try {
      await reader.join()
      return reader
    } catch (error) {
      await reader.close()
      throw error
    }
  }

  /**
   * Reads a raw partition from this offset on; what was held of it is dropped. Without effect when the generation is no
   * longer the current one. Where the topic was gone meanwhile there is a gap instead: at its offsets other events lie now.
   */
  start({
    generation,
    topic,
    partition,
    offset,
  }: TopicPartition & { readonly generation: number; readonly offset: number }): void {
    const name = partitionName({ topic, partition })
    const owned = this.owned.get(name)
    if (generation !== this.generation || owned === undefined) return
    if (this.wasMissing.has(topic) && offset > 0) {
      this.options.onGap({ topic, partition, expected: offset, found: 0 })
      return
    }
    owned.startAt(offset)
    this.consumer.seek({ topic, partition, offset: String(offset) })
    this.consumer.resume([{ topic, partitions: [partition] }])
  }

  /** The next batch of a partition; undefined when none has arrived. Only of the current generation. */
  nextOf(topicPartition: TopicPartition): RawBatch | undefined {
    const owned = this.owned.get(partitionName(topicPartition))
    if (owned?.hasMore !== true) return undefined
    const batch = owned.take(this.generation)
    if (owned.isPaused && owned.bytes < this.bufferBytes / 2) {
      owned.isPaused = false
      this.consumer.resume([{ topic: owned.topic, partitions: [owned.partition] }])
    }
    return batch
  }

  /** Resolves when something more arrives, or after so long. */
  async waitForMore(timeoutMs: number): Promise<void> {
    if (!this.isClosed) await this.arrivals.wait(timeoutMs)
  }

  /** Tells the group how far we came. A failure is told, not thrown, and gives false. */
  async commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<boolean> {
    const ours = offsets.filter((partition) => this.owned.has(partitionName(partition)))
    if (ours.length === 0 || this.isClosed) return true
    try {
      await this.consumer.commitOffsets(
        ours.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) })),
      )
      return true
    } catch (error) {
      this.client.tell(
        `kafka: the group was not told how far we came, so lag looks too large (${reasonOf(error)})`,
      )
      return false
    }
  }

  /** How far each started partition is behind; asked of the brokers every 15 s. */
  lag(): readonly PartitionLag[] {
    return [...this.owned.values()].flatMap(({ topic, partition, position, end }) =>
      position === undefined ? [] : [{ topic, partition, position, end, lag: Math.max(0, end - position) }],
    )
  }

  /** Raw topics that the brokers do not know. While there is one the group has no members, and nothing is read of any. */
  get missingTopics(): readonly string[] {
    return [...this.missing]
  }

  /** For how long no broker has answered the group's member; some seconds while the group assigns anew. */
  get unansweredMs(): number {
    return performance.now() - this.answeredMs
  }

  /** Whether the group has said so within a session; else our tasks may be another's, as after we stood still. */
  get isMember(): boolean {
    return performance.now() - this.confirmedMs < this.sessionTimeoutMs
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    this.isClosed = true
    clearInterval(this.timer)
    this.owned = new Map()
    this.arrivals.wakeAll()
    await this.consumer.disconnect().catch(() => undefined)
  }

  private get sessionTimeoutMs(): number {
    return this.options.sessionTimeoutMs ?? 10_000
  }

  private get bufferBytes(): number {
    return this.options.bufferBytes ?? 2 << 20
  }

  private async join(): Promise<void> {
    const { consumer, options } = this
    const { GROUP_JOIN, REBALANCING, CRASH, HEARTBEAT, FETCH } = consumer.events
    for (const event of [GROUP_JOIN, HEARTBEAT, FETCH]) {
      consumer.on(event, () => {
        this.answeredMs = performance.now()
      })
    }
    for (const event of [GROUP_JOIN, HEARTBEAT]) {
      consumer.on(event, () => {
        this.confirmedMs = performance.now()
      })
    }
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(GROUP_JOIN, ({ payload }) => {
        this.assign(payload.memberAssignment)
        resolve()
      })
      consumer.on(CRASH, ({ payload }) => {
        if (this.isClosed) return
        this.lose()
        // Not after any crash: a broker that has just come up may not know of all topics yet.
        if (isOfTopic(payload.error)) void this.lookForTopics()
        if (payload.restart) return
        reject(payload.error)
        options.onFatal(payload.error)
      })
    })
    consumer.on(REBALANCING, () => {
      this.lose()
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [...options.rawTopics, options.controlTopic], fromBeginning: true })
    await Promise.all([
      joined,
      consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.takeBatch(payload),
      }),
    ])
    this.timer = setInterval(() => void this.askEnds(), options.lagEveryMs ?? 15_000)
    this.timer.unref()
    await this.askEnds()
  }

  /** Called by kafkajs in the middle of joining; what happens here comes before the first fetch. */
  private assign(assignment: Readonly<Record<string, readonly number[]>>): void {
    if (this.isClosed) {
      // A restart that was under way when we closed.
      void this.consumer.disconnect().catch(() => undefined)
      return
    }
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    )
    // Pauses outlive an assignment, so that every partition is set anew; by number, since only those can be resumed.
    this.consumer.pause(
      Object.entries(assignment).map(([topic, numbers]) => ({ topic, partitions: [...numbers] })),
    )
    this.generation++
    this.owned = new Map(
      partitions.map((partition) => [partitionName(partition), new OwnedPartition(partition)]),
    )
    const { controlTopic, onAssignment } = this.options
    onAssignment({
      generation: this.generation,
      raw: partitions.filter(({ topic }) => topic !== controlTopic),
      tasks: partitions.filter(({ topic }) => topic === controlTopic).map(({ partition }) => partition),
    })
    void this.askEnds()
    if (this.missing.size > 0) void this.lookForTopics()
  }

  /** Whether each raw topic is there. */
  private async lookForTopics(): Promise<void> {
    const known = await this.client.topics().catch(() => undefined)
    if (known === undefined || this.isClosed) return
    for (const topic of this.options.rawTopics) {
      if (known.has(topic)) {
        this.missing.delete(topic)
      } else if (!this.missing.has(topic)) {
        this.missing.add(topic)
        this.wasMissing.add(topic)
        this.client.tell(missingSentence([topic]))
      }
    }
  }

  private lose(): void {
    if (!this.isClosed) this.options.onRebalancing()
  }

  private async takeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload
    const owned = this.owned.get(partitionName(batch))
    if (owned?.expected === undefined || payload.isStale()) return
    const { fetchedOffset } = batch as unknown as { readonly fetchedOffset: string }
    if (Number(fetchedOffset) !== owned.expected) {
      await this.checkGap(owned)
      return
    }
    const fetched = batch.messages as unknown as readonly FetchedMessage[]
    const nextOffset = Number(batch.lastOffset()) + 1
    payload.resolveOffset(batch.lastOffset())
    this.add(owned, { fetched, nextOffset, highWatermark: Number(batch.highWatermark) })
    await payload.heartbeat()
  }

  private add(owned: OwnedPartition, batch: FetchedBatch): void {
    const { topic, partition } = owned
    owned.add(batch)
    if (!owned.isPaused && owned.bytes >= this.bufferBytes) {
      owned.isPaused = true
      this.consumer.pause([{ topic, partitions: [partition] }])
    }
    this.arrivals.wakeAll()
  }

  /**
   * A fetch did not begin where we are. Either it is an old one, of before a seek; or our offset is not there, and
   * kafkajs, which knows no other way, went to the beginning of what is.
   */
  private async checkGap(owned: OwnedPartition): Promise<void> {
    const { generation } = this
    const expected = owned.expected!
    const { topic, partition } = owned
    const range = await this.client.offsetsOf(owned).catch(() => undefined)
    if (generation !== this.generation || owned.expected !== expected) return
    if (range === undefined || (expected >= range.low && expected <= range.high)) {
      this.consumer.seek({ topic, partition, offset: String(expected) })
      return
    }
    owned.halt()
    this.consumer.pause([{ topic, partitions: [partition] }])
    this.options.onGap({ topic, partition, expected, found: range.low })
  }

  private async askEnds(): Promise<void> {
    const topics = new Set([...this.owned.values()].map(({ topic }) => topic))
    topics.delete(this.options.controlTopic)
    for (const topic of topics) {
      const ranges = await this.client.offsets(topic).catch((error: unknown) => {
        this.client.tell(`kafka: lag is not known for now (${reasonOf(error)})`)
      })
      if (ranges === undefined) return
      for (const owned of this.owned.values()) {
        const range = owned.topic === topic ? ranges.get(owned.partition) : undefined
        if (range !== undefined) owned.end = Math.max(owned.end, range.high)
      }
    }
  }
}

/** Whether the brokers have said, again and again, that there is no such topic. */
function isOfTopic(error: Error): boolean {
  return (Object(rootOf(error)) as { readonly type?: unknown }).type === 'UNKNOWN_TOPIC_OR_PARTITION'
}

/** What it means that raw topics are not there, and what to do. */
export function missingSentence(topics: readonly string[]): string {
  return (
    `the brokers know no topic ${topics.join(', ')}, and while a raw topic is missing nothing is read of any: ` +
    'make it again, with as many partitions; the others then go on, and of this one it is said what to do'
  )
}

/** What was fetched at once, as it waits. */
interface FetchedBatch extends Pick<RawBatch, 'nextOffset' | 'highWatermark'> {
  readonly fetched: readonly FetchedMessage[]
}

/** A partition of this generation and what has arrived of it. */
class OwnedPartition implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** Offset of the next fetch; undefined while it is not started. */
  expected: number | undefined
  /** Offset of the next message to be taken; undefined until it is started. */
  position: number | undefined
  end = 0
  bytes = 0
  isPaused = false
  private batches: { readonly batch: FetchedBatch; readonly bytes: number }[] = []

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic
    this.partition = partition
  }

  get hasMore(): boolean {
    return this.batches.length > 0
  }

  startAt(offset: number): void {
    this.expected = offset
    this.position = offset
    this.batches = []
    this.bytes = 0
    this.isPaused = false
  }

  halt(): void {
    this.expected = undefined
  }

  add(batch: FetchedBatch): void {
    const bytes = batch.fetched.reduce((sum, message) => sum + sizeOf(message), 0)
    this.batches.push({ batch, bytes })
    this.bytes += bytes
    this.expected = batch.nextOffset
    this.end = Math.max(this.end, batch.highWatermark)
  }

  take(generation: number): RawBatch {
    const { topic, partition } = this
    const { batch, bytes } = this.batches.shift()!
    const { fetched, nextOffset, highWatermark } = batch
    this.bytes -= bytes
    this.position = nextOffset
    const messages: RawMessage[] = []
    for (const message of fetched) {
      if (message.isPassedOver !== true)
        messages.push(message instanceof FetchedRecord ? message : rawMessage(message))
    }
    return { topic, partition, generation, messages, nextOffset, highWatermark }
  }
}

function sizeOf(message: FetchedMessage): number {
  if (message instanceof FetchedRecord) return perMessageBytes + message.bytes
  const { key, value, headers } = message
  let bytes = perMessageBytes + (key?.length ?? 0) + (value?.length ?? 0)
  for (const name of Object.keys(headers)) bytes += perMessageBytes + (headers[name]?.length ?? 0)
  return bytes
}

/** What an object costs beside its bytes, about. */
const perMessageBytes = 200

/** One of the formats before record batches, or what stands for a batch that cannot be read. */
function rawMessage({ offset, key, value, headers, timestamp, unreadable }: FetchedMessage): RawMessage {
  return {
    position: Number(offset),
    key,
    value,
    headers,
    timeMs: Number(timestamp),
    ...(unreadable !== undefined && { unreadable }),
  }
}
