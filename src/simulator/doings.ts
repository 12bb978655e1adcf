import type { Deed } from './burst'
import type { MaybeEntry } from './habits'
import { forwardChannels, strangerReferrers } from './habits'
import type { Mix } from './random'
import { draw } from './random'
import { hourMs } from './season'
import type { Stage } from './stage'
import { commentText, forwardText } from './texts'
import { levelOf } from './world'

/** A reader of a burst: who opens what, when and how he came. */
export interface Reading {
  readonly timeMs: number
  readonly actor: number
  readonly account: number
  readonly content?: number
  readonly referrers?: Mix<MaybeEntry>
  readonly medianDwellMs?: number
}

/** How many go on to what, of those who have read. */
export interface Follow {
  readonly forwards?: number
  readonly comments?: number
  readonly subscribes?: number
}

/** Somebody opens an article, reads, and perhaps goes on, as people do on any day. */
export function reads(stage: Stage, reading: Reading, follow: Follow = {}): Deed[] {
  const { random } = stage
  const { timeMs, referrers = strangerReferrers, medianDwellMs = 32_000, ...where } = reading
  const dwellMs = Math.floor(Math.max(600, random.logNormal(medianDwellMs, 0.9)))
  const later = () => ({ ...where, timeMs: Math.floor(timeMs + dwellMs + 500 + random.exponential(8_000)) })
  const deeds: Deed[] = [{ ...where, kind: 'click', timeMs, dwellMs, referrer: draw(referrers, random) }]
  if (random.chance(follow.forwards ?? 0)) {
    deeds.push({
      ...later(),
      kind: 'forward',
      channel: draw(forwardChannels, random),
      text: forwardText(random),
    })
  }
  if (random.chance(follow.comments ?? 0))
    deeds.push({ ...later(), kind: 'comment', text: commentText(random) })
  if (random.chance(follow.subscribes ?? 0))
    deeds.push({ ...later(), kind: 'subscription', source: 'article' })
  return deeds
}

/** The impressions that go with the clicks of a burst, one record an account and hour. */
export function impressionsOf(deeds: readonly Deed[], stage: Stage): Deed[] {
  const clicks = new Map<string, { account: number; hour: number; count: number }>()
  for (const deed of deeds) {
    if (deed.kind !== 'click') continue
    const hour = Math.floor(deed.timeMs / hourMs)
    const key = `${deed.account} ${hour}`
    const tally = clicks.get(key) ?? { account: deed.account, hour, count: 0 }
    tally.count++
    clicks.set(key, tally)
  }
  return [...clicks.values()].map(({ account, hour, count }): Deed => {
    const shown = Math.round(
      (count / stage.world.accounts.clickThrough[account]!) * stage.random.between(0.8, 1.25),
    )
    const timeMs = Math.min(stage.endMs - 1, (hour + 1) * hourMs - 1 - stage.random.below(60_000))
    return { kind: 'impression', timeMs, account, count: Math.max(count, shown) }
  })
}

/** A crowd's size: so many hours' worth of an account's clicks, but not fewer or more than is usual for such a thing. */
export function crowdSize(
  stage: Stage,
  account: number,
  hoursWorth: number,
  least: number,
  most: number,
): number {
  const wanted = hoursWorth * levelOf(stage.world, account, 'click') * stage.random.between(0.8, 1.25)
  return Math.round(Math.min(most, Math.max(least, wanted)))
}
