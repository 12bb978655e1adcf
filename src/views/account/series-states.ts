import { traitCount } from '../../model/traits'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { baselineSize, learnSlot, newBaseline, surpriseOf } from './baselines'

/** Why a series is under suspicion, and which of its hours the decide view has been told. */
interface Suspicion {
  /** The traits that tell its made events from its honest ones. */
  traits: number[]
  fromHour: number
  untilMs: number
  told: number[]
}

/**
 * What is remembered of each series beyond its panes: its baseline, its own mix of traits, the count at which it was
 * judged last, and whether it is under suspicion. Grows as series appear.
 */
export class SeriesStates {
  private capacity = 1024
  private baselines = new Float32Array(this.capacity * baselineSize)
  /** Events that taught the mix, and how many of them carried each trait; fading. */
  private mixes = new Float32Array(this.capacity * mixSize)
  /** The count of the burst window at the last judgement. */
  private judged = new Uint32Array(this.capacity)
  private learnedHour = new Uint32Array(this.capacity)
  private readonly suspicions = new Map<number, Suspicion>()

  get byteLength(): number {
    return (
      this.baselines.byteLength + this.mixes.byteLength + this.judged.byteLength + this.learnedHour.byteLength
    )
  }

  /** Whether a burst window has grown by a quarter since it was judged last; notes the count when it has. */
  hasGrown(series: number, count: number, least: number): boolean {
    this.reach(series)
    const before = this.judged[series]!
    if (count < before / 2) this.judged[series] = 0
    if (count < least || count < this.judged[series]! * 1.25) return false
    this.judged[series] = count
    return true
  }

  /** How unusual a count is in a window, against the series' own baseline. */
  surprise(
    series: number,
    count: number,
    window: { start: number; end: number },
  ): { observed: number; expected: number; pValue: number } {
    this.reach(series)
    return surpriseOf(this.baselines, series * baselineSize, { count, window })
  }

  ownMix(series: number, trait: number): { carrying: number; count: number } {
    if (series >= this.capacity) return { carrying: 0, count: 0 }
    const at = series * mixSize
    return { carrying: this.mixes[at + 1 + trait]!, count: this.mixes[at]! }
  }

  /** Teaches the baseline the count of a closed hour, and the empty hours before it. */
  learnCount(series: number, { count, hour, isSuspect }: { count: number; hour: number; isSuspect: boolean }): void {
    this.reach(series)
    const at = series * baselineSize
    const last = this.learnedHour[series]!
    if (last === 0) newBaseline(this.baselines, at)
    // Longer silence says no more about the level than two days of it.
    const from = last === 0 ? hour : Math.max(last + 1, hour - 48)
    for (let empty = from; empty < hour; empty++) learnSlot(this.baselines, at, { count: 0, hour: empty })
    if (!isSuspect) learnSlot(this.baselines, at, { count, hour })
    this.learnedHour[series] = hour
  }

  /** Teaches the series' own mix one trait of a closed hour; trait 0 comes first and counts the events. */
  learnMix(series: number, trait: number, { carrying, count }: { carrying: number; count: number }): void {
    const at = series * mixSize
    if (trait === 0) this.mixes[at] = this.mixes[at]! * mixFading + count
    this.mixes[at + 1 + trait] = this.mixes[at + 1 + trait]! * mixFading + carrying
  }

  suspect(series: number, { traits, fromHour, untilMs }: Omit<Suspicion, 'told'>): void {
    const known = this.suspicions.get(series)
    if (known === undefined) {
      this.suspicions.set(series, { traits, fromHour, untilMs, told: [] })
      return
    }
    known.traits = [...new Set([...known.traits, ...traits])].sort((a, b) => a - b)
    known.fromHour = Math.min(known.fromHour, fromHour)
    known.untilMs = Math.max(known.untilMs, untilMs)
  }

  isSuspected(series: number, timeMs: number): boolean {
    const known = this.suspicions.get(series)
    return known !== undefined && known.untilMs > timeMs
  }

  tellingTraits(series: number): readonly number[] {
    return this.suspicions.get(series)?.traits ?? []
  }

  /** The hours up to a closed one of which the decide view must be told, with the series; they count as told then. */
  hoursDue(hour: number, hoursKept: number): Map<number, Set<number>> {
    const due = new Map<number, Set<number>>()
    for (const [series, suspicion] of this.suspicions) {
      const oldest = hour - hoursKept + 1
      suspicion.told = suspicion.told.filter((told) => told >= oldest)
      for (let one = Math.max(suspicion.fromHour, oldest); one <= hour; one++) {
        if (suspicion.told.includes(one)) continue
        suspicion.told.push(one)
        const list = due.get(one) ?? new Set()
        due.set(one, list.add(series))
      }
      if (suspicion.untilMs <= hour * hourMs) this.suspicions.delete(series)
    }
    return due
  }

  save(out: SnapshotWriter): void {
    out.array('series.baselines', this.baselines)
    out.array('series.mixes', this.mixes)
    out.array('series.judged', this.judged)
    out.array('series.learnedHour', this.learnedHour)
    out.value('series.suspicions', [...this.suspicions])
  }

  load(from: SnapshotReader): void {
    this.baselines = from.float32('series.baselines') as Float32Array<ArrayBuffer>
    this.mixes = from.float32('series.mixes') as Float32Array<ArrayBuffer>
    this.judged = from.uint32('series.judged') as Uint32Array<ArrayBuffer>
    this.learnedHour = from.uint32('series.learnedHour') as Uint32Array<ArrayBuffer>
    this.capacity = this.judged.length
    for (const [series, known] of from.value<[number, Suspicion][]>('series.suspicions')) {
      this.suspicions.set(series, known)
    }
  }

  private reach(series: number): void {
    while (series >= this.capacity) {
      this.capacity *= 2
      this.baselines = widened(this.baselines)
      this.mixes = widened(this.mixes)
      const judged = new Uint32Array(this.capacity)
      judged.set(this.judged)
      this.judged = judged
      const learnedHour = new Uint32Array(this.capacity)
      learnedHour.set(this.learnedHour)
      this.learnedHour = learnedHour
    }
  }
}

function widened(array: Float32Array): Float32Array<ArrayBuffer> {
  const wider = new Float32Array(array.length * 2)
  wider.set(array)
  return wider
}

const hourMs = 3_600_000
const mixSize = traitCount + 1
/** An account's own mix fades by half in about a day of its active hours. */
const mixFading = 0.97
