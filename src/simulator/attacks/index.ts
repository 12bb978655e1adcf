import { judgedKinds } from '../../model/event'
import type { Burst } from '../burst'
import { strengths } from '../burst'
import type { OpenStage } from '../scenarios/scenario'
import type { Order } from './campaign'
import { planCampaign } from './campaign'
import { planComeAndGo } from './come-and-go'
import { Crew } from './crew'
import { planStuffing } from './stuffing'
import { tactics } from './tactics'

/**
 * Campaigns of every kind and strength in turn; a third run partly at home, and every fifth frames somebody. One seller's
 * crew serves those of stealth.
 */
export function planCampaigns(open: OpenStage, count: number): Burst[] {
  const orders = Array.from({ length: count }, (_, place) => orderAt(place, place % 5 === 4))
  const crew = orders.some(isForCrew) ? openCrew(open) : undefined
  const campaigns = orders.map((order, place) => {
    const name = `${String(place + 1).padStart(2, '0')}-${order.buyer}-${order.strength}-${order.kind}`
    return planCampaign(open(name), order, isForCrew(order) ? crew : undefined)
  })
  return crew === undefined ? campaigns : [...campaigns, crew.asBurst()]
}

/** So many customers of one crew, over the whole run, each for its own numbers. */
export function planCrew(open: OpenStage, customers: number): Burst[] {
  const crew = openCrew(open)
  const served = Array.from({ length: customers }, (_, turn) => {
    const order: Order = { kind: judgedKinds[turn % 4]!, strength: 'stealth', buyer: 'owner', turn }
    return planCampaign(open(`customer-${turn + 1}-${order.kind}`), order, crew)
  })
  return [...served, crew.asBurst()]
}

/** Clicks without impressions, impressions without readers, and subscribers that come and go, at every strength. */
export function planConduct(open: OpenStage): Burst[] {
  const crew = openCrew(open)
  const bursts = strengths.flatMap((strength) =>
    Array.from({ length: 3 }, (_, turn): Burst[] => {
      const order: Order = { kind: 'click', strength, buyer: buyers[turn]!, turn }
      const hands = isForCrew(order) ? crew : undefined
      const name = `${strength}-${turn + 1}`
      return [
        planCampaign(
          open(`unexposed-${name}`),
          { ...order, offence: 'manipulated-click-through' as const },
          hands,
        ),
        planStuffing(open(`stuffed-${name}`), strength),
        planComeAndGo(open(`come-and-go-${name}`), { ...order, kind: 'subscription' }, hands),
      ]
    }).flat(),
  )
  return [...bursts, crew.asBurst()]
}
const buyers: readonly Order['buyer'][] = ['owner', 'owner-at-home', 'rival']

function openCrew(open: OpenStage): Crew {
  return new Crew(open('crew'), tactics.stealth[0]!)
}

function isForCrew({ strength }: Order): boolean {
  return strength === 'stealth'
}

function orderAt(place: number, isFraming: boolean): Order {
  // Of every five places one frames; both series go through all kinds and strengths.
  const turn = isFraming ? Math.floor(place / 5) : place - Math.floor(place / 5)
  const round = Math.floor(turn / 12)
  return {
    kind: judgedKinds[turn % 4]!,
    strength: strengths[Math.floor(turn / 4 + (isFraming ? turn : 0)) % 3]!,
    buyer: isFraming ? 'rival' : (turn + round) % 3 === 1 ? 'owner-at-home' : 'owner',
    turn: round + turn,
  }
}

export { planCampaign } from './campaign'
