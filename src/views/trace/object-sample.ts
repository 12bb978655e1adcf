import { mix32 } from '../../model/hash'
import { Generations } from '../../state/generations'
import { NarrowGenerations } from '../../state/narrow-generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

export interface ObjectSampleOptions {
  /** About how many actors of an object are kept in a span, by family code. */
  readonly keptPerObject: readonly number[]
  /** How long an object is counted, and an (actor, object) counts as a repeat; both last up to twice as long. */
  readonly spanMs: number
  /** Most objects, and most (actor, object)s, of one generation. */
  readonly maxObjects: number
  readonly maxKept: number
}

export const objectSampleDefaults: ObjectSampleOptions = {
  // Twice as many cost twice the work for an act, and show crews of half the share of an audience. Clicks are many.
  keptPerObject: [64, 32, 64, 64, 64, 64, 64, 64, 64],
  spanMs: 86_400_000,
  maxObjects: 500_000,
  maxKept: 1_400_000,
}

/**
 * Chooses which acts on an object are worth comparing: all of them while it is rare, of a popular one only those of
 * actors whose hash lies under a threshold that falls as the object grows. The hash is the actor's own, so the same
 * actors are kept on every popular object, and two who act together are kept or dropped together.
 *
 * ```
 *  others before    0 … K-1 | … 2K-1 | … 4K-1  | …
 *  level            0       | 1      | 2       | …
 *  actors kept      all     | half   | quarter | …
 * ```
 *
 * An object of n actors in a span keeps about K (1 + log2(n / K) / 2) of them. It is counted by the actors that are kept,
 * so a repeat never raises a level, and its count halves with every span that passes. A dropped act costs one look into a
 * table. The answer depends on the acts so far and on nothing else.
 *
 * Source: adaptive sampling, Wegman; Flajolet, "On adaptive sampling" (1990). Coordination of samples by one hash:
 * Cohen and Kaplan, "Summarizing data using bottom-k sketches" (2007).
 */
export class ObjectSample {
  /** How many other actors the object of the last kept act had seen within a day or two, about; the level follows. */
  others = 0
  /** Acts that were kept, left out because of their actor's hash, and left out as repeats. */
  kept = 0
  thinned = 0
  repeated = 0
  private readonly objects: Generations
  /** An act is taken for a repeat of another, with a million remembered, once in 35 million. */
  private readonly seen: NarrowGenerations
  private readonly options: ObjectSampleOptions

  constructor(options: Partial<ObjectSampleOptions> = {}) {
    this.options = { ...objectSampleDefaults, ...options }
    const { spanMs, maxObjects, maxKept } = this.options
    this.objects = new Generations({ stride: objectWords, spanMs, cap: maxObjects })
    this.seen = new NarrowGenerations({ payload: 0, spanMs, cap: maxKept, keyBits: 45 })
  }

  get byteLength(): number {
    return this.objects.byteLength + this.seen.byteLength
  }

  /** Objects and kept acts that were forgotten before their time; such an object begins again at level 0. */
  get evicted(): number {
    return this.objects.evicted + this.seen.evicted
  }

  /** Lets event time pass. */
  advance(nowMs: number): void {
    this.objects.advance(nowMs)
    this.seen.advance(nowMs)
  }

  /** Whether this act goes on. Object and actor are 64-bit hashes in halves. */
  keeps(
    family: number,
    objectHigh: number,
    objectLow: number,
    actorHigh: number,
    actorLow: number,
    timeMs: number,
  ): boolean {
    const low = objectLow ^ familySalts[family]!
    const at = this.objects.touch(objectHigh, low)
    const { words } = this.objects.young
    const span = Math.floor(timeMs / this.options.spanMs) >>> 0
    if (words[at + spanWord] !== span) {
      const passed = Math.min(31, (span - words[at + spanWord]!) >>> 0)
      words[at + actorsWord]! >>>= passed
      words[at + spanWord] = span
    }
    const others = words[at + actorsWord]!
    const level = levelOf(others, this.options.keptPerObject[family]!)
    if (!isSampled(actorHigh, level)) {
      this.thinned++
      return false
    }
    this.seen.touch(mix32(objectHigh ^ actorLow, low), mix32(low ^ actorHigh, objectHigh + actorLow))
    if (!this.seen.isNew) {
      this.repeated++
      return false
    }
    words[at + actorsWord]! += 2 ** level
    this.kept++
    this.others = others
    return true
  }

  save(out: SnapshotWriter, name: string): void {
    this.objects.save(out, `${name}.objects`)
    this.seen.save(out, `${name}.seen`)
    const { kept, thinned, repeated } = this
    out.value(`${name}.counts`, { kept, thinned, repeated })
  }

  load(from: SnapshotReader, name: string): void {
    this.objects.load(from, `${name}.objects`)
    this.seen.load(from, `${name}.seen`)
    Object.assign(this, from.value<Record<'kept' | 'thinned' | 'repeated', number>>(`${name}.counts`))
  }
}

/**
 * At which level an object with so many other actors before is sampled when `kept` of them are wanted: an act that is
 * kept at a level stands for 2^level.
 */
export function levelOf(others: number, kept: number): number {
  return others < kept ? 0 : Math.min(highestLevel, 32 - Math.clz32(others / kept))
}

/** Whether an actor is among the one in 2^level that are kept at a level; whoever is, is at every lower level too. */
export function isSampled(actorHigh: number, level: number): boolean {
  return level === 0 || mix32(actorHigh, sampleSalt) >>> (32 - level) === 0
}

/** One in 32,768 of an object's actors. */
export const highestLevel = 15

/** One record for an object of each family. */
const familySalts = Uint32Array.from({ length: 9 }, (_, family) => Math.imul(family + 1, 0x9e3779b1))
/** Makes the choice of actors one of its own, apart from the places in tables. */
const sampleSalt = 0x5a17

/** The span that is counted in, and the actors; after the two words of the key. */
const spanWord = 2
const actorsWord = 3
const objectWords = 4
