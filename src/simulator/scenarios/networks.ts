import { planCrew } from '../attacks'
import { agencySyndication, declaredNetwork } from '../benign/publishing-together'
import { publishingSuite } from '../benign'
import { honestBurst } from '../benign/benign'
import type { Burst } from '../burst'
import { strengths } from '../burst'
import { planHotspot } from '../control/hotspot'
import { planNetwork, planSteered } from '../control/network'
import type { Stagger } from '../control/network'
import { planForgery } from '../control/originality'
import { planRegistrations, planReincarnation, traces } from '../control/registering'
import type { CopyKind } from '../writing/copies'
import type { OpenStage, Scenario } from './scenario'

/** The copies of each network, from what anybody sees to what hardly anybody does. */
const orders: readonly (readonly [CopyKind, number, Stagger, number])[] = [
  ['exact', 6, 'now', 0],
  ['folded', 12, '1h', 0.7],
  ['noise', 30, 'now', 0.7],
  ['exact', 15, '24h', 0.7],
  ['spun-10', 8, '1h', 0],
  ['re-ordered', 12, 'now', 0.95],
  ['exact', 20, '1h', 0.95],
  ['translated', 10, '24h', 0],
  ['spun-30', 15, '1h', 0.7],
]

export const networks: Scenario = {
  name: 'networks',
  summary:
    'Accounts under one control: copies in batches, steering, false hotspots, forged originals, registrations in bulk, closed ones back, and a crew.',
  defaults: { hours: 96, events: 120_000, accounts: 300, actors: 6_000 },
  plan: (open) => [
    ...orders.map((order, place) => planNumbered(open, order, place)),
    planSteered(open('steered-1'), { size: 8, strength: 'moderate', occasions: 12 }),
    planSteered(open('steered-2'), { size: 20, strength: 'stealth', occasions: 16 }),
    planHotspot(open('hotspot-1'), { size: 12, hands: 40, strength: 'moderate', hours: 4 }),
    planHotspot(open('hotspot-2'), { size: 20, hands: 80, strength: 'stealth', hours: 10 }),
    ...(['exact', 'spun-30', 'translated'] as const).flatMap((copies) =>
      planForgery(open(`forgery-${copies}`), copies),
    ),
    planRegistrations(open('registrations-1'), { size: 30, hours: 2 }),
    planRegistrations(open('registrations-2'), { size: 120, hours: 6 }),
    ...traces.flatMap((trace) => planReincarnation(open(`reincarnation-${trace}`), trace)),
    ...planCrew(open, 8),
    ...[agencySyndication, declaredNetwork, ...publishingSuite].map((happening) =>
      honestBurst(happening, open(happening.name)),
    ),
  ],
}

function planNumbered(
  open: OpenStage,
  [copies, size, stagger, ownShare]: (typeof orders)[number],
  place: number,
): Burst {
  const stage = open(`network-${place + 1}`)
  const strength = strengths[Math.floor(place / 3)]!
  const batches = 3 + stage.random.below(6)
  return planNetwork(stage, { copies, size, stagger, ownShare, strength, batches, isChatty: place % 2 === 1 })
}
