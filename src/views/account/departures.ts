import { unknownDwell } from '../../model/block'
import type { Block } from '../../model/block'
import { entryCode } from '../../model/event'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { negativeBinomialUpperTail } from '../../windows/tails'
import { hasRead, staySlotMs } from '../actor/actor-view'

/** One who left. */
export interface Leaver {
  readonly timeMs: number
  readonly actorHigh: number
  readonly actorLow: number
  readonly device: number
  readonly network: number
  /** The slot of five minutes in which the actor had subscribed, 0 where that is not known. */
  readonly arrivalSlot: number
  readonly isWeekOld: boolean
  readonly isYoung: boolean
  readonly isNewcomer: boolean
  readonly isUnread: boolean
}

/**
 * Who left which account lately, and how many usually do. Departures are few (one for a hundred clicks), so the latest
 * are kept as they are, in one ring for all accounts, and whoever judges them sees each and not a sketch; the leavers
 * of one account are a chain through the ring, the latest first.
 */
export class Departures {
  private readonly timeMs = new Float64Array(leaversKept)
  private readonly words = new Uint32Array(leaversKept * stride)
  private readonly marks = new Uint8Array(leaversKept)
  /** Leavers ever taken; the number of one is its place in the ring, counted round. */
  private taken = 0
  /** By account: the number of its latest leaver plus one. */
  private latest = new Uint32Array(1024)
  /** By account: hours that taught its rate, departures in them, both fading, and the latest of them. */
  private rates = new Float64Array(1024 * rateWords)
  private readonly platform = { hours: 0, departures: 0 }
  /** The accounts that somebody left since an hour was closed. */
  private readonly touched = new Set<number>()
  /** Leavers that were pushed out before a day was over. */
  evicted = 0

  get byteLength(): number {
    const { timeMs, words, marks, latest, rates } = this
    return [timeMs, words, marks, latest, rates].reduce((sum, array) => sum + array.byteLength, 0)
  }

  /** Takes in one unsubscription; what names no client at all is the platform's own work and nobody's. */
  add(block: Block, row: number, account: number): void {
    if (isOfPlatform(block, row)) return
    const place = this.taken % leaversKept
    const timeMs = block.timeMs[row]!
    if (this.taken >= leaversKept && this.timeMs[place]! > timeMs - dayMs) this.evicted++
    if (account >= this.latest.length) this.widen(account)
    const at = place * stride
    const { words } = this
    this.timeMs[place] = timeMs
    words[at] = account
    words[at + 1] = this.latest[account]!
    words[at + 2] = block.actorHigh[row]!
    words[at + 3] = block.actorLow[row]!
    words[at + 4] = block.device[row]!
    words[at + 5] = block.network[row]!
    const stayMs = block.dwellMs[row]!
    words[at + 6] =
      stayMs === unknownDwell ? 0 : Math.floor(timeMs / staySlotMs) - Math.floor(stayMs / staySlotMs)
    this.marks[place] = marksOf(block, row)
    this.latest[account] = ++this.taken
    this.touched.add(account)
  }

  /** The leavers of an account from a moment on, the latest first. */
  since(account: number, startMs: number): Leaver[] {
    const leavers: Leaver[] = []
    this.visitSince(account, startMs, (place) => {
      leavers.push(this.leaverAt(place))
    })
    return leavers
  }

  /** How many there are of these. */
  countSince(account: number, startMs: number): number {
    let count = 0
    this.visitSince(account, startMs, () => {
      count++
    })
    return count
  }

  private visitSince(account: number, startMs: number, visit: (place: number) => void): void {
    for (let next = this.latest[account] ?? 0; next > Math.max(0, this.taken - leaversKept);) {
      const place = (next - 1) % leaversKept
      if (this.timeMs[place]! < startMs) return
      visit(place)
      next = this.words[place * stride + 1]!
    }
  }

  /** The accounts that somebody left in the hour that is open. */
  get ofOpenHour(): number[] {
    return [...this.touched].sort((a, b) => a - b)
  }

  /**
   * How unusual so many departures are in so many hours that end with the given one: negative binomial around the
   * account's own rate, drawn to the platform's as from half a day. Spread as widely as a gamma of shape one and a half,
   * since people leave for a reason and others have it too.
   */
  surprise(
    account: number,
    count: number,
    { hour, hours }: { hour: number; hours: number },
  ): { observed: number; expected: number; pValue: number } {
    const ofPlatform = Math.max(leastRate, this.platform.departures / Math.max(1, this.platform.hours))
    const own = this.rateAt(account, hour)
    const expected = (hours * (ofPlatform * priorHours + own.departures)) / (priorHours + own.hours)
    const pValue = negativeBinomialUpperTail(count, { mean: Math.max(1, expected), size: departureShape })
    return { observed: count, expected, pValue }
  }

  /** Teaches the rate of an account the closed hour, and the empty ones before it. */
  learn(account: number, count: number, hour: number): void {
    if (account >= this.latest.length) this.widen(account)
    const { hours, departures } = this.rateAt(account, hour)
    const at = account * rateWords
    this.rates[at] = Math.max(1, hours)
    this.rates[at + 1] = departures + count
    this.rates[at + 2] = hour
    this.platform.departures += count
  }

  /** An hour is over in which so many accounts had something happen to them. */
  closeHour(accounts: number): void {
    this.touched.clear()
    this.platform.hours = this.platform.hours * rateFading + accounts
    this.platform.departures *= rateFading
  }

  save(out: SnapshotWriter): void {
    const kept = Math.min(this.taken, leaversKept)
    out.array('departures.timeMs', this.timeMs.subarray(0, kept))
    out.array('departures.words', this.words.subarray(0, kept * stride))
    out.array('departures.marks', this.marks.subarray(0, kept))
    out.array('departures.latest', this.latest)
    out.array('departures.rates', this.rates)
    const { taken, evicted, platform, touched } = this
    out.value('departures', { taken, evicted, platform, touched: [...touched] })
  }

  load(from: SnapshotReader): void {
    this.timeMs.set(from.float64('departures.timeMs'))
    this.words.set(from.uint32('departures.words'))
    this.marks.set(from.uint8('departures.marks'))
    this.latest = from.uint32('departures.latest')
    this.rates = from.float64('departures.rates') as Float64Array<ArrayBuffer>
    const saved = from.value<{
      taken: number
      evicted: number
      platform: { hours: number; departures: number }
      touched: number[]
    }>('departures')
    this.taken = saved.taken
    this.evicted = saved.evicted
    Object.assign(this.platform, saved.platform)
    for (const account of saved.touched) this.touched.add(account)
  }

  /** What an account has taught up to an hour; those since it was last taught were empty. */
  private rateAt(account: number, hour: number): { hours: number; departures: number } {
    const at = account * rateWords
    const [known = 0, departures = 0, last = 0] = [this.rates[at], this.rates[at + 1], this.rates[at + 2]]
    if (last === 0) return { hours: 0, departures: 0 }
    const fading = rateFading ** Math.max(0, Math.min(longestPast, hour - last))
    return { hours: known * fading + (1 - fading) / (1 - rateFading), departures: departures * fading }
  }

  private leaverAt(place: number): Leaver {
    const at = place * stride
    const { words } = this
    const marks = this.marks[place]!
    return {
      timeMs: this.timeMs[place]!,
      actorHigh: words[at + 2]!,
      actorLow: words[at + 3]!,
      device: words[at + 4]!,
      network: words[at + 5]!,
      arrivalSlot: words[at + 6]!,
      isWeekOld: (marks & weekOldMark) !== 0,
      isYoung: (marks & youngMark) !== 0,
      isNewcomer: (marks & newcomerMark) !== 0,
      isUnread: (marks & unreadMark) !== 0,
    }
  }

  private widen(account: number): void {
    const size = Math.max(account + 1, this.latest.length * 2)
    const latest = new Uint32Array(size)
    latest.set(this.latest)
    this.latest = latest
    const rates = new Float64Array(size * rateWords)
    rates.set(this.rates)
    this.rates = rates
  }
}

/** A clean-up, a migration, a closed account's last rites: done from within, without a client. */
function isOfPlatform(block: Block, row: number): boolean {
  const isBare = block.device[row] === 0 && block.network[row] === 0 && block.agent[row] === 0
  return isBare || block.entry[row] === importEntry
}

function marksOf(block: Block, row: number): number {
  const createdS = block.createdS[row]!
  const ageMs = createdS === 0 ? Number.POSITIVE_INFINITY : block.timeMs[row]! - createdS * 1000
  return (
    (ageMs < 7 * dayMs ? weekOldMark : 0) |
    (ageMs < 60 * dayMs ? youngMark : 0) |
    (block.breadth[row]! <= 1 ? newcomerMark : 0) |
    ((block.facts[row]! & hasRead) === 0 ? unreadMark : 0)
  )
}

/** Departures that are kept over all accounts: 2.7 MB, a day of six million clicks. */
const leaversKept = 65_536
/** Account, the number before it, the actor's two words, device, network, slot of the arrival. */
const stride = 7
const weekOldMark = 1
const youngMark = 2
const newcomerMark = 4
const unreadMark = 8
const rateWords = 3
/** A rate fades by half in a week. */
const rateFading = 0.5 ** (1 / 168)
const longestPast = 1000
const priorHours = 12
/** Departures an hour that an account of a platform which has shown none may have. */
const leastRate = 0.1
const departureShape = 1.5
const dayMs = 86_400_000
const importEntry = entryCode('import')
