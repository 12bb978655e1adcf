import { planCampaigns } from '../attacks'
import type { OpenStage, Scenario } from './scenario'

const plan = (open: OpenStage): ReturnType<typeof planCampaigns> => planCampaigns(open, 6)

export const platform: Scenario = {
  name: 'platform',
  summary: 'An ordinary platform with a handful of campaigns; scales to millions of events for measurements.',
  defaults: {},
  plan,
}

export const talkative: Scenario = {
  name: 'talkative',
  summary: 'The same where readers comment more, so that a fifth of all events carry text.',
  defaults: { talk: 3.7 },
  plan,
}
