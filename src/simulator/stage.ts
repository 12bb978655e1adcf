import { UsageError } from '../model/errors'
import { endOf } from './options'
import { People } from './people'
import { Random } from './random'
import { dayMs, hourMs, localHourOf } from './season'
import type { Span } from './times'
import type { World } from './world'

/** Most of the quiet time before anything out of the ordinary begins. */
const longestWarmUpMs = 8 * hourMs

/** Where a burst is planned: the world, chance of its own, and accounts that no other burst has taken. */
export class Stage {
  readonly random: Random
  readonly people: People
  readonly warmUpEndMs: number

  constructor(
    readonly world: World,
    readonly name: string,
    private readonly taken: Set<number>,
    /** When everything that is planned here is over. */
    readonly endMs = endOf(world.options),
    learningHours?: number,
  ) {
    const { options, crowd, neighbourhoods } = world
    this.random = new Random(options.seed, `burst ${name}`)
    this.people = new People(crowd, neighbourhoods, this.random)
    const usualMs = Math.min(longestWarmUpMs, (options.hours * hourMs) / 6)
    this.warmUpEndMs = options.startMs + (learningHours === undefined ? usualMs : learningHours * hourMs)
  }

  /** The same stage, but the warm-up takes so many hours, and what is planned after it so many. */
  confined({ learningHours, hours }: { learningHours: number; hours: number }): Stage {
    const endMs = this.world.options.startMs + (learningHours + hours) * hourMs
    return new Stage(this.world, this.name, this.taken, Math.min(this.endMs, endMs), learningHours)
  }

  /** An account by its rank in popularity, as shares from 0 (the first) to 1 (the last). */
  takeAccount(from: number, to: number): number {
    const { ranked } = this.world.accounts
    const free = [...ranked.subarray(Math.floor(from * ranked.length), Math.ceil(to * ranked.length))].filter(
      (account) => !this.taken.has(account),
    )
    if (free.length === 0) {
      throw new UsageError(
        `no account is left for ${this.name}; raise accounts, ${ranked.length} are too few`,
      )
    }
    const account = this.random.pick(free)
    this.taken.add(account)
    return account
  }

  /** An account that was not there before, which has no readers of its own and publishes only what the burst says. */
  newAccount(): number {
    return this.world.numbers.newAccount()
  }

  /** A content that can be named before it is published. */
  newContent(): number {
    return this.world.numbers.newContent()
  }

  /** So many hours that begin about a local hour of some day, after the warm-up and within the run. */
  spanAt(localHour: number, hours: number): Span {
    const latestMs = Math.max(this.warmUpEndMs, this.endMs - hours * hourMs)
    const starts: number[] = []
    for (let timeMs = this.warmUpEndMs; timeMs <= latestMs; timeMs += hourMs) {
      if (localHourOf(timeMs) === localHour) starts.push(timeMs)
    }
    if (starts.length === 0) return this.spanAnywhere(hours)
    return this.clip(this.random.pick(starts) + this.random.below(hourMs / 2), hours)
  }

  /** So many hours anywhere after the warm-up. */
  spanAnywhere(hours: number): Span {
    const latestMs = Math.max(this.warmUpEndMs, this.endMs - hours * hourMs)
    return this.clip(this.random.between(this.warmUpEndMs, latestMs), hours)
  }

  /** Readers of an account, the faithful first, as many as there are. */
  readersOf(account: number, count: number): number[] {
    const readers = new Set(this.world.audiences.list(account))
    return [...readers].filter((actor) => this.isSettled(actor)).slice(0, count)
  }

  /** People of the ordinary audience of the platform, whoever they read. */
  anybody(count: number): number[] {
    const { actors } = this.world.options
    return Array.from({ length: count }, () => {
      let actor = this.random.below(actors)
      while (!this.isSettled(actor)) actor = this.random.below(actors)
      return actor
    })
  }

  /** People who have long been on the platform, but come out only now. */
  silentMajority(count: number): number[] {
    return Array.from({ length: count }, () => this.people.resident(this.warmUpEndMs - dayMs))
  }

  private isSettled(actor: number): boolean {
    return this.world.crowd.isRegistered(actor, this.world.options.startMs)
  }

  private clip(startMs: number, hours: number): Span {
    return { startMs: Math.floor(startMs), endMs: Math.min(this.endMs, Math.floor(startMs + hours * hourMs)) }
  }
}
