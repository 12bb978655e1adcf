import { InvalidArgumentError } from 'commander'
import { searchEvasion } from '../evaluate/evasion'
import type { Evasion, PlatformOf, SearchOptions, Way } from '../evaluate/evasion'
import { falseFlagsOf, realisedShares } from '../evaluate/false-flags'
import type { FalseFlags, RealisedShare } from '../evaluate/false-flags'
import { TrialPlatform } from '../evaluate/trial-platform'
import type { Judge } from '../evaluate/trial-platform'
import { adversaries, findAdversary } from '../simulator/adversary'
import type { Adversary } from '../simulator/adversary'
import { exitCodes } from './exit-codes'
import type { Interrupt } from './interrupt'
import { number, table } from './progress'

/** What one search may spend, unless somebody says otherwise. */
export const searchDefaults = { seeds: 2, tries: 32 } as const

export interface EvasionOptions {
  /** Offences, or none for all. */
  readonly adversary: readonly string[] | boolean
  readonly units: readonly number[]
  readonly firstSeed: number
  readonly seeds?: number
  readonly json?: boolean
}

/** Prints what it costs to add fake units unseen: each search in a line on stderr when it is done, the table at the end. */
export async function tellCostToEvade(
  options: EvasionOptions,
  judge: Judge,
  interrupt: Interrupt,
): Promise<number> {
  const { adversary, units, firstSeed, seeds, json = false } = options
  const wanted =
    Array.isArray(adversary) && adversary.length > 0 ? adversary : adversaries.map(({ offence }) => offence)
  const attackers = wanted.map(findAdversary)
  const platforms = platformsUnder(judge)
  const evasions: Evasion[] = []
  for (const attacker of attackers) {
    for (const count of units) {
      const before = process.cpuUsage()
      const evasion = await search(attacker, { units: count, seed: firstSeed, seeds }, platforms)
      const { user, system } = process.cpuUsage(before)
      evasions.push(evasion)
      process.stderr.write(`${sentenceOf(evasion)}; ${Math.round((user + system) / 1e6)} s of CPU\n`)
      if (json) process.stdout.write(`${JSON.stringify(evasion)}\n`)
      if (!interrupt.isAsked) continue
      // What was searched has cost minutes, and holds.
      if (!json) process.stdout.write(evasionTable(evasions))
      return exitCodes.interrupted
    }
  }
  if (!json) process.stdout.write(evasionTable(evasions))
  return exitCodes.done
}

/** The platforms of the trials, each folded when it is first asked for. */
export function platformsUnder(judge: Judge): PlatformOf {
  const known = new Map<number, Promise<TrialPlatform>>()
  return (seed) => {
    const platform = known.get(seed) ?? TrialPlatform.of({ seed }, judge)
    known.set(seed, platform)
    return platform
  }
}

/** One search with the usual means. */
export function search(
  attacker: Adversary,
  {
    seeds = searchDefaults.seeds,
    ...options
  }: Omit<SearchOptions, 'seeds' | 'tries'> & { seeds?: number | undefined },
  platforms: PlatformOf,
): Promise<Evasion> {
  return searchEvasion(attacker, { ...searchDefaults, ...options, seeds }, platforms)
}

/** A row an offence and number of units: the fewest accounts and the fewest hours of the ways that were unseen. */
function evasionTable(evasions: readonly Evasion[]): string {
  return table([
    ['offence', 'added unseen', 'fewest accounts', 'fewest hours', 'ways unseen'],
    ...evasions.map(({ offence, unit, units, tried, unseen, ways }) => [
      offence,
      `${number(units)} ${unit}`,
      ways.length === 0 ? 'none found' : costOf(ways[0]!),
      ways.length > 1 ? costOf(ways.at(-1)!) : '',
      `${unseen} of ${tried}`,
    ]),
  ])
}

function sentenceOf({ offence, unit, units, ways, tried, unseen }: Evasion): string {
  const costs = ways.length === 0 ? 'no way found' : ways.map(costOf).join(', ')
  return `${offence}, ${number(units)} ${unit}: ${costs}; ${unseen} of ${tried} ways unseen`
}

function costOf({ cost }: Way): string {
  return `${number(cost.accounts)} in ${cost.hours} h`
}

export interface BudgetOptions {
  /** Scenarios of weeks. */
  readonly scenarios: readonly string[]
  readonly firstSeed: number
  readonly seeds: number
  readonly json?: boolean
}

/** Prints the share of wrong verdicts under each budget; exit code 3 where one is overrun beyond chance. */
export async function tellFalseFlags(
  options: BudgetOptions,
  judge: Judge,
  interrupt: Interrupt,
): Promise<number> {
  const { scenarios, firstSeed, seeds, json = false } = options
  const rows: (RealisedShare & { readonly scenario: string })[] = []
  for (const scenario of scenarios) {
    const results: FalseFlags[] = []
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      results.push(...(await falseFlagsOf({ scenario, seed }, judge)))
      process.stderr.write(`${scenario}: seed ${seed} done\n`)
      if (interrupt.isAsked) return exitCodes.interrupted
    }
    rows.push(...realisedShares(results).map((share) => ({ scenario, ...share })))
  }
  process.stdout.write(json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : shareTable(rows))
  const isOverrun = rows.some(({ low, oneWrongIn }) => low > 1 / oneWrongIn)
  return isOverrun ? exitCodes.gateFailed : exitCodes.done
}

function shareTable(rows: readonly (RealisedShare & { readonly scenario: string })[]): string {
  const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`
  return table([
    [
      'scenario',
      'budget',
      'wrong',
      'share',
      '95 % interval',
      'mean of seeds',
      'sanctioned',
      'seeds with one',
      'by',
    ],
    ...rows.map((row) => [
      row.scenario,
      `1 in ${number(row.oneWrongIn)}`,
      `${row.wrong} of ${number(row.all)}`,
      percent(row.share),
      `${percent(row.low)} to ${percent(row.high)}`,
      percent(row.meanOfSeeds),
      String(row.wronglySanctioned),
      `${row.seedsWithWrong} of ${row.seeds}`,
      Object.entries(row.byAttack)
        .map(([attack, count]) => `${attack} ${count}`)
        .join(', '),
    ]),
  ])
}

/** Whole numbers from 1 on, with commas between. */
export function unitsFrom(text: string): number[] {
  return text.split(',').map((part) => {
    const units = Number(part)
    if (Number.isInteger(units) && units >= 10 && units <= 10_000) return units
    throw new InvalidArgumentError('whole numbers from 10 to 10000 with commas between, such as 50,200,800.')
  })
}

/** What an attacker has, such as `accounts=200,hours=24`. */
export function budgetFrom(text: string): { accounts: number; hours: number } {
  const [, accounts, hours] = /^accounts=(\d+),hours=(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (accounts === undefined || hours === undefined) {
    throw new InvalidArgumentError('a budget reads like accounts=200,hours=24.')
  }
  return { accounts: Number(accounts), hours: Number(hours) }
}
