import { actFamilyCode, actsReachMs } from '../../model/acts'
import { mix32 } from '../../model/hash'
import { NarrowGenerations } from '../../state/narrow-generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { isSampled, levelOf, objectSampleDefaults } from '../trace/object-sample'
import {
  ActRing,
  actorHighStep,
  families,
  fieldOf,
  fields,
  noPlace,
  pairlessField,
  stepWords,
  tempoCount,
  temposMs,
} from './act-ring'
import { Discoveries } from './discoveries'
import { PairBits } from './pair-bits'
import { PairTest } from './pair-test'

/** A 64-bit hash in halves. */
export interface Hash64 {
  readonly high: number
  readonly low: number
}

/** One kept act: who did something to what, when. */
export interface Act {
  readonly family: number
  readonly object: Hash64
  /** 32-bit hash of the public account that the object belongs to. */
  readonly owner: number
  readonly timeMs: number
}

/** Two actors that act together more often than chance brings people of their activity together. */
export interface JointPair {
  readonly family: number
  /** The shortest tempo at which they are significant, ms. */
  readonly tempoMs: number
  readonly a: Hash64
  readonly b: Hash64
  /** On how many owners' objects both acted within the tempo, and how many chance explains. */
  readonly count: number
  readonly expected: number
  /** Chance of such a count at one of the tempos, the choice of the tempo paid for. */
  readonly pValue: number
  /** The first and the last of the acts that they share. */
  readonly fromMs: number
  readonly toMs: number
  /** Up to three latest shared objects, latest first. */
  readonly objects: readonly Hash64[]
}

export interface JointActionsOptions {
  /** How far back acts count, as far as `maxActs` reaches. */
  readonly horizonMs: number
  /** How far apart two acts on one object are a meeting, and on an object that is thinned. */
  readonly reachMs: number
  readonly popularReachMs: number
  /** Share of false pairs among those that are told. */
  readonly falseDiscoveries: number
  /** On how many owners' objects a pair must have met before it is tested. */
  readonly leastCount: number
  /** As given to the sample that the acts come from; infinite where nothing was thinned. */
  readonly keptPerObject: readonly number[]
  /**
   * Codes of the families in which neighbours meet all day: who lives in one place or loves one thing reads the same few
   * small accounts, whoever else there is. Acts of these meet within a short time only.
   */
  readonly neighbourlyFamilies: readonly number[]
  readonly neighbourlyReachMs: number
  /** Codes of the families in which everybody is expected to meet others at the usual rate and not at his own. */
  readonly usualFamilies: readonly number[]
  /** Most acts that are remembered: 40 bytes each, and 4 to 16 for who and on what. */
  readonly maxActs: number
  /** Most pairs that met twice, of one generation: 20 to 26 bytes each. */
  readonly maxPairs: number
  /** Bits that remember which pairs met once, of one generation: a power of two. */
  readonly meetingBits: number
  /** Is told of every meeting, by the numbers of both acts in order of arrival modulo `maxActs`. */
  readonly onMeeting?: (earlier: number, later: number) => void
}

export const jointActionsDefaults: JointActionsOptions = {
  horizonMs: actsReachMs,
  reachMs: temposMs[3],
  // Half of all who ever see a popular object meet on it within a day: that tells nothing and would be most of the work.
  popularReachMs: temposMs[2],
  falseDiscoveries: 0.01,
  leastCount: 3,
  neighbourlyFamilies: [actFamilyCode('click')],
  neighbourlyReachMs: temposMs[0],
  usualFamilies: [actFamilyCode('text'), actFamilyCode('passage')],
  keptPerObject: objectSampleDefaults.keptPerObject,
  maxActs: 2 ** 20,
  maxPairs: 360_000,
  meetingBits: 2 ** 25,
}

/**
 * Who acts together: finds pairs of actors that meet on the same objects more often than chance explains.
 *
 * ```
 *  object x   a ─ b ────── c            c's act walks back: b met within an hour, a within a day
 *  object y        a ─ b ──────── d     a and b met twice: from now on they are remembered
 *  object z             b a             on three objects of three owners: at the end of the epoch they are tested
 * ```
 *
 * The null: an act on an object meets each of the k others who acted on it within the tempo, and each of them is b with
 * b's share of all acts. So a pair meets λ = (n_a F_b + n_b F_a) / N times, where n are an actor's acts, F is the sum of its
 * k, N all acts, all of one family within the horizon, summed over the families of a field; and the count is Poisson. Acts on thinned objects are compared
 * within their level (see `ObjectSample`): there all actors are kept with one chance, so the shares are true ones, and a
 * popular object cannot borrow rarity from rare ones.
 *
 * Of texts and their passages, the k is that of everybody and not the actor's own: that many others published the same
 * long text says nothing of chance, since nobody writes it by chance; what an honest author may be granted is the usual
 * rate at which posts on this platform are like others'.
 *
 * What counts is owners, not objects: fans of one account who read all its posts right away have met on one thing that
 * they share, however often it publishes.
 *
 * The pair table only chooses whom to test: the test itself counts in the acts that are remembered, so that counts and
 * expectation are of the same acts. `horizonMs` and `maxActs` bound both.
 *
 * Counts are held against chance and not, as in SynchroTrap (Cao et al., CCS 2014), against the size of both histories
 * (Jaccard): that is what camouflage dilutes. Tempos instead of one window, as coordination tools have (Pacheco et al.,
 * ICWSM 2021), since a random delay costs a seller nothing.
 */
export class JointActions {
  /** Tests of a pair, and those given up because one of the two was too active. */
  tested = 0
  overActive = 0
  private readonly options: JointActionsOptions
  private readonly ring: ActRing
  private readonly pairs: NarrowGenerations
  private readonly met: PairBits
  private readonly test: PairTest
  /** One over all pairs; and of each field of what authors write, one over its own: they are few beside all readers. */
  private readonly overAll: Discoveries
  private readonly overAuthors: ReadonlyMap<number, Discoveries>
  /** Pairs to be tested at the end of the epoch: the places of their latest shared acts. */
  private touched: number[] = []

  constructor(options: Partial<JointActionsOptions> = {}) {
    this.options = { ...jointActionsDefaults, ...options }
    const { horizonMs, maxActs, maxPairs, meetingBits, falseDiscoveries } = this.options
    this.ring = new ActRing(maxActs)
    this.pairs = new NarrowGenerations({ payload: 3, spanMs: horizonMs, cap: maxPairs, keyBits: 41 })
    this.met = new PairBits({ bits: meetingBits, spanMs: horizonMs })
    this.test = new PairTest(this.ring, {
      reachMs: (family, level) => this.reachMs(family, level),
      usualFamilies: this.options.usualFamilies,
    })
    const share = { horizonMs, falseDiscoveries }
    this.overAll = new Discoveries(share)
    this.overAuthors = new Map(
      this.options.usualFamilies.map((family) => [fieldOf[family]!, new Discoveries(share)]),
    )
  }

  private get discoveries(): readonly Discoveries[] {
    return [this.overAll, ...this.overAuthors.values()]
  }

  get byteLength(): number {
    return this.ring.byteLength + this.pairs.byteLength + this.met.byteLength
  }

  /** Acts forgotten before the horizon because memory was full. */
  get forgottenActs(): number {
    return this.ring.forgotten
  }

  /** Pairs and first meetings that were dropped before their time. */
  get evicted(): { readonly pairs: number; readonly meetings: number } {
    return {
      pairs: this.discoveries.reduce((sum, { evicted }) => sum + evicted, this.pairs.evicted),
      meetings: this.met.evicted,
    }
  }

  /**
   * Takes a kept act; acts come in order of event time. `others` is how many other actors the object had seen before,
   * as the sample told it.
   */
  add(
    family: number,
    actorHigh: number,
    actorLow: number,
    objectHigh: number,
    objectLow: number,
    owner: number,
    others: number,
    timeMs: number,
  ): void {
    const { ring } = this
    const level = levelOf(others, this.options.keptPerObject[family]!)
    const place = ring.push(family, actorHigh, actorLow, objectHigh, objectLow, owner, level, timeMs)
    if (fieldOf[family] !== pairlessField) this.meet(place, level, timeMs)
  }

  /** Ends an epoch: forgets what is older than the horizon and tells pairs that are new or twice as strong. */
  closeEpoch(endMs: number): JointPair[] {
    // An epoch without an end is the last one: nothing gets older any more.
    if (Number.isFinite(endMs)) this.advance(endMs)
    this.testTouched()
    const ofAuthors = [...this.overAuthors.values()]
    const written = ofAuthors.flatMap((discoveries) => discoveries.accept())
    this.overAll.elsewhere = ofAuthors.reduce((sum, { told }) => sum + told, 0)
    const told = [...this.overAll.accept(), ...written]
    return told.map(({ key, pair }) => {
      const [high, low] = key.split(' ').map(Number) as [number, number]
      const record = this.pairs.touch(high, low)
      this.pairs.words[record + toldWord] = pair.count
      for (const { high: actorHigh, low: actorLow } of [pair.a, pair.b]) {
        this.ring.leaveOut(this.ring.latestOf(fieldOf[pair.family]!, actorHigh, actorLow))
      }
      return pair
    })
  }

  /** Who acted on an object since a moment, so far as it is remembered, latest first. */
  actorsOn(
    family: number,
    object: Hash64,
    sinceMs: number,
  ): { readonly actor: Hash64; readonly timeMs: number }[] {
    const { ring } = this
    const found: { actor: Hash64; timeMs: number }[] = []
    let place = ring.latestOn(family, object.high, object.low)
    for (; place !== noPlace && ring.timeAt(place) >= sinceMs; place = ring.previousOnObject(place)) {
      found.push({ actor: ring.actorAt(place), timeMs: ring.timeAt(place) })
    }
    return found
  }

  /** The acts of an actor that are remembered, latest first, field by field. */
  recentActs(actor: Hash64): Act[] {
    const { ring } = this
    const acts: Act[] = []
    for (let field = 0; field < fields; field++) {
      let place = ring.latestOf(field, actor.high, actor.low)
      for (; place !== noPlace; place = ring.previousOfActor(place)) acts.push(ring.actAt(place))
    }
    return acts
  }

  save(out: SnapshotWriter, name: string): void {
    this.ring.save(out, `${name}.ring`)
    this.pairs.save(out, `${name}.pairs`)
    this.met.save(out, `${name}.met`)
    this.discoveries.forEach((discoveries, place) => {
      discoveries.save(out, `${name}.discoveries.${place}`)
    })
    const { overActive, tested, touched } = this
    out.value(`${name}.rest`, { overActive, tested, touched })
  }

  load(from: SnapshotReader, name: string): void {
    this.ring.load(from, `${name}.ring`)
    this.pairs.load(from, `${name}.pairs`)
    this.met.load(from, `${name}.met`)
    this.discoveries.forEach((discoveries, place) => {
      discoveries.load(from, `${name}.discoveries.${place}`)
    })
    Object.assign(this, from.value<{ overActive: number; tested: number; touched: number[] }>(`${name}.rest`))
  }

  /** Walks back along the newest act's object: counts who stood within each tempo and notes whom the actor met. */
  private meet(place: number, level: number, timeMs: number): void {
    const { ring } = this
    const { onMeeting } = this.options
    const { steps } = ring
    const high = steps[place * stepWords + actorHighStep]!
    const family = ring.familyAt(place)
    const salt = familySalts[fieldOf[family]!]!
    let minute = 0
    let tenMinutes = 0
    let hour = 0
    let day = 0
    const reachMs = this.reachMs(family, level)
    let later = place
    for (let other = ring.previousOnObject(place); other !== noPlace;) {
      const gapMs = timeMs - ring.timeAt(other)
      if (gapMs > reachMs || day === mostOthers) break
      const otherHigh = steps[other * stepWords + actorHighStep]!
      const next = ring.previousOnObject(other)
      if (!isSampled(otherHigh, level)) {
        // Popular objects seldom become rare again: later walks need not pass here.
        ring.relink(later, next)
        other = next
        continue
      }
      later = other
      if (otherHigh !== high) {
        day++
        if (gapMs <= hourMs) hour++
        if (gapMs <= tenMinutesMs) tenMinutes++
        if (gapMs <= minuteMs) minute++
        met[day - 1] = other
        pairs[day - 1] = pairHighOf(high, otherHigh, salt)
      }
      other = next
    }
    this.met.look(pairs, day)
    for (let at = 0; at < day; at++) {
      this.note(place, met[at]!, pairs[at]!)
      onMeeting?.(met[at]!, place)
    }
    ring.setOthers(place, minute, tenMinutes, hour, day)
  }

  private advance(nowMs: number): void {
    this.ring.forgetBefore(nowMs - this.options.horizonMs)
    this.pairs.advance(nowMs)
    this.met.advance(nowMs)
    for (const discoveries of this.discoveries) discoveries.advance(nowMs)
  }

  private testTouched(): void {
    const { touched, ring, test } = this
    const { leastCount } = this.options
    for (let i = 0; i < touched.length; i += 2) {
      const a = this.latestOf(touched[i]!)
      const b = this.latestOf(touched[i + 1]!)
      if (a === noPlace || b === noPlace) continue
      this.tested++
      if (!test.run(a, b)) {
        this.overActive++
        continue
      }
      if (test.counts[tempoCount - 1]! < leastCount) continue
      const high = this.pairHigh(a, b)
      const low = this.pairLow(a, b)
      const record = this.pairs.touch(high, low)
      const field = ring.fieldAt(a)
      const ofAuthors = this.overAuthors.get(field)
      const discoveries = ofAuthors ?? this.overAll
      discoveries.consider(test, ring, {
        key: `${high} ${low}`,
        leastCount,
        toldCount: this.pairs.words[record + toldWord]!,
        hypotheses: (ofAuthors === undefined ? ring.activePairs : ring.activePairsIn(field)) * tempoCount,
      })
    }
    touched.length = 0
  }

  private reachMs(family: number, level: number): number {
    const { reachMs, popularReachMs, neighbourlyFamilies, neighbourlyReachMs } = this.options
    if (neighbourlyFamilies.includes(family)) return neighbourlyReachMs
    return level === 0 ? reachMs : popularReachMs
  }

  /** Notes that two actors met: nothing but a bit at first, a record from the second time on. */
  private note(place: number, other: number, high: number): void {
    if (!this.met.seenBefore(high)) return
    const at = this.pairs.touch(high, this.pairLow(place, other))
    const { words } = this.pairs
    const hash = mix32(this.ring.ownerAt(place), ownerSalt)
    const word = at + ownersWord + (hash >>> 31)
    const bit = 1 << (hash & 31)
    if ((words[word]! & bit) !== 0) return
    if (isNearlyFull(words[word]!)) words[word] = 0
    words[word]! |= bit
    // Of the first meeting only a bit was kept, not on whose object it was: this is the second.
    if (this.pairs.isNew) return
    this.touched.push(place, other)
  }

  /** The same for both orders; apart for each field. */
  private pairHigh(one: number, other: number): number {
    const { ring } = this
    return pairHighOf(ring.actorHighAt(one), ring.actorHighAt(other), familySalts[ring.fieldAt(one)]!)
  }

  private pairLow(one: number, other: number): number {
    const oneLow = this.ring.actorLowAt(one)
    const otherLow = this.ring.actorLowAt(other)
    return mix32((oneLow ^ otherLow) >>> 0, Math.imul(oneLow, otherLow))
  }

  /** The latest act of an act's actor, or `noPlace` when the act is forgotten. */
  private latestOf(place: number): number {
    if (!this.ring.isLive(place)) return noPlace
    const { high, low } = this.ring.actorAt(place)
    return this.ring.latestOf(this.ring.fieldAt(place), high, low)
  }
}

function pairHighOf(one: number, other: number, salt: number): number {
  return mix32((one ^ other) >>> 0, Math.imul(one, other) ^ salt)
}

/** When most bits are set a new owner is seldom seen as one: the record begins again. */
function isNearlyFull(owners: number): boolean {
  const pairs = owners - ((owners >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24 >= 24
}

/** Keeps the pairs of each field apart. */
const familySalts = Uint32Array.from({ length: families }, (_, family) => Math.imul(family + 1, 0x9e3779b1))
const ownerSalt = 0x0b5e

/** Two words of which owners a pair met on, a bit of a hash each, and the count it was told with. */
const ownersWord = 1
const toldWord = 3

/** More others than fit 16 bits are not counted: the sample leaves far fewer. */
const mostOthers = 65_535
/** Of the act at hand, the places of those whom its actor meets, and a half of the key of each pair. */
const met = new Uint32Array(mostOthers)
const pairs = new Uint32Array(mostOthers)
const [minuteMs, tenMinutesMs, hourMs] = temposMs
