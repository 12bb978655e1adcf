import { defineAudienceDetector } from '../audience'

export const inflatedComments = defineAudienceDetector({
  name: 'inflated-comments',
  version: 2,
  offence: 'inflated-comments',
  summary: 'Comments were written by actors that do not look like an audience.',
})
