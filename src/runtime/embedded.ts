import type { DeadLetter } from '../ingest/dead-letter'
import { FileLog } from '../log/file-log'
import { openLineLog } from '../log/line-log'
import type { LineLog } from '../log/line-log'
import type { Log } from '../log/log'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import type { CheckpointStore } from '../store/checkpoint-store'
import { FileCheckpointStore } from '../store/file-checkpoint-store'
import { join } from 'node:path'
import type { Books } from './books'
import { addBooks } from './books'
import { deadLetterLine } from './dead-letter-line'
import { Intake } from './intake'
import type { IntakeOptions } from './intake'
import { makeViews } from './replay'
import type { Views } from './replay'
import { Runner } from './runner'
import type { Output } from './runner'

export interface EmbeddedOptions extends Omit<IntakeOptions, 'onDeadLetter'> {
  readonly folder: string
  readonly out: string
  readonly corrections: string
  readonly deadLetters: string
  /** Milliseconds of some clock that never goes back; it decides when to checkpoint and nothing else. */
  readonly clockMs: () => number
  readonly onProgress?: (books: Books) => void
  readonly onRepair?: (sentence: string) => void
}

/**
 * The whole pipeline in one process, with its logs and its state in a folder: what is killed at any moment goes on as
 * if nothing had happened. Each view runs on its own log and checkpoint, as it does on a cluster.
 *
 * ```
 *  sources → events/ → actor view → accounts/ → account view → findings/ → decide view → verdicts, corrections
 * ```
 */
export class Embedded {
  private readonly runners: readonly Runner[]
  private blocks = 0
  private nextCheckpointMs = 0

  private constructor(
    private readonly options: EmbeddedOptions,
    private readonly parts: EmbeddedParts,
  ) {
    const { views, logs, checkpoints, verdicts, corrections, surges } = parts
    this.runners = [
      new Runner(views.actor, { input: logs.events, outputs: [logs.accounts], checkpoints }),
      new Runner(views.account, { input: logs.accounts, outputs: [logs.findings], checkpoints }),
      new Runner(views.decide, {
        input: logs.findings,
        outputs: [linesOf(verdicts), linesOf(corrections), linesOf(surges)],
        checkpoints,
      }),
    ]
  }

  /** Opens the folder, or begins it, and restores every part from its newest checkpoint that fits its outputs. */
  static async open(options: EmbeddedOptions): Promise<Embedded> {
    const { folder, onRepair } = options
    const openLog = async (name: string): Promise<FileLog> => {
      const log = await FileLog.open(join(folder, name))
      if (log.repaired !== undefined) {
        const { segment, bytes } = log.repaired
        onRepair?.(`the log ${name} ended in the middle of a record; ${bytes} bytes of ${segment} were cut off`)
      }
      return log
    }
    const letters = new LetterBox(await openLineLog(options.deadLetters))
    await letters.countOld()
    const parts: EmbeddedParts = {
      logs: { events: await openLog('events'), accounts: await openLog('accounts'), findings: await openLog('findings') },
      verdicts: await openLineLog(options.out),
      corrections: await openLineLog(options.corrections),
      surges: await openLineLog(join(folder, 'surges.ndjson')),
      letters,
      checkpoints: await FileCheckpointStore.open(join(folder, 'checkpoints')),
      views: makeViews(options.policy),
      intake: new Intake({
        ...options,
        onDeadLetter: (letter) => {
          letters.take(letter)
        },
      }),
    }
    for (const log of [parts.verdicts, parts.corrections, parts.surges]) {
      if (log.repaired !== undefined) onRepair?.(`${log.repaired.path} ended in the middle of a line, which was cut off`)
    }
    const embedded = new Embedded(options, parts)
    await embedded.restore()
    return embedded
  }

  /** Runs until the sources are at their end or `isStopping` says so; everything is safe when it resolves. */
  async run(isStopping: () => boolean): Promise<void> {
    while (!isStopping()) {
      const more = await this.takeBlocks()
      await this.drain()
      this.options.onProgress?.(this.books)
      if (!more) break
      if (this.options.clockMs() >= this.nextCheckpointMs) await this.checkpoint()
    }
    await this.drain()
    await this.checkpoint()
  }

  get books(): Books {
    return addBooks(this.parts.intake.books, this.parts.views)
  }

  get views(): Views {
    return this.parts.views
  }

  async close(): Promise<void> {
    const { logs, verdicts, corrections, surges, letters } = this.parts
    for (const log of [...Object.values(logs), verdicts, corrections, surges, letters]) await log.close()
  }

  private async restore(): Promise<void> {
    const { intake, logs, letters, checkpoints } = this.parts
    for (const runner of this.runners) await runner.restore()
    for (const stored of await checkpoints.list(intakeName)) {
      const outcome = await stored.load()
      if (outcome.kind === 'broken') continue
      const snapshot = new SnapshotReader(outcome.checkpoint.parts)
      const progress = snapshot.value<IntakeProgress>(progressName)
      // A log or a file of letters that lost its end gets it back from an older checkpoint.
      if (progress.blocks > logs.events.end || !letters.holds(progress.letters)) continue
      intake.load(snapshot)
      letters.restore(progress.letters)
      this.blocks = progress.blocks
      return
    }
  }

  /** Takes some blocks from the sources into the log; false when there are no more. */
  private async takeBlocks(): Promise<boolean> {
    const { intake, logs, letters } = this.parts
    const fresh: Uint8Array[] = []
    let more = true
    for (let taken = 0; taken < blocksPerTurn && more; taken++) {
      const block = await intake.next()
      if (block === undefined) more = false
      // What the log holds already was taken before a crash; the same block comes out again.
      else if (++this.blocks > logs.events.end + fresh.length) fresh.push(block.bytes)
    }
    await letters.write()
    if (fresh.length > 0) await logs.events.append(fresh)
    return more
  }

  private async drain(): Promise<void> {
    for (const runner of this.runners) while (await runner.step());
  }

  private async checkpoint(): Promise<void> {
    const { clockMs } = this.options
    const startMs = clockMs()
    const { intake, logs, letters, checkpoints } = this.parts
    await logs.events.flush()
    await letters.flush()
    const snapshot = new SnapshotWriter()
    intake.save(snapshot)
    snapshot.value(progressName, { blocks: this.blocks, letters: letters.counts } satisfies IntakeProgress)
    await checkpoints.save(intakeName, { sequence: this.blocks, parts: snapshot.parts() })
    for (const runner of this.runners) await runner.checkpoint()
    // Checkpoints take at most a tenth of the time.
    this.nextCheckpointMs = clockMs() + Math.max(1000, 10 * (clockMs() - startMs))
  }
}

interface EmbeddedParts {
  readonly logs: { readonly events: Log; readonly accounts: Log; readonly findings: Log }
  readonly verdicts: LineLog
  readonly corrections: LineLog
  readonly surges: LineLog
  readonly letters: LetterBox
  readonly checkpoints: CheckpointStore
  readonly views: Views
  readonly intake: Intake
}

interface IntakeProgress {
  readonly blocks: number
  readonly letters: Readonly<Record<string, number>>
}

const intakeName = 'intake'
const progressName = 'intake.progress'
const blocksPerTurn = 16

/** A file of lines as the output of a view. */
function linesOf(lines: LineLog): Output {
  const decoder = new TextDecoder()
  return {
    get end() {
      return lines.count
    },
    append: (records) => lines.append(records.map((record) => decoder.decode(record))),
    flush: () => lines.flush(),
  }
}

/** The file of dead letters: each source's letters in order and once, whatever was read again after a crash. */
class LetterBox {
  private readonly onDisk = new Map<string, number>()
  private readonly taken = new Map<string, number>()
  private pending: string[] = []

  constructor(private readonly lines: LineLog) {}

  /** Counts the letters that are there, by source. */
  async countOld(): Promise<void> {
    for await (const line of this.lines.readLines(0)) {
      const { source } = JSON.parse(line) as { source: string }
      this.onDisk.set(source, (this.onDisk.get(source) ?? 0) + 1)
    }
  }

  take(letter: DeadLetter): void {
    const number = (this.taken.get(letter.source) ?? 0) + 1
    this.taken.set(letter.source, number)
    if (number <= (this.onDisk.get(letter.source) ?? 0)) return
    this.onDisk.set(letter.source, number)
    this.pending.push(deadLetterLine(letter))
  }

  async write(): Promise<void> {
    const { pending } = this
    this.pending = []
    if (pending.length > 0) await this.lines.append(pending)
  }

  get counts(): Record<string, number> {
    return Object.fromEntries(this.taken)
  }

  holds(counts: Readonly<Record<string, number>>): boolean {
    return Object.entries(counts).every(([source, count]) => (this.onDisk.get(source) ?? 0) >= count)
  }

  restore(counts: Readonly<Record<string, number>>): void {
    for (const [source, count] of Object.entries(counts)) this.taken.set(source, count)
  }

  flush(): Promise<void> {
    return this.lines.flush()
  }

  close(): Promise<void> {
    return this.lines.close()
  }
}

