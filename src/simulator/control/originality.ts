import type { Burst, Deed } from '../burst'
import { hourMs } from '../season'
import type { Stage } from '../stage'
import { withTheSeason } from '../times'
import { article } from '../writing/articles'
import type { CopyKind } from '../writing/copies'
import { copyOf } from '../writing/copies'
import { comings, equip, membersOf } from './members'
import { ownPosts, posts } from './posting'

/** An account that publishes others' older originals as its own, hours or days later; and, honest, those it takes from. */
export function planForgery(stage: Stage, copies: CopyKind): Burst[] {
  const { random, world } = stage
  const victims = Array.from({ length: 4 }, () => stage.takeAccount(0, 0.6))
  const thieves = equip(stage, 'stealth', 1)
  const span = {
    startMs: stage.warmUpEndMs,
    endMs: Math.max(stage.warmUpEndMs + hourMs, stage.endMs - 30 * hourMs),
  }
  const taken: number[] = []
  const deeds = withTheSeason(span, 8, random).flatMap((timeMs): Deed[] => {
    const account = random.pick(victims)
    const language = copies === 'translated' ? { language: 'zh' as const } : {}
    const original = article(random, { original: true, length: 5 + random.below(8), ...language })
    const takenMs = Math.min(stage.endMs - 1, timeMs + random.between(2, 28) * hourMs)
    taken.push(takenMs)
    return [
      posts({ account, actor: world.accounts.operator[account]! }, timeMs, original),
      posts(thieves[0]!, takenMs, { ...copyOf(original, copies, random), original: true }),
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
    deeds: [...comings(stage, 'stealth', thieves), ...ownPosts(stage, thieves[0]!, 4), ...deeds],
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
