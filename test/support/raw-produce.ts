import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'

/** A record as bytes alone can say it: without a time, and with headers without a value. */
export interface RawRecord {
  readonly key?: Buffer | null
  readonly value: Buffer | null
  readonly headers?: readonly (readonly [name: string, value: Buffer | null])[]
  /** Its place in the batch; where it is left out, its index. */
  readonly offsetDelta?: number
}

/** Appends one batch to partition 0, past what a client would do or refuse to do; the broker must be its leader. */
export async function produceBatch(
  bootstrap: string,
  topic: string,
  records: readonly RawRecord[],
  { timeMs = Date.now(), isGzip = true }: { readonly timeMs?: number; readonly isGzip?: boolean } = {},
): Promise<void> {
  const batch = batchOf(records, { timeMs, isGzip })
  const body = Buffer.concat([
    // Produce, version 3, of nobody, without a transaction, acknowledged by all, within 30 s.
    ...[int16(0), int16(3), int32(1), int16(-1), int16(-1), int16(-1), int32(30_000)],
    ...[int32(1), int16(topic.length), Buffer.from(topic), int32(1), int32(0), int32(batch.length), batch],
  ])
  const [host, port] = bootstrap.split(':')
  const socket = connect({ host: host!, port: Number(port) })
  try {
    socket.write(Buffer.concat([int32(body.length), body]))
    const [reply] = (await once(socket, 'data')) as [Buffer]
    // Length, correlation, one topic, its name, one partition, its number, then the error.
    const errorCode = reply.readInt16BE(4 + 4 + 4 + 2 + topic.length + 4 + 4)
    if (errorCode !== 0) throw new Error(`the broker refuses the batch with ${errorCode}`)
  } finally {
    socket.destroy()
  }
}

function batchOf(
  records: readonly RawRecord[],
  { timeMs, isGzip }: { readonly timeMs: number; readonly isGzip: boolean },
): Buffer {
  const plain = Buffer.concat(records.map(recordBytes))
  const packed = isGzip ? gzipSync(plain) : plain
  const [head, tail] = [Buffer.alloc(21), Buffer.alloc(40)]
  head.writeInt32BE(9 + tail.length + packed.length, 8)
  head.writeInt8(2, 16)
  tail.writeInt16BE(isGzip ? 1 : 0, 0)
  tail.writeInt32BE(records.length - 1, 2)
  tail.writeBigInt64BE(BigInt(timeMs), 6)
  tail.writeBigInt64BE(BigInt(timeMs), 14)
  // Producer, epoch and sequence of nobody.
  tail.fill(0xff, 22, 36)
  tail.writeInt32BE(records.length, 36)
  head.writeUInt32BE(crc32c(Buffer.concat([tail, packed])), 17)
  return Buffer.concat([head, tail, packed])
}

function recordBytes({ key = null, value, headers = [], offsetDelta }: RawRecord, index: number): Buffer {
  const body = Buffer.concat([
    ...[
      Buffer.of(0),
      varint(0),
      varint(offsetDelta ?? index),
      sized(key),
      sized(value),
      varint(headers.length),
    ],
    ...headers.flatMap(([name, header]) => [sized(Buffer.from(name)), sized(header)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

function sized(bytes: Buffer | null): Buffer {
  return bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}

/** The checksum of Castagnoli, bit by bit. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
