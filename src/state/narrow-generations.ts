import { letGo, roomFor } from './memory'
import type { SnapshotReader, SnapshotWriter } from './snapshot'
import { SpanClock } from './span-clock'

/**
 * `Generations` for records that may be taken for one another once in a great while: of a key only some 40 bits count, and
 * most of these are told by where its record lies, so that 4 bytes are kept of it where there were 8. Both generations
 * lie in one table, and a look is a look into one place.
 *
 * A record is at `words[at]`: a word of its own, then the payload; `at` is valid until the next `touch`. Keys must be hashes
 * whose bits are mixed, since the high ones choose the place.
 *
 * ```
 *  key       │ place in the table │ rest, 25 bits │ not kept
 *  word      │ rest, 25 bits │ generation, 1 bit │ how far behind its place plus one, 6 bits; 0 where nothing lies
 * ```
 *
 * The records lie in the order of their keys (Cleary, "Compact hash tables using
 * bidirectional linear probing", 1984; Celis, "Robin Hood hashing", 1986), so that a table grows, and drops a generation,
 * in one pass from its beginning to its end.
 */
export class NarrowGenerations {
  words: Uint32Array
  /** Whether the last `touch` met the key for the first time. */
  isNew = false
  /** Records dropped before their time, because the cap was reached. */
  evicted = 0
  /** What `words` is the beginning of; the room behind it is promised by the system and not given until it is touched. */
  private memory: Uint32Array<ArrayBuffer>
  /** How many keys belong at each place, and how many places there are; behind the last is room for what lies behind its place. */
  private width: number
  private places = 0
  /** Records by the bit of their generation, and the bit of the young one. */
  private readonly counts = [0, 0]
  private young = 0
  private readonly clock: SpanClock
  /** Words of a record. */
  readonly stride: number

  constructor(
    readonly options: {
      /** Words of a record without its own. */
      readonly payload: number
      readonly spanMs: number
      /** Most records of one generation. */
      readonly cap: number
      /**
       * Bits of a key that count: of n records one is taken for another by n chances in 2 to the power of this. A table
       * begins with 2 to the power of 25 less places.
       */
      readonly keyBits: number
    },
  ) {
    this.clock = new SpanClock(options.spanMs)
    this.stride = options.payload + 1
    this.width = 2 ** restBits
    this.memory = this.words = new Uint32Array(0)
    this.makeRoom()
  }

  get byteLength(): number {
    return this.words.byteLength
  }

  get size(): number {
    return this.counts[0]! + this.counts[1]!
  }

  /** Where the record of a key lies in `words`; a new one has a payload of zeros. */
  touch(high: number, low: number): number {
    const { stride, width } = this
    const key = this.keyOf(high, low)
    const place = Math.floor(key / width)
    const rest = key - place * width
    const youngFlag = this.young << behindBits
    const { words } = this
    let at = place * stride
    let behind = 1
    for (; behind <= (words[at]! & behindMask); at += stride, behind++) {
      const word = words[at]!
      if ((word & behindMask) !== behind || word >>> restShift < rest) continue
      if (word >>> restShift > rest) break
      if ((word & generationFlag) === youngFlag) {
        this.isNew = false
        return at
      }
      const hasRoom = !this.isFull()
      words[at] = word ^ generationFlag
      this.counts[this.young]!++
      this.counts[1 - this.young]!--
      this.isNew = false
      // Young by now, it is not dropped.
      return hasRoom ? at : this.touchAfterRoom(high, low)
    }
    if (this.isFull()) return this.touchAfterRoom(high, low)
    if (behind > mostBehind || this.size >= this.places * maxLoad || !this.makeGap(at)) {
      this.grow()
      return this.touch(high, low)
    }
    words[at] = ((rest << restShift) | youngFlag | behind) >>> 0
    for (let word = 1; word < stride; word++) words[at + word] = 0
    this.counts[this.young]!++
    this.isNew = true
    return at
  }

  /** Lets event time pass: a generation is dropped at the end of every span. */
  advance(nowMs: number): void {
    if (this.clock.passes(nowMs)) this.rotate()
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.words`, this.words)
    const { width, counts, young, evicted } = this
    const { startMs } = this.clock
    out.value(`${name}.rest`, { width, counts: [...counts], young, startMs, evicted })
  }

  load(from: SnapshotReader, name: string): void {
    this.words = this.memory = from.uint32(`${name}.words`)
    const rest = from.value<{
      width: number
      counts: [number, number]
      young: number
      startMs: number | null
      evicted: number
    }>(`${name}.rest`)
    this.width = rest.width
    this.places = this.placesFor(rest.width)
    ;[this.counts[0], this.counts[1]] = rest.counts
    this.young = rest.young
    this.clock.goOn(rest.startMs)
    this.evicted = rest.evicted
  }

  private keyOf(high: number, low: number): number {
    const { keyBits } = this.options
    return high * 2 ** (keyBits - 32) + (low >>> (64 - keyBits))
  }

  private isFull(): boolean {
    return this.counts[this.young]! >= this.options.cap
  }

  /** The cap is reached: the old generation goes before its time. */
  private touchAfterRoom(high: number, low: number): number {
    this.evicted += this.counts[1 - this.young]!
    this.rotate()
    return this.touch(high, low)
  }

  private rotate(): void {
    const old = 1 - this.young
    if (this.counts[old]! > 0) this.take(this.words, this.width, { without: old << behindBits })
    this.counts[old] = 0
    this.young = old
  }

  /** Moves what lies at a place, and on from there without a gap, one place on; false where one would lie too far behind. */
  private makeGap(at: number): boolean {
    const { words, stride } = this
    let end = at
    for (; words[end] !== 0; end += stride) if ((words[end]! & behindMask) >= mostBehind) return false
    if (end === at) return true
    words.copyWithin(at + stride, at, end)
    for (let moved = at + stride; moved <= end; moved += stride) words[moved]!++
    return true
  }

  private grow(): void {
    const { words: old, width: oldWidth, stride } = this
    this.width = Math.floor(oldWidth / growth)
    this.places = this.placesFor(this.width)
    const length = (this.places + behindMask) * stride
    // None goes behind where it lies: its new place is at most so much further on as there are more places, and two.
    const pushedEnd = length + 2 * stride
    if (pushedEnd > this.memory.length) {
      const before = this.memory
      this.makeRoom()
      this.take(old, oldWidth)
      letGo(before)
      return
    }
    const pushed = this.memory.subarray(0, pushedEnd)
    pushed.fill(0, old.length)
    pushed.copyWithin(pushedEnd - old.length, 0, old.length)
    pushed.fill(0, 0, pushedEnd - old.length)
    this.words = this.memory.subarray(0, length)
    this.take(pushed.subarray(pushedEnd - old.length), oldWidth)
  }

  /** Puts the records of another array, or of this one, where they belong, in order; there they are gone. */
  private take(source: Uint32Array, sourceWidth: number, { without }: { without?: number } = {}): void {
    const { words, stride, width } = this
    let free = 0
    for (let from = 0, slot = 0; from < source.length; from += stride, slot++) {
      const word = source[from]!
      if (word === 0) continue
      source[from] = 0
      if ((word & generationFlag) === without) continue
      const key = (slot + 1 - (word & behindMask)) * sourceWidth + (word >>> restShift)
      const place = Math.floor(key / width)
      const to = Math.max(place, free)
      free = to + 1
      const rest = key - place * width
      words[to * stride] = ((rest << restShift) | (word & generationFlag) | (to + 1 - place)) >>> 0
      for (let at = 1; at < stride; at++) words[to * stride + at] = source[from + at]!
    }
  }

  private placesFor(width: number): number {
    return Math.floor(2 ** this.options.keyBits / width) + 1
  }

  /** Memory for as many places as the width asks for, as zeros that are written and not only promised (see `RecordTable`). */
  private makeRoom(): void {
    this.places = this.placesFor(this.width)
    const length = (this.places + behindMask) * this.stride
    this.memory = roomFor(length)
    this.words = this.memory.subarray(0, length).fill(0)
  }
}

const restBits = 25
const behindBits = 6
const behindMask = (1 << behindBits) - 1
const generationFlag = 1 << behindBits
const restShift = behindBits + 1
/** A record is put at most so far behind its place, counted from 1, before the table grows; growing may push it one further. */
const mostBehind = behindMask - 1
const maxLoad = 0.8
const growth = 1.25
