import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type Connection from 'kafkajs/src/network/connection'
import { framed } from '../../../test/support/framed'
import { connectInPlace, takeResponses } from './responses'

const megabyte = 1 << 20

let server: Server
let accepted: Promise<Socket>
const opened: Socket[] = []
beforeEach(async () => {
  server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  accepted = once(server, 'connection').then(([socket]) => {
    opened.push(socket as Socket)
    return socket as Socket
  })
})
afterEach(() => {
  opened.splice(0).forEach((socket) => socket.destroy())
  server.close()
})

it('gives the same responses as any other socket, of whatever size, however they come', async () => {
  const sizes = [4, 40, 0.2 * megabyte, 70_000, 65_536, 17.5 * megabyte, 9, 4 * megabyte].map(Math.round)
  const bodies = sizes.map((size, index) => Buffer.alloc(size, `${index}-${size}.`))
  const { given, from } = connected()
  const broker = await accepted
  broker.end(Buffer.concat(bodies.map(framed)))
  await once(from, 'end')
  expect(given.map(({ length }) => length)).toEqual(sizes.map((size) => size - 4))
  for (const [index, payload] of given.entries())
    expect(payload.equals(bodies[index]!.subarray(4))).toBe(true)
})

it('reads all but the beginning of a large response where it stays', async () => {
  const { given, pieces, from } = connected()
  const broker = await accepted
  broker.end(framed(Buffer.alloc(4 * megabyte, 7)))
  await once(from, 'end')
  const inPlace = pieces.filter(({ buffer }) => buffer === given[0]!.buffer)
  const bytes = inPlace.reduce((sum, { length }) => sum + length, 0)
  expect(bytes).toBeGreaterThan(3 * megabyte)
})

it('ends as any other socket does when the broker is gone in the middle', async () => {
  const { given, from } = connected()
  const broker = await accepted
  broker.write(framed(Buffer.alloc(megabyte)).subarray(0, 300_000))
  await once(from, 'data')
  broker.resetAndDestroy()
  await expect(once(from, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(given).toEqual([])
})

/** A connection of kafkajs as far as responses need one: what was given on, and each piece as it was read. */
function connected(): { given: Buffer[]; pieces: Buffer[]; from: Socket } {
  const { port } = server.address() as AddressInfo
  const socket = connectInPlace({ host: '127.0.0.1', port, ssl: {}, onConnect: () => undefined })
  opened.push(socket)
  const given: Buffer[] = []
  const pieces: Buffer[] = []
  const requestQueue = { fulfillRequest: ({ payload }: { payload: Buffer }) => given.push(payload) }
  const connection = { socket, authHandlers: null, requestQueue } as unknown as Connection
  socket.on('data', (bytes) => {
    pieces.push(bytes)
    takeResponses.call(connection, bytes)
  })
  return { given, pieces, from: socket }
}
