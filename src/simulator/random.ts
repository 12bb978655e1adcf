/**
 * A seeded source of chance: the same seed and name give the same draws on every machine. Each part of the simulation
 * has its own, by name, so that a new part changes nothing in the others.
 *
 * The generator is sfc32 (Doty-Humphrey, PractRand): four additions a draw, no known failures.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter = 1
  private spareNormal = Number.NaN

  constructor(seed: number, name: string) {
    this.a = seed | 0
    this.b = Math.floor(seed / 0x1_0000_0000) | 0
    this.c = hashText(name)
    for (let round = 0; round < 15; round++) this.bits()
  }

  /** 32 random bits as a signed integer. */
  bits(): number {
    const drawn = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + drawn
    this.c = this.c | 0
    return drawn
  }

  /** A number in [0, 1). */
  uniform(): number {
    return (this.bits() >>> 0) / 0x1_0000_0000
  }

  /** A number in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.uniform()
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.uniform() * limit)
  }

  chance(probability: number): boolean {
    return this.uniform() < probability
  }

  /** An index in [0, limit) that favours small ones: somewhat by a power of 1.5, much by 3, but none beyond measure. */
  skewed(limit: number, power: 1.5 | 2 | 3): number {
    return Math.floor(limit * bent(this.uniform(), power))
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  exponential(mean: number): number {
    return -Math.log(1 - this.uniform()) * mean
  }

  /** A standard normal draw, by Marsaglia's polar method, which yields two at a time. */
  normal(): number {
    if (!Number.isNaN(this.spareNormal)) {
      const spare = this.spareNormal
      this.spareNormal = Number.NaN
      return spare
    }
    let x: number
    let y: number
    let square: number
    do {
      x = 2 * this.uniform() - 1
      y = 2 * this.uniform() - 1
      square = x * x + y * y
    } while (square >= 1 || square === 0)
    const scale = Math.sqrt((-2 * Math.log(square)) / square)
    this.spareNormal = y * scale
    return x * scale
  }

  /** Log-normal: half of the draws below the median, about two thirds within a factor of e^sigma. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal())
  }

  poisson(mean: number): number {
    // Far from zero the normal curve is close enough, and it costs the same for any mean.
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()))
    const floor = Math.exp(-mean)
    let count = 0
    for (let product = this.uniform(); product > floor; product *= this.uniform()) count++
    return count
  }

  /** `count` different members of the list, or all of it, in random order. */
  sample<T>(list: readonly T[], count: number): T[] {
    const rest = [...list]
    const size = Math.min(count, rest.length)
    for (let at = 0; at < size; at++) {
      const other = at + this.below(rest.length - at)
      const taken = rest[other]!
      rest[other] = rest[at]!
      rest[at] = taken
    }
    return rest.slice(0, size)
  }
}

// A piece of a power curve that starts a little after zero, where it would be infinitely steep to its inverse: the first
// then comes up at most 13 times as often as the average for a power of 2, 56 times for 3. Not Math.pow, which takes longer than
// everything around it.
function bent(share: number, power: 1.5 | 2 | 3): number {
  if (power === 1.5) return share * Math.sqrt(share)
  if (power === 2) {
    const at = 0.04 + 0.96 * share
    return (at * at - 0.0016) / 0.9984
  }
  const at = 0.08 + 0.92 * share
  return (at * at * at - 0.000512) / 0.999488
}

/** A choice among values by weight, in one table look-up; weights are kept to within 1/256. */
export type Mix<T> = readonly T[]

const mixSlots = 256

/** Builds a mix from pairs of value and weight; every value with a weight keeps at least one slot. */
export function mixOf<T>(weighted: readonly (readonly [T, number])[]): Mix<T> {
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0)
  const slots: T[] = []
  let reached = 0
  for (const [value, weight] of weighted) {
    reached += weight
    const end = Math.round((reached / total) * mixSlots)
    do slots.push(value)
    while (slots.length < end)
  }
  return slots.slice(0, mixSlots)
}

export function draw<T>(mix: Mix<T>, random: Random): T {
  return mix[random.bits() & (mixSlots - 1)]!
}

/** Scrambles 32 bits, one to one: different numbers stay different (the finish of MurmurHash3). */
export function scramble(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return scramble(hash)
}
