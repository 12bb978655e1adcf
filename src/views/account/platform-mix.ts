import { judgedKinds } from '../../model/event'
import { mostInADay, traitCount, traits } from '../../model/traits'
import type { Trait } from '../../model/traits'
import type { Reference } from '../../detectors/detector'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { Moment } from './moment'

/**
 * What is usual on the platform: for each kind and trait, how the share of events that carry it is spread over
 * accounts. Two readings of it:
 *
 * - the **population**: mean and spread of the share over account-hours of the last days, without the suspicious ones,
 *   so that nobody teaches the platform what is usual;
 * - the **moment**: the median over the accounts that were busy last, which follows a holiday or a new version of the
 *   app at once, and which an attacker moves only by attacking half of them.
 *
 * All of it is sums of integers and floats over account-hours in canonical order, and it is used only from the next
 * period on, so that it may be summed over the partitions of the account view.
 */
export class PlatformMix {
  private readonly population = new Float64Array((cells + traitCount) * moments)
  /** The account-hours of the hour that is closing; part of the population from the next hour on. */
  private readonly hour = new Float64Array((cells + traitCount) * moments)
  /** What accounts show now; whoever closes a period tells it. */
  readonly moment = new Moment()
  /** Hours in which anything happened; silence teaches nothing. */
  private hoursSeen = 0

  /** Adds one account-hour that is beyond suspicion. */
  learnHour(kind: number, trait: number, carrying: number, count: number): void {
    const share = Math.min(1, carrying / count)
    for (const row of [kind, anyKind]) {
      const at = (row * traitCount + trait) * moments
      this.hour[at]! += 1
      this.hour[at + 1]! += share
      this.hour[at + 2]! += share * share
      // What chance alone would spread shares of so few events.
      this.hour[at + 3]! += (share * (1 - share)) / Math.max(1, count - 1)
    }
  }

  /** Ends an hour: older account-hours weigh less, by half in three days. */
  closeHour(): void {
    this.hoursSeen++
    for (let at = 0; at < this.population.length; at++) {
      this.population[at] = this.population[at]! * hourlyDecay + this.hour[at]!
    }
    this.hour.fill(0)
  }

  /**
   * The honest share of a trait for one account, given its own history: the account's own share, drawn towards the
   * population's in the measure of how little it has shown (the beta-binomial posterior, parameters by moments), but
   * never below what is usual at the moment, nor below what chance alone brings about. A kind of which too little has
   * been seen borrows from all kinds where the trait is about the actor and not about the kind of event. Undefined while
   * too few accounts have been seen, and for a day where the trait is of days.
   */
  reference(kind: number, trait: number, own: { carrying: number; count: number }): Reference | undefined {
    if (isDaily[trait]! && this.hoursSeen < hoursOfADay) return undefined
    const now = this.moment.share(kind, trait)
    const least = leastShares[trait]!
    const ofKind = (kind * traitCount + trait) * moments
    const ofAny = (anyKind * traitCount + trait) * moments
    const isKnown = this.population[ofKind]! >= leastAccountHours
    const at = isKnown || !isBorrowed[trait]! ? ofKind : ofAny
    const seen = this.population[at]!
    if (seen < leastAccountHours) {
      return now === undefined ? undefined : { mean: bounded(now, least), concentration: coldConcentration }
    }
    const mean = bounded(this.population[at + 1]! / seen, least)
    const spread = this.population[at + 2]! / seen - mean ** 2 - this.population[at + 3]! / seen
    const correlation = Math.min(0.5, Math.max(1 / maxConcentration, spread / (mean * (1 - mean))))
    // A spread from few account-hours is itself uncertain.
    const prior = Math.min(1 / correlation - 1, coldConcentration + seen)
    // What one actor adds without end comes in one run, so that it tells of the account what one event does; and how far
    // one hour differs from the next is then known from the platform alone, however long the account's own past.
    const inRuns = isDaily[trait]!
    const runLength = inRuns ? mostInADay : 1
    const carrying = own.carrying / runLength
    const count = own.count / runLength
    const posterior = (mean * prior + carrying) / (prior + count)
    const concentration = inRuns ? prior : prior + count
    return {
      mean: bounded(Math.max(posterior, now ?? 0), least),
      concentration: Math.min(maxConcentration, Math.max(coldConcentration, concentration)),
    }
  }

  save(out: SnapshotWriter): void {
    out.array('mix.population', this.population)
    out.value('mix.hoursSeen', this.hoursSeen)
    this.moment.save(out)
  }

  load(from: SnapshotReader): void {
    this.population.set(from.float64('mix.population'))
    this.hoursSeen = from.number('mix.hoursSeen')
    this.moment.load(from)
  }
}

const cells = judgedKinds.length * traitCount
/** The row of the population that all kinds share. */
const anyKind = judgedKinds.length
const isBorrowed = traits.map(({ family }) =>
  ['devices', 'networks', 'timing', 'people', 'frequency'].includes(family),
)
/** Account-hours, sum of shares, sum of squared shares, sum of chance variances. */
const moments = 4
const hourlyDecay = 0.5 ** (1 / 72)
const leastAccountHours = 20
const hoursOfADay = 24
/** How firmly a share is known when next to nothing is: as from eight events. */
const coldConcentration = 8
/** However long an account's history, its next hour may differ: as from eighty events. */
const maxConcentration = 80
/** No share is impossible and none is certain. */
function bounded(share: number, least: number): number {
  return Math.min(0.98, Math.max(least, share))
}

const isDaily = traits.map((trait: Trait) => trait.isDaily === true)
const leastShares = traits.map(({ byChance = 0.005 }: Trait) => byChance)
