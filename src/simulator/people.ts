import type { Crowd } from './crowd'
import type { Networks } from './networks'
import type { Random } from './random'
import { draw } from './random'
import { dayMs } from './season'
import { popularAgents } from './user-agents'

/** The networks that honest people use, by kind; the first of each list are the largest. */
export interface Neighbourhoods {
  readonly homes: readonly number[]
  readonly carriers: readonly number[]
  readonly workplaces: readonly number[]
}

/** Lays out networks for a population: about eight customers a home network, thousands behind a carrier's exits. */
export function settle(networks: Networks, actors: number, random: Random): Neighbourhoods {
  const homes = Array.from({ length: Math.ceil(actors / 8) }, () =>
    networks.add(random.chance(0.2) ? 'home6' : 'home'),
  )
  const carriers = Array.from({ length: Math.min(24, Math.max(5, Math.ceil(actors / 4_000))) }, (_, index) =>
    networks.add(index % 5 === 4 ? 'carrier6' : 'carrier'),
  )
  const offices = Array.from({ length: Math.ceil(actors / 120) }, () => networks.add('office'))
  const universities = Array.from({ length: Math.ceil(actors / 1_500) }, () => networks.add('office'))
  return { homes, carriers, workplaces: [...universities, ...offices] }
}

/** Makes people as they come: old and new, with one phone or two, at home, at work and on the road. */
export class People {
  constructor(
    private readonly crowd: Crowd,
    private readonly places: Neighbourhoods,
    private readonly random: Random,
  ) {}

  /** Somebody who has been here for years, or, rarely, for days. */
  resident(nowMs: number): number {
    return this.admit(nowMs - this.ageMs())
  }

  /** Somebody who registered at that moment. */
  newcomer(registeredAtMs: number): number {
    return this.admit(registeredAtMs)
  }

  /** Somebody of the same household as an actor: the same home, and often the same tablet. */
  relative(actor: number, nowMs: number): number {
    const kin = this.crowd.person(actor)
    return this.crowd.add({
      ...kin,
      createdAtMs: Math.floor(nowMs - this.ageMs()),
      work: -1,
      otherDevice: -1,
    })
  }

  /** The network of some home; homes in large networks come up more often. */
  home(): number {
    const { homes } = this.places
    return homes[this.random.skewed(homes.length, 1.5)]!
  }

  carrier(): number {
    const { carriers } = this.places
    return carriers[this.random.skewed(carriers.length, 1.5)]!
  }

  private admit(createdAtMs: number): number {
    const { crowd, random } = this
    const { workplaces } = this.places
    return crowd.add({
      createdAtMs: Math.floor(createdAtMs),
      device: crowd.newDevice(),
      otherDevice: random.chance(0.22) ? crowd.newDevice() : -1,
      home: this.home(),
      work: random.chance(0.3) ? workplaces[random.skewed(workplaces.length, 2)]! : -1,
      carrier: random.chance(0.88) ? this.carrier() : -1,
      agent: draw(popularAgents, random),
    })
  }

  private ageMs(): number {
    const { random } = this
    // 3 % came within the last fortnight; for the rest half are older than two and a half years.
    if (random.chance(0.03)) return random.between(0, 14 * dayMs)
    return Math.min(random.logNormal(900 * dayMs, 0.85), 4_500 * dayMs)
  }
}
