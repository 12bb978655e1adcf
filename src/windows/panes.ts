import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/**
 * Counts of many series in panes of event time, for windows of any length that are sums of panes. A pane holds
 * records only for the series that had an event in it, so that quiet series cost nothing; the latest panes live in a
 * ring, and a pane that falls out of it is forgotten whole.
 *
 * A record is `stride` words: the series, then counters that only grow. The ring finds a series' record by index:
 * `index[series * panes + pane % panes]` is its place plus one, believed only when the record there names the series.
 */
export class PaneStore {
  private readonly rings: Uint32Array[] = []
  private readonly used: Uint32Array
  private readonly paneOf: Float64Array
  private index: Uint32Array
  private readonly panes: number
  /** Records that are kept, over all panes. */
  records = 0

  constructor(
    readonly options: {
      readonly paneMs: number
      /** How many panes are kept, the open one included. */
      readonly panes: number
      /** Counters of a record. */
      readonly counters: number
    },
  ) {
    this.panes = options.panes
    this.used = new Uint32Array(options.panes)
    this.paneOf = new Float64Array(options.panes).fill(-1)
    this.index = new Uint32Array(1024 * options.panes)
    for (let ring = 0; ring < options.panes; ring++) this.rings.push(new Uint32Array(64 * this.stride))
  }

  get stride(): number {
    return this.options.counters + 1
  }

  get byteLength(): number {
    return this.rings.reduce((sum, ring) => sum + ring.byteLength, this.index.byteLength)
  }

  paneAt(timeMs: number): number {
    return Math.floor(timeMs / this.options.paneMs)
  }

  /**
   * The record of a series in a pane, made when it is missing; its counters are `ring(pane)[at + 1 …]`. Panes are
   * opened in order; opening one forgets the pane that had its place.
   */
  open(series: number, pane: number): number {
    const slot = pane % this.panes
    if (this.paneOf[slot] !== pane) this.turn(slot, pane)
    const key = series * this.panes + slot
    if (key >= this.index.length) this.index = widened(this.index, key + 1)
    const known = this.index[key]!
    let ring = this.rings[slot]!
    if (known !== 0 && known <= this.used[slot]! && ring[known - 1] === series) return known - 1
    const at = this.used[slot]!
    if (at + this.stride > ring.length) {
      // A pane mostly has about as many series as the one before it.
      const before = this.used[(slot + this.panes - 1) % this.panes]!
      ring = widened(ring, Math.max(at + this.stride, before))
      this.rings[slot] = ring
    }
    ring[at] = series
    this.used[slot] = at + this.stride
    this.index[key] = at + 1
    this.records++
    return at
  }

  /** The words of a pane that `open` or `find` pointed into; valid until the next `open`. */
  ring(pane: number): Uint32Array {
    return this.rings[pane % this.panes]!
  }

  /** Where the record of a series in a pane lies, or -1. */
  find(series: number, pane: number): number {
    const slot = pane % this.panes
    if (this.paneOf[slot] !== pane) return -1
    const key = series * this.panes + slot
    if (key >= this.index.length) return -1
    const known = this.index[key]!
    return known !== 0 && known <= this.used[slot]! && this.rings[slot]![known - 1] === series
      ? known - 1
      : -1
  }

  /** One counter of a series, 0 where it had no event in the pane. */
  count(series: number, pane: number, counter: number): number {
    const at = this.find(series, pane)
    return at < 0 ? 0 : this.ring(pane)[at + 1 + counter]!
  }

  /** Adds the counters of a series over the panes `[from, to]` to `into`; pane records that are gone count nothing. */
  sum(series: number, { from, to }: { from: number; to: number }, into: Float64Array): void {
    for (let pane = Math.max(from, to - this.panes + 1); pane <= to; pane++) {
      const at = this.find(series, pane)
      if (at < 0) continue
      const ring = this.ring(pane)
      for (let counter = 0; counter < this.options.counters; counter++)
        into[counter]! += ring[at + 1 + counter]!
    }
  }

  /** Calls back with each series that has a record in a pane, in the order of first appearance, and its place. */
  forEach(pane: number, visit: (series: number, at: number) => void): void {
    const slot = pane % this.panes
    if (this.paneOf[slot] !== pane) return
    const ring = this.rings[slot]!
    const end = this.used[slot]!
    for (let at = 0; at < end; at += this.stride) visit(ring[at]!, at)
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.used`, this.used)
    out.array(`${name}.paneOf`, this.paneOf)
    out.value(`${name}.records`, this.records)
    this.rings.forEach((ring, slot) => {
      out.array(`${name}.${slot}`, ring.subarray(0, this.used[slot]))
    })
  }

  load(from: SnapshotReader, name: string): void {
    this.used.set(from.uint32(`${name}.used`))
    this.paneOf.set(from.float64(`${name}.paneOf`))
    this.records = from.number(`${name}.records`)
    for (let slot = 0; slot < this.panes; slot++) {
      const ring = from.uint32(`${name}.${slot}`)
      this.rings[slot] = ring
      for (let at = 0; at < ring.length; at += this.stride) {
        const key = ring[at]! * this.panes + slot
        if (key >= this.index.length) this.index = widened(this.index, key + 1)
        this.index[key] = at + 1
      }
    }
  }

  private turn(slot: number, pane: number): void {
    this.records -= this.used[slot]! / this.stride
    // What lies beyond the used words is zero, so that a new record is empty without more ado.
    this.rings[slot]!.fill(0, 0, this.used[slot])
    this.used[slot] = 0
    this.paneOf[slot] = pane
  }
}

function widened(array: Uint32Array, least: number): Uint32Array {
  const wider = new Uint32Array(Math.max(least, Math.ceil(array.length * 1.5)))
  wider.set(array)
  return wider
}
