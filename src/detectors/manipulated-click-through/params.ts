import { audienceParams } from '../audience'
import type { ParamsSchema } from '../detector'

export interface ClickThroughParams {
  readonly minClicks: number
  readonly minImpressions: number
  readonly minDisputed: number
  readonly minFactor: number
  readonly minExcess: number
  readonly minNetworks: number
  readonly minDevices: number
  readonly traitPValue: number
}

export const clickThroughParams: ParamsSchema<ClickThroughParams> = {
  minClicks: {
    default: 40,
    min: 10,
    max: 100_000,
    meaning: 'clicks of the judged sort in a window below which they are not judged',
  },
  minImpressions: {
    default: 2000,
    min: 100,
    max: 10_000_000,
    meaning: 'impressions in a window below which they are not judged',
  },
  minDisputed: {
    default: 30,
    min: 1,
    max: 100_000,
    meaning: 'clicks or impressions that must be in dispute before a number counts as moved',
  },
  minFactor: {
    default: 2,
    min: 1.2,
    max: 100,
    meaning: 'how many times the usual rate, or which part of it, is out of the ordinary',
  },
  minExcess: audienceParams.minExcess,
  minNetworks: audienceParams.minNetworks,
  minDevices: {
    default: 3,
    min: 1,
    max: 30,
    meaning: 'devices with too many impressions below which they are one screen in a hall',
  },
  traitPValue: audienceParams.traitPValue,
}
