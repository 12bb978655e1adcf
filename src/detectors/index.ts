import type { JudgedKind } from '../model/event'
import type { AccountDetector } from './detector'
import { inflatedClicks } from './inflated-clicks/detector'
import { inflatedComments } from './inflated-comments/detector'
import { inflatedForwards } from './inflated-forwards/detector'
import { inflatedSubscriptions } from './inflated-subscriptions/detector'

/** Every detector over the history of an account, by the kind of event it judges. To add one, add it here. */
export const accountDetectors: Readonly<Record<JudgedKind, readonly AccountDetector[]>> = {
  subscription: [inflatedSubscriptions],
  click: [inflatedClicks],
  forward: [inflatedForwards],
  comment: [inflatedComments],
}

export const allDetectors: readonly AccountDetector[] = Object.values(accountDetectors).flat()
