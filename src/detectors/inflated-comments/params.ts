import { audienceParams } from '../audience'
import type { AudienceParams } from '../audience'
import type { ParamsSchema } from '../detector'

export const inflatedCommentsParams: ParamsSchema<AudienceParams> = audienceParams
