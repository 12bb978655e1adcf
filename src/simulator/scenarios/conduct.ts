import { planConduct } from '../attacks'
import { honestBurst } from '../benign/benign'
import { conductSuite } from '../benign/counters'
import { paidAdvert } from '../benign/paid-advert'
import type { Scenario } from './scenario'

const defaults = { hours: 36, events: 80_000, accounts: 200, actors: 4_000 }

export const conduct: Scenario = {
  name: 'conduct',
  summary:
    'Clicks without impressions, impressions without readers, and subscribers that come and go, at every strength; a ninth frames a rival.',
  defaults,
  plan: (open) => planConduct(open),
}

export const conductBenign: Scenario = {
  name: 'conduct-benign',
  summary: 'What is honest and looks like those: broken counters, chats, notifications, scandals, clean-ups.',
  defaults,
  plan: (open) =>
    [...conductSuite, paidAdvert].map((happening) => honestBurst(happening, open(happening.name))),
}
