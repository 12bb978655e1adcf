import { followerReferrers } from '../habits'
import { article } from '../writing/articles'
import { burst } from '../times'
import type { BenignCase } from './benign'
import { crowdSize, impressionsOf, reads } from '../doings'

export const breakingNews: BenignCase = {
  name: 'breaking-news',
  summary:
    'Three news accounts report the same event within minutes, and everybody reads, forwards and comments at once.',

  plan(stage) {
    const accounts = [stage.takeAccount(0, 0.1), stage.takeAccount(0, 0.25), stage.takeAccount(0.05, 0.4)]
    const span = stage.spanAt(14, 4)
    const deeds = accounts.flatMap((account) => {
      const timeMs = span.startMs - stage.random.below(240_000)
      const actor = stage.world.accounts.operator[account]!
      const readers = stage.readersOf(account, 5_000)
      const crowd = [...readers, ...stage.anybody(readers.length)]
      const count = crowdSize(stage, account, 12, 600, 6_000)
      const clicks = burst(span, count, stage.random).flatMap((clickMs) =>
        reads(
          stage,
          { timeMs: clickMs, actor: stage.random.pick(crowd), account, referrers: followerReferrers },
          { forwards: 0.16, comments: 0.12, subscribes: 0.01 },
        ),
      )
      return [{ kind: 'post' as const, timeMs, actor, account, article: article(stage.random) }, ...clicks]
    })
    return { accounts, offence: 'inflated-clicks', deeds: [...deeds, ...impressionsOf(deeds, stage)] }
  },
}
