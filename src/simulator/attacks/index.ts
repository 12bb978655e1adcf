import { judgedKinds } from '../../model/event'
import type { Burst } from '../burst'
import { strengths } from '../burst'
import type { OpenStage } from '../scenarios/scenario'
import type { Order } from './campaign'
import { planCampaign } from './campaign'

/** Campaigns of every kind and strength in turn; a third run partly at home, and every fifth frames somebody. */
export function planCampaigns(open: OpenStage, count: number): Burst[] {
  return Array.from({ length: count }, (_, place) => planNumbered(open, place, place % 5 === 4))
}

function planNumbered(open: OpenStage, place: number, isFraming: boolean): Burst {
  // Of every five places one frames; both series go through all kinds and strengths.
  const turn = isFraming ? Math.floor(place / 5) : place - Math.floor(place / 5)
  const round = Math.floor(turn / 12)
  const order: Order = {
    kind: judgedKinds[turn % 4]!,
    strength: strengths[Math.floor(turn / 4 + (isFraming ? turn : 0)) % 3]!,
    buyer: isFraming ? 'rival' : (turn + round) % 3 === 1 ? 'owner-at-home' : 'owner',
    turn: round + turn,
  }
  const name = `${String(place + 1).padStart(2, '0')}-${order.buyer}-${order.strength}-${order.kind}`
  return planCampaign(open(name), order)
}

export { planCampaign } from './campaign'
