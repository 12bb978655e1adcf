import { defineAudienceDetector } from '../audience'

export const inflatedForwards = defineAudienceDetector({
  name: 'inflated-forwards',
  version: 2,
  offence: 'inflated-forwards',
  summary: 'Forwards were made by actors that do not look like an audience.',
})
