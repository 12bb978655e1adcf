import type { Block } from '../../model/block'
import { unknownDwell } from '../../model/block'
import { actionCode, entryCode, kindCode } from '../../model/event'
import { mix32, signed } from '../../model/hash'
import { families, mistakenForDense, mostInADay, summaries, traitIndex, traits } from '../../model/traits'
import { Generations } from '../../state/generations'
import { widened } from '../../state/memory'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { CountMin } from '../../windows/count-min'
import { hasRead } from '../actor/actor-view'
import type { AccountTable } from './account-table'
import type { Operators } from './operators'

/**
 * Sees the traits of one event. For the traits that are about company (who else shares this device, network, program,
 * text) it remembers, for a day or two, which origins an account's events came from.
 */
export class EventTraits {
  /** The traits of the last event, as bits by their place in `traits`. */
  mask = 0
  /**
   * How many events the last event's trait stands for. Whoever came before the company was complete belongs to it too,
   * so the event that completes it counts for its forerunners; `weight` has them all, `ownWeight` leaves out those
   * that `forerunners` names with their hours.
   */
  readonly weight = new Uint16Array(traits.length)
  readonly ownWeight = new Uint16Array(traits.length)
  /** Forerunners of the last event: pairs of a trait and of where it is to be counted, packed by `packedWhere`. */
  readonly forerunners: number[] = []
  /** The network of the last event if it is a dense one, else 0. */
  denseNetwork = 0
  /** Whether the last event came from a many-named device of a sister's operator, or from a network that is the operator's. */
  isOfSister = false
  isOfPremises = false
  /** Made events of all accounts, and those of them that came from where strangers are run. */
  readonly strangers = { devices: 0, ofDevices: 0, networks: 0, ofNetworks: 0 }

  private readonly origins: Generations
  private readonly networks: PlatformShares
  private readonly agents: PlatformShares
  private volume = new Float64Array(1024)
  /** By series: when its last event came, 0 before the first, and how long after the one before. */
  private rhythms = new Float64Array(4096)
  private readonly resolution = new Resolution()

  constructor(
    private readonly accounts: AccountTable,
    private readonly operators: Operators,
    originCap: number,
  ) {
    this.origins = new Generations({
      ...{ stride: originStride, keyBits: originKeyBits },
      ...{ spanMs: dayMs, cap: originCap },
    })
    this.networks = new PlatformShares()
    this.agents = new PlatformShares()
  }

  get byteLength(): number {
    return this.origins.byteLength + this.networks.byteLength + this.agents.byteLength
  }

  get evicted(): number {
    return this.origins.evicted
  }

  get size(): number {
    return this.origins.size
  }

  /** Lets event time pass; the memory of origins and the platform's shares grow old together. */
  advance(timeMs: number): void {
    if (!this.origins.advance(timeMs)) return
    this.networks.halve()
    this.agents.halve()
    for (let slot = 0; slot < this.volume.length; slot++) this.volume[slot]! *= 0.5
  }

  /** Looks at one event of a judged kind; the result is in `mask`, `weight` and `denseNetwork`. */
  see(block: Block, row: number, at: { account: number; series: number }, isOfCrew: boolean): void {
    this.mask = 0
    this.denseNetwork = 0
    this.isOfSister = false
    this.isOfPremises = false
    if (this.forerunners.length > 0) this.forerunners.length = 0
    this.where = packedWhere(block.timeMs[row]!, block.kind[row]!)
    if (isOfCrew) this.set(crew)
    this.seeActor(block, row)
    this.seeConduct(block, row)
    this.seeRhythm(block.timeMs[row]!, at.series)
    this.seeCompany(block, row, at.account)
    this.sumUp(block.device[row] !== 0)
  }

  save(out: SnapshotWriter): void {
    this.origins.save(out, 'origins')
    this.networks.save(out, 'networks')
    this.agents.save(out, 'agents')
    out.array('volume', this.volume)
    out.array('rhythms', this.rhythms)
    out.array('resolution', this.resolution.seen)
    out.value('strangers', this.strangers)
  }

  load(from: SnapshotReader): void {
    this.origins.load(from, 'origins')
    this.networks.load(from, 'networks')
    this.agents.load(from, 'agents')
    this.volume = from.float64('volume') as Float64Array<ArrayBuffer>
    this.rhythms = from.float64('rhythms') as Float64Array<ArrayBuffer>
    this.resolution.seen.set(from.float64('resolution'))
    Object.assign(this.strangers, from.value('strangers'))
  }

  /** How finely the platform's clock stamps events. */
  get resolutionMs(): number {
    return this.resolution.ms
  }

  /** Whether a network is far more present among some of an account's events than on the rest of the platform. */
  isDenseNetwork(network: number, own: { actors: number; count: number; volume: number }): boolean {
    return this.networks.isDense(network, own.actors, own.count, own.volume)
  }

  private set(trait: number): void {
    this.mask |= 1 << trait
    this.weight[trait] = 1
    this.ownWeight[trait] = 1
  }

  /** Sets a trait of company; the event that completes it brings the forerunners with it. */
  private setCompany(trait: number, needed: number): void {
    this.set(trait)
    const { actors, count, places } = this.met
    if (!this.isCompleting || actors !== needed) return
    this.weight[trait] = count
    let known = 0
    for (const where of places) {
      if (where === 0 || known === count - 1) continue
      known++
      if (where !== longAgo) this.forerunners.push(trait, where)
    }
    this.ownWeight[trait] = count - known
  }

  /**
   * The summaries: whether any origin tells of company, and which forerunners turn out to be made only now. What names no device
   * may have shared one, and is not cleared by seeming to be alone.
   */
  private sumUp(hasDevice: boolean): void {
    if ((this.mask & madeMask) === 0) {
      if (!hasDevice) this.set(uncleared)
      return
    }
    const isShared = (this.mask & (1 << sharedDevice)) !== 0
    const { forerunners } = this
    let wereMade = 0
    for (let i = 0, end = forerunners.length; i < end; i += 2) {
      if (forerunners[i] !== sharedDevice) continue
      const where = forerunners[i + 1]!
      if ((where & madeBit) === 0) forerunners.push(made, where, uncleared, where)
      else wereMade++
    }
    for (const summary of summaryTraits) {
      this.set(summary)
      if (!isShared) continue
      this.weight[summary] = this.weight[sharedDevice]!
      // Those of whom no place is known were what the others were.
      if (wereMade === 0) this.ownWeight[summary] = this.ownWeight[sharedDevice]!
    }
  }

  private seeActor(block: Block, row: number): void {
    const createdS = block.createdS[row]!
    if (createdS !== 0) {
      const ageMs = block.timeMs[row]! - createdS * 1000
      if (ageMs < 7 * dayMs) this.set(weekOld)
      if (ageMs < 60 * dayMs) this.set(young)
    }
    if (block.breadth[row]! <= 1) this.set(newcomer)
  }

  private seeConduct(block: Block, row: number): void {
    const kind = block.kind[row]!
    const dwellMs = block.dwellMs[row]!
    if (kind === click && dwellMs !== unknownDwell && dwellMs < shortDwellMs) this.set(shortDwell)
    if (kind !== click && (block.facts[row]! & hasRead) === 0) this.set(unread)
    const visits = block.visits[row]!
    if (visits >= 3) this.set(repeated)
    // Comments are turns of a talk, of which there may be as many as there are answers.
    if (visits >= mostInADay && kind !== comment) this.set(overactive)
    const entry = block.entry[row]!
    if (kind !== comment && (entry === 0 || entry === unknownEntry || entry === directEntry))
      this.set(noEntry)
  }

  /**
   * A gap within a tenth of the one before. Between independent arrivals the ratio of two gaps is r/(1+r)-distributed
   * at any rate, so that one in twenty looks regular by chance; a timer's nearly all do. Gaps near the resolution of
   * the clock that stamped them say nothing.
   */
  private seeRhythm(timeMs: number, series: number): void {
    this.resolution.see(timeMs)
    const at = series * 2
    while (at >= this.rhythms.length) this.rhythms = widened(this.rhythms, this.rhythms.length * 2)
    const { rhythms } = this
    const before = rhythms[at]!
    rhythms[at] = timeMs
    if (before === 0) return
    const gapMs = timeMs - before
    const gapBeforeMs = rhythms[at + 1]!
    rhythms[at + 1] = gapMs
    const leastMs = 20 * this.resolution.ms
    if (gapMs < leastMs || gapBeforeMs < leastMs) return
    if (Math.abs(gapMs - gapBeforeMs) <= 0.1 * gapBeforeMs) this.set(regularGap)
  }

  private seeCompany(block: Block, row: number, account: number): void {
    if (account >= this.volume.length) this.volume = widened(this.volume, this.volume.length * 2)
    const volume = ++this.volume[account]!
    const actor = signed(block.actorLow[row]!)
    const device = signed(block.device[row]!)
    const network = signed(block.network[row]!)
    const agent = signed(block.agent[row]!)
    const text = signed(block.text[row]!)

    if (network !== 0) {
      const { actors, count } = this.meet(account, 2, network, actor)
      if (actors >= 4 && this.networks.isDense(network, actors, count, volume)) {
        this.setCompany(denseNetworkTrait, 4)
        this.denseNetwork = network
        this.seePremises(account, block.network[row]!, count)
      }
      this.networks.add(network)
    }
    if (agent !== 0) {
      const { actors, count } = this.meet(account, 3, agent, actor)
      if (actors >= 4 && this.agents.isDense(agent, actors, count, volume)) this.set(denseAgent)
      this.agents.add(agent)
    }
    if (text !== 0 && block.textLength[row]! >= leastTextLength) {
      const { actors } = this.meet(account, 4, text, actor)
      if (actors >= 3) this.setCompany(sharedText, 3)
    }
    // The device comes last, so that it remembers whether the event was known to be made without it.
    if ((this.mask & madeMask) !== 0) this.where |= madeBit
    if (device !== 0) {
      const { actors } = this.meet(account, 1, device, actor)
      if (actors >= 3) this.setCompany(sharedDevice, 3)
      if (actors >= 5) this.seeOperator(account, block.device[row]!)
    }
  }

  /** A device under five or more names: whether it is the operator's, or that of a sister's. */
  private seeOperator(account: number, device: number): void {
    if (this.accounts.isOperatorDevice(account, device)) this.set(operatorDevice)
    const whose = this.operators.deviceOf(account, device)
    this.strangers.ofDevices++
    if (whose === 'stranger') this.strangers.devices++
    this.isOfSister = whose === 'sister'
  }

  /** A dense network: whether the account is run from there and hardly anybody else is there. */
  private seePremises(account: number, network: number, count: number): void {
    const elsewhere = this.networks.estimate(network) - count
    const whose = elsewhere <= 2 + 0.05 * count ? this.operators.networkOf(account, network) : 'nobody'
    this.strangers.ofNetworks++
    if (whose === 'stranger') this.strangers.networks++
    this.isOfPremises = whose === 'own'
  }

  /** Whether an event from there, of which more may be known since, was in the company of others. */
  isInCompany(account: number, { device, network }: { device: number; network: number }): boolean {
    const actorsAt = (family: number, origin: number): number => {
      const met = origin === 0 ? undefined : this.origins.peek(origin, mix32(account * 8 + family, origin))
      return met === undefined ? 0 : bitCount(met.words[met.at + actorsWord]! | 0)
    }
    if (actorsAt(1, device) >= 3) return true
    const met = this.origins.peek(network, mix32(account * 8 + 2, network))
    const actors = actorsAt(2, network)
    if (met === undefined || actors < 4) return false
    const count = met.words[met.at + countWord]! & mostCounted
    return this.networks.isDense(network, actors, count, this.volume[account]!)
  }

  private isCompleting = false
  private readonly met: { actors: number; count: number; readonly places: Places } = {
    actors: 0,
    count: 0,
    places: [0, 0, 0],
  }
  private where = 0

  /** Notes one more event of an account from an origin; gives how many actors and events it has had from there. */
  private meet(
    account: number,
    family: number,
    origin: number,
    actor: number,
  ): { actors: number; count: number } {
    const at = this.origins.touch(origin, signed(mix32(account * 8 + family, origin)))
    const { words } = this.origins.young
    const { met } = this
    const { places } = met
    met.count = words[at + countWord]! & mostCounted
    places[0] = words[at + firstWord]! >>> placeShift
    places[1] = words[at + secondWord]! >>> placeShift
    places[2] = (words[at + thirdWord]! >>> thirdShift) & longAgo
    if (this.origins.agedMs > 0) this.growOld(at, this.origins.agedMs / dayMs)
    const before = words[at + actorsWord]! | 0
    const bits = before | (1 << (actor & 31))
    words[at + actorsWord] = bits
    this.isCompleting = bits !== before
    met.actors = bitCount(bits)
    // What is told of the company is who was there before this event, so its own place is only written.
    const [first, second, third] = places
    if (met.count < mostCounted) met.count++
    words[at + countWord] = ((second || (first && this.where)) << placeShift) | met.count
    if (first === 0) words[at + firstWord]! |= this.where << placeShift
    else if (second !== 0 && third === 0) words[at + thirdWord]! |= this.where << thirdShift
    return met
  }

  /** Counts halve from day to day, like those of the platform that they are compared with, and places grow old. */
  private growOld(at: number, daysAgo: number): void {
    const { words } = this.origins.young
    const { met } = this
    const { places } = met
    if (daysAgo > 1) words[at + actorsWord] = 0
    met.count >>>= Math.min(31, daysAgo)
    for (let which = 0; which < places.length; which++) places[which] = olderPlace(places[which]!, daysAgo)
    const [first, , third] = places
    const ofKey = words[at + firstWord]! & ~(-1 << thirdShift)
    words[at + firstWord] = ofKey | (third << thirdShift) | (first << placeShift)
  }
}

/** Where the first three events of an origin were counted, 0 for those it has not had. */
type Places = [first: number, second: number, third: number]

/**
 * Records of origins: two words of key, then a bitmap of actors by their hash, and the events. Above the key lie the places where
 * the first event and the third were counted, above the count that of the second. A generation is a day, so that it tells the day
 * of the latest.
 *
 * Of four million origins, two have the same 46 bits of key in one table of nine; a few events are then compared with those of
 * both.
 */
const originStride = 4
const originKeyBits = 46
const firstWord = 1
const thirdWord = 1
const actorsWord = 2
const countWord = 3
const secondWord = 3
/** A place takes nine bits, what lies below it 23. More events than that an account has from one origin in no day. */
const placeShift = 23
const thirdShift = 14
const mostCounted = 2 ** placeShift - 1

/** How often each origin occurs on the platform, for a day or two. */
class PlatformShares {
  private readonly counts = new CountMin({ width: 65_536, depth: 3 })

  add(key: number): void {
    this.counts.add(key, 1)
  }

  /**
   * Whether more of an account's actors come from an origin than four times its share of the rest of the platform
   * explains, and the origin has little else to do; false while the rest has shown too little.
   *
   * The event at hand is left out, since that it came is no news. Of the others and of the events elsewhere, were they
   * drawn alike but for the factor, the account's would be a binomial share, whatever the size of the crowd and of the
   * platform; so one event in a hundred of an honest crowd is mistaken at most, be it of five or of five thousand. The
   * tail is bounded as by Chernoff (1952), which is never less than it is.
   */
  isDense(key: number, actors: number, count: number, volume: number): boolean {
    const rest = this.counts.total - volume
    if (rest < leastElsewhere) return false
    const elsewhere = Math.max(0, this.counts.estimate(key) - count)
    // A university, an office, a carrier has its people all over the platform; what exists for an account has not.
    if (elsewhere > 3 * count) return false
    // Actors and not events are counted here, since a few devoted readers come again and again.
    const others = Math.min(count, distinctOf(actors)) - 1
    const all = others + elsewhere
    const expected = (4 * volume) / (4 * volume + rest)
    if (others <= expected * all) return false
    const here = others * Math.log(others / all / expected)
    const there = elsewhere === 0 ? 0 : elsewhere * Math.log(elsewhere / all / (1 - expected))
    return here + there >= -Math.log(mistakenForDense)
  }

  /** How many events the platform has had from an origin, or more. */
  estimate(key: number): number {
    return this.counts.estimate(key)
  }

  halve(): void {
    this.counts.scale(0.5)
  }

  get byteLength(): number {
    return this.counts.byteLength
  }

  save(out: SnapshotWriter, name: string): void {
    this.counts.save(out, name)
  }

  load(from: SnapshotReader, name: string): void {
    this.counts.load(from, name)
  }
}

/**
 * How finely the platform's clock stamps events: to the minute or second when most events of all accounts lie on whole
 * ones. Judged over the platform, since a single account's whole seconds may be those of a timer.
 */
class Resolution {
  /** Events, those on a whole second, those on a whole minute. */
  readonly seen = new Float64Array(3)

  see(timeMs: number): void {
    this.seen[0]!++
    if (!isMultiple(timeMs, 1000)) return
    this.seen[1]!++
    if (isMultiple(timeMs, 60_000)) this.seen[2]!++
  }

  get ms(): number {
    const half = this.seen[0]! / 2
    if (this.seen[2]! > half) return 60_000
    return this.seen[1]! > half ? 1000 : 1
  }
}

/** The remainder of doubles is a call into the C library; this is two instructions. */
function isMultiple(timeMs: number, unitMs: number): boolean {
  return Math.floor(timeMs / unitMs) * unitMs === timeMs
}

/**
 * Where an event is counted: its hour of this day from 1, or of the day before from 25, whether the event was made by what was
 * known, and a judged kind; never 0. What is older lies in no hour that is kept.
 */
function packedWhere(timeMs: number, kind: number): number {
  return (((Math.floor(timeMs / hourMs) % 24) + 1) << 3) | kind
}

/** A place as it is packed some days later. */
function olderPlace(where: number, days: number): number {
  if (where === 0) return 0
  return days === 1 && where >>> 3 <= 24 ? where + (24 << 3) : longAgo
}

/** The kind and the hour of a packed place. */
export function unpackWhere(where: number, nowHour: number): { kind: number; hour: number } {
  const packed = (where >>> 3) - 1
  const today = nowHour - (nowHour % 24)
  return { kind: where & 3, hour: packed < 24 ? today + packed : today - 48 + packed }
}

const longAgo = 0x1ff
const madeBit = 4

/** Whether the traits of a mask are of two families, one of them hard, or of one that stands alone. */
export function isSuspicious(mask: number): boolean {
  return (mask & aloneMask) !== 0 || ((mask & hardMask) !== 0 && familiesIn(mask) >= 2)
}

/** Whether a click cannot be without the content having been shown before; it may not, where nothing is said of it. */
export function needsExposure(block: Block, row: number): boolean {
  const entry = block.entry[row]!
  return (
    block.kind[row] === click &&
    (entry === feedEntry || entry === searchEntry || entry === recommendationEntry)
  )
}

/** Subscriptions that the platform itself carried over from elsewhere are nobody's doing, and are not judged. */
export function isJudged(block: Block, row: number): boolean {
  const kind = block.kind[row]!
  if (kind > comment) return false
  if (kind !== subscription) return true
  return block.action[row] === subscribe && block.entry[row] !== importEntry
}

function familiesIn(mask: number): number {
  let count = 0
  for (const family of familyMasks) if ((mask & family) !== 0) count++
  return count
}

/** Whether an event with these traits was made, by something else than that it came from a crew. */
export function isMadeOtherwise(mask: number): boolean {
  return (mask & madeMask & ~(1 << crew)) !== 0
}

/** How many actors set so many of 32 bits: linear counting, Whang et al. (1990). */
function distinctOf(bits: number): number {
  return bits >= 32 ? Number.POSITIVE_INFINITY : -32 * Math.log(1 - bits / 32)
}

function bitCount(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x55555555)
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333)
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const familyMasks = Object.keys(families)
  .filter((family) => ['hard', 'soft'].includes(families[family as keyof typeof families]))
  .map((family) =>
    traits.reduce((mask, trait, index) => mask | (trait.family === family ? 1 << index : 0), 0),
  )
const hardMask = maskOf('hard')
const aloneMask = maskOf('alone')

function maskOf(weight: (typeof families)[keyof typeof families]): number {
  return traits.reduce((mask, trait, index) => mask | (families[trait.family] === weight ? 1 << index : 0), 0)
}

const hourMs = 3_600_000
const dayMs = 86_400_000
const shortDwellMs = 3000
/** Shorter texts are language: many people write 支持 or "first!" by themselves. */
const leastTextLength = 12
/** Events that the rest of the platform must have shown before an origin can be called dense. */
const leastElsewhere = 1000

const subscription = kindCode('subscription')
const click = kindCode('click')
const comment = kindCode('comment')
const subscribe = actionCode('subscribe')
const importEntry = entryCode('import')
const unknownEntry = entryCode('unknown')
const directEntry = entryCode('direct')
const feedEntry = entryCode('feed')
const searchEntry = entryCode('search')
const recommendationEntry = entryCode('recommendation')

const sharedDevice = traitIndex('shared-device')
const denseNetworkTrait = traitIndex('dense-network')
const regularGap = traitIndex('regular-gap')
const weekOld = traitIndex('week-old')
const young = traitIndex('young')
const newcomer = traitIndex('newcomer')
const shortDwell = traitIndex('short-dwell')
const unread = traitIndex('unread')
const repeated = traitIndex('repeated')
const overactive = traitIndex('overactive')
const sharedText = traitIndex('shared-text')
const noEntry = traitIndex('no-entry')
const denseAgent = traitIndex('dense-agent')
const operatorDevice = traitIndex('operator-device')
const crew = traitIndex('crew')
const madeMask = (1 << sharedDevice) | (1 << denseNetworkTrait) | (1 << sharedText) | (1 << crew)
const made = traitIndex('made')
const uncleared = traitIndex('uncleared')
const summaryTraits = summaries.map(traitIndex)
