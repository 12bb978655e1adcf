/**
 * Which place of a ring is the latest of each key, 4 bytes a slot: the key itself lies in the ring, at the place, and is held
 * against there.
 *
 * ```
 *  slot   │ where its hash belongs, the last 11 bits │ place + 1, 21 bits; 0 where free │
 * ```
 *
 * Linear probing; what is removed leaves no gap, since each slot says how far it lies from where it belongs (Knuth, "The Art
 * of Computer Programming" 3, 6.4, algorithm R).
 *
 * ```
 *  let place = places.first(hash)
 *  while (place !== noPlace && !isOfKey(place)) place = places.next()
 *  places.put(newest)                           in the place of the one found, or beside the others
 * ```
 */
export class LatestPlaces {
  private slots = new Uint32Array(firstSlots)
  private slotBits = Math.log2(firstSlots)
  private count = 0
  /** The slot that was looked at last, and where what is looked for belongs. */
  private cursor = 0
  private home = 0

  /** Whether it is to be made wider before another place is put. */
  get isFull(): boolean {
    return this.count >= this.slots.length * maxLoad
  }

  get byteLength(): number {
    return this.slots.byteLength
  }

  /** A place whose key may have this hash, or `noPlace`. */
  first(hash: number): number {
    this.home = this.cursor = hash >>> (32 - this.slotBits)
    return this.look()
  }

  /** Another one. */
  next(): number {
    this.cursor = (this.cursor + 1) & (this.slots.length - 1)
    return this.look()
  }

  /** Puts a place in the stead of the one that `first` or `next` gave last, or where they gave none. */
  put(place: number): void {
    if (this.slots[this.cursor] === 0) this.count++
    this.slots[this.cursor] = wordOf(this.home, place)
  }

  /** Puts a place of which it is known that no other has its key. */
  putFirst(hash: number, place: number): void {
    for (let other = this.first(hash); other >= 0;) other = this.next()
    this.put(place)
  }

  /** Begins again with room for twice as many where it is full: all places are to be put once more. */
  clear(): void {
    if (this.isFull) {
      this.slots = new Uint32Array(this.slots.length * 2)
      this.slotBits++
    } else this.slots.fill(0)
    this.count = 0
  }

  /** Takes a place out, whose key has this hash. */
  remove(hash: number, place: number): void {
    const { slots } = this
    const mask = slots.length - 1
    const home = hash >>> (32 - this.slotBits)
    const word = wordOf(home, place)
    let free = home
    while (slots[free] !== word) free = (free + 1) & mask
    for (let slot = (free + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const displaced = (slot - (slots[slot]! >>> placeBits)) & homeMask
      if (displaced < ((slot - free) & mask)) continue
      slots[free] = slots[slot]!
      free = slot
    }
    slots[free] = 0
    this.count--
  }

  private look(): number {
    const { slots } = this
    const mask = slots.length - 1
    const home = this.home & homeMask
    for (; slots[this.cursor] !== 0; this.cursor = (this.cursor + 1) & mask) {
      const word = slots[this.cursor]!
      if (word >>> placeBits === home) return (word & placeMask) - 1
    }
    return -1
  }
}

function wordOf(home: number, place: number): number {
  return ((home << placeBits) | (place + 1)) >>> 0
}

const placeBits = 21
const placeMask = (1 << placeBits) - 1
const homeMask = (1 << (32 - placeBits)) - 1
/** How many places there may be. */
export const mostPlaces = placeMask
const firstSlots = homeMask + 1
const maxLoad = 0.7
