import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type BatchType from 'kafkajs/src/consumer/batch'
import type ConnectionType from 'kafkajs/src/network/connection'
import type RequestQueueType from 'kafkajs/src/network/requestQueue'
import type CreateRequest from 'kafkajs/src/protocol/request'
import type Produce from 'kafkajs/src/protocol/requests/produce'
import type FetchResponse from 'kafkajs/src/protocol/requests/fetch/v11/response'

import encodeMessageSet from 'kafkajs/src/protocol/messageSet'
import { framed } from '../../../test/support/framed'
import type * as Codecs from './codecs'
import type * as Repairs from './repairs'

type ConnectionClass = typeof ConnectionType
type RequestQueueClass = typeof RequestQueueType
type BatchClass = typeof BatchType

/**
 * What the repairs replace or lean on, as kafkajs 2.2.4 has it. When this fails kafkajs has changed: read what is new,
 * see which repairs are still needed (the tests below say which faults are still there), then write down the new sums.
 */
const sums: Readonly<Record<string, string>> = {
  'src/network/connection.js': '2a993b2e74421ca6d846efd59e4ba74b11100dbe7d40d0f52ea3218e917aafdd',
  'src/network/socketFactory.js': '1493fc580263350fdbe75fa633b6df70f39d4b11d0520b45243cb1df45168577',
  'src/network/requestQueue/index.js': 'b55986089c14f8f7bfc377922e2e65b3e4c1e7c7af2752d3b10a75dfe9e9260c',
  'src/protocol/requests/fetch/v11/response.js':
    '9cb972647500104e7d616edcb4856119f4a716664b64bbb1ee96c8f4f0a83eb6',
  'src/protocol/requests/fetch/v4/decodeMessages.js':
    'd9fede59bebf84ee15169d0ecc54df594a11722b6ba8d5db535ed1d8548d4fcc',
  'src/protocol/requests/fetch/index.js': 'b0961e16fca52023266570255c23e30cd770b3813bb5d75f879fe6b1609ea7c5',
  'src/protocol/recordBatch/v0/decoder.js':
    '38cae7fc865f9bc51941353e1f6e9419227a8799ba4efb437199393a4eb94819',
  'src/protocol/messageSet/decoder.js': '791fc7649fc2a61a24c1fce7c9b1ded3e4e22a1ec41d6e5d75952f956ad6ab03',
  'src/protocol/request.js': '2270900ca6474026c11957fe71ac586881985460ed2554db22ad8870dcaff634',
  'src/protocol/encoder.js': '9977889e184a9e910e4f6098c36ec6a0ca36c183aa6ead0f24191b6aa1c9a777',
  'src/protocol/decoder.js': '83c43fac8d6b8ef2dcf0dfe8bc4494e84c2c94d2b59fbe41a670505a5fcba41b',
  'src/consumer/batch.js': '04ee8657247441599f200af5871ce6b3c4463abe941b97405502f8f5f683face',
  'src/consumer/filterAbortedMessages.js': '54ce50f2a41ee1686da8b73bf8b502c7dd07c9d7cb0a494cdb36a7fc536ced8e',
  'src/consumer/consumerGroup.js': 'f3e461738585a8dc6574c647123a18afc732f81cdee4f9f7bb62e4aa1dffbfbb',
  'src/consumer/runner.js': 'fad3247df2e3ba483b94e014e5c5916fd72d7bdfc3b3dfccc5232b60da18306d',
  'src/producer/sendMessages.js': '8a120e6993955e040a13014cccebd79b8d41e7355d6eda1065fa83fea2fbbcdb',
  'src/retry/index.js': '6b10590bb8c285ee93ea323990052aac888edfe81deabd3dff89ec13ca8c6acf',
}

it.each(Object.entries(sums))('%s of kafkajs is the one that was read and repaired', (file, sum) => {
  const text = readFileSync(require.resolve(`kafkajs/${file}`))
  expect(createHash('sha256').update(text).digest('hex')).toBe(sum)
})

type Kafkajs = ReturnType<typeof load>

function load({ isRepaired }: { isRepaired: boolean }) {
  const { repairKafkajs } = jest.requireActual<typeof Repairs>('./repairs')
  const { installCodecs } = jest.requireActual<typeof Codecs>('./codecs')
  installCodecs()
  if (isRepaired) repairKafkajs()
  return {
    RequestQueue: jest.requireActual<RequestQueueClass>('kafkajs/src/network/requestQueue'),
    fetchResponse: jest.requireActual<typeof FetchResponse>(
      'kafkajs/src/protocol/requests/fetch/v11/response',
    ),
    Batch: jest.requireActual<BatchClass>('kafkajs/src/consumer/batch'),
    Connection: jest.requireActual<ConnectionClass>('kafkajs/src/network/connection'),
    createRequest: jest.requireActual<typeof CreateRequest>('kafkajs/src/protocol/request'),
    produce: jest.requireActual<typeof Produce>('kafkajs/src/protocol/requests/produce'),
  }
}

/** kafkajs as it comes, and the same with the repairs: the one shows that the other is still needed. */
let alone: Kafkajs
let repaired: Kafkajs
beforeAll(() => {
  jest.isolateModules(() => {
    alone = load({ isRepaired: false })
  })
  jest.isolateModules(() => {
    repaired = load({ isRepaired: true })
  })
})

describe('an idle connection', () => {
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  it('sets no timer when nothing waits; kafkajs alone wakes up every millisecond', () => {
    expect(timersWhenIdle(alone)).toBe(1)
    expect(timersWhenIdle(repaired)).toBe(0)
  })

  it('still sends what had to wait for a throttled broker', () => {
    const { queue } = newQueue(repaired)
    const sendRequest = jest.fn()
    queue.maybeThrottle(50)
    queue.push({ entry: { correlationId: 1 }, expectResponse: true, sendRequest })
    expect(sendRequest).not.toHaveBeenCalled()
    jest.advanceTimersByTime(80)
    expect(sendRequest).toHaveBeenCalledTimes(1)
  })

  function timersWhenIdle(kafkajs: Kafkajs): number {
    const { queue } = newQueue(kafkajs)
    queue.push({
      entry: { correlationId: 1, resolve: () => undefined },
      expectResponse: true,
      sendRequest: () => undefined,
    })
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
    jest.advanceTimersByTime(1_000)
    const timers = jest.getTimerCount()
    queue.destroy()
    return timers
  }

  function newQueue({ RequestQueue }: Kafkajs) {
    const logger = { debug: () => undefined, warn: () => undefined }
    return {
      queue: new RequestQueue({
        maxInFlightRequests: null,
        requestTimeout: 1_000,
        enforceRequestTimeout: false,
        clientId: 'test',
        broker: 'test',
        logger,
      }),
    }
  }
})

describe('what comes of a connection', () => {
  const responses = fc.array(fc.uint8Array({ minLength: 4, maxLength: 300 }), { maxLength: 8 })

  it('is given on response by response, as by kafkajs, wherever it is cut', () => {
    fc.assert(
      fc.property(
        responses,
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
        (bodies, sizes) => {
          const stream = Buffer.concat(bodies.map(framed))
          const given = givenBy(repaired, stream, sizes)
          expect(given).toEqual(givenBy(alone, stream, sizes))
          expect(given).toHaveLength(bodies.length)
        },
      ),
    )
  })

  it('begins anew with a connection, whatever the last one broke off in; kafkajs alone takes it for the rest', () => {
    const [half, whole] = [framed(Buffer.from('0001broken')), framed(Buffer.from('0002whole'))]
    expect(afterAnother(repaired, half.subarray(0, 9), whole)).toEqual(['whole'])
    expect(afterAnother(alone, half.subarray(0, 9), whole)).not.toEqual(['whole'])
  })

  it('is given to who lets a user in, with its length', () => {
    for (const kafkajs of [alone, repaired]) {
      const { connection } = newConnection(kafkajs)
      const onSuccess = jest.fn()
      Object.assign(connection, { authHandlers: { onSuccess }, authExpectResponse: true })
      connection.processData(framed(Buffer.from('token')))
      expect(onSuccess).toHaveBeenCalledWith(framed(Buffer.from('token')))
    }
  })

  interface Given {
    readonly correlationId: number
    readonly payload: unknown
    readonly size: number
  }

  function givenBy(kafkajs: Kafkajs, stream: Buffer, sizes: readonly number[]): Given[] {
    const { connection, given } = newConnection(kafkajs)
    for (let at = 0, turn = 0; at < stream.length; turn++) {
      const piece = stream.subarray(at, at + sizes[turn % sizes.length]!)
      at += piece.length
      connection.processData(piece)
    }
    return given
  }

  function afterAnother(kafkajs: Kafkajs, first: Buffer, second: Buffer): string[] {
    const { connection, given } = newConnection(kafkajs)
    connection.processData(first)
    Object.assign(connection, { socket: {} })
    connection.processData(second)
    return given.map(({ payload }) => String(payload))
  }

  function newConnection({ Connection }: Kafkajs) {
    const log = { debug: () => undefined, warn: () => undefined, error: () => undefined }
    const given: Given[] = []
    const connection = new Connection({
      ...{ host: 'test', port: 1, requestTimeout: 1_000, socketFactory: () => undefined },
      logger: { namespace: () => log },
    })
    const requestQueue = { fulfillRequest: (one: Given) => given.push(one) }
    Object.assign(connection, { socket: {}, requestQueue })
    return { connection, given }
  }
})

describe('what is sent', () => {
  beforeEach(() => jest.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000))
  afterEach(() => jest.restoreAllMocks())

  const clientIds = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ minLength: 250, maxLength: 400 }))

  it('is what kafkajs sends, whoever sends it', async () => {
    await fc.assert(
      fc.asyncProperty(clientIds, fc.uint8Array({ maxLength: 3_000 }), async (clientId, bytes) => {
        const sent = await sentBy(repaired, clientId, Buffer.from(bytes))
        expect(
          sent.whole.buffer.equals((await sentBy(alone, clientId, Buffer.from(bytes))).whole.buffer),
        ).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('is put behind its heads where it is; kafkajs alone copies it for each of the two', async () => {
    const value = Buffer.alloc(100_000, 1)
    for (const [kafkajs, isInPlace] of [
      [repaired, true],
      [alone, false],
    ] as const) {
      const { whole, body } = await sentBy(kafkajs, 'assay', value)
      expect(whole.buf.buffer === body.buf.buffer).toBe(isInPlace)
    }
  })

  async function sentBy({ createRequest, produce }: Kafkajs, clientId: string, value: Buffer) {
    const { request } = produce.protocol({ version: 7 })({
      ...{ acks: -1, timeout: 15_000, compression: 0, producerId: -1, producerEpoch: 0 },
      topicData: [{ topic: 'one', partitions: [{ partition: 0, firstSequence: 0, messages: [{ value }] }] }],
    })
    const body = await request.encode()
    const whole = await createRequest({
      ...{ correlationId: 7, clientId },
      request: { ...request, encode: () => Promise.resolve(body) },
    })
    return { whole, body }
  }
})

describe('what was fetched', () => {
  it('may be one batch of 200,000 tiny records; kafkajs alone overflows its stack', async () => {
    const bytes = response([batch({ firstOffset: 0, records: 200_000, isGzip: true })])
    await expect(offsetsOf(alone, bytes)).rejects.toThrow('Maximum call stack size exceeded')
    expect(await offsetsOf(repaired, bytes)).toHaveLength(200_000)
  })

  it('leaves out transactions that were given up, also where two overlap; kafkajs alone gives out the first', async () => {
    // offset   10   20   30        40         50
    // producer  1    2    3    2 gives up  1 gives up        brokers list 2 before 1, by where they end
    const bytes = response(
      [
        batch({ firstOffset: 10, records: 2, producerId: 1 }),
        batch({ firstOffset: 20, records: 2, producerId: 2 }),
        batch({ firstOffset: 30, records: 2 }),
        batch({ firstOffset: 40, producerId: 2, control: 'abort' }),
        batch({ firstOffset: 50, producerId: 1, control: 'abort' }),
      ],
      {
        aborted: [
          [2, 20],
          [1, 10],
        ],
      },
    )
    expect(await offsetsOf(alone, bytes, 10)).toEqual([10, 11, 30, 31])
    expect(await offsetsOf(repaired, bytes, 10)).toEqual([30, 31])
  })

  it('gives out what was committed after something by the same producer was given up', async () => {
    const bytes = response(
      [
        batch({ firstOffset: 0, records: 2, producerId: 1 }),
        batch({ firstOffset: 2, producerId: 1, control: 'abort' }),
        batch({ firstOffset: 3, records: 2, producerId: 1 }),
        batch({ firstOffset: 5, producerId: 1, control: 'commit' }),
      ],
      { aborted: [[1, 0]] },
    )
    expect(await offsetsOf(repaired, bytes)).toEqual([3, 4])
  })

  it('does not take a record with the key of a marker for one; kafkajs alone gives out what follows', async () => {
    const bytes = response(
      [
        batch({ firstOffset: 0, records: 1, producerId: 1, key: Buffer.alloc(4) }),
        batch({ firstOffset: 1, records: 2, producerId: 1 }),
        batch({ firstOffset: 3, producerId: 1, control: 'abort' }),
      ],
      { aborted: [[1, 0]] },
    )
    expect(await offsetsOf(alone, bytes)).toEqual([0, 1, 2])
    expect(await offsetsOf(repaired, bytes)).toEqual([])
  })

  it('goes on behind a batch that compaction has emptied; kafkajs alone stays before it', async () => {
    const bytes = response([batch({ firstOffset: 7, records: 0, lastOffsetDelta: 4 })])
    expect(await lastOffsetOf(alone, bytes, 7)).toBeUndefined()
    expect(await lastOffsetOf(repaired, bytes, 7)).toBe(11)
    expect(await offsetsOf(repaired, bytes, 7)).toEqual([])
  })

  it('goes on behind a batch that cannot be uncompressed, and says why; kafkajs alone throws', async () => {
    const damaged = batch({ firstOffset: 3, records: 5, isGzip: true })
    damaged.fill(1, 61)
    const bytes = response([
      batch({ firstOffset: 0, records: 3 }),
      damaged,
      batch({ firstOffset: 8, records: 2 }),
    ])
    await expect(offsetsOf(alone, bytes)).rejects.toThrow()
    expect(await offsetsOf(repaired, bytes)).toEqual([0, 1, 2, 7, 8, 9])
    const { messages } = await partitionOf(repaired, bytes)
    expect(messages[3]!.unreadable).toContain('incorrect header check')
    expect(messages[4]!.unreadable).toBeUndefined()
  })

  it('may hold a record with tens of thousands of headers; kafkajs alone copies them for each one', async () => {
    // It would take minutes for as many as fit into a message, so that it is shown a few.
    const many = response([batch({ firstOffset: 0, headers: 100_000 })])
    const few = response([batch({ firstOffset: 0, headers: 1_500 })])
    const [aloneMs, repairedMs] = [await timed(alone, few), await timed(repaired, many)]
    expect(repairedMs).toBeLessThan(aloneMs)
    const { messages } = await partitionOf(repaired, many)
    expect(Object.keys(messages[0]!.headers)).toHaveLength(100_000)
    expect(messages[0]!.headers['h99999']).toEqual(Buffer.of())
  })

  it('of the formats before has no headers, and a time only where the format has one; kafkajs alone leaves them out', async () => {
    for (const messageVersion of [0, 1] as const) {
      const entries = [{ key: 'k', value: 'v', timestamp: 5 }]
      const bytes = response([encodeMessageSet({ messageVersion, compression: 0, entries }).buffer])
      const [old] = (await partitionOf(alone, bytes)).messages
      expect(old!.headers).toBeUndefined()
      const { messages } = await partitionOf(repaired, bytes)
      expect(messages).toMatchObject([
        { value: Buffer.from('v'), headers: {}, timestamp: messageVersion === 0 ? '-1' : '5' },
      ])
    }
  })

  it('is not believed to hold more than an honest batch can', async () => {
    const packed = batch({ firstOffset: 0, records: 300_000, isGzip: true })
    const { messages } = await partitionOf(repaired, response([packed, batch({ firstOffset: 300_000 })]))
    expect(messages.map(({ offset, unreadable }) => [offset, unreadable])).toEqual([
      ['299999', 'it claims 300000 records, between 0 and 262144 are taken'],
      ['300000', undefined],
    ])
  })

  it('is cut where it would become too much, and goes on from there', async () => {
    // Each of them is 16 MB of zeros in 16 kB.
    const bombs = Array.from({ length: 20 }, (_, firstOffset) =>
      batch({ firstOffset, value: Buffer.alloc(16 << 20), isGzip: true }),
    )
    expect(await offsetsOf(repaired, response(bombs))).toEqual([0, 1, 2, 3])
    expect(await offsetsOf(repaired, response(bombs.slice(4)), 4)).toEqual([4, 5, 6, 7])
  })

  it('holds what its producer wrote: keys, values, times, and of headers of one name the last', async () => {
    const bytes = response([
      batch({
        firstOffset: 5,
        records: 2,
        key: Buffer.from('k'),
        value: Buffer.from('v'),
        headers: 1,
        timeMs: 1e12,
      }),
    ])
    const fields = (kafkajs: Kafkajs) =>
      partitionOf(kafkajs, bytes).then(({ messages }) =>
        messages.map(({ offset, timestamp, key, value, headers }) => ({
          ...{ offset, timestamp, key, value },
          headers: Object.entries(headers).map(([name, values]) => [name, [values ?? []].flat().at(-1)]),
        })),
      )
    expect(await fields(repaired)).toEqual(await fields(alone))
    expect((await fields(repaired))[1]).toMatchObject({ offset: '6', timestamp: '1000000000001' })
  })

  it('is put aside where a length in it is beyond its end', async () => {
    // The lengths of the record, its key and its value, and the number of its headers.
    for (const at of [61, 65, 67, 69]) {
      const damaged = batch({ firstOffset: 0, key: Buffer.from('k'), value: Buffer.from('v') })
      damaged[at] = 0x7e
      const { messages } = await partitionOf(repaired, response([damaged, batch({ firstOffset: 1 })]))
      expect(messages.map(({ offset }) => offset)).toEqual(['0', '1'])
      expect(messages[0]!.unreadable).toBeDefined()
    }
  })

  async function timed(kafkajs: Kafkajs, bytes: Buffer): Promise<number> {
    const startMs = performance.now()
    await partitionOf(kafkajs, bytes)
    return performance.now() - startMs
  }

  it('ends where the fetch was cut off', async () => {
    const whole = [batch({ firstOffset: 0, records: 3 }), batch({ firstOffset: 3, records: 3 })]
    for (const bytes of [10, 30, 65]) {
      expect(await offsetsOf(repaired, response([whole[0]!, whole[1]!.subarray(0, bytes)]))).toEqual([
        0, 1, 2,
      ])
    }
  })

  async function partitionOf({ fetchResponse }: Kafkajs, bytes: Buffer) {
    const { responses } = await fetchResponse.decode(bytes)
    return responses[0]!.partitions[0]!
  }

  async function batchOf(kafkajs: Kafkajs, bytes: Buffer, fetchedOffset: number) {
    return new kafkajs.Batch('topic', String(fetchedOffset), await partitionOf(kafkajs, bytes))
  }

  async function offsetsOf(kafkajs: Kafkajs, bytes: Buffer, fetchedOffset = 0): Promise<number[]> {
    const { messages } = await batchOf(kafkajs, bytes, fetchedOffset)
    return messages.filter(({ isPassedOver }) => isPassedOver !== true).map(({ offset }) => Number(offset))
  }

  /** Undefined when kafkajs would take the batch for empty and ask for the same again. */
  async function lastOffsetOf(
    kafkajs: Kafkajs,
    bytes: Buffer,
    fetchedOffset: number,
  ): Promise<number | undefined> {
    const fetched = await batchOf(kafkajs, bytes, fetchedOffset)
    return fetched.isEmpty() ? undefined : Number(fetched.lastOffset())
  }
})

/** A record batch of version 2, as brokers store it; what kafkajs does not look at is zero. */
function batch({
  firstOffset,
  records = 1,
  producerId = -1,
  control,
  key,
  value,
  headers = 0,
  timeMs = 0,
  isGzip = false,
  lastOffsetDelta,
}: {
  firstOffset: number
  records?: number
  producerId?: number
  control?: 'abort' | 'commit'
  key?: Buffer
  value?: Buffer
  /** Names that each record has, each of them twice. */
  headers?: number
  timeMs?: number
  isGzip?: boolean
  lastOffsetDelta?: number
}): Buffer {
  const recordKey = control === undefined ? key : Buffer.from([0, 0, 0, control === 'abort' ? 0 : 1])
  const plain = Buffer.concat(
    Array.from({ length: records }, (_, index) => record(index, { key: recordKey, value, headers })),
  )
  const body = isGzip ? gzipSync(plain) : plain
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(BigInt(firstOffset), 0)
  head.writeInt32BE(head.length - 12 + body.length, 8)
  head.writeInt8(2, 16)
  head.writeInt16BE((isGzip ? 1 : 0) | (producerId >= 0 ? 0x10 : 0) | (control === undefined ? 0 : 0x20), 21)
  head.writeInt32BE(lastOffsetDelta ?? records - 1, 23)
  head.writeBigInt64BE(BigInt(timeMs), 27)
  head.writeBigInt64BE(BigInt(producerId), 43)
  head.writeInt32BE(records, 57)
  return Buffer.concat([head, body])
}

/** Each record is a millisecond younger than the one before. */
function record(
  offsetDelta: number,
  {
    key,
    value = Buffer.of(),
    headers,
  }: { key: Buffer | undefined; value?: Buffer | undefined; headers: number },
): Buffer {
  const names = Array.from({ length: 2 * headers }, (_, index) => `h${index % headers}`)
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(offsetDelta),
    varint(offsetDelta),
    key === undefined ? varint(-1) : Buffer.concat([varint(key.length), key]),
    Buffer.concat([varint(value.length), value]),
    varint(names.length),
    ...names.map((name) => Buffer.concat([varint(name.length), Buffer.from(name), varint(0)])),
  ])
  return Buffer.concat([varint(body.length), body])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}

/** The answer to a fetch of one partition, version 11. */
function response(
  batches: readonly Buffer[],
  { aborted = [] }: { aborted?: readonly [number, number][] } = {},
): Buffer {
  const head = Buffer.alloc(14)
  head.writeInt32BE(1, 10)
  const topic = Buffer.from('\0\u0005topic\0\0\0\u0001', 'latin1')
  const partition = Buffer.alloc(34)
  partition.writeInt32BE(aborted.length, 30)
  const transactions = aborted.map(([producerId, firstOffset]) => {
    const bytes = Buffer.alloc(16)
    bytes.writeBigInt64BE(BigInt(producerId), 0)
    bytes.writeBigInt64BE(BigInt(firstOffset), 8)
    return bytes
  })
  const records = Buffer.concat(batches)
  const tail = Buffer.alloc(8)
  tail.writeInt32BE(-1, 0)
  tail.writeInt32BE(records.length, 4)
  return Buffer.concat([head, topic, partition, ...transactions, tail, records])
}
