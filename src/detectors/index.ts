import type { JudgedKind } from '../model/event'
import { abnormalUnsubscription } from './abnormal-unsubscription/detector'
import { batchHomogeneousPosting } from './batch-homogeneous-posting/detector'
import { bulkRegistration } from './bulk-registration/detector'
import type { AccountDetector, AnyDetector } from './detector'
import { dormantAccount } from './dormant-account/detector'
import { falseHotspot } from './false-hotspot/detector'
import { forgedOriginality } from './forged-originality/detector'
import { inflatedClicks } from './inflated-clicks/detector'
import { inflatedComments } from './inflated-comments/detector'
import { inflatedForwards } from './inflated-forwards/detector'
import { inflatedSubscriptions } from './inflated-subscriptions/detector'
import type {
  ClusterHistory,
  CopyHistory,
  HandoverHistory,
  HotspotHistory,
  LinkedDetector,
  RegistrationHistory,
  ReturnHistory,
  UnusedHistory,
} from './linked'
import { manipulatedClickThrough } from './manipulated-click-through/detector'
import { reincarnatedAccount } from './reincarnated-account/detector'
import { steeredAccounts } from './steered-accounts/detector'
import { undeclaredTransfer } from './undeclared-transfer/detector'

/** Every detector over the history of an account, by the kind of event it judges. To add one, add it here. */
export const accountDetectors: Readonly<Record<JudgedKind, readonly AccountDetector[]>> = {
  subscription: [inflatedSubscriptions],
  click: [inflatedClicks],
  forward: [inflatedForwards],
  comment: [inflatedComments],
}

/** Those over the history of an account beyond one number. */
export const conductDetectors = { manipulatedClickThrough, abnormalUnsubscription } as const

/** Those over what linked accounts do, by what they are shown. */
export const clusterDetectors: readonly LinkedDetector<ClusterHistory>[] = [
  batchHomogeneousPosting,
  steeredAccounts,
]
export const hotspotDetectors: readonly LinkedDetector<HotspotHistory>[] = [falseHotspot]
export const copyDetectors: readonly LinkedDetector<CopyHistory>[] = [forgedOriginality]
export const registrationDetectors: readonly LinkedDetector<RegistrationHistory>[] = [bulkRegistration]
export const returnDetectors: readonly LinkedDetector<ReturnHistory>[] = [reincarnatedAccount]
export const unusedDetectors: readonly LinkedDetector<UnusedHistory>[] = [dormantAccount]
export const handoverDetectors: readonly LinkedDetector<HandoverHistory>[] = [undeclaredTransfer]

export const linkedDetectors: readonly AnyDetector[] = [
  ...clusterDetectors,
  ...hotspotDetectors,
  ...copyDetectors,
  ...registrationDetectors,
  ...returnDetectors,
  ...unusedDetectors,
  ...handoverDetectors,
]

export const allDetectors: readonly AnyDetector[] = [
  ...Object.values(accountDetectors).flat(),
  ...Object.values(conductDetectors),
  ...linkedDetectors,
]
