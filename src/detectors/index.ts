import type { JudgedKind } from '../model/event'
import type { AudienceParams } from './audience'
import type { AudienceHistory, Detector } from './detector'
import { inflatedClicks } from './inflated-clicks/detector'
import { inflatedComments } from './inflated-comments/detector'
import { inflatedForwards } from './inflated-forwards/detector'
import { inflatedSubscriptions } from './inflated-subscriptions/detector'

/** Every detector over the history of an account, by the kind of event it judges. To add one, add a line. */
export const accountDetectors: Readonly<Record<JudgedKind, readonly Detector<AudienceHistory, AudienceParams>[]>> = {
  subscription: [inflatedSubscriptions],
  click: [inflatedClicks],
  forward: [inflatedForwards],
  comment: [inflatedComments],
}

export const allDetectors = Object.values(accountDetectors).flat()
