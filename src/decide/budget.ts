import { discardAbove } from '../model/significance'

/**
 * The false-flag budget: an online test of a stream of p-values that keeps the expected share of wrong rejections
 * under `level`, whatever the number of tests. It spends little on a test while nothing is found, earns some back
 * with each rejection, and spends nothing on p-values that are clearly honest.
 *
 * ADDIS, algorithm 1 of Tian and Ramdas, "ADDIS: an adaptive discarding algorithm for online FDR control with
 * conservative nulls" (2019), with their sequence of spending, proportional to (j + 1)^-1.6. P-values over
 * `discardAbove` change nothing, so that they need not even be reported; all others must be, or the budget would
 * overrun. The candidate threshold is far lower than theirs, since it also caps the bar: however much has been found,
 * a chance of one in a thousand is the most that ever convicts.
 */
export class Budget {
  /** Tests that were not discarded, candidates among them, and at which test each rejection fell. */
  private kept = 0
  private candidates = 0
  private readonly rejections: { kept: number; candidates: number }[] = []

  constructor(
    /** Share of wrong rejections that is allowed, such as 0.001; a policy that takes over brings its own. */
    public level: number,
  ) {}

  /** Tests one p-value; `level` is the height of the bar it was measured against. */
  test(pValue: number): { isRejected: boolean; level: number } {
    const level = this.bar
    if (pValue > discardAbove) return { isRejected: false, level }
    const isRejected = pValue <= level
    this.kept++
    if (pValue <= candidateBelow) this.candidates++
    if (isRejected) {
      this.rejections.push({ kept: this.kept, candidates: this.candidates })
      if (this.rejections.length > rejectionsKept) this.rejections.splice(1, 1)
    }
    return { isRejected, level }
  }

  state(): BudgetState {
    return { kept: this.kept, candidates: this.candidates, rejections: this.rejections }
  }

  restore(state: BudgetState): void {
    this.kept = state.kept
    this.candidates = state.candidates
    this.rejections.push(...state.rejections)
  }

  /** How many tests have been kept. */
  get tests(): number {
    return this.kept
  }

  /** The p-value that the next test must not exceed. */
  get bar(): number {
    const wealth = this.level / 2
    const spending = (since: { kept: number; candidates: number }): number =>
      gamma(this.kept - since.kept - (this.candidates - since.candidates))
    let level = wealth * spending({ kept: 0, candidates: 0 })
    this.rejections.forEach((rejection, index) => {
      level += (index === 0 ? this.level - wealth : this.level) * spending(rejection)
    })
    return Math.min(candidateBelow, (discardAbove - candidateBelow) * level)
  }
}

export interface BudgetState {
  readonly kept: number
  readonly candidates: number
  readonly rejections: readonly { readonly kept: number; readonly candidates: number }[]
}

/** P-values up to this are candidates for rejection, on which no wealth is lost. */
const candidateBelow = 1e-3
/**
 * A rejection's gift falls as j^-1.6, so that old ones add next to nothing; leaving them out makes the test stricter,
 * never looser.
 */
const rejectionsKept = 1000

/** The share of wealth spent at the j-th test, j from 0; sums to 1 over all j. */
function gamma(j: number): number {
  return (j + 1) ** -1.6 / zeta
}

/** The sum of k^-1.6 over k from 1. */
const zeta = 2.285_766
