import { handoverDetectors, unusedDetectors } from '../../detectors'
import type { DetectorSettings } from '../../detectors/detector'
import type { LinkedDetector } from '../../detectors/linked'
import { isCovered } from '../../detectors/undeclared-transfer/detector'
import { atLeast, atMost } from '../../model/nearest'
import type { Condition, NearMiss } from '../../model/nearest'
import type { Window } from '../../model/records'
import { leastTenure } from './tenures'
import type { TenureSoFar } from './tenures'
import { longestGapMs } from './unused-accounts'
import type { Unused } from './unused-accounts'

/** What the trace view knows of one account: since when nobody has used it, or who runs it. */
export interface Known {
  readonly accountId: string
  readonly unused: (Unused & { readonly sinceMs: number }) | undefined
  /** For how long no account at all was heard of. */
  readonly silentForMs: number
  readonly tenure: TenureSoFar | undefined
  readonly transferDeclaredMs: number | undefined
  readonly nowMs: number
  readonly detectors: Readonly<Record<string, DetectorSettings>>
}

/** What the detectors of an account's use and of its operator ask for, and what there is of it. */
export function nearestOf(known: Known): readonly NearMiss[] | undefined {
  if (known.unused === undefined && known.tenure === undefined) return undefined
  return [...unusedMisses(known), ...tenureMisses(known)]
}

function unusedMisses({ unused, silentForMs, nowMs, detectors }: Known): NearMiss[] {
  const heard = atMost('silence', Math.floor(silentForMs / hourMs), longestGapMs / hourMs)
  const window = { start: unused?.sinceMs ?? nowMs, end: nowMs }
  return ask(unusedDetectors, detectors, window, (detector, settings) =>
    unused === undefined
      ? [atLeast('unused', 0, 1)]
      : [
          atLeast('unused', 1, 1),
          ...(detector.conditions?.({ ...unused, asOfMs: nowMs }, settings) ?? []),
          heard,
        ],
  )
}

function tenureMisses({ accountId, tenure, transferDeclaredMs, nowMs, detectors }: Known): NearMiss[] {
  if (tenure === undefined) return []
  const { known } = tenure
  if (tenure.phase !== 'newcomer') {
    const isLearning = tenure.phase === 'learning'
    return ask(handoverDetectors, detectors, { start: known.fromMs, end: nowMs }, () => [
      ...(isLearning
        ? [
            atLeast('known-days', daysOf(known), leastTenure.knownDays),
            atLeast('known-acts', known.acts, leastTenure.acts),
          ]
        : []),
      atLeast('newcomer-days', 0, leastTenure.newcomerDays),
    ])
  }
  const { handover } = tenure
  const history = { accountId, eventIds: [], ...handover }
  return ask(
    handoverDetectors,
    detectors,
    { start: handover.after.fromMs, end: nowMs },
    (detector, settings) => [
      atLeast('newcomer-days', daysOf(handover.after), leastTenure.newcomerDays),
      atLeast('newcomer-acts', handover.after.acts, leastTenure.acts),
      ...(detector.conditions?.(history, settings) ?? []),
      atMost('declared', Number(isCovered(handover.after.fromMs, transferDeclaredMs)), 0),
    ],
  )
}

function ask<History>(
  asked: readonly LinkedDetector<History>[],
  detectors: Known['detectors'],
  window: Window,
  conditionsOf: (detector: LinkedDetector<History>, settings: DetectorSettings) => readonly Condition[],
): NearMiss[] {
  return asked.flatMap((detector) => {
    const settings = detectors[detector.name]!
    if (settings.mode === 'off') return []
    const conditions = conditionsOf(detector, settings)
    const pValue = conditions.find(({ name }) => name === 'chance')?.observed ?? 1
    return [{ offence: detector.offence, detector: detector.name, window, pValue, conditions, elements: [] }]
  })
}

function daysOf({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): number {
  return Math.floor((toMs - fromMs) / (24 * hourMs))
}

const hourMs = 3_600_000
