/** The parts of kafkajs 2.2.4 that `repairs.ts` reaches into. It has no types for them; `repairs.test.ts` pins them. */

declare module 'kafkajs/src/network/requestQueue' {
  class RequestQueue {
    constructor(options: object)
    readonly pending: readonly unknown[]
    push(request: object): void
    fulfillRequest(reply: { correlationId: number; payload: unknown; size: number }): void
    maybeThrottle(clientSideThrottleTime: number): void
    destroy(): void
    scheduleCheckPendingRequests(): void
  }
  export = RequestQueue
}

declare module 'kafkajs/src/network/connection' {
  import type { Socket } from 'node:net'
  import type RequestQueue from 'kafkajs/src/network/requestQueue'
  class Connection {
    constructor(options: object)
    readonly socket: Socket
    readonly requestQueue: RequestQueue
    /** Who waits while a user is let in; it gets a response together with its length. */
    readonly authHandlers: { onSuccess(rawData: Buffer): void } | null
    readonly authExpectResponse: boolean
    processData(rawData: Buffer): void
  }
  export = Connection
}

declare module 'kafkajs/src/protocol/decoder' {
  class Decoder {
    constructor(buffer: Buffer)
    readonly buffer: Buffer
    offset: number
    canReadBytes(length: number): boolean
    readInt16(): number
    readInt32(): number
    readInt64(): bigint
    readString(): string
    readBytes(length: number): Buffer
    readArray<T>(read: (decoder: Decoder) => T): T[]
    readArrayAsync<T>(read: (decoder: Decoder) => Promise<T>): Promise<T[]>
  }
  export = Decoder
}

declare module 'kafkajs/src/protocol/messageSet' {
  function encodeMessageSet(set: {
    readonly messageVersion: 0 | 1
    readonly compression: number
    readonly entries: readonly { readonly key: string; readonly value: string; readonly timestamp: number }[]
  }): { readonly buffer: Buffer }
  export = encodeMessageSet
}

declare module 'kafkajs/src/protocol/messageSet/decoder' {
  import type Decoder from 'kafkajs/src/protocol/decoder'
  import type { FetchedMessage } from 'kafkajs/src/protocol/requests/fetch/v11/response'
  /** Before record batches no message had headers, and before Kafka 0.10 none had a time. */
  type OldMessage = Pick<FetchedMessage, 'offset' | 'key' | 'value'> & { readonly timestamp?: string }
  function decodeMessageSet(decoder: Decoder, size: number): Promise<OldMessage[]>
  export = decodeMessageSet
}

declare module 'kafkajs/src/protocol/requests/fetch/v11/response' {
  export interface FetchedMessage {
    readonly offset: string
    readonly timestamp: string
    readonly key: Buffer | null
    readonly value: Buffer | null
    /** By name; ours: of a header that comes several times the last, where kafkajs has all of them. */
    readonly headers: Readonly<Record<string, Buffer | undefined>>
    /** kafkajs drops what is one, and may lose its place by it; `repairs.ts` makes them `isPassedOver` instead. */
    isControlRecord: boolean
    /** Ours: holds nothing for a reader but its offset. */
    isPassedOver?: boolean
    /** Ours: why the batch that ends at this offset cannot be read. */
    readonly unreadable?: string
  }
  export interface FetchedPartition {
    readonly partition: number
    readonly errorCode: number
    readonly highWatermark: string
    readonly lastStableOffset: string
    readonly lastStartOffset: string
    readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[]
    readonly preferredReadReplica: number
    readonly messages: FetchedMessage[]
  }
  interface FetchResponse {
    readonly throttleTime: number
    readonly clientSideThrottleTime: number
    readonly errorCode: number
    readonly sessionId: number
    readonly responses: { readonly topicName: string; readonly partitions: FetchedPartition[] }[]
  }
  const response: { decode: (bytes: Buffer) => Promise<FetchResponse> }
  export default response
}

declare module 'kafkajs/src/consumer/batch' {
  import type { FetchedMessage, FetchedPartition } from 'kafkajs/src/protocol/requests/fetch/v11/response'
  class Batch {
    constructor(topic: string, fetchedOffset: string, partition: FetchedPartition)
    readonly messages: readonly FetchedMessage[]
    isEmpty(): boolean
    lastOffset(): string
  }
  export = Batch
}

declare module 'kafkajs/src/protocol/encoder' {
  class Encoder {
    constructor(initialSize?: number)
    buf: Buffer
    offset: number
    readonly buffer: Buffer
    writeEncoder(value: Encoder): Encoder
  }
  export = Encoder
}

declare module 'kafkajs/src/protocol/request' {
  import type Encoder from 'kafkajs/src/protocol/encoder'
  function createRequest(options: {
    readonly correlationId: number
    readonly clientId: string
    readonly request: { readonly apiVersion: number; readonly encode: () => Promise<Encoder> }
  }): Promise<Encoder>
  export = createRequest
}

declare module 'kafkajs/src/protocol/requests/produce' {
  import type Encoder from 'kafkajs/src/protocol/encoder'
  export interface ProducedMessage {
    readonly key?: Buffer | string | null
    readonly value?: Buffer | string | null
    readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>
    readonly timestamp?: string | null
  }
  export interface ProduceRequest {
    readonly acks: number
    readonly timeout: number
    readonly compression?: number
    readonly transactionalId?: string | null
    readonly producerId?: unknown
    readonly producerEpoch?: number
    readonly topicData: readonly {
      readonly topic: string
      readonly partitions: readonly {
        readonly partition: number
        readonly firstSequence?: number
        readonly messages: readonly ProducedMessage[]
      }[]
    }[]
  }
  type Versioned = (request: ProduceRequest) => {
    readonly request: { readonly apiVersion: number; readonly encode: () => Promise<Encoder> }
    readonly response: unknown
  }
  const produce: { protocol: (version: { readonly version: number }) => Versioned }
  export default produce
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder' {
  import type Decoder from 'kafkajs/src/protocol/decoder'
  import type { FetchedMessage } from 'kafkajs/src/protocol/requests/fetch/v11/response'
  function decodeRecordBatch(
    decoder: Decoder,
  ): Promise<{ readonly isControlBatch: boolean; readonly records: FetchedMessage[] }>
  export = decodeRecordBatch
}
