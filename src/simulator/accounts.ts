import type { JudgedKind } from '../model/event'
import type { SimulationOptions } from './options'
import type { People } from './people'
import type { Random } from './random'
import { draw, mixOf } from './random'
import { accountName } from './texts'

/** The public accounts as columns: how popular each is, whose interest it serves, who runs it. */
export interface Accounts {
  readonly size: number
  /** Share of the platform's interest; sums to 1, and a few have most of it. */
  readonly popularity: Float64Array
  readonly community: Int32Array
  /** The actor who runs the account and writes its posts. */
  readonly operator: Int32Array
  readonly postsPerDay: Float64Array
  /** How ready its readers are to go on from a click, and for how long they stay, against the platform's own. */
  readonly readiness: Readonly<Record<Exclude<JudgedKind, 'click'> | 'dwell', Float64Array>>
  /** The share of those shown an article who open it. */
  readonly clickThrough: Float64Array
  /** What the account says of itself in its activity records, as JSON. */
  readonly profiles: readonly string[]
  /** Accounts of each community, the most popular first. */
  readonly ofCommunity: readonly Int32Array[]
  /** All accounts, the most popular first. */
  readonly ranked: Int32Array
}

const categories = mixOf([
  ['news', 18],
  ['lifestyle', 20],
  ['education', 12],
  ['finance', 9],
  ['entertainment', 16],
  ['technology', 8],
  ['government', 6],
  ['health', 7],
  ['sport', 4],
])

export function foundAccounts(options: SimulationOptions, people: People, random: Random): Accounts {
  const size = options.accounts
  const popularity = popularities(size, random)
  const communities = communityCount(options)
  const community = Int32Array.from({ length: size }, () => random.skewed(communities, 1.5))
  const ranked = Int32Array.from({ length: size }, (_, account) => account).sort(
    (left, right) => popularity[right]! - popularity[left]! || left - right,
  )
  return {
    size,
    popularity,
    community,
    ranked,
    operator: Int32Array.from({ length: size }, () => people.resident(options.startMs)),
    postsPerDay: popularity.map((share) => random.logNormal(0.8 * Math.pow(1 + share * size, 0.4), 0.6)),
    readiness: {
      subscription: spread(size, 0.4, random),
      forward: spread(size, 0.5, random),
      comment: spread(size, 0.5, random),
      dwell: spread(size, 0.25, random),
    },
    clickThrough: Float64Array.from({ length: size }, () => Math.min(0.3, random.logNormal(0.05, 0.4))),
    profiles: Array.from({ length: size }, () => profile(random)),
    ofCommunity: groups(ranked, community, communities),
  }
}

export function communityCount(options: SimulationOptions): number {
  return Math.max(4, Math.round(Math.min(options.accounts / 12, options.actors / 150)))
}

/** Who reads each account, its most faithful readers first; a list grows and shrinks as people come and leave. */
export class Audiences {
  private readonly start: Int32Array
  private readonly count: Int32Array
  private readonly members: Int32Array

  constructor(sizes: Int32Array) {
    this.start = new Int32Array(sizes.length + 1)
    // A quarter more than at the start, for those who join later.
    sizes.forEach((size, account) => {
      this.start[account + 1] = this.start[account]! + Math.ceil(size * 1.25) + 8
    })
    this.count = new Int32Array(sizes.length)
    this.members = new Int32Array(this.start[sizes.length]!)
  }

  join(account: number, actor: number, random: Random): void {
    const start = this.start[account]!
    const count = this.count[account]!
    const isFull = start + count === this.start[account + 1]!
    // A full list forgets one of its less faithful half.
    const slot = isFull ? (count >> 1) + random.below(count - (count >> 1)) : this.count[account]!++
    this.members[start + slot] = actor
  }

  /** Takes one of the less faithful out of the list and returns him, -1 where too few are left. */
  leave(account: number, random: Random): number {
    const count = this.count[account]!
    if (count < 8) return -1
    const slot = this.start[account]! + (count >> 1) + random.below(count - (count >> 1))
    const leaver = this.members[slot]!
    this.members[slot] = this.members[this.start[account]! + count - 1]!
    this.count[account] = count - 1
    return leaver
  }

  /** Somebody of the audience; the faithful come more often. */
  reader(account: number, random: Random): number {
    return this.members[this.start[account]! + random.skewed(this.count[account]!, 2)]!
  }

  sizeOf(account: number): number {
    return this.count[account]!
  }

  /** The audience as a list, the most faithful first. */
  list(account: number): number[] {
    const start = this.start[account]!
    return [...this.members.subarray(start, start + this.count[account]!)]
  }
}

/**
 * Gives every account its readers: most out of its community, where the active ones read many accounts; the largest
 * accounts have more readers than their community has members, and find them everywhere.
 */
export function gatherAudiences(
  accounts: Accounts,
  communityMembers: readonly Int32Array[],
  options: SimulationOptions,
  random: Random,
): Audiences {
  const sizes = audienceSizes(accounts, options)
  const audiences = new Audiences(sizes)
  for (let account = 0; account < accounts.size; account++) {
    const members = communityMembers[accounts.community[account]!]!
    const fromCommunity = Math.min(0.8 * sizes[account]!, members.length)
    for (let place = 0; place < sizes[account]!; place++) {
      const isNear = random.chance(fromCommunity / sizes[account]!)
      const actor = isNear ? members[random.skewed(members.length, 3)]! : random.skewed(options.actors, 2)
      audiences.join(account, actor, random)
    }
  }
  return audiences
}

/** How many accounts an actor reads, on average. */
const readsPerActor = 12

function audienceSizes(accounts: Accounts, options: SimulationOptions): Int32Array {
  const weights = accounts.popularity.map((share) => Math.pow(share, 0.8))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return Int32Array.from(weights, (weight) => {
    const wanted = (weight / total) * options.actors * readsPerActor
    return Math.round(Math.min(Math.max(wanted, 16), options.actors * 0.6))
  })
}

// Zipf by rank, bent at the top and blurred, in an order that has nothing to do with the account's number.
function popularities(size: number, random: Random): Float64Array {
  const ranks = random.sample(
    Array.from({ length: size }, (_, rank) => rank),
    size,
  )
  const raw = Float64Array.from(ranks, (rank) => random.logNormal(Math.pow(rank + 4, -0.95), 0.25))
  const total = raw.reduce((sum, weight) => sum + weight, 0)
  return raw.map((weight) => weight / total)
}

function groups(ranked: Int32Array, community: Int32Array, communities: number): Int32Array[] {
  const lists: number[][] = Array.from({ length: communities }, () => [])
  for (const account of ranked) lists[community[account]!]!.push(account)
  // A community without an account of its own reads the most popular ones.
  return lists.map((list) => Int32Array.from(list.length > 0 ? list : ranked.subarray(0, 10)))
}

function spread(size: number, sigma: number, random: Random): Float64Array {
  return Float64Array.from({ length: size }, () => random.logNormal(1, sigma))
}

/** Parts of a profile that are not left to chance. */
export interface Identity {
  readonly subject?: string
  readonly category?: string
  readonly name?: string
}

/** What an account says of itself, as JSON. */
export function profile(random: Random, identity: Identity = {}): string {
  const drawn = { subject: subjectId(random), category: draw(categories, random), name: accountName(random) }
  const { subject, category, name } = { ...drawn, ...identity }
  const grade = ['A', 'B', 'C'][random.skewed(3, 1.5)]!
  return `"subjectId":"${subject}","category":"${category}","grade":"${grade}","name":"${name}"`
}

/** Who stands behind an account, as the platform has verified it. */
export function subjectId(random: Random): string {
  return `i${(random.bits() >>> 0).toString(16).padStart(8, '0')}`
}

/** The name in a profile. */
export function nameIn(profileText: string): string {
  return /"name":"([^"]*)"/.exec(profileText)?.[1] ?? ''
}
