import type { Policy } from './policy'

/**
 * What each view sees of a policy; the decide view sees all of it. Views that see no difference between two policies do
 * the same under both, which a back-test makes use of.
 */
export const policySeen = {
  actor: ['epochMs'],
  trace: ['epochMs', 'exemptCategories'],
  crew: [],
  network: ['detectors', 'exemptCategories'],
  account: ['epochMs', 'detectors'],
} as const satisfies Readonly<Record<string, readonly (keyof Policy)[]>>

/** The part of a policy that the view of a name sees. */
export type PolicySeen<Name extends keyof typeof policySeen> = Pick<Policy, (typeof policySeen)[Name][number]>
