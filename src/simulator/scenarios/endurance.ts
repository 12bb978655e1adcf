import { judgedKinds } from '../../model/event'
import { planCampaign } from '../attacks'
import { planPoisoning } from '../attacks/poisoning'
import { benignSuite } from '../benign'
import { honestBurst } from '../benign/benign'
import { featureLaunch, growth, holiday } from '../benign/platform-wide'
import type { Burst } from '../burst'
import { planSteered } from '../control/network'
import { planRegistrations } from '../control/registering'
import type { SimulationOptions } from '../options'
import type { OpenStage, Scenario } from './scenario'

/** Four weeks on a small platform, so that twenty seeds of it take minutes. */
const defaults = { hours: 24 * 28, events: 12_000, accounts: 160, actors: 3_000, isSparse: true }

const campaigns = 16

export const long: Scenario = {
  name: 'long',
  summary:
    'Four weeks of a small platform: sixteen campaigns, three networks, and a third of the honest surprises.',
  defaults,
  plan: (open, options) => campaignsAndSurprises(open, options),
}

export const poisoned: Scenario = {
  name: 'poisoned',
  summary:
    'The same while somebody slowly teaches assay that bought traffic is usual, on a sixth of all accounts.',
  defaults,
  plan: (open, options) => [...campaignsAndSurprises(open, options), planPoisoning(open('poisoning'))],
}

export const drifting: Scenario = {
  name: 'drifting',
  summary:
    'The same while the platform grows to two and a half times its size, keeps a holiday and launches a feature.',
  defaults,
  plan: (open, options) => [
    ...campaignsAndSurprises(open, options),
    ...[growth, holiday, featureLaunch].map((happening) => honestBurst(happening, open(happening.name))),
  ],
}

// Aged actors at home are left out: they are hardly ever found, and a verdict is what a budget is about. What changes the
// whole platform is kept for the drift; of the other surprises a seed has every third.
function campaignsAndSurprises(open: OpenStage, { seed }: SimulationOptions): Burst[] {
  const surprises = benignSuite
    .filter((happening) => happening !== holiday && happening !== featureLaunch)
    .filter((_, place) => place % 3 === ((seed % 3) + 3) % 3)
  return [
    ...Array.from({ length: campaigns }, (_, turn) =>
      planCampaign(open(`campaign-${turn + 1}`), {
        kind: judgedKinds[turn % judgedKinds.length]!,
        strength: turn % 3 === 2 ? 'moderate' : 'blatant',
        buyer: turn % 5 === 4 ? 'rival' : turn % 5 === 1 ? 'owner-at-home' : 'owner',
        turn,
      }),
    ),
    planRegistrations(open('registrations-1'), { size: 20, hours: 2 }),
    planRegistrations(open('registrations-2'), { size: 40, hours: 6 }),
    planSteered(open('steered'), { size: 8, strength: 'moderate', occasions: 20 }),
    ...surprises.map((happening) => honestBurst(happening, open(happening.name))),
  ]
}
