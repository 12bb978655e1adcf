import { defineAudienceDetector } from '../audience'

export const inflatedSubscriptions = defineAudienceDetector({
  name: 'inflated-subscriptions',
  version: 2,
  offence: 'inflated-subscriptions',
  summary: 'Subscriptions were made by actors that do not look like an audience.',
})
