import { CompressionTypes, type Message, type Producer, type RecordMetadata } from 'kafkajs'
import { InTurn } from '../in-turn'
import { LogWriteError } from '../log-errors'
import { reasonOf, rootOf, type KafkaClient } from './client'
import { maxMessageBytes } from './topics'
import { partitionName, type TopicPartition } from './topic-partition'

export interface TopicWriterOptions extends TopicPartition {
  /** Compresses what is sent; without it nothing is. */
  readonly compression?: 'gzip'
  /** How long to try again while no outcome is known; without it two minutes. */
  readonly giveUpAfterMs?: number
}

/** A record to be appended; a key is what a topic is compacted and spread by. */
export interface TopicRecord {
  readonly key?: string | Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers?: Message['headers']
  /** What led to the record, for its header `traceparent`; absent where no traces are kept. */
  readonly traceParent?: string | undefined
}

/** The header that carries the place of a record in a trace, as W3C's Trace Context writes it. */
export const traceParentHeader = 'traceparent'

/** Most bytes of records in one send, unless one record alone is larger. */
const sendBytes = 900_000
/** What a batch adds to its only record, rounded up well. */
const batchOverheadBytes = 1_024
/** A header `traceparent`, whose value has 55 characters. A record may have it on top: the overhead of a batch has room. */
const traceParentBytes = 72

/**
 * Appends to one partition of a topic. It has one send in flight, of one partition, acknowledged by all replicas in
 * sync; when the outcome is unknown it connects anew and sends again, up to two minutes. So a record may be there more
 * than once, and whoever reads it must be able to tell.
 */
export class TopicWriter {
  /** How many sends were made again: a copy of each may arrive later, behind what follows. */
  resent = 0
  private readonly turns = new InTurn()
  private readonly partition: string
  private producer: Producer | undefined
  /** Why nothing more may be appended: closed, or part of an append may be there that its caller believes failed. */
  private stopped: Error | undefined

  /** Connects nothing yet: a writer is made for every partition, and many are seldom written to. */
  constructor(
    private readonly client: KafkaClient,
    private readonly options: TopicWriterOptions,
  ) {
    this.partition = partitionName(options)
  }

  /** Resolves when the brokers have acknowledged all. A `LogWriteError` says whether it may be tried again. */
  append(records: readonly TopicRecord[]): Promise<void> {
    return this.turns.run(() => this.appendNow(records))
  }

  /** Nothing is left to do: what `append` has resolved for is on every replica in sync. */
  flush(): Promise<void> {
    return this.turns.run(() =>
      this.stopped === undefined ? Promise.resolve() : Promise.reject(this.stopped),
    )
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.stopped ??= new Error(`the writer of ${this.partition} is closed; open it anew to append`)
    await this.turns.run(() => this.dropProducer())
  }

  private async appendNow(records: readonly TopicRecord[]): Promise<void> {
    if (this.stopped !== undefined) throw this.stopped
    for (const record of records) this.checkSize(sizeOf(record))
    for (const { from, to } of sends(records)) {
      await this.send(records.slice(from, to))
    }
  }

  private checkSize(bytes: number): void {
    const most = maxMessageBytes - batchOverheadBytes
    if (bytes <= most) return
    throw new LogWriteError(
      `a record for ${this.partition} has ${bytes} bytes, but at most ${most} are taken; ` +
        'nothing of the append was sent: cut it into smaller records',
    )
  }

  private message({ key = null, value, headers = {}, traceParent }: TopicRecord): Message {
    return {
      partition: this.options.partition,
      key: typeof key === 'string' ? key : asBuffer(key),
      value: asBuffer(value),
      headers: traceParent === undefined ? headers : { ...headers, [traceParentHeader]: traceParent },
    }
  }

  private async send(records: readonly TopicRecord[]): Promise<void> {
    const { topic, compression, giveUpAfterMs = 120_000 } = this.options
    const messages = records.map((record) => this.message(record))
    const deadlineMs = performance.now() + giveUpAfterMs
    for (let pauseMs = 100; ; pauseMs = Math.min(5_000, 2 * pauseMs)) {
      const timeMs = Date.now()
      const problem = await this.connectedProducer()
        .then((producer) =>
          producer.send({
            topic,
            messages,
            acks: -1,
            timeout: 15_000,
            compression: compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
          }),
        )
        .then((reply) => {
          const problem = this.problemOf(reply)
          if (problem === undefined) this.tellReaders(records, reply[0]!, timeMs)
          return problem
        })
        .catch((error: unknown) => {
          if (isRefusal(error)) throw this.stop(refusedBecause(this.partition, error), error)
          return reasonOf(error)
        })
      if (problem === undefined) return
      await this.dropProducer()
      if (performance.now() + pauseMs > deadlineMs) {
        throw this.stop(
          `records for ${this.partition} were not acknowledged within ${giveUpAfterMs / 1_000} s (${problem}); ` +
            'some may be there, which does no harm: see that the brokers run',
        )
      }
      this.resent++
      this.client.tell(`kafka: records for ${this.partition} are sent again (${problem})`)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  private async connectedProducer(): Promise<Producer> {
    if (this.producer !== undefined) return this.producer
    // Not idempotent: repeats do no harm here, and the sequences of kafkajs lose batches when an answer is lost.
    this.producer = this.client.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: () => () => this.options.partition,
      maxInFlightRequests: 1,
      retry: { retries: 4 },
    })
    await this.producer.connect()
    return this.producer
  }

  private async dropProducer(): Promise<void> {
    const { producer } = this
    this.producer = undefined
    await producer?.disconnect().catch(() => undefined)
  }

  /** An answer that does not speak of exactly our partition says nothing about what became of the records. */
  private problemOf(reply: readonly RecordMetadata[]): string | undefined {
    const { topic, partition } = this.options
    const [answer] = reply
    const isOurs = reply.length === 1 && answer!.topicName === topic && answer!.partition === partition
    if (!isOurs) return `the answer should name ${this.partition} alone and names ${named(reply)}`
    return answer!.errorCode === 0 ? undefined : `error code ${answer!.errorCode}`
  }

  /** Where several send to a partition, or a send is made again, others lie between; its readers see that by the offset. */
  private tellReaders(records: readonly TopicRecord[], { baseOffset }: RecordMetadata, timeMs: number): void {
    const firstOffset = Number(baseOffset ?? Number.NaN)
    if (firstOffset >= 0) this.client.appended.tell(this.options, { firstOffset, records, timeMs })
  }

  private stop(message: string, cause?: unknown): LogWriteError {
    const error = new LogWriteError(message, { cause })
    this.stopped = error
    return error
  }
}

function asBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function sizeOf({ key, value, headers = {} }: TopicRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0)
  for (const name of Object.keys(headers)) {
    const values = [headers[name] ?? ''].flat()
    for (const one of values) bytes += Buffer.byteLength(name) + Buffer.byteLength(one) + perHeaderBytes
  }
  return bytes
}

function named(reply: readonly RecordMetadata[]): string {
  if (reply.length === 0) return 'none'
  return reply.map(({ topicName, partition }) => partitionName({ topic: topicName, partition })).join(', ')
}

/** Ranges of records to send together. */
function* sends(records: readonly TopicRecord[]): Generator<{ readonly from: number; readonly to: number }> {
  let from = 0
  let bytes = 0
  for (let to = 0; to < records.length; to++) {
    const record = records[to]!
    const traced = record.traceParent === undefined ? 0 : traceParentBytes
    const size = sizeOf(record) + traced + perRecordBytes
    if (to > from && bytes + size > sendBytes) {
      yield { from, to }
      from = to
      bytes = 0
    }
    bytes += size
  }
  if (from < records.length) yield { from, to: records.length }
}

/** The lengths of a header. */
const perHeaderBytes = 6
/** Lengths, header and position of a record, rounded up. */
const perRecordBytes = 48

/** Whether the brokers have said no, so that sending the same again changes nothing. */
function isRefusal(error: unknown): boolean {
  const { retriable, type } = Object(rootOf(error)) as {
    readonly retriable?: unknown
    readonly type?: unknown
  }
  return retriable === false && typeof type === 'string'
}

function refusedBecause(partition: string, error: unknown): string {
  const { type } = Object(rootOf(error)) as { readonly type?: unknown }
  const whatToDo = remedies[String(type)] ?? 'see what the brokers say of it'
  return `the brokers refuse records for ${partition} (${reasonOf(error)}); ${whatToDo}`
}

const tooLarge = `set max.message.bytes of the topic to ${maxMessageBytes}`
const remedies: Readonly<Record<string, string>> = {
  MESSAGE_TOO_LARGE: tooLarge,
  RECORD_LIST_TOO_LARGE: tooLarge,
  TOPIC_AUTHORIZATION_FAILED: 'allow our user to write to the topic',
}
