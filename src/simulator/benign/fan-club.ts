import type { Deed } from '../burst'
import { followerReferrers } from '../habits'
import { minuteMs } from '../season'
import { article } from '../writing/articles'
import type { BenignCase } from './benign'
import { reads } from '../doings'

const slogans = ['永远支持你', '守护最好的你', '第一！冲呀', '粉丝团报到', 'always with you', '打卡']

export const fanClub: BenignCase = {
  name: 'fan-club',
  summary:
    'Devoted fans wait for each post of their star and click, forward and chant within minutes, four times over.',

  plan(stage) {
    const account = stage.takeAccount(0.03, 0.25)
    const fans = stage.readersOf(account, 450)
    const { startMs, endMs } = stage.spanAt(11, 12)
    const author = stage.world.accounts.operator[account]!
    const deeds = [0.02, 0.3, 0.6, 0.85].flatMap((share): Deed[] => {
      const postMs = Math.floor(startMs + share * (endMs - startMs))
      const present = fans.filter(() => stage.random.chance(0.8))
      return [
        { kind: 'post', timeMs: postMs, actor: author, account, article: article(stage.random) },
        ...present.flatMap((actor) => {
          const timeMs = Math.floor(postMs + 5_000 + stage.random.exponential(2.5 * minuteMs))
          const read = reads(
            stage,
            { timeMs, actor, account, referrers: followerReferrers },
            { forwards: 0.6 },
          )
          const text = stage.random.pick(slogans)
          return [
            ...read,
            {
              kind: 'comment' as const,
              timeMs: timeMs + 20_000 + stage.random.below(60_000),
              actor,
              account,
              text,
            },
          ]
        }),
      ]
    })
    return { accounts: [account], offence: 'inflated-comments', deeds }
  },
}
