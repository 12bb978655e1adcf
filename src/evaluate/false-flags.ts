import { backtest } from '../backtest/backtest'
import type { Decided } from '../backtest/backtest'
import type { Verdict } from '../model/records'
import type { Policy } from '../policy/policy'
import { prepare } from '../simulator'
import type { SimulationOptions } from '../simulator'
import { isNetworkOffence } from './network-score'
import type { CountLabel, Label } from './score'
import { chunksOf } from './simulated'

/** How many live verdicts one seed had under one budget, and which of them were wrong. */
export interface FalseFlags {
  readonly seed: number
  readonly oneWrongIn: number
  readonly all: number
  readonly wrong: readonly WrongVerdict[]
}

export interface WrongVerdict {
  readonly offence: string
  readonly recommendation: string
  /** What its account took part in; `nothing` for one without a label. */
  readonly attack: string
}

/** The share of wrong verdicts over several seeds under one budget. */
export interface RealisedShare {
  readonly oneWrongIn: number
  readonly seeds: number
  readonly all: number
  readonly wrong: number
  /** Of the wrong ones, those from `warn` on; the others ask for no more than a corrected number. */
  readonly wronglySanctioned: number
  readonly seedsWithWrong: number
  /** Wrong among all verdicts of all seeds, and the exact interval of 95 % about it, as if verdicts were independent. */
  readonly share: number
  readonly low: number
  readonly high: number
  /** The mean over seeds of wrong among all, which is what the budget promises. */
  readonly meanOfSeeds: number
  /** How many of the wrong ones by what their account took part in. */
  readonly byAttack: Readonly<Record<string, number>>
}

/** The budgets that are held against what comes of them. */
export const budgets = { loose: 100, strict: 1000 } as const

/** Plays one seed of a scenario once, and decides it under both budgets; in memory. */
export async function falseFlagsOf(
  options: Partial<SimulationOptions> & { readonly seed: number },
  { policy, key }: { policy: Policy; key: Uint8Array },
): Promise<FalseFlags[]> {
  const simulation = prepare(options)
  const decided = await backtest({
    current: { ...policy, oneWrongIn: budgets.loose },
    candidate: { ...policy, oneWrongIn: budgets.strict },
    key,
    sources: [{ name: 'simulation', read: () => chunksOf(simulation.records()) }],
  })
  const labels: Label[] = [...simulation.labels, ...simulation.truth()]
  const flags = (oneWrongIn: number, { verdicts }: Decided): FalseFlags => ({
    seed: options.seed,
    oneWrongIn,
    ...wrongAmong(verdicts, labels),
  })
  return [flags(budgets.loose, decided.current), flags(budgets.strict, decided.candidate)]
}

/**
 * Every verdict that was ever live, one an id, also those that were cleared later: the budget counts what it let pass.
 * One is right when everybody whom it names is fraudulent; one on a number, when engagement of that kind was made on the
 * account within its window, and nobody honest was sanctioned for it.
 */
export function wrongAmong(
  verdicts: readonly Verdict[],
  labels: readonly Label[],
): { all: number; wrong: WrongVerdict[] } {
  const truth = truthIn(labels)
  const attacks = new Map(
    labels.map((label) => (label.type === 'count' ? ['', ''] : [label.id, label.attack])),
  )
  const live = new Map<string, Verdict>()
  for (const verdict of verdicts) if (verdict.mode === 'live') live.set(verdict.verdictId, verdict)
  const wrong = [...live.values()].filter((verdict) => !isRight(verdict, truth))
  return {
    all: live.size,
    wrong: wrong.map(({ offence, recommendation, accountId }) => ({
      offence,
      recommendation,
      attack: attacks.get(accountId) ?? 'nothing',
    })),
  }
}

/** The results of several seeds as one figure a budget. */
export function realisedShares(results: readonly FalseFlags[]): RealisedShare[] {
  const budgets = [...new Set(results.map(({ oneWrongIn }) => oneWrongIn))]
  return budgets.map((oneWrongIn) => {
    const seeds = results.filter((result) => result.oneWrongIn === oneWrongIn)
    const all = seeds.reduce((sum, result) => sum + result.all, 0)
    const wrong = seeds.flatMap((result) => result.wrong)
    const byAttack: Record<string, number> = {}
    for (const { attack } of wrong) byAttack[attack] = (byAttack[attack] ?? 0) + 1
    return {
      oneWrongIn,
      seeds: seeds.length,
      all,
      wrong: wrong.length,
      wronglySanctioned: wrong.filter(({ recommendation }) => isSanction(recommendation)).length,
      seedsWithWrong: seeds.filter((result) => result.wrong.length > 0).length,
      share: all === 0 ? 0 : wrong.length / all,
      ...exactInterval(wrong.length, all),
      meanOfSeeds:
        seeds.reduce((sum, one) => sum + one.wrong.length / Math.max(1, one.all), 0) / seeds.length,
      byAttack,
    }
  })
}

/** The exact interval of 95 % about a share (Clopper and Pearson, 1934). */
export function exactInterval(hits: number, of: number): { low: number; high: number } {
  return {
    low: hits === 0 ? 0 : bisect((share) => 1 - chanceOfAtMost(hits - 1, of, share) - 0.025),
    high: hits >= of ? 1 : bisect((share) => 0.025 - chanceOfAtMost(hits, of, share)),
  }
}

interface Truth {
  readonly fraud: ReadonlySet<string>
  readonly made: ReadonlyMap<string, readonly CountLabel[]>
}

function truthIn(labels: readonly Label[]): Truth {
  const fraud = new Set<string>()
  const made = new Map<string, CountLabel[]>()
  for (const label of labels) {
    if (label.type !== 'count') {
      if (label.label === 'fraud') fraud.add(label.id)
    } else if (label.fake > 0) made.set(label.accountId, [...(made.get(label.accountId) ?? []), label])
  }
  return { fraud, made }
}

function isRight(verdict: Verdict, { fraud, made }: Truth): boolean {
  const { accountId, offence, recommendation, window } = verdict
  if (isNetworkOffence(offence)) {
    return [accountId, ...(verdict.cluster?.members ?? [])].every((id) => fraud.has(id))
  }
  if (!fraud.has(accountId) && isSanction(recommendation)) return false
  const hours = made.get(accountId) ?? []
  if (!offence.startsWith('inflated-')) return fraud.has(accountId) || hours.length > 0
  return hours.some(
    ({ kind, hour }) =>
      offence === `inflated-${kind}s` && hour < window.end && hour + 3_600_000 > window.start,
  )
}

function isSanction(recommendation: string): boolean {
  return recommendation !== 'watch' && recommendation !== 'correct-count'
}

/** Where a function that rises from below zero to above it is zero, between 0 and 1. */
function bisect(of: (share: number) => number): number {
  let [low, high] = [0, 1]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (of(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The chance of so many hits or fewer, summed from terms in logarithms, since a term alone may be too small. */
function chanceOfAtMost(hits: number, of: number, share: number): number {
  if (share <= 0) return 1
  if (share >= 1) return hits >= of ? 1 : 0
  let logTerm = of * Math.log1p(-share)
  let total = Math.exp(logTerm)
  for (let hit = 1; hit <= hits; hit++) {
    logTerm += Math.log((of - hit + 1) / hit) + Math.log(share) - Math.log1p(-share)
    total += Math.exp(logTerm)
  }
  return Math.min(1, total)
}
