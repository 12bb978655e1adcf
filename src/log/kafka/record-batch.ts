import { CompressionCodecs } from 'kafkajs'
import type { FetchedMessage } from 'kafkajs/src/protocol/requests/fetch/v11/response'

/** A batch of records as brokers keep it since Kafka 0.11. */
export interface RecordBatch {
  readonly producerId: string
  readonly inTransaction: boolean
  readonly isControlBatch: boolean
  readonly lastOffset: number
  readonly records: FetchedMessage[]
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
    firstTimestampMs: Number(bytes.readBigInt64BE(at.firstTimestamp)),
    appendTimeMs: isLogAppendTime ? Number(bytes.readBigInt64BE(at.maxTimestamp)) : undefined,
  }
  const plain = await uncompressed(attributes & 0x07, bytes.subarray(at.records))
  const cursor = new Cursor(plain)
  const records: FetchedMessage[] = []
  for (let index = 0; index < count; index++) records.push(readRecord(cursor, batch))
  return {
    producerId: bytes.readBigInt64BE(at.producerId).toString(),
    inTransaction: (attributes & 0x10) !== 0,
    isControlBatch: (attributes & 0x20) !== 0,
    lastOffset: firstOffset + bytes.readInt32BE(at.lastOffsetDelta),
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

function readRecord(
  cursor: Cursor,
  { firstOffset, firstTimestampMs, appendTimeMs }: BatchContext,
): FetchedMessage {
  const bytes = cursor.varint()
  const end = cursor.offset + bytes
  if (bytes < 0 || end > cursor.bytes.length) throw new Error('a record is longer than its batch')
  cursor.offset++
  const timestampMs = firstTimestampMs + cursor.varint()
  const offset = firstOffset + cursor.varint()
  const key = cursor.slice(end)
  const value = cursor.slice(end)
  const headers = readHeaders(cursor, end)
  cursor.offset = end
  return {
    offset: String(offset),
    timestamp: String(appendTimeMs ?? timestampMs),
    key,
    value,
    headers,
    isControlRecord: false,
  }
}

function readHeaders(cursor: Cursor, end: number): FetchedMessage['headers'] {
  const count = cursor.varint()
  if (count === 0) return noHeaders
  cursor.headers += count
  if (count < 0 || cursor.headers > maxBatchItems) {
    throw new Error(`it holds more than ${maxBatchItems} headers`)
  }
  const headers = Object.create(null) as Record<string, Buffer | Buffer[] | undefined>
  for (let index = 0; index < count; index++) {
    const name = cursor.slice(end)?.toString() ?? ''
    // One without a value is as one with an empty one: kafkajs cannot write it otherwise.
    const value = cursor.slice(end) ?? Buffer.alloc(0)
    const before = headers[name]
    if (Array.isArray(before)) before.push(value)
    else headers[name] = before === undefined ? value : [before, value]
  }
  return headers
}

const noHeaders: FetchedMessage['headers'] = Object.freeze(Object.create(null) as FetchedMessage['headers'])

/** A place in the uncompressed records of a batch. */
class Cursor {
  offset = 0
  /** Of all records so far. */
  headers = 0

  constructor(readonly bytes: Buffer) {}

  /** A signed number of up to 64 bits; beyond 53 its last digits are lost. */
  varint(): number {
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

  /** Bytes behind their length; null where that is -1. */
  slice(end: number): Buffer | null {
    const length = this.varint()
    if (length === -1) return null
    if (length < 0 || length > end - this.offset)
      throw new Error('a key, value or header is longer than its record')
    this.offset += length
    return this.bytes.subarray(this.offset - length, this.offset)
  }
}
