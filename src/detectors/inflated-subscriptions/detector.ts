import { defineAudienceDetector } from '../audience'

export const inflatedSubscriptions = defineAudienceDetector({
  name: 'inflated-subscriptions',
  version: 1,
  offence: 'inflated-subscriptions',
  summary: 'Subscriptions were made by actors that do not look like an audience.',
})
