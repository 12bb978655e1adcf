import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { socketToBroker } from './socket'

type Wanted = Parameters<typeof socketToBroker>[0]

/** kafkajs leaves `ssl` undefined where there is none. */
function connectTo(port: number, onConnect = () => undefined): Socket {
  return socketToBroker({ host: '127.0.0.1', port, onConnect, ssl: undefined } as unknown as Wanted)
}

it('gives what comes in order, each time in the same memory, and says when the other side has gone', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const onConnect = jest.fn()
  const { port } = server.address() as AddressInfo
  const socket = connectTo(port, onConnect)
  const [broker] = await accepted

  const given: Buffer[] = []
  const memory = new Set<ArrayBufferLike>()
  socket.on('data', (bytes: Buffer) => {
    given.push(Buffer.from(bytes))
    memory.add(bytes.buffer)
  })
  const sent = Buffer.alloc(300_000).map((_, index) => index % 251)
  broker.write(sent.subarray(0, 3))
  broker.write(sent.subarray(3))
  const ended = once(socket, 'end')
  broker.end()
  await ended
  expect(Buffer.concat(given).equals(sent)).toBe(true)
  expect(given.length).toBeGreaterThan(2)
  expect(memory.size).toBe(1)
  expect(onConnect).toHaveBeenCalledTimes(1)
  socket.destroy()
  server.close()
})

it('says that nobody answers', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const socket = connectTo(port)
  const [error] = (await once(socket, 'error').catch((problem: unknown) => [problem])) as [
    NodeJS.ErrnoException,
  ]
  expect(error.code).toBe('ECONNREFUSED')
})
