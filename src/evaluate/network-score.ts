import { quantile } from 'simple-statistics'
import { isGraver } from '../decide/ladder'
import type { Offence, Verdict } from '../model/records'
import type { Label, SubjectLabel } from './score'

/** The offences that accounts commit together, or by what they publish: their verdicts name accounts, not numbers. */
export const networkOffences: readonly Offence[] = [
  'batch-homogeneous-posting',
  'steered-accounts',
  'false-hotspot',
  'forged-originality',
  'bulk-registration',
  'reincarnated-account',
  'dormant-account',
  'undeclared-transfer',
]

/** How the verdicts on networks stand against labels. */
export interface NetworkScore {
  /** By attack, which is the cell of a matrix. */
  readonly byCell: Record<string, CellScore>
  /** By offence of the label: its accounts, and how many have a verdict of exactly that offence. */
  readonly byOffence: Record<string, { members: number; found: number }>
  /** Actors of crews that serve many customers, and how many some verdict's cluster names. */
  crew: { members: number; found: number }
  /** Who is named by a verdict of a network offence, at any rung, and who from `warn` on; how many of them rightly. */
  named: { all: number; right: number }
  warned: { all: number; right: number }
  /** Pairs that a cluster puts together, and how many of those belong to one campaign. */
  clustered: { all: number; right: number }
  /** Pairs of accounts of one campaign, and how many of those a cluster puts together. */
  belonging: { all: number; found: number }
  /** Honest ones, accounts or actors, that a verdict from `warn` on names. */
  readonly sanctionedWrongly: string[]
}

export interface CellScore {
  members: number
  found: number
  networks: number
  networksFound: number
  /** Of the networks found: from when it could first be told to the first verdict, in event time. */
  readonly delaysMs: number[]
}

/**
 * Scores the standing live verdicts of network offences. A member is found when the latest revision of a verdict of its
 * offence, or of one that it committed on the way, names it as account or as member of the cluster. Whoever has no label
 * is honest, and any network offence of somebody fraudulent counts as rightly named.
 */
export function scoreNetworks(given: {
  labels: readonly Label[]
  verdicts: readonly Verdict[]
}): NetworkScore {
  const subjects = given.labels.filter((label): label is SubjectLabel => label.type !== 'count')
  const fraud = subjects.filter(({ label }) => label === 'fraud')
  const standing = standingVerdicts(given.verdicts)
  const onNetworks = standing.filter(({ latest }) => networkOffences.includes(latest.offence))

  const result = emptyNetworkScore()
  const members = fraud.filter(({ type, offence }) => type === 'account' && isNetworkOffence(offence))
  for (const campaign of groupBy(members, ({ campaign }) => campaign ?? '').values()) {
    scoreCampaign(campaign, onNetworks, result)
  }
  scoreCrews(fraud, standing, result)
  scoreNames(fraud, onNetworks, result)
  scorePairs(fraud, standing, result)
  return result
}

/** The sums of several scores; lists are joined. */
export function addNetworkScores(scores: readonly NetworkScore[]): NetworkScore {
  const sum = emptyNetworkScore()
  for (const one of scores) {
    for (const key of ['crew', 'named', 'warned', 'clustered', 'belonging'] as const) add(sum[key], one[key])
    for (const [name, counts] of Object.entries(one.byOffence))
      add((sum.byOffence[name] ??= { members: 0, found: 0 }), counts)
    for (const [name, from] of Object.entries(one.byCell)) {
      const cell = (sum.byCell[name] ??= emptyCell())
      for (const key of ['members', 'found', 'networks', 'networksFound'] as const) cell[key] += from[key]
      cell.delaysMs.push(...from.delaysMs)
    }
    sum.sanctionedWrongly.push(...one.sanctionedWrongly)
  }
  return sum
}

/** The figures that gates and tables name; undefined where there is nothing to divide by. */
export function networkFiguresOf(result: NetworkScore): Record<string, number | undefined> {
  const cells = Object.values(result.byCell)
  const total = (of: (cell: CellScore) => number): number => cells.reduce((sum, cell) => sum + of(cell), 0)
  const delays = cells.flatMap(({ delaysMs }) => delaysMs)
  return {
    'network-precision': share(result.named.right, result.named.all),
    'network-precision-warned': share(result.warned.right, result.warned.all),
    'network-recall': share(
      total(({ found }) => found),
      total(({ members }) => members),
    ),
    ...Object.fromEntries(
      Object.entries(result.byOffence).map(([offence, { members, found }]) => [
        `recall-${offence}`,
        share(found, members),
      ]),
    ),
    'networks-found': share(
      total(({ networksFound }) => networksFound),
      total(({ networks }) => networks),
    ),
    'crew-recall': share(result.crew.found, result.crew.members),
    'network-delay-minutes-p50': delays.length === 0 ? undefined : quantile(delays, 0.5) / 60_000,
    'network-delay-minutes-p95': delays.length === 0 ? undefined : quantile(delays, 0.95) / 60_000,
    'cluster-pair-precision': share(result.clustered.right, result.clustered.all),
    'cluster-pair-recall': share(result.belonging.found, result.belonging.all),
    'network-wrongly-sanctioned': result.sanctionedWrongly.length,
  }
}

export function isNetworkOffence(offence: string | null | undefined): boolean {
  return networkOffences.some((one) => one === offence)
}

/** All revisions of a verdict that was not taken back, and the latest, which holds. */
interface Standing {
  readonly latest: Verdict
  readonly revisions: readonly Verdict[]
}

function standingVerdicts(verdicts: readonly Verdict[]): Standing[] {
  const live = verdicts.filter(({ mode }) => mode === 'live')
  return [...groupBy(live, ({ verdictId }) => verdictId).values()].flatMap((revisions) => {
    const latest = revisions.reduce((last, one) => (one.revision > last.revision ? one : last))
    return latest.status === 'cleared' || latest.status === 'overturned' ? [] : [{ latest, revisions }]
  })
}

function namesIn(verdict: Verdict): string[] {
  return [verdict.accountId, ...(verdict.cluster?.members ?? [])]
}

function scoreCampaign(
  members: readonly SubjectLabel[],
  standing: readonly Standing[],
  result: NetworkScore,
): void {
  const [{ attack, offence, also, startMs }] = members as [SubjectLabel]
  const ids = new Set(members.map(({ id }) => id))
  const right = standing.filter(({ latest }) => [offence, ...(also ?? [])].includes(latest.offence))
  const named = (verdicts: readonly Standing[]): number =>
    new Set(verdicts.flatMap(({ latest }) => namesIn(latest)).filter((id) => ids.has(id))).size

  const cell = (result.byCell[attack ?? 'unknown'] ??= emptyCell())
  cell.members += ids.size
  cell.networks++
  const found = named(right)
  cell.found += found
  const exact = named(right.filter(({ latest }) => latest.offence === offence))
  add((result.byOffence[String(offence)] ??= { members: 0, found: 0 }), { members: ids.size, found: exact })
  if (found === 0) return
  cell.networksFound++
  if (startMs === undefined || startMs === null) return
  const naming = right
    .flatMap(({ revisions }) => revisions)
    .filter((one) => namesIn(one).some((id) => ids.has(id)))
  // What was committed on the way may have been seen before.
  cell.delaysMs.push(Math.max(0, Math.min(...naming.map(({ detectedAt }) => detectedAt)) - startMs))
}

// A crew is a campaign of actors without an account of its own.
function scoreCrews(
  fraud: readonly SubjectLabel[],
  standing: readonly Standing[],
  result: NetworkScore,
): void {
  const ofAccounts = new Set(fraud.filter(({ type }) => type === 'account').map(({ campaign }) => campaign))
  const members = fraud.filter(
    ({ type, offence, campaign }) =>
      type === 'actor' && isNetworkOffence(offence) && !ofAccounts.has(campaign),
  )
  const clustered = new Set(standing.flatMap(({ latest }) => latest.cluster?.members ?? []))
  const found = members.filter(({ id }) => clustered.has(id)).length
  result.crew = { members: members.length, found }
}

function scoreNames(
  fraud: readonly SubjectLabel[],
  standing: readonly Standing[],
  result: NetworkScore,
): void {
  const guilty = new Set(fraud.map(({ id }) => id))
  const tally = (verdicts: readonly Standing[]): { all: number; right: number; wrong: string[] } => {
    const names = [...new Set(verdicts.flatMap(({ latest }) => namesIn(latest)))]
    const wrong = names.filter((id) => !guilty.has(id))
    return { all: names.length, right: names.length - wrong.length, wrong }
  }
  const { all, right } = tally(standing)
  result.named = { all, right }
  const warned = tally(standing.filter(({ latest }) => isGraver(latest.recommendation, 'correct-count')))
  result.warned = { all: warned.all, right: warned.right }
  result.sanctionedWrongly.push(...warned.wrong)
}

function scorePairs(
  fraud: readonly SubjectLabel[],
  standing: readonly Standing[],
  result: NetworkScore,
): void {
  const campaignOf = new Map(fraud.map(({ id, campaign }) => [id, campaign]))
  const isTogether = (one: string, other: string): boolean =>
    campaignOf.has(one) && campaignOf.get(one) === campaignOf.get(other)
  const pairs = new Set<string>()
  for (const { latest } of standing) {
    for (const [one, other] of pairsOf([...new Set(latest.cluster?.members ?? [])])) {
      const key = `${one} ${other}`
      if (pairs.has(key)) continue
      pairs.add(key)
      result.clustered.all++
      if (isTogether(one, other)) result.clustered.right++
    }
  }
  const accounts = fraud.filter(({ type, campaign }) => type === 'account' && campaign)
  for (const members of groupBy(accounts, ({ campaign }) => campaign ?? '').values()) {
    for (const [one, other] of pairsOf(members.map(({ id }) => id))) {
      result.belonging.all++
      if (pairs.has(`${one} ${other}`)) result.belonging.found++
    }
  }
}

/** Every pair once, its names in order. */
function* pairsOf(ids: readonly string[]): Generator<[string, string]> {
  const sorted = [...ids].sort()
  for (let first = 0; first < sorted.length; first++) {
    for (let second = first + 1; second < sorted.length; second++) yield [sorted[first]!, sorted[second]!]
  }
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) {
    const group = groups.get(keyOf(one))
    if (group) group.push(one)
    else groups.set(keyOf(one), [one])
  }
  return groups
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole
}

function add(into: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(more)) into[key] = (into[key] ?? 0) + count
}

function emptyCell(): CellScore {
  return { members: 0, found: 0, networks: 0, networksFound: 0, delaysMs: [] }
}

function emptyNetworkScore(): NetworkScore {
  return {
    byCell: {},
    byOffence: {},
    crew: { members: 0, found: 0 },
    named: { all: 0, right: 0 },
    warned: { all: 0, right: 0 },
    clustered: { all: 0, right: 0 },
    belonging: { all: 0, found: 0 },
    sanctionedWrongly: [],
  }
}
