import type { Accounts } from './accounts'
import { AliasTable } from './alias-table'
import type { SimulationOptions } from './options'
import { endOf } from './options'
import type { Random } from './random'
import { dayMs, hourMs, localHourOf, minuteMs, seasonAt } from './season'

/** Everything that is published, as columns; grouped by account, the oldest of each first. */
export interface Contents {
  readonly size: number
  readonly account: Int32Array
  readonly publishedMs: Float64Array
  /** How much it interests, against the account's usual; most little, a few much. */
  readonly appeal: Float64Array
  /** Where an account's contents begin; one more entry than accounts. */
  readonly firstOf: Int32Array
}

/** How long before the start the accounts have been publishing. */
const historyMs = 3 * dayMs

/** Plans who publishes when. Every account has published something before the start. */
export function planContents(accounts: Accounts, options: SimulationOptions, random: Random): Contents {
  const account: number[] = []
  const publishedMs: number[] = []
  const firstOf = new Int32Array(accounts.size + 1)
  for (let author = 0; author < accounts.size; author++) {
    const perDay = accounts.postsPerDay[author]! * (options.isSparse === true ? 0.4 : 1)
    for (const timeMs of publishingTimes(perDay, options, random)) {
      account.push(author)
      publishedMs.push(timeMs)
    }
    firstOf[author + 1] = account.length
  }
  return {
    size: account.length,
    account: Int32Array.from(account),
    publishedMs: Float64Array.from(publishedMs),
    appeal: Float64Array.from(account, () => random.logNormal(1, 0.8)),
    firstOf,
  }
}

function publishingTimes(postsPerDay: number, options: SimulationOptions, random: Random): number[] {
  const fromMs = options.startMs - historyMs
  const days = (endOf(options) - fromMs) / dayMs
  const times = Array.from({ length: random.poisson(postsPerDay * days) }, () =>
    officeTime(random.between(fromMs, endOf(options)), random),
  )
  times.push(Math.floor(random.between(fromMs, options.startMs)))
  return times.sort((left, right) => left - right)
}

// Few publish at night; those few are what a scheduler sends.
function officeTime(timeMs: number, random: Random): number {
  const hour = localHourOf(timeMs)
  const isNight = hour < 7
  return Math.floor(isNight && random.chance(0.85) ? timeMs + random.between(8, 14) * hourMs : timeMs)
}

// Interest by age in steps of ten minutes: it rises within the first, halves within hours, and has a long tail.
const ageStepMs = 10 * minuteMs
const longestAgeSteps = (4 * dayMs) / ageStepMs
const interestByAge = Float64Array.from({ length: longestAgeSteps + 1 }, (_, step) =>
  Math.pow(1 + (step * ageStepMs) / (2.5 * hourMs), -1.4),
)

/** Most contents of an account that still draw readers. */
const mostLive = 8

/** What readers turn to at the moment, kept up to date slice by slice. */
export class Interest {
  private readonly table = new AliasTable()
  private readonly latest: Int32Array
  private readonly mood: Float64Array
  private readonly phaseMs: Float64Array
  private readonly live: Int32Array
  private readonly weights: Float64Array
  private moodHour = -1

  constructor(
    private readonly accounts: Accounts,
    private readonly contents: Contents,
    startMs: number,
    private readonly random: Random,
  ) {
    this.latest = contents.firstOf.slice(0, accounts.size)
    for (let account = 0; account < accounts.size; account++) this.publish(account, startMs, () => undefined)
    this.mood = new Float64Array(accounts.size)
    const communities = accounts.ofCommunity.length
    this.phaseMs = Float64Array.from({ length: communities }, () => random.normal() * 0.8 * hourMs)
    this.live = new Int32Array(Math.min(contents.size, accounts.size * mostLive))
    this.weights = new Float64Array(this.live.length)
  }

  /** Turns to the slice that begins then; calls back for every content that comes out within it. */
  turnTo(startMs: number, endMs: number, onPublished: (content: number) => void): void {
    this.drift(Math.floor(startMs / hourMs))
    const seasons = this.phaseMs.map((shiftMs) => seasonAt(startMs, shiftMs))
    let size = 0
    for (let account = 0; account < this.accounts.size; account++) {
      const pull = this.pullOf(account, seasons)
      size = this.weigh(account, startMs, pull, size)
      this.publish(account, endMs, onPublished)
    }
    this.table.fill(this.weights, size)
  }

  /** A content that somebody turns to at the moment. */
  draw(random: Random): number {
    return this.live[this.table.draw(random)]!
  }

  /** The newest content of an account that is out at a moment of the slice: nobody reads what is not there yet. */
  latestAt(account: number, timeMs: number): number {
    const { firstOf, publishedMs } = this.contents
    let content = this.latest[account]!
    while (content > firstOf[account]! && publishedMs[content]! > timeMs) content--
    return content
  }

  // Each account has better and worse hours, which last: its level wanders by a third or so.
  private drift(hour: number): void {
    if (hour === this.moodHour) return
    this.moodHour = hour
    for (let account = 0; account < this.mood.length; account++) {
      this.mood[account] = 0.75 * this.mood[account]! + 0.22 * this.random.normal()
    }
  }

  private pullOf(account: number, seasons: Float64Array): number {
    const season = seasons[this.accounts.community[account]!]!
    return this.accounts.popularity[account]! * Math.exp(this.mood[account]!) * season
  }

  private weigh(account: number, nowMs: number, pull: number, from: number): number {
    const { firstOf, publishedMs, appeal } = this.contents
    const oldest = Math.max(firstOf[account]!, this.latest[account]! - mostLive + 1)
    let size = from
    for (let content = this.latest[account]!; content >= oldest; content--) {
      const age = Math.min(
        longestAgeSteps,
        Math.max(0, Math.floor((nowMs - publishedMs[content]!) / ageStepMs)),
      )
      if (age === longestAgeSteps && content !== this.latest[account]!) break
      this.live[size] = content
      this.weights[size] = pull * appeal[content]! * interestByAge[age]!
      size++
    }
    return size
  }

  private publish(account: number, endMs: number, onPublished: (content: number) => void): void {
    const { firstOf, publishedMs } = this.contents
    const last = firstOf[account + 1]! - 1
    while (this.latest[account]! < last && publishedMs[this.latest[account]! + 1]! < endMs) {
      this.latest[account]!++
      onPublished(this.latest[account]!)
    }
  }
}
