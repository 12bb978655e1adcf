import { randomUUID } from 'node:crypto'
import { AssignerProtocol, type Consumer, type EachBatchPayload, type PartitionAssigner } from 'kafkajs'
import { LogGapError } from '../log-errors'
import { checkPosition } from '../position'
import type { AppendedRecords } from './appended'
import { reasonOf, type KafkaClient } from './client'
import { positionHeader } from './log-writer'
import { PieceJoiner, pieceHeader } from './pieces'
import { traceParentHeader, type TopicRecord } from './topic-writer'
import type { FetchedMessage } from 'kafkajs/src/protocol/requests/fetch/v11/response'
import { partitionName, type TopicPartition } from './topic-partition'
import { Waiters } from './waiters'

export interface ReaderOptions extends TopicPartition {
  /** Position to begin at. */
  readonly from: number
  /**
   * Several append to it, so that no record knows its position: it is the offset then, and a repeat is a record of its
   * own, which the records must tell.
   */
  readonly hasManyWriters?: boolean
  /** Bytes read ahead; one fetch (4 MB) may come on top. Without it 8 MB. */
  readonly bufferBytes?: number
  /** Told once when the reader cannot go on: a gap in the log, or the client has given up. `read` throws the same. */
  readonly onFatal: (error: Error) => void
}

const defaultBufferBytes = 8 << 20
/** After so long without an append from this process the brokers are asked for what others may have appended. */
const fedForMs = 1_000
/** So long after an append of others it is not waited for one from here. */
const othersForMs = 30_000

/**
 * Reads one partition of a topic from a position on, ahead of who asks and as far as its buffer goes. Each record is
 * given once and in order, however often its writer repeated it. Connects anew by itself when brokers go away.
 *
 * ```
 *  offset     0 1 2 3 4 5 6 7      a writer was restarted behind 3 and appended 2 and 3 again
 *  position   0 1 2 3 2 3 4 5      repeats only add: the offset of a position is never below it
 * ```
 *
 * What this process appends and the brokers acknowledge is taken as it is, where it lies right behind what has been read;
 * as long as that goes on nothing is fetched.
 *
 * ```
 *  fetched    0 1 2 3 ┐
 *  appended           4 5 6 ┐ 9      7 and 8 are of others: fetched on from 7
 * ```
 */
export class KafkaLogReader {
  /** When the first of the records that `read` gave last was appended. */
  appendedMs = Number.NaN
  /** What led to each of the records that `read` gave last, where that came with them. */
  traceParents: readonly (string | undefined)[] = []
  private records: Uint8Array[] = []
  /** When each of them was appended. */
  private times: number[] = []
  /** What led to each of them. */
  private parents: (string | undefined)[] = []
  /** How many of `records` have been read; they are let go together. */
  private taken = 0
  /** Position of the first of `records` that has not been read. */
  private first: number
  private bufferedBytes = 0
  /** What has come of a record that is cut into several messages. */
  private readonly pieces = new PieceJoiner()
  /** Offset to read next. */
  private offset: number
  /** Where what was appended here has brought us, beyond what is being fetched. */
  private fedTo = 0
  /** Until when it is waited for more of that. */
  private fedUntilMs = Number.NEGATIVE_INFINITY
  /** Where the last append from here ended, and until when others are expected to append as well. */
  private appendedTo: number | undefined
  private othersUntilMs = Number.NEGATIVE_INFINITY
  private stopListening: (() => void) | undefined
  private highWatermark: number
  /** A record that did not follow was seen; the place is fetched once more before it is believed. */
  private isInDoubt = false
  private failed: Error | undefined
  private wakings = 0
  private readonly arrivals = new Waiters()
  private readonly room = new Waiters()

  private constructor(
    private readonly client: KafkaClient,
    private readonly options: ReaderOptions,
    private readonly consumer: Consumer,
    { low, high }: { readonly low: number; readonly high: number },
  ) {
    this.first = options.from
    this.offset = Math.max(options.from, low)
    this.highWatermark = high
  }

  /** Resolves when it reads; throws when no broker answers, or the log has never been as long as `from`. */
  static async open(client: KafkaClient, options: ReaderOptions): Promise<KafkaLogReader> {
    const range = await client.offsetsOf(options)
    checkPosition(options.from, range.high)
    const consumer = client.consumer({
      // A group of its own: it is only there because kafkajs reads in groups alone. It commits nothing.
      groupId: `assay.read.${randomUUID()}`,
      // After a crash kafkajs comes back as another member, and waits until the group has given up the former one.
      sessionTimeout: 10_000,
      heartbeatInterval: 2_000,
      partitionAssigners: [onlyPartition(options)],
      allowAutoTopicCreation: false,
      readUncommitted: true,
      minBytes: 1,
      maxWaitTimeInMs: 500,
      maxBytesPerPartition: 4 << 20,
      maxBytes: 4 << 20,
    })
    const reader = new KafkaLogReader(client, options, consumer, range)
    try {
      await reader.start()
      reader.stopListening = client.appended.listen(options, (appended) => {
        reader.takeAppended(appended)
      })
      return reader
    } catch (error) {
      await reader.close()
      throw error
    }
  }

  /** Position after the last record that has arrived here; grows by itself. */
  get end(): number {
    return this.first + this.records.length - this.taken
  }

  /** How many records the partition held behind `end` when last seen; repeats count too. */
  get behind(): number {
    return Math.max(0, this.highWatermark - this.offset)
  }

  /** Nothing more arrives until some of it is read. */
  get isFull(): boolean {
    return this.bufferedBytes >= (this.options.bufferBytes ?? defaultBufferBytes)
  }

  /**
   * Records from a position on that have arrived, as `Log.read`; an empty list when none has. Never waits. Reading on
   * from where one stopped is what it is made for; any other position makes it fetch anew from there.
   */
  read(from: number, maxBytes: number): Promise<readonly Uint8Array[]> {
    return new Promise((resolve) => {
      resolve(this.readNow(from, maxBytes))
    })
  }

  /**
   * Resolves with true as soon as a record at this position has arrived, and with false after so long or when woken.
   * Throws when the reader cannot go on.
   */
  async waitFor(position: number, timeoutMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + timeoutMs
    const { wakings } = this
    while (this.end <= position && this.wakings === wakings) {
      if (this.failed !== undefined) throw this.failed
      const leftMs = deadlineMs - performance.now()
      if (leftMs <= 0) return false
      await this.arrivals.wait(leftMs)
    }
    return this.end > position
  }

  /** Lets everybody who waits go on, as when the task is to stop. */
  wake(): void {
    this.wakings++
    this.arrivals.wakeAll()
  }

  async close(): Promise<void> {
    this.failed ??= new Error(`the log ${partitionName(this.options)} is closed; open it anew to read`)
    this.stopListening?.()
    this.arrivals.wakeAll()
    this.room.wakeAll()
    await this.consumer.disconnect().catch(() => undefined)
  }

  private async start(): Promise<void> {
    const { consumer, options } = this
    const { GROUP_JOIN, CRASH } = consumer.events
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(GROUP_JOIN, () => {
        // Before the first fetch of this generation: kafkajs calls us in the middle of joining.
        this.seek()
        resolve()
        // A restart that was under way when we closed.
        if (this.isOver()) void this.consumer.disconnect().catch(() => undefined)
      })
      consumer.on(CRASH, ({ payload }) => {
        if (payload.restart) return
        this.fail(payload.error)
        reject(payload.error)
      })
    })
    await consumer.connect()
    await consumer.subscribe({ topic: options.topic, fromBeginning: true })
    await Promise.all([
      joined,
      consumer.run({ autoCommit: false, eachBatch: (payload) => this.take(payload) }),
    ])
  }

  private readNow(from: number, maxBytes: number): readonly Uint8Array[] {
    if (this.failed !== undefined) throw this.failed
    checkPosition(from, this.end)
    this.goTo(from)
    const start = this.taken + from - this.first
    let to = start
    for (let bytes = 0; to < this.records.length; to++) {
      bytes += this.records[to]!.length
      if (bytes > maxBytes && to > start) break
    }
    const records = this.records.slice(start, to)
    if (records.length > 0) this.appendedMs = this.times[start]!
    this.traceParents = this.parents.slice(start, to)
    this.letGo(to)
    return records
  }

  /** Forgets the records before this index of the buffer. */
  private letGo(index: number): void {
    for (let at = this.taken; at < index; at++) this.bufferedBytes -= this.records[at]!.length
    this.first += index - this.taken
    this.taken = index
    // Moving the rest costs as much as it has records, so that it is done when the read ones are the more.
    if (2 * this.taken > this.records.length) {
      this.records = this.records.slice(this.taken)
      this.times = this.times.slice(this.taken)
      this.parents = this.parents.slice(this.taken)
      this.taken = 0
    }
    if (!this.isFull) this.room.wakeAll()
  }

  /** Fetches anew from a position that has been let go; without effect on any other. */
  goTo(position: number): void {
    if (position >= this.first) return
    this.records = []
    this.times = []
    this.parents = []
    this.taken = 0
    this.bufferedBytes = 0
    this.pieces.forget()
    this.first = position
    this.offset = position
    this.fedTo = 0
    this.fetchOn()
    this.seek()
  }

  private seek(): void {
    const { topic, partition } = this.options
    this.consumer.seek({ topic, partition, offset: String(this.offset) })
  }

  /**
   * Takes what was fetched into the buffer, and keeps kafkajs waiting, alive in its group, while that is full or what is
   * appended here makes fetching needless.
   */
  private async take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload
    // What was fetched before a seek does not count any more.
    if (payload.isStale() || this.failed !== undefined) return
    this.highWatermark = Math.max(Number(batch.highWatermark), this.fedTo)
    for (const message of batch.messages) {
      if (!this.takeMessage(message as unknown as FetchedMessage)) break
    }
    this.arrivals.wakeAll()
    // Some of it may have been appended here and been taken before it came.
    if (!this.isInDoubt) this.offset = Math.max(this.offset, this.fedTo)
    while ((this.isFull || this.isFed) && payload.isRunning() && !payload.isStale() && !this.isOver()) {
      await this.room.wait(1_000)
      await payload.heartbeat()
    }
    this.fedTo = 0
    if (this.offset > Number(batch.lastOffset()) + 1) this.seek()
  }

  /** Whether what comes next is likely to be appended here. */
  private get isFed(): boolean {
    return performance.now() < this.fedUntilMs
  }

  /** Takes what was appended from here, where nothing is missing in front of it. */
  private takeAppended({ firstOffset, records, timeMs }: AppendedRecords): void {
    const nowMs = performance.now()
    if (this.appendedTo !== undefined && firstOffset !== this.appendedTo)
      this.othersUntilMs = nowMs + othersForMs
    const end = firstOffset + records.length
    this.appendedTo = end
    this.highWatermark = Math.max(this.highWatermark, end)
    let place = this.offset - firstOffset
    while (place >= 0 && place < records.length && !this.isFull && !this.isInDoubt && !this.isOver()) {
      if (!this.takeAppendedRecord(records[place]!, firstOffset + place, timeMs)) break
      place++
    }
    if (this.offset !== end) {
      this.fetchOn()
      return
    }
    this.fedTo = end
    if (nowMs >= this.othersUntilMs) this.fedUntilMs = nowMs + fedForMs
    this.arrivals.wakeAll()
  }

  private fetchOn(): void {
    this.fedUntilMs = Number.NEGATIVE_INFINITY
    this.room.wakeAll()
  }

  /** False where it does not follow, which whoever fetches finds out about. */
  private takeAppendedRecord(
    { value, headers = {}, traceParent }: TopicRecord,
    offset: number,
    timeMs: number,
  ): boolean {
    const { [positionHeader]: n, [pieceHeader]: place } = headers
    const position = this.options.hasManyWriters === true ? offset : positionOf(n)
    if (position === undefined || position > this.end) return false
    const bytes = value === null ? noBytes : plain(value)
    const outcome = this.takeRecord(bytes, { position, place: textOf(place), timeMs, traceParent })
    if (outcome === 'gap') return false
    this.offset = offset + 1
    return true
  }

  /** Whether the rest of the batch may be taken too. */
  private takeMessage({
    offset,
    value,
    headers,
    timestamp,
    unreadable,
    isPassedOver,
  }: FetchedMessage): boolean {
    if (isPassedOver === true) {
      this.offset = Number(offset) + 1
      return true
    }
    const { topic, partition } = this.options
    const position =
      this.options.hasManyWriters === true ? Number(offset) : positionOf(headers[positionHeader])
    if (position === undefined) {
      const why = unreadable ?? `it has no header ${positionHeader}`
      this.fail(
        new Error(
          `the record at offset ${offset} of ${partitionName(this.options)} was not written by assay (${why}); ` +
            'let nobody else write to its topics',
        ),
      )
      return false
    }
    const outcome = this.takeRecord(value === null ? noBytes : plain(value), {
      position,
      place: textOf(headers[pieceHeader]),
      timeMs: Number(timestamp),
      traceParent: traceParentOf(headers[traceParentHeader]),
    })
    if (outcome === 'gap') {
      if (this.isInDoubt) {
        this.fail(new LogGapError(topic, partition, this.end, position))
      } else {
        // Two fetches may overlap while the leader moves; a real gap is there the second time too.
        this.isInDoubt = true
        this.seek()
      }
      return false
    }
    this.offset = Number(offset) + 1
    return true
  }

  /** Puts a record into the buffer when it is the next; what is there already is passed over. */
  private takeRecord(
    value: Uint8Array,
    {
      position,
      place,
      timeMs,
      traceParent,
    }: {
      readonly position: number
      readonly place: string | undefined
      readonly timeMs: number
      readonly traceParent: string | undefined
    },
  ): 'taken' | 'gap' {
    if (position > this.end) return 'gap'
    if (position < this.end) return 'taken'
    const taken = this.pieces.take(value, place)
    if (taken === 'gap') return 'gap'
    this.isInDoubt = false
    if (taken === 'more') return 'taken'
    this.records.push(taken)
    this.times.push(timeMs)
    this.parents.push(traceParent)
    this.bufferedBytes += taken.length
    return 'taken'
  }

  private isOver(): boolean {
    return this.failed !== undefined
  }

  private fail(error: Error): void {
    if (this.failed !== undefined) return
    this.failed = error
    this.stopListening?.()
    this.arrivals.wakeAll()
    this.room.wakeAll()
    // Not awaited: we may be called by the consumer itself, which would wait for us.
    this.consumer.disconnect().catch((problem: unknown) => {
      this.client.tell(`kafka: a reader could not be stopped (${reasonOf(problem)})`)
    })
    this.options.onFatal(error)
  }
}

/** A header as it was fetched, or as our own writers give it. */
type Header = string | Buffer | (string | Buffer)[] | undefined

function textOf(header: Header): string | undefined {
  return Buffer.isBuffer(header) ? header.toString('latin1') : typeof header === 'string' ? header : undefined
}

function positionOf(header: Header): number | undefined {
  const position = Number(textOf(header) ?? Number.NaN)
  return Number.isSafeInteger(position) && position >= 0 ? position : undefined
}

/** What cannot be the header of W3C is none; whoever reads it looks closer. */
function traceParentOf(header: Buffer | Buffer[] | undefined): string | undefined {
  return Buffer.isBuffer(header) && header.length === 55 ? header.toString('latin1') : undefined
}

const noBytes = new Uint8Array()

/** The same bytes as a plain array: the `slice` of a Buffer would share memory where everybody expects a copy. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

/** Gives its only member one partition, whatever else the topic has. */
function onlyPartition({ topic, partition }: TopicPartition): PartitionAssigner {
  const name = 'assay-one'
  return () => ({
    name,
    version: 1,
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
    }),
    assign: ({ members }) =>
      Promise.resolve(
        members.slice(0, 1).map(({ memberId }) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: 1,
            assignment: { [topic]: [partition] },
            userData: Buffer.alloc(0),
          }),
        })),
      ),
  })
}
