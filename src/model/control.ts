/**
 * Tests of control: who arranged the made events of an account, as against who only received them. What matters of each
 * is what somebody who frames a rival could do from outside.
 *
 * `own-hand`: nobody but whoever runs the account can do it, so that one of these carries a sanction. `presence`: it takes
 * being where the account is run, as a guest may be. `outside`: anybody who watches the account can do it. The last two are
 * told and carry nothing, however much of them there is: a guest who watches can do all of it.
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
