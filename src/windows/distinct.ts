import { SettingsError } from '../model/errors'
import { mix32 } from '../model/hash'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/**
 * How many different keys were seen: exactly up to `exactUpTo`, beyond that by a HyperLogLog sketch. A function of the
 * set of keys and of nothing else: order, repeats and the way it was merged are of no effect.
 *
 * Keys are 32-bit hashes under a secret key. Two keys of one hash count as one, which takes 0.1 % off at ten million.
 *
 * Source: Flajolet et al., "HyperLogLog" (2007), with the estimator of Ertl, "New cardinality estimation algorithms for
 * HyperLogLog sketches" (2017), which needs no tables and has no jump between small and large.
 */
export class Distinct {
  /** The keys in the order of their first appearance, while they are few. */
  private readonly keys: Uint32Array
  private held = 0
  private registers: Uint8Array | undefined

  constructor(
    readonly options: { readonly exactUpTo: number; /** 2^precision registers */ readonly precision: number },
  ) {
    const { exactUpTo, precision } = options
    if (precision < 4 || precision > 16)
      throw new SettingsError(`distinct.precision must be between 4 and 16, got ${precision}`)
    this.keys = new Uint32Array(exactUpTo)
  }

  get isExact(): boolean {
    return this.registers === undefined
  }

  /** The standard deviation of the count as a share of it; two counts in three are closer, all but one in 20 within two. */
  get relativeError(): number {
    return this.isExact ? 0 : 1.04 / Math.sqrt(2 ** this.options.precision)
  }

  get count(): number {
    return this.registers === undefined ? this.held : estimateOf(this.registers, this.options.precision)
  }

  get byteLength(): number {
    return this.keys.byteLength + (this.registers?.byteLength ?? 0)
  }

  add(key: number): void {
    if (this.registers !== undefined) {
      this.raise(this.registers, key)
      return
    }
    const known = key >>> 0
    for (let at = 0; at < this.held; at++) if (this.keys[at] === known) return
    if (this.held < this.keys.length) {
      this.keys[this.held++] = known
      return
    }
    this.raise(this.sketch(), key)
  }

  /** Adds the keys that another of the same precision has seen. */
  merge(other: Distinct): void {
    if (other.options.precision !== this.options.precision) {
      throw new Error(
        `distinct counts merge only at one precision, got ${this.options.precision} and ${other.options.precision}`,
      )
    }
    if (other.registers === undefined) {
      for (let at = 0; at < other.held; at++) this.add(other.keys[at]!)
      return
    }
    const registers = this.sketch()
    for (let at = 0; at < registers.length; at++)
      registers[at] = Math.max(registers[at]!, other.registers[at]!)
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.keys`, this.keys.subarray(0, this.held))
    out.array(`${name}.registers`, this.registers ?? new Uint8Array(0))
  }

  load(from: SnapshotReader, name: string): void {
    const keys = from.uint32(`${name}.keys`)
    const registers = from.uint8(`${name}.registers`)
    this.keys.set(keys)
    this.held = keys.length
    this.registers = registers.length === 0 ? undefined : registers
  }

  private sketch(): Uint8Array {
    if (this.registers === undefined) {
      this.registers = new Uint8Array(2 ** this.options.precision)
      for (let at = 0; at < this.held; at++) this.raise(this.registers, this.keys[at]!)
      this.held = 0
    }
    return this.registers
  }

  private raise(registers: Uint8Array, key: number): void {
    // Mixed once more, one to one, so that the bits are even whatever the hash was.
    const bits = mix32(key, 1)
    const { precision } = this.options
    const rank = Math.min(Math.clz32(bits << precision), 32 - precision) + 1
    const register = bits >>> (32 - precision)
    if (rank > registers[register]!) registers[register] = rank
  }
}

function estimateOf(registers: Uint8Array, precision: number): number {
  const ranks = 32 - precision
  const having = new Float64Array(ranks + 2)
  for (const rank of registers) having[rank]!++
  const size = registers.length
  let z = size * tau(1 - having[ranks + 1]! / size)
  for (let rank = ranks; rank >= 1; rank--) z = 0.5 * (z + having[rank]!)
  z += size * sigma(having[0]! / size)
  return Math.round(size ** 2 / (2 * Math.LN2 * z))
}

/** Ertl's σ, for the registers that nothing has reached. */
function sigma(share: number): number {
  let x = share
  let y = 1
  let z = share
  for (let before = -1; before !== z;) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

/** Ertl's τ, for the registers that are full. */
function tau(share: number): number {
  let x = share
  let y = 1
  let z = 1 - share
  for (let before = -1; before !== z;) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
  }
  return z / 3
}
