/**
 * HalfSipHash-1-3 with 64 bits of result: a keyed hash over bytes in 32-bit arithmetic, which is what a JavaScript
 * engine is fast at. Keyed, because ids are chosen by strangers: without the key nobody can aim at a slot of a table,
 * at a bit of a sketch, or undo a pseudonym by trying names.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and the authors' halfsiphash.c; one and
 * three rounds as in the table hashes of Linux and Rust.
 */
export class KeyedHash {
  /** The two halves of the last result; fields, so that nothing is allocated for a hash. */
  high = 0
  low = 0
  private readonly key0: number
  private readonly key1: number
  /** The bytes hashed last, and the view by which four of them are read at once. */
  private bytes: Uint8Array = new Uint8Array(0)
  private view: DataView = new DataView(new ArrayBuffer(0))

  /** Takes the first 8 bytes of the key; throws on a shorter one. */
  constructor(private readonly key: Uint8Array) {
    if (key.length < 8) throw new Error(`a hash key needs 8 bytes, got ${key.length}`)
    const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
    this.key0 = view.getUint32(0, true)
    this.key1 = view.getUint32(4, true)
  }

  /**
   * Another with the same key. A hash is fastest while it stays with one buffer, so whoever has several takes one for
   * each.
   */
  another(): KeyedHash {
    return new KeyedHash(this.key)
  }

  /** Hashes `bytes[start, end)` into `high` and `low`. */
  update(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) this.look(bytes)
    const { view } = this
    // `| 0` tells the engine that all of this is 32-bit arithmetic, from the first round on.
    let v0 = this.key0 | 0
    let v1 = this.key1 ^ 0xee
    let v2 = 0x6c796765 ^ this.key0
    let v3 = 0x74656462 ^ this.key1
    const length = end - start
    const tail = end - (length & 3)
    for (let at = start; at < tail; at += 4) {
      const word = view.getInt32(at, true)
      v3 ^= word
      // One round.
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
    }
    // The last word has a round of its own, so that the loop stays without a branch.
    let last = length << 24
    if (end - tail > 2) last |= bytes[tail + 2]! << 16
    if (end - tail > 1) last |= bytes[tail + 1]! << 8
    if (end - tail > 0) last |= bytes[tail]!
    v3 ^= last
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= last
    v2 ^= 0xee
    for (let round = 0; round < 6; round++) {
      if (round === 3) {
        this.low = (v1 ^ v3) >>> 0
        v1 ^= 0xdd
      }
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    this.high = (v1 ^ v3) >>> 0
  }

  /** A view is made once for a buffer: making one costs more than most hashes. */
  private look(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The 32-bit hash of some bytes, never 0, since 0 stands for "not said". */
  short(bytes: Uint8Array, start: number, end: number): number {
    this.update(bytes, start, end)
    return this.low === 0 ? 1 : this.low
  }
}

/**
 * A hash of 32 bits as the engine likes to hand it on: with a sign. One above 2^31 without it is an object on the heap, made
 * at every call. For tables and mixing both are the same; whoever compares asks `isSameHash`.
 */
export function signed(hash: number): number {
  return hash | 0
}

/** Whether two hashes of 64 bits in halves are the same, with a sign or without. */
export function isSameHash(high: number, low: number, otherHigh: number, otherLow: number): boolean {
  return ((high ^ otherHigh) | (low ^ otherLow)) === 0
}

/** Mixes two 32-bit numbers into one; the finaliser of MurmurHash3 over their combination. */
export function mix32(a: number, b: number): number {
  let h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  h ^= h >>> 16
  return h >>> 0
}
