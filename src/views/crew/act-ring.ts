import { isSameHash, mix32 } from '../../model/hash'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { highestLevel } from '../trace/object-sample'
import type { Act, Hash64 } from './joint-actions'
import { LatestPlaces, mostPlaces } from './latest-places'

/**
 * The latest acts, in the order they came, each linked to the one before on its object and to the one before of its
 * actor. When it is full the oldest act is overwritten; links that lead there are noticed, since along a chain acts only
 * get older.
 *
 * A place is the number of an act modulo `maxActs`; it is valid while the act is live.
 */
export class ActRing {
  /**
   * What a walk along an object reads, `stepWords` an act, so that a cache line holds four acts: when, the link and the
   * actor. The offsets are exported for the one loop that walks at speed.
   */
  readonly steps: Uint32Array
  /** The rest of each act, `actWords` each. */
  readonly words: Uint32Array
  /** Live acts by family and level. */
  readonly actsAt = new Float64Array(families * levels)
  /**
   * By family and level, the live acts of actors that are not tied; and by tempo, family and level, how many others stood
   * around them, summed.
   */
  readonly usualActs = new Float64Array(families * levels)
  readonly othersAt = new Float64Array(tempoCount * families * levels)
  /** Actors that have a live act, by field. */
  readonly active = new Float64Array(fields)
  /** The latest live act of each actor, field by field, and on each object of each family. */
  private readonly ofActors = new LatestPlaces()
  private readonly onObjects = new LatestPlaces()
  /** The place of the next act, and how many are live. */
  next = 0
  live = 0
  /** Acts overwritten while they still counted. */
  forgotten = 0
  /** Places that were ever written. */
  private used = 0

  constructor(readonly maxActs: number) {
    if (maxActs > mostPlaces) throw new Error(`a ring holds at most ${mostPlaces} acts, not ${maxActs}`)
    // The system gives the memory when it is first written.
    this.words = new Uint32Array(maxActs * actWords)
    this.steps = new Uint32Array(maxActs * stepWords)
  }

  get byteLength(): number {
    const { words, steps, ofActors, onObjects } = this
    return words.byteLength + steps.byteLength + ofActors.byteLength + onObjects.byteLength
  }

  /** In how many pairs the active actors could be, over all fields. */
  get activePairs(): number {
    let pairs = 0
    for (let field = 0; field < fields; field++)
      if (field !== pairlessField) pairs += this.activePairsIn(field)
    return pairs
  }

  /** In how many pairs the active actors of a field could be. */
  activePairsIn(field: number): number {
    const actors = this.active[field]!
    return (actors * (actors - 1)) / 2
  }

  push(
    family: number,
    actorHigh: number,
    actorLow: number,
    objectHigh: number,
    objectLow: number,
    owner: number,
    level: number,
    timeMs: number,
  ): number {
    if (this.live === this.maxActs) {
      this.forgetOldest()
      this.forgotten++
    }
    if (this.ofActors.isFull || this.onObjects.isFull) this.findLatest()
    const place = this.next
    const { words, steps } = this
    const at = place * actWords
    const step = place * stepWords
    steps[step] = timeMs
    steps[step + objectLinkStep] = Math.floor(timeMs / 2 ** 32) << linkBits
    steps[step + actorHighStep] = actorHigh
    steps[step + actorLowStep] = actorLow
    words[at + objectHighWord] = objectHigh
    words[at + objectLowWord] = objectLow
    words[at + ownerWord] = owner
    words[at + kindWord] = family | (level << levelShift)
    words[at + closeCountsWord] = 0
    words[at + farCountsWord] = 0
    this.linkObject(place, family, objectHigh, objectLow)
    this.linkActor(place, fieldOf[family]!, actorHigh, actorLow)
    this.actsAt[family * levels + level]!++
    this.live++
    this.next = place + 1 === this.maxActs ? 0 : place + 1
    this.used = Math.max(this.used, place + 1)
    return place
  }

  /** The latest act of an actor in a field, or `noPlace`. */
  latestOf(field: number, high: number, low: number): number {
    const { ofActors } = this
    let place = ofActors.first(hashOf(high, low, field))
    while (place !== noPlace && !this.isOfActor(place, field, high, low)) place = ofActors.next()
    return place
  }

  /** The latest act on an object of a family, or `noPlace`. */
  latestOn(family: number, high: number, low: number): number {
    const { onObjects } = this
    let place = onObjects.first(hashOf(high, low, family))
    while (place !== noPlace && !this.isOnObject(place, family, high, low)) place = onObjects.next()
    return place
  }

  private linkObject(place: number, family: number, high: number, low: number): void {
    const before = this.latestOn(family, high, low)
    this.onObjects.put(place)
    if (before === noPlace) return
    this.steps[place * stepWords + objectLinkStep]! |= before + 1
    this.words[before * actWords + kindWord]! |= followedOnObjectFlag
  }

  private linkActor(place: number, field: number, high: number, low: number): void {
    const before = this.latestOf(field, high, low)
    this.ofActors.put(place)
    // Of each actor one live act is the latest: those are counted.
    if (before === noPlace) {
      this.active[field]!++
      return
    }
    this.words[place * actWords + kindWord]! |= (before + 1) << actorLinkShift
    this.words[before * actWords + kindWord]! |= followedFlag
  }

  isLive(place: number): boolean {
    return this.ageOf(place) < this.live
  }

  /** How many acts came after this one. */
  ageOf(place: number): number {
    const age = this.next - 1 - place
    return age < 0 ? age + this.maxActs : age
  }

  /** The act before on the same object, or `noPlace`. */
  previousOnObject(place: number): number {
    return this.follow(place, (this.steps[place * stepWords + objectLinkStep]! & linkMask) - 1)
  }

  /** Links an act to another one before on its object. */
  relink(place: number, before: number): void {
    const at = place * stepWords + objectLinkStep
    this.steps[at] = (this.steps[at]! & ~linkMask) | (before + 1)
  }

  previousOfActor(place: number): number {
    return this.follow(place, (this.words[place * actWords + kindWord]! >>> actorLinkShift) - 1)
  }

  familyAt(place: number): number {
    return this.words[place * actWords + kindWord]! & familyMask
  }

  fieldAt(place: number): number {
    return fieldOf[this.familyAt(place)]!
  }

  levelAt(place: number): number {
    return (this.words[place * actWords + kindWord]! >>> levelShift) & levelMask
  }

  timeAt(place: number): number {
    const at = place * stepWords
    return (this.steps[at + objectLinkStep]! >>> linkBits) * 2 ** 32 + this.steps[at]!
  }

  ownerAt(place: number): number {
    return this.words[place * actWords + ownerWord]!
  }

  actorAt(place: number): Hash64 {
    return { high: this.actorHighAt(place), low: this.actorLowAt(place) }
  }

  actorHighAt(place: number): number {
    return this.steps[place * stepWords + actorHighStep]!
  }

  actorLowAt(place: number): number {
    return this.steps[place * stepWords + actorLowStep]!
  }

  objectAt(place: number): Hash64 {
    const at = place * actWords
    return { high: this.words[at + objectHighWord]!, low: this.words[at + objectLowWord]! }
  }

  actAt(place: number): Act {
    return {
      family: this.familyAt(place),
      object: this.objectAt(place),
      owner: this.ownerAt(place),
      timeMs: this.timeAt(place),
    }
  }

  isOfActor(place: number, field: number, high: number, low: number): boolean {
    const isActor = isSameHash(this.actorHighAt(place), this.actorLowAt(place), high, low)
    return isActor && this.fieldAt(place) === field
  }

  private isOnObject(place: number, family: number, high: number, low: number): boolean {
    const at = place * actWords
    const { words } = this
    const isObject = isSameHash(words[at + objectHighWord]!, words[at + objectLowWord]!, high, low)
    return isObject && (words[at + kindWord]! & familyMask) === family
  }

  private actorHashAt(place: number): number {
    return hashOf(this.actorHighAt(place), this.actorLowAt(place), this.fieldAt(place))
  }

  private objectHashAt(place: number): number {
    const at = place * actWords
    return hashOf(this.words[at + objectHighWord]!, this.words[at + objectLowWord]!, this.familyAt(place))
  }

  forgetBefore(timeMs: number): void {
    while (this.live > 0 && this.timeAt(this.oldest()) < timeMs) this.forgetOldest()
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.words`, this.words.subarray(0, this.used * actWords))
    out.array(`${name}.steps`, this.steps.subarray(0, this.used * stepWords))
    out.array(`${name}.actsAt`, this.actsAt)
    out.array(`${name}.othersAt`, this.othersAt)
    out.array(`${name}.usualActs`, this.usualActs)
    out.array(`${name}.active`, this.active)
    const { next, live, forgotten } = this
    out.value(`${name}.counts`, { next, live, forgotten })
  }

  load(from: SnapshotReader, name: string): void {
    const words = from.uint32(`${name}.words`)
    this.words.set(words)
    this.steps.set(from.uint32(`${name}.steps`))
    this.used = words.length / actWords
    this.actsAt.set(from.float64(`${name}.actsAt`))
    this.othersAt.set(from.float64(`${name}.othersAt`))
    this.usualActs.set(from.float64(`${name}.usualActs`))
    this.active.set(from.float64(`${name}.active`))
    Object.assign(this, from.value<Record<'next' | 'live' | 'forgotten', number>>(`${name}.counts`))
    this.findLatest()
  }

  /** Notes how many others stood within each tempo when the newest act came: a minute, ten, an hour, a day. */
  setOthers(place: number, minute: number, tenMinutes: number, hour: number, day: number): void {
    this.words[place * actWords + closeCountsWord] = minute | (tenMinutes << 16)
    this.words[place * actWords + farCountsWord] = hour | (day << 16)
    const before = this.previousOfActor(place)
    if (before !== noPlace && this.isLeftOut(before)) this.words[place * actWords + kindWord]! |= leftOutFlag
    this.countUsual(place, 1)
  }

  /** Leaves the acts of an actor, of which this is the latest, out of what is usual: it is tied. */
  leaveOut(latest: number): void {
    for (let place = latest; place !== noPlace; place = this.previousOfActor(place)) {
      const at = place * actWords + kindWord
      if ((this.words[at]! & leftOutFlag) !== 0) return
      this.countUsual(place, -1)
      this.words[at]! |= leftOutFlag
    }
  }

  /** Whether the acts of an act's actor are left out. */
  isLeftOut(place: number): boolean {
    return (this.words[place * actWords + kindWord]! & leftOutFlag) !== 0
  }

  /** Counts a few others of each act at most, so that the loudest do not make themselves what is usual. */
  private countUsual(place: number, sign: number): void {
    if (this.isLeftOut(place)) return
    const close = this.words[place * actWords + closeCountsWord]!
    const far = this.words[place * actWords + farCountsWord]!
    const at = this.familyAt(place) * levels + this.levelAt(place)
    const { othersAt } = this
    this.usualActs[at]! += sign
    othersAt[at]! += sign * Math.min(mostUsual, close & 0xffff)
    othersAt[at + families * levels]! += sign * Math.min(mostUsual, close >>> 16)
    othersAt[at + 2 * families * levels]! += sign * Math.min(mostUsual, far & 0xffff)
    othersAt[at + 3 * families * levels]! += sign * Math.min(mostUsual, far >>> 16)
  }

  private follow(place: number, before: number): number {
    if (before < 0) return noPlace
    const age = this.ageOf(before)
    return age < this.live && age > this.ageOf(place) ? before : noPlace
  }

  /** Puts the latest act of each actor and on each object into tables that have room, from the oldest on as they lie in memory. */
  private findLatest(): void {
    const { ofActors, onObjects } = this
    ofActors.clear()
    onObjects.clear()
    let place = this.oldest()
    for (let act = 0; act < this.live; act++, place = place + 1 === this.maxActs ? 0 : place + 1) {
      // A table that comes from a snapshot may have to grow more than once.
      if (ofActors.isFull || onObjects.isFull) {
        this.findLatest()
        return
      }
      const kind = this.words[place * actWords + kindWord]!
      if ((kind & followedFlag) === 0) ofActors.putFirst(this.actorHashAt(place), place)
      if ((kind & followedOnObjectFlag) === 0) onObjects.putFirst(this.objectHashAt(place), place)
    }
  }

  private oldest(): number {
    const place = this.next - this.live
    return place < 0 ? place + this.maxActs : place
  }

  private forgetOldest(): void {
    const place = this.oldest()
    const family = this.familyAt(place)
    this.actsAt[family * levels + this.levelAt(place)]!--
    this.countUsual(place, -1)
    const kind = this.words[place * actWords + kindWord]!
    if ((kind & followedFlag) === 0) {
      this.active[fieldOf[family]!]!--
      this.ofActors.remove(this.actorHashAt(place), place)
    }
    if ((kind & followedOnObjectFlag) === 0) this.onObjects.remove(this.objectHashAt(place), place)
    this.live--
  }
}

/** How close two acts are: from a script's minute to a day, within which every delay hides. */
export const temposMs = [60_000, 600_000, 3_600_000, 86_400_000] as const
export const tempoCount = temposMs.length

export const noPlace = -1
export const families = 9
/**
 * Families in one field are one history of an actor: who is hired subscribes here and comments there. What is expected
 * is still counted family by family. By the code of a family.
 */
export const fieldOf = Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4, 5)
export const fields = 6
/** The field whose acts are remembered by object and make no pairs. */
export const pairlessField = 5
export const levels = highestLevel + 1

export const stepWords = 4
/** The first word has the low half of the time; the rest of it stands before the link. Links are places plus one, 0 for none. */
export const objectLinkStep = 1
export const actorHighStep = 2
const actorLowStep = 3
const linkBits = 21
const linkMask = (1 << linkBits) - 1

const objectHighWord = 0
const objectLowWord = 1
const ownerWord = 2
/** Family, level, whether there is a later act of the actor or on the object, and the link to the actor's act before. */
const kindWord = 3
/** How many others stood within each tempo when the act came, 16 bits each: minute and ten minutes, hour and day. */
export const closeCountsWord = 4
export const farCountsWord = 5
export const actWords = 6

const familyMask = 15
const levelShift = 4
const levelMask = 15
const followedFlag = 1 << 8
/** Others of one act that count towards what is usual: Winsor's mean. */
const mostUsual = 2
/** Whether the act is left out of what is usual, since its actor is tied. */
const leftOutFlag = 1 << 9
const followedOnObjectFlag = 1 << 10
const actorLinkShift = 11

/** Keeps the objects of each family apart, and the actors of each field. */
function hashOf(high: number, low: number, kind: number): number {
  return mix32(high ^ Math.imul(kind + 1, 0x9e3779b1), low)
}
