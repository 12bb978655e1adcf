import { accountImport } from './account-import'
import type { BenignCase } from './benign'
import { breakingNews } from './breaking-news'
import { celebrityMention } from './celebrity-mention'
import { fanClub } from './fan-club'
import { goingViral } from './going-viral'
import { lottery } from './lottery'
import { paidAdvert } from './paid-advert'
import { featureLaunch, holiday, retransmissionStorm } from './platform-wide'
import { agencySyndication, branchNotices, declaredNetwork, pressRelease } from './publishing-together'
import {
  familyDevice,
  fanClubDaily,
  homework,
  honestHotspot,
  retweetToWin,
  scoreTemplate,
  tradeFair,
} from './same-words'
import { schoolClasses } from './school-classes'
import { sharedAddress } from './shared-address'
import { televisionQrCode } from './television-qr-code'

/** What honest accounts and people do that looks like a network, a crew or a farm. */
export const publishingSuite: readonly BenignCase[] = [
  pressRelease,
  branchNotices,
  homework,
  familyDevice,
  honestHotspot,
  tradeFair,
  retweetToWin,
  scoreTemplate,
  fanClubDaily,
]

/** Everything honest that a careless detector would call fraud. */
export const benignSuite: readonly BenignCase[] = [
  breakingNews,
  celebrityMention,
  televisionQrCode,
  lottery,
  schoolClasses,
  fanClub,
  paidAdvert,
  agencySyndication,
  declaredNetwork,
  featureLaunch,
  sharedAddress,
  retransmissionStorm,
  holiday,
  accountImport,
  goingViral,
  ...publishingSuite,
]
