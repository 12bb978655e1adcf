import { planCampaigns } from '../attacks'
import type { Scenario } from './scenario'

/** Most campaigns in one run, however many accounts there are. */
const mostCampaigns = 60

export const attacks: Scenario = {
  name: 'attacks',
  summary:
    'Campaigns of every kind and strength on up to a seventh of the accounts, a fifth of them to frame a rival.',
  defaults: { hours: 48, events: 260_000, actors: 8_000 },
  plan: (open, { accounts }) => planCampaigns(open, Math.min(mostCampaigns, Math.floor(accounts * 0.15))),
}
