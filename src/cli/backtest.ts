import { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { backtest } from '../backtest/backtest'
import { failedCases, readCases } from '../backtest/cases'
import { allRungs, compare } from '../backtest/compare'
import type { Comparison, Flag } from '../backtest/compare'
import { exceeded, readLimits } from '../backtest/limits'
import type { BacktestReport } from '../backtest/report'
import type { Label } from '../evaluate/score'
import { unreadable } from '../log/source-errors'
import { balances } from '../runtime/books'
import { exitCodes } from './exit-codes'
import { addInputOptions, checkFiles, readInputOptions, sourcesFrom } from './inputs'
import type { InputOptions } from './inputs'
import { Interrupt } from './interrupt'
import { policyFrom } from './policy'
import { number, Progress, table } from './progress'

interface BacktestCommandOptions extends InputOptions {
  readonly against: string
  readonly labels?: string
  readonly cases?: string
  readonly gate?: string
  readonly json?: boolean
}

export function backtestCommand(end: (exitCode: number) => void): Command {
  const command = new Command('backtest')
    .description('two policies over the same events: who is newly flagged, who no longer is, by rung')
    .argument('<files...>', '.ndjson, .ndjson.gz or .avro, as for "assay replay"')
    .requiredOption('--against <file>', 'the candidate policy, held against the one of --policy')
    .option('--labels <file>', 'what is true, one JSON object a line: counts who is really wrong')
    .option(
      '--cases <file>',
      'what the candidate must come to, one JSON object a line, such as overturned verdicts',
    )
    .option('--gate <json>', 'the most that figures may be, as JSON or in a file; exit with 3 beyond them')
    .option('--json', 'print a report as JSON, which "assay console --backtest" shows')
  return addInputOptions(command)
    .addHelpText(
      'after',
      `
A case is a line of type "regression" of the surges, such as each overturned verdict leaves, or reads {"offence": "inflated-clicks", "accountId": "…", "window": {"start": 0, "end": 1}, "expected": "none"}, or
expects a rung. Figures ending in "Now" are of the policy of --policy; all others are of the candidate.

Examples:
  assay backtest day.ndjson --against stricter.json
  assay backtest day.ndjson --policy now.json --against next.json --labels labels.ndjson
  assay backtest day.ndjson --against next.json --json > report.json
  grep '"type":"regression"' surges.ndjson > cases.ndjson
  assay backtest day.ndjson --against next.json --cases cases.ndjson --gate '{"newlyFlagged":10,"expectedWrong":0.5}'`,
    )
    .action(async (files: string[], options: BacktestCommandOptions) => {
      end(await runBacktest(files, options))
    })
}

async function runBacktest(files: readonly string[], options: BacktestCommandOptions): Promise<number> {
  const { policy: current, key } = readInputOptions(options)
  const candidate = policyFrom(options.against)
  const limits = options.gate === undefined ? {} : readLimits(options.gate)
  const cases = options.cases === undefined ? [] : readCases(options.cases)
  const labels = options.labels === undefined ? undefined : readLabels(options.labels)
  checkFiles(files, [])
  const readsPipe = files.includes('-')
  const interrupt = new Interrupt(() => {
    if (readsPipe) process.stdin.destroy()
  })
  const progress = new Progress('records')
  try {
    const { books, shared, ...decided } = await backtest({
      ...{ current, candidate, key },
      sources: sourcesFrom(files, options.kind),
      isThreaded: availableParallelism() > 1,
      isStopping: () => interrupt.isAsked,
      onProgress: ({ read }) => {
        progress.tell(read)
      },
    })
    progress.end()
    if (interrupt.isAsked) return interrupted()
    if (!balances(books)) throw new Error('the books of the back-test do not balance')
    const compared = compare(decided.current, decided.candidate, labels)
    const failed = failedCases(cases, decided.candidate.verdicts)
    const figures = { ...compared.figures, failedCases: failed.length }
    const gate = { limits, exceeded: exceeded(limits, figures) }
    const broken = [...gate.exceeded, ...failed]
    const report: BacktestReport = {
      ...{ current: current.version, candidate: candidate.version, records: books.read },
      newlyFlagged: [...compared.newlyFlagged],
      noLongerFlagged: [...compared.noLongerFlagged],
      ...{ byOffence: compared.byOffence, byRung: compared.byRung },
      ...{ figures, gate, failedCases: failed, shared: [...shared] },
    }
    if (options.json === true) process.stdout.write(`${JSON.stringify(report)}\n`)
    else process.stdout.write(textOf(report))
    for (const sentence of broken) process.stderr.write(`assay: ${sentence}\n`)
    return broken.length === 0 ? exitCodes.done : exitCodes.gateFailed
  } catch (error) {
    // A pipe that is closed on the way out ends with an error of its own.
    if (interrupt.isAsked) return interrupted()
    throw error
  } finally {
    progress.end()
    if (readsPipe) process.stdin.destroy()
  }
}

function interrupted(): number {
  process.stderr.write(
    'assay: interrupted; a part of the events says nothing, so that nothing was compared\n',
  )
  return exitCodes.interrupted
}

function readLabels(path: string): Label[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Label)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function textOf({ byOffence, byRung, figures, newlyFlagged, noLongerFlagged }: Comparison): string {
  const offences = Object.entries(byOffence).map(([offence, changes]) => [
    offence,
    ...[changes.current, changes.candidate, changes.newlyFlagged, changes.noLongerFlagged].map(number),
    ...[changes.raised, changes.lowered].map(number),
  ])
  const rungs = allRungs.filter((rung) =>
    Object.entries(byRung).some(([from, to]) => from === rung || to[rung] !== undefined),
  )
  const moves = rungs.map((from) => [from, ...rungs.map((to) => number(byRung[from]?.[to] ?? 0))])
  return [
    table([['offence', 'now', 'then', 'newly', 'no longer', 'raised', 'lowered'], ...offences]),
    table([['rung now, then', ...rungs], ...moves]),
    flagsText('newly flagged', newlyFlagged),
    flagsText('no longer flagged', noLongerFlagged),
    table(Object.entries(figures).map(([name, value]) => [name, String(Number(value.toPrecision(4)))])),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function flagsText(title: string, flags: readonly Flag[]): string {
  if (flags.length === 0) return ''
  const shown = flags
    .slice(0, mostShown)
    .map(({ subject, offence, recommendation, verdictId }) => [
      `  ${subject}`,
      ...[offence, recommendation, verdictId],
    ])
  const more = flags.length > mostShown ? `  and ${number(flags.length - mostShown)} more, see --json\n` : ''
  return `${title}\n${table(shown)}${more}`
}

const mostShown = 20
