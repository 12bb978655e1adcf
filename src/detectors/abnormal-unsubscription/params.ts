import { audienceParams } from '../audience'
import type { AudienceParams } from '../audience'
import type { ParamsSchema } from '../detector'

export const unsubscriptionParams: ParamsSchema<AudienceParams> = {
  ...audienceParams,
  minCount: {
    default: 20,
    min: 10,
    max: 10_000,
    meaning: 'unsubscriptions in a window below which nothing is judged',
  },
  minDisputed: {
    default: 20,
    min: 1,
    max: 100_000,
    meaning: 'unsubscriptions that must be in dispute before they count as abnormal',
  },
}
