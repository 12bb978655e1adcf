import type { Deed } from '../burst'
import { draw } from '../random'
import type { Stage } from '../stage'
import { burst, scattered } from '../times'
import { dayMs } from '../season'
import { popularAgents } from '../user-agents'
import type { BenignCase } from './benign'
import { reads } from '../doings'

export const sharedAddress: BenignCase = {
  name: 'office-and-carrier-nat',
  summary:
    'A company asks its staff, all behind one line, to follow its account; a carrier does so with its customers.',

  plan(stage) {
    const company = stage.takeAccount(0.4, 0.9)
    const service = stage.takeAccount(0.2, 0.7)
    const office = stage.world.networks.add('office')
    const exit = stage.world.networks.add('carrier')
    const staff = burst(stage.spanAt(9, 5), 380, stage.random).flatMap((timeMs) =>
      follows(stage, company, behind(stage, office), timeMs),
    )
    const customers = scattered(stage.spanAt(10, 10), 1_500, stage.random).flatMap((timeMs) =>
      follows(stage, service, behind(stage, exit), timeMs),
    )
    return {
      accounts: [company, service],
      offence: 'inflated-subscriptions',
      deeds: [...staff, ...customers],
    }
  },
}

function follows(stage: Stage, account: number, actor: number, timeMs: number): Deed[] {
  const { random } = stage
  const source = random.pick(['qr-code', 'search', 'article', 'recommendation'] as const)
  const subscription: Deed = { kind: 'subscription', timeMs, actor, account, source }
  if (!random.chance(0.6)) return [subscription]
  const beforeMs = Math.floor(timeMs - 20_000 - random.exponential(60_000))
  return [
    ...reads(stage, { timeMs: beforeMs, actor, account, medianDwellMs: 40_000 }, { forwards: 0.05 }),
    subscription,
  ]
}

function behind(stage: Stage, network: number): number {
  const { random, world } = stage
  const { crowd } = world
  const createdAtMs = Math.floor(stage.warmUpEndMs - 2 * dayMs - random.logNormal(900 * dayMs, 0.8))
  const agent = draw(popularAgents, random)
  return crowd.add({
    createdAtMs,
    device: crowd.newDevice(),
    otherDevice: -1,
    home: network,
    work: -1,
    carrier: -1,
    agent,
  })
}
