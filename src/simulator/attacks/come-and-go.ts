import type { Burst, Deed } from '../burst'
import { draw } from '../random'
import { hourMs } from '../season'
import type { Stage } from '../stage'
import type { Span } from '../times'
import { levelOf } from '../world'
import type { Order } from './campaign'
import type { Crew } from './crew'
import { recruit, recruitAtHome, within } from './recruits'
import type { Tactics } from './tactics'
import { tactics } from './tactics'

/** Hours of leaving, and hours between the last arrival and the first departure. */
const times = {
  blatant: { leaves: [0.3, 1], stays: [3, 8] },
  moderate: { leaves: [3, 6], stays: [4, 8] },
  stealth: { leaves: [10, 14], stays: [2, 6] },
} as const

/**
 * Subscribers that were sent and are taken away again. Every second lot had come before the run, so that only their
 * leaving is seen.
 */
export function planComeAndGo(stage: Stage, order: Order, crew?: Crew): Burst {
  const { random } = stage
  const account = stage.takeAccount(0.1, 0.95)
  const ways = tactics[order.strength]
  const way = ways[order.turn % ways.length]!
  const count = sizeOf(stage, account, way)
  const atHome = order.buyer === 'owner-at-home' ? Math.max(6, Math.round(count * way.ownDeviceShare)) : 0
  const hired = crew === undefined ? recruit(stage, way, count - atHome) : crew.hire(count - atHome)
  const own = recruitAtHome(stage, way, account, atHome)
  const actors = [...hired, ...own]
  const { leaves, stays } = times[order.strength]
  const leaveHours = random.between(leaves[0], leaves[1])
  const comeHours = Math.min(within(random, [1, 8]), way.hours[1])
  const stay = random.between(stays[0], stays[1])
  const whole = stage.spanAnywhere(comeHours + stay + leaveHours)
  const goingMs = whole.endMs - leaveHours * hourMs
  const going: Span = { startMs: Math.floor(goingMs), endMs: whole.endMs }
  const coming: Span = { startMs: whole.startMs, endMs: Math.floor(goingMs - stay * hourMs) }
  const hasCome = order.turn % 2 === 1
  return {
    attack: `${order.buyer === 'rival' ? 'framed-' : ''}${way.name}-${hasCome ? 'leaving' : 'come-and-go'}`,
    campaign: stage.name,
    offence: 'abnormal-unsubscription',
    also: ['inflated-subscriptions'],
    strength: order.strength,
    isSelfRun: order.buyer === 'owner-at-home',
    beginsMs: going.startMs,
    accounts: [account],
    accountLabel: order.buyer === 'rival' ? 'honest' : 'fraud',
    ...(crew === undefined ? { actors } : { actors: own, crew: crew.name }),
    actorLabel: 'fraud',
    deeds: [
      ...(hasCome ? [] : arrivals(stage, way, { account, actors, span: coming })),
      ...departures(stage, way, { account, actors, span: going }),
    ],
    fronts: [],
  }
}

interface Move {
  readonly account: number
  readonly actors: readonly number[]
  readonly span: Span
}

function arrivals(stage: Stage, way: Tactics, { account, actors, span }: Move): Deed[] {
  return way.pace(span, actors.length, stage.random).map((timeMs, place) => ({
    kind: 'subscription',
    timeMs,
    actor: actors[place]!,
    account,
    source: draw(way.sources, stage.random),
    isBought: true,
  }))
}

function departures(stage: Stage, way: Tactics, { account, actors, span }: Move): Deed[] {
  const leaving = stage.random.sample(actors, actors.length)
  return way.pace(span, leaving.length, stage.random).map((timeMs, place) => ({
    kind: 'unsubscription',
    timeMs,
    actor: leaving[place]!,
    account,
  }))
}

function sizeOf(stage: Stage, account: number, way: Tactics): number {
  const usual = 300 * way.size * stage.random.logNormal(1, 0.35)
  return Math.round(Math.min(2_000, Math.max(usual, 10 * levelOf(stage.world, account, 'subscription'))))
}
