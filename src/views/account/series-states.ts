import type { Counts } from '../../model/finding'
import { traitCount } from '../../model/traits'
import { widened } from '../../state/memory'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { Baseline, baselineLength } from '../../windows/baseline'
import { negativeBinomialUpperTail } from '../../windows/tails'

/** Why a series is under suspicion, and which of its hours the decide view has been told. */
interface Suspicion {
  /** The trait that best tells its made events from its honest ones. */
  trait: number | undefined
  fromHour: number
  untilMs: number
  /** Hours that the decide view was told of, and how many events it was told are disputed, of how many. */
  told: [hour: number, disputed: number, raw: number][]
}

/**
 * What is remembered of each series beyond its panes: its baseline, its own mix of traits, the count at which it was
 * judged last, and whether it is under suspicion. Grows as series appear.
 */
export class SeriesStates {
  private readonly baseline = new Baseline({ slotMs: hourMs })
  private capacity = 1024
  private baselines = new Float32Array(this.capacity * baselineLength)
  /** Events that taught the mix, and how many of them carried each trait; fading. */
  private mixes = new Float32Array(this.capacity * mixSize)
  /** The count of the burst window at the last judgement. */
  private judged = new Uint32Array(this.capacity)
  private learnedHour = new Uint32Array(this.capacity)
  private readonly suspicions = new Map<number, Suspicion>()
  /** Of series whose suspicion was wrong, the hour that was open then, and how many events it was told to have. */
  private readonly givenBack = new Map<number, { readonly hour: number; raw: number }>()

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
    const at = series * baselineLength
    if (this.learnedHour[series] === 0) return { observed: count, expected: 0, pValue: 1 }
    const spanMs = window.end - window.start
    if (spanMs <= hourMs) {
      const slot = { count, timeMs: window.start, spanMs }
      return {
        observed: count,
        expected: this.baseline.expected(this.baselines, at, window.start, spanMs),
        pValue: this.baseline.upperTail(this.baselines, at, slot),
      }
    }
    let expected = 0
    for (let timeMs = window.start; timeMs < window.end; timeMs += hourMs) {
      expected += this.baseline.expected(this.baselines, at, timeMs)
    }
    const size = 1 / this.baseline.dispersion(this.baselines, at)
    return {
      observed: count,
      expected,
      pValue: negativeBinomialUpperTail(count, { mean: Math.max(0.01, expected), size }),
    }
  }

  /** The number of events that an honest hour is expected to have, and its variance; undefined while unknown. */
  expectedHour(series: number, hour: number): { mean: number; variance: number } | undefined {
    this.reach(series)
    if (this.learnedHour[series] === 0) return undefined
    const at = series * baselineLength
    const mean = this.baseline.expected(this.baselines, at, hour * hourMs)
    return { mean, variance: mean + this.baseline.dispersion(this.baselines, at) * mean ** 2 }
  }

  ownMix(series: number, trait: number): { carrying: number; count: number } {
    if (series >= this.capacity) return { carrying: 0, count: 0 }
    const at = series * mixSize
    return { carrying: this.mixes[at + 1 + trait]!, count: this.mixes[at]! }
  }

  /** Teaches the baseline the count of a closed hour, and the empty hours before it. */
  learnCount(
    series: number,
    { count, hour, isSuspect }: { count: number; hour: number; isSuspect: boolean },
  ): void {
    this.reach(series)
    const at = series * baselineLength
    const last = this.learnedHour[series]!
    if (last === 0) this.baseline.clear(this.baselines, at)
    // Longer silence says no more about the level than two days of it.
    const from = last === 0 ? hour : Math.max(last + 1, hour - 48)
    for (let empty = from; empty < hour; empty++) {
      this.baseline.learn(this.baselines, at, { count: 0, timeMs: empty * hourMs })
    }
    if (!isSuspect) this.baseline.learn(this.baselines, at, { count, timeMs: hour * hourMs })
    this.learnedHour[series] = hour
  }

  /** Teaches the series' own mix one trait of a closed hour; trait 0 comes first and counts the events. */
  learnMix(series: number, trait: number, { carrying, count }: { carrying: number; count: number }): void {
    const at = series * mixSize
    if (trait === 0) this.mixes[at] = this.mixes[at]! * mixFading + count
    this.mixes[at + 1 + trait] = this.mixes[at + 1 + trait]! * mixFading + carrying
  }

  suspect(series: number, { trait, fromHour, untilMs }: Omit<Suspicion, 'told'>): void {
    const known = this.suspicions.get(series)
    if (known === undefined) {
      this.suspicions.set(series, { trait, fromHour, untilMs, told: [] })
      return
    }
    known.trait = trait ?? known.trait
    known.fromHour = Math.min(known.fromHour, fromHour)
    known.untilMs = Math.max(known.untilMs, untilMs)
  }

  /** Ends a suspicion that was wrong. What was told of the hour that is open still grows, and has to be told. */
  clear(series: number, openHour: number): void {
    const told = this.suspicions.get(series)?.told.find(([hour]) => hour === openHour)
    if (told !== undefined) this.givenBack.set(series, { hour: openHour, raw: told[2] })
    this.suspicions.delete(series)
  }

  /** The series whose numbers were given back while an hour was open. */
  givenBackIn(hour: number): number[] {
    return [...this.givenBack].flatMap(([series, given]) => (given.hour === hour ? [series] : []))
  }

  /** Whether the hour of such a series has more events than it was told to have; notes how many. */
  hasMore(series: number, raw: number): boolean {
    const given = this.givenBack.get(series)!
    if (given.raw === raw) return false
    given.raw = raw
    return true
  }

  /** An hour is closed: what it has is all that it will have. */
  forgetGivenBack(hour: number): void {
    for (const [series, given] of this.givenBack) if (given.hour <= hour) this.givenBack.delete(series)
  }

  isSuspected(series: number, timeMs: number): boolean {
    const known = this.suspicions.get(series)
    return known !== undefined && known.untilMs > timeMs
  }

  suspectedAt(timeMs: number): number[] {
    return [...this.suspicions.keys()].filter((series) => this.isSuspected(series, timeMs))
  }

  tellingTrait(series: number): number | undefined {
    return this.suspicions.get(series)?.trait
  }

  /**
   * The hours up to a closed one that the suspicions are about, with their series. What is known of an hour grows while
   * the suspicion lasts, so that every hour comes up again until it has left the panes.
   */
  hoursDue(hour: number, hoursKept: number): Map<number, Set<number>> {
    const due = new Map<number, Set<number>>()
    for (const [series, suspicion] of this.suspicions) {
      const oldest = Math.max(suspicion.fromHour, hour - hoursKept + 1)
      suspicion.told = suspicion.told.filter(([told]) => told >= oldest)
      for (let one = oldest; one <= hour; one++) due.set(one, (due.get(one) ?? new Set()).add(series))
      if (suspicion.untilMs <= hour * hourMs) this.suspicions.delete(series)
    }
    return due
  }

  /**
   * Whether the decide view must be told of an hour: it is in dispute, and events have come or turned out to be made since
   * it was told last. An attack may be over before its hour is, which then gets its honest rest.
   */
  isNews(series: number, hour: number, { disputed, raw }: Pick<Counts, 'disputed' | 'raw'>): boolean {
    const told = this.suspicions.get(series)?.told
    const known = told?.find(([one]) => one === hour)
    if (known === undefined) {
      if (disputed > 0) told?.push([hour, disputed, raw])
      return disputed > 0
    }
    if (raw === known[2] && Math.abs(disputed - known[1]) <= 0.02 * known[1]) return false
    known[1] = disputed
    known[2] = raw
    return true
  }

  save(out: SnapshotWriter): void {
    out.array('series.baselines', this.baselines)
    out.array('series.mixes', this.mixes)
    out.array('series.judged', this.judged)
    out.array('series.learnedHour', this.learnedHour)
    out.value('series.suspicions', [...this.suspicions])
    out.value('series.givenBack', [...this.givenBack])
  }

  load(from: SnapshotReader): void {
    this.baselines = from.float32('series.baselines') as Float32Array<ArrayBuffer>
    this.mixes = from.float32('series.mixes') as Float32Array<ArrayBuffer>
    this.judged = from.uint32('series.judged')
    this.learnedHour = from.uint32('series.learnedHour')
    this.capacity = this.judged.length
    for (const [series, known] of from.value<[number, Suspicion][]>('series.suspicions')) {
      this.suspicions.set(series, known)
    }
    for (const [series, given] of from.value<[number, { hour: number; raw: number }][]>('series.givenBack')) {
      this.givenBack.set(series, given)
    }
  }

  private reach(series: number): void {
    if (series < this.capacity) return
    this.capacity = Math.max(series + 1, Math.ceil(this.capacity * 1.25))
    this.baselines = widened(this.baselines, this.capacity * baselineLength)
    this.mixes = widened(this.mixes, this.capacity * mixSize)
    this.judged = widened(this.judged, this.capacity)
    this.learnedHour = widened(this.learnedHour, this.capacity)
  }
}

const hourMs = 3_600_000
const mixSize = traitCount + 1
/** An account's own mix fades by half in about a day of its active hours. */
const mixFading = 0.97
