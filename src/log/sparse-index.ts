/** Where a record begins: its position in the log and its byte in the segment. */
export interface Place {
  readonly position: number
  readonly at: number
}

/** A reader skips at most about this much to get to a record it knows the neighbour of. */
export const indexedEveryBytes = 64 << 10

/** Remembers some places of a segment, in order, so that a read need not begin at the start: 16 bytes for each 64 kB. */
export class SparseIndex {
  private readonly positions: number[]
  private readonly ats: number[]

  constructor(start: Place) {
    this.positions = [start.position]
    this.ats = [start.at]
  }

  /** Remembers a place if it lies far enough behind the last one it knows. */
  add({ position, at }: Place): void {
    if (at < this.ats.at(-1)! + indexedEveryBytes) return
    this.positions.push(position)
    this.ats.push(at)
  }

  /** The last known place that is not behind a position. */
  seek(position: number): Place {
    let low = 0
    let high = this.positions.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.positions[middle]! <= position) low = middle
      else high = middle - 1
    }
    return { position: this.positions[low]!, at: this.ats[low]! }
  }
}
