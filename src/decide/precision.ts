import type { Decision } from '../model/ruling'
import type { Policy } from '../policy/policy'

/**
 * How often each detector is right, as reviewers see it: the mean of a beta distribution, which begins at what the
 * budget promises and is moved by every reviewed verdict; a review counts half after the policy's half-life. (Gelman et
 * al., Bayesian Data Analysis, 3rd ed. 2013, 2.4: a beta prior is so many observations seen before.)
 *
 * A detector below the policy's bound is held to a stricter bar: its p-values count as many times as its wrong share is
 * of the allowed one. That is a p-value divided by a weight below 1, chosen before the p-value is seen, under which a
 * control of false discoveries holds as it did (Genovese, Roeder and Wasserman, "False discovery control with p-value
 * weighting", Biometrika 93, 2006).
 */
export class Precision {
  private readonly reviewed = new Map<string, Reviewed>()

  /** A verdict of a detector was reviewed. */
  add(detector: string, decision: Decision, atMs: number, policy: PrecisionPolicy): void {
    this.move(detector, decision, 1, atMs, policy)
  }

  /** A review of then no longer holds: another one has taken its place. */
  takeBack(
    detector: string,
    decision: Decision,
    { thenMs, nowMs }: { readonly thenMs: number; readonly nowMs: number },
    policy: PrecisionPolicy,
  ): void {
    this.move(detector, decision, -fading(nowMs - thenMs, policy), nowMs, policy)
  }

  /** The share of its verdicts that are right. */
  of(detector: string, atMs: number, policy: PrecisionPolicy): number {
    const { priorVerdicts } = policy.precision
    const wrongBefore = priorVerdicts / policy.oneWrongIn
    const known = this.reviewed.get(detector)
    if (known === undefined) return 1 - wrongBefore / priorVerdicts
    const fade = fading(atMs - known.atMs, policy)
    const confirmed = known.confirmed * fade
    const overturned = known.overturned * fade
    return (priorVerdicts - wrongBefore + confirmed) / (priorVerdicts + confirmed + overturned)
  }

  /** How many times a p-value of the detector counts; 1 while it is as good as it must be. */
  strictness(detector: string, atMs: number, policy: PrecisionPolicy): number {
    const { least } = policy.precision
    return Math.max(1, (1 - this.of(detector, atMs, policy)) / (1 - least))
  }

  /** By detector, for those that were reviewed. */
  all(atMs: number, policy: PrecisionPolicy): Record<string, number> {
    return Object.fromEntries(
      [...this.reviewed.keys()].sort().map((detector) => [detector, this.of(detector, atMs, policy)]),
    )
  }

  state(): readonly (readonly [string, Reviewed])[] {
    return [...this.reviewed]
  }

  restore(state: ReturnType<Precision['state']>): void {
    for (const [detector, known] of state) this.reviewed.set(detector, known)
  }

  private move(
    detector: string,
    decision: Decision,
    weight: number,
    atMs: number,
    policy: PrecisionPolicy,
  ): void {
    const known = this.reviewed.get(detector) ?? { confirmed: 0, overturned: 0, atMs }
    const fade = fading(atMs - known.atMs, policy)
    const faded = { confirmed: known.confirmed * fade, overturned: known.overturned * fade, atMs }
    this.reviewed.set(detector, { ...faded, [decision]: Math.max(0, faded[decision] + weight) })
  }
}

type PrecisionPolicy = Pick<Policy, 'precision' | 'oneWrongIn'>

/** Reviews, faded up to a moment. */
interface Reviewed {
  readonly confirmed: number
  readonly overturned: number
  readonly atMs: number
}

function fading(passedMs: number, { precision }: PrecisionPolicy): number {
  return 0.5 ** (passedMs / (precision.halfLifeDays * dayMs))
}

const dayMs = 86_400_000
