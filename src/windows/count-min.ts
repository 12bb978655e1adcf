import { mix32 } from '../model/hash'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/**
 * How often each of very many keys was seen, in fixed memory. An estimate is never below the truth (while counts are
 * not negative), and with probability 1 - `delta` not above it by more than `epsilon` of the total. Linear: sketches
 * of one shape merge by addition and age by a factor, so that the order of events is of no effect.
 *
 * Keys are 32-bit hashes under a secret key; who can choose his hash can aim at a cell.
 *
 * Source: Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch and its applications" (2005).
 */
export class CountMin {
  private readonly cells: Float64Array
  private readonly mask: number
  private sum = 0

  /** The width must be a power of two, so that a cell is some bits of a hash: a division costs as much as the rest. */
  constructor(readonly options: { readonly width: number; readonly depth: number }) {
    this.cells = new Float64Array(options.width * options.depth)
    this.mask = options.width - 1
    if ((options.width & this.mask) !== 0) {
      throw new Error(
        `the width of a count-min sketch must be a power of two, got ${options.width}; take the next one above`,
      )
    }
  }

  /** All that was added, over all keys. */
  get total(): number {
    return this.sum
  }

  /** The share of the total that an estimate may be too high by. */
  get epsilon(): number {
    return Math.E / this.options.width
  }

  /** The chance that an estimate is too high by more than that. */
  get delta(): number {
    return Math.exp(-this.options.depth)
  }

  get byteLength(): number {
    return this.cells.byteLength
  }

  add(key: number, count = 1): void {
    const { cells, mask } = this
    const { width, depth } = this.options
    for (let row = 0; row < depth; row++) cells[row * width + (mix32(key, row + 1) & mask)]! += count
    this.sum += count
  }

  /** How often a key was seen: the truth or somewhat more. */
  estimate(key: number): number {
    const { cells, mask } = this
    const { width, depth } = this.options
    let least = Number.POSITIVE_INFINITY
    for (let row = 0; row < depth; row++) {
      least = Math.min(least, cells[row * width + (mix32(key, row + 1) & mask)]!)
    }
    return least
  }

  /** The estimate as a share of the total, 0 while nothing was seen. */
  share(key: number): number {
    return this.sum > 0 ? this.estimate(key) / this.sum : 0
  }

  /** Adds what another sketch of the same shape has seen. */
  merge(other: CountMin): void {
    if (other.options.width !== this.options.width || other.options.depth !== this.options.depth) {
      throw new Error(
        `count-min sketches merge only in one shape: ${shapeOf(this)} differs from ${shapeOf(other)}; ` +
          'build both with the same width and depth',
      )
    }
    for (let cell = 0; cell < this.cells.length; cell++) this.cells[cell]! += other.cells[cell]!
    this.sum += other.sum
  }

  /** Lets the past fade: every count is multiplied by the factor. */
  scale(factor: number): void {
    for (let cell = 0; cell < this.cells.length; cell++) this.cells[cell]! *= factor
    this.sum *= factor
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.cells`, this.cells)
    out.value(`${name}.total`, this.sum)
  }

  load(from: SnapshotReader, name: string): void {
    this.cells.set(from.float64(`${name}.cells`))
    this.sum = from.number(`${name}.total`)
  }
}

function shapeOf({ options }: CountMin): string {
  return `${options.width} by ${options.depth}`
}
