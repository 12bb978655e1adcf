import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import Decoder from 'kafkajs/src/protocol/decoder'
import decodeRecordBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder'
import produce from 'kafkajs/src/protocol/requests/produce'
import type { FetchedMessage } from 'kafkajs/src/protocol/requests/fetch/v11/response'
import { installCodecs } from './codecs'
import { readRecordBatch } from './record-batch'

beforeAll(() => {
  installCodecs()
})

const bytes = fc.uint8Array({ maxLength: 150 }).map((array) => Buffer.from(array))
const field = fc.option(bytes)
const message = fc.record({
  key: field,
  value: field,
  headers: fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(bytes, fc.array(bytes, { minLength: 2 }))),
  timestamp: fc.integer({ min: 0, max: 4e12 }).map(String),
})
const messages = fc.array(message, { minLength: 1, maxLength: 12 })

/** A batch as kafkajs writes it, as a broker would keep it from an offset on, as it is or packed by something. */
async function batchOf(
  list: readonly { readonly timestamp: string }[],
  { firstOffset, flags }: { readonly firstOffset: bigint; readonly flags: number },
): Promise<Buffer> {
  const { request } = produce.protocol({ version: 7 })({
    ...{ acks: -1, timeout: 0, compression: 0, producerId: -1 },
    topicData: [{ topic: 't', partitions: [{ partition: 0, messages: list }] }],
  })
  const batch = Buffer.from((await request.encode()).buffer.subarray(headOfRequestBytes))
  batch.writeBigInt64BE(firstOffset)
  const packed = (flags & 7) === 1 ? gzipSync(batch.subarray(batchHeadBytes)) : batch.subarray(batchHeadBytes)
  batch.writeInt32BE(batchHeadBytes - 12 + packed.length, 8)
  batch.writeInt16BE(flags, 21)
  return Buffer.concat([batch.subarray(0, batchHeadBytes), packed])
}

/** Of one topic with a name of one letter, and one partition. */
const headOfRequestBytes = 27
const batchHeadBytes = 61

/** As text, since buffers are compared slowly. Of a header that comes several times kafkajs has a list. */
function textOf({ offset, timestamp, key, value, headers }: FetchedMessage): string {
  const texts = Object.entries(headers).map(([name, values]) => [
    name,
    [values ?? []].flat().at(-1)?.toString('hex'),
  ])
  return JSON.stringify([offset, timestamp, key?.toString('hex'), value?.toString('hex'), texts])
}

it('gives what the decoder of kafkajs gives, also of packed batches, those dated by the broker and control batches', async () => {
  const flags = fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 0x08), fc.constantFrom(0, 0x20))
  await fc.assert(
    fc.asyncProperty(
      messages,
      flags,
      fc.nat({ max: 2 ** 52 }),
      async (list, [codec, dated, control], first) => {
        const batch = await batchOf(list, { firstOffset: BigInt(first), flags: codec | dated | control })
        const ours = await readRecordBatch(batch)
        const theirs = await decodeRecordBatch(new Decoder(batch))
        expect(ours.isControlBatch).toBe(theirs.isControlBatch)
        expect(ours.records.map(textOf)).toEqual(theirs.records.map(textOf))
        expect(ours.records.map(({ position }) => position)).toEqual(list.map((_, index) => first + index))
      },
    ),
    { numRuns: 40 },
  )
})

it('gives a reason, and never part of a batch, whatever was changed in its records', async () => {
  await fc.assert(
    fc.asyncProperty(messages, fc.nat(), fc.integer({ min: 0, max: 255 }), async (list, place, byte) => {
      const batch = await batchOf(list, { firstOffset: 0n, flags: 0 })
      batch[batchHeadBytes + (place % (batch.length - batchHeadBytes))] = byte
      const read = await readRecordBatch(batch).catch((error: unknown) => error)
      if (read instanceof Error) return
      const { records } = read as Awaited<ReturnType<typeof readRecordBatch>>
      expect(records).toHaveLength(list.length)
      // What was checked once is there whenever it is looked up.
      for (const record of records) textOf(record)
    }),
    { numRuns: 150 },
  )
})

it.each([
  ['far ahead', [0, 1_000_000], 1],
  ['the same twice', [0, 0], 1],
  ['going back', [1, 0], 1],
  ['before the first', [-1, 0], 1],
  ['behind the last', [0, 2], 1],
])(
  'refuses offsets that are %s, which brokers take as they are',
  async (_, offsetDeltas, lastOffsetDelta) => {
    await expect(readRecordBatch(batchWith({ offsetDeltas, lastOffsetDelta }))).rejects.toThrow(
      'the offsets in it do not go up to its last one',
    )
  },
)

it('takes what compaction has left of a batch', async () => {
  const { records, lastOffset } = await readRecordBatch(
    batchWith({ offsetDeltas: [2, 5], lastOffsetDelta: 9 }),
  )
  expect(records.map(({ position }) => position)).toEqual([102, 105])
  expect(lastOffset).toBe(109)
})

it('refuses a record whose fields lie behind its end', async () => {
  // Without a byte of its own, it would be read from the one that follows.
  const batch = batchWith({ offsetDeltas: [0, 1], lastOffsetDelta: 1 })
  batch[batchHeadBytes] = 0
  await expect(readRecordBatch(batch)).rejects.toThrow('a record is longer than it says')
})

/** A batch from offset 100 on, of records without key and value. */
function batchWith({
  offsetDeltas,
  lastOffsetDelta,
}: {
  readonly offsetDeltas: readonly number[]
  readonly lastOffsetDelta: number
}): Buffer {
  const zigzag = (value: number): number[] => {
    const bytes: number[] = []
    let rest = value < 0 ? -2 * value - 1 : 2 * value
    for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
    return [...bytes, rest]
  }
  const records = offsetDeltas.flatMap((delta) => {
    // Attributes, time, offset, no key, no value, no headers.
    const record = [0, 0, ...zigzag(delta), 1, 1, 0]
    return [...zigzag(record.length), ...record]
  })
  const batch = Buffer.concat([Buffer.alloc(batchHeadBytes), Buffer.from(records)])
  batch.writeBigInt64BE(100n)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt8(2, 16)
  batch.writeInt32BE(lastOffsetDelta, 23)
  batch.writeInt32BE(offsetDeltas.length, 57)
  return batch
}
