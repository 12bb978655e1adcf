import { profile } from './accounts'
import { habits } from './habits'
import { Random } from './random'
import type { Scribe } from './scribe'
import { dayMs, seasonAt } from './season'
import { article } from './texts'
import type { World } from './world'

/** What those do who run the accounts: they publish, look at the result, and log in; now and then a new one registers. */
export class Operators {
  private readonly random: Random
  private registrations = 0

  constructor(
    private readonly world: World,
    private readonly scribe: Scribe,
  ) {
    this.random = new Random(world.options.seed, 'operators')
  }

  /** Lets one slice of time pass; publishing has its own times. */
  pass(startMs: number, sliceMs: number): void {
    const { accounts } = this.world
    const logins = (accounts.size * habits.loginsPerDay * seasonAt(startMs) * sliceMs) / dayMs
    for (let count = this.random.poisson(logins); count > 0; count--) {
      this.act(startMs + this.random.below(sliceMs))
    }
  }

  /** Publishes a content that is due; half of the time the author looks at it afterwards. */
  publish(content: number): void {
    const { random, world, scribe } = this
    const account = world.contents.account[content]!
    const timeMs = world.contents.publishedMs[content]!
    const moment = { timeMs, account, content, who: this.operatorOf(account, timeMs) }
    scribe.post(moment, article(random))
    if (random.chance(0.5)) {
      scribe.click({ ...moment, timeMs: timeMs + 2_000 + random.below(60_000) }, 9_000, 'direct')
    }
  }

  private act(timeMs: number): void {
    if (this.random.chance(0.02)) this.register(timeMs)
    else this.logIn(timeMs)
  }

  private logIn(timeMs: number): void {
    const { random, world } = this
    const account = random.below(world.accounts.size)
    const isRenamed = random.chance(0.002)
    const said = isRenamed || random.chance(0.3) ? world.accounts.profiles[account]! : ''
    const moment = { timeMs, account, content: -1, who: this.operatorOf(account, timeMs) }
    this.scribe.activity(moment, isRenamed ? 'renamed' : 'login', said)
  }

  // A new account has no readers yet; all that is heard of it is that it is there.
  private register(timeMs: number): void {
    const { random, world } = this
    const founder = random.below(world.options.actors)
    if (!world.crowd.isRegistered(founder, timeMs)) return
    const account = world.accounts.size + this.registrations++
    const moment = { timeMs, account, content: -1, who: world.crowd.appearance(founder, timeMs, random) }
    this.scribe.activity(moment, 'registered', profile(random))
  }

  private operatorOf(account: number, timeMs: number): string {
    const { crowd, accounts } = this.world
    return crowd.appearance(accounts.operator[account]!, timeMs, this.random)
  }
}
