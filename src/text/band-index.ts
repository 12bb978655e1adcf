import { letGo, widened, zeros } from '../state/memory'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { bandCount } from './fingerprints'

/**
 * From band keys to the templates that have them, the latest first. Every template has as many keys, so that the number of an
 * entry says whose it is; and the slot that an entry hangs in says the first bits of its key, so that what is left of the key
 * and the link to the entry before share one word. Two keys are never taken for one another.
 *
 * ```
 *  key     │ slot: the first bits │ rest        │
 *  entry   │ rest                 │ link        │    as long as there are more slots than entries
 * ```
 */
export class BandIndex {
  /** One word an entry. Entries, and so links, are counted from 1; 0 is none. */
  private entries: Uint32Array = new Uint32Array(firstSlots)
  private count = 0
  /** The latest entry of each slot; the number of slots is 2 to the power of `slotBits`. */
  private slotBits = firstSlotBits
  private heads: Uint32Array = new Uint32Array(firstSlots)
  /**
   * Eight bits a slot, one for each eighth of the keys that belong there, set where its chain has such a key. Most keys of
   * a text are nobody else's, and this tells so from a small part of the memory that the chains lie in.
   */
  private marks: Uint8Array = new Uint8Array(firstSlots)

  get byteLength(): number {
    return this.entries.byteLength + this.heads.byteLength + this.marks.byteLength
  }

  /** Adds the keys of the next template, or that it has none. */
  add(keys: Uint32Array | undefined): void {
    const end = this.count + bandCount
    while (end >= this.heads.length) this.grow()
    if (end >= this.entries.length) {
      this.entries = widened(this.entries, Math.ceil((end + 1) * growth))
    }
    if (keys !== undefined)
      for (let band = 0; band < bandCount; band++) this.hang(this.count + band + 1, keys[band]!)
    this.count = end
  }

  /**
   * Writes the place of a template into `places` for every key that it shares with a text, from `found` on, and gives the new
   * number of places. Of one key it looks at no more than the `longest` latest entries.
   */
  collect(keys: Uint32Array, longest: number, places: Uint32Array): number {
    const { entries, slotBits } = this
    const linkMask = (1 << slotBits) - 1
    // All slots first, then the first entry of each: none waits for another one's memory.
    for (let band = 0; band < bandCount; band++) links[band] = this.linkOf(keys[band]!)
    for (let band = 0; band < bandCount; band++) firsts[band] = entries[links[band]!]!
    let found = 0
    for (let band = 0; band < bandCount; band++) {
      const rest = (keys[band]! << slotBits) >>> slotBits
      let word = firsts[band]!
      let seen = 0
      for (let link = links[band]!; link !== 0 && found < places.length; word = entries[link]!) {
        const entry = link
        link = word & linkMask
        if (word >>> slotBits !== rest) continue
        if (++seen > longest) break
        places[found++] = ((entry - 1) / bandCount) | 0
      }
    }
    return found
  }

  /** Nobody looks into it any more. */
  end(): void {
    for (const array of [this.entries, this.heads, this.marks]) letGo(array)
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.entries`, this.entries.subarray(0, this.count + 1))
    out.array(`${name}.heads`, this.heads)
    out.array(`${name}.marks`, this.marks)
  }

  load(from: SnapshotReader, name: string): void {
    this.entries = from.uint32(`${name}.entries`)
    this.count = this.entries.length - 1
    this.heads = from.uint32(`${name}.heads`)
    this.slotBits = Math.log2(this.heads.length)
    this.marks = from.uint8(`${name}.marks`)
  }

  private hang(entry: number, key: number): void {
    const slot = key >>> (32 - this.slotBits)
    this.entries[entry] = (key << this.slotBits) | this.heads[slot]!
    this.heads[slot] = entry
    this.marks[slot]! |= 1 << (key & 7)
  }

  /** The latest entry of a key's slot; 0 where the slot has none of the key's eighth. */
  private linkOf(key: number): number {
    const slot = key >>> (32 - this.slotBits)
    return (this.marks[slot]! & (1 << (key & 7))) === 0 ? 0 : this.heads[slot]!
  }

  /** Twice as many slots: what hung in one hangs in two, in the same order. */
  private grow(): void {
    const { entries, heads: old, slotBits } = this
    const linkMask = (1 << slotBits) - 1
    const heads = zeros(Uint32Array, old.length * 2)
    const marks = zeros(Uint8Array, old.length * 2)
    let asked = 0
    for (let slot = 0; slot < old.length; slot++) {
      // Again, entries that lie far apart are asked for together.
      for (; asked < old.length && asked < slot + askedAhead; asked++) seenAhead[0] = entries[old[asked]!]!
      lasts[0] = lasts[1] = 0
      for (let link = old[slot]!; link !== 0;) {
        const word = entries[link]!
        const rest = word >>> slotBits
        const half = rest >>> (31 - slotBits)
        const to = slot * 2 + half
        entries[link] = rest << (slotBits + 1)
        if (lasts[half] === 0) heads[to] = link
        else entries[lasts[half]!]! |= link
        marks[to]! |= 1 << (rest & 7)
        lasts[half] = link
        link = word & linkMask
      }
    }
    letGo(old)
    letGo(this.marks)
    this.heads = heads
    this.marks = marks
    this.slotBits++
  }
}

const firstSlotBits = 10
const firstSlots = 2 ** firstSlotBits
const growth = 1.25
const askedAhead = 32
const seenAhead = new Uint32Array(1)
/** Of the search at hand, the latest entry of the slot of each key. */
const links = new Uint32Array(bandCount)
/** And that entry itself. */
const firsts = new Uint32Array(bandCount)
/** Of the slot that is split, the last entry that went to either half. */
const lasts = new Uint32Array(2)
