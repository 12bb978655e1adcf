import { join } from 'node:path'
import { FileLog } from '../log/file-log'
import { openLineLog, StreamLineLog } from '../log/line-log'
import type { LineLog } from '../log/line-log'
import type { Block } from '../model/block'
import { readBlock } from '../model/block'
import { UnreachableError } from '../model/errors'
import type { Verdict } from '../model/records'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import type { CheckpointStore } from '../store/checkpoint-store'
import { FileCheckpointStore } from '../store/file-checkpoint-store'
import { Belongings } from './belongings'
import type { Books } from './books'
import { addBooks } from './books'
import { EndsFile } from './ends-file'
import { Intake } from './intake'
import type { IntakeOptions } from './intake'
import { LetterBox } from './letter-box'
import { forgotten, Runner, StoredPositions } from './runner'
import type { Input, Output } from './runner'
import { innerLogs, lineOutputs, makeViews, stagesOf, statsOf, viewNames } from './stages'
import type { LogName, Views } from './stages'
import { TracedLog } from './traced-log'
import { noTraces, spanOf } from './traces'
import type { Span, TraceParent, Traces } from './traces'
import { inVerdictSpans } from './verdict-spans'

export interface EmbeddedOptions extends Omit<IntakeOptions, 'onDeadLetter' | 'onChunk' | 'ends'> {
  readonly folder: string
  readonly out: string
  readonly corrections: string
  readonly deadLetters: string
  /** Milliseconds of some clock that never goes back; it decides when to checkpoint and nothing else. */
  readonly clockMs: () => number
  /** For how long the logs are kept, and the time of the day that it is held against; without it, for ever. */
  readonly retention?: { readonly ms: number; readonly nowMs: () => number }
  readonly onProgress?: (books: Books) => void
  /** Takes what was done, in spans; without it there are none. */
  readonly traces?: Traces
  /** Told, in a sentence, what a crash or a broken disk had damaged and how it was made good. */
  readonly onRepair?: (sentence: string) => void
}

/**
 * The whole pipeline in one process, with its logs and its state in a folder: what is killed at any moment goes on as
 * if nothing had happened. Each view runs on its own log and checkpoint, as it does on a cluster.
 *
 * ```
 *  sources → events/ → views, each with logs of its own: see `stages.ts` → verdicts, corrections
 * ```
 */
export class Embedded {
  private readonly runners: readonly Runner[]
  private readonly traces: Traces
  private nextCheckpointMs = 0
  private readonly storedIntakes = new StoredPositions()

  private constructor(
    private readonly options: EmbeddedOptions,
    private readonly parts: EmbeddedParts,
  ) {
    const { views, logs, lines, checkpoints } = parts
    this.traces = options.traces ?? noTraces
    const inputOf = (name: LogName): Input => logs.get(name)!
    const outputOf = (name: LogName): Output =>
      name === 'verdicts' ? told(lines.get(name)!, this.traces) : (lines.get(name) ?? logs.get(name)!)
    this.runners = stagesOf(views).map(
      ({ view, inputs, outputs }) =>
        new Runner(view, {
          ...{ inputs: inputs.map(inputOf), outputs: outputs.map(outputOf), checkpoints },
          traces: { to: this.traces, outputNames: outputs },
        }),
    )
  }

  /** Opens the folder, or begins it, and restores every part to where its log ends. */
  static async open(options: EmbeddedOptions): Promise<Embedded> {
    const embedded = new Embedded(options, await openParts(options))
    try {
      await embedded.restore()
      return embedded
    } catch (error) {
      await embedded.close()
      throw error
    }
  }

  /** Runs until the sources are at their end or `isStopping` says so; everything is safe when it resolves. */
  async run(): Promise<void> {
    const { clockMs, onProgress, isStopping } = this.options
    for (let more = true; more && isStopping?.() !== true;) {
      more = await this.takeBlocks()
      await this.drain()
      onProgress?.(this.books)
      if (more && clockMs() >= this.nextCheckpointMs) await this.checkpoint()
    }
    await this.drain()
    await this.checkpoint()
  }

  get books(): Books {
    return addBooks(this.parts.intake, statsOf(this.parts.views, viewNames))
  }

  get views(): Views {
    return this.parts.views
  }

  async close(): Promise<void> {
    const { logs, lines, ends, letters } = this.parts
    const files = [...logs.values()].map(({ file }) => file)
    const all = [...files, ends, ...lines.values(), letters]
    const outcomes = await Promise.allSettled(all.map((log) => log.close()))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  private async restore(): Promise<void> {
    const { onRepair = () => undefined } = this.options
    for (const runner of this.runners) await runner.restore(onRepair)
    await this.catchUp(await this.restoreIntake(onRepair))
  }

  /** Loads the newest checkpoint of the intake that the log and the dead letters bear out; gives its blocks. */
  private async restoreIntake(onRepair: (sentence: string) => void): Promise<number> {
    const { intake, events, letters, checkpoints } = this.parts
    for (const stored of await checkpoints.list(intakeName)) {
      const outcome = await stored.load()
      if (outcome.kind === 'broken') {
        onRepair(`${outcome.reason}; an older one is used`)
        continue
      }
      const snapshot = new SnapshotReader(outcome.checkpoint.parts)
      const progress = snapshot.value<IntakeProgress>(progressName)
      if (progress.blocks > events.end || !letters.holds(progress.letters)) {
        onRepair(
          'the event log or the dead letters lost their end; what is missing is read from the sources again',
        )
        continue
      }
      intake.load(snapshot)
      letters.restore(progress.letters)
      this.storedIntakes.restore(progress.before, [progress.blocks])
      return progress.blocks
    }
    if (events.first > 0) throw forgotten('the intake')
    if (events.end > 0) onRepair('no checkpoint of the intake can be used; its sources are read again')
    return 0
  }

  /**
   * Reads from the sources again what the log holds already, block by block in the order of the log, so that the
   * intake is where it was when the process ended. Another block than then would mean lost events.
   */
  private async catchUp(from: number): Promise<void> {
    const { intake, letters, events } = this.parts
    const { clockMs } = this.options
    let dueMs = clockMs() + longMs
    for (let number = from; number < events.end;) {
      for (const logged of await events.read(number, catchUpBytes)) {
        const { source } = readBlock(logged)
        const block = await intake.nextOf(source)
        if (block === undefined || Buffer.compare(block.bytes, logged) !== 0)
          throw this.hasChanged(source, number)
        number++
      }
      await letters.write()
      if (clockMs() < dueMs) continue
      await this.checkpointIntake(number)
      dueMs = clockMs() + longMs
    }
  }

  private hasChanged(source: string, block: number): UnreachableError {
    return new UnreachableError(
      `block ${block} of the log in ${this.options.folder} came from ${source}, which is not named or does not hold ` +
        'the same any more; name the same files, unchanged or grown, or begin anew with another --state folder',
    )
  }

  /** Takes into the log what the sources give without waiting, at least a block; false when there are no more. */
  private async takeBlocks(): Promise<boolean> {
    const { intake, letters } = this.parts
    const taken: Uint8Array[] = []
    const startMs = this.traces.nowMs()
    let block: Block | undefined
    do {
      block = await intake.next()
      if (block !== undefined) taken.push(block.bytes)
    } while (block !== undefined && taken.length < blocksPerTurn && intake.isReady)
    await letters.write()
    if (taken.length > 0) await this.appendBlocks(taken, this.traces.begin('intake', { startMs }))
    return block !== undefined
  }

  private async appendBlocks(blocks: readonly Uint8Array[], round: Span): Promise<void> {
    const bytes = blocks.reduce((sum, { length }) => sum + length, 0)
    const attributes = { 'assay.log': 'events', 'assay.records': blocks.length, 'assay.bytes': bytes }
    const options = { parent: round.traceParent, kind: 'producer', attributes } as const
    await spanOf(this.traces, 'append events', options, ({ traceParent }) =>
      this.parts.logs.get('events')!.append(blocks, traceParent),
    )
    round.end()
  }

  private async drain(): Promise<void> {
    const { clockMs } = this.options
    const due = (): number => Math.max(clockMs() + longMs, this.nextCheckpointMs)
    let dueMs = due()
    for (const runner of this.runners) {
      while (await runner.step()) {
        // A view that reads its log from the beginning takes long, and each kill would cost it all of that again.
        if (clockMs() < dueMs) continue
        await this.checkpoint()
        dueMs = due()
      }
    }
    for (const log of this.parts.logs.values()) log.forgetParents()
  }

  private async checkpoint(): Promise<void> {
    const { clockMs } = this.options
    const startMs = clockMs()
    const attributes = { 'assay.view': intakeName }
    await spanOf(this.traces, 'checkpoint intake', { attributes }, () => this.checkpointIntake())
    for (const runner of this.runners) await runner.checkpoint()
    await this.forgetOld()
    // Checkpoints take at most a tenth of the time.
    this.nextCheckpointMs = clockMs() + Math.max(1000, 10 * (clockMs() - startMs))
  }

  /** Stores where the intake is: behind so many blocks of the log. */
  private async checkpointIntake(blocks = this.parts.events.end): Promise<void> {
    const { names } = this.options
    const { intake, events, letters, checkpoints } = this.parts
    await events.flush()
    await letters.flush()
    await names?.flush()
    const snapshot = new SnapshotWriter()
    intake.save(snapshot)
    const before = this.storedIntakes.latest
    snapshot.value(progressName, { blocks, letters: letters.counts, before } satisfies IntakeProgress)
    await checkpoints.save(intakeName, { sequence: blocks, parts: snapshot.parts() })
    this.storedIntakes.add([blocks])
  }

  /** Lets go of what is older than the logs are kept, and behind every checkpoint that may have to be used. */
  private async forgetOld(): Promise<void> {
    const { retention } = this.options
    if (retention === undefined) return
    const { logs, events } = this.parts
    const olderThanMs = retention.nowMs() - retention.ms
    for (const log of logs.values()) {
      const needed = this.runners.map((runner) => runner.neededFrom(log))
      if (log.file === events) needed.push(this.storedIntakes.least(0))
      await log.file.forget({ before: Math.min(...needed), olderThanMs })
    }
  }
}

interface EmbeddedParts {
  readonly events: FileLog
  /** The event log and those between the views. */
  readonly logs: ReadonlyMap<LogName, TracedLog>
  readonly lines: ReadonlyMap<LogName, LineOutput>
  readonly ends: EndsFile
  readonly letters: LetterBox
  readonly checkpoints: CheckpointStore
  readonly views: Views
  readonly intake: Intake
}

interface IntakeProgress {
  readonly blocks: number
  readonly letters: Readonly<Record<string, number>>
  readonly before?: readonly (readonly number[])[]
}

const intakeName = 'intake'
const progressName = 'intake.progress'
const blocksPerTurn = 64
const catchUpBytes = 4_194_304
/** What takes longer is stored on the way, so that a kill does not cost it again. */
const longMs = 10_000

async function openParts(options: EmbeddedOptions): Promise<EmbeddedParts> {
  const { folder, policy, key, names, onRepair } = options
  const belongings = await Belongings.open(folder, { policy, key, isSealed: names !== undefined })
  const openLog = async (name: string): Promise<FileLog> => {
    const log = await FileLog.open(join(folder, name))
    if (log.repaired !== undefined) {
      const { segment, bytes } = log.repaired
      onRepair?.(`the log ${name} ended in the middle of a record; ${bytes} bytes of ${segment} were cut off`)
    }
    return log
  }
  const openLines = async (path: string): Promise<LineLog> => {
    const lines = await openLineLog(path)
    if (lines.repaired !== undefined) {
      onRepair?.(`${path} ended in the middle of a line; its last ${lines.repaired.bytes} bytes were cut off`)
    }
    await belongings.claim(path, lines.count)
    return lines
  }
  const letterLines = await openLines(options.deadLetters)
  const letters = await readBack(options.deadLetters, () => LetterBox.open(letterLines), anewFromSources)
  const endsPath = join(folder, 'ends.ndjson')
  const endLines = await openLines(endsPath)
  const ends = await readBack(endsPath, () => EndsFile.open(endLines), goneOnceStored)
  const events = await openLog('events')
  const logs = new Map<LogName, TracedLog>([['events', new TracedLog(events)]])
  for (const name of innerLogs) logs.set(name, new TracedLog(await openLog(name)))
  const paths = {
    verdicts: options.out,
    corrections: options.corrections,
    surges: join(folder, 'surges.ndjson'),
    chain: join(folder, 'chain.ndjson'),
  }
  const lines = new Map<LogName, LineOutput>()
  for (const name of lineOutputs) lines.set(name, linesOf(await openLines(paths[name])))
  return {
    events,
    logs,
    lines,
    ends,
    letters,
    checkpoints: await FileCheckpointStore.open(join(folder, 'checkpoints')),
    views: makeViews(policy, key),
    intake: new Intake({
      ...options,
      ends,
      onDeadLetter: (letter) => {
        letters.take(letter)
      },
      onChunk: () => letters.write(),
    }),
  }
}

/** What lines of our own hold; where one is no line of ours, the sentence says what to do with the file. */
async function readBack<Held>(path: string, open: () => Promise<Held>, whatToDo: string): Promise<Held> {
  try {
    return await open()
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new UnreachableError(
      `${path} holds a line that assay did not write (${cause.message}); put the file back from a copy, or remove it: ${whatToDo}`,
      { cause },
    )
  }
}

const anewFromSources = 'its lines are then written again, from the sources'
const goneOnceStored = 'it is needed only where what lies before the newest checkpoint has to be read again'

/** Whoever read the verdicts has gone; what was not read comes again at the next start. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError'

  constructor() {
    super('the reader of the output has gone; start again to go on, what it missed comes again')
  }
}

/** A file of lines, or a stream of them, as the output of a view. */
function linesOf(lines: LineLog): LineOutput {
  const decoder = new TextDecoder()
  return {
    isStream: lines instanceof StreamLineLog,
    get end() {
      return lines.count
    },
    append: async (records) => {
      await lines.append(records.map((record) => decoder.decode(record)))
      // What it did not read counts as put out once a checkpoint is stored, so none must follow.
      if (lines.abandoned) throw new AbandonedError()
    },
    flush: () => lines.flush(),
    close: () => lines.close(),
  }
}

/** The file of verdicts, with a span for each that is put into it; without traces it is left as it is. */
function told(lines: LineOutput, traces: Traces): Output {
  if (traces === noTraces) return lines
  const decoder = new TextDecoder()
  return {
    get end() {
      return lines.end
    },
    ...(lines.isStream === true ? { isStream: true } : {}),
    append: (records: readonly Uint8Array[], traceParent?: TraceParent) => {
      const verdicts = records.map((record) => JSON.parse(decoder.decode(record)) as Verdict)
      const parents = records.map(() => traceParent)
      return inVerdictSpans(traces, verdicts, { parents }, () => lines.append(records))
    },
    flush: () => lines.flush(),
  }
}

interface LineOutput extends Output {
  close(): Promise<void>
}
