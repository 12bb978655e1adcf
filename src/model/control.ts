/**
 * Tests of control: who arranged the made events of an account, as against who only received them. What matters of each
 * is what somebody who frames a rival could do from outside.
 *
 * `own-hand`: nobody but whoever runs the account can do it, so that one of these carries a sanction. `presence`: it takes
 * being where the account is run. `outside`: anybody who watches the account can imitate it. Presence carries a sanction
 * only together with something else, and what can be done from outside never does, however much of it there is.
 */
export const controlTests = {
  'before-publication': 'own-hand',
  'sister-devices': 'own-hand',
  'operator-network': 'presence',
  'repeat-timing': 'outside',
  'within-seconds': 'outside',
  'sister-crew': 'outside',
} as const
export type ControlTest = keyof typeof controlTests
export type ControlStrength = (typeof controlTests)[ControlTest]

/** The outcome of one test of control. */
export interface ControlEvidence {
  readonly test: ControlTest
  /** Posts, events or accounts, whatever the test counts, and out of how many. */
  readonly observed: number
  readonly outOf: number
  readonly expected: number
  /** Chance of as much, or more, where somebody else arranged it. */
  readonly pValue: number
}
