/** A set of 32-bit hashes that is emptied by a number, not by a pass over memory. */
export class HashSet {
  size = 0
  /** Three words a slot: the hash, the filling it belongs to, the last round that counted it. */
  private readonly slots: Uint32Array
  private mask = 0
  private filling = 0
  private round = 0

  constructor(private readonly cap: number) {
    let slots = 64
    while (slots < cap * 2) slots *= 2
    this.slots = new Uint32Array(slots * 3)
  }

  /** Holds the first `count` hashes from now on, and nothing else. */
  fill(hashes: Uint32Array, count: number): void {
    if (count > this.cap) throw new Error(`the set holds ${this.cap} hashes, got ${count}`)
    if (this.filling === 0xffff_ffff) this.slots.fill((this.filling = 0))
    const { slots } = this
    const filling = ++this.filling
    // A small table for a small set stays in the cache.
    let room = 64
    while (room < count * 2) room *= 2
    const mask = (this.mask = room - 1)
    let size = 0
    for (let at = 0; at < count; at++) {
      const hash = hashes[at]!
      let slot = hash & mask
      while (slots[slot * 3 + 1] === filling && slots[slot * 3] !== hash) slot = (slot + 1) & mask
      if (slots[slot * 3 + 1] === filling) continue
      slots[slot * 3] = hash
      slots[slot * 3 + 1] = filling
      size++
    }
    this.size = size
  }

  /**
   * How many different hashes of the set are among the first `count` others; `wasMet` then tells which. Where there cannot be
   * as many as asked for, fewer are counted.
   */
  countShared(others: Uint32Array, count: number, least = 0): number {
    if (this.round === 0xffff_ffff) this.slots.fill((this.round = 0))
    const { slots } = this
    const round = ++this.round
    let shared = 0
    for (let at = 0; at < count; at++) {
      const place = this.find(others[at]!)
      if (place < 0 || slots[place + 2] === round) {
        if (shared + count - at - 1 < least) break
        continue
      }
      slots[place + 2] = round
      shared++
    }
    return shared
  }

  has(hash: number): boolean {
    return this.find(hash) >= 0
  }

  /** Whether the hash was among those that the last `countShared` was given. */
  wasMet(hash: number): boolean {
    const place = this.find(hash)
    return place >= 0 && this.slots[place + 2] === this.round
  }

  private find(hash: number): number {
    const { slots, mask, filling } = this
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slot * 3
      if (slots[place + 1] !== filling) return -1
      if (slots[place] === hash) return place
    }
  }
}
