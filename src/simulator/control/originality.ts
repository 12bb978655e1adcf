import type { Burst, Deed } from '../burst'
import { hourMs } from '../season'
import type { Stage } from '../stage'
import { withTheSeason } from '../times'
import { article } from '../writing/articles'
import type { CopyKind } from '../writing/copies'
import { copyOf } from '../writing/copies'
import { comings, equip, membersOf } from './members'
import { ownPosts, posts } from './posting'

/** How many copies are published by how many accounts, of how many victims, and how long after the original at most. */
export interface ForgeryOrder {
  readonly count: number
  readonly size: number
  readonly victimCount: number
  readonly longestHours: number
}

/** An account that publishes others' older originals as its own, hours or days later; and, honest, those it takes from. */
export function planForgery(
  stage: Stage,
  copies: CopyKind,
  { count = 8, size = 1, victimCount = 4, longestHours = 28 }: Partial<ForgeryOrder> = {},
): Burst[] {
  const { random, world } = stage
  const victims = Array.from({ length: victimCount }, () => stage.takeAccount(0, 0.6))
  const thieves = equip(stage, 'stealth', size)
  const span = {
    startMs: stage.warmUpEndMs,
    endMs: Math.max(stage.warmUpEndMs + hourMs, stage.endMs - (longestHours + 2) * hourMs),
  }
  const taken: number[] = []
  const deeds = withTheSeason(span, count, random).flatMap((timeMs, place): Deed[] => {
    const account = random.pick(victims)
    const language = copies === 'translated' ? { language: 'zh' as const } : {}
    const original = article(random, { original: true, length: 5 + random.below(8), ...language })
    const takenMs = Math.min(
      stage.endMs - 1,
      timeMs + random.between(Math.min(2, longestHours / 2), longestHours) * hourMs,
    )
    taken.push(takenMs)
    return [
      posts({ account, actor: world.accounts.operator[account]! }, timeMs, original),
      posts(thieves[place % size]!, takenMs, { ...copyOf(original, copies, random), original: true }),
    ]
  })
  const forger: Burst = {
    attack: `forged-originality-${copies}`,
    campaign: stage.name,
    offence: 'forged-originality',
    strength: copies === 'exact' ? 'blatant' : 'moderate',
    beginsMs: Math.floor(Math.min(...taken)),
    ...membersOf(thieves),
    accountLabel: 'fraud',
    actorLabel: 'fraud',
    deeds: [
      ...comings(stage, 'stealth', thieves),
      ...thieves.flatMap((thief) => ownPosts(stage, thief, 4)),
      ...deeds,
    ],
    fronts: [],
  }
  return [
    forger,
    {
      ...forger,
      attack: 'copied-by-a-forger',
      campaign: `${stage.name}-victims`,
      accounts: victims,
      actors: victims.map((account) => world.accounts.operator[account]!),
      accountLabel: 'honest',
      actorLabel: 'honest',
      deeds: [],
    },
  ]
}
