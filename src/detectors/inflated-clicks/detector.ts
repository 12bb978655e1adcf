import { defineAudienceDetector } from '../audience'

export const inflatedClicks = defineAudienceDetector({
  name: 'inflated-clicks',
  version: 2,
  offence: 'inflated-clicks',
  summary: 'Clicks were made by visitors that do not look like an audience.',
})
