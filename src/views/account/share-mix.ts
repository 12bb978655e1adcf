import type { Reference } from '../../detectors/detector'
import { widened } from '../../state/memory'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/** How many of so many. */
export interface Share {
  readonly hits: number
  readonly trials: number
}

type Side = 'high' | 'low'

/**
 * What is usual of one share: how it is spread over an account's own hours, and over those of its cohort, the accounts
 * of about its size. Both are beta distributions by their moments, without the spread that chance alone would give so
 * few trials; and neither accuses anybody of what all accounts show at the moment: a counter that broke everywhere.
 */
export class ShareMix {
  /** By account: hours, sum of shares, of their squares, of chance variances; fading. */
  private own = new Float32Array(256 * moments)
  private readonly cohorts = new Float64Array(cohortCount * moments)
  /** The hour that is closing; part of the cohorts from the next one on. */
  private readonly hour = new Float64Array(cohortCount * moments)
  private readonly histogram = new Uint32Array(bins)
  private concurrent = -1
  /** What is usual of each cohort, which an hour asks for tens of thousands of times; undefined until it does. */
  private fitted: (Reference | undefined)[] | undefined

  get byteLength(): number {
    return this.own.byteLength
  }

  /** Shows the share of one account at this moment. */
  see({ hits, trials }: Share): void {
    this.histogram[binOf(Math.min(1, hits / trials))]!++
  }

  /** Everybody has been seen: what is judged now is held against their median too. */
  closeMoment(): void {
    this.concurrent = medianOf(this.histogram)
    this.histogram.fill(0)
  }

  /** Teaches the hour of an account that is beyond suspicion. */
  learn(account: number, { hits, trials }: Share): void {
    const share = this.lesson(account, Math.min(1, hits / trials))
    const chance = (share * (1 - share)) / Math.max(1, trials - 1)
    const cohort = cohortOf(trials) * moments
    const at = account * moments
    if (at >= this.own.length) this.own = widened(this.own, Math.max(at + moments, this.own.length * 2))
    const lesson = [1, share, share * share, chance]
    for (let moment = 0; moment < moments; moment++) {
      this.own[at + moment] = this.own[at + moment]! * ownFading + lesson[moment]!
      this.hour[cohort + moment]! += lesson[moment]!
    }
  }

  /** Ends an hour: older account-hours weigh less, by half in three days. */
  closeHour(): void {
    for (let at = 0; at < this.cohorts.length; at++) {
      this.cohorts[at] = this.cohorts[at]! * hourlyDecay + this.hour[at]!
    }
    this.hour.fill(0)
    this.fitted = undefined
  }

  /** Whether the account has ever taught its own share. */
  isKnown(account: number): boolean {
    return (this.own[account * moments] ?? 0) > 0
  }

  /**
   * What is usual for an account of so many trials, on the side that is judged. Far more than usual is more than its
   * cohort has and than it had itself; far less is a fall from its own past, where it has one, since those that were
   * always low have no past to fall from.
   */
  usual(account: number, trials: number, side: Side): Reference[] {
    const own = this.fit(this.own, account * moments, leastOwnHours)
    if (side === 'low' && own !== undefined) return [this.atThisMoment(own, side)]
    const cohort = (this.fitted ??= this.fitCohorts())[cohortOf(trials)]
    if (cohort === undefined) return own === undefined ? [] : [this.atThisMoment(own, side)]
    // A list that grows has room for more than it will ever hold, and this is asked for tens of thousands of times.
    const ofCohort = this.atThisMoment(cohort, side)
    return own === undefined ? [ofCohort] : [ofCohort, this.atThisMoment(own, side)]
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.own`, this.own)
    out.array(`${name}.cohorts`, this.cohorts)
    out.value(`${name}.concurrent`, this.concurrent)
  }

  load(from: SnapshotReader, name: string): void {
    this.own = from.float32(`${name}.own`) as Float32Array<ArrayBuffer>
    this.cohorts.set(from.float64(`${name}.cohorts`))
    this.concurrent = from.number(`${name}.concurrent`)
    this.fitted = undefined
  }

  private fitCohorts(): (Reference | undefined)[] {
    const all = this.fit(this.everybody(), 0, leastCohortHours)
    return Array.from(
      { length: cohortCount },
      (_, cohort) => this.fit(this.cohorts, cohort * moments, leastCohortHours) ?? all,
    )
  }

  private fit(sums: Float32Array | Float64Array, at: number, least: number): Reference | undefined {
    const seen = sums[at] ?? 0
    if (seen < least) return undefined
    const mean = bounded(sums[at + 1]! / seen)
    const shown = Math.max(0, sums[at + 2]! / seen - mean ** 2 - sums[at + 3]! / seen)
    // A variance from n hours is known to a share of √(2/n), and hours that overlap count for fewer.
    const spread = Math.max((leastVariation * mean * (1 - mean)) ** 2, shown * (1 + 3 * Math.sqrt(2 / seen)))
    const concentration = (mean * (1 - mean)) / spread - 1
    return { mean, concentration: Math.max(leastConcentration, Math.min(mostConcentration, concentration)) }
  }

  /** A usual share, moved to what all accounts show at the moment where that lies beyond it on the side that is judged. */
  private atThisMoment({ mean, concentration }: Reference, side: Side): Reference {
    const { concurrent } = this
    if (concurrent < 0) return { mean, concentration }
    const moved = side === 'high' ? Math.max(mean, concurrent) : Math.min(mean, concurrent)
    return { mean: bounded(moved), concentration }
  }

  /** The sums of all cohorts: for a size of which too few have been seen, such as one that an attack has made. */
  private everybody(): Float64Array {
    const sums = new Float64Array(moments)
    this.cohorts.forEach((sum, at) => (sums[at % moments]! += sum))
    return sums
  }

  /** What an hour teaches: what it showed, but no more than twice or half of the past, so that nobody teaches us his rate. */
  private lesson(account: number, share: number): number {
    const at = account * moments
    const seen = this.own[at] ?? 0
    if (seen < leastOwnHours) return share
    const mean = this.own[at + 1]! / seen
    return Math.min(1, Math.max(mean / 2, Math.min(mean * 2, share)))
  }
}

const moments = 4
/** An account's own hours fade by half in about a day of its active hours. */
const ownFading = 0.97
const hourlyDecay = 0.5 ** (1 / 72)
const leastCohortHours = 20
const leastOwnHours = 6
const leastConcentration = 2
/** However steady a share has been, the odds of the next hour may be off by a third. */
const leastVariation = 0.3
/** A share near a half is known no better than from four thousand trials. */
const mostConcentration = 4000
/** Accounts that a moment must show before its median says anything. */
const leastAccounts = 3

/** Accounts with up to two hundred trials, two thousand, and more. */
const cohortCount = 3
function cohortOf(trials: number): number {
  if (trials < 200) return 0
  return trials < 2000 ? 1 : 2
}

/** Shares differ by factors: eight bins for each halving, down to one in four thousand. */
const bins = 97
function binOf(share: number): number {
  return share <= 0 ? 0 : Math.max(0, Math.min(bins - 1, Math.round(96 + 8 * Math.log2(share))))
}

function medianOf(histogram: Uint32Array): number {
  const total = histogram.reduce((sum, count) => sum + count, 0)
  if (total < leastAccounts) return -1
  let below = 0
  const bin = histogram.findIndex((count) => (below += count) * 2 >= total)
  return 2 ** ((bin - 96) / 8)
}

/** No share is impossible and none is certain. */
function bounded(share: number): number {
  return Math.min(0.98, Math.max(1e-4, share))
}
