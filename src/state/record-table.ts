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
    const slots = Math.max(16, Math.ceil(initialRecords / maxLoad))
    this.words = cleared(slots * stride)
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

  clear(): void {
    this.words.fill(0)
    this.size = 0
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(name, this.words)
    out.value(`${name}.size`, this.size)
  }

  load(from: SnapshotReader, name: string): void {
    this.words = from.uint32(name)
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
    const old = this.words
    const { stride } = this
    this.words = cleared(Math.ceil(this.slots * growth) * stride)
    this.measure()
    const { words } = this
    for (let from = 0; from < old.length; from += stride) {
      const low = old[from]!
      const high = old[from + 1]!
      if (low === 0 && high === 0) continue
      // No key is there twice, so the first free place is its own.
      let at = this.home(low, high) * stride
      while (words[at] !== 0 || words[at + 1] !== 0) {
        at += stride
        if (at === words.length) at = 0
      }
      for (let word = 0; word < stride; word++) words[at + word] = old[from + word]!
    }
  }
}

/** Beyond this share of used slots, linear probing gets slow. */
const maxLoad = 0.75
const growth = 1.5

/**
 * Zeros that are written and not only promised. Memory that is read before it is written costs two page faults a page, and
 * the second, which takes the shared page of zeros away, interrupts every core that runs a thread of the process.
 */
function cleared(words: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(words).fill(0)
}
