import { connect, type Socket } from 'node:net'
import type { ISocketFactoryArgs } from 'kafkajs'
import type Connection from 'kafkajs/src/network/connection'

/**
 * Takes what has come of a connection, and gives each response on when it is whole: in place of the `processData` of kafkajs,
 * which keeps the half response of a connection that broke for the next one.
 */
export function takeResponses(this: Connection, bytes: Buffer): void {
  if (this.authHandlers !== null && !this.authExpectResponse) {
    this.authHandlers.onSuccess(Buffer.from(bytes))
    return
  }
  for (let at = 0; at < bytes.length;) {
    // By socket: what was cut off with a connection is no beginning of what the next one gives.
    const response = coming.get(this.socket) ?? new ComingResponse()
    at = response.fill(bytes, at)
    if (!response.isWhole) {
      coming.set(this.socket, response)
      return
    }
    coming.delete(this.socket)
    giveOn(this, response.bytes)
  }
}

function giveOn({ authHandlers, requestQueue }: Connection, response: Buffer): void {
  if (authHandlers !== null) {
    authHandlers.onSuccess(response)
    return
  }
  requestQueue.fulfillRequest({
    size: response.length - lengthBytes,
    correlationId: response.readInt32BE(lengthBytes),
    payload: response.subarray(lengthBytes + correlationIdBytes),
  })
}

/**
 * A connection without TLS that reads the rest of a large response straight into its memory. Node else makes memory for each
 * read, to be copied and thrown away: as much again as is fetched.
 */
export function connectInPlace({ host, port, onConnect }: ISocketFactoryArgs): Socket {
  // It asks for memory before it is there.
  const made: { socket?: Socket } = {}
  const socket = connect(
    {
      ...{ host, port, keepAlive: true, keepAliveInitialDelay: keepAliveMs },
      onread: {
        buffer: () => (made.socket && coming.get(made.socket)?.room) ?? shared,
        callback: (length, { buffer, byteOffset }) => {
          socket.emit('data', Buffer.from(buffer, byteOffset, length))
          return true
        },
      },
    },
    onConnect,
  )
  made.socket = socket
  return socket
}

/** What is read of small responses and of beginnings: taken out before the next read of any connection. */
const shared = Buffer.allocUnsafeSlow(65_536)
/** As kafkajs has it. */
const keepAliveMs = 60_000

const coming = new WeakMap<Connection['socket'], ComingResponse>()

/** A response behind its length, put together in one piece of memory. */
class ComingResponse {
  bytes: Buffer = Buffer.allocUnsafe(lengthBytes)
  private filled = 0
  private whole: number | undefined

  get isWhole(): boolean {
    return this.filled === this.whole
  }

  /** Where what comes next of it may be read to, if that is much. */
  get room(): Buffer | undefined {
    if (this.whole === undefined || this.whole - this.filled < shared.length) return undefined
    if (this.filled === this.bytes.length) this.grow()
    return this.bytes.subarray(this.filled)
  }

  /** Takes from a place on what belongs to it, and gives where that ends. */
  fill(from: Buffer, start: number): number {
    let at = start
    while (at < from.length && !this.isWhole) {
      if (this.filled === this.bytes.length) this.grow()
      const isInPlace =
        from.buffer === this.bytes.buffer && from.byteOffset + at === this.bytes.byteOffset + this.filled
      const copied = isInPlace ? from.length - at : from.copy(this.bytes, this.filled, at)
      at += copied
      this.filled += copied
      if (this.filled === lengthBytes && this.whole === undefined) {
        this.whole = lengthBytes + Math.max(0, this.bytes.readInt32BE(0))
      }
    }
    return at
  }

  /** What does not speak Kafka may claim any length: it gets memory as it goes on giving. */
  private grow(): void {
    const larger = Buffer.allocUnsafe(Math.min(this.whole!, Math.max(firstBytes, 2 * this.bytes.length)))
    this.bytes.copy(larger)
    this.bytes = larger
  }
}

const lengthBytes = 4
const correlationIdBytes = 4
/** As much as a fetch brings at once, mostly. */
const firstBytes = 16 << 20
