import type { AccountDetails } from '../model/finding'
import type { Element, Recommendation, Verdict } from '../model/records'
import type { Policy } from '../policy/policy'
import { highestFor } from './exemptions'
import { isGraver, rungBelow } from './ladder'
import type { Rung } from './ladder'
import type { Precision } from './precision'

/** What limits a recommendation depends on beside the evidence. */
export interface Limited {
  readonly account: AccountDetails
  readonly detector: string
  readonly mode: Verdict['mode']
  /** What the verdict recommends already, which takes no new place in a quota. */
  readonly recommendation: Recommendation
}

/** How far the policy lets a recommendation go, whatever the evidence carries; and how many places of its quotas are taken. */
export class RungLimits {
  /** Which live verdicts have newly reached each rung in the day. */
  private reached: ReachedInDay = { day: 0, byRung: {} }

  constructor(private readonly precision: Precision) {}

  /**
   * The rung that the policy allows of what is carried: no graver than the account's grade and category have, no graver
   * than a correction while the detector is often wrong, and as many a day as there is a quota of. Each limit that bites
   * is an element of the verdict.
   */
  allowed(
    { recommendation, role }: Rung,
    now: Limited,
    { atMs, policy }: { readonly atMs: number; readonly policy: Policy },
  ): { rung: Rung; elements: Element[] } {
    const elements: Element[] = []
    let allowed = recommendation
    const keepBelow = (highest: Recommendation, element: Omit<Element, 'element' | 'pValue'>): void => {
      if (!isGraver(allowed, highest)) return
      allowed = highest
      elements.push({ element: 'limit-of-policy', pValue: 1, ...element })
    }
    const highest = highestFor(now.account, policy)
    if (highest !== undefined) {
      const sentence = `The policy recommends no more than ${highest} for accounts of this grade or category.`
      keepBelow(highest, { test: 'highest of its grade and category', observed: 0, expected: 0, sentence })
    }
    const precision = this.precision.of(now.detector, atMs, policy)
    const { least } = policy.precision
    if (precision < least) {
      const sentence = `Reviewers hold ${percent(precision)} of what ${now.detector} says to be right; below ${percent(least)} it only corrects numbers.`
      keepBelow('correct-count', {
        test: 'precision by review',
        observed: precision,
        expected: least,
        sentence,
      })
    }
    // What has been reached before is nothing new.
    while (isGraver(allowed, now.recommendation)) {
      const quota = allowed === 'watch' ? undefined : policy.quotas[allowed]
      const reached = this.reachedOn(atMs, allowed)
      if (now.mode === 'shadow' || quota === undefined || reached < quota) break
      const sentence = `${reached} verdicts have reached ${allowed} on this day, and the policy allows ${quota}.`
      keepBelow(rungBelow(allowed), {
        test: 'quota of the day',
        observed: reached,
        expected: quota,
        sentence,
      })
    }
    return { rung: { recommendation: allowed, role }, elements }
  }

  /** A verdict has newly reached its rung; those on trial take no place. */
  take(
    { mode, verdictId, recommendation }: Pick<Verdict, 'mode' | 'verdictId' | 'recommendation'>,
    atMs: number,
  ): void {
    if (mode !== 'live') return
    this.reachedOn(atMs, recommendation)
    ;(this.reached.byRung[recommendation] ??= []).push(verdictId)
  }

  /** What is found wrong leaves its place in the quota of the day to another. */
  giveBack(verdictId: string): void {
    for (const verdictIds of Object.values(this.reached.byRung)) {
      const place = verdictIds.indexOf(verdictId)
      if (place >= 0) verdictIds.splice(place, 1)
    }
  }

  state(): ReachedInDay {
    return this.reached
  }

  restore(reached: ReachedInDay): void {
    this.reached = reached
  }

  private reachedOn(atMs: number, rung: Recommendation): number {
    const day = Math.floor(atMs / dayMs)
    if (day > this.reached.day) this.reached = { day, byRung: {} }
    return this.reached.byRung[rung]?.length ?? 0
  }
}

export interface ReachedInDay {
  readonly day: number
  readonly byRung: Partial<Record<Recommendation, string[]>>
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

const dayMs = 86_400_000
