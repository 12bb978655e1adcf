import type { Deed } from '../burst'
import { mixOf, draw } from '../random'
import type { Stage } from '../stage'
import { towardsTheEnd } from '../times'
import type { BenignCase } from './benign'
import { crowdSize, reads } from '../doings'

const wishes = mixOf([
  ['转发抽奖', 70],
  ['转发抽奖，希望是我', 12],
  ['许愿中奖！', 10],
  ['好运来', 8],
])

export const lottery: BenignCase = {
  name: 'lottery',
  summary: 'Repost to win: many people forward the same text until the deadline, prize hunters among them.',

  plan(stage) {
    const account = stage.takeAccount(0.1, 0.5)
    const crowd = contestants(stage, account)
    const deeds = towardsTheEnd(stage.spanAt(12, 7), crowd.length, stage.random).flatMap((timeMs, place) =>
      takesPart(stage, account, crowd[place]!, timeMs),
    )
    return { accounts: [account], offence: 'inflated-forwards', deeds }
  },
}

function contestants(stage: Stage, account: number): number[] {
  const count = crowdSize(stage, account, 24, 700, 2_500)
  const readers = stage.readersOf(account, Math.round(count * 0.5))
  const hunters = stage.silentMajority(Math.round(count * 0.15))
  const crowd = [...readers, ...hunters, ...stage.anybody(count - readers.length - hunters.length)]
  return stage.random.sample(crowd, count)
}

function takesPart(stage: Stage, account: number, actor: number, timeMs: number): Deed[] {
  const { random } = stage
  const text = draw(wishes, random)
  const forward: Deed = { kind: 'forward', timeMs, actor, account, channel: 'timeline', text }
  const deeds: Deed[] = [forward]
  if (random.chance(0.5))
    deeds.push(...reads(stage, { timeMs: timeMs - 12_000, actor, account, medianDwellMs: 9_000 }))
  if (random.chance(0.4)) deeds.push({ kind: 'comment', timeMs: timeMs + 6_000, actor, account, text })
  // Following is a condition of most lotteries; not all care.
  if (random.chance(0.3))
    deeds.push({ kind: 'subscription', timeMs: timeMs + 9_000, actor, account, source: 'article' })
  return deeds
}
