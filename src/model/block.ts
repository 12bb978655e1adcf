import { align, alignedBytes, bytesIn, columnBytes, ColumnReader, noMemory, writeColumns } from './columns'
import type { ColumnArray, MakeColumn } from './columns'
import { detailHeadBytes, maxDetailBytes } from './details'
import { Dictionary } from './dictionary'
import { otherVersion } from './formats'

/**
 * A block is a batch of events as columns in one buffer: what a log stores is what a fold reads, and nothing is
 * parsed or allocated for an event in between.
 *
 * ```
 *  header  64 bytes   magic, version, rows, sequence, watermark, epoch, positions, lengths of what follows
 *  columns            one typed array after the other, widest first, so that each is aligned
 *  ids                rows + 1 offsets, then the bytes of the event ids
 *  details            the same for what few rows have: see `details.ts`
 *  accounts           a dictionary: the 64-bit hashes and names that the `account` column points to
 *  contents           the same for `content`; a row without content points to `none`
 *  source             where the rows come from: a raw partition or the view that wrote the block
 * ```
 */
export interface Columns {
  /** Event time, ms since 1970. */
  readonly timeMs: Float64Array
  /** Keyed hash of the event id. */
  readonly idHigh: Uint32Array
  readonly idLow: Uint32Array
  /** Keyed hash of the actor: its pseudonym. */
  readonly actorHigh: Uint32Array
  readonly actorLow: Uint32Array
  /** When the actor registered, seconds since 1970; 0 where unknown. */
  readonly createdS: Uint32Array
  /** Keyed 32-bit hashes; 0 where the event does not say. `network` is the /24 or /48 of the address. */
  readonly device: Uint32Array
  readonly network: Uint32Array
  readonly agent: Uint32Array
  /** Hash of the folded text. */
  readonly text: Uint32Array
  /**
   * How long the visitor stayed; of an unsubscription, once the actor view has seen it, how long the actor had subscribed.
   * `unknownDwell` where that is not known.
   */
  readonly dwellMs: Uint32Array
  /** How many actions the record stands for: 1, or the count of an impression record. */
  readonly amount: Uint32Array
  /** Where the record lies in its source, counted from `fromPosition`; `unplaced` where that does not say. */
  readonly place: Uint32Array
  /** Index into the block's accounts and contents. */
  readonly account: Uint16Array
  readonly content: Uint16Array
  /** Letters and digits of the folded text. */
  readonly textLength: Uint16Array
  /** Codes of `model/event.ts`. */
  readonly kind: Uint8Array
  readonly action: Uint8Array
  readonly entry: Uint8Array
  /** Annotations of the actor view, 0 before it: see `views/actor`. */
  readonly breadth: Uint8Array
  readonly visits: Uint8Array
  readonly facts: Uint8Array
}

export const unknownDwell = 0xffffffff
export const unplaced = 0xffffffff
export const noContent = 0xffff
/** The most rows of one block, so that 16 bits can point into its dictionaries. */
export const maxRows = 32_768

/**
 * Every column in the order in which a block stores them, each made by the caller. Written out, because an object that
 * a loop fills by name is a hash table to the engine, and every access to a column a look-up in it.
 */
function columnsBy(make: MakeColumn): Columns {
  return {
    timeMs: make(Float64Array),
    idHigh: make(Uint32Array),
    idLow: make(Uint32Array),
    actorHigh: make(Uint32Array),
    actorLow: make(Uint32Array),
    createdS: make(Uint32Array),
    device: make(Uint32Array),
    network: make(Uint32Array),
    agent: make(Uint32Array),
    text: make(Uint32Array),
    dwellMs: make(Uint32Array),
    amount: make(Uint32Array),
    place: make(Uint32Array),
    account: make(Uint16Array),
    content: make(Uint16Array),
    textLength: make(Uint16Array),
    kind: make(Uint8Array),
    action: make(Uint8Array),
    entry: make(Uint8Array),
    breadth: make(Uint8Array),
    visits: make(Uint8Array),
    facts: make(Uint8Array),
  }
}

const magic = 0x42595341 // "ASYB"
const version = 3
const headerBytes = 64

/** What a block says of itself beside its rows. */
export interface BlockHeader {
  /** The raw partition, or the view and partition, that wrote it. */
  readonly source: string
  /** Running number of the writer: 1, 2, …; a reader that has folded number n skips all up to n. */
  readonly sequence: number
  /** No event of this source older than this will follow, other than late ones. */
  readonly watermarkMs: number
  /** Where in the source the rows begin and end (end exclusive): bytes of a file, offsets of a topic. */
  readonly fromPosition: number
  readonly toPosition: number
}

export interface Block extends Readonly<Columns>, BlockHeader {
  readonly rows: number
  readonly idOffsets: Uint32Array
  readonly idBytes: Uint8Array
  readonly detailOffsets: Uint32Array
  readonly detailBytes: Uint8Array
  readonly accounts: Dictionary
  readonly contents: Dictionary
  /** The whole block, as a log stores it. */
  readonly bytes: Uint8Array
}

/** Reads a block from the bytes a log stored. Throws when they are not a block of this version. */
export function readBlock(bytes: Uint8Array): Block {
  const own = alignedBytes(bytes)
  const memory = own.buffer as ArrayBuffer
  const head = new DataView(memory, own.byteOffset, own.byteLength)
  if (own.byteLength < headerBytes || head.getUint32(0, true) !== magic) {
    throw new Error(
      `a block begins with ASYB, these ${own.byteLength} bytes do not; the log is not one of blocks`,
    )
  }
  if (head.getUint16(4, true) !== version) {
    throw otherVersion('a block of', { found: head.getUint16(4, true), expected: version })
  }
  const rows = head.getUint32(8, true)
  const reader = new ColumnReader(memory, own.byteOffset + headerBytes, rows)
  const columns = columnsBy(reader.make)
  let at = align(reader.end - own.byteOffset)
  const idOffsets = new Uint32Array(memory, own.byteOffset + at, rows + 1)
  at += (rows + 1) * 4
  const idBytes = own.subarray(at, at + head.getUint32(48, true))
  at = align(at + idBytes.length)
  const detailOffsets = new Uint32Array(memory, own.byteOffset + at, rows + 1)
  at += (rows + 1) * 4
  const detailBytes = own.subarray(at, at + head.getUint32(40, true))
  at = align(at + detailBytes.length)
  const accounts = Dictionary.read(own, at, head.getUint32(52, true))
  at = align(at + accounts.byteLength)
  const contents = Dictionary.read(own, at, head.getUint32(56, true))
  at = align(at + contents.byteLength)
  const sourceLength = head.getUint32(60, true)
  if (at + sourceLength !== own.byteLength) {
    throw new Error(
      `a block should have ${at + sourceLength} bytes, it has ${own.byteLength}; the log is damaged`,
    )
  }
  checkOffsets(idOffsets, idBytes.length)
  checkOffsets(detailOffsets, detailBytes.length)
  // Columns spread into an object with more behind them cost 30 µs a block: the engine then adds one property at a time.
  return Object.assign(columns, {
    rows,
    idOffsets,
    idBytes,
    detailOffsets,
    detailBytes,
    accounts,
    contents,
    source: textDecoder.decode(own.subarray(at)),
    sequence: head.getUint32(12, true),
    watermarkMs: head.getFloat64(16, true),
    fromPosition: head.getFloat64(24, true),
    toPosition: head.getFloat64(32, true),
    bytes: own,
  })
}

/** Offsets that leave their bytes would make whoever follows them go on for minutes. */
function checkOffsets(offsets: Uint32Array, length: number): void {
  let least = 0
  for (let row = 0; row < offsets.length; row++) {
    const offset = offsets[row]!
    if (offset < least || offset > length) {
      throw new Error(`a block points to byte ${offset} of ${length} in row ${row}; the log is damaged`)
    }
    least = offset
  }
}

/** Collects rows and packs them into a block; one builder serves a writer for its whole life. */
export class BlockBuilder {
  rows = 0
  readonly accounts = new Dictionary()
  readonly contents = new Dictionary()
  private capacity = 1024
  columns = allocate(this.capacity)
  /** The same columns, for what is done to all of them. */
  private columnList = listOf(this.columns)
  private readonly ids = new RowBytes(this.capacity, 24)
  private readonly detailHead = new Uint8Array(detailHeadBytes)
  private memory = noMemory
  private readonly details = new RowBytes(this.capacity, 48)

  /**
   * Opens the next row with every column 0 and gives its index; the caller fills `columns` and then names the event
   * id with `setId`.
   */
  addRow(): number {
    const row = this.openRow()
    const { columns } = this
    columns.createdS[row] = 0
    columns.device[row] = 0
    columns.network[row] = 0
    columns.agent[row] = 0
    columns.text[row] = 0
    columns.dwellMs[row] = unknownDwell
    columns.amount[row] = 1
    columns.place[row] = unplaced
    columns.content[row] = noContent
    columns.textLength[row] = 0
    columns.action[row] = 0
    columns.entry[row] = 0
    columns.breadth[row] = 0
    columns.visits[row] = 0
    columns.facts[row] = 0
    return row
  }

  /**
   * Whether the texts of its rows are so many that they should be packed: of whatever rows it is, a block then stays
   * within the 8 MB that a record of a topic may have.
   */
  get isHeavy(): boolean {
    return this.details.length(this.rows) >= heavyDetailBytes
  }

  /** Takes the last row back, with its id; names that only it used stay in the dictionaries. */
  dropRow(): void {
    this.rows--
  }

  /** Names the event of the last row. */
  setId(bytes: Uint8Array, start: number, end: number): void {
    this.ids.append(this.rows, bytes, start, end)
  }

  /** Adds a detail to the last row; what is longer than a detail can be is cut. */
  addDetail(code: number, bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(end - start, maxDetailBytes)
    const { detailHead } = this
    detailHead[0] = code
    detailHead[1] = length
    detailHead[2] = length >>> 8
    this.details.append(this.rows, detailHead, 0, detailHeadBytes)
    this.details.append(this.rows, bytes, start, start + length)
  }

  /** Copies one row of another block, with the names it points to; its place was in that block's source. */
  copyRow(block: Block, from: number): number {
    const row = this.openRow()
    const { columns } = this
    columns.timeMs[row] = block.timeMs[from]!
    columns.idHigh[row] = block.idHigh[from]!
    columns.idLow[row] = block.idLow[from]!
    columns.actorHigh[row] = block.actorHigh[from]!
    columns.actorLow[row] = block.actorLow[from]!
    columns.createdS[row] = block.createdS[from]!
    columns.device[row] = block.device[from]!
    columns.network[row] = block.network[from]!
    columns.agent[row] = block.agent[from]!
    columns.text[row] = block.text[from]!
    columns.dwellMs[row] = block.dwellMs[from]!
    columns.amount[row] = block.amount[from]!
    columns.place[row] = unplaced
    columns.account[row] = this.accounts.copy(block.accounts, block.account[from]!)
    const content = block.content[from]!
    columns.content[row] = content === noContent ? noContent : this.contents.copy(block.contents, content)
    columns.textLength[row] = block.textLength[from]!
    columns.kind[row] = block.kind[from]!
    columns.action[row] = block.action[from]!
    columns.entry[row] = block.entry[from]!
    columns.breadth[row] = block.breadth[from]!
    columns.visits[row] = block.visits[from]!
    columns.facts[row] = block.facts[from]!
    this.setId(block.idBytes, block.idOffsets[from]!, block.idOffsets[from + 1]!)
    const { detailOffsets } = block
    this.details.append(this.rows, block.detailBytes, detailOffsets[from]!, detailOffsets[from + 1]!)
    return row
  }

  /** The rows as the bytes of a block, which leaves them in the builder: for a snapshot, of which `reopen` takes them. */
  openRows(): Uint8Array {
    if (this.rows === 0) return new Uint8Array(0)
    const { bytes } = this.finish({ source: '', sequence: 0, watermarkMs: 0, fromPosition: 0, toPosition: 0 })
    this.reopen(bytes)
    return bytes
  }

  /** Puts rows back that `openRows` gave, with their places. */
  reopen(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const block = readBlock(bytes)
    for (let from = 0; from < block.rows; from++) {
      const row = this.copyRow(block, from)
      this.columns.place[row] = block.place[from]!
    }
  }

  /** Packs the rows into a block and empties the builder; the block takes over memory of an earlier one, where it fits. */
  finish(header: BlockHeader, memory = noMemory): Block {
    return readBlock(this.packInto(memory, header))
  }

  /** The same, for who only wants what a log stores, and only until the next one is packed. */
  pack(header: BlockHeader): Uint8Array {
    const packed = this.packInto(this.memory, header)
    this.memory = packed.buffer
    return packed
  }

  private packInto(memory: ArrayBuffer, header: BlockHeader): Uint8Array<ArrayBuffer> {
    const { rows } = this
    const source = textEncoder.encode(header.source)
    const idsAt = align(headerBytes + columnBytes(this.columnList, rows))
    const detailsAt = align(idsAt + this.ids.byteLength(rows))
    const accountsAt = align(detailsAt + this.details.byteLength(rows))
    const contentsAt = align(accountsAt + this.accounts.byteLength)
    const sourceAt = align(contentsAt + this.contents.byteLength)
    const bytes = bytesIn(memory, sourceAt + source.length)

    bytes.fill(0, 0, headerBytes)
    for (const end of [idsAt, detailsAt, accountsAt, contentsAt, sourceAt]) bytes.fill(0, end - 8, end)
    const head = new DataView(bytes.buffer)
    head.setUint32(0, magic, true)
    head.setUint16(4, version, true)
    head.setUint32(8, rows, true)
    head.setUint32(12, header.sequence, true)
    head.setFloat64(16, header.watermarkMs, true)
    head.setFloat64(24, header.fromPosition, true)
    head.setFloat64(32, header.toPosition, true)
    head.setUint32(40, this.details.length(rows), true)
    head.setUint32(48, this.ids.length(rows), true)
    head.setUint32(52, this.accounts.size, true)
    head.setUint32(56, this.contents.size, true)
    head.setUint32(60, source.length, true)

    writeColumns(this.columnList, rows, bytes, headerBytes)
    this.ids.write(bytes, idsAt, rows)
    this.details.write(bytes, detailsAt, rows)
    this.accounts.write(bytes, accountsAt)
    this.contents.write(bytes, contentsAt)
    bytes.set(source, sourceAt)

    this.rows = 0
    this.accounts.clear()
    this.contents.clear()
    return bytes
  }

  private openRow(): number {
    if (this.rows === this.capacity) this.grow()
    const row = this.rows++
    this.ids.open(row)
    this.details.open(row)
    return row
  }

  private grow(): void {
    this.capacity *= 2
    const narrow = this.columnList
    this.columns = allocate(this.capacity)
    this.columnList = listOf(this.columns)
    this.columnList.forEach((column, index) => {
      column.set(narrow[index]!)
    })
    this.ids.reach(this.capacity)
    this.details.reach(this.capacity)
  }
}

/** With one more row, of at most 256 kB, and all that 4,096 rows can have beside their details: 7 MB. */
const heavyDetailBytes = 4 << 20

/** Bytes of rows, one row's after the other's. */
class RowBytes {
  private offsets: Uint32Array
  private bytes: Uint8Array

  constructor(rows: number, bytesPerRow: number) {
    this.offsets = new Uint32Array(rows + 1)
    this.bytes = new Uint8Array(rows * bytesPerRow)
  }

  /** The row has no bytes yet. */
  open(row: number): void {
    this.offsets[row + 1] = this.offsets[row]!
  }

  /** Adds bytes to the last of so many rows. */
  append(rows: number, source: Uint8Array, start: number, end: number): void {
    const from = this.offsets[rows]!
    const to = from + end - start
    if (to > this.bytes.length) {
      const wider = new Uint8Array(Math.max(to, this.bytes.length * 2))
      wider.set(this.bytes.subarray(0, from))
      this.bytes = wider
    }
    const { bytes } = this
    for (let i = start, j = from; i < end; i++, j++) bytes[j] = source[i]!
    this.offsets[rows] = to
  }

  reach(rows: number): void {
    const wider = new Uint32Array(rows + 1)
    wider.set(this.offsets)
    this.offsets = wider
  }

  /** The bytes of so many rows, without their offsets. */
  length(rows: number): number {
    return this.offsets[rows]!
  }

  /** Size of what `write` writes. */
  byteLength(rows: number): number {
    return (rows + 1) * 4 + this.length(rows)
  }

  write(target: Uint8Array, at: number, rows: number): void {
    target.set(new Uint8Array(this.offsets.buffer, 0, (rows + 1) * 4), at)
    target.set(this.bytes.subarray(0, this.length(rows)), at + (rows + 1) * 4)
  }
}

/**
 * A block without rows: it says how far a source is, `-Infinity` before its first event, `Infinity` at its end. Where it may
 * come late, it names the position that the source had reached, so that it can be told from what came after.
 */
export function markBlock(source: string, watermarkMs: number, position = 0): Block {
  return new BlockBuilder().finish({
    ...{ source, sequence: 0, watermarkMs },
    ...{ fromPosition: position, toPosition: position },
  })
}

/** The event id of a row, as text. */
export function eventIdOf(block: Block, row: number): string {
  return textDecoder.decode(block.idBytes.subarray(block.idOffsets[row], block.idOffsets[row + 1]))
}

const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()

function allocate(rows: number): Columns {
  return columnsBy((Width) => new Width(rows))
}

function listOf(columns: Columns): readonly ColumnArray[] {
  return Object.values(columns) as ColumnArray[]
}
