import Decoder from 'kafkajs/src/protocol/decoder'
import Encoder from 'kafkajs/src/protocol/encoder'
import decodeMessageSet from 'kafkajs/src/protocol/messageSet/decoder'
import fetchResponse, { type FetchedMessage } from 'kafkajs/src/protocol/requests/fetch/v11/response'
import produce from 'kafkajs/src/protocol/requests/produce'
import Connection from 'kafkajs/src/network/connection'
import RequestQueue from 'kafkajs/src/network/requestQueue'
import { encodeProduce, isPlain, writeEncoder } from './produce-request'
import { readRecordBatch, type RecordBatch } from './record-batch'
import { takeResponses } from './responses'

/**
 * Mends what kafkajs 2.2.4, the last of its line, does wrong, by replacing some of its functions in place; `client.ts`
 * calls it before it makes a client. May be called again.
 *
 * - An idle connection woke up every millisecond: a timer was set although nothing waited.
 * - A batch of some 120,000 records ended the consumer: it was spread over the arguments of one call.
 * - Headers of a record were copied for each one that followed: some ten thousand held everything up for minutes.
 * - A fetch of many small batches could become gigabytes; now it is cut where enough has been uncompressed.
 * - Records of an aborted transaction were given out where several producers share a partition.
 * - A batch that compaction has emptied stopped the partition, and one of control records alone was never shown. Now
 *   what a reader must pass over is there and marked, so that every offset is accounted for.
 * - A batch that cannot be uncompressed ended the consumer. Now one message stands for it and says why.
 * - Each message was an object of seven fields, with its offset as text, which was read as a 64-bit number again to see
 *   where the fetch began. Now it is a place in columns, and that is seen from few of them.
 * - What was sent was copied nine times into buffers that were zeroed first. Now it is written once, and its heads in front of it.
 * - Half a response that a broken connection left behind was taken for the beginning of what the next one gives, and nothing
 *   after it could be read. Now each connection begins anew.
 */
export function repairKafkajs(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = checkOnlyWhatWaits
  fetchResponse.decode = decodeFetchResponse
  produce.protocol = protocolInOnePass
  Encoder.prototype.writeEncoder = writeEncoder
  Connection.prototype.processData = takeResponses
}

const original = Object.getOwnPropertyDescriptor(RequestQueue.prototype, 'scheduleCheckPendingRequests')!
  .value as (this: RequestQueue) => void

function checkOnlyWhatWaits(this: RequestQueue): void {
  if (this.pending.length > 0) original.call(this)
}

const protocol = Object.getOwnPropertyDescriptor(produce, 'protocol')!.value as typeof produce.protocol

/** Version 3 was the first with batches, as brokers still keep them; what differs up to 7 is in the answer. */
function protocolInOnePass(version: { readonly version: number }): ReturnType<typeof protocol> {
  const versioned = protocol(version)
  return (asked) => {
    const { request, response } = versioned(asked)
    if (request.apiVersion < 3 || !isPlain(asked)) return { request, response }
    return { request: { ...request, encode: () => Promise.resolve(encodeProduce(asked)) }, response }
  }
}

/** Fetch, version 11: what every broker since Kafka 2.3 is asked in. */
async function decodeFetchResponse(bytes: Buffer): ReturnType<typeof fetchResponse.decode> {
  const decoder = new Decoder(bytes)
  const room: Room = { bytes: maxFetchBytes }
  return {
    throttleTime: 0,
    clientSideThrottleTime: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    sessionId: decoder.readInt32(),
    responses: await decoder.readArrayAsync(async (topic) => ({
      topicName: topic.readString(),
      partitions: await topic.readArrayAsync((partition) => decodePartition(partition, room)),
    })),
  }
}

/** What of a fetch may still be uncompressed; what is beyond is fetched again, from there. */
interface Room {
  bytes: number
}
const maxFetchBytes = 64 << 20

async function decodePartition(decoder: Decoder, room: Room) {
  const head = {
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    highWatermark: decoder.readInt64().toString(),
    lastStableOffset: decoder.readInt64().toString(),
    lastStartOffset: decoder.readInt64().toString(),
  }
  const aborted = decoder.readArray(() => ({
    producerId: decoder.readInt64().toString(),
    firstOffset: decoder.readInt64(),
  }))
  const preferredReadReplica = decoder.readInt32()
  const messages = await decodeMessages(decoder, aborted, room)
  // They are marked by now, so kafkajs gets none to filter by.
  return { ...head, abortedTransactions: [], preferredReadReplica, messages }
}

interface AbortedTransaction {
  readonly producerId: string
  readonly firstOffset: bigint
}

/** A batch whose head is not whole is the cut end of a fetch. */
const batchHeadBytes = 61
const magicAt = 16
const lengthAt = 8
const lastOffsetDeltaAt = 23

async function decodeMessages(
  decoder: Decoder,
  aborted: readonly AbortedTransaction[],
  room: Room,
): Promise<FetchedMessage[]> {
  const bytes = decoder.readInt32()
  if (bytes <= 0 || !decoder.canReadBytes(bytes)) return []
  const batches = new Decoder(decoder.readBytes(bytes))
  if (batches.buffer.length <= magicAt) return []
  if (batches.buffer.readInt8(magicAt) !== 2) {
    const old = await decodeMessageSet(batches, bytes)
    return old.map((message) => ({ timestamp: '-1', headers: {}, isControlRecord: false, ...message }))
  }

  const messages: FetchedMessage[] = []
  const filter = new AbortedFilter(aborted)
  while (room.bytes > 0 && batches.canReadBytes(batchHeadBytes)) {
    const { buffer, offset } = batches
    const end = offset + lengthAt + 4 + buffer.readInt32BE(offset + lengthAt)
    if (end > buffer.length || end < offset + batchHeadBytes) break
    batches.offset = end
    const lastOffset = buffer.readBigInt64BE(offset) + BigInt(buffer.readInt32BE(offset + lastOffsetDeltaAt))
    try {
      const batch = await readRecordBatch(buffer.subarray(offset, end))
      room.bytes -= batch.memoryBytes
      const isAborted = filter.isAborted(batch)
      const isPassedOver = batch.isControlBatch || isAborted
      for (const record of batch.records) {
        if (isPassedOver) record.isPassedOver = true
        messages.push(record)
      }
      if (batch.records.at(-1)?.position !== Number(lastOffset))
        messages.push(placeholder(lastOffset, { isPassedOver: true }))
    } catch (error) {
      messages.push(
        placeholder(lastOffset, { unreadable: error instanceof Error ? error.message : String(error) }),
      )
    }
  }
  return inOrder(messages)
}

/**
 * kafkajs asks each message whether it is behind where the fetch was to begin, then whether it is a control record. Ours
 * are in order and no control records, so that the first that is wanted is found by halves, and the rest is.
 */
function inOrder(messages: FetchedMessage[]): FetchedMessage[] {
  return Object.assign(messages, {
    filter: (isWanted: (message: FetchedMessage) => boolean) => {
      const wanted = messages.slice(firstThat(isWanted, messages))
      return Object.assign(wanted, { filter: () => messages.slice(messages.length - wanted.length) })
    },
  })
}

/** Index of the first message for which something holds that holds for all behind it; their number when for none. */
function firstThat(holds: (message: FetchedMessage) => boolean, messages: readonly FetchedMessage[]): number {
  let from = 0
  for (let to = messages.length; from < to;) {
    const middle = (from + to) >>> 1
    if (holds(messages[middle]!)) to = middle
    else from = middle + 1
  }
  return from
}

/** Which batches belong to aborted transactions; it is shown all of a partition in order. */
class AbortedFilter {
  private readonly waiting: AbortedTransaction[]
  private readonly open = new Set<string>()

  constructor(aborted: readonly AbortedTransaction[]) {
    // Brokers list them by their last offset; the first to begin must be the first to be met.
    this.waiting = [...aborted].sort((a, b) => Number(b.firstOffset - a.firstOffset))
  }

  isAborted(batch: RecordBatch): boolean {
    while (this.waiting.length > 0 && this.waiting.at(-1)!.firstOffset <= batch.lastOffset) {
      this.open.add(this.waiting.pop()!.producerId)
    }
    if (batch.isControlBatch && batch.records.some(isAbortMarker)) this.open.delete(batch.producerId)
    return batch.inTransaction && this.open.has(batch.producerId)
  }
}

/** The key of a control record is its version and its type; type 0 ends a transaction by giving it up. */
function isAbortMarker({ key }: FetchedMessage): boolean {
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0
}

/** Stands at the last offset of a batch for what is not there, so that reading goes on behind it. */
function placeholder(
  lastOffset: bigint,
  why: { readonly isPassedOver: true } | { readonly unreadable: string },
): FetchedMessage {
  return {
    offset: lastOffset.toString(),
    timestamp: '-1',
    key: null,
    value: null,
    headers: {},
    isControlRecord: false,
    ...why,
  }
}
