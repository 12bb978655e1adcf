import { createServer, connect } from 'node:net'
import type { Server } from 'node:net'
import { once } from 'node:events'

export const host = '127.0.0.1'

// Below what systems hand out for outgoing connections, so that nobody gets the port of a service that is just down.
const lowestPort = 20_000
const portsPerWorker = 2_000

/** Gives ports that are free now. Those of two workers of one test run never meet. */
export async function freePorts(count: number): Promise<number[]> {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 0) % 6
  const servers: Server[] = []
  while (servers.length < count) {
    const port = lowestPort + worker * portsPerWorker + Math.floor(Math.random() * portsPerWorker)
    const server = createServer().listen(port, host)
    try {
      await once(server, 'listening')
      servers.push(server)
    } catch {
      // Taken; another one will do.
    }
  }
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/** Resolves when somebody accepts connections there. */
export async function accepts(port: number): Promise<void> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}

/** Resolves when a page is there and says that all is well. */
export async function serves(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.text()
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
}
