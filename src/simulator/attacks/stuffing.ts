import type { Burst, Strength } from '../burst'
import type { Stage } from '../stage'
import { scattered } from '../times'
import { levelOf } from '../world'
import { recruit } from './recruits'
import { tactics } from './tactics'

/** How many times the day's usual impressions are added, to how many each device, in what time. */
const ways = {
  blatant: { times: 12, aDevice: 1_500, hours: 3 },
  moderate: { times: 6, aDevice: 250, hours: 8 },
  stealth: { times: 3, aDevice: 80, hours: 20 },
} as const

/** Impressions that nobody looked at: a feed that farm phones load again and again, to look large to an advertiser. */
export function planStuffing(stage: Stage, strength: Strength): Burst {
  const { random, world } = stage
  const account = stage.takeAccount(0.1, 0.95)
  const way = ways[strength]
  const usual = (24 * levelOf(world, account, 'click')) / world.accounts.clickThrough[account]!
  const total = Math.max(6_000, way.times * usual)
  const viewers = recruit(stage, tactics[strength][0]!, Math.max(8, Math.round(total / way.aDevice)))
  const span = stage.spanAnywhere(way.hours)
  const count = Math.round(total / 8)
  const deeds = scattered(span, count, random).map((timeMs, place) => ({
    kind: 'impression' as const,
    timeMs,
    account,
    count: 1 + random.below(15),
    viewer: viewers[place % viewers.length]!,
  }))
  return {
    attack: `stuffed-${strength}`,
    campaign: stage.name,
    offence: 'manipulated-click-through',
    strength,
    isSelfRun: false,
    beginsMs: span.startMs,
    accounts: [account],
    accountLabel: 'fraud',
    actors: viewers,
    actorLabel: 'fraud',
    deeds,
    fronts: [],
  }
}
