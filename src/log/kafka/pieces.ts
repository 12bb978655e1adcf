/** The header of a piece of a record that is too large for one message: where it begins, and the bytes of the whole. */
export const pieceHeader = 'piece'

/** What goes into one message of a record. */
export interface Piece {
  readonly value: Uint8Array
  /** The header `piece`; absent where the record goes into one message. */
  readonly place?: string
}

/** A record as it goes into messages: whole, or cut where it has more bytes than one message is to have. */
export function piecesOf(record: Uint8Array, most = mostPieceBytes): Piece[] {
  if (record.length <= most) return [{ value: record }]
  const pieces: Piece[] = []
  for (let start = 0; start < record.length; start += most) {
    pieces.push({ value: record.subarray(start, start + most), place: `${start}/${record.length}` })
  }
  return pieces
}

/**
 * Joins the pieces of one record after the other. A writer that was restarted sends the record again from its beginning, and one
 * of another version may cut it elsewhere; its bytes are the same, so that what is there already is passed over.
 */
export class PieceJoiner {
  private parts: Uint8Array[] = []
  private bytes = 0

  /** What a message has of the next record: the record once it is whole, `more` until then, `gap` where bytes are missing. */
  take(value: Uint8Array, place: string | undefined): Uint8Array | 'more' | 'gap' {
    if (place === undefined) {
      this.forget()
      return value
    }
    const [start, total] = place.split('/').map(Number)
    if (!(start! <= this.bytes) || !(start! + value.length <= total!)) return 'gap'
    const news = value.subarray(this.bytes - start!)
    if (news.length > 0) {
      this.parts.push(news)
      this.bytes += news.length
    }
    if (this.bytes < total!) return 'more'
    const record = new Uint8Array(total!)
    let at = 0
    for (const part of this.parts) {
      record.set(part, at)
      at += part.length
    }
    this.forget()
    return record
  }

  /** What follows begins with another record. */
  forget(): void {
    this.parts = []
    this.bytes = 0
  }
}

/** Far below what our topics take (`maxMessageBytes`), so that no broker in between has to be set up for more. */
const mostPieceBytes = 2 << 20
