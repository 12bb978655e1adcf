import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/** A frequent key: it was seen at least `count - overCount` and at most `count` times. */
export interface HeavyHitter {
  readonly key: number
  readonly count: number
  readonly overCount: number
}

/**
 * The most frequent keys of a stream in fixed memory. Every key that makes up more than 1/capacity of the total is among
 * them, and no count is too high by more than total / capacity. Exact while there are no more keys than capacity; beyond
 * that the counts depend on the order of the stream, which the over-count of each tells. The same stream gives the same
 * keys: of equal counts the smaller key gives way. Of merged streams the bounds are those that the numbers themselves
 * state: `overCount` of a key that is kept, `maxOverCount` of one that is not.
 *
 * Source: Metwally, Agrawal and El Abbadi, "Efficient computation of frequent and top-k elements in data streams" (2005);
 * merging as in Agarwal et al., "Mergeable summaries" (2012).
 */
export class HeavyHitters {
  /** A heap by count, the least on top. */
  private readonly keys: Float64Array
  private readonly counts: Float64Array
  private readonly overCounts: Float64Array
  private readonly places = new Map<number, number>()
  private held = 0
  private sum = 0

  constructor(readonly options: { readonly capacity: number }) {
    this.keys = new Float64Array(options.capacity)
    this.counts = new Float64Array(options.capacity)
    this.overCounts = new Float64Array(options.capacity)
  }

  /** All that was added, over all keys. */
  get total(): number {
    return this.sum
  }

  /** How often a key that is not kept may have been seen. */
  get maxOverCount(): number {
    return this.held < this.options.capacity ? 0 : this.counts[0]!
  }

  /** Sees a key, a whole number that is safe to count with, one time or more. */
  add(key: number, count = 1): void {
    if (!(count > 0)) return
    this.sum += count
    const place = this.places.get(key)
    if (place !== undefined) {
      this.counts[place]! += count
      this.sink(place)
      return
    }
    if (this.held < this.options.capacity) {
      this.put(this.held, key, count, 0)
      this.rise(this.held++)
      return
    }
    // The newcomer takes over the least count, since it may have been seen that often before.
    const least = this.counts[0]!
    this.places.delete(this.keys[0]!)
    this.put(0, key, least + count, least)
    this.sink(0)
  }

  /** The most frequent first; of equal counts the smaller key. */
  top(limit = this.options.capacity): HeavyHitter[] {
    const all: HeavyHitter[] = []
    for (let place = 0; place < this.held; place++) {
      all.push({ key: this.keys[place]!, count: this.counts[place]!, overCount: this.overCounts[place]! })
    }
    return all.sort(byCount).slice(0, limit)
  }

  /** Adds what another has seen; the bounds hold for both streams together. */
  merge(other: HeavyHitters): void {
    const mine = new Map(this.top().map((hitter) => [hitter.key, hitter]))
    const theirs = new Map(other.top().map((hitter) => [hitter.key, hitter]))
    const both: HeavyHitter[] = []
    for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
      const here = mine.get(key) ?? { count: this.maxOverCount, overCount: this.maxOverCount }
      const there = theirs.get(key) ?? { count: other.maxOverCount, overCount: other.maxOverCount }
      both.push({ key, count: here.count + there.count, overCount: here.overCount + there.overCount })
    }
    this.sum += other.sum
    this.fill(both.sort(byCount).slice(0, this.options.capacity))
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.keys`, this.keys.subarray(0, this.held))
    out.array(`${name}.counts`, this.counts.subarray(0, this.held))
    out.array(`${name}.overCounts`, this.overCounts.subarray(0, this.held))
    out.value(`${name}.total`, this.sum)
  }

  load(from: SnapshotReader, name: string): void {
    const counts = from.float64(`${name}.counts`)
    const overCounts = from.float64(`${name}.overCounts`)
    const hitters = [...from.float64(`${name}.keys`)].map((key, place) => {
      return { key, count: counts[place]!, overCount: overCounts[place]! }
    })
    this.sum = from.number(`${name}.total`)
    this.fill(hitters)
  }

  private fill(hitters: readonly HeavyHitter[]): void {
    this.places.clear()
    this.held = 0
    for (const { key, count, overCount } of hitters) {
      this.put(this.held, key, count, overCount)
      this.rise(this.held++)
    }
  }

  private put(place: number, key: number, count: number, overCount: number): void {
    this.keys[place] = key
    this.counts[place] = count
    this.overCounts[place] = overCount
    this.places.set(key, place)
  }

  private rise(from: number): void {
    for (let place = from; place > 0;) {
      const parent = (place - 1) >> 1
      if (!this.isLess(place, parent)) return
      this.swap(place, parent)
      place = parent
    }
  }

  private sink(from: number): void {
    for (let place = from; ;) {
      let least = place
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < this.held && this.isLess(child, least)) least = child
      }
      if (least === place) return
      this.swap(place, least)
      place = least
    }
  }

  private isLess(a: number, b: number): boolean {
    return (
      this.counts[a]! < this.counts[b]! ||
      (this.counts[a] === this.counts[b] && this.keys[a]! < this.keys[b]!)
    )
  }

  private swap(a: number, b: number): void {
    const key = this.keys[a]!
    const count = this.counts[a]!
    const overCount = this.overCounts[a]!
    this.put(a, this.keys[b]!, this.counts[b]!, this.overCounts[b]!)
    this.put(b, key, count, overCount)
  }
}

function byCount(a: HeavyHitter, b: HeavyHitter): number {
  return b.count - a.count || a.key - b.key
}
