import type { SnapshotReader, SnapshotWriter } from './snapshot'

/**
 * A hash table from 64-bit keys to short records of 32-bit words, in one typed array: a look-up touches one or two
 * cache lines and allocates nothing. Grows by half as it fills; it never removes a single record, whoever needs that
 * uses generations.
 *
 * A record lies at `words[at]`: two words of key, then the payload. `at` is valid until the next `add`.
 *
 * A key belongs at the share of the table that its hash is of all hashes, so that the records lie in the order of their
 * hashes, any number of slots will do, and a table grows by copying from one end to the other.
 */
export class RecordTable {
  words: Uint32Array
  size = 0
  /** What `words` is the beginning of. A large table has room behind it that is promised and not yet touched, and grows into that. */
  private memory: Uint32Array
  /** Slots of the table, and how many of them may be used. */
  private slots = 0
  private mostRecords = 0
  /** Slots for one hash. */
  private scale = 0

  constructor(
    /** Words of a record, key included. */
    readonly stride: number,
    initialRecords = 1024,
  ) {
    const length = slotsFor(initialRecords) * stride
    this.memory = room(length)
    this.words = zeros(this.memory, length)
    this.measure()
  }

  get byteLength(): number {
    return this.words.byteLength
  }

  /** Where the record of a key lies, or -1. */
  find(high: number, low: number): number {
    const { words, stride } = this
    const key = high === 0 && low === 0 ? 1 : low
    for (let at = this.home(key, high) * stride; ;) {
      const there = words[at]!
      if (there === key && words[at + 1] === high) return at
      if (there === 0 && words[at + 1] === 0) return -1
      at += stride
      if (at === words.length) at = 0
    }
  }

  /** Where the record of a key lies; a new one has a payload of zeros and raises `size`. */
  add(high: number, low: number): number {
    const { words, stride } = this
    const key = high === 0 && low === 0 ? 1 : low
    for (let at = this.home(key, high) * stride; ;) {
      const there = words[at]!
      if (there === key && words[at + 1] === high) return at
      if (there === 0 && words[at + 1] === 0) {
        if (this.size >= this.mostRecords) {
          this.grow()
          return this.add(high, low)
        }
        words[at] = key
        words[at + 1] = high
        this.size++
        return at
      }
      at += stride
      if (at === words.length) at = 0
    }
  }

  /** Calls back with the place of every record, in the order of the table. */
  forEach(visit: (at: number) => void): void {
    const { words, stride } = this
    for (let at = 0; at < words.length; at += stride) {
      if (words[at] !== 0 || words[at + 1] !== 0) visit(at)
    }
  }

  /** Forgets everything, and makes room for so many records. */
  restart(records: number): void {
    const length = slotsFor(records) * this.stride
    const isTooWide = this.memory.length >= largeWords && length * 2 * roomAhead < this.memory.length
    if (isTooWide || length > this.memory.length) this.memory = room(length)
    this.words = zeros(this.memory, length)
    this.size = 0
    this.measure()
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(name, this.words)
    out.value(`${name}.size`, this.size)
  }

  load(from: SnapshotReader, name: string): void {
    this.memory = this.words = from.uint32(name)
    this.size = from.number(`${name}.size`)
    this.measure()
  }

  /** The slot that a key belongs in; the multiplier spreads keys that are small numbers. */
  private home(key: number, high: number): number {
    return Math.floor((Math.imul(key ^ high, 0x9e3779b1) >>> 0) * this.scale)
  }

  private measure(): void {
    this.slots = this.words.length / this.stride
    this.mostRecords = Math.floor(this.slots * maxLoad)
    this.scale = this.slots / 2 ** 32
  }

  private grow(): void {
    const { words: old, stride } = this
    const length = Math.ceil(this.slots * growth) * stride
    // Only here may lie what found no place at the end and went on from the beginning.
    let firstFree = 0
    while (old[firstFree] !== 0 || old[firstFree + 1] !== 0) firstFree += stride
    const first = old.slice(0, firstFree)
    if (length <= this.memory.length) this.words = this.pushed(firstFree, length)
    else this.words = zeros((this.memory = room(length)), length)
    this.measure()
    if (this.words.buffer === old.buffer) this.take(this.words, length - old.length + firstFree)
    else this.take(old, firstFree)
    this.take(first, 0)
  }

  /** The words from a place on, pushed to the end of a greater length of the same memory; zeros before them. */
  private pushed(from: number, length: number): Uint32Array {
    const end = this.words.length
    const words = this.memory.subarray(0, length)
    words.fill(0, end)
    words.copyWithin(length - end + from, from, end)
    return words.fill(0, 0, length - end + from)
  }

  /**
   * Puts records where they belong: those of another array, or those that were pushed to the end of this one. None of these
   * goes behind where it lies, since whatever came before it had less far to go.
   */
  private take(source: Uint32Array, start: number): void {
    const { words, stride } = this
    const isOwn = source === words
    for (let from = start; from < source.length; from += stride) {
      const low = source[from]!
      const high = source[from + 1]!
      if (low === 0 && high === 0) continue
      // No key is there twice, so the first free place is its own.
      let at = this.home(low, high) * stride
      while (words[at] !== 0 || words[at + 1] !== 0) {
        if (isOwn && at === from) break
        at += stride
        if (at === words.length) at = 0
      }
      if (isOwn && at === from) continue
      for (let word = 0; word < stride; word++) {
        words[at + word] = source[from + word]!
        if (isOwn) words[from + word] = 0
      }
    }
  }
}

/** Beyond this share of used slots, linear probing gets slow. */
const maxLoad = 0.75
const growth = 1.5

function slotsFor(records: number): number {
  return Math.max(16, Math.ceil(records / maxLoad))
}

/**
 * Memory for so many words. Behind those of a large table is room for it to grow: what is never touched is never given by the
 * system, and what would be left behind by a copy stays around until the collector comes.
 */
function room(words: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(words < largeWords ? words : words * roomAhead)
}

const largeWords = 1 << 18
const roomAhead = 4

/**
 * The beginning of a memory as zeros that are written and not only promised. Memory that is read before it is written costs two
 * page faults a page, and the second, which takes the shared page of zeros away, interrupts every core that runs a thread of
 * the process.
 */
function zeros(memory: Uint32Array, length: number): Uint32Array {
  return memory.subarray(0, length).fill(0)
}
