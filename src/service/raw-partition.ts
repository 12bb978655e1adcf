import { createHash } from 'node:crypto'
import type { DeadLetter } from '../ingest/dead-letter'
import { Ingest } from '../ingest/ingest'
import type { IngestOptions } from '../ingest/ingest'
import type { TopicDeadLetter } from '../log/kafka/dead-letter-topic'
import type { RawBatch, RawMessage } from '../log/kafka/raw-reader'
import { partitionName } from '../log/kafka/topic-partition'
import type { TopicPartition } from '../log/kafka/topic-partition'
import { markBlock } from '../model/block'
import type { Block } from '../model/block'
import { newestWhole } from '../store/checkpoint-store'
import type { CheckpointStore } from '../store/checkpoint-store'
import { RecentShare } from './recent-share'
import type { SchemaLedger } from './schema-ledger'

/** One raw partition on its way through its ingest. */
export class RawPartition implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** Names it in blocks. */
  readonly source: string
  readonly ingest: Ingest
  /** Dead letters among its latest records. */
  readonly deadShare = new RecentShare()
  /** A batch that waits, for its schemas or for its turn. */
  held: RawBatch | undefined
  /** A batch whose schemas have been settled, so that it waits no more. */
  resolved: RawBatch | undefined
  /** Whether something of the batch that is held is being looked up. */
  isResolving = false
  /** Why nothing more is read of it, in a sentence; it takes a person to change that. */
  haltedBecause: string | undefined
  /** Offset at which the stream is to end, where it is to. */
  endsAt: number | undefined
  hasEnded = false
  /** When its latest record came, by a clock that never goes back. */
  arrivedMs: number
  /** Position of its latest checkpoint. */
  savedPosition = -1
  private letters: TopicDeadLetter[] = []
  private messages: readonly RawMessage[] = []
  /** The one of them that is being taken. */
  private current: RawMessage | undefined
  private markedMs = Number.NEGATIVE_INFINITY
  /** The epoch that its clock was in when rows were last asked for that close one. */
  private epoch = Number.NEGATIVE_INFINITY

  constructor(
    { topic, partition }: TopicPartition,
    {
      ledger,
      ...options
    }: Omit<IngestOptions, 'source' | 'onDeadLetter' | 'schemas'> & {
      readonly ledger?: SchemaLedger
      readonly nowMs: () => number
      readonly startMs: number
    },
  ) {
    this.topic = topic
    this.partition = partition
    this.source = partitionName({ topic, partition })
    this.arrivedMs = options.startMs
    this.ingest = new Ingest({
      ...options,
      source: this.source,
      ...(ledger === undefined
        ? {}
        : { schemas: { of: (schema) => ledger.of(schema, this.source, this.current!.position) } }),
      onDeadLetter: (letter) => {
        this.letters.push(this.asTopicLetter(letter, options.nowMs()))
      },
    })
  }

  /** Loads its newest checkpoint; without one it begins at the first offset there is. */
  async restore(checkpoints: CheckpointStore): Promise<void> {
    const { checkpoint } = await newestWhole(checkpoints, this.checkpointName)
    if (checkpoint === undefined) return
    this.ingest.restore(checkpoint.parts[0]!)
    this.savedPosition = this.ingest.position
  }

  /** Stores how far it is; it may go on when `onTaken` is told. */
  async save(checkpoints: CheckpointStore, onTaken: () => void): Promise<void> {
    const { position } = this.ingest
    if (position === this.savedPosition) return
    const checkpoint = { sequence: position, parts: [this.ingest.snapshot()] }
    await checkpoints.save(this.checkpointName, checkpoint, onTaken)
    this.savedPosition = position
  }

  /** Takes messages, and gives the blocks that they fill. */
  push({ messages }: RawBatch, clockMs: number): Block[] {
    this.messages = messages
    this.arrivedMs = clockMs
    this.markedMs = Number.NEGATIVE_INFINITY
    const blocks: Block[] = []
    for (const message of messages) {
      const { position } = message
      if (this.endsAt !== undefined && position >= this.endsAt) break
      this.current = message
      const before = this.letters.length
      const given =
        message.unreadable === undefined
          ? this.ingest.push(message.value, placeOf(message))
          : this.ingest.refuse('unreadable-batch', { position })
      if (given.length > 0) blocks.push(...given)
      this.deadShare.note(this.letters.length > before)
    }
    this.messages = []
    this.current = undefined
    return blocks
  }

  /** Gives the rows that wait for their block to fill. */
  flush(): readonly Block[] {
    return this.ingest.flush()
  }

  /** Gives the same when its clock has come to the end of an epoch, whose verdicts wait for them. */
  flushAtClose(epochMs: number): readonly Block[] {
    const epoch = Math.floor(this.ingest.watermarkMs / epochMs)
    if (epoch === this.epoch) return noBlocks
    this.epoch = epoch
    return this.flush()
  }

  /** The last blocks of a stream that ends here. */
  end(): Block[] {
    this.hasEnded = true
    return [...this.ingest.end(), markBlock(this.source, Number.POSITIVE_INFINITY, this.ingest.position)]
  }

  /**
   * Says how far the clock of a silent partition has gone on: events are taken to happen at the speed of the clock on
   * the wall, so that nobody waits for who has nothing to tell. One that never had an event holds nobody back.
   */
  mark(silentMs: number): Block | undefined {
    const { watermarkMs, position } = this.ingest
    const markMs =
      watermarkMs === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.floor(watermarkMs + silentMs)
    if (markMs <= this.markedMs) return undefined
    this.markedMs = markMs
    return markBlock(this.source, markMs, position)
  }

  takeLetters(): readonly TopicDeadLetter[] {
    const { letters } = this
    this.letters = []
    return letters
  }

  private asTopicLetter({ reason, position, bytes }: DeadLetter, timeMs: number): TopicDeadLetter {
    const { topic, partition } = this
    const isCurrent = this.current?.position === position
    // Only a record without a time waits for others, and they are few.
    const message = isCurrent ? this.current : this.messages.find((one) => one.position === position)
    return {
      reason,
      topic,
      partition,
      offset: position,
      timeMs,
      key: message?.key ?? null,
      value: message === undefined ? bytes.slice() : message.value,
      headers: message?.headers ?? {},
      ...(message?.unreadable === undefined ? {} : { isPart: true }),
    }
  }

  private get checkpointName(): string {
    return rawCheckpointName(this)
  }
}

const noBlocks: readonly Block[] = []

function placeOf({ position, headers, timeMs }: RawMessage): {
  readonly position: number
  readonly appendTimeMs?: number
  readonly headers: RawMessage['headers']
} {
  return timeMs >= 0 ? { position, headers, appendTimeMs: timeMs } : { position, headers }
}

/** Topics may hold letters that a checkpoint's name may not, so that a hash tells them apart. */
export function rawCheckpointName({ topic, partition }: TopicPartition): string {
  const hash = createHash('sha256').update(topic).digest('hex').slice(0, 8)
  const readable = topic
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '-')
    .slice(0, 60)
  return `raw-${readable}-${hash}-${partition}`
}
