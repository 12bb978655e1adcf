import type { SnapshotReader, SnapshotWriter } from './snapshot'

/**
 * A hash table from 64-bit keys to short records of 32-bit words, in one typed array: a look-up touches one or two
 * cache lines and allocates nothing. Grows by doubling up to `maxRecords`; it never removes a single record, whoever
 * needs that uses generations.
 *
 * A record lies at `words[at]`: two words of key, then the payload. `at` is valid until the next `add`.
 */
export class RecordTable {
  words: Uint32Array
  size = 0
  private mask: number

  constructor(
    /** Words of a record, key included. */
    readonly stride: number,
    initialRecords = 1024,
  ) {
    const slots = powerOfTwo(initialRecords / maxLoad)
    this.mask = slots - 1
    this.words = new Uint32Array(slots * stride)
  }

  get byteLength(): number {
    return this.words.byteLength
  }

  /** Where the record of a key lies, or -1. */
  find(high: number, low: number): number {
    const { words, stride, mask } = this
    const key = high === 0 && low === 0 ? 1 : low
    for (let slot = (key ^ high) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * stride
      const there = words[at]!
      if (there === key && words[at + 1] === high) return at
      if (there === 0 && words[at + 1] === 0) return -1
    }
  }

  /** Where the record of a key lies; a new one has a payload of zeros and raises `size`. */
  add(high: number, low: number): number {
    const { words, stride, mask } = this
    const key = high === 0 && low === 0 ? 1 : low
    for (let slot = (key ^ high) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * stride
      const there = words[at]!
      if (there === key && words[at + 1] === high) return at
      if (there !== 0 || words[at + 1] !== 0) continue
      if (this.size >= (mask + 1) * maxLoad) {
        this.grow()
        return this.add(high, low)
      }
      words[at] = key
      words[at + 1] = high
      this.size++
      return at
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
    this.mask = this.words.length / this.stride - 1
  }

  private grow(): void {
    const old = this.words
    const { stride } = this
    this.mask = this.mask * 2 + 1
    const { mask } = this
    const words = new Uint32Array((mask + 1) * stride)
    for (let from = 0; from < old.length; from += stride) {
      const low = old[from]!
      const high = old[from + 1]!
      if (low === 0 && high === 0) continue
      // No key is there twice, so the first free place is its own.
      let slot = (low ^ high) & mask
      while (words[slot * stride] !== 0 || words[slot * stride + 1] !== 0) slot = (slot + 1) & mask
      for (let word = 0; word < stride; word++) words[slot * stride + word] = old[from + word]!
    }
    this.words = words
  }
}

/** Beyond this share of used slots, linear probing gets slow. */
const maxLoad = 0.7

function powerOfTwo(least: number): number {
  let size = 16
  while (size < least) size *= 2
  return size
}
