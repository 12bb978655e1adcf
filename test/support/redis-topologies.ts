import Redis from 'ioredis'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inNewHome } from './stack/home'
import type { Home, Service } from './stack/home'
import { program } from './stack/install'
import { freePorts, host } from './stack/ports'

export interface RedisTopology {
  readonly urls: readonly string[]
  /** By the port of each. */
  readonly servers: ReadonlyMap<number, Service>
  stop(): Promise<void>
}

/** A Redis Cluster of three masters. */
export function startRedisCluster(): Promise<RedisTopology> {
  return inNewHome(async (home) => {
    const ports = await freePorts(3)
    const busPorts = await freePorts(3)
    const servers = new Map<number, Service>()
    for (const [number, port] of ports.entries()) {
      const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(busPorts[number])]
      servers.set(port, await startServer(home, port, [...cluster, '--cluster-config-file', `${port}.conf`]))
    }
    const slots = ['0 5460', '5461 10922', '10923 16383']
    for (const [number, port] of ports.entries()) {
      await tell(port, `CLUSTER ADDSLOTSRANGE ${slots[number]!}`)
      if (number > 0) await tell(ports[0]!, `CLUSTER MEET ${host} ${port} ${busPorts[number]!}`)
    }
    await until(async () => {
      const states = await Promise.all(ports.map((port) => tell(port, 'CLUSTER INFO')))
      return states.every((state) => state.includes('cluster_state:ok') && state.includes('known_nodes:3'))
    })
    return topology(home, ports, servers)
  })
}

/** A master with a replica that one sentinel watches; its name is `assay`. */
export function startRedisSentinel(): Promise<RedisTopology & { readonly master: number }> {
  return inNewHome(async (home) => {
    const [master, replica, sentinel] = (await freePorts(3)) as [number, number, number]
    const servers = new Map<number, Service>()
    servers.set(master, await startServer(home, master, []))
    servers.set(replica, await startServer(home, replica, ['--replicaof', `${host} ${master}`]))
    await until(async () => (await tell(replica, 'INFO replication')).includes('master_link_status:up'))
    const file = join(home.folder, 'sentinel.conf')
    writeFileSync(
      file,
      `sentinel monitor assay ${host} ${master} 1\nsentinel down-after-milliseconds assay 500\n` +
        'sentinel failover-timeout assay 2000\n',
    )
    servers.set(sentinel, await startServer(home, sentinel, ['--sentinel'], file))
    await until(async () => (await tell(sentinel, 'SENTINEL REPLICAS assay')).includes(String(replica)))
    return { ...topology(home, [sentinel], servers), master }
  })
}

/** Sends a command to one server and gives the answer as text. */
export async function tell(port: number, command: string): Promise<string> {
  const redis = new Redis({ host, port, lazyConnect: true, retryStrategy: () => null, protocol: 2 })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    const [name, ...args] = command.split(' ')
    return JSON.stringify(await redis.call(name!, ...args))
  } finally {
    redis.disconnect()
  }
}

function topology(home: Home, ports: readonly number[], servers: Map<number, Service>): RedisTopology {
  return { urls: ports.map((port) => `redis://${host}:${port}`), servers, stop: () => home.close() }
}

async function startServer(
  home: Home,
  port: number,
  args: readonly string[],
  config?: string,
): Promise<Service> {
  const { file, env } = await program('redis-server', ['redis-server', 'redis-tools'])
  const own = ['--port', String(port), '--bind', host, '--dir', home.folder]
  const keepsNothing = args.includes('--sentinel') ? [] : ['--save', '', '--appendonly', 'no']
  return home.run({
    name: `redis-${port}`,
    file,
    env,
    args: [...(config === undefined ? [] : [config]), ...own, ...keepsNothing, ...args],
    answers: () => tell(port, 'PING'),
  })
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 20_000
  while (!(await isTrue())) {
    if (Date.now() > deadlineMs) throw new Error('the servers of Redis did not find each other within 20 s')
    await sleep(50)
  }
}
