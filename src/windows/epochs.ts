import { readBlock } from '../model/block'
import type { Block } from '../model/block'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/** One closed epoch: its rows in canonical order, each once. */
export interface Epoch {
  readonly startMs: number
  readonly endMs: number
  readonly rows: number
  /** Row `i` of the epoch is row `row[i]` of `blocks[block[i]]`. */
  readonly blocks: readonly Block[]
  readonly block: Uint32Array
  readonly row: Uint32Array
}

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
 */
export class EpochBuffer {
  private blocks: Block[] = []
  private readonly open = new Map<number, OpenEpoch>()
  private readonly sources = new Map<string, number>()
  /** All epochs that end at or before this are closed. */
  closedMs = Number.NEGATIVE_INFINITY
  private latestMs = Number.NEGATIVE_INFINITY
  /** Rows that came again, and rows whose epoch was closed already. */
  duplicates = 0
  late = 0

  constructor(readonly epochMs: number) {}

  /** Takes the rows of a block and its source's watermark. */
  add(block: Block): void {
    this.sources.set(block.source, block.watermarkMs)
    if (block.rows === 0) return
    const index = this.blocks.push(block) - 1
    let epoch: OpenEpoch | undefined
    for (let row = 0; row < block.rows; row++) {
      const timeMs = block.timeMs[row]!
      if (timeMs > this.latestMs) this.latestMs = timeMs
      if (epoch === undefined || timeMs < epoch.startMs || timeMs >= epoch.startMs + this.epochMs) {
        epoch = this.epochAt(timeMs)
        if (epoch === undefined) {
          this.late++
          continue
        }
      }
      epoch.push(index, row)
    }
  }

  /** Least watermark over the sources; a source that has ended (watermark infinite) no longer holds it back. */
  get watermarkMs(): number {
    let least = Number.POSITIVE_INFINITY
    for (const watermarkMs of this.sources.values()) least = Math.min(least, watermarkMs)
    if (least !== Number.POSITIVE_INFINITY || this.sources.size === 0) return least
    // All sources have ended: what they brought is complete.
    return this.latestMs === Number.NEGATIVE_INFINITY ? least : this.latestMs + this.epochMs
  }

  /** Whether every source has said that it is at its end. */
  get hasEnded(): boolean {
    for (const watermarkMs of this.sources.values()) if (watermarkMs !== Number.POSITIVE_INFINITY) return false
    return this.sources.size > 0
  }

  /** Closes what the watermark has passed, oldest first. Epochs without rows are passed over. */
  close(visit: (epoch: Epoch) => void): void {
    const watermarkMs = this.watermarkMs
    if (watermarkMs === Number.POSITIVE_INFINITY) return
    const closedMs = Math.floor(watermarkMs / this.epochMs) * this.epochMs
    if (!(closedMs > this.closedMs)) return
    const due = [...this.open.keys()].filter((startMs) => startMs < closedMs).sort((a, b) => a - b)
    for (const startMs of due) {
      const epoch = this.open.get(startMs)!
      this.open.delete(startMs)
      this.closedMs = startMs + this.epochMs
      this.duplicates += epoch.settle(this.blocks)
      visit({
        startMs,
        endMs: startMs + this.epochMs,
        rows: epoch.rows,
        blocks: this.blocks,
        block: epoch.block,
        row: epoch.row,
      })
    }
    this.closedMs = closedMs
    if (due.length > 0) this.forgetBlocks()
  }

  save(out: SnapshotWriter, name: string): void {
    out.value(name, {
      sources: [...this.sources].map(([source, ms]) => [source, ms === Number.POSITIVE_INFINITY ? 'ended' : ms]),
      closedMs: this.closedMs,
      latestMs: this.latestMs,
      duplicates: this.duplicates,
      late: this.late,
      blocks: this.blocks.length,
    })
    this.blocks.forEach((block, index) => {
      out.array(`${name}.${index}`, block.bytes)
    })
  }

  load(from: SnapshotReader, name: string): void {
    const saved = from.value<SavedEpochs>(name)
    this.closedMs = saved.closedMs ?? Number.NEGATIVE_INFINITY
    for (let index = 0; index < saved.blocks; index++) this.add(readBlock(from.uint8(`${name}.${index}`)))
    this.sources.clear()
    for (const [source, ms] of saved.sources) {
      this.sources.set(source, ms === 'ended' ? Number.POSITIVE_INFINITY : (ms ?? Number.NEGATIVE_INFINITY))
    }
    this.latestMs = saved.latestMs ?? Number.NEGATIVE_INFINITY
    this.duplicates = saved.duplicates
    this.late = saved.late
  }

  private epochAt(timeMs: number): OpenEpoch | undefined {
    const startMs = Math.floor(timeMs / this.epochMs) * this.epochMs
    if (startMs < this.closedMs) return undefined
    let epoch = this.open.get(startMs)
    if (epoch === undefined) {
      epoch = new OpenEpoch(startMs)
      this.open.set(startMs, epoch)
    }
    return epoch
  }

  /** Drops the blocks at the front that no open epoch points into. */
  private forgetBlocks(): void {
    let least = this.blocks.length
    for (const epoch of this.open.values()) least = Math.min(least, epoch.firstBlock)
    if (least === 0) return
    this.blocks = this.blocks.slice(least)
    for (const epoch of this.open.values()) epoch.shift(least)
  }
}

interface SavedEpochs {
  sources: [string, number | 'ended' | null][]
  closedMs: number | null
  latestMs: number | null
  duplicates: number
  late: number
  blocks: number
}

class OpenEpoch {
  rows = 0
  block = new Uint32Array(64)
  row = new Uint32Array(64)

  constructor(readonly startMs: number) {}

  push(block: number, row: number): void {
    if (this.rows === this.block.length) {
      this.block = widened(this.block)
      this.row = widened(this.row)
    }
    this.block[this.rows] = block
    this.row[this.rows] = row
    this.rows++
  }

  /** Blocks are added in order, so the first row points to the oldest. */
  get firstBlock(): number {
    return this.block[0]!
  }

  shift(by: number): void {
    for (let i = 0; i < this.rows; i++) this.block[i]! -= by
  }

  /** Sorts by event time and id and drops repeats; gives how many. */
  settle(blocks: readonly Block[]): number {
    const { rows, startMs } = this
    // Time within the epoch, the top of the id hash and the row number share the 53 bits of a double, so that a
    // plain numeric sort does nearly all of the work; the rest of the id settles what is then still equal.
    const idBits = 52 - timeBits - Math.ceil(Math.log2(rows + 1))
    const idScale = 2 ** (idBits - 32)
    const rowScale = 2 ** (52 - timeBits - idBits)
    const keys = new Float64Array(rows)
    for (let i = 0; i < rows; i++) {
      const block = blocks[this.block[i]!]!
      const row = this.row[i]!
      const offset = Math.min(block.timeMs[row]! - startMs, 2 ** timeBits - 1)
      const id = Math.floor(block.idHigh[row]! * idScale)
      keys[i] = (Math.floor(offset) * 2 ** idBits + id) * rowScale + i
    }
    keys.sort()
    const order = new Uint32Array(rows)
    for (let i = 0; i < rows; i++) order[i] = keys[i]! % rowScale
    this.insertEqual(blocks, order)
    return this.keepFirst(blocks, order)
  }

  private insertEqual(blocks: readonly Block[], order: Uint32Array): void {
    for (let i = 1; i < order.length; i++) {
      const moving = order[i]!
      let to = i
      while (to > 0 && this.compare(blocks, order[to - 1]!, moving) > 0) {
        order[to] = order[to - 1]!
        to--
      }
      order[to] = moving
    }
  }

  private keepFirst(blocks: readonly Block[], order: Uint32Array): number {
    const block = new Uint32Array(order.length)
    const row = new Uint32Array(order.length)
    let kept = 0
    for (let i = 0; i < order.length; i++) {
      const here = order[i]!
      if (i > 0 && this.compare(blocks, order[i - 1]!, here) === 0) continue
      block[kept] = this.block[here]!
      row[kept] = this.row[here]!
      kept++
    }
    const repeats = this.rows - kept
    this.block = block
    this.row = row
    this.rows = kept
    return repeats
  }

  private compare(blocks: readonly Block[], a: number, b: number): number {
    const left = blocks[this.block[a]!]!
    const right = blocks[this.block[b]!]!
    const i = this.row[a]!
    const j = this.row[b]!
    return (
      left.timeMs[i]! - right.timeMs[j]! ||
      left.idHigh[i]! - right.idHigh[j]! ||
      left.idLow[i]! - right.idLow[j]!
    )
  }
}

/** Enough for the milliseconds of an epoch of up to 16 s; longer ones are still sorted right, only slower. */
const timeBits = 14

function widened(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(array.length * 2)
  wider.set(array)
  return wider
}
