import type { Recommendation, Role } from '../model/records'
import type { Policy } from '../policy/policy'

/** What there is against an account, by which its rung is chosen. */
export interface RungEvidence {
  /** Events from the device of the account's own operator, which others share. */
  readonly controlEvents: number
  /** Chance, by all tests of control together, that somebody else arranged it. */
  readonly controlPValue: number
  readonly disputed: number
  /** Different people who confirmed the verdict. */
  readonly confirmations: number
  /** Other verdicts against the account that people have confirmed. */
  readonly earlierOffences: number
}

/** The ladder of a policy: for each rung that it has, what all has to be there. */
export type LadderPolicy = Policy['ladder']

export interface Rung {
  readonly recommendation: Recommendation
  readonly role: Role
}

/**
 * What a finding carries: the gravest rung of which everything is there. Anybody can buy traffic for a rival, so that
 * made traffic alone corrects a number and nothing more; a sanction needs evidence that the account's own operator had a
 * hand in it: his device, or for a warning what the tests of control show together. The gravest ones need people.
 */
export function rungFor(evidence: RungEvidence, ladder: LadderPolicy): Rung {
  const recommendation = sanctions.find((rung) => isCarried(evidence, ladder[rung]))
  return recommendation === undefined
    ? { recommendation: 'correct-count', role: 'beneficiary' }
    : { recommendation, role: 'operator' }
}

/**
 * The same for linked accounts, where the detector has weighed the evidence of control: people can take what it would
 * limit further, never what it would not.
 */
export function linkedRungFor(found: Rung, evidence: RungEvidence, ladder: LadderPolicy): Rung {
  if (found.role !== 'operator' || isGraver('limit', found.recommendation)) return found
  const weighed = { ...evidence, controlEvents: Infinity, disputed: Infinity }
  const graver = (['close', 'suspend'] as const).find((rung) => isCarried(weighed, ladder[rung]))
  return graver === undefined || !isGraver(graver, found.recommendation)
    ? found
    : { ...found, recommendation: graver }
}

function isCarried(evidence: RungEvidence, needed: RungEvidence | undefined): boolean {
  return (
    needed !== undefined &&
    isControlled(evidence, needed) &&
    evidence.disputed >= needed.disputed &&
    evidence.confirmations >= needed.confirmations &&
    evidence.earlierOffences >= needed.earlierOffences
  )
}

/** Control is shown by the operator's own device, or inferred where the rung allows that. */
function isControlled(evidence: RungEvidence, needed: RungEvidence): boolean {
  const isInferred = needed.controlPValue > 0 && evidence.controlPValue <= needed.controlPValue
  return isInferred || evidence.controlEvents >= needed.controlEvents
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

/** The rungs that need evidence of control, the gravest first. */
const sanctions = ['close', 'suspend', 'limit', 'warn'] as const

export function isGraver(one: Recommendation, other: Recommendation): boolean {
  return rungs.indexOf(one) > rungs.indexOf(other)
}

/** The rung below; the mildest has none below it. */
export function rungBelow(rung: Recommendation): Recommendation {
  return rungs[Math.max(0, rungs.indexOf(rung) - 1)]!
}
