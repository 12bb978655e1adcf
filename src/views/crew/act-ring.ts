import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { highestLevel } from '../trace/object-sample'
import type { Act, Hash64 } from './joint-actions'

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
   * first half of the actor. `stepTimes` is the same memory as numbers of 64 bits. The offsets are exported for the one
   * loop that walks at speed.
   */
  readonly steps: Uint32Array
  readonly stepTimes: Float64Array
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
  /** The place of the next act, and how many are live. */
  next = 0
  live = 0
  /** Acts overwritten while they still counted. */
  forgotten = 0
  /** Places that were ever written. */
  private used = 0

  constructor(readonly maxActs: number) {
    // The system gives the memory when it is first written.
    this.words = new Uint32Array(maxActs * actWords)
    this.steps = new Uint32Array(maxActs * stepWords)
    this.stepTimes = new Float64Array(this.steps.buffer)
  }

  get byteLength(): number {
    return this.words.byteLength + this.steps.byteLength
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
    const place = this.next
    const { words } = this
    const at = place * actWords
    this.stepTimes[place * stepTimesWords] = timeMs
    this.steps[place * stepWords + actorHighStep] = actorHigh
    words[at + actorLowWord] = actorLow
    words[at + objectHighWord] = objectHigh
    words[at + objectLowWord] = objectLow
    words[at + ownerWord] = owner
    words[at + kindWord] = family | (level << levelShift)
    words[at + closeCountsWord] = 0
    words[at + farCountsWord] = 0
    this.actsAt[family * levels + level]!++
    this.live++
    this.next = place + 1 === this.maxActs ? 0 : place + 1
    this.used = Math.max(this.used, place + 1)
    return place
  }

  /** Links the newest act to an older one on its object, if `before` is one. */
  linkObject(place: number, before: number): void {
    const { words } = this
    const at = place * actWords
    const from = before * actWords
    const isLink =
      this.isEarlier(before, place) &&
      words[from + objectHighWord] === words[at + objectHighWord] &&
      words[from + objectLowWord] === words[at + objectLowWord] &&
      this.familyAt(before) === this.familyAt(place)
    this.steps[place * stepWords + objectLinkStep] = isLink ? before + 1 : 0
  }

  /** Links the newest act to an older one of its actor, if `before` is one. */
  linkActor(place: number, before: number): void {
    const { words } = this
    const at = place * actWords
    const from = before * actWords
    const isLink =
      this.isEarlier(before, place) &&
      this.actorHighAt(before) === this.actorHighAt(place) &&
      words[from + actorLowWord] === words[at + actorLowWord] &&
      this.fieldAt(before) === this.fieldAt(place)
    words[at + actorLinkWord] = isLink ? before + 1 : 0
    // Of each actor one live act is the latest: those are counted.
    if (isLink) words[from + kindWord]! |= followedFlag
    else this.active[this.fieldAt(place)]!++
  }

  /** Whether `before` is the place of an act that is remembered, and not the newest one's own. */
  private isEarlier(before: number, place: number): boolean {
    return before >= 0 && before !== place && this.isLive(before)
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
    return this.follow(place, this.steps[place * stepWords + objectLinkStep]! - 1)
  }

  previousOfActor(place: number): number {
    return this.follow(place, this.words[place * actWords + actorLinkWord]! - 1)
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
    return this.stepTimes[place * stepTimesWords]!
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
    return this.words[place * actWords + actorLowWord]!
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
    return this.actorHighAt(place) === high && this.actorLowAt(place) === low && this.fieldAt(place) === field
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

  private oldest(): number {
    const place = this.next - this.live
    return place < 0 ? place + this.maxActs : place
  }

  private forgetOldest(): void {
    const place = this.oldest()
    const family = this.familyAt(place)
    this.actsAt[family * levels + this.levelAt(place)]!--
    this.countUsual(place, -1)
    if ((this.words[place * actWords + kindWord]! & followedFlag) === 0) this.active[fieldOf[family]!]!--
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
export const stepTimesWords = 2
/** After the two words of the time. Links are places plus one, 0 for none. */
export const objectLinkStep = 2
export const actorHighStep = 3

const actorLowWord = 0
const objectHighWord = 1
const objectLowWord = 2
const ownerWord = 3
/** Family, level, and whether the actor has a later act. */
const kindWord = 4
const actorLinkWord = 5
/** How many others stood within each tempo when the act came, 16 bits each: minute and ten minutes, hour and day. */
export const closeCountsWord = 6
export const farCountsWord = 7
export const actWords = 8

const familyMask = 15
const levelShift = 4
const levelMask = 15
const followedFlag = 1 << 8
/** Others of one act that count towards what is usual: Winsor's mean. */
const mostUsual = 2
/** Whether the act is left out of what is usual, since its actor is tied. */
const leftOutFlag = 1 << 9
