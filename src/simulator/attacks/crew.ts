import type { Burst, Deed } from '../burst'
import { followerReferrers, forwardChannels } from '../habits'
import { draw } from '../random'
import { dayMs } from '../season'
import type { Stage } from '../stage'
import { forwardText, remark } from '../texts'
import { recruit } from './recruits'
import type { Tactics } from './tactics'

/** Fewest members of a pool; of one real seller 298 accounts were seen at 149 customers'. */
const fewestMembers = 300

/** The share of the pool that one order uses, so that any two customers have many members in common. */
const shareOfOrder = 0.55

/** Honest-looking deeds of a member on the side, a day. */
const camouflageADay = 2.5

/**
 * A seller's pool of aged accounts. They cost money and time, so the same ones serve customer after customer, each order
 * by another, overlapping part of them; on the side they behave as anybody.
 */
export class Crew {
  private readonly members: number[] = []

  constructor(
    private readonly stage: Stage,
    private readonly way: Tactics,
    /** How many members there are at least, and the share of the pool that one order uses. */
    private readonly pool = { members: fewestMembers, share: shareOfOrder },
  ) {
    this.grow(pool.members)
  }

  /** The campaign under which the members are labelled. */
  get name(): string {
    return this.stage.name
  }

  /** So many different members for an order; a pool that is too small for it buys more accounts. */
  hire(count: number): number[] {
    const wanted = Math.ceil(count / this.pool.share)
    if (this.members.length < wanted) this.grow(wanted - this.members.length)
    return this.stage.random.sample(this.members, count)
  }

  /** The members with their labels, and what they do besides; plan it after the last order. */
  asBurst(): Burst {
    return {
      attack: 'crew',
      campaign: this.name,
      offence: 'steered-accounts',
      strength: 'stealth',
      accounts: [],
      accountLabel: 'fraud',
      actors: this.members,
      actorLabel: 'fraud',
      deeds: this.members.flatMap((actor) => this.camouflage(actor)),
      fronts: [],
    }
  }

  private grow(count: number): void {
    this.members.push(...recruit(this.stage, this.way, count))
  }

  // The largest accounts are never the target of a campaign, so these deeds blur nobody's truth.
  private camouflage(actor: number): Deed[] {
    const { random, world, endMs } = this.stage
    const { ranked } = world.accounts
    const large = ranked.subarray(0, Math.max(1, Math.floor(ranked.length / 10)))
    const days = (endMs - world.options.startMs) / dayMs
    return Array.from({ length: random.poisson(camouflageADay * days) }, (): Deed => {
      const timeMs = Math.floor(random.between(world.options.startMs, endMs))
      const base = { timeMs, actor, account: large[random.skewed(large.length, 1.5)]! }
      const what = random.uniform()
      if (what < 0.1)
        return { ...base, kind: 'forward', channel: draw(forwardChannels, random), text: forwardText(random) }
      if (what < 0.2) return { ...base, kind: 'comment', text: remark(random) }
      const dwellMs = Math.floor(random.logNormal(25_000, 0.9))
      return { ...base, kind: 'click', dwellMs, referrer: draw(followerReferrers, random) }
    })
  }
}
