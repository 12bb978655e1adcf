import { mix32 } from '../../model/hash'
import { poissonUpperTail } from '../../windows/tails'
import { isSampled } from '../trace/object-sample'
import {
  actWords,
  closeCountsWord,
  families,
  farCountsWord,
  fieldOf,
  levels,
  noPlace,
  tempoCount,
  temposMs,
} from './act-ring'
import type { ActRing } from './act-ring'

/**
 * Counts exactly how often two actors met, and how often chance lets them, in what the ring remembers of both. Its
 * fields hold the result until the next run.
 */
export class PairTest {
  /** By tempo: on how many owners' objects both acted, how many chance explains, and the chance of as many. */
  readonly counts = new Float64Array(tempoCount)
  readonly means = new Float64Array(tempoCount)
  readonly pValues = new Float64Array(tempoCount)
  /** The places of the acts on each shared object, with the later of the two first; the latest objects first. */
  readonly shared: { readonly later: number; readonly earlier: number; readonly gapMs: number }[] = []
  /** The family of most of the shared objects. */
  family = 0
  /** The latest acts of both actors. */
  a = noPlace
  b = noPlace
  private readonly byObject = new ScratchTable(mostActs)
  private readonly byOwner = new ScratchTable(mostActs)
  private readonly byFamily = new Float64Array(families)
  private readonly ofA = new History()
  private readonly ofB = new History()

  constructor(
    private readonly ring: ActRing,
    private readonly options: {
      /** How far back acts of a family and level meet. */
      readonly reachMs: (family: number, level: number) => number
      /** Families in which the usual number of others is expected, whatever the actor's own. */
      readonly usualFamilies: readonly number[]
    },
  ) {}

  /** Compares the actors of two acts, which are their latest; false when one is too active to be tested. */
  run(a: number, b: number): boolean {
    const { ring } = this
    this.a = a
    this.b = b
    this.shared.length = 0
    this.byObject.clear()
    this.ofA.clear()
    this.ofB.clear()
    for (let place = b; place !== noPlace; place = ring.previousOfActor(place)) {
      if (!this.ofB.add(ring, place)) return false
      this.byObject.addFirst(objectKey(ring, place), place)
    }
    for (let place = a; place !== noPlace; place = ring.previousOfActor(place)) {
      if (!this.ofA.add(ring, place)) return false
      const other = this.byObject.find(objectKey(ring, place))
      if (other !== noPlace) this.meet(place, other)
    }
    this.count()
    this.expect()
    return true
  }

  /** Notes a shared object, if both acts are of one sample. */
  private meet(one: number, other: number): void {
    const { ring } = this
    const object = ring.objectAt(one)
    const theirs = ring.objectAt(other)
    if (ring.familyAt(one) !== ring.familyAt(other)) return
    if (object.high !== theirs.high || object.low !== theirs.low) return
    const isLater = ring.ageOf(one) < ring.ageOf(other)
    const later = isLater ? one : other
    const earlier = isLater ? other : one
    const gapMs = ring.timeAt(later) - ring.timeAt(earlier)
    const level = ring.levelAt(later)
    if (
      gapMs > this.options.reachMs(ring.familyAt(one), level) ||
      !isSampled(ring.actorHighAt(earlier), level)
    )
      return
    this.shared.push({ later, earlier, gapMs })
  }

  /** Once for an owner: whoever reads all that one account publishes shares one interest. */
  private count(): void {
    this.counts.fill(0)
    this.byFamily.fill(0)
    this.byOwner.clear()
    const closest = [...this.shared].sort((one, other) => one.gapMs - other.gapMs)
    for (const { later, gapMs } of closest) {
      if (!this.byOwner.addFirst(this.ring.ownerAt(later), later)) continue
      this.byFamily[this.ring.familyAt(later)]!++
      for (let tempo = 0; tempo < tempoCount; tempo++) if (gapMs <= temposMs[tempo]!) this.counts[tempo]!++
    }
  }

  private expect(): void {
    this.means.fill(0)
    const field = this.ring.fieldAt(this.a)
    this.family = this.byFamily.indexOf(Math.max(...this.byFamily))
    for (let family = 0; family < families; family++) if (fieldOf[family] === field) this.expectOf(family)
    for (let tempo = 0; tempo < tempoCount; tempo++) {
      this.pValues[tempo] = poissonUpperTail(this.counts[tempo]!, this.means[tempo]!)
    }
  }

  private expectOf(family: number): void {
    const { ring, ofA, ofB, means } = this
    if (ofA.isWithout(family) || ofB.isWithout(family)) return
    ofA.share(ring, this.a, family)
    ofB.share(ring, this.b, family)
    if (this.options.usualFamilies.includes(family)) {
      ofA.standAsUsual(ring, family)
      ofB.standAsUsual(ring, family)
    }
    for (let tempo = 0; tempo < tempoCount; tempo++) {
      for (let level = 0; level < levels; level++) {
        const others = (tempo * families + family) * levels + level
        means[tempo]! += ofA.others[others]! * ofB.shares[level]! + ofB.others[others]! * ofA.shares[level]!
      }
    }
  }
}

/** What one actor did: acts by family and level, and by tempo as well how many others stood around them. */
class History {
  readonly acts = new Float64Array(families * levels)
  readonly others = new Float64Array(tempoCount * families * levels)
  /** Of the family asked for last, by level, the chance that somebody who stood around an act of that level is this actor. */
  readonly shares = new Float64Array(levels)
  private size = 0

  clear(): void {
    this.acts.fill(0)
    this.others.fill(0)
    this.size = 0
  }

  add(ring: ActRing, place: number): boolean {
    if (++this.size > mostActs) return false
    const at = ring.familyAt(place) * levels + ring.levelAt(place)
    const close = ring.words[place * actWords + closeCountsWord]!
    const far = ring.words[place * actWords + farCountsWord]!
    const { others } = this
    this.acts[at]!++
    others[at]! += close & 0xffff
    others[families * levels + at]! += close >>> 16
    others[2 * families * levels + at]! += far & 0xffff
    others[3 * families * levels + at]! += far >>> 16
    return true
  }

  /** Whether the actor did nothing of a family. */
  isWithout(family: number): boolean {
    for (let level = 0; level < levels; level++) if (this.acts[family * levels + level]! > 0) return false
    return true
  }

  /** Takes as many others as stand around the acts of those who are not tied, on average, in place of the actor's own. */
  standAsUsual(ring: ActRing, family: number): void {
    for (let tempo = 0; tempo < tempoCount; tempo++) {
      for (let level = 0; level < levels; level++) {
        const at = family * levels + level
        const acts = ring.usualActs[at]!
        const usual = acts === 0 ? 0 : ring.othersAt[tempo * families * levels + at]! / acts
        this.others[tempo * families * levels + at] = this.acts[at]! * usual
      }
    }
  }

  /**
   * The actor's share of the acts of a level or, where that is more, of all acts up to that level by actors who are kept at
   * it: an object that grew had others stand there at a lower level.
   */
  share(ring: ActRing, place: number, family: number): void {
    let acts = 0
    let all = 0
    for (let level = 0; level < levels; level++) {
      const allHere = ring.actsAt[family * levels + level]!
      const own = this.acts[family * levels + level]!
      acts += own
      all = all / 2 + allHere
      const isKept = isSampled(ring.actorHighAt(place), level)
      this.shares[level] = isKept && acts > 0 ? Math.max(acts / all, allHere > 0 ? own / allHere : 0) : 0
    }
  }
}

/** A small table from a 32-bit key to a place that is cleared in no time. */
class ScratchTable {
  private readonly keys: Uint32Array
  private readonly places: Int32Array
  private readonly rounds: Uint32Array
  private round = 1
  private readonly mask: number

  constructor(most: number) {
    const slots = 2 ** Math.ceil(Math.log2(most * 2))
    this.keys = new Uint32Array(slots)
    this.places = new Int32Array(slots)
    this.rounds = new Uint32Array(slots)
    this.mask = slots - 1
  }

  clear(): void {
    this.round++
    if (this.round <= 0xffffffff) return
    this.rounds.fill(0)
    this.round = 1
  }

  /** Adds a key unless it is there; whether it was added. */
  addFirst(key: number, place: number): boolean {
    const slot = this.slotOf(key)
    if (this.rounds[slot] === this.round) return false
    this.keys[slot] = key
    this.places[slot] = place
    this.rounds[slot] = this.round
    return true
  }

  find(key: number): number {
    const slot = this.slotOf(key)
    return this.rounds[slot] === this.round ? this.places[slot]! : noPlace
  }

  private slotOf(key: number): number {
    let slot = mix32(key, 0) & this.mask
    while (this.rounds[slot] === this.round && this.keys[slot] !== key >>> 0) slot = (slot + 1) & this.mask
    return slot
  }
}

function objectKey(ring: ActRing, place: number): number {
  const { high, low } = ring.objectAt(place)
  return mix32(high, low ^ ring.familyAt(place))
}

/** Whoever does more within the horizon is no person, and is seen without any pair. */
const mostActs = 2048
