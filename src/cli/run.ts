import { Command, InvalidArgumentError } from 'commander'
import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UsageError } from '../model/errors'
import { Embedded } from '../runtime/embedded'
import { statsOf, viewNames } from '../runtime/stages'
import { loadTelemetry } from '../settings/load-settings'
import { FolderLock } from '../store/folder-lock'
import { declareMetrics, observeBooks, observeViews, writeMetrics } from '../telemetry/metrics'
import type { Metrics } from '../telemetry/metrics'
import { mustHold, policiesIn } from './activate'
import { tellBooks } from './books'
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
import { openTraces } from './open-traces'
import { Progress } from './progress'
import { spooled } from './spool'
import { tell } from './tell'

interface RunOptions extends InputOptions, VaultOptions {
  readonly embedded?: boolean
  readonly settings?: string
  readonly finish?: boolean
  readonly state: string
  readonly out?: string
  readonly corrections?: string
  readonly deadLetters?: string
  readonly metrics?: string
  readonly keepDays?: number
  readonly json?: boolean
}

export function runCommand(end: (exitCode: number) => void): Command {
  const command = new Command('run')
    .description('run the service; --embedded reads files or stdin and keeps its state in a folder')
    .argument(
      '[files...]',
      'with --embedded: .ndjson, .ndjson.gz or .avro; "-" or none reads JSON lines from stdin',
    )
    .option(
      '--settings <file>',
      'settings of the service as JSON; the environment goes before them; with --embedded only those of telemetry count',
    )
    .option('--finish', 'take the ends of the raw topics, as they are now, for the end of the stream')
    .option('--embedded', 'one process, no broker: logs and state are files in a folder')
    .option('--state <folder>', 'where logs, checkpoints and, unless named, the outputs are kept', 'state')
    .option('--out <file>', 'verdicts, one JSON object a line (default: verdicts.ndjson in the state folder)')
    .option('--corrections <file>', 'corrected counts (default: corrections.ndjson in the state folder)')
    .option('--dead-letters <file>', 'unreadable records (default: dead-letters.ndjson in the state folder)')
    .option(
      '--keep-days <days>',
      'with --embedded: for how many days the logs in the folder keep what persons did and wrote (default: for ever)',
      wholeDays,
    )
    .option('--metrics <file>', 'write metrics there at the end, in the text format of Prometheus')
    .option('--json', 'print the books as JSON')
  return addVaultOption(addInputOptions(command))
    .addHelpText(
      'after',
      `
Killed at any moment and started again with the same files and state folder, it goes on where it was: no verdict is
lost and none comes twice. A file that has grown is read on from where it ended. Policies that "assay policy activate"
put into the state folder take over at their event time.

The service is told by its settings what --embedded is told by options (policyFile, keyFile, vaultFolder); an option that only
--embedded heeds is refused without it.

Examples:
  ASSAY_BROKERS=kafka-1:9092,kafka-2:9092 assay run
  assay run --settings assay.json
  assay run --embedded --state /var/lib/assay events.ndjson
  producer | assay run --embedded --state /var/lib/assay -`,
    )
    .action(async (files: string[], options: RunOptions) => {
      if (options.embedded === true) {
        if (options.finish === true) throw new UsageError(finishIsForTopics)
        end(await runEmbedded(files.length === 0 ? ['-'] : files, options))
        return
      }
      if (files.length > 0) {
        throw new UsageError('the service reads topics and no files; add --embedded to read files')
      }
      refuseEmbeddedOptions(command)
      // Loaded when it is wanted: every command would start later for what it needs.
      const { runService } = await import('./run-service.js')
      end(await runService(options))
    })
}

const finishIsForTopics =
  '--finish is for the topics of the service; with --embedded a file may grow, and its last events are judged when others follow. ' +
  'Leave it out; "assay replay" takes the end of its files for the end'

/**
 * Options that only --embedded heeds, with the setting that the service has for the same. One that were passed over in silence
 * would leave ids unsealed or another policy in force than somebody believes.
 */
const settingsInstead: Readonly<Record<string, string | undefined>> = {
  policy: 'policyFile or ASSAY_POLICY_FILE',
  keyFile: 'keyFile or ASSAY_KEY_FILE',
  vault: 'vaultFolder or ASSAY_VAULT_FOLDER',
  keepDays: 'retention.eventsDays or ASSAY_RETENTION_EVENTS_DAYS',
  kind: 'kafka.topics or ASSAY_KAFKA_TOPICS',
  state: undefined,
  out: undefined,
  corrections: undefined,
  deadLetters: undefined,
  metrics: undefined,
  json: undefined,
}

function refuseEmbeddedOptions(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName()
    if (!(name in settingsInstead) || command.getOptionValueSource(name) !== 'cli') continue
    const setting = settingsInstead[name]
    throw new UsageError(
      `${option.long ?? option.flags} is only for --embedded; ` +
        (setting === undefined
          ? 'leave it out, or add --embedded'
          : `the service has the setting ${setting}`),
    )
  }
}

async function runEmbedded(files: readonly string[], options: RunOptions): Promise<number> {
  const settings = readInputOptions(options)
  const policies = policiesIn(options.state)
  const sources = [
    ...sourcesFrom(files, options.kind),
    // Named in the log by what it is, wherever the folder lies.
    ...(existsSync(policies) ? [{ ...policySource(policies), name: basename(policies) }] : []),
  ]
  const outputs = {
    out: options.out ?? join(options.state, 'verdicts.ndjson'),
    corrections: options.corrections ?? join(options.state, 'corrections.ndjson'),
    deadLetters: options.deadLetters ?? join(options.state, 'dead-letters.ndjson'),
  }
  checkFiles(files, Object.values(outputs))
  mustBeFiles(files, outputs.deadLetters)
  if (existsSync(policies)) await mustHold(policies, settings.policy)
  const readsPipe = files.includes('-')
  const interrupt = new Interrupt(() => {
    if (readsPipe) process.stdin.destroy()
  })
  const progress = new Progress('records')
  const telemetry = loadTelemetry(options.settings, process.env)
  const names = await openNames(options)
  const metrics = declareMetrics()
  const lock = await FolderLock.acquire(options.state, { onLost: endAtOnce })
  const traces = await openTraces(telemetry, metrics)
  try {
    const embedded = await Embedded.open({
      ...settings,
      ...outputs,
      ...(traces === undefined ? {} : { traces }),
      ...(names === undefined ? {} : { names }),
      folder: options.state,
      sources: sources.map((source) =>
        source.name === '-' ? spooled(source, join(options.state, 'stdin.ndjson')) : source,
      ),
      blockSpanMs: settings.policy.epochMs,
      isStopping: () => interrupt.isAsked,
      clockMs: () => performance.now(),
      ...(options.keepDays === undefined
        ? {}
        : { retention: { ms: options.keepDays * dayMs, nowMs: () => Date.now() } }),
      onProgress: (books) => {
        progress.tell(books.read, `${books.verdicts} verdicts`)
      },
      onRepair: tell,
    })
    try {
      await embedded.run()
      progress.end()
      const exitCode = tellBooks(embedded.books, { ...options, deadLetters: outputs.deadLetters })
      if (options.metrics !== undefined) await writeRunMetrics(embedded, metrics, options.metrics)
      if (!interrupt.isAsked) return exitCode
      process.stderr.write(
        'assay: interrupted; the state is kept, start again with the same files to go on\n',
      )
      return exitCodes.interrupted
    } finally {
      await embedded.close()
      await names?.close()
    }
  } finally {
    progress.end()
    // After a failure a pipe that stays open would keep the process waiting for it.
    if (readsPipe) process.stdin.destroy()
    await lock.release()
    await traces?.stop()
  }
}

async function writeRunMetrics({ books, views }: Embedded, metrics: Metrics, file: string): Promise<void> {
  observeBooks(metrics, books)
  observeViews(metrics, statsOf(views, viewNames))
  await writeMetrics(metrics, file)
}

/** A pipe can be read once, so that only the standard input, which is kept in the state, may be one. */
function mustBeFiles(files: readonly string[], deadLetters: string): void {
  const pipe = files.find((file) => file !== '-' && !statSync(file).isFile())
  if (pipe !== undefined) {
    throw new UsageError(`${pipe} is no file that can be read again after a crash; pipe it in as "-" instead`)
  }
  if (deadLetters === '-' || statSync(deadLetters, { throwIfNoEntry: false })?.isFile() === false) {
    throw new UsageError(
      `--dead-letters ${deadLetters} must be a file, since a restart reads it back; name one`,
    )
  }
}

/** Another process may be at work in the folder, so not a byte more is written. */
function endAtOnce(error: Error): void {
  tell(error.message)
  process.exit(exitCodes.failed)
}

function wholeDays(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= 3650) return days
  throw new InvalidArgumentError('give days as a whole number from 1 to 3650.')
}

const dayMs = 86_400_000
