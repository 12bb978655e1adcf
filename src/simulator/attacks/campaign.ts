import type { JudgedKind } from '../../model/event'
import type { Burst, Deed, SimulatedOffence, Strength } from '../burst'
import type { MaybeEntry } from '../habits'
import { followerReferrers } from '../habits'
import { draw, mixOf } from '../random'
import type { Stage } from '../stage'
import { slogans } from '../texts'
import type { Span } from '../times'
import { levelOf } from '../world'
import type { Crew } from './crew'
import { recruit, recruitAtHome } from './recruits'
import type { Tactics } from './tactics'
import { tactics } from './tactics'

/** What is ordered, and by whom. */
export interface Order {
  readonly kind: JudgedKind
  readonly strength: Strength
  /** `rival`: somebody else pays, to have the account punished. `owner-at-home`: part of it runs on the owner's devices. */
  readonly buyer: 'owner' | 'owner-at-home' | 'rival'
  /** Which of the tactics of that strength, counted round. */
  readonly turn: number
  /** What is done, where it is more than a number that is moved: such clicks say that they come from feeds and searches. */
  readonly offence?: 'manipulated-click-through'
}

export const offences: Readonly<Record<JudgedKind, SimulatedOffence>> = {
  subscription: 'inflated-subscriptions',
  click: 'inflated-clicks',
  forward: 'inflated-forwards',
  comment: 'inflated-comments',
}

// The usual order by kind, after what is on the price lists.
const usualOrder: Readonly<Record<JudgedKind, number>> = {
  subscription: 450,
  click: 1_100,
  forward: 380,
  comment: 280,
}
const largestOrder = 4_000

/** Where clicks say that they come from that want to look as if they had been shown something. */
export const pretendedReferrers = mixOf<MaybeEntry>([
  ['feed', 62],
  ['search', 24],
  ['direct', 6],
  ['unknown', 4],
  [undefined, 4],
])

/** How often one actor can be used for one account before it is plain. */
const deedsPerActor: Readonly<Record<JudgedKind, number>> = {
  subscription: 1,
  click: 2.5,
  forward: 1.4,
  comment: 1.4,
}

/** Plans the delivery of an order to an account of its own; where a crew delivers it, its members have their labels there. */
export function planCampaign(stage: Stage, order: Order, crew?: Crew): Burst {
  // The largest accounts have no need to buy.
  const account = stage.takeAccount(0.1, 0.95)
  const ways = tactics[order.strength]
  const usualWay = ways[order.turn % ways.length]!
  const way = order.offence === undefined ? usualWay : { ...usualWay, referrers: pretendedReferrers }
  const size = sizeOf(stage, account, order.kind, way)
  const count = Math.ceil(size / deedsPerActor[order.kind])
  const atHome = ownHands(order, way, count)
  const hired = crew === undefined ? recruit(stage, way, count - atHome) : crew.hire(count - atHome)
  const own = recruitAtHome(stage, way, account, atHome)
  const actors = inTurn(stage, order, [...hired, ...own])
  const span = stage.spanAnywhere(stage.random.between(...way.hours))
  return {
    attack: `${order.buyer === 'rival' ? 'framed-' : ''}${way.name}-${order.offence ?? order.kind}`,
    campaign: stage.name,
    offence: order.offence ?? offences[order.kind],
    ...(order.offence === undefined ? {} : { also: [offences[order.kind]] }),
    strength: order.strength,
    isSelfRun: order.buyer === 'owner-at-home',
    accounts: [account],
    accountLabel: order.buyer === 'rival' ? 'honest' : 'fraud',
    ...(crew === undefined ? { actors } : { actors: own, crew: crew.name }),
    actorLabel: 'fraud',
    deeds: [
      ...deliver({ stage, kind: order.kind, way, account, actors, size, span }),
      ...camouflage(stage, way, crew === undefined ? actors : own),
    ],
    fronts: [],
  }
}

function sizeOf(stage: Stage, account: number, kind: JudgedKind, way: Tactics): number {
  const usual = usualOrder[kind] * way.size * stage.random.logNormal(1, 0.35)
  // Less than most of a day's own would be no reason to pay.
  const worthIt = 0.7 * 24 * levelOf(stage.world, account, kind)
  return Math.round(Math.min(largestOrder, Math.max(usual, worthIt)))
}

function ownHands(order: Order, way: Tactics, count: number): number {
  return order.buyer === 'owner-at-home' ? Math.max(4, Math.round(count * way.ownDeviceShare)) : 0
}

// A farm works device by device; everybody else comes in any order.
function inTurn(stage: Stage, order: Order, actors: readonly number[]): readonly number[] {
  return order.strength === 'blatant' ? actors : stage.random.sample(actors, actors.length)
}

/** What is delivered where, by whom and when. */
export interface Delivery {
  readonly stage: Stage
  readonly kind: JudgedKind
  readonly way: Tactics
  readonly account: number
  readonly actors: readonly number[]
  readonly size: number
  readonly span: Span
}

/** The deeds of a delivery, its actors in turn. */
export function deliver({ stage, kind, way, account, actors, size, span }: Delivery): Deed[] {
  const texts = slogans(way.wordings, stage.random)
  return way.pace(span, size, stage.random).flatMap((timeMs, place) => {
    const actor = actors[place % actors.length]!
    const deed = deedOf(stage, kind, way, { timeMs, actor, account, isBought: true }, texts)
    return deed.kind !== 'click' && stage.random.chance(way.readsBefore)
      ? [readBefore(stage, way, deed), deed]
      : [deed]
  })
}

interface Engagement {
  readonly timeMs: number
  readonly actor: number
  readonly account: number
  readonly isBought: true
}

/** What a bought actor does when he is sent. */
export function deedOf(
  stage: Stage,
  kind: JudgedKind,
  way: Tactics,
  base: Engagement,
  texts: readonly string[],
): DeedOfKind {
  const { random } = stage
  switch (kind) {
    case 'click':
      return { ...base, kind, ...reading(stage, way) }
    case 'subscription':
      return { ...base, kind, source: draw(way.sources, random) }
    case 'forward':
      return { ...base, kind, channel: draw(way.channels, random), text: random.pick(texts) }
    case 'comment':
      return { ...base, kind, text: random.pick(texts) }
  }
}

type DeedOfKind = Extract<Deed, { kind: JudgedKind }>

function readBefore(stage: Stage, way: Tactics, deed: DeedOfKind): Deed {
  const { actor, account } = deed
  const beforeMs = Math.floor(stage.random.between(10_000, 180_000))
  return {
    kind: 'click',
    timeMs: deed.timeMs - beforeMs,
    actor,
    account,
    isBought: true,
    ...reading(stage, way),
  }
}

function reading(stage: Stage, way: Tactics) {
  const { random } = stage
  return {
    dwellMs: Math.max(150, Math.floor(random.logNormal(way.dwell.medianMs, way.dwell.sigma))),
    referrer: draw(way.referrers, random),
  }
}

/** Honest-looking clicks of the actors; the largest accounts are never the target of a campaign, so they blur nobody's truth. */
export function camouflage(stage: Stage, way: Tactics, actors: readonly number[]): Deed[] {
  const { random, world } = stage
  const { ranked } = world.accounts
  const large = ranked.subarray(0, Math.max(1, Math.floor(ranked.length / 10)))
  return actors.flatMap((actor) =>
    Array.from({ length: random.poisson(way.camouflage) }, (): Deed => ({
      kind: 'click',
      timeMs: Math.floor(random.between(world.options.startMs, stage.endMs)),
      actor,
      account: large[random.skewed(large.length, 1.5)]!,
      dwellMs: Math.floor(random.logNormal(25_000, 0.9)),
      referrer: draw(followerReferrers, random),
    })),
  )
}
