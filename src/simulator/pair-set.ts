import { scramble } from './random'

/** Remembers pairs of an account and an actor: which subscriptions exist. Eight to sixteen bytes a pair. */
export class PairSet {
  private slots = new Float64Array(1024)
  private used = 0

  /** Adds the pair; false if it was there already. */
  add(account: number, actor: number): boolean {
    if (this.used * 2 >= this.slots.length) this.grow()
    // One more than the pair, since an empty slot is 0. Both numbers stay below 2^26, so the sum is exact.
    if (!place(this.slots, account * 0x400_0000 + actor + 1)) return false
    this.used++
    return true
  }

  private grow(): void {
    const larger = new Float64Array(this.slots.length * 2)
    for (const key of this.slots) if (key !== 0) place(larger, key)
    this.slots = larger
  }
}

function place(slots: Float64Array, key: number): boolean {
  const mask = slots.length - 1
  let at = scramble((key % 0x1_0000_0000) ^ Math.imul(Math.floor(key / 0x1_0000_0000), 0x9e3779b1)) & mask
  while (slots[at] !== 0) {
    if (slots[at] === key) return false
    at = (at + 1) & mask
  }
  slots[at] = key
  return true
}
