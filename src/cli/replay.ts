import { Command } from 'commander'
import { availableParallelism } from 'node:os'
import { stat, truncate } from 'node:fs/promises'
import { openLineLog } from '../log/line-log'
import type { LineLog } from '../log/line-log'
import { declareMetrics, observeBooks, observeViews, writeMetrics } from '../telemetry/metrics'
import { deadLetterLine } from '../runtime/dead-letter-line'
import { replay } from '../runtime/replay'
import { tellBooks } from './books'
import { mustHold } from './activate'
import { exitCodes } from './exit-codes'
import {
  addInputOptions,
  addVaultOption,
  checkFiles,
  openNames,
  policySource,
  readInputOptions,
  sourcesFrom,
} from './inputs'
import type { InputOptions, VaultOptions } from './inputs'
import { Interrupt } from './interrupt'
import { Progress } from './progress'

interface ReplayCommandOptions extends InputOptions, VaultOptions {
  readonly out: string
  readonly corrections?: string
  readonly chain?: string
  readonly surges?: string
  readonly policies?: string
  readonly deadLetters?: string
  readonly metrics?: string
  readonly json?: boolean
}

export function replayCommand(end: (exitCode: number) => void): Command {
  const command = new Command('replay')
    .description('judge events from files: verdicts out, the same bytes for the same input and policy')
    .argument('<files...>', '.ndjson, .ndjson.gz or .avro; "-" reads JSON lines from stdin')
    .option('--out <file>', 'verdicts, one JSON object a line; "-" is stdout', '-')
    .option('--corrections <file>', 'corrected counts, one JSON object a line')
    .option('--chain <file>', 'a hash chain over the verdicts, which "assay audit" checks')
    .option(
      '--surges <file>',
      'what was let pass although it stands out, and verdicts that were overturned, as cases for "assay backtest"',
    )
    .option(
      '--dead-letters <file>',
      'records that could not be read, with the reason and their bytes in base64',
    )
    .option('--policies <file>', 'policies that take over under way, as "assay policy activate" writes them')
    .option('--metrics <file>', "the run's metrics in the text format of Prometheus")
    .option('--json', 'print the books as JSON')
  return addVaultOption(addInputOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  assay simulate --scenario attacks --out day.ndjson --labels labels.ndjson
  assay replay day.ndjson --out verdicts.ndjson --corrections corrections.ndjson
  assay replay monday.ndjson.gz tuesday.ndjson.gz     several files are read side by side, in order of event time
  zcat *.gz | assay replay - | jq .accountId`,
    )
    .action(async (files: string[], options: ReplayCommandOptions) => {
      end(await runReplay(files, options))
    })
}

async function runReplay(files: readonly string[], options: ReplayCommandOptions): Promise<number> {
  const settings = readInputOptions(options)
  const { policies } = options
  const sources = [
    ...sourcesFrom(files, options.kind),
    ...(policies === undefined ? [] : [policySource(policies)]),
  ]
  checkFiles(policies === undefined ? files : [...files, policies], [
    options.out,
    options.corrections,
    options.chain,
    options.surges,
    options.deadLetters,
    options.metrics,
  ])
  if (policies !== undefined) await mustHold(policies, settings.policy)
  const readsPipe = files.includes('-')
  const interrupt = new Interrupt(() => {
    if (readsPipe) process.stdin.destroy()
  })
  const names = await openNames(options)
  const progress = new Progress('records')
  const verdicts = await LineQueue.open(options.out)
  const corrections = await LineQueue.open(options.corrections)
  const chain = await LineQueue.open(options.chain)
  const surges = await LineQueue.open(options.surges)
  const letters = await LineQueue.open(options.deadLetters)
  const outputs = [verdicts, corrections, chain, surges, letters]
  const metrics = declareMetrics()
  try {
    const books = await replay({
      ...settings,
      ...(names === undefined ? {} : { names }),
      sources,
      isThreaded: availableParallelism() > 1,
      isStopping: () => interrupt.isAsked || outputs.every(({ isWanted }) => !isWanted),
      onVerdict: (json) => {
        verdicts.put(() => decoder.decode(json))
      },
      onCorrection: (json) => {
        corrections.put(() => decoder.decode(json))
      },
      onLink: (json) => {
        chain.put(() => decoder.decode(json))
      },
      onSurge: (json) => {
        surges.put(() => decoder.decode(json))
      },
      onDeadLetter: (letter) => {
        letters.put(() => deadLetterLine(letter))
      },
      onProgress: async (sofar) => {
        progress.tell(sofar.read, `${sofar.verdicts} verdicts`)
        for (const output of outputs) await output.write()
      },
      onEnd: (stats) => {
        observeViews(metrics, stats)
      },
    })
    for (const output of outputs) await output.write()
    progress.end()
    if (interrupt.isAsked) return interrupted()
    // Whoever read the verdicts has seen enough, and there is nothing to say of a part.
    if (outputs.every(({ isWanted }) => !isWanted)) return exitCodes.done
    const exitCode = tellBooks(books, options)
    if (options.metrics !== undefined) {
      observeBooks(metrics, books)
      await writeMetrics(metrics, options.metrics)
    }
    return exitCode
  } catch (error) {
    // A pipe that is closed on the way out ends with an error of its own.
    if (interrupt.isAsked) return interrupted()
    throw error
  } finally {
    progress.end()
    // After a failure a pipe that stays open would keep the process waiting for it.
    if (readsPipe) process.stdin.destroy()
    for (const output of outputs) await output.close()
    await names?.close()
  }
}

function interrupted(): number {
  process.stderr.write('assay: interrupted; what was written up to here stands\n')
  return exitCodes.interrupted
}

/** Lines on their way to a file that this run writes from its beginning; without a file they go nowhere. */
class LineQueue {
  private pending: string[] = []

  private constructor(private readonly log: LineLog | undefined) {}

  static async open(path: string | undefined): Promise<LineQueue> {
    if (path === undefined) return new LineQueue(undefined)
    // Emptied and not removed: a device, or the target of a link, is not ours to remove.
    const isFile = (await stat(path).catch(() => undefined))?.isFile() ?? false
    if (path !== '-' && isFile) await truncate(path)
    return new LineQueue(await openLineLog(path))
  }

  /** Whether somebody reads what is written. */
  get isWanted(): boolean {
    return this.log?.abandoned === false
  }

  put(line: () => string): void {
    if (this.log !== undefined) this.pending.push(line())
  }

  async write(): Promise<void> {
    const lines = this.pending
    this.pending = []
    if (lines.length > 0) await this.log?.append(lines)
  }

  async close(): Promise<void> {
    await this.log?.close()
  }
}

const decoder = new TextDecoder()
