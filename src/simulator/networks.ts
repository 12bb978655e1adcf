import { hex4, hex8 } from './names'
import type { Mix, Random } from './random'
import { draw, mixOf, scramble } from './random'

/**
 * How a network hands out addresses: `home` one a customer, for long; `carrier` a few exits for thousands of people;
 * `office` and `school` one or a few exits for a building; `hosting` one a rented machine.
 */
export type NetworkKind = 'home' | 'home6' | 'carrier' | 'carrier6' | 'office' | 'school' | 'hosting'

// First octets in use by kind, so that the numbers look like those of the providers they stand for.
const consumerOctets = [
  36, 39, 42, 58, 60, 61, 101, 106, 110, 112, 113, 115, 117, 119, 120, 122, 124, 171, 180, 183,
]
const carrierOctets = [111, 114, 116, 221, 223]
const institutionOctets = [59, 166, 202, 210, 211, 218]
const hostingOctets = [43, 47, 103, 139, 154, 159]

const octetsOf: Record<NetworkKind, readonly number[]> = {
  home: consumerOctets,
  home6: [],
  carrier: carrierOctets,
  carrier6: [],
  office: institutionOctets,
  school: institutionOctets,
  hosting: hostingOctets,
}

/** Provinces by population, the largest first, and a little from abroad. */
const regions: Mix<string> = mixOf(
  (
    'CN-GD:126 CN-SD:101 CN-HA:99 CN-JS:85 CN-SC:84 CN-HE:75 CN-HN:66 CN-ZJ:65 CN-AH:61 CN-HB:58 CN-GX:50 CN-YN:47 ' +
    'CN-JX:45 CN-LN:43 CN-FJ:42 CN-SN:40 CN-GZ:39 CN-SX:35 CN-CQ:32 CN-HL:32 CN-XJ:26 CN-SH:25 CN-GS:25 CN-JL:24 ' +
    'CN-NM:24 CN-BJ:22 CN-TJ:14 CN-HI:10 HK:7 SG:4 US:4'
  )
    .split(' ')
    .map((pair) => [pair.slice(0, pair.indexOf(':')), Number(pair.slice(pair.indexOf(':') + 1))] as const),
)

/** Every network of the platform: a /24, or a /48 of IPv6, with the place where its customers sit. */
export class Networks {
  private readonly kinds: NetworkKind[] = []
  private readonly prefixes: string[] = []
  private readonly places: string[] = []
  private readonly taken = new Set<string>()

  constructor(private readonly random: Random) {}

  add(kind: NetworkKind, place = draw(regions, this.random)): number {
    this.kinds.push(kind)
    this.prefixes.push(this.freePrefix(kind))
    this.places.push(place)
    return this.kinds.length - 1
  }

  region(network: number): string {
    return this.places[network]!
  }

  /** The address an actor has there; at a carrier or behind shared exits it differs from time to time. */
  address(network: number, actor: number, random: Random): string {
    const prefix = this.prefixes[network]!
    const own = scramble(actor ^ Math.imul(network, 0x27d4eb2f))
    switch (this.kinds[network]!) {
      case 'home':
      case 'hosting':
        return `${prefix}${1 + ((own >>> 0) % 254)}`
      case 'carrier':
        return `${prefix}${1 + random.below(64)}`
      case 'office':
        return `${prefix}${1 + random.below(4)}`
      case 'school':
        return `${prefix}1`
      case 'home6':
        return `${prefix}${hex4(own)}:${interfaceId(own)}`
      case 'carrier6':
        return `${prefix}${hex4(own ^ random.below(8))}:${interfaceId(own)}`
    }
  }

  private freePrefix(kind: NetworkKind): string {
    for (;;) {
      const prefix = kind === 'home6' || kind === 'carrier6' ? this.prefix6(kind) : this.prefix4(kind)
      if (this.taken.has(prefix)) continue
      this.taken.add(prefix)
      return prefix
    }
  }

  private prefix4(kind: NetworkKind): string {
    return `${this.random.pick(octetsOf[kind])}.${this.random.below(256)}.${this.random.below(256)}.`
  }

  private prefix6(kind: 'home6' | 'carrier6'): string {
    return `${kind === 'home6' ? '2408:82' : '2409:89'}${hex4(this.random.bits()).slice(2)}:${hex4(this.random.bits())}:`
  }
}

function interfaceId(own: number): string {
  const digits = hex8(scramble(own ^ 0x51ed270b))
  return `${digits.slice(0, 4)}:${digits.slice(4)}:${hex4(own >>> 16)}:${hex4(own)}`
}
