import type { Deed } from '../burst'
import type { MaybeEntry } from '../habits'
import { draw, mixOf } from '../random'
import { burst } from '../times'
import type { BenignCase } from './benign'
import { reads } from '../doings'

const sources = mixOf<MaybeEntry>([
  ['search', 66],
  ['recommendation', 14],
  ['article', 12],
  ['unknown', 4],
  [undefined, 4],
])

export const celebrityMention: BenignCase = {
  name: 'celebrity-mention',
  summary:
    'A celebrity names a middling account, and within two hours a thousand of his readers look it up and subscribe.',

  plan(stage) {
    const account = stage.takeAccount(0.3, 0.7)
    const celebrity = stage.takeAccount(0, 0.08)
    const fans = stage.random.sample(stage.readersOf(celebrity, 6_000), 900)
    const crowd = stage.random.sample([...fans, ...stage.silentMajority(400)], 1_300)
    const times = burst(stage.spanAt(12, 3), crowd.length, stage.random)
    const deeds = times.flatMap((timeMs, place): Deed[] => {
      const who = { actor: crowd[place]!, account }
      const subscription: Deed = { ...who, kind: 'subscription', timeMs, source: draw(sources, stage.random) }
      const soonMs = Math.floor(timeMs + 4_000 + stage.random.exponential(40_000))
      return [
        subscription,
        ...(stage.random.chance(0.55) ? reads(stage, { ...who, timeMs: soonMs }, { comments: 0.06 }) : []),
      ]
    })
    return { accounts: [account], offence: 'inflated-subscriptions', deeds }
  },
}
