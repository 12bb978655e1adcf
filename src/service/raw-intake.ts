import type { Names } from '../ingest/names'
import type { TopicDeadLetter } from '../log/kafka/dead-letter-topic'
import type { DeadLetterWriter } from '../log/kafka/dead-letter-writer'
import type { KafkaClient, OffsetRange } from '../log/kafka/client'
import type { Assignment, RawBatch, RawReader } from '../log/kafka/raw-reader'
import { partitionName } from '../log/kafka/topic-partition'
import type { TopicPartition } from '../log/kafka/topic-partition'
import type { TopicWriter } from '../log/kafka/topic-writer'
import { markBlock } from '../model/block'
import { rulingKinds } from '../model/event'
import type { Block } from '../model/block'
import type { Kind } from '../model/event'
import { refusalOf } from '../policy/activation'
import type { Policy } from '../policy/policy'
import { spanOf } from '../runtime/traces'
import type { Span, TraceParent, Traces } from '../runtime/traces'
import type { ServiceSettings } from '../settings/service-settings'
import type { CheckpointStore } from '../store/checkpoint-store'
import { Checkpoints, taken } from './checkpoints'
import { Closes } from './closes'
import { feedbackPlaceOf, rawTopicsOf } from './installation'
import { RawPartition } from './raw-partition'
import type { SchemaLedger } from './schema-ledger'

export interface RawIntakeOptions {
  readonly client: KafkaClient
  readonly settings: Pick<ServiceSettings, 'kafka' | 'intake'>
  readonly policy: Policy
  readonly key: Uint8Array
  readonly checkpoints: CheckpointStore
  /** Takes blocks, of all instances. */
  readonly events: TopicWriter
  readonly letters: DeadLetterWriter
  /** Without it, only JSON is read. */
  readonly schemas?: SchemaLedger
  /** Takes the ids of actors. */
  readonly names?: Names
  /** Whether the ends of the raw partitions are the end of the stream. */
  readonly isFinite: boolean
  readonly nowMs: () => number
  readonly traces: Traces
  readonly tell: (sentence: string) => void
}

/**
 * The raw partitions of this instance, from records to blocks in the event log. Blocks and dead letters acknowledged,
 * then the checkpoint of a partition, then its committed offset, which is only a hint for lag. What is read again after
 * a crash, here or elsewhere, is cut into other blocks, and rows that are there already are passed over by the reader.
 */
export class RawIntake {
  private partitions = new Map<string, RawPartition>()
  private assignment: Assignment | undefined
  private isTaken = true
  private isStopping = false
  /** Why what the registry says could not be written down. */
  private failure: Error | undefined
  private reader: RawReader | undefined
  private pending: Block[] = []
  private pendingBytes = 0
  private flushDueMs = 0
  /** From the first batch that is taken until what came of it is appended: the beginning of a trace. */
  private round: Span | undefined
  /** The one before, of which rows may be left that wait for their block to fill. */
  private roundBefore: TraceParent | undefined
  private readonly closes = new Closes()
  private readonly saves = new Checkpoints(checkpointMs, () => this.closes.isCalm(performance.now()))
  private done: Promise<void> = Promise.resolve()

  constructor(private readonly options: RawIntakeOptions) {}

  /** Called in the middle of joining the group: takes note, and no more. */
  assign(assignment: Assignment): void {
    this.assignment = assignment
    this.isTaken = false
  }

  /** Goes to work, until it is stopped, and then makes safe what it took; `onFailure` is told once why it cannot go on. */
  start(reader: RawReader, onFailure: (error: Error) => void): void {
    this.reader = reader
    this.done = this.run(reader).catch((error: unknown) => {
      if (!this.isStopping) onFailure(error as Error)
    })
  }

  /** Why this instance does not take events, or not all. */
  get problems(): readonly string[] {
    const problems: string[] = []
    if (this.assignment === undefined) problems.push('the group has not assigned anything yet')
    for (const { haltedBecause } of this.partitions.values()) {
      if (haltedBecause !== undefined) problems.push(haltedBecause)
    }
    const waiting = [...this.partitions.values()].filter(({ isResolving }) => isResolving)
    if (waiting.length > 0 && this.options.schemas?.outageSinceMs !== undefined) {
      problems.push(`the schema registry does not answer, and ${waiting.length} partitions wait for it`)
    }
    return problems
  }

  get partitionsOwned(): readonly RawPartition[] {
    return [...this.partitions.values()]
  }

  /** Reads no more of a partition, for a reason that a person has to look at. */
  halt(partition: TopicPartition, because: string): void {
    const halted = this.partitions.get(partitionName(partition))
    if (halted !== undefined) halted.haltedBecause = because
    this.options.tell(because)
  }

  async stop(): Promise<void> {
    this.isStopping = true
    await this.done
    await this.saves.settled()
  }

  private async run(reader: RawReader): Promise<void> {
    while (!this.isStopping) {
      if (this.failure !== undefined) throw this.failure
      if (!this.isTaken) await this.takeAssignment(reader)
      const hasMoved = this.takeBatches(reader)
      const clockMs = performance.now()
      if (clockMs >= this.flushDueMs) {
        this.flushDueMs = clockMs + flushMs
        this.flush(reader, clockMs)
      }
      if (this.pendingBytes >= sendBytes || !hasMoved) await this.send()
      await this.saves.saveWhenDue((onTaken) => this.save(onTaken))
      if (hasMoved) await new Promise(setImmediate)
      else await reader.waitForMore(waitMs)
    }
    // Only here: what who failed could not send is gone, and must be read again.
    await this.makeSafe()
  }

  /** Sends what is left and stores how far it came. */
  private async makeSafe(): Promise<void> {
    await this.send()
    await this.saves.saveNow((onTaken) => this.save(onTaken))
  }

  /** Goes on with what is still ours from where it is, and with what is new from its checkpoint. */
  private async takeAssignment(reader: RawReader): Promise<void> {
    const { generation, raw } = this.assignment!
    this.isTaken = true
    // What is handed on is handed on as far as it came.
    await this.makeSafe()
    const before = this.partitions
    this.partitions = new Map()
    const ranges = await this.announce()
    for (const topicPartition of raw) {
      if (this.assignment!.generation !== generation) return
      const name = partitionName(topicPartition)
      const partition = before.get(name) ?? (await this.restored(topicPartition))
      partition.held = undefined
      partition.isResolving = false
      this.partitions.set(name, partition)
      if (partition.haltedBecause !== undefined || partition.hasEnded) continue
      const { low, high } = ranges.get(name) ?? (await this.options.client.offsetsOf(topicPartition))
      if (this.options.isFinite) partition.endsAt ??= high
      // One that was never read begins with what there is; any other where it was, even if that is gone.
      const offset =
        partition.ingest.position === 0 && partition.savedPosition < 0 ? low : partition.ingest.position
      reader.start({ generation, ...topicPartition, offset })
    }
    // Whoever had them before may have stored how far it came, and not come to tell the group.
    this.saves.note()
  }

  /**
   * Tells the event log of every raw partition there is, whoever reads it: none is waited for that nobody has heard of,
   * and what comes then would be late. Gives where each begins and ends.
   */
  private async announce(): Promise<ReadonlyMap<string, OffsetRange>> {
    const { client, settings } = this.options
    const ranges = new Map<string, OffsetRange>()
    const marks: Block[] = []
    // Where only people speak, nobody is waited for, since what they decide is never late. They come last, so that not all
    // whom the reader knows of are ever at their end here.
    for (const [topic, kind] of Object.entries(rawTopicsOf(settings))) {
      const isOfPeople = rulingKinds.some((of) => of === kind)
      for (const [partition, range] of await client.offsets(topic)) {
        const name = partitionName({ topic, partition })
        ranges.set(name, range)
        if (isOfPeople) marks.push(markBlock(name, Number.POSITIVE_INFINITY))
        else marks.unshift(markBlock(name, Number.NEGATIVE_INFINITY))
      }
    }
    this.add(marks)
    await this.send()
    return ranges
  }

  private async restored(topicPartition: TopicPartition): Promise<RawPartition> {
    const { settings, policy, key, schemas, names, checkpoints, nowMs } = this.options
    const kind = rawTopicsOf(settings)[topicPartition.topic]
    const partition = new RawPartition(topicPartition, {
      key,
      disorderMs: policy.allowedDisorderMs,
      refusalOf: (written) => refusalOf(written, policy),
      rowsPerBlock: 4_096,
      ...(kind === undefined || kind === 'mixed' ? {} : { kind: kind satisfies Kind }),
      feedback: feedbackPlaceOf(settings, topicPartition.topic),
      ...(schemas === undefined ? {} : { ledger: schemas }),
      ...(names === undefined ? {} : { names }),
      nowMs,
      startMs: performance.now(),
    })
    await partition.restore(checkpoints)
    return partition
  }

  /** Takes what has arrived, a batch of each partition at most; false when there was nothing. */
  private takeBatches(reader: RawReader): boolean {
    let hasMoved = false
    const least = this.slowestMs(reader)
    for (const partition of this.partitions.values()) {
      if (partition.haltedBecause !== undefined || partition.hasEnded || partition.isResolving) continue
      // Who runs ahead of the others only fills memory with what has to wait for them.
      if (partition.ingest.watermarkMs > least + aheadMs) continue
      const batch = partition.held ?? reader.nextOf(partition)
      partition.held = undefined
      if (batch === undefined || this.mustWait(partition, batch)) continue
      this.take(partition, batch)
      hasMoved = true
      this.watchShare(partition)
      if (this.pendingBytes >= sendBytes) break
    }
    if (hasMoved) {
      this.saves.note()
      // The furthest of all clocks: those of silent partitions stand still.
      const furthestMs = Math.max(...this.partitionsOwned.map(({ ingest }) => ingest.watermarkMs))
      this.closes.note(Math.floor(furthestMs / this.options.policy.epochMs), performance.now())
    }
    return hasMoved
  }

  private take(partition: RawPartition, batch: RawBatch): void {
    const { traces, policy } = this.options
    this.round ??= traces.begin('intake')
    const span = traces.begin(`read ${batch.topic}`, { parent: this.round.traceParent, kind: 'consumer' })
    this.add(partition.push(batch, performance.now()))
    // Whoever is behind closes an epoch every few milliseconds, and nobody waits for that one.
    if (batch.nextOffset >= batch.highWatermark) this.add(partition.flushAtClose(policy.epochMs))
    span.end({
      'messaging.system.name': 'kafka',
      'messaging.destination.name': batch.topic,
      'messaging.destination.partition.id': String(batch.partition),
      'messaging.batch.message_count': batch.messages.length,
      'kafka.offset': batch.messages[0]?.position,
    })
  }

  /** Whether a batch needs a schema that is not settled yet; then only its partition waits. */
  private mustWait(partition: RawPartition, batch: RawBatch): boolean {
    const { schemas } = this.options
    const mayGo = partition.resolved === batch || schemas?.mustSettle(batch.messages) !== true
    partition.resolved = undefined
    if (mayGo) return false
    partition.held = batch
    partition.isResolving = true
    schemas.settle(partition.source, batch.messages, batch.nextOffset).then(
      (isSettled) => {
        // Given to another instance meanwhile, or assigned anew: read again from there.
        if (!isSettled || partition.held !== batch) return
        partition.resolved = batch
        partition.isResolving = false
      },
      (error: unknown) => {
        this.failure ??= error as Error
      },
    )
    return true
  }

  /** The clock of the partition furthest behind of those that have more to give. */
  private slowestMs(reader: RawReader): number {
    let least = Number.POSITIVE_INFINITY
    for (const { topic, partition, lag } of reader.lag()) {
      const one = this.partitions.get(partitionName({ topic, partition }))
      if (lag === 0 || one === undefined || one.haltedBecause !== undefined || one.hasEnded) continue
      least = Math.min(least, one.ingest.watermarkMs)
    }
    return least
  }

  private watchShare(partition: RawPartition): void {
    const { allowedDeadLetterShare } = this.options.settings.intake
    const { share } = partition.deadShare
    if (share <= allowedDeadLetterShare) return
    this.halt(
      partition,
      `${partition.source} is not read on: ${percent(share)} of its latest records are dead letters and ` +
        `${percent(allowedDeadLetterShare)} are allowed; see "assay dead-letters list", then start again, ` +
        'with a larger intake.allowedDeadLetterShare if that is right',
    )
  }

  /** Rows that have waited long enough, the clocks of silent partitions, the ends of those that end. */
  private flush(reader: RawReader, clockMs: number): void {
    const { idleMs } = this.options.settings.intake
    const lag = new Map(reader.lag().map((one) => [partitionName(one), one]))
    for (const [name, partition] of this.partitions) {
      if (partition.hasEnded || partition.held !== undefined) continue
      this.add(partition.flush())
      const known = lag.get(name)
      if (known === undefined) continue
      if (partition.endsAt !== undefined && known.position >= partition.endsAt) {
        this.add(partition.end())
        continue
      }
      const silentMs = clockMs - partition.arrivedMs
      const isSilent = known.position >= known.end && silentMs >= idleMs
      const mark = isSilent && !this.options.isFinite ? partition.mark(silentMs) : undefined
      if (mark !== undefined) this.add([mark])
    }
  }

  private add(blocks: readonly Block[]): void {
    for (const block of blocks) {
      this.pending.push(block)
      this.pendingBytes += block.bytes.length
    }
  }

  private async send(): Promise<void> {
    const blocks = this.pending
    const bytes = this.pendingBytes
    this.pending = []
    this.pendingBytes = 0
    const deadLetters = [...this.partitions.values()].flatMap((partition) => partition.takeLetters())
    if (blocks.length === 0 && deadLetters.length === 0) return
    const round = this.round ?? this.roundOf(blocks)
    this.round = undefined
    this.roundBefore = round?.traceParent ?? this.roundBefore
    if (blocks.length > 0) await this.sendBlocks(blocks, bytes, round)
    if (deadLetters.length > 0) await this.sendLetters(deadLetters, round)
    round?.end()
  }

  /** Rows that are left, or an end, are a round too. Announcements and clocks that go on lead to little, and begin none. */
  private roundOf(blocks: readonly Block[]): Span | undefined {
    const isTold = blocks.some(
      ({ rows, watermarkMs, toPosition }) =>
        rows > 0 || (watermarkMs === Number.POSITIVE_INFINITY && toPosition > 0),
    )
    if (!isTold) return undefined
    const links = this.roundBefore === undefined ? [] : [this.roundBefore]
    return this.options.traces.begin('intake', { links })
  }

  private async sendBlocks(blocks: readonly Block[], bytes: number, round: Span | undefined): Promise<void> {
    const { events, traces } = this.options
    const send = (traceParent?: TraceParent): Promise<void> =>
      events.append(blocks.map((block) => ({ value: block.bytes, traceParent })))
    if (round === undefined) return send()
    const attributes = { 'assay.log': 'events', 'assay.records': blocks.length, 'assay.bytes': bytes }
    const options = { parent: round.traceParent, kind: 'producer', attributes } as const
    await spanOf(traces, 'append events', options, ({ traceParent }) => send(traceParent))
  }

  private async sendLetters(deadLetters: readonly TopicDeadLetter[], round: Span | undefined): Promise<void> {
    const { letters, traces } = this.options
    const attributes = { 'assay.log': 'dead-letters', 'assay.records': deadLetters.length }
    const options = { parent: round?.traceParent, kind: 'producer', attributes } as const
    await spanOf(traces, 'append dead-letters', options, () => letters.append(deadLetters))
  }

  /** Stores how far each partition is, once all that it gave up to there is safe: blocks, dead letters, names. */
  private async save(onTaken: () => void): Promise<void> {
    await this.send()
    const attributes = { 'assay.view': 'intake' }
    await spanOf(this.options.traces, 'checkpoint intake', { attributes }, () => this.saveNow(onTaken))
  }

  private async saveNow(onTaken: () => void): Promise<void> {
    const { names, checkpoints } = this.options
    await names?.flush()
    const offsets = this.partitionsOwned.map(({ topic, partition, ingest }) => ({
      ...{ topic, partition },
      offset: ingest.position,
    }))
    const saves: Promise<void>[] = []
    // One after the other: each is a copy in memory until it has been taken.
    for (const partition of this.partitionsOwned) {
      await taken((onOneTaken) => {
        const save = partition.save(checkpoints, onOneTaken)
        saves.push(save)
        return save
      })
    }
    onTaken()
    await Promise.all(saves)
    const isTold = await this.reader?.commit(offsets)
    // Without more events nobody else would say it, and lag would look too large for ever.
    if (isTold === false) this.saves.note()
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** How long a row waits for its block to fill. */
const flushMs = 100
const waitMs = 50
const sendBytes = 524_288
const checkpointMs = 2_000
/** How far a partition may run ahead of the slowest, in event time. */
const aheadMs = 60_000
