import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startKafka } from './kafka'
import { host } from './ports'
import { startRedis } from './redis'
import { startRegistry } from './registry'

/**
 * The addresses of services that all tests of a run share. Each is started when a test first asks for it. Tests keep
 * apart by the names of their topics, subjects and keys; one that means to break a service starts its own.
 */
export function shared(name: 'kafka'): Promise<{ bootstrap: string }>
export function shared(name: 'registry' | 'redis'): Promise<{ url: string }>
export async function shared(name: string): Promise<object> {
  const response = await fetch(`http://${host}:${process.env[portVariable] ?? ''}/${name}`)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as object
}

const portVariable = 'ASSAY_SHARED_SERVICES_PORT'

/** Jest calls this once, before it starts its workers. What is started here ends with the process. */
export default async function serveShared(): Promise<void> {
  // A watching jest comes here before every run.
  if (process.env[portVariable] !== undefined) return
  const started = new Map<string, Promise<object>>()
  const server = createServer((request, response) => {
    const name = request.url!.slice(1)
    if (!started.has(name)) started.set(name, start(name))
    response.setHeader('connection', 'close')
    started.get(name)!.then(
      (address) => response.end(JSON.stringify(address)),
      (error: unknown) => response.writeHead(500).end((error as Error).message),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  server.unref()
  process.env[portVariable] = String((server.address() as AddressInfo).port)
}

async function start(name: string): Promise<object> {
  switch (name) {
    case 'kafka':
      return { bootstrap: (await startKafka()).bootstrap }
    case 'registry':
      return { url: (await startRegistry()).url }
    case 'redis':
      return { url: (await startRedis()).url }
    default:
      throw new Error(`there is no shared service "${name}"`)
  }
}
