import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { setupOf } from '../../src/cli/doctor-setup'
import { diagnose } from '../../src/doctor/diagnose'
import type { Setup } from '../../src/doctor/diagnose'
import type { Finding } from '../../src/doctor/finding'
import type { KafkaClient } from '../../src/log/kafka/client'
import { ensureTopics } from '../../src/log/kafka/topics'
import type { WantedTopic } from '../../src/log/kafka/topics'
import { wantedTopics } from '../../src/service/installation'
import { loadSettings } from '../../src/settings/load-settings'
import { assay } from '../support/cli'
import type { Ended } from '../support/cli'
import { kafkaClient } from '../support/kafka'
import { tell } from '../support/redis-topologies'
import { startKafka } from '../support/stack/kafka'
import type { Kafka } from '../support/stack/kafka'
import { freePorts, host } from '../support/stack/ports'
import { startRedis } from '../support/stack/redis'
import type { Redis } from '../support/stack/redis'
import { startRegistry } from '../support/stack/registry'
import type { Registry } from '../support/stack/registry'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'

/** `assay doctor` on real services: one thing is wrong at a time, and it is named. */

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
type Environment = Readonly<Record<string, string>>

let bootstrap: string
let client: KafkaClient
let redis: Redis
let registry: Registry
const closing: Server[] = []
beforeAll(async () => {
  ;[{ bootstrap }, redis, registry] = await Promise.all([shared('kafka'), startRedis(), startRegistry()])
  client = await kafkaClient(bootstrap)
}, 300_000)
afterAll(async () => {
  for (const server of closing) server.close()
  await Promise.all([redis.stop(), registry.stop()])
})

describe('a healthy set-up', () => {
  it('has nothing that needs anybody', async () => {
    const env = await healthy()
    const { code, stdout, stderr } = await doctor(env, ['--json'])
    const { exitCode, findings } = JSON.parse(stdout) as { exitCode: number; findings: Finding[] }
    expect({ code, exitCode, stderr, faults: faultsIn(findings) }).toEqual({
      code: 0,
      exitCode: 0,
      stderr: '',
      faults: [],
    })
    const parts = new Set(findings.map(({ check }) => check.split('.')[0]))
    expect([...parts].sort()).toEqual(
      [
        'clock',
        'kafka',
        'key',
        'node',
        'policy',
        'raw',
        'redis',
        'registry',
        'schema',
        'state',
        'topic',
      ].sort(),
    )
  })

  it('is whole before the first start, which makes what is missing', async () => {
    const { ASSAY_KAFKA_TOPIC_PREFIX: prefix, ...env } = await healthy()
    const findings = await diagnosis({ ...env, ASSAY_KAFKA_TOPIC_PREFIX: `other-${prefix!}` })
    expect(faultsIn(findings)).toEqual([])
    for (const own of ['events', 'policies', 'chain'])
      expect(found(findings, 'topic', `other-${prefix!}${own}`)).toMatch(/the first start makes it/)
  })

  it('reads as rows, with what needs nobody first, and ends with the counts', async () => {
    const { code, stdout } = await doctor({ ...(await healthy()), ASSAY_KEY_FILE: '' })
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^ok {7}\S/)
    expect(lines.slice(-5)).toEqual([
      expect.stringMatching(/^warning {2}key +- +no key file$/),
      '    expected: keyFile (ASSAY_KEY_FILE)',
      expect.stringContaining('write 32 random bytes to a file'),
      '',
      expect.stringMatching(/^problem: 0, warning: 1, ok: \d+$/),
    ])
  })
})

describe('brokers', () => {
  it('of which none is named, or none takes connections', async () => {
    const env = { ...(await healthy()), ASSAY_BROKERS: '' }
    expect(faultsIn(await diagnosis(env))).toEqual(['wrong kafka.broker'])
    const [port] = await freePorts(1)
    const findings = await diagnosis({ ...env, ASSAY_BROKERS: `${host}:${port!},nowhere.invalid:9092` })
    expect(faultsIn(findings)).toEqual([
      `unreachable kafka.broker ${host}:${port!}`,
      'unreachable kafka.broker nowhere.invalid:9092',
    ])
    expect(found(findings, 'kafka.broker', `${host}:${port!}`)).toContain('ECONNREFUSED')
  })

  it('of which one is down are warned of', async () => {
    const [port] = await freePorts(1)
    const findings = await diagnosis({
      ...(await healthy()),
      ASSAY_BROKERS: `${host}:${port!},${bootstrap}`,
    })
    expect(faultsIn(findings)).toEqual([`warning kafka.broker ${host}:${port!}`])
  })

  it('that are something else that never answers', async () => {
    const findings = await diagnosis({ ...(await healthy()), ASSAY_BROKERS: await silentServer() })
    expect(faultsIn(findings)).toEqual(['unreachable kafka.login address'])
  })

  it('that give addresses for themselves which cannot be reached from here', async () => {
    const kafka = await startKafka({ brokers: 3 })
    const [first, ...others] = kafka.brokers
    try {
      // One of three is no majority, so that nobody can strike the others off.
      await Promise.all([kafka.kill(2), kafka.kill(3)])
      const findings = await diagnosis({ ...(await healthy()), ASSAY_BROKERS: first! })
      expect(faultsIn(findings)).toEqual(
        expect.arrayContaining(others.map((broker) => `unreachable kafka.advertised ${broker}`)),
      )
    } finally {
      await kafka.stop()
    }
  })
})

describe('brokers that ask who is there', () => {
  let kafka: Kafka
  beforeAll(async () => {
    kafka = await startKafka({ secured: true })
  }, 180_000)
  afterAll(() => kafka.stop())

  const login = async (env: Environment): Promise<string[]> => {
    const findings = await diagnosis({ ...(await healthy()), ...env })
    expect(JSON.stringify(findings)).not.toContain(kafka.security.password)
    return faultsIn(findings).filter((fault) => fault.includes('kafka'))
  }
  const user = (password = kafka.security.password): Environment => ({
    ASSAY_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    ASSAY_KAFKA_USERNAME: kafka.security.username,
    ASSAY_KAFKA_PASSWORD: password,
  })
  const trust = (): Environment => ({
    ASSAY_KAFKA_TLS: 'true',
    ASSAY_KAFKA_TLS_CA_FILE: kafka.security.caFile,
  })

  it('let in who has what they want', async () => {
    expect(await login({ ASSAY_BROKERS: kafka.security.sasl, ...user() })).toEqual([])
    expect(await login({ ASSAY_BROKERS: kafka.security.saslTls, ...user(), ...trust() })).toEqual([])
  })

  it('are told by their certificate also where Redis or a registry should be', async () => {
    const { saslTls } = kafka.security
    const env = await healthy()
    const asRedis = await diagnosis({ ...env, ASSAY_REDIS_URLS: `rediss://${saslTls}` })
    expect(faultsIn(asRedis)).toEqual([`wrong redis rediss://${saslTls}`])
    expect(found(asRedis, 'redis', `rediss://${saslTls}`)).toContain('self-signed')
    const asRegistry = await diagnosis({ ...env, ASSAY_REGISTRY_URL: `https://${saslTls}` })
    expect(faultsIn(asRegistry)).toEqual([expect.stringMatching(/^wrong registry http/)])
    expect(found(asRegistry, 'registry', `https://${saslTls}`)).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  it.each<[what: string, env: () => Environment, fault: string]>([
    [
      'a wrong password',
      () => ({ ASSAY_BROKERS: kafka.security.sasl, ...user('not-the-password') }),
      'credentials',
    ],
    ['no password', () => ({ ASSAY_BROKERS: kafka.security.sasl }), 'protocol'],
    ['a password that nobody wants', () => ({ ASSAY_BROKERS: kafka.bootstrap, ...user() }), 'credentials'],
    [
      'a certificate that we do not trust',
      () => ({ ASSAY_BROKERS: kafka.security.saslTls, ...user(), ASSAY_KAFKA_TLS: 'true' }),
      'encryption',
    ],
    ['no certificate of ours', () => ({ ASSAY_BROKERS: kafka.security.tls, ...trust() }), 'encryption'],
    ['TLS that they do not speak', () => ({ ASSAY_BROKERS: kafka.bootstrap, ...trust() }), 'encryption'],
    ['no TLS where they speak it', () => ({ ASSAY_BROKERS: kafka.security.tls }), 'protocol'],
  ])('are told from those that nobody reaches: %s', async (_what, env, fault) => {
    expect(await login(env())).toEqual([`wrong kafka.login ${fault}`])
  })
})

describe('topics of our own', () => {
  it('that the cluster cannot make', async () => {
    const env = await healthy()
    const prefix = env['ASSAY_KAFKA_TOPIC_PREFIX']
    const missing = { ...env, ASSAY_KAFKA_TOPIC_PREFIX: `other-${prefix!}`, ASSAY_KAFKA_REPLICATION: '3' }
    const findings = await diagnosis(missing)
    expect(faultsIn(findings)).toContain(`wrong topic other-${prefix!}events`)
    expect(found(findings, 'topic', `other-${prefix!}events`)).toMatch(/could not be created: .*replication/i)
  })

  it.each<[setting: string, change: Partial<WantedTopic>, status: string]>([
    ['partitions', { partitions: 2 }, 'wrong'],
    ['retention.ms', { config: { 'retention.ms': '3600000' } }, 'wrong'],
    ['cleanup.policy', { config: { 'cleanup.policy': 'compact' } }, 'wrong'],
    ['max.message.bytes', { config: { 'max.message.bytes': '1048588' } }, 'wrong'],
    ['unclean.leader.election.enable', { config: { 'unclean.leader.election.enable': 'true' } }, 'warning'],
  ])('with another %s', async (setting, change, status) => {
    const env = await healthy({ events: change })
    expect(faultsIn(await diagnosis(env))).toEqual([
      `${status} topic.${setting} ${env['ASSAY_KAFKA_TOPIC_PREFIX']!}events`,
    ])
  })

  it('with too few replicas, or an acknowledgement by too few', async () => {
    const env: Environment = { ...(await healthy()), ASSAY_KAFKA_REPLICATION: '3' }
    const events = `${env['ASSAY_KAFKA_TOPIC_PREFIX']!}events`
    const faults = faultsIn(await diagnosis(env))
    expect(faults).toContain(`warning topic.replication.factor ${events}`)
    expect(faults).toContain(`warning topic.min.insync.replicas ${events}`)
    expect(faults.filter((fault) => !fault.startsWith('warning'))).toEqual([])
  })
})

describe('raw topics', () => {
  it('that are missing', async () => {
    const env = await healthy()
    const topics = JSON.stringify({ ...topicsIn(env), 'nobody.makes': 'click' })
    expect(faultsIn(await diagnosis({ ...env, ASSAY_KAFKA_TOPICS: topics }))).toEqual([
      'wrong raw nobody.makes',
    ])
  })

  it('that keep events for less than a day', async () => {
    const env = await healthy({ raw: { config: { 'retention.ms': '7200000' } } })
    const [raw] = Object.keys(topicsIn(env))
    const findings = await diagnosis(env)
    expect(faultsIn(findings)).toEqual([`warning raw.retention.ms ${raw!}`])
    expect(found(findings, 'raw.retention.ms', raw)).toBe('2.0 h')
  })

  it('are told by their partitions and by whose time their records carry', async () => {
    const env = await healthy({ raw: { partitions: 3, config: { 'message.timestamp.type': 'CreateTime' } } })
    const [raw] = Object.keys(topicsIn(env))
    const findings = await diagnosis(env)
    expect(found(findings, 'raw', raw)).toBe('3 partitions')
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'raw.message.timestamp.type',
        status: 'ok',
        advice: expect.stringContaining('a producer whose clock is ahead is believed') as string,
      }),
    )
    const stamped = await healthy({ raw: { config: { 'message.timestamp.type': 'LogAppendTime' } } })
    expect((await diagnosis(stamped)).map(({ check }) => check)).not.toContain('raw.message.timestamp.type')
  })
})

describe('the registry', () => {
  it('that does not answer, or is something else', async () => {
    const [port] = await freePorts(1)
    const env = await healthy()
    const down = `http://${host}:${port!}`
    expect(faultsIn(await diagnosis({ ...env, ASSAY_REGISTRY_URL: down }))).toEqual([
      expect.stringMatching(/^unreachable registry http/),
    ])
    const silent = `http://${await silentServer()}`
    const findings = await diagnosis({
      ...env,
      ASSAY_REGISTRY_URL: silent,
      ASSAY_REGISTRY_TIMEOUT_MS: '60000',
    })
    expect(faultsIn(findings)).toEqual([expect.stringMatching(/^unreachable registry http/)])
    expect(found(findings, 'registry', silent)).toContain('no answer came in time')
  })

  it('that refuses who we are', async () => {
    const url = await httpServer({ status: 401 })
    const env = { ...(await healthy()), ASSAY_REGISTRY_URL: url, ASSAY_REGISTRY_TOKEN: 'canary-7' }
    const findings = await diagnosis(env)
    expect(faultsIn(findings)).toEqual([expect.stringMatching(/^wrong registry http/)])
    expect(JSON.stringify(findings)).not.toContain('canary')
  })

  it('that lets any schema in, or holds one that we cannot read', async () => {
    const own = await startRegistry()
    try {
      const env = { ...(await healthy()), ASSAY_REGISTRY_URL: own.url }
      expect(faultsIn(await diagnosis(env))).toEqual([])
      const record = (fields: object[]) => JSON.stringify({ type: 'record', name: 'Click', fields })
      await post(`${own.url}/subjects/engagement.click-value/versions`, {
        schema: record([{ name: 'occurredAt', type: 'boolean' }]),
      })
      expect(faultsIn(await diagnosis(env))).toEqual(['wrong schema engagement.click-value'])
      const { code } = await assay(['schemas', 'register', '--registry', await freshRegistry(own)])
      expect(code).toBe(0)
      expect(faultsIn(await diagnosis(env))).toEqual([])
      await put(`${own.url}/config/engagement.click-value`, { compatibility: 'NONE' })
      expect(faultsIn(await diagnosis(env))).toEqual(['warning schema engagement.click-value'])
    } finally {
      await own.stop()
    }
  })
})

describe('Redis', () => {
  const port = (): number => Number(new URL(redis.url).port)
  const configured = async (settings: string, look: () => Promise<void>): Promise<void> => {
    await tell(port(), `CONFIG SET ${settings}`)
    try {
      await look()
    } finally {
      await tell(port(), 'CONFIG SET maxmemory 0 maxmemory-policy noeviction appendonly no')
    }
  }

  it('that does not answer', async () => {
    const [free] = await freePorts(1)
    const env = await healthy()
    const down = `redis://${host}:${free!}`
    expect(faultsIn(await diagnosis({ ...env, ASSAY_REDIS_URLS: down }))).toEqual([
      `unreachable redis ${down}`,
    ])
    const silent = `redis://${await silentServer()}`
    expect(faultsIn(await diagnosis({ ...env, ASSAY_REDIS_URLS: silent }))).toEqual([
      `unreachable redis ${silent}`,
    ])
  })

  it('that wants another password, or one at all', async () => {
    const own = await startRedis()
    const ownPort = Number(new URL(own.url).port)
    try {
      await tell(ownPort, 'CONFIG SET requirepass right')
      const env = { ...(await healthy()), ASSAY_REDIS_URLS: own.url }
      const findings = await diagnosis({ ...env, ASSAY_REDIS_PASSWORD: 'canary-7' })
      expect(faultsIn(findings)).toEqual([`wrong redis ${own.url}`])
      expect(JSON.stringify(findings)).not.toContain('canary')
      expect(faultsIn(await diagnosis(env))).toEqual([`wrong redis ${own.url}`])
      expect(faultsIn(await diagnosis({ ...env, ASSAY_REDIS_PASSWORD: 'right' }))).toEqual([])
    } finally {
      await own.stop()
    }
  })

  it('that does not encrypt where we do', async () => {
    const url = redis.url.replace('redis:', 'rediss:')
    const findings = await diagnosis({ ...(await healthy()), ASSAY_REDIS_URLS: url })
    // It waits for the end of what it takes for a line, and says nothing.
    expect(faultsIn(findings)).toEqual([`unreachable redis ${url}`])
    expect(findings.find(({ check }) => check === 'redis')?.advice).toContain('where Redis encrypts')
  })

  it.each([
    ['allkeys-lru', 'wrong'],
    ['volatile-ttl', 'warning'],
  ])('that may throw away keys: %s', async (policy, status) => {
    await configured(`maxmemory 100mb maxmemory-policy ${policy}`, async () => {
      expect(faultsIn(await diagnosis(await healthy()))).toEqual([
        `${status} redis.maxmemory-policy ${redis.url}`,
      ])
    })
  })

  it('that forgets the checkpoints it holds when it is started again', async () => {
    const env = { ...(await healthy()), ASSAY_STATE_STORE: 'redis' }
    expect(faultsIn(await diagnosis(env))).toEqual([`wrong redis.persistence ${redis.url}`])
    await configured('appendonly yes', async () => {
      expect(faultsIn(await diagnosis(env))).toEqual([])
    })
  })
})

describe('clocks', () => {
  it.each([
    [-4_000, []],
    [20_000, ['warning clock']],
    [-20_000, ['warning clock']],
    [400_000, ['wrong clock']],
  ])('that differ by %d ms', async (byMs, faults) => {
    const date = await httpServer({ status: 200, body: '[]' })
    const env = { ...(await healthy()), ASSAY_REGISTRY_URL: date }
    const findings = await diagnosis(env, {
      nowMs: () => Date.now() + byMs,
      checkSchemas: () => Promise.resolve([]),
    })
    expect(faultsIn(findings)).toEqual(
      faults.flatMap((fault) => [`${fault} ${date}`, `${fault} ${redis.url}`]),
    )
  })
})

describe('this machine', () => {
  it('has files that are not there, or do not hold what they should', async () => {
    const env = await healthy()
    const file = (text: string): string => {
      const path = join(newFolder(), 'file')
      writeFileSync(path, text)
      return path
    }
    const faultsOf = async (changes: Environment) =>
      faultsIn(await diagnosis({ ...env, ...changes })).map((fault) => fault.split(' ').slice(0, 2).join(' '))
    expect(await faultsOf({ ASSAY_KEY_FILE: '/nowhere/key' })).toEqual(['unreachable key'])
    expect(await faultsOf({ ASSAY_KEY_FILE: file('short') })).toEqual(['wrong key'])
    expect(await faultsOf({ ASSAY_POLICY_FILE: '/nowhere/policy' })).toEqual(['unreachable policy'])
    expect(await faultsOf({ ASSAY_POLICY_FILE: file('{"epochMs": -1}') })).toEqual(['wrong policy'])
    // A file stands where a folder would have to be made.
    expect(await faultsOf({ ASSAY_STATE_FOLDER: join(file(''), 'state') })).toEqual([
      'unreachable state.folder',
    ])
  })

  it('runs a version of Node that is not safe', async () => {
    const findings = await diagnosis(await healthy(), { nodeVersion: 'v22.22.1' })
    expect(faultsIn(findings)).toEqual(['wrong node'])
  })
})

describe('the command', () => {
  it('ends with 78 when something has to be changed, and with 69 when something does not answer', async () => {
    const env = { ...(await healthy()), ASSAY_KEY_FILE: '', ASSAY_POLICY_FILE: '/dev/null' }
    const { code, stdout } = await doctor(env)
    expect(code).toBe(78)
    expect(stdout).toMatch(/\nproblem +policy +\/dev\/null +.*should be JSON in UTF-8, and is empty/)
    const [port] = await freePorts(1)
    expect((await doctor({ ...env, ASSAY_REDIS_URLS: `redis://${host}:${port!}` })).code).toBe(69)
  })

  it('ends with 78 when the settings do not hold, and names them', async () => {
    const { code, stdout } = await doctor({ ASSAY_LISTEN_PORT: '-1' }, ['--json'])
    expect(code).toBe(78)
    expect(JSON.parse(stdout)).toMatchObject({
      exitCode: 78,
      findings: [{ check: 'settings', found: expect.stringContaining('ASSAY_LISTEN_PORT') as string }],
    })
    expect((await doctor({ ASSAY_SETTINGS: '/nowhere/assay.json' })).code).toBe(69)
    expect((await doctor({}, ['--fast'])).code).toBe(2)
  })

  it('ends within 10 s when connections are taken and nobody answers', async () => {
    const silent = await silentServer()
    const env = {
      ...(await healthy()),
      ASSAY_BROKERS: `${silent},${await silentServer()},${await silentServer()}`,
      ASSAY_REGISTRY_URL: `http://${silent}`,
      ASSAY_REDIS_URLS: `redis://${silent}`,
    }
    const timed = async (...args: Parameters<typeof doctor>) => {
      const startMs = performance.now()
      const { code } = await doctor(...args)
      return { code, tookMs: performance.now() - startMs }
    }
    // A machine that is busy takes longer to start a command at all.
    const { tookMs: startsInMs } = await timed({}, ['--fast'])
    const { code, tookMs } = await timed(env, ['--json'])
    expect(code).toBe(69)
    expect(tookMs).toBeLessThan(8_000 + 4 * startsInMs)
  })
})

/** A set-up of its own whose topics are there, some of them otherwise than they should be. */
async function healthy(
  changes: { readonly raw?: Partial<WantedTopic>; readonly events?: Partial<WantedTopic> } = {},
): Promise<Environment> {
  const name = `d${randomUUID().slice(0, 8)}`
  const state = newFolder()
  const keyFile = join(state, 'key')
  writeFileSync(keyFile, randomUUID())
  mkdirSync(join(state, 'state'))
  const env = {
    ASSAY_BROKERS: bootstrap,
    ASSAY_KAFKA_REPLICATION: '1',
    ASSAY_KAFKA_PARTITIONS: '3',
    ASSAY_KAFKA_TOPIC_PREFIX: `${name}.`,
    ASSAY_KAFKA_TOPICS: JSON.stringify({ [`${name}.raw`]: 'mixed' }),
    ASSAY_KAFKA_VERDICTS_TOPIC: `${name}.out.verdicts`,
    ASSAY_KAFKA_CORRECTIONS_TOPIC: `${name}.out.corrections`,
    ASSAY_REGISTRY_URL: registry.url,
    ASSAY_REDIS_MODE: 'single',
    ASSAY_REDIS_URLS: redis.url,
    ASSAY_STATE_FOLDER: join(state, 'state'),
    ASSAY_KEY_FILE: keyFile,
  }
  const raw = { topic: `${name}.raw`, partitions: 1, replicationFactor: 1, config: { 'retention.ms': '-1' } }
  const own = wantedTopics(loadSettings(undefined, env)).map((topic) => {
    if (topic.topic !== `${name}.events`) return topic
    return { ...topic, ...changes.events, config: { ...topic.config, ...changes.events?.config } }
  })
  await ensureTopics(client, [{ ...raw, ...changes.raw }, ...own])
  return env
}

function topicsIn(env: Environment): Record<string, string> {
  return JSON.parse(env['ASSAY_KAFKA_TOPICS']!) as Record<string, string>
}

function diagnosis(env: Environment, changes: Partial<Setup> = {}): Promise<readonly Finding[]> {
  return diagnose({ ...setupOf(loadSettings(undefined, env, [])), ...changes })
}

function doctor(env: Environment, args: readonly string[] = []): Promise<Ended> {
  return assay(['doctor', ...args], {
    under: ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
  })
}

/** What needs somebody, each as a few words. */
function faultsIn(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ status }) => status !== 'ok')
    .map(({ status, cause, check, of }) => `${cause ?? status} ${check} ${of}`.trim())
}

function found(findings: readonly Finding[], check: string, of = ''): string | undefined {
  return findings.find((one) => one.check === check && one.of === of)?.found
}

/** Takes connections and says nothing. */
async function silentServer(): Promise<string> {
  return listening(createSocketServer((socket) => socket.on('error', () => undefined)))
}

async function httpServer({ status, body = '' }: { status: number; body?: string }): Promise<string> {
  return `http://${await listening(createServer((_, response) => response.writeHead(status).end(body)))}`
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  server.unref()
  closing.push(server)
  return `${host}:${(server.address() as AddressInfo).port}`
}

/** The address of a registry that has forgotten everything. */
async function freshRegistry(own: Registry): Promise<string> {
  await own.restart()
  return own.url
}

const post = (url: string, body: object): Promise<void> => send('POST', url, body)
const put = (url: string, body: object): Promise<void> => send('PUT', url, body)

async function send(method: string, url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) })
  expect(response.status).toBe(200)
}
