import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { SettingsError } from '../model/errors'
import { loadSettings, settingsList } from './load-settings'
import { contractTopics } from './service-settings'
import { settingsTable } from './settings-table'

const folder = mkdtempSync(join(tmpdir(), 'assay-settings-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const brokers = { ASSAY_BROKERS: 'kafka-1:9092,kafka-2:9092' }

describe('the settings', () => {
  it('are whole when the brokers are named: the topics of the contract, everything else by default', () => {
    const settings = loadSettings(undefined, brokers)
    expect(settings.kafka.brokers).toEqual(['kafka-1:9092', 'kafka-2:9092'])
    expect(settings.kafka.topics).toEqual(contractTopics)
    expect(settings.redis.mode).toBe('none')
    expect(settings.registry.waitMs).toBe(60_000)
    expect(() => Object.assign(settings.http, { port: 1 })).toThrow(TypeError)
  })

  it('come from a file, and the environment goes before it', () => {
    const file = written({ kafka: { brokers: ['in-file:9092'], group: 'in-file' }, http: { port: 1 } })
    const settings = loadSettings(undefined, {
      ASSAY_SETTINGS: file,
      ASSAY_KAFKA_GROUP: 'in-environment',
      ASSAY_LISTEN_PORT: '8443',
      ASSAY_ALLOWED_DEAD_LETTER_SHARE: '0.25',
      ASSAY_KAFKA_TLS: 'true',
      ASSAY_KAFKA_TOPICS: '{"platform.events": "mixed"}',
      ASSAY_REGISTRY_URL: '',
      ASSAY_TRUSTED_PROXIES: '10.0.0.0/8, fd00::7',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    })
    expect(settings.telemetry).toEqual({ tracesUrl: 'http://collector:4318', serviceName: 'assay' })
    expect(settings.kafka).toMatchObject({ brokers: ['in-file:9092'], group: 'in-environment' })
    expect(settings.http).toMatchObject({ port: 8443, trustedProxies: ['10.0.0.0/8', 'fd00::7'] })
    expect(settings.intake.allowedDeadLetterShare).toBe(0.25)
    expect(settings.kafka.tls.enabled).toBe(true)
    expect(settings.kafka.topics).toEqual({ 'platform.events': 'mixed' })
    expect(settings.registry.url).toBeUndefined()
  })

  it('need what a command needs, and no more', () => {
    expect(fault({}, {})).toMatch(/kafka\.brokers \(ASSAY_BROKERS\): should be set/)
    expect(() => loadSettings(undefined, {}, [])).not.toThrow()
    expect(() => loadSettings(undefined, {}, ['registry.url'])).toThrow(
      /registry\.url \(ASSAY_REGISTRY_URL\)/,
    )
  })

  it.each([
    ['an unknown setting', { kafka: { broker: [] } }, /kafka\.broker: is no setting; there are brokers, /],
    ['an unknown section', { kafak: {} }, /kafak: is no setting; there are kafka, registry, /],
    ['a broker without a port', { kafka: { brokers: ['one'] } }, /brokers\.0 .*host:port.*; it is "one"/],
    [
      'a collector without a scheme',
      { telemetry: { tracesUrl: 'collector:4318' } },
      /telemetry\.tracesUrl \(OTEL_EXPORTER_OTLP_ENDPOINT\): should be http:\/\/ or https:\/\/ and a host/,
    ],
    [
      'a number out of bounds',
      { http: { port: 70_000 } },
      /http\.port \(ASSAY_LISTEN_PORT\).*65535; it is 70000/,
    ],
    ['a wrong type', { kafka: { replication: '3' } }, /replication .*expected number.*it is "3"/],
    ['a section that is none', { kafka: 'x' }, /kafka: .*expected object/],
    [
      'a topic of an unknown kind',
      { kafka: { topics: { 'a.b': 'clicks' } } },
      /topics\.a\.b .*it is "clicks"/,
    ],
    [
      'a registry without a scheme',
      { registry: { url: 'registry:8081' } },
      /registry\.url .*http:\/\/ or https:/,
    ],
    ...['10.0.0', '10.0.0.0/33', '0.0.0.0/0', '::/0', '10.0.0.0/8/8', 'proxy', ''].map(
      (proxy) =>
        [
          `${proxy} as a proxy`,
          { http: { trustedProxies: [proxy] } },
          /trustedProxies\.0 .*10\.0\.0\.0\/8/,
        ] as [string, object, RegExp],
    ),
    ['a token that is no hash', { http: { tokenHashes: ['tea'] } }, /tokenHashes\.0 .*SHA-256/],
    [
      'certificates without encryption',
      { kafka: { tls: { caFile: 'ca.pem' } } },
      /kafka\.tls\.enabled .*should be true/,
    ],
    ['half of a pair', { kafka: { tls: { enabled: true, keyFile: 'k' } } }, /certFile .*set together/],
    ['a mechanism without a name', { kafka: { sasl: { mechanism: 'plain' } } }, /username and a password/],
    ['a name without a mechanism', { kafka: { sasl: { username: 'u' } } }, /should name a mechanism/],
    [
      'a vault without a key of its own',
      { vaultFolder: 'v' },
      /keyFile .*should be set where vaultFolder is/,
    ],
    ['a registry user without a password', { registry: { username: 'u' } }, /registry\.username .*together/],
    ['Redis without an address', { redis: { mode: 'cluster' } }, /redis\.urls .*should hold addresses/],
    ['an address without Redis', { redis: { urls: ['redis://r:6379'] } }, /redis\.urls .*no address/],
    [
      'two single ones',
      { redis: { mode: 'single', urls: ['redis://a', 'redis://b'] } },
      /should hold one address/,
    ],
    ['sentinels without a name', { redis: { mode: 'sentinel', urls: ['redis://a'] } }, /sentinelName/],
    ['a Redis user without a password', { redis: { username: 'u' } }, /redis\.username/],
    ['state in a Redis that is not there', { state: { store: 'redis' } }, /state\.store .*should be folder/],
  ])('refuse %s', (_what, document, expected) => {
    expect(fault(document, 'kafka' in document ? {} : brokers)).toMatch(expected)
  })

  it('name all faults at once', () => {
    const text = fault({ http: { port: -1 }, state: { stor: 1 } })
    expect(text).toMatch(/http\.port/)
    expect(text).toMatch(/state\.stor/)
  })

  it('refuse what is no JSON without quoting it', () => {
    const file = join(folder, 'broken.json')
    writeFileSync(file, '{"password": canary-7')
    const text = faultOf(() => loadSettings(file, brokers))
    expect(text).toMatch(/should be JSON/)
    expect(text).not.toMatch(/canary/)
  })
})

describe('a secret', () => {
  it('comes from a file of its own, without the newline at its end', () => {
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, 'canary-7\n')
    const { sasl } = loadSettings(
      written({ kafka: { sasl: { mechanism: 'scram-sha-512', username: 'assay', passwordFile } } }),
      brokers,
    ).kafka
    expect(sasl.password?.reveal()).toBe('canary-7')
  })

  it('is shown by no way of printing the settings', () => {
    const settings = loadSettings(undefined, {
      ...brokers,
      ASSAY_KAFKA_SASL_MECHANISM: 'scram-sha-256',
      ASSAY_KAFKA_USERNAME: 'assay',
      ASSAY_KAFKA_PASSWORD: 'canary-7',
    })
    expect(settings.kafka.sasl.password?.reveal()).toBe('canary-7')
    const { password } = settings.kafka.sasl
    const printed = [
      JSON.stringify(settings),
      inspect(settings, { depth: 9, showHidden: true }),
      String(password),
      JSON.stringify(Object.entries(password ?? {})),
    ]
    for (const text of printed) expect(text).not.toMatch(/canary/)
  })

  it.each([
    [
      'in the file of settings',
      { kafka: { sasl: { password: 'canary-7' } } },
      {},
      /passwordFile, or set ASSAY_KAFKA_PASSWORD/,
    ],
    [
      'in an address',
      { registry: { url: 'http://u:canary-7@registry' } },
      {},
      /registry\.url .*without credentials/,
    ],
    [
      'in one of several addresses',
      {},
      { ASSAY_REDIS_MODE: 'cluster', ASSAY_REDIS_URLS: 'redis://a,redis://:canary-7@b' },
      /redis\.urls\.1/,
    ],
    ['where a section belongs', { kafka: { sasl: 'canary-7' } }, {}, /kafka\.sasl: /],
    ['beside a mistake', {}, { ASSAY_KAFKA_PASSWORD: 'canary-7' }, /should name a mechanism/],
  ])('is refused and not repeated %s', (_where, document, env, expected) => {
    const text = fault(document, { ...brokers, ...env })
    expect(text).toMatch(expected)
    expect(text).not.toMatch(/canary/)
  })

  const plain = { ASSAY_KAFKA_SASL_MECHANISM: 'plain', ASSAY_KAFKA_USERNAME: 'u', ASSAY_KAFKA_PASSWORD: 'p' }
  const redis = { ASSAY_REDIS_MODE: 'single', ASSAY_REDIS_PASSWORD: 'p' }
  const registry = { ASSAY_REGISTRY_TOKEN: 't' }
  it.each([
    ['Kafka', { ...plain, ASSAY_BROKERS: 'kafka:9092' }, { ...plain, ASSAY_BROKERS: '127.0.0.1:9092' }],
    [
      'the registry',
      { ...registry, ASSAY_REGISTRY_URL: 'http://r' },
      { ...registry, ASSAY_REGISTRY_URL: 'https://r' },
    ],
    ['Redis', { ...redis, ASSAY_REDIS_URLS: 'redis://r' }, { ...redis, ASSAY_REDIS_URLS: 'rediss://r' }],
  ])('does not go to another machine unencrypted, unless told: %s', (_what, open, safe) => {
    expect(fault({}, { ...brokers, ...open })).toMatch(/would send credentials unencrypted/)
    expect(() => loadSettings(undefined, { ...brokers, ...safe })).not.toThrow()
    const told = { ...brokers, ...open, ASSAY_ALLOW_UNENCRYPTED_CREDENTIALS: 'true' }
    expect(() => loadSettings(undefined, told)).not.toThrow()
  })
})

describe('the table of settings', () => {
  it('names each setting and each variable once, with its meaning', () => {
    const variables = settingsList.map(({ env }) => env)
    expect(new Set(variables).size).toBe(variables.length)
    expect(variables.length).toBeGreaterThan(30)
    expect(settingsList.filter(({ meaning }) => meaning === '')).toEqual([])
    expect(settingsList.filter(({ path, unit }) => path.endsWith('Ms') !== (unit === 'ms'))).toEqual([])
  })

  it('in the README is the one of the code', () => {
    const readme = readFileSync(join(__dirname, 'README.md'), 'utf8')
    expect(tableIn(readme)).toEqual(tableIn(settingsTable()))
  })
})

/** The cells of a table, whatever the formatter makes of the space between them. */
function tableIn(markdown: string): string[][] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'))
  return rows.map((row) => row.split('|').map((cell) => cell.trim().replace(/^-+$/, '-')))
}

let files = 0

function written(document: object): string {
  const file = join(folder, `${files++}.json`)
  writeFileSync(file, JSON.stringify(document))
  return file
}

function fault(document: object, env: Record<string, string> = brokers): string {
  return faultOf(() => loadSettings(written(document), env))
}

function faultOf(load: () => unknown): string {
  try {
    load()
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError)
    return (error as Error).message
  }
  throw new Error('the settings should have been refused')
}
