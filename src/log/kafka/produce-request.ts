import Encoder from 'kafkajs/src/protocol/encoder'
import type { ProducedMessage, ProduceRequest } from 'kafkajs/src/protocol/requests/produce'
import { crc32c } from './crc32c'

/** Whether it is what our writers send: neither compressed nor of a transaction, without sequences, dated as it is sent. */
export function isPlain({ compression, transactionalId, producerId, topicData }: ProduceRequest): boolean {
  return (
    (compression ?? 0) === 0 &&
    (transactionalId ?? null) === null &&
    Number(producerId) === -1 &&
    topicData.every(({ partitions }) =>
      partitions.every(({ messages }) => messages.every(({ timestamp }) => (timestamp ?? null) === null)),
    )
  )
}

/**
 * The body of a produce request, version 3 to 7, of what `isPlain`: the bytes that kafkajs gives, in one buffer that is
 * written once. kafkajs makes one for each record, for the records, the batch, its head and so on outwards, each zeroed,
 * and copies what is within.
 *
 * Source: apache/kafka, clients/src/main/resources/common/message/ProduceRequest.json and
 * clients/src/main/java/org/apache/kafka/common/record/DefaultRecordBatch.java.
 */
export function encodeProduce({ acks, timeout, producerEpoch, topicData }: ProduceRequest): Encoder {
  const nowMs = Date.now()
  const topics = topicData.map(({ topic, partitions }) => ({
    name: Buffer.from(topic),
    partitions: partitions.map(({ partition, firstSequence, messages }) => ({
      partition,
      batch: sized(messages),
      firstSequence: firstSequence ?? 0,
    })),
  }))
  let bytes = 2 + 2 + 4 + 4
  for (const { name, partitions } of topics) {
    bytes += 2 + name.length + 4
    for (const { batch } of partitions) bytes += 4 + 4 + batchHeadBytes + batch.bytes
  }
  const memory = Buffer.allocUnsafeSlow(headRoomBytes + bytes)
  const writer = new Writer(memory.subarray(headRoomBytes))
  writer.int16(-1)
  writer.int16(acks)
  writer.int32(timeout)
  writer.int32(topics.length)
  for (const { name, partitions } of topics) {
    writer.int16(name.length)
    writer.raw(name)
    writer.int32(partitions.length)
    for (const { partition, batch, firstSequence } of partitions) {
      writer.int32(partition)
      writer.int32(batchHeadBytes + batch.bytes)
      writeBatch(writer, batch, { nowMs, firstSequence, producerEpoch: producerEpoch ?? 0 })
    }
  }
  const encoder = new Encoder(1)
  encoder.buf = writer.bytes
  encoder.offset = writer.bytes.length
  headRooms.set(encoder, headRoomBytes)
  return encoder
}

/**
 * Puts behind what an encoder has what another one has, as kafkajs does; but where in the memory of the other one there is room in
 * front, what the first has is copied there, and the whole is its own from now on. A request gets its heads around it so, without
 * being copied for each of them.
 */
export function writeEncoder(this: Encoder, body: Encoder): Encoder {
  const room = headRooms.get(body)
  if (room === undefined || room < this.offset) return originalWriteEncoder.call(this, body)
  headRooms.delete(body)
  const { buffer, byteOffset } = body.buf
  const whole = Buffer.from(buffer, byteOffset - this.offset, this.offset + body.offset)
  whole.set(this.buffer)
  headRooms.set(this, room - this.offset)
  this.buf = whole
  this.offset = whole.length
  return this
}

const originalWriteEncoder = Object.getOwnPropertyDescriptor(Encoder.prototype, 'writeEncoder')!.value as (
  this: Encoder,
  body: Encoder,
) => Encoder

/** How many bytes in front of what an encoder has nobody else uses. */
const headRooms = new WeakMap<Encoder, number>()
/** Enough for the numbers of a head and a client's name of some length. */
const headRoomBytes = 256

/** Records as bytes, and how many those will be. */
interface SizedBatch {
  readonly records: readonly SizedRecord[]
  readonly bytes: number
}

interface SizedRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** Names and values in turn. */
  readonly headers: readonly (Buffer | null)[]
  /** Without the length in front. */
  readonly bytes: number
}

function sized(messages: readonly ProducedMessage[]): SizedBatch {
  const records = messages.map((message, index): SizedRecord => {
    const key = asBytes(message.key)
    const value = asBytes(message.value)
    const headers = Object.entries(message.headers ?? {}).flatMap(([name, values]) =>
      [values].flat().flatMap((one) => [Buffer.from(name), asBytes(one)]),
    )
    // Attributes and the time since the first take a byte each.
    let bytes = 2 + varintBytes(index) + fieldBytes(key) + fieldBytes(value) + varintBytes(headers.length / 2)
    for (const part of headers) bytes += fieldBytes(part)
    return { key, value, headers, bytes }
  })
  return { records, bytes: records.reduce((sum, { bytes }) => sum + varintBytes(bytes) + bytes, 0) }
}

function asBytes(value: Buffer | string | null | undefined): Buffer | null {
  if (value === null || value === undefined) return null
  return Buffer.isBuffer(value) ? value : Buffer.from(value)
}

function fieldBytes(field: Buffer | null): number {
  return field === null ? 1 : varintBytes(field.length) + field.length
}

/** How many a number from 0 on takes, of which a bit is its sign. */
function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = 2 * value; rest > 127; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

/** From the first offset to the number of records. */
const batchHeadBytes = 61
/** First offset and length, which the length does not count. */
const lengthEndsAt = 12
/** What the checksum is of begins behind it. */
const checksumAt = 17

function writeBatch(
  writer: Writer,
  { records, bytes }: SizedBatch,
  {
    nowMs,
    firstSequence,
    producerEpoch,
  }: { readonly nowMs: number; readonly firstSequence: number; readonly producerEpoch: number },
): void {
  const start = writer.at
  writer.int64(0n)
  writer.int32(batchHeadBytes - lengthEndsAt + bytes)
  writer.int32(0)
  writer.byte(2)
  writer.int32(0)
  writer.int16(0)
  writer.int32(records.length - 1)
  writer.int64(BigInt(nowMs))
  writer.int64(BigInt(nowMs))
  writer.int64(-1n)
  writer.int16(producerEpoch)
  writer.int32(firstSequence)
  writer.int32(records.length)
  for (const [index, { key, value, headers, bytes: length }] of records.entries()) {
    writer.varint(length)
    writer.byte(0)
    writer.varint(0)
    writer.varint(index)
    writer.field(key)
    writer.field(value)
    writer.varint(headers.length / 2)
    for (const part of headers) writer.field(part)
  }
  const sum = crc32c(writer.bytes.subarray(start + checksumAt + 4, writer.at))
  writer.bytes.writeUInt32BE(sum, start + checksumAt)
}

/** Fills a buffer from its beginning. */
class Writer {
  at = 0

  constructor(readonly bytes: Buffer) {}

  byte(value: number): void {
    this.bytes[this.at++] = value
  }

  int16(value: number): void {
    this.at = this.bytes.writeInt16BE(value, this.at)
  }

  int32(value: number): void {
    this.at = this.bytes.writeInt32BE(value, this.at)
  }

  int64(value: bigint): void {
    this.at = this.bytes.writeBigInt64BE(value, this.at)
  }

  raw(bytes: Buffer): void {
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  /** A number from -1 on. */
  varint(value: number): void {
    let rest = value < 0 ? 1 : 2 * value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128)
    this.byte(rest)
  }

  field(field: Buffer | null): void {
    this.varint(field === null ? -1 : field.length)
    if (field !== null) this.raw(field)
  }
}
