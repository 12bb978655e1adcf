import { Command } from 'commander'
import { quantile } from 'simple-statistics'
import { evaluateReal } from '../evaluate/real'
import { failures, parseGate } from '../evaluate/gate'
import type { Gate } from '../evaluate/gate'
import { matrixRows } from '../evaluate/matrix-table'
import { networkFiguresOf, scoreNetworks } from '../evaluate/network-score'
import type { CellScore, NetworkScore } from '../evaluate/network-score'
import { figuresOf, score } from '../evaluate/score'
import type { Label, Score } from '../evaluate/score'
import { evaluateSeed, joinSeeds } from '../evaluate/simulated'
import type { SimulatedResult } from '../evaluate/simulated'
import { SettingsError, UsageError } from '../model/errors'
import type { Correction, Verdict } from '../model/records'
import { readTextFile } from '../settings/json-file'
import { findScenario } from '../simulator'
import { exitCodes } from './exit-codes'
import { addInputOptions, readInputOptions } from './inputs'
import type { InputOptions } from './inputs'
import { Interrupt } from './interrupt'
import { number, Progress, table } from './progress'
import { tellCostToEvade, tellFalseFlags, unitsFrom } from './red-team'
import { wholeNumber } from './whole-number'

interface EvaluateOptions extends InputOptions {
  readonly labels?: string
  readonly verdicts?: string
  readonly corrections?: string
  readonly simulated?: boolean
  readonly scenario?: string
  readonly adversary?: readonly string[] | boolean
  readonly units: readonly number[]
  readonly budget?: boolean
  readonly seeds?: number
  readonly firstSeed: number
  readonly real?: string | boolean
  readonly gate: readonly Gate[]
  readonly json?: boolean
}

export function evaluateCommand(end: (exitCode: number) => void): Command {
  const command = new Command('evaluate')
    .description(
      'hold verdicts against what is true: precision, recall, delay, wrongly sanctioned, per attack',
    )
    .option('--labels <file>', 'what is true, one JSON object a line, as "assay simulate --labels" writes it')
    .option('--verdicts <file>', 'verdicts, as "assay replay --out" writes them')
    .option('--corrections <file>', 'corrected counts, as "assay replay --corrections" writes them')
    .option('--simulated', 'simulate, replay and score in one go, over several seeds')
    .option(
      '--scenario <name>',
      'which scenario (default: attacks; with --budget: long, poisoned and drifting)',
    )
    .option(
      '--adversary [offences...]',
      'the cost to evade: accounts and hours that an attacker needs to add fake units unseen (default: every offence)',
    )
    .option('--units <numbers>', 'with --adversary: how many are to be added', unitsFrom, [50, 200, 800])
    .option('--budget', 'the share of wrong verdicts over weeks, with budgets of 1 in 100 and 1 in 1,000')
    .option(
      '--seeds <number>',
      'how many seeds (default: 20, or as many as show all of it); with --adversary: on how many a way has to pass unseen (default: 2)',
      wholeNumber,
    )
    .option('--first-seed <number>', 'the first of them', wholeNumber, 1)
    .option('--real [folder]', 'measure on the real data sets in a folder (default: ../shared/data)')
    .option(
      '--gate <limit>',
      'exit with 3 unless it holds, such as recall>=0.9; may be repeated',
      collectGates,
      [],
    )
    .option('--json', 'print the figures as JSON')
  return addInputOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  assay evaluate --labels labels.ndjson --verdicts verdicts.ndjson --corrections corrections.ndjson
  assay evaluate --simulated --scenario attacks --gate precision'>='0.98 --gate framed-sanctioned'<='0
  assay evaluate --simulated --scenario benign --gate wrongly-sanctioned'<='0 --gate network-wrongly-sanctioned'<='0
  assay evaluate --simulated --scenario matrix --gate network-precision'>='0.98
  assay evaluate --simulated --scenario matrix-spun-30-15-1h-70 --seeds 1
  assay evaluate --adversary inflated-clicks steered-accounts --units 50,200
  assay evaluate --budget --scenario drifting --first-seed 501
  assay evaluate --real ../shared/data`,
    )
    .action(async (options: EvaluateOptions) => {
      if (options.real !== undefined) end(await onRealData(options))
      else if (options.adversary !== undefined) end(await onAdversary(options, options.adversary))
      else if (options.budget === true) end(await onBudget(options))
      else if (options.simulated === true) end(await onSimulatedData(options))
      else end(onFiles(options))
    })
}

function onFiles(options: EvaluateOptions): number {
  const { labels, verdicts, corrections } = options
  if (labels === undefined || verdicts === undefined) {
    throw new UsageError(
      'evaluate needs --labels and --verdicts, or --simulated, --adversary, --budget or --real; see --help',
    )
  }
  const given = {
    labels: readLines<Label>(labels, 'labels', ['type']),
    verdicts: readLines<Verdict>(verdicts, 'verdicts', ['verdictId', 'revision', 'subject']),
    corrections:
      corrections === undefined
        ? []
        : readLines<Correction>(corrections, 'corrections', ['accountId', 'kind', 'hour']),
  }
  return tell({ score: score(given), networks: scoreNetworks(given) }, {}, options)
}

async function onAdversary(
  options: EvaluateOptions,
  adversary: readonly string[] | boolean,
): Promise<number> {
  return tellCostToEvade({ ...options, adversary }, readInputOptions(options), new Interrupt())
}

async function onBudget(options: EvaluateOptions): Promise<number> {
  const scenarios = options.scenario === undefined ? ['long', 'poisoned', 'drifting'] : [options.scenario]
  const asked = { ...options, scenarios, seeds: options.seeds ?? 20 }
  return tellFalseFlags(asked, readInputOptions(options), new Interrupt())
}

async function onSimulatedData(options: EvaluateOptions): Promise<number> {
  const settings = readInputOptions(options)
  const { scenario = 'attacks' } = options
  const interrupt = new Interrupt()
  const progress = new Progress('seeds')
  const results: SimulatedResult[] = []
  const seeds = options.seeds ?? findScenario(scenario).seeds ?? 20
  for (let seed = options.firstSeed; seed < options.firstSeed + seeds; seed++) {
    progress.tell(results.length)
    results.push(await evaluateSeed({ scenario, seed }, settings))
    if (interrupt.isAsked) return exitCodes.interrupted
  }
  progress.end()
  const unbalanced = results.filter(({ balanced }) => !balanced).map(({ seed }) => seed)
  if (unbalanced.length > 0) throw new Error(`the books of seeds ${unbalanced.join(', ')} do not balance`)
  const sum = (of: (result: SimulatedResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0)
  const accountHours = sum((result) => result.accountHours)
  const joined = joinSeeds(results)
  const more = {
    seeds: results.length,
    records: sum(({ books }) => books.read),
    'account-hours': accountHours,
    'corrected-honest-per-1000-hours': (1000 * joined.score.correctedHonestHours) / accountHours,
  }
  return tell(joined, more, options)
}

async function onRealData(options: EvaluateOptions): Promise<number> {
  const folder = typeof options.real === 'string' ? options.real : '../shared/data'
  let exitCode: number = exitCodes.done
  const rows: string[][] = [['set', 'figure', 'assay', 'reference', 'goal', '']]
  for await (const result of evaluateReal(folder)) {
    if (result.reached === false) exitCode = exitCodes.gateFailed
    if (options.json === true) process.stdout.write(`${JSON.stringify(result)}\n`)
    const reached = result.reached === undefined ? '' : result.reached ? 'reached' : 'MISSED'
    rows.push([result.set, result.figure, String(result.value), result.reference, result.goal, reached])
    process.stderr.write(`${result.set}: ${result.figure} ${result.value} ${reached}\n`)
  }
  if (options.json !== true) process.stdout.write(table(rows))
  return exitCode
}

/** Prints the figures, and holds them against the gates. */
function tell(
  result: { readonly score: Score; readonly networks: NetworkScore },
  more: Record<string, number>,
  options: EvaluateOptions,
): number {
  const { byAttack } = result.score
  const { byCell } = result.networks
  const figures: Record<string, number | undefined> = {
    ...figuresOf(result.score),
    ...networkFiguresOf(result.networks),
    ...more,
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ figures, byAttack, byCell })}\n`)
  } else {
    process.stdout.write(table(Object.entries(figures).map(([name, value]) => [name, shown(value)])))
    process.stdout.write('\n')
    const attacks = Object.entries(byAttack).sort(([a], [b]) => (a < b ? -1 : 1))
    process.stdout.write(
      table([
        ['attack or burst', 'accounts', 'flagged', 'sanctioned'],
        ...attacks.map(([name, { subjects, flagged, sanctioned }]) => [
          name,
          String(subjects),
          String(flagged),
          String(sanctioned),
        ]),
      ]),
    )
    process.stdout.write(networkTables(byCell))
  }
  const failed = failures(options.gate, figures)
  for (const failure of failed) process.stderr.write(`assay: gate failed: ${failure}\n`)
  return failed.length === 0 ? exitCodes.done : exitCodes.gateFailed
}

/** The members found of each network, and the evasion matrix where it was played. */
function networkTables(byCell: Readonly<Record<string, CellScore>>): string {
  const matrix = matrixRows(byCell)
  const others = Object.entries(byCell).filter(([name]) => matrix.length === 0 || !name.startsWith('matrix-'))
  const rows = others
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { members, found, networks, networksFound, delaysMs }]) => [
      name,
      `${networksFound} of ${networks}`,
      `${found} of ${members}`,
      delaysMs.length === 0 ? '-' : shown(quantile(delaysMs, 0.5) / 60_000),
    ])
  const listed = rows.length === 0 ? [] : [['network', 'found', 'members found', 'delay, minutes'], ...rows]
  return [listed, matrix]
    .filter((part) => part.length > 0)
    .map((part) => `\n${table(part)}`)
    .join('')
}

function shown(value: number | undefined): string {
  if (value === undefined) return '-'
  return Number.isInteger(value) ? number(value) : value.toPrecision(4)
}

/** The lines of a file, each an object with these fields, which tell one sort of record from another. */
function readLines<Line>(file: string, what: string, fields: readonly string[]): Line[] {
  const lines: Line[] = []
  for (const [index, line] of readTextFile(file, 'the file').split('\n').entries()) {
    if (line.trim() === '') continue
    const record = objectIn(line)
    if (record === undefined) {
      throw new SettingsError(`${file} should hold one JSON object a line; line ${index + 1} is none`)
    }
    const lacking = fields.find((field) => !Object.hasOwn(record, field))
    if (lacking !== undefined) {
      throw new SettingsError(
        `${file} should hold ${what}; line ${index + 1} has no ${lacking}; name a file that assay wrote`,
      )
    }
    lines.push(record as Line)
  }
  return lines
}

function objectIn(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function collectGates(text: string, gates: readonly Gate[]): Gate[] {
  return [...gates, parseGate(text)]
}
