import { isGraver, rungs } from '../decide/ladder'
import { headline } from '../decide/verdict'
import { score } from '../evaluate/score'
import type { Label } from '../evaluate/score'
import type { Correction, Offence, Recommendation, Verdict } from '../model/records'
import type { Decided } from './backtest'

/** What stands against a subject for an offence at the end. */
export interface Flag {
  readonly offence: Offence
  readonly subject: string
  readonly accountId: string
  readonly verdictId: string
  readonly recommendation: Recommendation
  readonly headline: string
}

export type Rung = Recommendation | 'none'

/** How what a candidate policy decides differs from what the current one does. */
export interface Comparison {
  readonly newlyFlagged: readonly Flag[]
  readonly noLongerFlagged: readonly Flag[]
  readonly byOffence: Readonly<Record<string, Changes>>
  /** How many went from a rung (of the current policy) to a rung (of the candidate), by both. */
  readonly byRung: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** What gates name, of the candidate unless the name says otherwise. */
  readonly figures: Readonly<Record<string, number>>
}

export interface Changes {
  current: number
  candidate: number
  newlyFlagged: number
  noLongerFlagged: number
  raised: number
  lowered: number
}

/** Compares the final states: of each verdict the highest revision, of each corrected number the last. Live ones only. */
export function compare(current: Decided, candidate: Decided, labels?: readonly Label[]): Comparison {
  const [before, after] = [flagsOf(current.verdicts), flagsOf(candidate.verdicts)]
  const byOffence: Record<string, Changes> = {}
  const byRung: Record<string, Record<string, number>> = {}
  const newlyFlagged: Flag[] = []
  const noLongerFlagged: Flag[] = []
  let newlySanctioned = 0
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [was, is] = [before.get(key), after.get(key)]
    const changes = (byOffence[(was ?? is)!.offence] ??= noChanges())
    const [from, to]: [Rung, Rung] = [was?.recommendation ?? 'none', is?.recommendation ?? 'none']
    const row = (byRung[from] ??= {})
    row[to] = (row[to] ?? 0) + 1
    if (was !== undefined) changes.current++
    if (is !== undefined) changes.candidate++
    if (is !== undefined && was === undefined) {
      changes.newlyFlagged++
      newlyFlagged.push(is)
    } else if (was !== undefined && is === undefined) {
      changes.noLongerFlagged++
      noLongerFlagged.push(was)
    } else if (isGraver(is!.recommendation, was!.recommendation)) changes.raised++
    else if (isGraver(was!.recommendation, is!.recommendation)) changes.lowered++
    if (isSanction(to) && !isSanction(from)) newlySanctioned++
  }
  const sum = (of: (changes: Changes) => number): number =>
    Object.values(byOffence).reduce((total, changes) => total + of(changes), 0)
  return {
    newlyFlagged,
    noLongerFlagged,
    byOffence,
    byRung,
    figures: {
      flaggedNow: before.size,
      flagged: after.size,
      newlyFlagged: newlyFlagged.length,
      noLongerFlagged: noLongerFlagged.length,
      raised: sum(({ raised }) => raised),
      lowered: sum(({ lowered }) => lowered),
      sanctionsNow: sanctionsAmong(before),
      sanctions: sanctionsAmong(after),
      newlySanctioned,
      expectedWrongNow: expectedWrong(current.verdicts),
      expectedWrong: expectedWrong(candidate.verdicts),
      ...correctionFigures(current.corrections, candidate.corrections),
      ...(labels === undefined ? {} : wrongFigures(current, candidate, labels)),
    },
  }
}

/** Of each live verdict that stands, its highest revision. */
export function standing(verdicts: readonly Verdict[]): Verdict[] {
  const latest = new Map<string, Verdict>()
  for (const verdict of verdicts) {
    const known = latest.get(verdict.verdictId)
    if (known === undefined || verdict.revision > known.revision) latest.set(verdict.verdictId, verdict)
  }
  return [...latest.values()].filter(
    ({ mode, status }) => mode === 'live' && status !== 'cleared' && status !== 'overturned',
  )
}

/** By offence and subject, the gravest of what stands. */
function flagsOf(verdicts: readonly Verdict[]): Map<string, Flag> {
  const flags = new Map<string, Flag>()
  for (const verdict of standing(verdicts)) {
    const { offence, subject, accountId, verdictId, recommendation } = verdict
    const key = `${offence}|${subject.type}|${subject.id}`
    const known = flags.get(key)
    if (known !== undefined && !isGraver(recommendation, known.recommendation)) continue
    flags.set(key, {
      offence,
      subject: `${subject.type} ${subject.id}`,
      accountId,
      verdictId,
      recommendation,
      headline: headline(verdict),
    })
  }
  return flags
}

function sanctionsAmong(flags: ReadonlyMap<string, Flag>): number {
  return [...flags.values()].filter(({ recommendation }) => isSanction(recommendation)).length
}

function isSanction(rung: Rung): boolean {
  return rung !== 'none' && isGraver(rung, 'correct-count')
}

/** The q-value of a verdict is the share of wrong ones among all that are at least as sure, so the sum is a bound. */
function expectedWrong(verdicts: readonly Verdict[]): number {
  return standing(verdicts).reduce((sum, { qValue }) => sum + Math.min(1, qValue), 0)
}

function correctionFigures(
  current: readonly Correction[],
  candidate: readonly Correction[],
): Readonly<Record<string, number>> {
  const [before, after] = [disputedBy(current), disputedBy(candidate)]
  const keys = [...new Set([...before.keys(), ...after.keys()])]
  const total = (of: ReadonlyMap<string, number>): number =>
    [...of.values()].reduce((sum, one) => sum + one, 0)
  return {
    correctionsChanged: keys.filter((key) => (before.get(key) ?? 0) !== (after.get(key) ?? 0)).length,
    disputedNow: total(before),
    disputed: total(after),
  }
}

/** By number that is corrected, what is in dispute of it at the end. */
function disputedBy(corrections: readonly Correction[]): Map<string, number> {
  return new Map(
    corrections.map(({ accountId, contentId, kind, hour, disputed }) => [
      [accountId, contentId, kind, hour].join('|'),
      disputed,
    ]),
  )
}

function wrongFigures(
  current: Decided,
  candidate: Decided,
  labels: readonly Label[],
): Readonly<Record<string, number>> {
  const [before, after] = [score({ ...current, labels }), score({ ...candidate, labels })]
  return {
    wrongNow: before.flagged - before.flaggedRightly,
    wrong: after.flagged - after.flaggedRightly,
    wronglySanctionedNow: before.sanctionedWrongly.length,
    wronglySanctioned: after.sanctionedWrongly.length,
    missedNow: before.fraud - before.found,
    missed: after.fraud - after.found,
  }
}

function noChanges(): Changes {
  return { current: 0, candidate: 0, newlyFlagged: 0, noLongerFlagged: 0, raised: 0, lowered: 0 }
}

/** Rungs in the order of gravity, none first. */
export const allRungs: readonly Rung[] = ['none', ...rungs]
