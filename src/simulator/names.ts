import { Random, scramble } from './random'

// Every number below 65,536 as four hexadecimal digits: an id is then two look-ups.
const fourDigits: readonly string[] = Array.from({ length: 0x1_0000 }, (_, value) =>
  value.toString(16).padStart(4, '0'),
)

export function hex4(value: number): string {
  return fourDigits[value & 0xffff]!
}

export function hex8(value: number): string {
  return fourDigits[value >>> 16]! + fourDigits[value & 0xffff]!
}

/**
 * Turns the simulation's own numbers into ids that look like a platform's and tell nothing: neither the order in which
 * things were made nor who is who. Different numbers give different ids.
 */
export class Names {
  private readonly salt: number

  constructor(seed: number) {
    this.salt = new Random(seed, 'names').bits()
  }

  actor(index: number): string {
    return 'u' + this.disguise(index, 1)
  }

  account(index: number): string {
    return 'a' + this.disguise(index, 2)
  }

  content(index: number): string {
    return 'c' + this.disguise(index, 3)
  }

  device(index: number): string {
    return 'd' + this.disguise(index, 4)
  }

  event(index: number): string {
    return 'e' + this.disguise(index, 5)
  }

  comment(index: number): string {
    return 'm' + this.disguise(index, 6)
  }

  /** A visit of an actor: the same within half an hour. */
  session(actor: number, timeMs: number): string {
    return 's' + this.disguise(Math.imul(actor, 0x9e3779b1) ^ Math.floor(timeMs / 1_800_000), 7)
  }

  private disguise(index: number, family: number): string {
    return hex8(scramble(index ^ this.salt ^ Math.imul(family, 0x2545f491)))
  }
}
