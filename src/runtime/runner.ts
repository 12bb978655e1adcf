import { isDeepStrictEqual } from 'node:util'
import { UnreachableError } from '../model/errors'
import { keptCheckpoints } from '../store/checkpoint-store'
import type { CheckpointStore } from '../store/checkpoint-store'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { FormatError } from '../model/errors'
import { FoldTracer } from './fold-tracer'
import { noTraces, spanOf } from './traces'
import type { Span, TraceParent, Traces } from './traces'
import type { View } from './view'

/** Where a view's records go: a log partition, or a file that people read. The view is its only writer. */
export interface Output {
  /** Records it holds; of a stream, those of this process. */
  readonly end: number
  /** It cannot say what it got before: after a crash, what came since the checkpoint is put out again. */
  readonly isStream?: boolean
  /** Opens it there, where it must know what the next record's position is: a topic. */
  startAt?(position: number): Promise<void> | void
  /** Appends records, and with them what led to them, where that is kept. */
  append(records: readonly Uint8Array[], traceParent?: TraceParent): Promise<unknown>
  flush(): Promise<void>
}

/** What a runner reads: a log, from a position on. */
export interface Input {
  readonly end: number
  /** Where it begins, when it has let go of what came before. */
  readonly first?: number
  /** Opens it there, where reading begins somewhere: a topic. */
  startAt?(position: number): Promise<void> | void
  read(from: number, maxBytes: number): Promise<readonly Uint8Array[]>
  /** What led to each of the records that `read` gave last, where that is kept. */
  readonly traceParents?: readonly (TraceParent | undefined)[]
}

/**
 * Makes a view survive a crash. The order of safety: outputs flushed, then the checkpoint with the position in the
 * input and the number of records put out. After a crash the view goes on from its checkpoint, and since a fold gives
 * the same records again, those that the outputs already hold are counted and not appended.
 *
 * ```
 *  input    0 1 2 3 4 5 6 7 8 …        checkpoint: position 4, put out 2
 *  output   a b c d                    replay of 4 5 …: c and d fall silent, e is appended
 * ```
 */
export class Runner {
  /** Where it reads on, in each input. */
  private readonly positions: number[]
  private readonly emitted: number[]
  private pending: Uint8Array[][]
  /** Steps since something was appended. */
  private stepsPending = 0
  /** Where each of the stored checkpoints reads on, oldest first. */
  private readonly stored = new StoredPositions()
  private readonly traces: Traces
  /** Without traces there is nothing to note. */
  private readonly tracer: FoldTracer | undefined

  constructor(
    readonly view: View,
    private readonly io: {
      readonly inputs: readonly Input[]
      readonly outputs: readonly Output[]
      readonly checkpoints: CheckpointStore
      /**
       * How many steps may follow each other, while there is more to fold, before what follows from them is appended;
       * without it each appends by itself, and so it is where traces are kept, which tell of each step.
       */
      readonly stepsPerAppend?: number
      /** Takes what was done, in spans; the names are those of the outputs. */
      readonly traces?: { readonly to: Traces; readonly outputNames: readonly string[] } | undefined
    },
  ) {
    this.traces = io.traces?.to ?? noTraces
    this.tracer = this.traces === noTraces ? undefined : new FoldTracer(view, this.traces)
    this.positions = io.inputs.map(() => 0)
    this.emitted = io.outputs.map(() => 0)
    this.pending = io.outputs.map(() => [])
  }

  /**
   * Takes the newest checkpoint whose outputs are all there; one that is ahead of an output (which lost its end) is
   * passed over. Without any the view starts from the beginning of its input. Tells, in a sentence, what was lost.
   */
  async restore(tell: (sentence: string) => void = () => undefined): Promise<void> {
    await this.restoreView(tell)
    for (const [number, input] of this.io.inputs.entries()) await input.startAt?.(this.positions[number]!)
    for (const [number, output] of this.io.outputs.entries()) await output.startAt?.(this.emitted[number]!)
  }

  private async restoreView(tell: (sentence: string) => void): Promise<void> {
    const { inputs, outputs, checkpoints } = this.io
    const { name } = this.view
    for (const stored of await checkpoints.list(name)) {
      const outcome = await stored.load()
      if (outcome.kind === 'broken') {
        tell(`${outcome.reason}; an older one is used`)
        continue
      }
      const snapshot = new SnapshotReader(outcome.checkpoint.parts)
      const progress = snapshot.value<Progress>(progressName)
      if (
        progress.emitted.some((count, output) => !outputs[output]!.isStream && count > outputs[output]!.end)
      ) {
        tell(
          `what the ${name} view had written lost its end; an older checkpoint is used and the rest written again`,
        )
        continue
      }
      this.loadView(snapshot)
      progress.positions.forEach((position, input) => (this.positions[input] = position))
      progress.emitted.forEach((count, output) => (this.emitted[output] = count))
      this.stored.restore(progress.before, progress.positions)
      return
    }
    if (inputs.every(({ end }) => end === 0)) return
    if (inputs.some(({ first = 0 }) => first > 0)) throw forgotten(`the ${name} view`)
    tell(
      `no checkpoint of the ${name} view can be used; it reads its log from the beginning, and nothing comes twice`,
    )
  }

  /** A checkpoint is verified to the byte, so what the view lacks in it was never there. */
  private loadView(snapshot: SnapshotReader): void {
    try {
      this.view.load(snapshot)
    } catch (cause) {
      throw new FormatError(
        `the newest whole checkpoint of the ${this.view.name} view is not one of this assay (${(cause as Error).message}); ` +
          `use the assay that wrote it, or remove the checkpoints of ${this.view.name}, and the view reads its log again from the beginning`,
        { cause },
      )
    }
  }

  /** How many records it has folded. */
  get folded(): number {
    return this.positions.reduce((sum, position) => sum + position, 0)
  }

  /**
   * Folds what the inputs hold, up to some bytes of each, and appends what follows; false when there was nothing. While there
   * is more to fold, what follows may wait for that of a few more steps: a request to a broker costs the same for a
   * record as for many.
   */
  async step(maxBytes = 4_194_304): Promise<boolean> {
    let hasRead = false
    for (const [number, input] of this.io.inputs.entries()) {
      // A log that lost its end is behind the view for a while: what is appended again was folded before.
      if (this.positions[number]! >= input.end) continue
      hasRead = true
      const records = await input.read(this.positions[number]!, maxBytes)
      this.tracer?.begin(input.traceParents ?? [])
      for (const [index, record] of records.entries()) {
        const parts = this.tracer === undefined && this.view.foldInParts?.(record, this.emit, number)
        if (parts) while (parts.next().done !== true) await this.append()
        else this.view.fold(record, this.emit, number)
        this.positions[number]!++
        this.tracer?.folded(index, this.pendingRecords)
      }
      if (this.tracer !== undefined) await this.append(this.tracer.end())
    }
    const { stepsPerAppend = 1 } = this.io
    if (++this.stepsPending >= stepsPerAppend || !this.hasMore) await this.append()
    return hasRead
  }

  /** Whether something of what was folded waits to be appended. */
  get hasPending(): boolean {
    return this.pendingRecords > 0
  }

  private get hasMore(): boolean {
    return this.io.inputs.some(({ end }, number) => this.positions[number]! < end)
  }

  private readonly emit = (output: number, record: Uint8Array): void => {
    const { end, isStream } = this.io.outputs[output]!
    const number = ++this.emitted[output]!
    const isNew = isStream === true || number > end + this.pending[output]!.length
    if (isNew) this.pending[output]!.push(record.slice())
  }

  private get pendingRecords(): number {
    return this.pending.reduce((sum, { length }) => sum + length, 0)
  }

  private async append(fold?: Span): Promise<void> {
    this.stepsPending = 0
    const { pending } = this
    this.pending = this.io.outputs.map(() => [])
    for (const [output, appended] of pending.entries()) {
      if (appended.length > 0) await this.appendTo(output, appended, fold)
    }
  }

  private async appendTo(output: number, records: Uint8Array[], fold: Span | undefined): Promise<void> {
    const to = this.io.outputs[output]!
    if (fold === undefined) {
      await to.append(records)
      return
    }
    const log = this.io.traces!.outputNames[output]!
    const options = {
      parent: fold.traceParent,
      attributes: { 'assay.log': log, 'assay.records': records.length },
      kind: 'producer',
    } as const
    await spanOf(this.traces, `append ${log}`, options, ({ traceParent }) => to.append(records, traceParent))
  }

  /** Makes everything so far survive a crash. It may fold on when that is done, or when `onTaken` is told. */
  checkpoint(onTaken?: () => void): Promise<void> {
    const { name } = this.view
    const attributes = { 'assay.view': name, 'assay.records': this.folded }
    return spanOf(this.traces, `checkpoint ${name}`, { attributes }, () => this.checkpointNow(onTaken))
  }

  private async checkpointNow(onTaken: (() => void) | undefined): Promise<void> {
    await this.append()
    for (const output of this.io.outputs) await output.flush()
    const snapshot = new SnapshotWriter()
    this.view.save(snapshot)
    const { emitted, stored } = this
    const positions = [...this.positions]
    snapshot.value(progressName, { positions, emitted, before: stored.latest } satisfies Progress)
    await this.io.checkpoints.save(
      this.view.name,
      { sequence: this.folded, parts: snapshot.parts() },
      onTaken,
    )
    stored.add(positions)
  }

  /** From where on an input may be read again, when the oldest stored checkpoint has to be used. */
  neededFrom(input: Input): number {
    const place = this.io.inputs.indexOf(input)
    return place < 0 ? Number.POSITIVE_INFINITY : this.stored.least(place)
  }
}

/** Where stored checkpoints read on, as far as they are known; so long as fewer are, at the beginning. */
export class StoredPositions {
  private positions: (readonly number[])[] = []

  /** The newest but one of those that are kept: what goes into the checkpoint that is to come. */
  get latest(): readonly (readonly number[])[] {
    return this.positions.slice(1 - keptCheckpoints)
  }

  restore(before: readonly (readonly number[])[] | undefined, positions: readonly number[]): void {
    this.positions = []
    for (const one of [...(before ?? []), [...positions]]) this.add(one)
  }

  /** Notes a checkpoint that was stored. */
  add(positions: readonly number[]): void {
    // Where nothing has come since the one before, it takes the place of that.
    if (isDeepStrictEqual(this.positions.at(-1), positions)) return
    this.positions = [...this.latest, positions]
  }

  least(input: number): number {
    if (this.positions.length < keptCheckpoints) return 0
    return Math.min(...this.positions.map((positions) => positions[input]!))
  }
}

/** What must not be rebuilt from the rest of its log, which would be another state than the whole one gives. */
export function forgotten(who: string): UnreachableError {
  return new UnreachableError(
    `no checkpoint of ${who} can be used, and the log that it would be rebuilt from does not go back to its beginning; ` +
      'put a checkpoint back from a copy, or judge the events anew in another --state folder',
  )
}

interface Progress {
  readonly positions: readonly number[]
  readonly emitted: readonly number[]
  /** Where the checkpoints before this one read on that are stored still. */
  readonly before?: readonly (readonly number[])[]
}
const progressName = 'runner.progress'
