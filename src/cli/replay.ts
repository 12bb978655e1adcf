import { Command } from 'commander'
import { openLineLog } from '../log/line-log'
import type { LineLog } from '../log/line-log'
import type { DeadLetter } from '../ingest/dead-letter'
import { declareMetrics, observeBooks, writeMetrics } from '../telemetry/metrics'
import { deadLetterLine } from '../runtime/dead-letter-line'
import { replay } from '../runtime/replay'
import { rm } from 'node:fs/promises'
import { tellBooks } from './books'
import { exitCodes } from './exit-codes'
import { addInputOptions, readInputOptions, sourcesFrom } from './inputs'
import type { InputOptions } from './inputs'
import { Interrupt } from './interrupt'
import { Progress } from './progress'

interface ReplayCommandOptions extends InputOptions {
  readonly out: string
  readonly corrections?: string
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
    .option(
      '--dead-letters <file>',
      'records that could not be read, with the reason and their bytes in base64',
    )
    .option('--metrics <file>', "the run's metrics in the text format of Prometheus")
    .option('--json', 'print the books as JSON')
  return addInputOptions(command)
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
  const sources = sourcesFrom(files, options.kind)
  const interrupt = new Interrupt()
  const verdicts = await freshLines(options.out)
  const corrections = options.corrections === undefined ? undefined : await freshLines(options.corrections)
  const letters = options.deadLetters === undefined ? undefined : await freshLines(options.deadLetters)
  const metrics = declareMetrics()
  const progress = new Progress('records')
  const pending = { verdicts: [] as string[], corrections: [] as string[], letters: [] as string[] }
  const write = async (): Promise<void> => {
    for (const [name, log] of [
      ['verdicts', verdicts],
      ['corrections', corrections],
      ['letters', letters],
    ] as const) {
      const lines = pending[name].splice(0)
      if (lines.length > 0) await log?.append(lines)
    }
  }
  try {
    const books = await replay({
      ...settings,
      sources,
      onVerdict: (json) => pending.verdicts.push(decoder.decode(json)),
      onCorrection: (json) => {
        if (corrections !== undefined) pending.corrections.push(decoder.decode(json))
      },
      onDeadLetter: (letter: DeadLetter) => {
        if (letters !== undefined) pending.letters.push(deadLetterLine(letter))
      },
      onProgress: async (sofar) => {
        progress.tell(sofar.read, `${sofar.verdicts} verdicts`)
        await write()
        if (interrupt.isAsked) throw new Interrupted()
      },
    })
    await write()
    progress.end()
    tellBooks(books, options)
    observeBooks(metrics, books)
    if (options.metrics !== undefined) await writeMetrics(metrics, options.metrics)
    return exitCodes.done
  } catch (error) {
    progress.end()
    if (!(error instanceof Interrupted)) throw error
    process.stderr.write('assay: interrupted; what was written up to here stands\n')
    return exitCodes.interrupted
  } finally {
    for (const log of [verdicts, corrections, letters]) await log?.close()
  }
}

class Interrupted extends Error {}

/** Opens a file of lines that this run writes from its beginning. */
async function freshLines(path: string): Promise<LineLog> {
  if (path !== '-') await rm(path, { force: true })
  return openLineLog(path)
}

const decoder = new TextDecoder()
