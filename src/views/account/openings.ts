import { noContent } from '../../model/block'
import type { Block } from '../../model/block'
import { mix32, signed } from '../../model/hash'
import { Generations } from '../../state/generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { OwnPosts } from './own-posts'

/** One of the first events on a content, with what tells later whether it was made. */
export interface OpeningEvent {
  /** After the post; below 0 where it came before it. To a tenth of a second. */
  readonly delayMs: number
  readonly actorHigh: number
  readonly actorLow: number
  readonly device: number
  readonly network: number
  /** Whether it was known to be made when it came. */
  readonly isMade: boolean
}

/**
 * How each content of an account was opened: the first dozen events of each kind, on whichever side of the post itself
 * they came. What comes before a post was arranged by somebody who knew of it. Events without a content belong to the
 * account's latest post.
 */
export class Openings {
  readonly posts = new OwnPosts()
  /** Posts of the whole platform, by kind of event: openings, those with events well before it, those within seconds. */
  readonly platform = { count: 0, leaked: 0, quick: 0 }
  /** What may turn out to be ahead of a post, for an hour or two; and what is known to be about one. */
  private readonly waiting: Generations
  private readonly openings: Generations
  /** Of the few that wait with more, the events beyond the first ones; touched whenever these are. */
  private readonly crowds: Generations
  /**
   * Contents that have had events for so long that no post can be their beginning: most of what is read was published before
   * we listened, or many posts ago, and is no more than its key here.
   */
  private readonly settled: Generations

  constructor(
    /** Most openings of one generation. */
    cap: number,
    /** Whether an actor or a device is one that an account is run from: its own people look at what they have written. */
    private readonly isOperator: (account: number, device: number, actor: number) => boolean,
  ) {
    this.waiting = new Generations({ stride: waitingStride, spanMs: longestLeadMs, cap })
    this.crowds = new Generations({ stride: crowdStride, spanMs: longestLeadMs, cap })
    this.openings = new Generations({ stride: openingStride, spanMs: 3 * dayMs, cap })
    this.settled = new Generations({ stride: keyWords, spanMs: longestLeadMs, cap: settledPerOpening * cap })
  }

  get byteLength(): number {
    const { waiting, crowds, openings, settled, posts } = this
    return [waiting, crowds, openings, settled, posts].reduce((sum, table) => sum + table.byteLength, 0)
  }

  get evicted(): number {
    return this.waiting.evicted + this.openings.evicted + this.settled.evicted
  }

  /** Lets event time pass; what is three days old is forgotten, and the platform's past counts for less and less. */
  advance(timeMs: number): void {
    this.waiting.advance(timeMs)
    this.crowds.advance(timeMs)
    this.settled.advance(timeMs)
    if (!this.openings.advance(timeMs)) return
    const { platform } = this
    platform.count /= 2
    platform.leaked /= 2
    platform.quick /= 2
  }

  /** Notes an event of a judged kind that is among the first of the hour on its content. */
  add(block: Block, row: number, account: number, isMade: boolean): void {
    const content = block.content[row]!
    const kind = block.kind[row]!
    const latest = content === noContent ? this.posts.latest(account) : undefined
    if (content === noContent && latest === undefined) return
    const high = signed(latest === undefined ? block.contents.hashHigh[content]! : latest.high)
    const low = signed(latest === undefined ? block.contents.hashLow[content]! : latest.low)
    const posted = this.posts.postedAt(account, high, low)
    const time = tenths(block.timeMs[row]!)
    // Most of what is read was published long ago.
    if (posted !== 0 && ((time - posted) | 0) * 100 > openMs) return
    const key = signed(mix32(low, kind + 1))
    const isWaiting = posted === 0
    if (isWaiting && this.settled.find(high, key) >= 0) return
    const table = isWaiting ? this.waiting : this.openings
    const record = table.touch(high, key)
    const { words } = table.young
    const events = words[record + countWord]!
    if (isWaiting && events > fewEvents) this.crowds.touch(high, key)
    if (events > 0 && isLaterEdition(words[record + headWords]!, isWaiting ? time : posted)) {
      if (isWaiting) this.settled.touch(high, key)
      return
    }
    if (events >= mostEvents || this.isOperator(account, block.device[row]!, block.actorLow[row]!)) return
    words[record + countWord] = events + 1
    words[record + postedWord] = posted
    if (isWaiting && events >= fewEvents) {
      const crowd = this.crowds.touch(high, key) + keyWords
      const into = crowd + (events - fewEvents) * eventWords
      write(this.crowds.young.words, into, { block, row, time, isMade })
      return
    }
    write(words, record + headWords + events * eventWords, { block, row, time, isMade })
    if (!isWaiting) this.countAfter(record)
  }

  /** Notes that an account has published; an edit of what it has published before is no post. */
  publish(block: Block, row: number, account: number): void {
    const content = block.content[row]!
    if (content === noContent) return
    const high = block.contents.hashHigh[content]!
    const low = block.contents.hashLow[content]!
    const posted = tenths(block.timeMs[row]!) || 1
    if (!this.posts.add(account, high, low, posted)) return
    for (let kind = 0; kind < 4; kind++) {
      const key = mix32(low, kind + 1)
      const ahead = this.waiting.peek(high, key)
      const isAhead = ahead !== undefined && ahead.words[ahead.at + countWord] !== 0
      const wasThere = isAhead && isLaterEdition(ahead.words[ahead.at + headWords]!, posted)
      if (wasThere || this.settled.peek(high, key) !== undefined) this.settle(high, key, posted)
      else if (isAhead) this.open(high, key, { posted, ahead })
    }
  }

  /** How the account's latest posts were opened by events of a kind, the oldest post first; none that had no events. */
  of(account: number, kind: number): OpeningEvent[][] {
    const found: OpeningEvent[][] = []
    this.posts.forEach(account, (high, low) => {
      const record = this.openings.peek(high, mix32(low, kind + 1))
      if (record === undefined) return
      if (isLaterEdition(record.words[record.at + headWords]!, record.words[record.at + postedWord]!)) return
      const events = this.eventsOf(record.at, record.words)
      if (events.length > 0) found.push(events)
    })
    return found
  }

  save(out: SnapshotWriter): void {
    this.settled.save(out, 'openings.settled')
    this.waiting.save(out, 'openings.waiting')
    this.crowds.save(out, 'openings.crowds')
    this.openings.save(out, 'openings')
    this.posts.save(out)
    out.value('openings.platform', this.platform)
  }

  load(from: SnapshotReader): void {
    this.settled.load(from, 'openings.settled')
    this.waiting.load(from, 'openings.waiting')
    this.crowds.load(from, 'openings.crowds')
    this.openings.load(from, 'openings')
    this.posts.load(from)
    Object.assign(this.platform, from.value('openings.platform'))
  }

  /** The events ahead of a post turn out to be the first of its opening. */
  private open(
    high: number,
    key: number,
    { posted, ahead }: { posted: number; ahead: { readonly words: Uint32Array; readonly at: number } },
  ): void {
    const record = this.openings.touch(high, key)
    const { words } = this.openings.young
    const few = ahead.words.subarray(ahead.at + countWord, ahead.at + headWords + fewEvents * eventWords)
    words.set(few, record + countWord)
    if (words[record + countWord]! > fewEvents) {
      const crowd = this.crowds.peek(high, key)
      if (crowd === undefined) words[record + countWord] = fewEvents
      else {
        const events = crowd.words.subarray(crowd.at + keyWords, crowd.at + crowdStride)
        words.set(events, record + headWords + fewEvents * eventWords)
      }
    }
    words[record + postedWord] = posted
    this.platform.count++
    const early = this.eventsOf(record).filter(({ delayMs }) => isBefore(delayMs)).length
    if (early >= leastOfOpening) this.platform.leaked++
  }

  /** Notes that a post is a later edition of what was there for long, which opens nothing. */
  private settle(high: number, key: number, posted: number): void {
    const record = this.openings.touch(high, key)
    const { words } = this.openings.young
    words[record + postedWord] = posted
    words[record + countWord] = 1
    words[record + headWords] = posted - longestLeadMs / 100 - 1
  }

  /** The second event within seconds makes a quick opening; the first one of all makes an opening. */
  private countAfter(record: number): void {
    const { words } = this.openings.young
    const events = words[record + countWord]!
    if (events === 1) this.platform.count++
    const posted = words[record + postedWord]!
    const delayOf = (event: number): number =>
      ((words[record + headWords + event * eventWords]! - posted) | 0) * 100
    if (events < leastOfOpening || !isQuick(delayOf(events - 1))) return
    let quick = 0
    for (let event = 0; event < events; event++) if (isQuick(delayOf(event))) quick++
    if (quick === leastOfOpening) this.platform.quick++
  }

  private eventsOf(record: number, words: Uint32Array = this.openings.young.words): OpeningEvent[] {
    const posted = words[record + postedWord]!
    return Array.from({ length: words[record + countWord]! }, (_, event) => {
      const at = record + headWords + event * eventWords
      return {
        delayMs: ((words[at]! - posted) | 0) * 100,
        actorHigh: words[at + 1]!,
        actorLow: words[at + 2]!,
        device: words[at + 3]!,
        network: words[at + 4]!,
        isMade: words[at + 5] === 1,
      }
    })
  }
}

/** Whether something came so far ahead of a post that no clock explains it, and not so far that it is another edition. */
export function isBefore(delayMs: number): boolean {
  return delayMs <= -leadMs && delayMs >= -longestLeadMs
}

/** Whether something came as fast behind a post as only what waits for it. */
export function isQuick(delayMs: number): boolean {
  return delayMs > -leadMs && delayMs <= quickMs
}

/** Events of an opening from which it says something: one may be an accident. */
export const leastOfOpening = 2
/** As many as are kept, and looked for among the first of an hour. */
export const mostEvents = 12

function write(
  words: Uint32Array,
  at: number,
  { block, row, time, isMade }: { block: Block; row: number; time: number; isMade: boolean },
): void {
  words[at] = time
  words[at + 1] = block.actorHigh[row]!
  words[at + 2] = block.actorLow[row]!
  words[at + 3] = block.device[row]!
  words[at + 4] = block.network[row]!
  words[at + 5] = isMade ? 1 : 0
}

/** Tenths of a second since 1970, in 32 bits: differences hold for six years either way. */
function tenths(timeMs: number): number {
  return Math.floor(timeMs / 100) >>> 0
}

/** Whether what was there at a time was there for so long before a post that this is a later edition of it; both in tenths. */
function isLaterEdition(first: number, posted: number): boolean {
  return ((first - posted) | 0) * 100 < -longestLeadMs
}

/** Nine in ten contents that wait have no more than these, so that no room is kept for a dozen. */
const fewEvents = 3
/** A settled content is 8 bytes where one that waits is 88, so there may be more of them. */
const settledPerOpening = 10
/** Records: two words of key, when the post came, how many events, then the events. */
const keyWords = 2
const postedWord = 2
const countWord = 3
const headWords = 4
const eventWords = 6
const openingStride = headWords + mostEvents * eventWords
const waitingStride = headWords + fewEvents * eventWords
const crowdStride = keyWords + (mostEvents - fewEvents) * eventWords
const dayMs = 86_400_000
/** Clocks of servers are off by less. */
const leadMs = 5_000
const longestLeadMs = 3_600_000
/** So long after a post an event may still be one of its opening. */
const openMs = 2 * 3_600_000
/** People need longer to see a post and to come. */
const quickMs = 3_000
