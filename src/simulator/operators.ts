import { nameIn, profile } from './accounts'
import { habits } from './habits'
import { Random } from './random'
import type { Scribe } from './scribe'
import { dayMs, seasonAt } from './season'
import type { World } from './world'
import type { Article, Occasion } from './writing/articles'
import { article, creditedTo, greeting, habitsOf } from './writing/articles'

/** Most articles that others may still print. */
const mostRecent = 64

/**
 * What those do who run the accounts: they publish, print each other's articles with credit, look at the result, and log
 * in; now and then a new one registers.
 */
export class Operators {
  private readonly random: Random
  private readonly young: { account: number; founder: number; habits: Occasion }[] = []
  private readonly habits: readonly Occasion[]
  private readonly recent: { account: number; article: Article }[] = []
  private published = 0
  private youngPosts = 0
  private today: { readonly day: number; readonly tags: readonly string[] } = { day: -1, tags: [] }

  constructor(
    private readonly world: World,
    private readonly scribe: Scribe,
  ) {
    this.random = new Random(world.options.seed, 'operators')
    const taste = new Random(world.options.seed, 'themes')
    this.habits = Array.from({ length: world.accounts.size }, () => habitsOf(taste))
  }

  /** Lets one slice of time pass; publishing has its own times. */
  pass(startMs: number, sliceMs: number): void {
    const { accounts } = this.world
    const perDay = habits.loginsPerDay * (this.world.options.isSparse === true ? 0.2 : 1)
    const logins = (accounts.size * perDay * seasonAt(startMs) * sliceMs) / dayMs
    for (let count = this.random.poisson(logins); count > 0; count--) {
      this.act(startMs + this.random.below(sliceMs))
    }
    const firstPosts = (this.young.length * habits.youngPostsPerDay * seasonAt(startMs) * sliceMs) / dayMs
    for (let count = this.random.poisson(firstPosts); count > 0; count--) {
      this.publishYoung(startMs + this.random.below(sliceMs))
    }
  }

  /** Publishes a content that is due; half of the time the author looks at it afterwards. */
  publish(content: number): void {
    const { random, world, scribe } = this
    const account = world.contents.account[content]!
    const timeMs = world.contents.publishedMs[content]!
    const moment = { timeMs, account, content, who: this.operatorOf(account, timeMs) }
    scribe.post(moment, this.write(account, timeMs))
    if (random.chance(0.5)) {
      scribe.click({ ...moment, timeMs: timeMs + 2_000 + random.below(60_000) }, 9_000, 'direct')
    }
  }

  private write(account: number, timeMs: number): Article {
    const { random, recent } = this
    const tagsOfTheDay = this.tagsOfTheDay(timeMs)
    if (random.chance(0.03)) return greeting(random, tagsOfTheDay)
    if (recent.length > 0 && random.chance(0.03)) {
      const seen = random.pick(recent)
      if (seen.account !== account)
        return creditedTo(nameIn(this.world.accounts.profiles[seen.account]!), seen.article, random)
    }
    const own = article(random, { ...this.habits[account]!, tagsOfTheDay })
    recent[this.published++ % mostRecent] = { account, article: own }
    return own
  }

  private tagsOfTheDay(timeMs: number): readonly string[] {
    const day = Math.floor(timeMs / dayMs)
    if (day !== this.today.day) {
      const news = new Random(this.world.options.seed, `tags of day ${day}`)
      this.today = { day, tags: habitsOf(news).themes ?? [] }
    }
    return this.today.tags
  }

  private act(timeMs: number): void {
    if (this.random.chance(0.03) && this.world.options.isSparse !== true) this.register(timeMs)
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

  // A new account has no readers yet; it comes, and begins to publish.
  private register(timeMs: number): void {
    const { random, world } = this
    const founder = random.below(world.options.actors)
    if (!world.crowd.isRegistered(founder, timeMs)) return
    const account = world.accounts.size + this.young.length
    const moment = { timeMs, account, content: -1, who: world.crowd.appearance(founder, timeMs, random) }
    this.scribe.activity(moment, 'registered', profile(random))
    this.young.push({ account, founder, habits: habitsOf(random) })
  }

  private publishYoung(timeMs: number): void {
    const { random, world } = this
    const { account, founder, habits: own } = random.pick(this.young)
    const content = world.contents.size + this.youngPosts++
    const moment = { timeMs, account, content, who: world.crowd.appearance(founder, timeMs, random) }
    this.scribe.post(moment, article(random, { ...own, tagsOfTheDay: this.tagsOfTheDay(timeMs) }))
  }

  private operatorOf(account: number, timeMs: number): string {
    const { crowd, accounts } = this.world
    return crowd.appearance(accounts.operator[account]!, timeMs, this.random)
  }
}
