import { readBlock, unplaced } from '../model/block'
import type { Block } from '../model/block'
import { isRuling, rulingOf } from '../model/ruling'
import type { Ruling } from '../model/ruling'
import { RecordPages } from '../state/record-pages'
import type { KeptRecord } from '../state/record-pages'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/**
 * One epoch, or a stretch of it: rows in canonical order, each once. Its arrays are the buffer's own again after the visit.
 * Of an epoch that is given in stretches each begins where the one before it ended, and only the last has seen it close.
 */
export interface Epoch {
  readonly startMs: number
  readonly endMs: number
  /** Whether no stretch of the epoch was given before this one, and whether none comes after it. */
  readonly begins: boolean
  readonly ends: boolean
  readonly rows: number
  /** Row `i` of the epoch is row `row[i]` of `blocks[block[i]]`. */
  readonly blocks: readonly Block[]
  readonly block: Uint32Array
  readonly row: Uint32Array
}

/** What people decided for an epoch. It takes effect at its start, so that it stands among the first rows. */
export function rulingsIn({ rows, startMs, blocks, block, row }: Epoch): readonly Ruling[] {
  let rulings: Ruling[] | undefined
  for (let i = 0; i < rows; i++) {
    const of = blocks[block[i]!]!
    if (of.timeMs[row[i]!]! > startMs) break
    if (isRuling(of.kind[row[i]!]!)) (rulings ??= []).push(rulingOf(of, row[i]!))
  }
  return rulings ?? noRulings
}

const noRulings: readonly Ruling[] = []

/**
 * Holds the rows of open epochs and gives an epoch when the watermark closes it, sorted by event time and id and
 * without repeats. So whoever folds epochs sees one order whatever the order of arrival was, and need not care
 * whether its measures commute.
 *
 * ```
 *  arrival     d a c | b e a      watermark passes the end of epoch 1
 *  epoch 1     a b c d                  ▲ (the second a is a repeat)
 *  epoch 2     e …
 * ```
 *
 * Of an epoch with many rows those that the watermark has passed are given before it closes, so that at its close few are
 * left. Where it is cut follows from the rows and watermarks alone, and from nothing that a snapshot lacks. Whoever
 * comes behind what was given is late, as behind a closed epoch.
 */
export class EpochBuffer {
  private blocks: Block[] = []
  /** The records that the blocks are, in memory of its own. */
  private kept: KeptRecord[] = []
  private readonly memory = new RecordPages((bytes) => new ArrayBuffer(bytes))
  /** Of each block, the place of the first row that had not been taken before. */
  private firstPlaces: number[] = []
  /** How many blocks have been forgotten: the number of the first that is still here. */
  private forgotten = 0
  private readonly open = new Map<number, OpenEpoch>()
  /** Closed epochs, whose memory the next ones take over. */
  private readonly spare: OpenEpoch[] = []
  private readonly sorter: Sorter
  private readonly given = new GivenRows()
  private readonly sources = new Map<string, number>()
  /** Where the rows of each source end that were taken. */
  private readonly reached = new Map<string, number>()
  /** How often each source has been at its end. */
  private readonly ends = new Map<string, number>()
  /** All epochs that end at or before this are closed. */
  closedMs = Number.NEGATIVE_INFINITY
  private latestMs = Number.NEGATIVE_INFINITY
  /** Everything before it has been given: the start of the first open epoch, or later, where that has begun. */
  private givenMs = Number.NEGATIVE_INFINITY
  /** Rows that came again, and rows that came behind what was given. */
  duplicates = 0
  late = 0

  constructor(
    readonly epochMs: number,
    /** Sources without rows that hold back what they have not passed, from the beginning on. */
    private readonly waitsFor: readonly string[] = [],
    /** Takes the rulings, where somebody does, so that they are no rows of an epoch and move no time. */
    private readonly takeAside?: (block: Block, row: number) => void,
  ) {
    this.sorter = new Sorter(epochMs)
    for (const source of waitsFor) this.sources.set(source, Number.NEGATIVE_INFINITY)
  }

  /** A source that brings no rows has passed this moment; `Infinity` at its end. */
  pass(source: string, watermarkMs: number): void {
    this.move(source, watermarkMs)
  }

  /**
   * Takes a copy of a block: its rows, and its source's watermark. A source that was read again may bring what it brought before,
   * cut into other blocks: rows with a place that was reached are passed over. A block that brings nothing else says
   * nothing of its source's time either: it may have been on its way for long, and the source is further, or at its end.
   *
   * ```
   *  block       1  2  3  end  2      the second 2 does not take the end back
   * ```
   *
   * Gives the block; its rows are there until the epochs that they are of have closed.
   */
  add(record: Uint8Array): Block {
    const kept = this.memory.keep(record)
    const block = readBlock(kept.record)
    const reached = this.reached.get(block.source) ?? Number.NEGATIVE_INFINITY
    if (block.rows === 0) {
      if (!this.isOutdated(block, reached)) this.move(block.source, block.watermarkMs)
      this.memory.letGo(kept)
      return block
    }
    if (block.toPosition > reached) this.reached.set(block.source, block.toPosition)
    this.kept.push(kept)
    const isNew = this.takeRows(block, Math.max(0, reached - block.fromPosition), this.takeAside)
    if (isNew) this.move(block.source, block.watermarkMs)
    return block
  }

  /** Whether a block without rows, which has a place, comes from before what its source has told since. */
  private isOutdated({ source, watermarkMs, toPosition }: Block, reached: number): boolean {
    if (toPosition === 0 || toPosition > reached) return false
    return toPosition < reached || watermarkMs < (this.sources.get(source) ?? Number.NEGATIVE_INFINITY)
  }

  /**
   * Takes the rows of a block, but for those with a place before one; rulings are somebody else's, where there is one.
   * Whether there were any.
   */
  private takeRows(block: Block, firstPlace: number, takeAside: EpochBuffer['takeAside']): boolean {
    this.firstPlaces.push(firstPlace)
    const number = this.forgotten + this.blocks.push(block) - 1
    let epoch: OpenEpoch | undefined
    let isNew = false
    for (let row = 0; row < block.rows; row++) {
      const place = block.place[row]!
      if (place < firstPlace && place !== unplaced) continue
      isNew = true
      if (takeAside !== undefined && isRuling(block.kind[row]!)) {
        takeAside(block, row)
        continue
      }

      const timeMs = block.timeMs[row]!
      if (timeMs > this.latestMs) this.latestMs = timeMs
      if (timeMs < this.givenMs) {
        this.late++
        continue
      }
      if (epoch === undefined || timeMs < epoch.startMs || timeMs >= epoch.startMs + this.epochMs) {
        epoch = this.epochAt(timeMs)
      }
      epoch.push(block, number, row)
    }
    return isNew
  }

  private move(source: string, watermarkMs: number): void {
    // Announced again, which may be done by whoever is not sure that it was.
    if (watermarkMs === Number.NEGATIVE_INFINITY && this.sources.has(source)) return
    if (watermarkMs === Number.POSITIVE_INFINITY) this.ends.set(source, (this.ends.get(source) ?? 0) + 1)
    this.sources.set(source, watermarkMs)
  }

  /**
   * The watermark of a source. One that follows the others and is at its end holds them back again when the input went on
   * after that end: it will come by.
   */
  private watermarkOf(source: string): number {
    const watermarkMs = this.sources.get(source)!
    if (watermarkMs !== Number.POSITIVE_INFINITY || !this.waitsFor.includes(source)) return watermarkMs
    let latestRun = 0
    for (const [other, otherMs] of this.sources) {
      if (this.waitsFor.includes(other)) continue
      const ends = this.ends.get(other) ?? 0
      latestRun = Math.max(latestRun, otherMs === Number.POSITIVE_INFINITY ? ends : ends + 1)
    }
    return (this.ends.get(source) ?? 0) < latestRun ? this.closedMs : watermarkMs
  }

  /** Least watermark over the sources; a source that has ended (watermark infinite) no longer holds it back. */
  get watermarkMs(): number {
    // Those without rows may be heard of before the first row comes.
    if (this.sources.size === this.waitsFor.length) return Number.NEGATIVE_INFINITY
    let ofRows = Number.POSITIVE_INFINITY
    let ofOthers = Number.POSITIVE_INFINITY
    for (const source of this.sources.keys()) {
      const watermarkMs = this.watermarkOf(source)
      if (this.waitsFor.includes(source)) ofOthers = Math.min(ofOthers, watermarkMs)
      else ofRows = Math.min(ofRows, watermarkMs)
    }
    // All that bring rows have ended: what they brought is complete, and no more than that.
    if (ofRows === Number.POSITIVE_INFINITY && this.latestMs !== Number.NEGATIVE_INFINITY) {
      ofRows = this.latestMs + this.epochMs
    }
    return Math.min(ofRows, ofOthers)
  }

  /** Event time up to which epochs are closed; null before the first. */
  get asOfMs(): number | null {
    return Number.isFinite(this.closedMs) ? this.closedMs : null
  }

  /** Whether every source has said that it is at its end. */
  get hasEnded(): boolean {
    for (const source of this.sources.keys())
      if (this.watermarkOf(source) !== Number.POSITIVE_INFINITY) return false
    return this.sources.size > this.waitsFor.length
  }

  /** Whether a part of the first open epoch has been given. */
  get hasBegun(): boolean {
    return this.givenMs > this.closedMs
  }

  /** Where the first epoch begins of which nothing has been given. */
  get unbegunMs(): number {
    return this.hasBegun ? this.closedMs + this.epochMs : this.closedMs
  }

  /** Rows of epochs that have not been given. */
  get openRows(): number {
    let rows = 0
    for (const epoch of this.open.values()) rows += epoch.rows
    return rows
  }

  /**
   * Closes what the watermark has passed, oldest first, and gives what it has passed of the next one where that is much.
   * Epochs without rows are passed over. Who cares which epoch is the last may forbid to begin one before it is known.
   */
  close(visit: (epoch: Epoch) => void, mayBegin: (startMs: number) => boolean = () => true): void {
    const watermarkMs = this.watermarkMs
    if (watermarkMs === Number.POSITIVE_INFINITY) return
    const closedMs = Math.floor(watermarkMs / this.epochMs) * this.epochMs
    if (closedMs > this.closedMs) this.closeBefore(closedMs, visit)
    const next = this.open.get(this.closedMs)
    if (next === undefined || next.rows < (this.hasBegun ? leastMoreRows : leastRows)) return
    if (watermarkMs < this.givenMs + this.epochMs / mostStretches || !mayBegin(next.startMs)) return
    this.give(next, watermarkMs, visit)
    this.givenMs = watermarkMs
  }

  private closeBefore(closedMs: number, visit: (epoch: Epoch) => void): void {
    const due = [...this.open.keys()].filter((startMs) => startMs < closedMs).sort((a, b) => a - b)
    for (const startMs of due) {
      const epoch = this.open.get(startMs)!
      this.open.delete(startMs)
      this.closedMs = startMs + this.epochMs
      this.give(epoch, this.closedMs, visit)
      this.givenMs = this.closedMs
      this.spare.push(epoch)
    }
    this.closedMs = closedMs
    this.givenMs = closedMs
    if (due.length > 0) this.forgetBlocks()
  }

  /** Gives the rows of an epoch before a moment, and lets go of them. */
  private give(epoch: OpenEpoch, untilMs: number, visit: (epoch: Epoch) => void): void {
    const { startMs } = epoch
    const endMs = startMs + this.epochMs
    // A view behind another gets its rows in order.
    if (!epoch.isOrdered) this.sorter.sort(epoch, this.blocks, this.forgotten)
    const taken = untilMs === endMs ? epoch.rows : this.rowsBefore(epoch, untilMs)
    const { rows, block, row } = this.given.take(epoch, taken, this.blocks, this.forgotten)
    this.duplicates += taken - rows
    epoch.drop(taken)
    const [begins, ends] = [this.givenMs <= startMs, untilMs === endMs]
    visit({ startMs, endMs, begins, ends, rows, blocks: this.blocks, block, row })
  }

  /** How many rows of an epoch that is in order lie before a moment. */
  private rowsBefore({ rows, block, row }: OpenEpoch, untilMs: number): number {
    let low = 0
    let high = rows
    while (low < high) {
      const middle = (low + high) >>> 1
      const timeMs = this.blocks[block[middle]! - this.forgotten]!.timeMs[row[middle]!]!
      if (timeMs < untilMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Whether the latest row lies in this epoch: when the input has ended, it is the last one that closes. */
  isLast(startMs: number): boolean {
    return this.latestMs >= startMs && this.latestMs < startMs + this.epochMs
  }

  /** Closes one more epoch, in which nothing but what was taken aside has happened; gives its start. */
  closeOneMore(): number {
    const startMs = this.closedMs
    this.closedMs += this.epochMs
    this.givenMs = this.closedMs
    return startMs
  }

  save(out: SnapshotWriter, name: string): void {
    out.value(name, {
      sources: [...this.sources].map(([source, ms]) => [
        source,
        ms === Number.POSITIVE_INFINITY ? 'ended' : ms,
      ]),
      ends: [...this.ends],
      reached: [...this.reached],
      closedMs: this.closedMs,
      ...(this.hasBegun ? { givenMs: this.givenMs } : {}),
      latestMs: this.latestMs,
      duplicates: this.duplicates,
      late: this.late,
      firstPlaces: this.firstPlaces,
    })
    this.blocks.forEach((block, index) => {
      out.array(`${name}.${index}`, block.bytes)
    })
  }

  load(from: SnapshotReader, name: string): void {
    const saved = from.value<SavedEpochs>(name)
    this.closedMs = saved.closedMs ?? Number.NEGATIVE_INFINITY
    this.givenMs = saved.givenMs ?? this.closedMs
    saved.firstPlaces.forEach((firstPlace, index) => {
      const isKnown = this.takeAside && (() => undefined)
      const kept = this.memory.keep(from.uint8(`${name}.${index}`))
      this.kept.push(kept)
      this.takeRows(readBlock(kept.record), firstPlace, isKnown)
    })
    // One that has begun is there to be closed, even if nothing is left of it.
    if (this.hasBegun) this.epochAt(this.closedMs)
    this.sources.clear()
    this.ends.clear()
    this.reached.clear()
    for (const [source, position] of saved.reached) this.reached.set(source, position)
    for (const [source, ends] of saved.ends) this.ends.set(source, ends)
    for (const [source, ms] of saved.sources) {
      this.sources.set(source, ms === 'ended' ? Number.POSITIVE_INFINITY : (ms ?? Number.NEGATIVE_INFINITY))
    }
    this.latestMs = saved.latestMs ?? Number.NEGATIVE_INFINITY
    this.duplicates = saved.duplicates
    this.late = saved.late
  }

  private epochAt(timeMs: number): OpenEpoch {
    const startMs = Math.floor(timeMs / this.epochMs) * this.epochMs
    let epoch = this.open.get(startMs)
    if (epoch === undefined) {
      epoch = this.spare.pop() ?? new OpenEpoch()
      epoch.begin(startMs)
      this.open.set(startMs, epoch)
    }
    return epoch
  }

  /** Drops the blocks at the front that no open epoch points into. */
  private forgetBlocks(): void {
    let least = this.forgotten + this.blocks.length
    for (const epoch of this.open.values()) least = Math.min(least, epoch.firstBlock)
    this.blocks.splice(0, least - this.forgotten)
    for (const kept of this.kept.splice(0, least - this.forgotten)) this.memory.letGo(kept)
    this.firstPlaces.splice(0, least - this.forgotten)
    this.forgotten = least
  }
}

interface SavedEpochs {
  ends: [string, number][]
  reached: [string, number][]
  sources: [string, number | 'ended' | null][]
  closedMs: number | null
  /** Where an epoch has begun. */
  givenMs?: number
  latestMs: number | null
  duplicates: number
  late: number
  firstPlaces: number[]
}

/** Rows by their place: row `i` is row `row[i]` of the block with number or index `block[i]`. */
interface Places {
  readonly rows: number
  readonly block: Uint32Array
  readonly row: Uint32Array
}

class OpenEpoch implements Places {
  startMs = 0
  rows = 0
  /** Running numbers of blocks. */
  block = new Uint32Array(64)
  row = new Uint32Array(64)
  /** Whether each row comes after the one before it, in the order of time and id. */
  isOrdered = true
  /** The number of the oldest block that any of its rows was in: blocks are added in order, so that of the first. */
  firstBlock = Number.POSITIVE_INFINITY
  private latest: Block | undefined

  begin(startMs: number): void {
    this.startMs = startMs
    this.firstBlock = Number.POSITIVE_INFINITY
    this.drop(this.rows)
  }

  push(block: Block, number: number, row: number): void {
    const { rows } = this
    if (rows === this.block.length) {
      this.block = widened(this.block)
      this.row = widened(this.row)
    }
    if (this.isOrdered) {
      if (this.latest === undefined) this.firstBlock = Math.min(this.firstBlock, number)
      else this.isOrdered = compare(this.latest, this.row[rows - 1]!, block, row) < 0
      this.latest = block
    }
    this.block[rows] = number
    this.row[rows] = row
    this.rows++
  }

  /** Notes that the rows have been put in order, the last of them in this block; where some came again, it is not strict. */
  order(latest: Block, hasRepeats: boolean): void {
    this.isOrdered = !hasRepeats
    this.latest = latest
  }

  /** Lets go of its first rows. */
  drop(rows: number): void {
    this.block.copyWithin(0, rows, this.rows)
    this.row.copyWithin(0, rows, this.rows)
    this.rows -= rows
    if (this.rows > 0) return
    this.isOrdered = true
    this.latest = undefined
  }
}

/** Rows that are given, each once, in memory that is kept for the next ones. */
class GivenRows implements Places {
  rows = 0
  /** Indices of blocks. */
  block = new Uint32Array(64)
  row = new Uint32Array(64)

  /** Takes the first rows of an epoch that is in order, when so many blocks have been forgotten. */
  take(epoch: OpenEpoch, rows: number, blocks: readonly Block[], forgotten: number): Places {
    if (rows > this.block.length) {
      this.block = new Uint32Array(epoch.block.length)
      this.row = new Uint32Array(epoch.block.length)
    }
    const { block, row } = this
    this.rows = 0
    for (let i = 0; i < rows; i++) {
      if (i > 0 && !epoch.isOrdered && compareRows(epoch, blocks, forgotten, i - 1, i) === 0) continue
      block[this.rows] = epoch.block[i]! - forgotten
      row[this.rows] = epoch.row[i]!
      this.rows++
    }
    return this
  }
}

/** Sorts one epoch after the other, in memory that it keeps. */
class Sorter {
  private block = new Uint32Array(64)
  private row = new Uint32Array(64)
  private keys = new Float64Array(64)
  private order = new Uint32Array(64)
  /** Enough for the milliseconds of an epoch. */
  private readonly timeBits: number

  constructor(epochMs: number) {
    this.timeBits = Math.ceil(Math.log2(epochMs))
  }

  /** Puts the rows of an epoch in the order of event time and id; those that came again stand beside each other. */
  sort(epoch: OpenEpoch, blocks: readonly Block[], forgotten: number): void {
    const { rows } = epoch
    if (rows > this.keys.length) this.reach(epoch.row.length)
    this.sortKeys(epoch, blocks, forgotten)
    this.insertEqual(epoch, blocks, forgotten)
    const { block, row, order } = this
    block.set(epoch.block.subarray(0, rows))
    row.set(epoch.row.subarray(0, rows))
    let hasRepeats = false
    for (let i = 0; i < rows; i++) {
      epoch.block[i] = block[order[i]!]!
      epoch.row[i] = row[order[i]!]!
      hasRepeats ||= i > 0 && compareRows(epoch, blocks, forgotten, i - 1, i) === 0
    }
    epoch.order(blocks[epoch.block[rows - 1]! - forgotten]!, hasRepeats)
  }

  private sortKeys(
    { rows, startMs, block, row }: OpenEpoch,
    blocks: readonly Block[],
    forgotten: number,
  ): void {
    // Time within the epoch, the top of the id hash and the row number share the 53 bits of a double, so that a
    // plain numeric sort does nearly all of the work; the rest of the id settles what is then still equal.
    const { timeBits } = this
    const idBits = 52 - timeBits - Math.ceil(Math.log2(rows + 1))
    const idScale = 2 ** (idBits - 32)
    const rowScale = 2 ** (52 - timeBits - idBits)
    const keys = this.keys.subarray(0, rows)
    for (let i = 0; i < rows; i++) {
      const { timeMs, idHigh } = blocks[block[i]! - forgotten]!
      const offset = timeMs[row[i]!]! - startMs
      const id = Math.floor(idHigh[row[i]!]! * idScale)
      keys[i] = (Math.floor(offset) * 2 ** idBits + id) * rowScale + i
    }
    keys.sort()
    for (let i = 0; i < rows; i++) this.order[i] = keys[i]! - Math.floor(keys[i]! / rowScale) * rowScale
  }

  private insertEqual(epoch: OpenEpoch, blocks: readonly Block[], forgotten: number): void {
    const { order } = this
    for (let i = 1; i < epoch.rows; i++) {
      const moving = order[i]!
      let to = i
      while (to > 0 && compareRows(epoch, blocks, forgotten, order[to - 1]!, moving) > 0) {
        order[to] = order[to - 1]!
        to--
      }
      order[to] = moving
    }
  }

  private reach(rows: number): void {
    this.block = new Uint32Array(rows)
    this.row = new Uint32Array(rows)
    this.keys = new Float64Array(rows)
    this.order = new Uint32Array(rows)
  }
}

function compareRows(
  { block, row }: OpenEpoch,
  blocks: readonly Block[],
  forgotten: number,
  a: number,
  b: number,
): number {
  return compare(blocks[block[a]! - forgotten]!, row[a]!, blocks[block[b]! - forgotten]!, row[b]!)
}

function compare(left: Block, i: number, right: Block, j: number): number {
  return (
    left.timeMs[i]! - right.timeMs[j]! ||
    left.idHigh[i]! - right.idHigh[j]! ||
    left.idLow[i]! - right.idLow[j]!
  )
}

/** An epoch with fewer rows is folded in some tens of milliseconds, and given as a whole. */
const leastRows = 4096
/** Of one that has begun more is given while so many rows are left, so that at its close there are few. */
const leastMoreRows = 1024
/** In how many stretches an epoch is given at most, and so how often it is sorted. */
const mostStretches = 32

function widened(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(array.length * 2)
  wider.set(array)
  return wider
}
