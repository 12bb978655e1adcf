import { audienceParams } from '../audience'
import type { AudienceParams } from '../audience'
import type { ParamsSchema } from '../detector'

export const inflatedClicksParams: ParamsSchema<AudienceParams> = audienceParams
