import type { Deed } from '../burst'
import { followerReferrers } from '../habits'
import { minuteMs } from '../season'
import type { Stage } from '../stage'
import type { Article } from '../texts'
import { article } from '../texts'
import type { BenignCase } from './benign'
import { reads } from './doings'

export const agencySyndication: BenignCase = {
  name: 'agency-syndication',
  summary: "Papers print an agency's reports under their own titles, word for word and within the hour.",

  plan(stage) {
    const accounts = Array.from({ length: 10 }, () => stage.takeAccount(0.05, 0.9))
    const { startMs } = stage.spanAt(10, 8)
    const deeds = Array.from({ length: 5 }, (_, report) => {
      const wire = { ...article(stage.random), original: false }
      return accounts.flatMap((account) => {
        const timeMs = startMs + report * 80 * minuteMs + stage.random.below(50 * minuteMs)
        return [prints(stage, account, timeMs, { ...wire, title: `【转载】${wire.title}` })]
      })
    }).flat()
    return { accounts, offence: 'batch-homogeneous-posting', deeds }
  },
}

export const declaredNetwork: BenignCase = {
  name: 'declared-network',
  summary:
    'City editions of one publisher, declared as a network, post the same text and send each other their readers.',

  plan(stage) {
    const accounts = Array.from({ length: 6 }, () => stage.takeAccount(0.1, 0.9))
    const network = `n${(stage.random.bits() >>> 0).toString(16).padStart(8, '0')}`
    const { startMs } = stage.spanAt(9, 10)
    const notice = article(stage.random)
    const deeds = accounts.flatMap((account): Deed[] => [
      declares(stage, account, startMs - stage.random.below(30 * minuteMs), network),
      prints(stage, account, startMs + stage.random.below(3 * minuteMs), notice),
      ...readersOfAll(stage, account, accounts, startMs),
    ])
    return { accounts, offence: 'inflated-subscriptions', deeds }
  },
}

function prints(stage: Stage, account: number, timeMs: number, text: Article): Deed {
  return { kind: 'post', timeMs, actor: stage.world.accounts.operator[account]!, account, article: text }
}

function declares(stage: Stage, account: number, timeMs: number, network: string): Deed {
  const { operator, profiles } = stage.world.accounts
  const profile = `${profiles[account]!},"declaredNetwork":"${network}"`
  return { kind: 'account', timeMs, actor: operator[account]!, account, activity: 'login', profile }
}

// Readers of one edition follow a link at the foot of the notice and subscribe to the others, one after the other.
function readersOfAll(stage: Stage, own: number, accounts: readonly number[], startMs: number): Deed[] {
  const { random } = stage
  return stage.random.sample(stage.readersOf(own, 300), 60).flatMap((actor) => {
    const timeMs = Math.floor(startMs + 4 * minuteMs + random.exponential(150 * minuteMs))
    const others = random.sample(accounts, 2 + random.below(4)).filter((account) => account !== own)
    return [
      ...reads(stage, { timeMs, actor, account: own, referrers: followerReferrers }),
      ...others.map((account, place): Deed => {
        const laterMs = timeMs + 40_000 + place * 9_000 + random.below(7_000)
        return { kind: 'subscription', timeMs: laterMs, actor, account, source: 'article' }
      }),
    ]
  })
}
