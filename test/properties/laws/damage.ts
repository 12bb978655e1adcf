import fc from 'fast-check'

/** What happens to bytes on their way: some are changed, and the end is lost or something is added. */
export interface Damage {
  readonly flips: readonly (readonly [at: number, bits: number])[]
  /** Bytes that are left, as a share of a thousand; 1000 leaves all. */
  readonly keep: number
  readonly more: readonly number[]
}

export const damage: fc.Arbitrary<Damage> = fc.record({
  flips: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
  keep: fc.oneof({ weight: 3, arbitrary: fc.constant(1000) }, fc.nat(1000)),
  more: fc.array(fc.nat(255), { maxLength: 3 }),
})

/** The bytes after the damage, in memory of their own. */
export function damaged(bytes: Uint8Array, { flips, keep, more }: Damage): Uint8Array {
  const copy = Uint8Array.from(bytes)
  if (copy.length > 0) for (const [at, bits] of flips) copy[at % copy.length]! ^= bits
  const end = Math.floor((copy.length * keep) / 1000)
  return Uint8Array.from([...copy.subarray(0, end), ...more])
}

export function isSame(bytes: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(bytes, other) === 0
}
