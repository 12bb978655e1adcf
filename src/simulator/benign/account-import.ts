import type { Deed } from '../burst'
import { steady } from '../times'
import type { BenignCase } from './benign'

export const accountImport: BenignCase = {
  name: 'account-import',
  summary:
    'A moved account brings its subscribers from elsewhere: one every few seconds, by a script, without device or address.',

  plan(stage) {
    const account = stage.takeAccount(0.3, 0.8)
    const subscribers = [...stage.silentMajority(650), ...new Set(stage.anybody(250))]
    const crowd = stage.random.sample(subscribers, subscribers.length)
    const deeds = steady(stage.spanAt(3, 0.6), crowd.length, stage.random).map((timeMs, place): Deed => ({
      kind: 'subscription',
      timeMs,
      actor: crowd[place]!,
      account,
      source: 'import',
      isBare: true,
    }))
    return { accounts: [account], offence: 'inflated-subscriptions', deeds }
  },
}
