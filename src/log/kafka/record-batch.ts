import { CompressionCodecs } from 'kafkajs'
import type { FetchedMessage } from 'kafkajs/src/protocol/requests/fetch/v11/response'

/** A batch of records as brokers keep it since Kafka 0.11. */
export interface RecordBatch {
  readonly producerId: string
  readonly inTransaction: boolean
  readonly isControlBatch: boolean
  readonly lastOffset: number
  readonly records: FetchedRecord[]
  /** What its records take in memory, about. */
  readonly memoryBytes: number
}

/** Most records and headers together that a batch may hold; an honest one is full long before. */
export const maxBatchItems = 1 << 18

/**
 * Reads the batch that fills these bytes. Its counts and lengths are believed only as far as there are bytes for them,
 * and its time grows with its size alone, whatever a producer has put together; what is wrong with it is thrown.
 *
 * Source: apache/kafka, clients/src/main/java/org/apache/kafka/common/record/DefaultRecordBatch.java.
 */
export async function readRecordBatch(bytes: Buffer): Promise<RecordBatch> {
  const attributes = bytes.readInt16BE(at.attributes)
  const count = bytes.readInt32BE(at.count)
  if (count < 0 || count > maxBatchItems) {
    throw new Error(`it claims ${count} records, between 0 and ${maxBatchItems} are taken`)
  }
  const firstOffset = Number(bytes.readBigInt64BE(at.firstOffset))
  const isLogAppendTime = (attributes & 0x08) !== 0
  const batch: BatchContext = {
    firstOffset,
    lastOffsetDelta: bytes.readInt32BE(at.lastOffsetDelta),
    firstTimestampMs: Number(bytes.readBigInt64BE(at.firstTimestamp)),
    appendTimeMs: isLogAppendTime ? Number(bytes.readBigInt64BE(at.maxTimestamp)) : undefined,
  }
  const plain = await uncompressed(attributes & 0x07, bytes.subarray(at.records))
  // Each takes a byte at least: room is made for no more than there can be.
  if (count > plain.length) throw new Error('it ends within a number')
  const cursor = new Cursor(plain)
  const columns = new RecordColumns(plain, count)
  const records = new Array<FetchedRecord>(count)
  for (let index = 0; index < count; index++) {
    columns.read(cursor, index, batch)
    records[index] = new FetchedRecord(columns, index)
  }
  return {
    producerId: bytes.readBigInt64BE(at.producerId).toString(),
    inTransaction: (attributes & 0x10) !== 0,
    isControlBatch: (attributes & 0x20) !== 0,
    lastOffset: firstOffset + batch.lastOffsetDelta,
    records,
    memoryBytes: plain.length + itemBytes * (count + cursor.headers),
  }
}

/** Where the fields of the head stand. */
const at = {
  firstOffset: 0,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const
/** What a record or a header costs beside its bytes, about. */
const itemBytes = 256

interface BatchContext {
  readonly firstOffset: number
  readonly lastOffsetDelta: number
  readonly firstTimestampMs: number
  /** The same for all records, where the broker dates them. */
  readonly appendTimeMs: number | undefined
}

async function uncompressed(codec: number, bytes: Buffer): Promise<Buffer> {
  if (codec === 0) return bytes
  const make = (CompressionCodecs as Readonly<Record<number, CodecMaker | undefined>>)[codec]
  if (make === undefined) throw new Error(`it is compressed in a way that Kafka does not know (${codec})`)
  return make().decompress(bytes)
}

type CodecMaker = () => { decompress(bytes: Buffer): Promise<Buffer> }

/**
 * What is known of the records of a batch, as columns: many are fetched ahead of who takes them, and an object of each that
 * waits would be copied by the collector again and again. Lengths have been checked, so that nothing fails later.
 */
class RecordColumns {
  readonly offsets: Float64Array
  readonly timesMs: Float64Array
  /** Where each begins behind its length, and where it ends. */
  private readonly starts: Int32Array
  private readonly ends: Int32Array
  /** Where key and value begin, and their lengths: -1 where there is none. */
  private readonly places: Int32Array
  private readonly headersAt: Int32Array
  private latestOffsetDelta = -1

  constructor(
    private readonly bytes: Buffer,
    count: number,
  ) {
    this.offsets = new Float64Array(count)
    this.timesMs = new Float64Array(count)
    this.starts = new Int32Array(count)
    this.ends = new Int32Array(count)
    this.places = new Int32Array(4 * count)
    this.headersAt = new Int32Array(count)
  }

  read(
    cursor: Cursor,
    index: number,
    { firstOffset, lastOffsetDelta, firstTimestampMs, appendTimeMs }: BatchContext,
  ): void {
    const bytes = cursor.varint()
    const end = cursor.offset + bytes
    if (bytes < 0 || end > cursor.bytes.length) throw new Error('a record is longer than its batch')
    this.starts[index] = cursor.offset
    this.ends[index] = end
    cursor.offset++
    const timestampMs = firstTimestampMs + cursor.varint()
    this.timesMs[index] = appendTimeMs ?? timestampMs
    const offsetDelta = cursor.varint()
    // Brokers take a batch that is not compressed with whatever its producer wrote here, and who reads believes an
    // offset: one far ahead would have all that follow it passed over.
    if (offsetDelta <= this.latestOffsetDelta || offsetDelta > lastOffsetDelta) {
      throw new Error('the offsets in it do not go up to its last one')
    }
    this.latestOffsetDelta = offsetDelta
    this.offsets[index] = firstOffset + offsetDelta
    for (let place = 4 * index; place < 4 * index + 4; place += 2) {
      const length = cursor.skip(end)
      this.places[place] = cursor.offset - Math.max(0, length)
      this.places[place + 1] = length
    }
    this.headersAt[index] = cursor.offset
    skipHeaders(cursor, end)
    if (cursor.offset > end) throw new Error('a record is longer than it says')
    cursor.offset = end
  }

  bytesOf(index: number): number {
    return this.ends[index]! - this.starts[index]!
  }

  keyOf(index: number): Buffer | null {
    return this.slice(4 * index)
  }

  valueOf(index: number): Buffer | null {
    return this.slice(4 * index + 2)
  }

  headersOf(index: number): FetchedMessage['headers'] {
    const at = this.headersAt[index]!
    return this.bytes[at] === 0 ? noHeaders : readHeaders(new Cursor(this.bytes, at), this.ends[index]!)
  }

  private slice(place: number): Buffer | null {
    const start = this.places[place]!
    const length = this.places[place + 1]!
    return length < 0 ? null : this.bytes.subarray(start, start + length)
  }
}

/** A record of a batch, as kafkajs wants messages to be; what is in it is looked up when it is asked for. */
export class FetchedRecord implements FetchedMessage {
  readonly isControlRecord = false
  isPassedOver = false

  constructor(
    private readonly columns: RecordColumns,
    private readonly index: number,
  ) {}

  get offset(): string {
    return String(this.position)
  }

  get timestamp(): string {
    return String(this.timeMs)
  }

  get key(): Buffer | null {
    return this.columns.keyOf(this.index)
  }

  get value(): Buffer | null {
    return this.columns.valueOf(this.index)
  }

  get headers(): FetchedMessage['headers'] {
    return this.columns.headersOf(this.index)
  }

  /** Its offset as a number. */
  get position(): number {
    return this.columns.offsets[this.index]!
  }

  /** Its timestamp as a number. */
  get timeMs(): number {
    return this.columns.timesMs[this.index]!
  }

  /** Of key, value and headers together, about. */
  get bytes(): number {
    return this.columns.bytesOf(this.index)
  }
}

/** Passes over headers, to see that they lie within their record and are not too many. */
function skipHeaders(cursor: Cursor, end: number): void {
  const count = cursor.varint()
  cursor.headers += Math.max(0, count)
  if (count < 0 || cursor.headers > maxBatchItems) {
    throw new Error(`it holds more than ${maxBatchItems} headers`)
  }
  for (let part = 0; part < 2 * count; part++) cursor.skip(end)
}

function readHeaders(cursor: Cursor, end: number): FetchedMessage['headers'] {
  const count = cursor.varint()
  const headers = Object.create(null) as Record<string, Buffer | undefined>
  for (let index = 0; index < count; index++) {
    const name = cursor.slice(end)?.toString() ?? ''
    // One without a value is as one with an empty one: kafkajs cannot write it otherwise.
    headers[name] = cursor.slice(end) ?? Buffer.alloc(0)
  }
  return headers
}

const noHeaders: FetchedMessage['headers'] = Object.freeze(Object.create(null) as FetchedMessage['headers'])

/** A place in the uncompressed records of a batch. */
class Cursor {
  /** Of all records so far. */
  headers = 0

  constructor(
    readonly bytes: Buffer,
    public offset = 0,
  ) {}

  /** A signed number of up to 64 bits; beyond 53 its last digits are lost. */
  varint(): number {
    // Most are one byte.
    const first = this.bytes[this.offset]!
    if (first < 0x80) {
      this.offset++
      return (first >>> 1) ^ -(first & 1)
    }
    let value = 0
    let scale = 1
    for (let length = 1; length <= 10; length++) {
      const byte = this.bytes[this.offset++]
      if (byte === undefined) throw new Error('it ends within a number')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      scale *= 128
    }
    throw new Error('a number is longer than 64 bits')
  }

  /** Passes over bytes behind their length, and gives that; -1 where there are none. */
  skip(end: number): number {
    const length = this.varint()
    if (length === -1) return -1
    if (length < 0 || length > end - this.offset)
      throw new Error('a key, value or header is longer than its record')
    this.offset += length
    return length
  }

  /** Bytes behind their length; null where that is -1. */
  slice(end: number): Buffer | null {
    const length = this.skip(end)
    return length < 0 ? null : this.bytes.subarray(this.offset - length, this.offset)
  }
}
