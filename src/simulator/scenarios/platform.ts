import { planCampaigns } from '../attacks'
import type { Scenario } from './scenario'

export const platform: Scenario = {
  name: 'platform',
  summary: 'An ordinary platform with a handful of campaigns; scales to millions of events for measurements.',
  defaults: {},
  plan: (open) => planCampaigns(open, 6),
}
