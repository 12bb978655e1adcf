import { isSameHash } from './hash'

/**
 * Names of one block: each distinct name once, found by its 64-bit keyed hash. Two names with one hash are taken for
 * the same; with a secret key that chance is one in 2^64 a pair.
 */
export class Dictionary {
  constructor(
    public hashHigh: Uint32Array = new Uint32Array(firstNames),
    public hashLow: Uint32Array = new Uint32Array(firstNames),
    private offsets: Uint32Array = new Uint32Array(firstNames + 1),
    private bytes: Uint8Array = new Uint8Array(firstNames * 16),
    /** Open addressing: index + 1 of a name, 0 where free; empty in a dictionary that is only read. */
    private slots = new Uint16Array(firstNames * 2),
    public size = 0,
  ) {}

  /** The index of a name, which is added when it is new. */
  add(high: number, low: number, source: Uint8Array, start: number, end: number): number {
    let slot = low & (this.slots.length - 1)
    for (let found = this.slots[slot]!; found !== 0; found = this.slots[slot]!) {
      if (isSameHash(this.hashHigh[found - 1]!, this.hashLow[found - 1]!, high, low)) return found - 1
      slot = (slot + 1) & (this.slots.length - 1)
    }
    if (this.size === this.hashHigh.length) {
      this.grow()
      return this.add(high, low, source, start, end)
    }
    const index = this.size++
    this.slots[slot] = index + 1
    this.hashHigh[index] = high
    this.hashLow[index] = low
    const from = this.offsets[index]!
    const to = from + end - start
    if (to > this.bytes.length) {
      const wider = new Uint8Array(Math.max(to, this.bytes.length * 2))
      wider.set(this.bytes.subarray(0, from))
      this.bytes = wider
    }
    for (let i = start, j = from; i < end; i++, j++) this.bytes[j] = source[i]!
    this.offsets[index + 1] = to
    return index
  }

  /** The index here of a name of another dictionary. */
  copy(from: Dictionary, index: number): number {
    return this.add(
      from.hashHigh[index]!,
      from.hashLow[index]!,
      from.bytes,
      from.offsets[index]!,
      from.offsets[index + 1]!,
    )
  }

  text(index: number): string {
    return textDecoder.decode(this.bytesOf(index))
  }

  bytesOf(index: number): Uint8Array {
    return this.bytes.subarray(this.offsets[index], this.offsets[index + 1])
  }

  clear(): void {
    this.size = 0
    this.slots.fill(0)
  }

  /** Size of what `write` writes. */
  get byteLength(): number {
    return this.size * 8 + (this.size + 1) * 4 + this.offsets[this.size]!
  }

  /** Writes the names at an offset divisible by 4. */
  write(target: Uint8Array, at: number): void {
    const names = this.size
    const numbers = new Uint32Array(target.buffer, target.byteOffset + at, names * 3 + 1)
    numbers.set(this.hashHigh.subarray(0, names), 0)
    numbers.set(this.hashLow.subarray(0, names), names)
    numbers.set(this.offsets.subarray(0, names + 1), names * 2)
    target.set(this.bytes.subarray(0, this.offsets[names]), at + numbers.byteLength)
  }

  /** A dictionary over bytes that `write` wrote at an offset divisible by 4; for reading only. */
  static read(source: Uint8Array, at: number, size: number): Dictionary {
    const base = source.byteOffset + at
    const hashHigh = new Uint32Array(source.buffer, base, size)
    const hashLow = new Uint32Array(source.buffer, base + size * 4, size)
    const offsets = new Uint32Array(source.buffer, base + size * 8, size + 1)
    const bytesAt = at + size * 12 + 4
    const bytes = source.subarray(bytesAt, bytesAt + offsets[size]!)
    return new Dictionary(hashHigh, hashLow, offsets, bytes, noSlots, size)
  }

  private grow(): void {
    const names = this.hashHigh.length * 2
    this.hashHigh = widened(this.hashHigh, names)
    this.hashLow = widened(this.hashLow, names)
    this.offsets = widened(this.offsets, names + 1)
    this.slots = new Uint16Array(names * 2)
    for (let index = 0; index < this.size; index++) {
      let slot = this.hashLow[index]! & (this.slots.length - 1)
      while (this.slots[slot] !== 0) slot = (slot + 1) & (this.slots.length - 1)
      this.slots[slot] = index + 1
    }
  }
}

const textDecoder = new TextDecoder()
const firstNames = 64
const noSlots = new Uint16Array(0)

function widened(array: Uint32Array, length: number): Uint32Array {
  const wider = new Uint32Array(length)
  wider.set(array)
  return wider
}
