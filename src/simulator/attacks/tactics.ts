import type { Strength } from '../burst'
import type { MaybeEntry } from '../habits'
import { forwardChannels, strangerReferrers, subscriptionSources } from '../habits'
import type { Mix } from '../random'
import { mixOf } from '../random'
import type { Pace } from '../times'
import { burst, scattered, steady, withTheSeason } from '../times'

type Range = readonly [least: number, most: number]

/**
 * What a seller does for his price. Shapes after what is sold and was measured: price lists promise 80 to 3,000 actions
 * a day, and of the stars of one real network two thirds came within the best hour.
 */
export interface Tactics {
  /** The first part of the attack's name. */
  readonly name: string
  /** How much of the usual order is delivered. */
  readonly size: number
  readonly hours: Range
  readonly pace: Pace
  readonly actorsPerDevice: Range
  /** Address prefixes that all actors share; none where each has a home of its own. */
  readonly prefixes: Range
  /** The share of those prefixes that belong to hosting providers; the rest are rented lines in homes. */
  readonly hostingShare: number
  /** The share of actors registered in one batch for the purpose, days before. */
  readonly freshShare: number
  readonly ageDays: { readonly median: number; readonly sigma: number }
  /** How many kinds of phone there are; 0 for whatever people have. */
  readonly phones: number
  readonly dwell: { readonly medianMs: number; readonly sigma: number }
  /** The share that reads an article before it subscribes, forwards or comments. */
  readonly readsBefore: number
  /** Clicks on large accounts, an actor, to look like somebody. */
  readonly camouflage: number
  /** How many wordings of one text are in use. */
  readonly wordings: number
  readonly referrers: Mix<MaybeEntry>
  readonly sources: Mix<MaybeEntry>
  readonly channels: Mix<MaybeEntry>
  /** Where the account runs the campaign itself: the share of actors on its operator's own devices. */
  readonly ownDeviceShare: number
}

const phoneFarm: Omit<Tactics, 'name' | 'hours' | 'pace'> = {
  size: 1,
  actorsPerDevice: [8, 12],
  prefixes: [2, 4],
  hostingShare: 1,
  freshShare: 0.95,
  ageDays: { median: 30, sigma: 0.5 },
  phones: 1,
  dwell: { medianMs: 1_400, sigma: 0.35 },
  readsBefore: 0,
  camouflage: 0,
  wordings: 9,
  referrers: mixOf<MaybeEntry>([
    ['direct', 80],
    ['unknown', 15],
    [undefined, 5],
  ]),
  sources: mixOf<MaybeEntry>([
    ['search', 80],
    ['unknown', 15],
    [undefined, 5],
  ]),
  channels: mixOf<MaybeEntry>([
    ['timeline', 85],
    ['external', 10],
    [undefined, 5],
  ]),
  ownDeviceShare: 0.12,
}

const proxyPool: Tactics = {
  name: 'proxy-drip',
  size: 0.9,
  hours: [4, 10],
  pace: scattered,
  actorsPerDevice: [4, 6],
  prefixes: [20, 40],
  hostingShare: 0.5,
  freshShare: 0.35,
  ageDays: { median: 120, sigma: 0.9 },
  phones: 6,
  dwell: { medianMs: 8_000, sigma: 0.6 },
  readsBefore: 0.15,
  camouflage: 0.3,
  wordings: 40,
  referrers: mixOf<MaybeEntry>([
    ['direct', 34],
    ['feed', 30],
    ['search', 20],
    ['unknown', 11],
    [undefined, 5],
  ]),
  sources: mixOf<MaybeEntry>([
    ['search', 48],
    ['unknown', 17],
    ['recommendation', 15],
    ['article', 15],
    [undefined, 5],
  ]),
  channels: mixOf<MaybeEntry>([
    ['timeline', 50],
    ['group', 30],
    ['chat', 15],
    [undefined, 5],
  ]),
  ownDeviceShare: 0.08,
}

const hiredPeople: Tactics = {
  name: 'residential-blend',
  size: 0.7,
  hours: [24, 40],
  pace: withTheSeason,
  actorsPerDevice: [1, 1],
  prefixes: [0, 0],
  hostingShare: 0,
  freshShare: 0,
  ageDays: { median: 700, sigma: 0.8 },
  phones: 0,
  dwell: { medianMs: 20_000, sigma: 0.9 },
  readsBefore: 0.4,
  camouflage: 3,
  wordings: 400,
  referrers: strangerReferrers,
  sources: subscriptionSources,
  channels: forwardChannels,
  ownDeviceShare: 0.05,
}

/** The ways of delivery by strength; campaigns take them in turn. */
export const tactics: Readonly<Record<Strength, readonly Tactics[]>> = {
  blatant: [
    { ...phoneFarm, name: 'farm-burst', hours: [0.2, 1], pace: burst },
    { ...phoneFarm, name: 'farm-steady', hours: [0.5, 1], pace: steady },
  ],
  moderate: [proxyPool],
  stealth: [hiredPeople],
}
