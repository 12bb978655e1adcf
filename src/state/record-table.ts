import { isLarge, letGo, roomFor } from './memory'
import type { SnapshotReader, SnapshotWriter } from './snapshot'

/**
 * A hash table from 64-bit keys to short records of 32-bit words, in one typed array: a look-up touches one or two
 * cache lines and allocates nothing. Grows by a quarter as it fills; it never removes a single record, whoever needs that
 * uses generations.
 *
 * A record lies at `words[at]`: the hash of its key, the high word of its key, then the payload. `at` is valid until the
 * next `add`.
 *
 * The records lie in the order of their hashes, each as near as it can behind the share of the table that its hash is of all
 * hashes (linear probing sort, Gonnet and Munro 1984). So a look-up ends at the first greater hash, which keeps it short in
 * a table that is nearly full (ordered hash tables, Amble and Knuth 1974), any number of slots will do, and a table grows by
 * going over it once from one end to the other.
 */
export class RecordTable {
  words: Uint32Array
  size = 0
  /** What `words` is the beginning of. A large table has room behind it that is promised and not yet touched, and grows into that. */
  private memory: Uint32Array<ArrayBuffer>
  /** Slots that a key may belong in; behind them lie a few for what found no place, of which the last is always free. */
  private slots: number
  private mostRecords = 0
  /** Slots for one hash. */
  private scale = 0
  /** The bits of the high word that belong to the key. */
  private readonly highMask: number

  constructor(
    /** Words of a record, key included. */
    readonly stride: number,
    initialRecords = firstRecords,
    /**
     * Bits that a key is told by, the low 32 and some of the high ones; what is left of the high word is payload. Of n keys
     * two look the same with a chance of n² / 2^(bits + 1): for four million and 56 bits, once in 9,000 tables.
     */
    keyBits = 64,
    /** Records that it never has more of: it does not grow beyond the slots for these. */
    private readonly cap = Number.POSITIVE_INFINITY,
  ) {
    this.highMask = (-1 >>> (64 - keyBits)) | 0
    this.slots = slotsFor(initialRecords)
    const length = (this.slots + slotsBehind) * stride
    this.memory = roomFor(length)
    this.words = zeros(this.memory, length)
    this.measure()
  }

  get byteLength(): number {
    return this.words.byteLength
  }

  /** Where the record of a key lies, or -1. */
  find(high: number, low: number): number {
    const { words, stride, highMask } = this
    const ofKey = high & highMask
    const hash = hashOf(ofKey, low)
    for (let at = Math.floor(hash * this.scale) * stride; ; at += stride) {
      const there = words[at]!
      if (there < hash) {
        if (there === 0) return -1
      } else if (there > hash) return -1
      else if ((words[at + 1]! & highMask) === ofKey) return at
    }
  }

  /** Where the record of a key lies; a new one has a payload of zeros and raises `size`. */
  add(high: number, low: number): number {
    const { words, stride, highMask } = this
    const ofKey = high & highMask
    const hash = hashOf(ofKey, low)
    let at = Math.floor(hash * this.scale) * stride
    for (; ; at += stride) {
      const there = words[at]!
      if (there < hash) {
        if (there === 0) break
      } else if (there > hash) break
      else if ((words[at + 1]! & highMask) === ofKey) return at
    }
    let free = at
    while (words[free] !== 0) free += stride
    if (this.size >= this.mostRecords || free + stride === words.length) {
      this.grow()
      return this.add(high, low)
    }
    if (free > at) this.shift(at, free)
    words[at] = hash
    words[at + 1] = ofKey
    this.size++
    return at
  }

  /** Calls back with the place of every record, in the order of the table. */
  forEach(visit: (at: number) => void): void {
    const { words, stride } = this
    for (let at = 0; at < words.length; at += stride) if (words[at] !== 0) visit(at)
  }

  /** The key of the record at a place: what it was added by, or what is taken for the same. */
  keyAt(at: number): [high: number, low: number] {
    const high = (this.words[at + 1]! & this.highMask) >>> 0
    return [high, (Math.imul(this.words[at]!, multiplierInverse) ^ Math.imul(high, highMultiplier)) >>> 0]
  }

  /**
   * Forgets everything. What will have about so many records has slots for all of them at once, so that none is moved again and
   * look-ups are short; a large table begins with a quarter of them and grows in its memory, since most of its life it has fewer.
   */
  restart(expected: number): void {
    const expectedSlots = slotsFor(Math.max(firstRecords, expected))
    const whole = (expectedSlots + slotsBehind) * this.stride
    this.slots = isLarge(whole) ? slotsFor(Math.max(firstRecords, expected / 4)) : expectedSlots
    const length = (this.slots + slotsBehind) * this.stride
    // Of a large one the system takes back what was touched.
    if (isLarge(this.memory.length) || whole > this.memory.length) this.renew(whole)
    this.words = zeros(this.memory, length)
    this.size = 0
    this.measure()
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(name, this.words)
    out.value(`${name}.table`, { size: this.size, slots: this.slots })
  }

  load(from: SnapshotReader, name: string): void {
    this.memory = this.words = from.uint32(name)
    const { size, slots } = from.value<{ size: number; slots: number }>(`${name}.table`)
    this.size = size
    this.slots = slots
    this.measure()
  }

  /** Nobody looks into it any more. */
  end(): void {
    letGo(this.memory)
  }

  private renew(words: number): void {
    letGo(this.memory)
    this.memory = roomFor(words)
  }

  private measure(): void {
    this.mostRecords = Math.floor(this.slots * maxLoad)
    this.scale = this.slots / 2 ** 32
  }

  /** Makes room for a record at a place by moving those behind it into the next free slot. */
  private shift(at: number, free: number): void {
    const { words, stride } = this
    if (free - at >= longMove) words.copyWithin(at + stride, at, free)
    else for (let word = free - 1; word >= at; word--) words[word + stride] = words[word]!
    for (let word = at + 2; word < at + stride; word++) words[word] = 0
  }

  /** More slots; or, where many hashes are alike that belong at the end, more of those behind. */
  private grow(): void {
    const { words: old, stride } = this
    let behind = old.length / stride - this.slots
    if (this.size >= this.mostRecords) {
      const most = this.size < this.cap ? slotsFor(this.cap) : Number.POSITIVE_INFINITY
      this.slots = Math.min(most, Math.ceil(this.slots * growth))
    } else behind *= 2
    const length = (this.slots + behind) * stride
    this.measure()
    if (length > this.memory.length) {
      const before = this.memory
      this.words = zeros((this.memory = roomFor(length)), length)
      this.take(old, 0)
      letGo(before)
    } else {
      this.words = this.memory.subarray(0, length)
      this.words.copyWithin(length - old.length, 0, old.length)
      this.words.fill(0, 0, length - old.length)
      this.take(this.words, length - old.length)
    }
  }

  /**
   * Puts records where they belong: those of another array, or those that were pushed to the end of this one. None of these
   * goes behind where it lies, since none before it does and the table has grown by as much as they were pushed.
   */
  private take(source: Uint32Array, start: number): void {
    const { words, stride, scale } = this
    const isOwn = source === words
    let at = 0
    for (let from = start; from < source.length; from += stride) {
      const hash = source[from]!
      if (hash === 0) continue
      at = Math.max(at, Math.floor(hash * scale) * stride)
      if (!isOwn || at !== from) {
        for (let word = 0; word < stride; word++) words[at + word] = source[from + word]!
        if (isOwn) for (let word = 0; word < stride; word++) source[from + word] = 0
      }
      at += stride
    }
  }
}

/**
 * A number of both words of a key that is spread over 32 bits, and gives the low word back when the high one is known. Never 0,
 * which marks a free slot: two keys that differ in nothing but having the hashes 0 and 1 would be taken for one.
 */
function hashOf(high: number, low: number): number {
  return Math.imul(low ^ Math.imul(high, highMultiplier), multiplier) >>> 0 || 1
}

const multiplier = 0x9e3779b1
/** Not 1, since keys of two equal words would all have one hash. */
const highMultiplier = 0x85ebca6b
/** The number that undoes it, modulo 2^32. */
const multiplierInverse = 0x0e8b2f51

const firstRecords = 1024
/** Beyond this share of used slots, a new record moves many others. */
const maxLoad = 0.85
const growth = 1.25
/** So many slots behind the last are rarely used up. */
const slotsBehind = 32
/** Words from which on a call into the engine moves them faster than a loop. */
const longMove = 64

function slotsFor(records: number): number {
  return Math.max(16, Math.ceil(records / maxLoad))
}

/**
 * The beginning of a memory as zeros that are written and not only promised. Memory that is read before it is written costs two
 * page faults a page, and the second, which takes the shared page of zeros away, interrupts every core that runs a thread of
 * the process.
 */
function zeros(memory: Uint32Array, length: number): Uint32Array {
  return memory.subarray(0, length).fill(0)
}
