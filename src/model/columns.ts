/** What blocks and acts have in common: columns of one buffer, one typed array after the other. */
export type ColumnArray = Float64Array | Uint32Array | Uint16Array | Uint8Array

export interface WidthOf<Column> {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): Column
  new (memory: ArrayBuffer, byteOffset: number, length: number): Column
}

/** Makes one column; a format calls it once for each, in the order in which it stores them. */
export type MakeColumn = <Column extends ColumnArray>(Width: WidthOf<Column>) => Column

/** Makes columns over a buffer, one behind the other; `end` is where the last one ends. */
export class ColumnReader {
  constructor(
    private readonly memory: ArrayBuffer,
    public end: number,
    private readonly rows: number,
  ) {}

  readonly make: MakeColumn = (Width) => {
    const column = new Width(this.memory, this.end, this.rows)
    this.end += column.byteLength
    return column
  }
}

/** Bytes that so many rows of some columns take. */
export function columnBytes(columns: readonly ColumnArray[], rows: number): number {
  return columns.reduce((bytes, { BYTES_PER_ELEMENT }) => bytes + rows * BYTES_PER_ELEMENT, 0)
}

/** Writes so many rows of some columns, one behind the other. */
export function writeColumns(
  columns: readonly ColumnArray[],
  rows: number,
  target: Uint8Array,
  at: number,
): void {
  for (const { buffer, BYTES_PER_ELEMENT } of columns) {
    const length = rows * BYTES_PER_ELEMENT
    target.set(new Uint8Array(buffer, 0, length), at)
    at += length
  }
}

/** The buffer of stored bytes where it can be read as columns, which need 8-byte alignment; else a copy. */
export function alignedBytes(stored: Uint8Array): Uint8Array {
  return stored.byteOffset % 8 === 0 ? stored : new Uint8Array(stored)
}

/** The next offset that is a multiple of eight. */
export function align(bytes: number): number {
  return (bytes + 7) & ~7
}

export const noMemory = new ArrayBuffer(0)

/** So many bytes at the beginning of some memory, or of new memory where that is too small; what they hold is anything. */
export function bytesIn(memory: ArrayBuffer, length: number): Uint8Array<ArrayBuffer> {
  // Records of one kind are of about one size, and the next one is to find room.
  const ample = memory.byteLength < length ? new ArrayBuffer(length + (length >>> 2)) : memory
  return new Uint8Array(ample, 0, length)
}
