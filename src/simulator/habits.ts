import type { Entry, JudgedKind } from '../model/event'
import type { Accounts } from './accounts'
import type { Contents } from './contents'
import type { SimulationOptions } from './options'
import { endOf } from './options'
import { mixOf } from './random'

/** How likely people do what, after a click or for each click that happens elsewhere. */
export const habits = {
  /** A reader goes on to another article. */
  goesOn: 0.4,
  /** The first article of a visit belongs to an account that the reader follows. */
  isFollower: 0.62,
  forwards: 0.06,
  comments: 0.05,
  /** A reader who does not follow the account subscribes. */
  subscribes: 0.055,
  /** Without a click before: passed on unread, answered from a notification, subscribed from a poster. */
  forwardsUnread: 0.04,
  commentsUnread: 0.025,
  subscribesUnread: 0.04,
  unsubscribes: 0.01,
  /** Times a day that an operator logs in. */
  loginsPerDay: 2,
  /** Posts a day of an account that registered within the run. */
  youngPostsPerDay: 1.2,
} as const

/** Undefined where the client did not say. */
export type MaybeEntry = Entry | undefined

/** How those who follow an account come to its articles, and how others do. */
export const followerReferrers = mixOf<MaybeEntry>([
  ['feed', 58],
  ['chat', 22],
  ['direct', 8],
  ['search', 4],
  ['unknown', 3],
  [undefined, 5],
])
export const strangerReferrers = mixOf<MaybeEntry>([
  ['chat', 40],
  ['feed', 24],
  ['search', 20],
  ['external', 6],
  ['direct', 2],
  ['unknown', 4],
  [undefined, 4],
])
export const forwardChannels = mixOf<MaybeEntry>([
  ['chat', 45],
  ['group', 27],
  ['timeline', 22],
  ['external', 3],
  [undefined, 3],
])
export const subscriptionSources = mixOf<MaybeEntry>([
  ['search', 32],
  ['recommendation', 24],
  ['qr-code', 18],
  ['advert', 9],
  ['article', 7],
  ['import', 1],
  ['unknown', 5],
  [undefined, 4],
])

/** About the share of clicks by readers who do not follow the account. */
const strangersShare = 0.43

/** Events of a kind for one click of the ordinary traffic. */
export function deedsPerClick({ talk = 1 }: SimulationOptions): Record<JudgedKind, number> {
  return {
    click: 1,
    forward: habits.forwards + habits.forwardsUnread,
    comment: (habits.comments + habits.commentsUnread) * talk,
    subscription: habits.subscribes * strangersShare + habits.subscribesUnread,
  }
}

/** How many clicks the ordinary traffic has, so that all kinds together make the events asked for. */
export function clicksOf(options: SimulationOptions, accounts: Accounts, contents: Contents): number {
  const perClick = Object.values(deedsPerClick(options)).reduce(
    (sum, share) => sum + share,
    habits.unsubscribes,
  )
  const logins = (options.accounts * habits.loginsPerDay * options.hours) / 24
  const rest = options.events - logins - publishedWithin(options, contents)
  const steady = impressionsFor(rest / perClick, options, accounts)
  return Math.max(options.events / 4, rest - steady) / perClick
}

/** The visits that lead to so many clicks. */
export function visitsFor(clicks: number): number {
  return clicks * (1 - habits.goesOn)
}

// One record an account and hour, unless nobody clicked, as happens at night and between posts; the factors are measured.
function impressionsFor(clicks: number, options: SimulationOptions, accounts: Accounts): number {
  const perHour = (0.6 * clicks) / options.hours
  const busy = accounts.popularity.reduce((sum, share) => sum + 1 - Math.exp(-share * perHour), 0)
  return 0.87 * busy * options.hours
}

function publishedWithin(options: SimulationOptions, contents: Contents): number {
  const endMs = endOf(options)
  return contents.publishedMs.reduce(
    (sum, timeMs) => sum + Number(timeMs >= options.startMs && timeMs < endMs),
    0,
  )
}
