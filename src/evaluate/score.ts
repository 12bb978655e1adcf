import { quantile } from 'simple-statistics'
import { isGraver } from '../decide/ladder'
import type { Correction, Verdict } from '../model/records'
import { isNetworkOffence } from './network-score'

/** A line of a labels file: what is true of an account, an actor, or the counts of an attacked account-hour. */
export type Label = SubjectLabel | CountLabel

export interface SubjectLabel {
  readonly type: 'account' | 'actor'
  readonly id: string
  readonly label: 'fraud' | 'honest'
  readonly offence?: string | null
  /** What else it did on the way. */
  readonly also?: readonly string[] | null
  readonly campaign?: string | null
  /** Names the attack or the benign burst that the subject was in; absent for a quiet subject. */
  readonly attack?: string | null
  readonly strength?: string | null
  /** By what it could be told that it arranged its own campaign. */
  readonly tie?: string | null
  /** When the first made event happened. */
  readonly startMs?: number | null
}

export interface CountLabel {
  readonly type: 'count'
  readonly accountId: string
  readonly kind: string
  readonly hour: number
  readonly honest: number
  readonly fake: number
}

/** How verdicts and corrections stand against labels. */
export interface Score {
  /** Accounts whose numbers were moved for them, and how many have a verdict of the right offence. */
  fraud: number
  found: number
  /** Accounts with a verdict that corrects or sanctions, and how many of them had made events in their numbers. */
  flagged: number
  flaggedRightly: number
  /** Honest accounts with a recommendation of `warn` or graver, which nothing excuses. */
  sanctionedWrongly: string[]
  /** Of the honest accounts that a rival framed: how many there are, corrected and sanctioned. */
  framed: number
  framedCorrected: number
  framedSanctioned: number
  byStrength: Record<string, { fraud: number; found: number }>
  /** Of accounts that were framed, and of those that arranged it and have a tie to it: how many were sanctioned. */
  control: Record<string, { framed: number; framedSanctioned: number; tied: number; tiedSanctioned: number }>
  /** By attack or burst, where the members that a network verdict names count as well. */
  byAttack: Record<string, { subjects: number; flagged: number; sanctioned: number }>
  /** From the first made event to the first verdict, in event time. */
  delaysMs: number[]
  /** |authentic - honest| / honest of attacked account-hours, and the same of the raw count, by strength of attack. */
  errors: Record<string, { authentic: number[]; raw: number[] }>
  /** Account-hours of accounts without made events that were corrected all the same. */
  correctedHonestHours: number
}

/**
 * Scores the final state of verdicts (their highest revision) and corrections (the last of each key) against labels.
 * A framed victim counts as rightly flagged when its count is corrected, and as wrongly sanctioned from `warn` on.
 */
export function score(given: {
  labels: readonly Label[]
  verdicts: readonly Verdict[]
  corrections: readonly Correction[]
}): Score {
  const subjects = given.labels.filter((label): label is SubjectLabel => label.type === 'account')
  const counts = given.labels.filter((label): label is CountLabel => label.type === 'count')
  const standing = standingVerdicts(given.verdicts)
  const moved = new Set(counts.filter(({ fake }) => fake > 0).map(({ accountId }) => accountId))

  const result = emptyScore()
  const memberships = membershipsIn([...standing.values()].flat())
  for (const subject of subjects) {
    const own = standing.get(subject.id) ?? []
    scoreAttack(subject, [...own, ...(memberships.get(subject.id) ?? [])], result)
    scoreSubject(subject, own, result)
  }
  const fraud = new Set(subjects.filter(({ label }) => label === 'fraud').map(({ id }) => id))
  const labelled = new Map(subjects.map((subject) => [subject.id, subject]))
  for (const [accountId, verdicts] of standing) {
    if (!verdicts.some(corrects)) continue
    result.flagged++
    if (fraud.has(accountId) || moved.has(accountId)) result.flaggedRightly++
    if (labelled.get(accountId)?.label !== 'fraud' && verdicts.some(sanctions)) {
      result.sanctionedWrongly.push(accountId)
    }
  }
  const strengths = new Map(subjects.map(({ id, strength }) => [id, strength ?? 'unknown']))
  scoreCounts({ counts, corrections: given.corrections, moved, strengths }, result)
  return result
}

/** The sums of several scores; lists are joined. */
export function addScores(scores: readonly Score[]): Score {
  const sum = emptyScore()
  for (const one of scores) {
    for (const key of ['fraud', 'found', 'flagged', 'flaggedRightly', 'framed'] as const) sum[key] += one[key]
    for (const key of ['framedCorrected', 'framedSanctioned', 'correctedHonestHours'] as const)
      sum[key] += one[key]
    sum.sanctionedWrongly.push(...one.sanctionedWrongly)
    sum.delaysMs.push(...one.delaysMs)
    for (const [name, { authentic, raw }] of Object.entries(one.errors)) {
      const into = (sum.errors[name] ??= { authentic: [], raw: [] })
      into.authentic.push(...authentic)
      into.raw.push(...raw)
    }
    for (const [name, { fraud, found }] of Object.entries(one.byStrength)) {
      const into = (sum.byStrength[name] ??= { fraud: 0, found: 0 })
      into.fraud += fraud
      into.found += found
    }
    for (const [strength, part] of Object.entries(one.control)) {
      const into = controlOf(sum, strength)
      for (const key of ['framed', 'framedSanctioned', 'tied', 'tiedSanctioned'] as const)
        into[key] += part[key]
    }
    for (const [name, { subjects, flagged, sanctioned }] of Object.entries(one.byAttack)) {
      const into = (sum.byAttack[name] ??= { subjects: 0, flagged: 0, sanctioned: 0 })
      into.subjects += subjects
      into.flagged += flagged
      into.sanctioned += sanctioned
    }
  }
  return sum
}

/** The figures that gates and tables name; undefined where there is nothing to divide by. */
export function figuresOf(result: Score): Record<string, number | undefined> {
  const share = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole)
  const at = (values: readonly number[], q: number): number | undefined =>
    values.length === 0 ? undefined : quantile([...values], q)
  const byStrength = Object.entries(result.byStrength).map(
    ([strength, { fraud, found }]) => [`recall-${strength}`, share(found, fraud)] as const,
  )
  return {
    precision: share(result.flaggedRightly, result.flagged),
    recall: share(result.found, result.fraud),
    ...Object.fromEntries(byStrength),
    'wrongly-sanctioned': result.sanctionedWrongly.length,
    'framed-corrected': share(result.framedCorrected, result.framed),
    'framed-sanctioned': result.framedSanctioned,
    ...Object.fromEntries(
      Object.entries(result.control).flatMap(([strength, { framedSanctioned, tied, tiedSanctioned }]) => [
        [`framed-sanctioned-${strength}`, framedSanctioned],
        [`culprits-found-${strength}`, share(tiedSanctioned, tied)],
      ]),
    ),
    'delay-minutes-p50': divided(at(result.delaysMs, 0.5), 60_000),
    'delay-minutes-p95': divided(at(result.delaysMs, 0.95), 60_000),
    'authentic-error-p50': at(
      Object.values(result.errors).flatMap(({ authentic }) => authentic),
      0.5,
    ),
    'raw-error-p50': at(
      Object.values(result.errors).flatMap(({ raw }) => raw),
      0.5,
    ),
    ...Object.fromEntries(
      Object.entries(result.errors).flatMap(([strength, { authentic, raw }]) => [
        [`authentic-error-${strength}-p50`, at(authentic, 0.5)],
        [`raw-error-${strength}-p50`, at(raw, 0.5)],
      ]),
    ),
    'corrected-honest-hours': result.correctedHonestHours,
  }
}

function emptyScore(): Score {
  return {
    fraud: 0,
    found: 0,
    flagged: 0,
    flaggedRightly: 0,
    sanctionedWrongly: [],
    framed: 0,
    framedCorrected: 0,
    framedSanctioned: 0,
    byStrength: {},
    control: {},
    byAttack: {},
    delaysMs: [],
    errors: {},
    correctedHonestHours: 0,
  }
}

/** By account: of each verdict all revisions, where the last one stands. */
function standingVerdicts(verdicts: readonly Verdict[]): Map<string, Verdict[]> {
  const latest = new Map<string, Verdict>()
  for (const verdict of verdicts) {
    const known = latest.get(verdict.verdictId)
    if (known === undefined || verdict.revision > known.revision) latest.set(verdict.verdictId, verdict)
  }
  const byAccount = new Map<string, Verdict[]>()
  for (const verdict of verdicts) {
    const status = latest.get(verdict.verdictId)?.status
    if (status === 'cleared' || status === 'overturned' || verdict.mode !== 'live') continue
    byAccount.set(verdict.accountId, [...(byAccount.get(verdict.accountId) ?? []), verdict])
  }
  return byAccount
}

/** By account: the verdicts of network offences that name it as a member of their cluster. */
function membershipsIn(verdicts: readonly Verdict[]): Map<string, Verdict[]> {
  const byMember = new Map<string, Verdict[]>()
  for (const verdict of verdicts) {
    if (!isNetworkOffence(verdict.offence)) continue
    for (const member of verdict.cluster?.members ?? [])
      byMember.set(member, [...(byMember.get(member) ?? []), verdict])
  }
  return byMember
}

function scoreAttack({ attack }: SubjectLabel, verdicts: readonly Verdict[], result: Score): void {
  if (attack === undefined || attack === null) return
  const group = (result.byAttack[attack] ??= { subjects: 0, flagged: 0, sanctioned: 0 })
  group.subjects++
  if (verdicts.some(corrects)) group.flagged++
  if (verdicts.some(sanctions)) group.sanctioned++
}

function scoreSubject(subject: SubjectLabel, verdicts: readonly Verdict[], result: Score): void {
  const isFlagged = verdicts.some(corrects)
  const isSanctioned = verdicts.some(sanctions)
  const attack = subject.attack ?? undefined
  if (subject.label === 'honest') {
    if (attack?.startsWith('framed') !== true) return
    const framed = controlOf(result, subject.strength)
    framed.framed++
    if (isSanctioned) framed.framedSanctioned++
    result.framed++
    if (isFlagged) result.framedCorrected++
    if (isSanctioned) result.framedSanctioned++
    return
  }
  // Networks are scored apart, by their members.
  if (subject.offence === null || isNetworkOffence(subject.offence)) return
  const right = verdicts.filter(
    (verdict) => corrects(verdict) && verdict.offence === (subject.offence ?? verdict.offence),
  )
  result.fraud++
  const group = (result.byStrength[subject.strength ?? 'unknown'] ??= { fraud: 0, found: 0 })
  group.fraud++
  if (subject.tie !== undefined && subject.tie !== null) {
    const culprits = controlOf(result, subject.strength)
    culprits.tied++
    if (right.some(sanctions)) culprits.tiedSanctioned++
  }
  if (right.length === 0) return
  result.found++
  group.found++
  if (subject.startMs === undefined || subject.startMs === null) return
  result.delaysMs.push(Math.min(...right.map(({ detectedAt }) => detectedAt)) - subject.startMs)
}

function controlOf(result: Score, strength: string | null | undefined): Score['control'][string] {
  return (result.control[strength ?? 'unknown'] ??= {
    framed: 0,
    framedSanctioned: 0,
    tied: 0,
    tiedSanctioned: 0,
  })
}

function scoreCounts(
  given: {
    counts: readonly CountLabel[]
    corrections: readonly Correction[]
    moved: ReadonlySet<string>
    strengths: ReadonlyMap<string, string>
  },
  result: Score,
): void {
  const { counts, corrections, moved, strengths } = given
  const latest = new Map<string, Correction>()
  for (const one of corrections) latest.set([one.accountId, one.contentId, one.kind, one.hour].join('|'), one)
  const disputed = new Map<string, number>()
  const honestHours = new Set<string>()
  for (const one of latest.values()) {
    const key = [one.accountId, one.kind, one.hour].join('|')
    disputed.set(key, (disputed.get(key) ?? 0) + one.disputed)
    if (!moved.has(one.accountId)) honestHours.add(key)
  }
  result.correctedHonestHours = honestHours.size
  for (const { accountId, kind, hour, honest, fake } of counts) {
    if (fake === 0) continue
    const raw = honest + fake
    const authentic = raw - (disputed.get([accountId, kind, hour].join('|')) ?? 0)
    // An hour without any honest event has no relative error; one event is the least it can be wrong by.
    const errors = (result.errors[strengths.get(accountId) ?? 'unknown'] ??= { authentic: [], raw: [] })
    errors.authentic.push(Math.abs(authentic - honest) / Math.max(1, honest))
    errors.raw.push(fake / Math.max(1, honest))
  }
}

function corrects({ recommendation }: Verdict): boolean {
  return isGraver(recommendation, 'watch')
}

function sanctions({ recommendation }: Verdict): boolean {
  return isGraver(recommendation, 'correct-count')
}

function divided(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by
}
