import { judgedKinds } from '../../model/event'
import type { Burst, Deed } from '../burst'
import { draw } from '../random'
import type { Random } from '../random'
import type { Stage } from '../stage'
import { slogans } from '../texts'
import { recruit } from './recruits'
import { tactics } from './tactics'

/** The share of accounts on which it happens, and how many deeds an account gets over the whole run. */
const shareOfAccounts = 1 / 6
const deedsAnAccount = 90

/**
 * Bought traffic on many accounts at once that grows from nothing over the whole run: never a burst, so that what is
 * usual, of the platform and of each of these accounts, is learnt from it. Every account is used without its knowing.
 */
export function planPoisoning(stage: Stage): Burst {
  const { random, world } = stage
  const way = tactics.moderate[0]!
  const size = Math.round(world.accounts.size * shareOfAccounts)
  const accounts = Array.from({ length: size }, () => stage.takeAccount(0.1, 1))
  const actors = recruit(stage, way, size * 6)
  const texts = slogans(way.wordings, random)
  const deeds = accounts.flatMap((account) =>
    Array.from({ length: deedsAnAccount }, (_, place): Deed => {
      const base = { timeMs: growing(stage, random), actor: random.pick(actors), account, isBought: true }
      const kind = judgedKinds[place % judgedKinds.length]!
      switch (kind) {
        case 'click':
          return {
            ...base,
            kind,
            dwellMs: Math.floor(random.logNormal(way.dwell.medianMs, way.dwell.sigma)),
            referrer: draw(way.referrers, random),
          }
        case 'subscription':
          return { ...base, kind, source: draw(way.sources, random) }
        case 'forward':
          return { ...base, kind, channel: draw(way.channels, random), text: random.pick(texts) }
        case 'comment':
          return { ...base, kind, text: random.pick(texts) }
      }
    }),
  )
  return {
    attack: 'poisoning',
    campaign: stage.name,
    offence: null,
    accounts,
    accountLabel: 'honest',
    actors,
    actorLabel: 'fraud',
    deeds,
    fronts: [],
  }
}

// The rate rises in a straight line from nothing.
function growing({ warmUpEndMs, endMs }: Stage, random: Random): number {
  return Math.floor(warmUpEndMs + Math.sqrt(random.uniform()) * (endMs - warmUpEndMs))
}
