import type { MaybeEntry } from '../habits'
import { mixOf } from '../random'
import { article } from '../writing/articles'
import { contagious } from '../times'
import type { BenignCase } from './benign'
import { impressionsOf, reads } from '../doings'

const handedOn = mixOf<MaybeEntry>([
  ['chat', 68],
  ['feed', 16],
  ['external', 6],
  ['search', 5],
  [undefined, 5],
])

export const goingViral: BenignCase = {
  name: 'going-viral',
  summary:
    'An article of a small account goes from chat to chat until thousands have read it, and some stay as subscribers.',

  plan(stage) {
    const account = stage.takeAccount(0.7, 1)
    const span = stage.spanAt(12, 10)
    const crowd = [...stage.readersOf(account, 60), ...stage.anybody(1_400), ...stage.silentMajority(1_600)]
    const readers = stage.random.sample(crowd, crowd.length)
    const author = stage.world.accounts.operator[account]!
    const deeds = contagious(span, readers.length, stage.random).flatMap((timeMs, place) =>
      reads(
        stage,
        { timeMs, actor: readers[place]!, account, referrers: handedOn, medianDwellMs: 55_000 },
        { forwards: 0.22, comments: 0.07, subscribes: 0.08 },
      ),
    )
    const post = {
      kind: 'post' as const,
      timeMs: span.startMs,
      actor: author,
      account,
      article: article(stage.random),
    }
    return {
      accounts: [account],
      offence: 'inflated-clicks',
      deeds: [post, ...deeds, ...impressionsOf(deeds, stage)],
    }
  },
}
