import type { KafkaClient } from '../log/kafka/client'
import { KafkaLogReader } from '../log/kafka/log-reader'
import { KafkaLogWriter } from '../log/kafka/log-writer'
import { Runner } from '../runtime/runner'
import type { Input, Output } from '../runtime/runner'
import type { LogName, Stage } from '../runtime/stages'
import type { TraceParent, Traces } from '../runtime/traces'
import type { CheckpointStore } from '../store/checkpoint-store'
import { Checkpoints } from './checkpoints'
import { Closes } from './closes'
import type { Task } from './task'

export interface ViewTaskOptions {
  readonly client: KafkaClient
  readonly topicOf: (log: LogName) => string
  readonly checkpoints: CheckpointStore
  readonly checkpointMs: number
  readonly tell: (sentence: string) => void
  /** Told how long a record took from its append until what follows from it was appended, once a step. */
  readonly onStep: (seconds: number) => void
  readonly nowMs: () => number
  readonly traces: Traces
  /** Told once when the task cannot go on. */
  readonly onFatal: (error: Error) => void
}

/**
 * One view at work on topics. Nothing fences it off: when another instance took the task over while this one slept,
 * both append the same records at the same positions, and whoever reads them takes each once.
 */
export class ViewTask implements Task {
  private readonly inputs: readonly TopicInput[]
  private readonly outputs: readonly TopicOutput[]
  private readonly runner: Runner
  private readonly saves: Checkpoints
  private readonly closes = new Closes()
  private isStopping = false
  isRestored = false
  private readonly done: Promise<void>

  constructor(
    readonly stage: Stage,
    private readonly options: ViewTaskOptions,
  ) {
    const { client, topicOf, checkpoints, onFatal, traces: to } = options
    this.inputs = stage.inputs.map(
      (log) => new TopicInput(client, { topic: topicOf(log), hasManyWriters: log === 'events' }, onFatal),
    )
    this.outputs = stage.outputs.map((log) => new TopicOutput(client, topicOf(log)))
    const traces = { to, outputNames: stage.outputs }
    this.runner = new Runner(stage.view, {
      ...{ inputs: this.inputs, outputs: this.outputs, checkpoints, traces, stepsPerAppend },
    })
    this.saves = new Checkpoints(options.checkpointMs, () => this.closes.isCalm(performance.now()))
    this.done = this.run().catch((error: unknown) => {
      if (!this.isStopping) onFatal(error as Error)
    })
  }

  /** The figures of its view. */
  get stats(): unknown {
    return (this.stage.view as { readonly stats?: unknown }).stats
  }

  /** Records that wait in its topics, as far as it knows of them. */
  get lag(): number {
    return this.inputs.reduce((sum, { lag }) => sum + lag, 0)
  }

  /** Ends the work, with a checkpoint if that can be had, so that whoever goes on has little to do again. */
  async stop(): Promise<void> {
    this.isStopping = true
    for (const input of this.inputs) input.wake()
    await this.done
    await this.saves.settled()
    await Promise.all([...this.inputs, ...this.outputs].map((log) => log.close()))
  }

  private tellStep(): void {
    const times = this.inputs.map((input) => input.takeAppendedMs()).filter((ms) => !Number.isNaN(ms))
    if (times.length > 0) this.options.onStep((this.options.nowMs() - Math.min(...times)) / 1_000)
  }

  private async run(): Promise<void> {
    await this.runner.restore(this.options.tell)
    this.isRestored = true
    while (!this.isStopping) {
      const hasMoved = await this.runner.step(stepBytes)
      if (hasMoved) {
        this.saves.note()
        this.closes.note(this.stage.view.asOfMs, performance.now())
        if (!this.runner.hasPending) this.tellStep()
      }
      await this.saves.saveWhenDue((onTaken) => this.runner.checkpoint(onTaken))
      // Others on this thread get their turn, heartbeats among them.
      if (hasMoved) await new Promise(setImmediate)
      else await Promise.race(this.inputs.map((input) => input.more(idleWaitMs)))
    }
    // Only here: who failed may have folded half of a record, or more than its outputs got, and nobody may go on from that.
    await this.saves.saveNow((onTaken) => this.runner.checkpoint(onTaken))
  }
}

/** A topic as the input of a view, opened where the view reads on. */
class TopicInput implements Input {
  private reader: KafkaLogReader | undefined
  private appendedMs = Number.NaN

  constructor(
    private readonly client: KafkaClient,
    private readonly log: { readonly topic: string; readonly hasManyWriters: boolean },
    private readonly onFatal: (error: Error) => void,
  ) {}

  async startAt(position: number): Promise<void> {
    const { client, onFatal } = this
    this.reader = await KafkaLogReader.open(client, { ...this.log, partition: 0, from: position, onFatal })
  }

  get end(): number {
    return this.reader?.end ?? 0
  }

  get lag(): number {
    return this.reader?.behind ?? 0
  }

  async read(from: number, maxBytes: number): Promise<readonly Uint8Array[]> {
    const records = await this.reader!.read(from, maxBytes)
    if (records.length > 0 && Number.isNaN(this.appendedMs)) this.appendedMs = this.reader!.appendedMs
    return records
  }

  get traceParents(): readonly (TraceParent | undefined)[] {
    return this.reader?.traceParents ?? []
  }

  /** When the first record was appended that was read since this was last asked; NaN when none was. */
  takeAppendedMs(): number {
    const { appendedMs } = this
    this.appendedMs = Number.NaN
    return appendedMs
  }

  /** Resolves when there is more than was read, or after so long. */
  more(timeoutMs: number): Promise<boolean> {
    return this.reader!.waitFor(this.end, timeoutMs)
  }

  wake(): void {
    this.reader?.wake()
  }

  async close(): Promise<void> {
    await this.reader?.close()
  }
}

/** A topic as the output of a view. What is appended again is passed over by who reads it. */
class TopicOutput implements Output {
  readonly isStream = true
  readonly end = 0
  private writer: KafkaLogWriter | undefined

  constructor(
    private readonly client: KafkaClient,
    private readonly topic: string,
  ) {}

  startAt(position: number): void {
    this.writer = KafkaLogWriter.open(this.client, {
      topic: this.topic,
      partition: 0,
      nextPosition: position,
    })
  }

  append(records: readonly Uint8Array[], traceParent?: TraceParent): Promise<number> {
    return this.writer!.append(records, traceParent)
  }

  flush(): Promise<void> {
    return this.writer!.flush()
  }

  async close(): Promise<void> {
    await this.writer?.close()
  }
}

/** While there is more to fold: a few seconds' work, so that nobody behind it waits much longer for what is to be done. */
const stepsPerAppend = 8
/** About 4,000 events: some tens of milliseconds, which heartbeats and requests can wait. */
const stepBytes = 524_288
const idleWaitMs = 1_000
