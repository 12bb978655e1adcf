import type { Random } from '../random'
import { draw } from '../random'
import { dayMs, hourMs } from '../season'
import type { Stage } from '../stage'
import { farmPhoneAgent, popularAgents } from '../user-agents'
import type { Tactics } from './tactics'

/** The actors of a campaign, made as the tactics say: their devices, networks, ages and phones. */
export function recruit(stage: Stage, tactics: Tactics, count: number): number[] {
  const batchMs = stage.world.options.startMs - stage.random.between(0.5, 20) * dayMs
  const prefixes = rentPrefixes(stage, tactics)
  const agents = phonesOf(stage.random, tactics)
  const actors: number[] = []
  while (actors.length < count) {
    const device = stage.world.crowd.newDevice()
    const home = prefixes.length > 0 ? stage.random.pick(prefixes) : stage.people.home()
    const agent = agents.length > 0 ? stage.random.pick(agents) : draw(popularAgents, stage.random)
    const share = Math.min(within(stage.random, tactics.actorsPerDevice), count - actors.length)
    for (let place = 0; place < share; place++) {
      actors.push(hire(stage, { device, home, agent, createdAtMs: registrationMs(stage, tactics, batchMs) }))
    }
  }
  return actors
}

/** Actors behind the devices of an account's own operator. */
export function recruitAtHome(stage: Stage, tactics: Tactics, account: number, count: number): number[] {
  const operator = stage.world.crowd.person(stage.world.accounts.operator[account]!)
  const batchMs = stage.world.options.startMs - stage.random.between(1, 60) * dayMs
  return Array.from({ length: count }, () =>
    hire(stage, {
      device: operator.device,
      home: operator.home,
      agent: operator.agent,
      createdAtMs: registrationMs(stage, tactics, batchMs),
    }),
  )
}

/** Actors with a device each who all work at one place. */
export function recruitAt(stage: Stage, tactics: Tactics, place: number, count: number): number[] {
  const batchMs = stage.world.options.startMs - stage.random.between(1, 60) * dayMs
  return Array.from({ length: count }, () =>
    hire(stage, {
      device: stage.world.crowd.newDevice(),
      home: place,
      agent: draw(popularAgents, stage.random),
      createdAtMs: registrationMs(stage, tactics, batchMs),
    }),
  )
}

/** A whole number from the least to the most, both included. */
export function within(random: Random, [least, most]: readonly [number, number]): number {
  return least + random.below(most - least + 1)
}

interface Hire {
  readonly device: number
  readonly home: number
  readonly agent: number
  readonly createdAtMs: number
}

function hire(stage: Stage, { device, home, agent, createdAtMs }: Hire): number {
  return stage.world.crowd.add({ createdAtMs, device, otherDevice: -1, home, work: -1, carrier: -1, agent })
}

function rentPrefixes(stage: Stage, tactics: Tactics): number[] {
  return Array.from({ length: within(stage.random, tactics.prefixes) }, () =>
    stage.random.chance(tactics.hostingShare) ? stage.world.networks.add('hosting') : stage.people.home(),
  )
}

function phonesOf(random: Random, tactics: Tactics): number[] {
  if (tactics.phones === 1) return [farmPhoneAgent]
  return Array.from({ length: tactics.phones }, () => draw(popularAgents, random))
}

function registrationMs(stage: Stage, tactics: Tactics, batchMs: number): number {
  const { random } = stage
  if (random.chance(tactics.freshShare)) return Math.floor(batchMs + random.between(0, 2) * hourMs)
  const { median, sigma } = tactics.ageDays
  const ageMs = Math.min(random.logNormal(median, sigma), 4_000) * dayMs
  return Math.floor(stage.world.options.startMs - dayMs - ageMs)
}
