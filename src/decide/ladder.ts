import { controlPValue } from '../detectors/control'
import type { Finding } from '../model/finding'
import type { Recommendation, Role } from '../model/records'

/**
 * What a finding carries. Anybody can buy traffic for a rival, so that made traffic alone corrects a number and
 * nothing more; a sanction needs evidence that the account's own operator had a hand in it: his device, or what the tests
 * of control together show. The latter infer, and carry a warning at most.
 */
export function rungFor(
  finding: Pick<Finding, 'operatorEvents' | 'control' | 'counts'>,
  ladder: LadderPolicy,
): { recommendation: Recommendation; role: Role } {
  const { operatorEvents, counts } = finding
  const isControlled =
    operatorEvents >= ladder.controlEvents || controlPValue(finding.control) <= ladder.controlPValue
  if (!isControlled) return { recommendation: 'correct-count', role: 'beneficiary' }
  const isLarge = counts.disputed >= ladder.limitDisputed && operatorEvents >= ladder.limitControlEvents
  return { recommendation: isLarge ? 'limit' : 'warn', role: 'operator' }
}

/** Rungs from the mildest to the gravest. */
export const rungs: readonly Recommendation[] = [
  'watch',
  'correct-count',
  'warn',
  'limit',
  'suspend',
  'close',
]

export function isGraver(one: Recommendation, other: Recommendation): boolean {
  return rungs.indexOf(one) > rungs.indexOf(other)
}

export interface LadderPolicy {
  /** Events from the operator's own device, shared with five or more actors, from which control is evident. */
  readonly controlEvents: number
  readonly limitControlEvents: number
  /** Chance, by all tests of control together, from which control is evident. */
  readonly controlPValue: number
  readonly limitDisputed: number
  /** How long a verdict of each rung holds. */
  readonly expiryDays: Readonly<Record<Recommendation, number>>
}
