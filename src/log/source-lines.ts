import { maxRecordBytes } from '../model/record'
import type { LineChunk } from '../model/record'

/**
 * Cuts a stream of bytes into stretches of whole lines, each complete when it is given; how the stream was divided
 * changes nothing but where the stretches end. The last line may lack its newline. Of a line beyond the limit only the
 * beginning is kept, a little longer than the limit, so that whoever reads it sees that it is too long.
 */
export async function* cutLines(
  pieces: AsyncIterable<Uint8Array>,
  fromPosition: number,
): AsyncGenerator<LineChunk, void, undefined> {
  let position = fromPosition
  const open = new OpenLine()
  for await (const piece of pieces) {
    const firstEnd = piece.indexOf(newline) + 1
    if (firstEnd === 0) {
      open.add(piece)
      continue
    }
    let from = 0
    if (open.length > 0) {
      open.add(piece.subarray(0, firstEnd))
      const nextPosition = position + open.length
      yield { format: 'lines', bytes: open.take(), position, nextPosition }
      position = nextPosition
      from = firstEnd
    }
    const lastEnd = piece.lastIndexOf(newline) + 1
    if (lastEnd > from) {
      const nextPosition = position + lastEnd - from
      yield { format: 'lines', bytes: piece.subarray(from, lastEnd), position, nextPosition }
      position = nextPosition
    }
    open.add(piece.subarray(lastEnd))
  }
  if (open.length === 0) return
  const nextPosition = position + open.length
  yield { format: 'lines', bytes: open.take(), position, nextPosition }
}

const newline = 0x0a

/** A line whose end has not come yet. */
class OpenLine {
  /** Of the whole line, more than is kept of a giant one. */
  length = 0
  private kept = new Uint8Array(4096)
  private keptLength = 0

  add(piece: Uint8Array): void {
    this.length += piece.length
    const part = piece.subarray(0, maxRecordBytes + 1 - this.keptLength)
    const needed = this.keptLength + part.length
    if (needed > this.kept.length) {
      const wider = new Uint8Array(Math.max(needed, this.kept.length * 2))
      wider.set(this.kept.subarray(0, this.keptLength))
      this.kept = wider
    }
    this.kept.set(part, this.keptLength)
    this.keptLength = needed
  }

  take(): Uint8Array {
    const line = this.kept.subarray(0, this.keptLength)
    this.length = 0
    this.keptLength = 0
    return line
  }
}
