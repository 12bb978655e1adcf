import { Interest } from './contents'
import {
  clicksOf,
  followerReferrers,
  forwardChannels,
  habits,
  strangerReferrers,
  subscriptionSources,
  visitsFor,
} from './habits'
import { Operators } from './operators'
import { endOf } from './options'
import { PairSet } from './pair-set'
import { Random, draw, mixOf } from './random'
import type { Scribe } from './scribe'
import { minuteMs, seasonAt } from './season'
import { commentText, forwardText } from './texts'
import type { Weather } from './weather'
import type { World } from './world'

/** One reader's visit: who he is stays the same from its first record to its last. */
interface Visit {
  readonly actor: number
  readonly who: string
}

const slots = mixOf([
  ['feed-follow', 50],
  ['feed-home', 30],
  ['related', 12],
  ['search', 8],
])

/**
 * What honest people do on an ordinary day. Readers come by interest, stay, go on to a neighbouring account, and some
 * forward, comment or subscribe; a new subscriber is a reader from then on. Nothing here knows of bursts or campaigns.
 */
export class OrdinaryTraffic {
  private readonly random: Random
  private readonly interest: Interest
  private readonly operators: Operators
  private readonly subscriptions = new PairSet()
  private readonly unseen: Float64Array
  private readonly lastComment: Int32Array
  private readonly visitsPerSeason: number
  private readonly talk: number
  private sliceNumber = 0
  private weather!: Weather

  constructor(
    private readonly world: World,
    private readonly scribe: Scribe,
    private readonly sliceMs: number,
  ) {
    const { options, accounts, contents } = world
    this.random = new Random(options.seed, 'ordinary')
    this.interest = new Interest(accounts, contents, options.startMs, new Random(options.seed, 'interest'))
    this.operators = new Operators(world, scribe)
    this.unseen = new Float64Array(accounts.size)
    this.lastComment = new Int32Array(accounts.size).fill(-1)
    this.talk = options.talk ?? 1
    this.visitsPerSeason = visitsFor(clicksOf(options, accounts, contents)) / totalSeason(world, sliceMs)
  }

  /** Lets one slice of time pass. */
  pass(startMs: number, weather: Weather): void {
    this.weather = weather
    this.interest.turnTo(startMs, startMs + this.sliceMs, (content) => {
      this.operators.publish(content)
    })
    const level = this.visitsPerSeason * seasonAt(startMs + this.sliceMs / 2) * weather.level
    const clicks = level / visitsFor(1)
    this.repeat(level, startMs, (timeMs) => {
      this.visit(timeMs)
    })
    this.repeat(clicks * habits.forwardsUnread, startMs, (timeMs) => {
      this.forwardUnread(timeMs)
    })
    this.repeat(clicks * habits.commentsUnread * this.talk, startMs, (timeMs) => {
      this.commentUnread(timeMs)
    })
    this.repeat(clicks * habits.subscribesUnread, startMs, (timeMs) => {
      this.subscribeUnread(timeMs)
    })
    this.repeat(clicks * habits.unsubscribes, startMs, (timeMs) => {
      this.unsubscribe(timeMs)
    })
    this.operators.pass(startMs, this.sliceMs)
    this.countImpressions(startMs)
    this.sliceNumber++
  }

  /** The newest content of an account at a moment of the slice. */
  latestAt(account: number, timeMs: number): number {
    return this.interest.latestAt(account, timeMs)
  }

  private repeat(mean: number, startMs: number, act: (timeMs: number) => void): void {
    for (let count = this.random.poisson(mean); count > 0; count--) {
      act(startMs + this.random.below(this.sliceMs))
    }
  }

  private visit(startMs: number): void {
    const { random } = this
    let content = this.interest.draw(random)
    let timeMs = startMs
    let follows = random.chance(habits.isFollower)
    const visit = this.visitor(this.accountOf(content), follows, timeMs)
    for (;;) {
      const isNext = timeMs > startMs
      timeMs = this.read(visit, content, timeMs, follows, isNext)
      if (!random.chance(habits.goesOn)) return
      content = this.nextContent(visit, this.accountOf(content), timeMs)
      follows = random.chance(0.5)
      timeMs = Math.floor(timeMs + 1 + random.logNormal(14_000, 0.9))
    }
  }

  /** Reads one article and does what comes of it; returns when the reader is done with it. */
  private read(visit: Visit, content: number, timeMs: number, follows: boolean, isNext: boolean): number {
    const { random, scribe } = this
    const account = this.accountOf(content)
    const { readiness, clickThrough } = this.world.accounts
    const moment = { timeMs, account, content, who: visit.who }
    const dwellMs = this.dwell(account)
    scribe.click(moment, random.chance(0.07) ? -1 : dwellMs, this.referrer(follows, isNext))
    this.unseen[account] = this.unseen[account]! + random.exponential(1 / clickThrough[account]!)

    const doneMs = Math.floor(timeMs + dwellMs)
    if (random.chance(habits.forwards * readiness.forward[account]!)) {
      scribe.forward(
        { ...moment, timeMs: this.soon(doneMs) },
        draw(forwardChannels, random),
        forwardText(random),
      )
    }
    if (random.chance(habits.comments * this.talk * readiness.comment[account]!)) {
      this.comment({ ...moment, timeMs: this.soon(doneMs) })
    }
    if (!follows && random.chance(habits.subscribes * readiness.subscription[account]!)) {
      this.subscribeAfterReading(visit, account, content, doneMs)
    }
    return doneMs
  }

  private visitor(account: number, follows: boolean, timeMs: number): Visit {
    const actor = this.registered(timeMs, () =>
      follows ? this.world.audiences.reader(account, this.random) : this.stranger(account),
    )
    return this.visitOf(actor, timeMs)
  }

  private visitOf(actor: number, timeMs: number): Visit {
    return {
      actor,
      who: this.world.crowd.appearance(actor, timeMs, this.random, this.weather.newReleaseShare),
    }
  }

  // Word gets round among neighbours first, and further only for what is larger than the neighbourhood.
  private stranger(account: number): number {
    const { communities, accounts, audiences, options } = this.world
    const members = communities.members[accounts.community[account]!]!
    return this.random.chance(Math.min(0.65, members.length / audiences.sizeOf(account)))
      ? members[this.random.skewed(members.length, 2)]!
      : this.random.skewed(options.actors, 2)
  }

  // Nobody acts before he registered; whoever has not yet is passed over.
  private registered(timeMs: number, choose: () => number): number {
    let actor = choose()
    for (let attempt = 0; attempt < 20 && !this.world.crowd.isRegistered(actor, timeMs); attempt++)
      actor = choose()
    return actor
  }

  private nextContent(visit: Visit, account: number, timeMs: number): number {
    const { random } = this
    if (random.chance(0.35)) return this.earlierContent(account, timeMs, random.below(3))
    const { communities, accounts } = this.world
    const neighbours = accounts.ofCommunity[communities.of[visit.actor]!]!
    return this.earlierContent(neighbours[random.skewed(neighbours.length, 2)]!, timeMs, random.skewed(3, 2))
  }

  private earlierContent(account: number, timeMs: number, back: number): number {
    return Math.max(this.world.contents.firstOf[account]!, this.interest.latestAt(account, timeMs) - back)
  }

  private dwell(account: number): number {
    const { random } = this
    if (random.chance(0.14)) return random.between(600, 4_000)
    const usual = 34_000 * this.world.accounts.readiness.dwell[account]! * this.weather.dwell
    return Math.min(1_800_000, Math.max(700, random.logNormal(usual, 0.95)))
  }

  private referrer(follows: boolean, isNext: boolean) {
    if (this.random.chance(this.weather.recommendedShare)) return 'feed'
    if (isNext && this.random.chance(0.6)) return 'feed'
    return draw(follows ? followerReferrers : strangerReferrers, this.random)
  }

  private subscribeAfterReading(visit: Visit, account: number, content: number, doneMs: number): void {
    if (!this.subscriptions.add(account, visit.actor)) return
    const delayMs = this.random.chance(0.7) ? 3_000 : this.random.exponential(8 * minuteMs)
    const timeMs = Math.floor(doneMs + 800 + this.random.exponential(delayMs))
    const source = this.random.chance(0.9) ? 'article' : 'search'
    this.scribe.subscription({ timeMs, account, content, who: visit.who }, source)
    this.world.audiences.join(account, visit.actor, this.random)
  }

  private forwardUnread(timeMs: number): void {
    const { random } = this
    const moment = this.chanceMoment(timeMs)
    this.scribe.forward(moment, draw(forwardChannels, random), forwardText(random))
  }

  private commentUnread(timeMs: number): void {
    this.comment(this.chanceMoment(timeMs))
  }

  private comment(moment: { timeMs: number; account: number; content: number; who: string }): void {
    const { random, lastComment } = this
    const parent = random.chance(0.25) ? lastComment[moment.account]! : -1
    lastComment[moment.account] = this.scribe.comment(moment, commentText(random), parent)
  }

  private chanceMoment(timeMs: number) {
    const content = this.interest.draw(this.random)
    const account = this.accountOf(content)
    const { who } = this.visitor(account, this.random.chance(habits.isFollower), timeMs)
    return { timeMs, account, content, who }
  }

  private subscribeUnread(timeMs: number): void {
    const { random } = this
    const account = this.accountOf(this.interest.draw(random))
    const { newcomers } = this.world.communities
    const isNew = newcomers.length > 0 && random.chance(0.1)
    const actor = this.registered(timeMs, () => (isNew ? random.pick(newcomers) : this.stranger(account)))
    const visit = this.visitOf(actor, timeMs)
    this.subscribe(visit, account, timeMs)
    if (isNew) this.lookAround(visit, timeMs)
  }

  // Whoever is new to the platform fills his list.
  private lookAround(visit: Visit, startMs: number): void {
    const { random } = this
    for (let timeMs = startMs; random.chance(0.55);) {
      timeMs = Math.floor(timeMs + random.logNormal(15_000, 0.8))
      this.subscribe(visit, this.accountOf(this.interest.draw(random)), timeMs)
    }
  }

  private subscribe(visit: Visit, account: number, timeMs: number): void {
    const { random } = this
    if (!this.subscriptions.add(account, visit.actor)) return
    const isRecommended = random.chance(this.weather.recommendedShare)
    const source = isRecommended ? 'recommendation' : draw(subscriptionSources, random)
    this.scribe.subscription({ timeMs, account, content: -1, who: visit.who }, source)
    this.world.audiences.join(account, visit.actor, random)
  }

  private unsubscribe(timeMs: number): void {
    const account = this.accountOf(this.interest.draw(this.random))
    const actor = this.world.audiences.leave(account, this.random)
    if (actor < 0 || !this.world.crowd.isRegistered(actor, timeMs)) return
    this.scribe.unsubscription({ timeMs, account, content: -1, who: this.visitOf(actor, timeMs).who })
  }

  // Once an hour each account's impressions come as one record, a twelfth of the accounts in each slice.
  private countImpressions(startMs: number): void {
    const { random, unseen } = this
    for (let account = this.sliceNumber % 12; account < unseen.length; account += 12) {
      const count = Math.round(unseen[account]!)
      if (count < 1) continue
      const timeMs = startMs + random.below(this.sliceMs)
      const content = this.interest.latestAt(account, timeMs)
      this.scribe.impression(timeMs, account, content, draw(slots, random), count)
      unseen[account] = 0
    }
  }

  private soon(timeMs: number): number {
    return Math.floor(timeMs + 500 + this.random.exponential(6_000))
  }

  private accountOf(content: number): number {
    return this.world.contents.account[content]!
  }
}

function totalSeason(world: World, sliceMs: number): number {
  const endMs = endOf(world.options)
  let total = 0
  for (let timeMs = world.options.startMs; timeMs < endMs; timeMs += sliceMs)
    total += seasonAt(timeMs + sliceMs / 2)
  return total
}
