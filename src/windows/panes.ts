import { widened } from '../state/memory'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/**
 * Counts of many series in panes of event time, for windows of any length that are sums of panes. A pane holds
 * records only for the series that had an event in it, so that quiet series cost nothing; the latest panes live in a
 * ring, and a pane that falls out of it is forgotten whole.
 *
 * The ring finds a series' record by index: `index[series * panes + pane % panes]` is its place plus one, believed only when
 * the record there names the series.
 */
export class PaneStore {
  private readonly ring: Pane[] = []
  private readonly paneOf: Float64Array
  private index: Uint32Array
  private readonly panes: number
  /** Records that are kept, over all panes. */
  records = 0

  constructor(readonly options: PaneStoreOptions) {
    this.panes = options.panes
    this.paneOf = new Float64Array(options.panes).fill(-1)
    this.index = new Uint32Array(1024 * options.panes)
    for (let slot = 0; slot < options.panes; slot++) this.ring.push(new Pane(options))
  }

  get byteLength(): number {
    return this.ring.reduce((sum, pane) => sum + pane.byteLength, this.index.byteLength)
  }

  paneAt(timeMs: number): number {
    return Math.floor(timeMs / this.options.paneMs)
  }

  /** Where the record of a series lies in a pane, made when it is missing. Panes are opened in order; opening one forgets the pane that had its place. */
  open(series: number, pane: number): number {
    const slot = pane % this.panes
    if (this.paneOf[slot] !== pane) this.turn(slot, pane)
    const key = series * this.panes + slot
    if (key >= this.index.length) this.index = grown(this.index, key + 1)
    const known = this.index[key]! - 1
    const ring = this.ring[slot]!
    if (ring.names(known, series)) return known
    // A pane mostly has about as many series as the one before it.
    const at = ring.append(series, this.ring[(slot + this.panes - 1) % this.panes]!.used)
    this.index[key] = at + 1
    this.records++
    return at
  }

  /** The records of a pane that `open` or `find` pointed into. */
  pane(pane: number): Pane {
    return this.ring[pane % this.panes]!
  }

  /** Where the record of a series in a pane lies, or -1. */
  find(series: number, pane: number): number {
    const slot = pane % this.panes
    if (this.paneOf[slot] !== pane) return -1
    const key = series * this.panes + slot
    if (key >= this.index.length) return -1
    const known = this.index[key]! - 1
    return this.ring[slot]!.names(known, series) ? known : -1
  }

  /** One counter of a series, 0 where it had no event in the pane. */
  count(series: number, pane: number, counter: number): number {
    const at = this.find(series, pane)
    return at < 0 ? 0 : this.pane(pane).get(at, counter)
  }

  /** Adds the counters of a series over the panes `[from, to]` to `into`; pane records that are gone count nothing. */
  sum(series: number, { from, to }: { from: number; to: number }, into: Float64Array): void {
    for (let pane = Math.max(from, to - this.panes + 1); pane <= to; pane++) {
      const at = this.find(series, pane)
      if (at >= 0) this.pane(pane).addTo(into, at)
    }
  }

  /** Calls back with each series that has a record in a pane, in the order of first appearance, and its place. */
  forEach(pane: number, visit: (series: number, at: number) => void): void {
    const slot = pane % this.panes
    if (this.paneOf[slot] === pane) this.ring[slot]!.forEach(visit)
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.paneOf`, this.paneOf)
    out.value(`${name}.records`, this.records)
    this.ring.forEach((pane, slot) => {
      pane.save(out, `${name}.${slot}`)
    })
  }

  load(from: SnapshotReader, name: string): void {
    this.paneOf.set(from.float64(`${name}.paneOf`))
    this.records = from.number(`${name}.records`)
    this.ring.forEach((pane, slot) => {
      pane.load(from, `${name}.${slot}`)
      pane.forEach((series, at) => {
        const key = series * this.panes + slot
        if (key >= this.index.length) this.index = grown(this.index, key + 1)
        this.index[key] = at + 1
      })
    })
  }

  private turn(slot: number, pane: number): void {
    this.records -= this.ring[slot]!.records
    this.ring[slot]!.clear()
    this.paneOf[slot] = pane
  }
}

export interface PaneStoreOptions {
  readonly paneMs: number
  /** How many panes are kept, the open one included. */
  readonly panes: number
  /** Counters of a record. */
  readonly counters: number
  /** How many of them, the last ones, are whole words: bitmaps, and numbers that are seldom small. */
  readonly wholeCounters: number
}

/**
 * The records of one pane: the series, the whole counters, then the others, a byte each, since most series have few events in a
 * pane. A record with a counter that a byte cannot hold has words for them elsewhere, and says so in the highest bit of its first
 * word and where in the place of the bytes.
 */
export class Pane {
  /** How many words are in use; what lies beyond them is zero, so that a new record is empty without more ado. */
  used = 0
  private words: Uint32Array
  /** The same memory. */
  private bytes: Uint8Array
  private wide: Uint32Array = new Uint32Array(0)
  private wideUsed = 0
  /** Counters that are not whole, and the word of a record that they begin in. */
  private readonly narrow: number
  private readonly narrowAt: number
  private readonly stride: number

  constructor({ counters, wholeCounters }: PaneStoreOptions) {
    this.narrow = counters - wholeCounters
    this.narrowAt = 1 + wholeCounters
    this.stride = this.narrowAt + Math.ceil(this.narrow / 4)
    this.words = new Uint32Array(64 * this.stride)
    this.bytes = new Uint8Array(this.words.buffer)
  }

  get byteLength(): number {
    return this.words.byteLength + this.wide.byteLength
  }

  get records(): number {
    return this.used / this.stride
  }

  get(at: number, counter: number): number {
    const { narrow, narrowAt } = this
    if (counter >= narrow) return this.words[at + 1 + counter - narrow]!
    return this.words[at]! & wideFlag
      ? this.wide[this.words[at + narrowAt]! + counter]!
      : this.bytes[(at + narrowAt) * 4 + counter]!
  }

  set(at: number, counter: number, value: number): void {
    const { narrow, narrowAt } = this
    if (counter >= narrow) {
      this.words[at + 1 + counter - narrow] = value
      return
    }
    if ((this.words[at]! & wideFlag) === 0) {
      if (value <= mostInByte) {
        this.bytes[(at + narrowAt) * 4 + counter] = value
        return
      }
      this.widen(at)
    }
    this.wide[this.words[at + narrowAt]! + counter] = value
  }

  add(at: number, counter: number, events: number): void {
    if (counter < this.narrow && (this.words[at]! & wideFlag) === 0) {
      const place = (at + this.narrowAt) * 4 + counter
      const sum = this.bytes[place]! + events
      if (sum <= mostInByte) {
        this.bytes[place] = sum
        return
      }
    }
    this.set(at, counter, this.get(at, counter) + events)
  }

  /** Adds each counter of a record to the number of the same place. */
  addTo(into: Float64Array, at: number): void {
    const { words, bytes, wide, narrow, narrowAt } = this
    // A loop for each kind of array, as fast code asks for.
    if ((words[at]! & wideFlag) === 0) {
      const first = (at + narrowAt) * 4
      for (let counter = 0; counter < narrow; counter++) into[counter]! += bytes[first + counter]!
    } else {
      const first = words[at + narrowAt]!
      for (let counter = 0; counter < narrow; counter++) into[counter]! += wide[first + counter]!
    }
    for (let whole = 1; whole < narrowAt; whole++) into[narrow + whole - 1]! += words[at + whole]!
  }

  /** Whether there is a record at a place and it is that of a series. */
  names(at: number, series: number): boolean {
    return at >= 0 && at < this.used && (this.words[at]! & ~wideFlag) === series
  }

  /** A new record, in memory that is made for so many words at least. */
  append(series: number, expected: number): number {
    const at = this.used
    this.used += this.stride
    if (this.used > this.words.length) {
      this.words = grown(this.words, Math.max(this.used, expected))
      this.bytes = new Uint8Array(this.words.buffer)
    }
    this.words[at] = series
    return at
  }

  forEach(visit: (series: number, at: number) => void): void {
    for (let at = 0; at < this.used; at += this.stride) visit(this.words[at]! & ~wideFlag, at)
  }

  clear(): void {
    this.words.fill(0, 0, this.used)
    this.used = 0
    this.wideUsed = 0
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(name, this.words.subarray(0, this.used))
    out.array(`${name}.wide`, this.wide.subarray(0, this.wideUsed))
  }

  load(from: SnapshotReader, name: string): void {
    this.words = from.uint32(name)
    this.bytes = new Uint8Array(this.words.buffer)
    this.used = this.words.length
    this.wide = from.uint32(`${name}.wide`)
    this.wideUsed = this.wide.length
  }

  /** Gives the counters of a record words of their own. */
  private widen(at: number): void {
    const { narrow } = this
    const place = this.wideUsed
    this.wideUsed += narrow
    if (this.wideUsed > this.wide.length) this.wide = grown(this.wide, this.wideUsed)
    const first = (at + this.narrowAt) * 4
    for (let counter = 0; counter < narrow; counter++)
      this.wide[place + counter] = this.bytes[first + counter]!
    this.words[at]! |= wideFlag
    this.words[at + this.narrowAt] = place
  }
}

const mostInByte = 255
const wideFlag = 1 << 31

function grown(array: Uint32Array, least: number): Uint32Array {
  return widened(array, Math.max(least, Math.ceil(array.length * 1.25)))
}
