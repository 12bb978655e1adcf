import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Redis from 'ioredis'
import { Kafka as Client, Partitioners, logLevel } from 'kafkajs'
import type { KafkaConfig } from 'kafkajs'
import { commandOf, start } from '../support/child'
import { kafkaVersions, startKafka } from '../support/stack/kafka'
import { startAlertmanager, startPrometheus } from '../support/stack/prometheus'
import { startRedis } from '../support/stack/redis'
import { startRegistry } from '../support/stack/registry'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'
import { tryUntil } from '../support/waiting'

// The first run on a machine fetches the services.
jest.setTimeout(300_000)

const running: { stop(): Promise<void> }[] = []
const newFolder = temporaryFolders()

afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()))
})

async function started<Service extends { stop(): Promise<void> }>(
  starting: Promise<Service>,
): Promise<Service> {
  const service = await starting
  running.push(service)
  return service
}

function clientOf(config: KafkaConfig): Client {
  return new Client({ logLevel: logLevel.NOTHING, requestTimeout: 3_000, ...config })
}

describe('Kafka', () => {
  it.each(kafkaVersions)('%s keeps what it took over a power cut', async (version) => {
    const kafka = await started(startKafka({ version }))
    const client = clientOf({ brokers: [...kafka.brokers] })
    await createTopic(client, 'kept')
    await eventually(() => send(client, 'kept', 'before'))
    await kafka.kill()
    expect(await letsIn({ brokers: [...kafka.brokers] })).toBe(false)
    await kafka.restart()
    expect(await endOf(client, 'kept')).toBe('1')
    await eventually(() => send(client, 'kept', 'after'))
  })

  it('of three brokers goes on without one, and takes nothing with one alone', async () => {
    const kafka = await started(startKafka({ brokers: 3 }))
    const client = clientOf({ brokers: [...kafka.brokers] })
    await createTopic(client, 'three')
    await kafka.kill(2)
    await eventually(() => send(client, 'three', 'two are enough'))
    await kafka.pause(3)
    await expect(send(client, 'three', 'one is not')).rejects.toThrow()
    kafka.resume(3)
    await eventually(() => send(client, 'three', 'two are enough'))
    await kafka.restart(2)
    await eventually(async () => {
      expect((await inSyncOf(client, 'three')).sort()).toEqual([1, 2, 3])
    })
  })

  it('asks who is there when it is secured', async () => {
    const { security } = await started(startKafka({ secured: true }))
    const { sasl, tls, saslTls, username, password } = security
    const ca = readFileSync(security.caFile)
    const ssl = { ca, cert: readFileSync(security.certFile), key: readFileSync(security.keyFile) }
    const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
    for (const mechanism of mechanisms) {
      const user = { mechanism, username, password } as KafkaConfig['sasl'] & object
      const stranger = { mechanism, username, password: 'guessed' } as KafkaConfig['sasl'] & object
      expect(await letsIn({ brokers: [sasl], sasl: user })).toBe(true)
      expect(await letsIn({ brokers: [saslTls], sasl: user, ssl: { ca } })).toBe(true)
      expect(await letsIn({ brokers: [sasl], sasl: stranger })).toBe(false)
      expect(await letsIn({ brokers: [saslTls], sasl: user, ssl: true })).toBe(false)
    }
    expect(await letsIn({ brokers: [tls], ssl })).toBe(true)
    expect(await letsIn({ brokers: [tls], ssl: { ca } })).toBe(false)
  })
})

describe('Redis', () => {
  it('forgets when it is flushed or started again, and is silent while it is paused', async () => {
    const redis = await started(startRedis())
    const client = new Redis(redis.url, { retryStrategy: () => 20, commandTimeout: 500 })
    client.on('error', () => undefined)
    try {
      await client.set('key', 'value')
      await redis.flush()
      expect(await client.get('key')).toBeNull()
      await redis.pause()
      await expect(client.get('key')).rejects.toThrow('timed out')
      redis.resume()
      await client.set('key', 'value')
      await redis.kill()
      await redis.restart()
      expect(await client.get('key')).toBeNull()
    } finally {
      client.disconnect()
    }
  })
})

describe('the registry', () => {
  it('takes a schema, and is at the same address after a restart', async () => {
    const registry = await started(startRegistry())
    const registered = await fetch(`${registry.url}/subjects/clicks-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ schema: '"string"' }),
    })
    expect(await registered.json()).toEqual({ id: expect.any(Number) as number })
    expect(await subjectsOf(registry.url)).toEqual(['clicks-value'])
    await registry.restart()
    expect(await subjectsOf(registry.url)).toEqual([])
  })
})

describe('Prometheus and Alertmanager', () => {
  it('read a metric, find it too high and tell somebody', async () => {
    const told: string[] = []
    const service = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => told.push(text))
      response.end(request.url === '/metrics' ? 'assay_lag 7\n' : '')
    })
    await once(service.listen(0, '127.0.0.1'), 'listening')
    const target = `127.0.0.1:${(service.address() as AddressInfo).port}`
    const rules = join(newFolder(), 'rules.json')
    const rule = { alert: 'LagTooHigh', expr: 'assay_lag > 5' }
    writeFileSync(rules, JSON.stringify({ groups: [{ name: 'assay', rules: [rule] }] }))
    try {
      const { url } = await started(startAlertmanager({ webhook: `http://${target}/alerts` }))
      await started(startPrometheus({ targets: [target], rules: [rules], alertmanager: url }))
      await eventually(() => {
        expect(told.join('')).toContain('LagTooHigh')
      })
    } finally {
      service.closeAllConnections()
      service.close()
    }
  })
})

describe('services', () => {
  it('are shared by the tests of a run', async () => {
    const [first, second] = await Promise.all([shared('redis'), shared('redis')])
    expect(first).toEqual(second)
    const client = new Redis(first.url)
    expect(await client.ping()).toBe('PONG')
    client.disconnect()
  })

  it('are gone, and so are their files, when the process that started them is killed', async () => {
    const folder = newFolder()
    const stack = start(['env', `TMPDIR=${folder}`, ...commandOf('stack/main.ts', 'redis', 'kafka')])
    expect(await stack.nextLine()).toMatch('export ASSAY_REDIS_MODE=single')
    const pids = readdirSync(folder).flatMap((home) => readdirSync(join(folder, home, 'pids')).map(Number))
    expect(pids.filter(isAlive)).toHaveLength(2)
    // One that is halted cannot even notice.
    process.kill(pids[0]!, 'SIGSTOP')
    stack.process.kill('SIGKILL')
    await eventually(() => {
      expect(pids.filter(isAlive)).toEqual([])
      expect(readdirSync(folder)).toEqual([])
    })
  })

  it('that do not start say why and leave nothing', () => {
    const [bin, folder] = [newFolder(), newFolder()]
    writeFileSync(join(bin, 'redis-server'), '#!/bin/sh\necho no memory left\nexit 1\n', { mode: 0o755 })
    const [file, ...args] = commandOf('stack/main.ts', 'redis')
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, TMPDIR: folder }
    const { status, stderr } = spawnSync(file!, args, { env, encoding: 'utf8' })
    expect(stderr).toContain('redis ended before it answered; its last lines:\nno memory left')
    expect(status).toBe(69)
    expect(readdirSync(folder)).toEqual([])
  })
})

async function createTopic(client: Client, topic: string): Promise<void> {
  const admin = client.admin()
  await admin.connect()
  try {
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true })
  } finally {
    await admin.disconnect()
  }
}

async function send(client: Client, topic: string, value: string): Promise<void> {
  const producer = client.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 0 },
  })
  await producer.connect()
  try {
    await producer.send({ topic, messages: [{ value }], acks: -1, timeout: 2_000 })
  } finally {
    await producer.disconnect()
  }
}

/** The offset that the next message of a topic gets. */
async function endOf(client: Client, topic: string): Promise<string> {
  const admin = client.admin()
  await admin.connect()
  try {
    const [partition] = await admin.fetchTopicOffsets(topic)
    return partition!.offset
  } finally {
    await admin.disconnect()
  }
}

/** The brokers that have everything of a topic with one partition. */
async function inSyncOf(client: Client, topic: string): Promise<number[]> {
  const admin = client.admin()
  await admin.connect()
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]!.partitions[0]!.isr
  } finally {
    await admin.disconnect()
  }
}

async function letsIn(config: KafkaConfig): Promise<boolean> {
  const admin = clientOf({ ...config, retry: { retries: 0 } }).admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length === 1
  } catch {
    return false
  } finally {
    await admin.disconnect()
  }
}

async function subjectsOf(url: string): Promise<unknown> {
  return (await fetch(`${url}/subjects`)).json()
}

/** A client may hold on to what was so a moment ago. */
const eventually = (attempt: () => Promise<void> | void) => tryUntil(attempt, 30_000)

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
