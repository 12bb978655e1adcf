import type { JudgedKind } from '../model/event'
import type { Accounts, Audiences } from './accounts'
import { communityCount, foundAccounts, gatherAudiences } from './accounts'
import type { Contents } from './contents'
import { planContents } from './contents'
import { Crowd } from './crowd'
import { clicksOf, deedsPerClick } from './habits'
import { Names } from './names'
import { Networks } from './networks'
import type { SimulationOptions } from './options'
import { endOf } from './options'
import type { Neighbourhoods } from './people'
import { People, settle } from './people'
import { Random } from './random'
import { dayMs } from './season'

/** The platform before anything happens on it. The same options give the same world. */
export interface World {
  readonly options: SimulationOptions
  readonly names: Names
  readonly networks: Networks
  readonly neighbourhoods: Neighbourhoods
  readonly crowd: Crowd
  readonly communities: Communities
  readonly accounts: Accounts
  readonly audiences: Audiences
  readonly contents: Contents
  readonly numbers: Numbers
}

/** Room for what ordinary days bring, whose numbers come right after what was there at the start. */
const ordinaryRoom = 0x100_0000

/** Hands out the numbers of accounts and contents that only bursts bring. */
export class Numbers {
  constructor(
    private accounts: number,
    private contents: number,
  ) {}

  newAccount(): number {
    return this.accounts++
  }

  newContent(): number {
    return this.contents++
  }
}

/** People by interest: the ordinary actors are the numbers below `options.actors`, the more active first. */
export interface Communities {
  readonly of: Int32Array
  readonly members: readonly Int32Array[]
  /** Those who registered within the last week before the end, by the time of it. */
  readonly newcomers: readonly number[]
}

export function buildWorld(options: SimulationOptions): World {
  const names = new Names(options.seed)
  const networks = new Networks(new Random(options.seed, 'networks'))
  const crowd = new Crowd(names, networks, options.actors + options.accounts + 1_000)
  const neighbourhoods = settle(networks, options.actors, new Random(options.seed, 'neighbourhoods'))
  const people = new People(crowd, neighbourhoods, new Random(options.seed, 'people'))
  populate(people, options)
  const communities = divide(crowd, options)
  const accounts = foundAccounts(options, people, new Random(options.seed, 'accounts'))
  const audiences = gatherAudiences(
    accounts,
    communities.members,
    options,
    new Random(options.seed, 'audiences'),
  )
  const contents = planContents(accounts, options, new Random(options.seed, 'contents'))
  const numbers = new Numbers(accounts.size + ordinaryRoom, contents.size + ordinaryRoom)
  return {
    options,
    names,
    networks,
    neighbourhoods,
    crowd,
    communities,
    accounts,
    audiences,
    contents,
    numbers,
  }
}

/** How many honest events of a kind an account can expect in an hour, on average over the day. */
export function levelOf(world: World, account: number, kind: JudgedKind): number {
  const { options, accounts } = world
  const clicks = (clicksOf(options, accounts, world.contents) / options.hours) * accounts.popularity[account]!
  const readiness = kind === 'click' ? 1 : accounts.readiness[kind][account]!
  return clicks * deedsPerClick(options)[kind] * readiness
}

function populate(people: People, options: SimulationOptions): void {
  const random = new Random(options.seed, 'families')
  for (let actor = 0; actor < options.actors; actor++) {
    if (actor > 0 && random.chance(0.01)) people.relative(actor - 1, endOf(options))
    else people.resident(endOf(options))
  }
}

function divide(crowd: Crowd, options: SimulationOptions): Communities {
  const random = new Random(options.seed, 'communities')
  const count = communityCount(options)
  // Every community has at least its share of the first actors, so none is empty.
  const of = Int32Array.from({ length: options.actors }, (_, actor) =>
    actor < count * 8 ? actor % count : random.skewed(count, 1.5),
  )
  const members: number[][] = Array.from({ length: count }, () => [])
  of.forEach((community, actor) => members[community]!.push(actor))
  return { of, members: members.map((list) => Int32Array.from(list)), newcomers: newcomersOf(crowd, options) }
}

function newcomersOf(crowd: Crowd, options: SimulationOptions): number[] {
  const sinceMs = endOf(options) - 7 * dayMs
  const newcomers: number[] = []
  for (let actor = 0; actor < options.actors; actor++) {
    if (!crowd.isRegistered(actor, sinceMs)) newcomers.push(actor)
  }
  return newcomers
}
