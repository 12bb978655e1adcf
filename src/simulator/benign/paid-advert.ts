import type { Deed } from '../burst'
import type { MaybeEntry } from '../habits'
import { mixOf } from '../random'
import type { BenignCase } from './benign'
import { steady } from '../times'
import { crowdSize, impressionsOf, reads } from '../doings'

const referrers = mixOf<MaybeEntry>([
  ['external', 88],
  ['unknown', 7],
  [undefined, 5],
])

export const paidAdvert: BenignCase = {
  name: 'paid-advert',
  summary:
    'An account buys advertising: strangers from elsewhere, evenly paced by the budget, who glance and mostly leave.',

  plan(stage) {
    const account = stage.takeAccount(0.2, 0.7)
    const count = crowdSize(stage, account, 36, 1_200, 4_000)
    const crowd = [
      ...stage.anybody(Math.round(count * 0.3)),
      ...stage.silentMajority(Math.round(count * 0.7)),
    ]
    const people = stage.random.sample(crowd, crowd.length)
    const deeds = steady(stage.spanAt(10, 9), people.length, stage.random).flatMap(
      (plannedMs, place): Deed[] => {
        const timeMs = Math.floor(plannedMs + stage.random.exponential(20_000))
        const who = { actor: people[place]!, account }
        const read = reads(stage, { ...who, timeMs, referrers, medianDwellMs: 4_500 }, { forwards: 0.004 })
        if (!stage.random.chance(0.1)) return read
        return [
          ...read,
          {
            ...who,
            kind: 'subscription',
            timeMs: timeMs + 5_000 + stage.random.below(20_000),
            source: 'advert',
          },
        ]
      },
    )
    return {
      accounts: [account],
      offence: 'inflated-clicks',
      deeds: [...deeds, ...impressionsOf(deeds, stage)],
    }
  },
}
