import type { Block } from './block'

/**
 * What only some rows have, and what is only needed where something must be named: strings of one row, one after the
 * other, each after the code of what it is (a byte) and its length (two bytes). The code is the index here. Append
 * only: logs on disk carry the codes.
 */
export const detailNames = [
  'actor',
  'text',
  'title',
  'link',
  'tag',
  'media',
  'original',
  'subject',
  'category',
  'name',
  'declared-network',
  'grade',
  'approver',
  'occurred-at',
] as const
export type DetailName = (typeof detailNames)[number]

export function detailCode(name: DetailName): number {
  return detailNames.indexOf(name)
}

/** Bytes before each string: its code and its length. */
export const detailHeadBytes = 3
/** The longest string of a detail, in bytes. */
export const maxDetailBytes = 0xffff

/** Goes through the details of a row without allocating: `next()`, then `code`, `start` and `end` in `bytes`. */
export class DetailReader {
  bytes: Uint8Array = new Uint8Array(0)
  code = 0
  start = 0
  end = 0
  private rowEnd = 0

  /** Stands before the first detail of a row. */
  open(block: Block, row: number): this {
    this.bytes = block.detailBytes
    this.end = block.detailOffsets[row]!
    this.rowEnd = block.detailOffsets[row + 1]!
    return this
  }

  next(): boolean {
    const { bytes, end } = this
    if (end >= this.rowEnd) return false
    this.code = bytes[end]!
    this.start = end + detailHeadBytes
    this.end = this.start + (bytes[end + 1]! | (bytes[end + 2]! << 8))
    return true
  }

  /** Goes to the first detail of a row with a code; false when the row has none. */
  find(block: Block, row: number, code: number): boolean {
    this.open(block, row)
    while (this.next()) if (this.code === code) return true
    return false
  }

  text(): string {
    return textDecoder.decode(this.bytes.subarray(this.start, this.end))
  }
}

/** The first detail of a name that a row has, as text. */
export function detailOf(block: Block, row: number, name: DetailName): string | undefined {
  const reader = new DetailReader()
  return reader.find(block, row, detailCode(name)) ? reader.text() : undefined
}

/** Who did it, by the platform's own id. */
export function actorIdOf(block: Block, row: number): string {
  return detailOf(block, row, 'actor') ?? ''
}

const textDecoder = new TextDecoder()
