import { Command } from 'commander'
import { join } from 'node:path'
import { UsageError } from '../model/errors'
import { Embedded } from '../runtime/embedded'
import { FolderLock } from '../store/folder-lock'
import { declareMetrics, observeBooks, observeViews, writeMetrics } from '../telemetry/metrics'
import { tellBooks } from './books'
import { exitCodes } from './exit-codes'
import { addInputOptions, readInputOptions, sourcesFrom } from './inputs'
import type { InputOptions } from './inputs'
import { Interrupt } from './interrupt'
import { Progress } from './progress'
import { spooled } from './spool'

interface RunOptions extends InputOptions {
  readonly embedded?: boolean
  readonly state: string
  readonly out?: string
  readonly corrections?: string
  readonly deadLetters?: string
  readonly metrics?: string
  readonly json?: boolean
}

export function runCommand(end: (exitCode: number) => void): Command {
  const command = new Command('run')
    .description('run the service; --embedded reads files or stdin and keeps its state in a folder')
    .argument(
      '[files...]',
      'with --embedded: .ndjson, .ndjson.gz or .avro; "-" or none reads JSON lines from stdin',
    )
    .option('--embedded', 'one process, no broker: logs and state are files in a folder')
    .option('--state <folder>', 'where logs, checkpoints and, unless named, the outputs are kept', 'state')
    .option('--out <file>', 'verdicts, one JSON object a line (default: verdicts.ndjson in the state folder)')
    .option('--corrections <file>', 'corrected counts (default: corrections.ndjson in the state folder)')
    .option('--dead-letters <file>', 'unreadable records (default: dead-letters.ndjson in the state folder)')
    .option('--metrics <file>', 'write metrics there at the end, in the text format of Prometheus')
    .option('--json', 'print the books as JSON')
  return addInputOptions(command)
    .addHelpText(
      'after',
      `
Killed at any moment and started again with the same files and state folder, it goes on where it was: no verdict is
lost and none comes twice. A file that has grown is read on from where it ended.

Examples:
  assay run --embedded --state /var/lib/assay events.ndjson
  producer | assay run --embedded --state /var/lib/assay -`,
    )
    .action(async (files: string[], options: RunOptions) => {
      if (options.embedded !== true) {
        throw new UsageError('"assay run" needs --embedded: the service on Kafka is not part of this version')
      }
      end(await runEmbedded(files.length === 0 ? ['-'] : files, options))
    })
}

async function runEmbedded(files: readonly string[], options: RunOptions): Promise<number> {
  const settings = readInputOptions(options)
  const interrupt = new Interrupt()
  const lock = await FolderLock.acquire(options.state)
  const metrics = declareMetrics()
  const progress = new Progress('records')
  try {
    const embedded = await Embedded.open({
      ...settings,
      folder: options.state,
      sources: sourcesFrom(files, options.kind).map((source) =>
        source.name === '-' ? spooled(source, join(options.state, 'stdin.ndjson'), interrupt) : source,
      ),
      blockSpanMs: settings.policy.epochMs,
      out: options.out ?? join(options.state, 'verdicts.ndjson'),
      corrections: options.corrections ?? join(options.state, 'corrections.ndjson'),
      deadLetters: options.deadLetters ?? join(options.state, 'dead-letters.ndjson'),
      clockMs: () => performance.now(),
      onProgress: (books) => {
        progress.tell(books.read, `${books.verdicts} verdicts`)
      },
      onRepair: (sentence) => process.stderr.write(`assay: ${sentence}\n`),
    })
    try {
      await embedded.run(() => interrupt.isAsked)
      progress.end()
      tellBooks(embedded.books, options)
      observeBooks(metrics, embedded.books)
      observeViews(metrics, embedded.views)
      if (options.metrics !== undefined) await writeMetrics(metrics, options.metrics)
    } finally {
      await embedded.close()
    }
  } finally {
    await lock.release()
  }
  if (!interrupt.isAsked) return exitCodes.done
  process.stderr.write('assay: interrupted; the state is kept, start again with the same files to go on\n')
  return exitCodes.interrupted
}
