import { isIP } from 'node:net'
import { z } from 'zod'
import { readersWithoutToken } from '../model/access'
import { kinds } from '../model/event'
import { Secret } from './secret'

/** What a raw topic carries: records of one kind, or `mixed`, where each says its own in the field `kind`. */
export type TopicKind = (typeof topicKinds)[number]

/** Policies have a topic of their own, which no setting makes one of events. */
const topicKinds = [...kinds.filter((kind) => kind !== 'policy'), 'mixed'] as const

/** The topics of the contract and what they carry. */
export const contractTopics: Readonly<Record<string, TopicKind>> = {
  'engagement.subscription': 'subscription',
  'engagement.click': 'click',
  'engagement.forward': 'forward',
  'engagement.comment': 'comment',
  'engagement.post': 'post',
  'engagement.impression': 'impression',
  'account.activity': 'account',
  'enforcement.feedback': 'feedback',
}

const kafka = z.strictObject({
  brokers: documented(z.array(address()).default([]), {
    env: 'ASSAY_BROKERS',
    meaning: 'where to find the first brokers, each as host:port',
  }),
  clientId: documented(name().default('assay'), {
    env: 'ASSAY_KAFKA_CLIENT_ID',
    meaning: 'how the brokers call this service in their logs and quotas',
  }),
  group: documented(name().default('assay'), {
    env: 'ASSAY_KAFKA_GROUP',
    meaning: 'the consumer group of all instances of one installation',
  }),
  topics: documented(z.record(topic(), z.enum(topicKinds)).default({ ...contractTopics }), {
    env: 'ASSAY_KAFKA_TOPICS',
    meaning:
      'the raw topics and the kind of event each carries; mixed: every record says its own, and may be feedback only where no topic is set for that; in the environment as JSON',
  }),
  topicPrefix: documented(
    z
      .string()
      .regex(/^[a-zA-Z0-9._-]{1,100}$/, 'should hold letters, digits, dots, hyphens and underscores')
      .default('assay.'),
    {
      env: 'ASSAY_KAFKA_TOPIC_PREFIX',
      meaning: 'how the names of the topics begin that assay keeps for itself',
    },
  ),
  replication: documented(z.int().min(1).max(10).default(3), {
    env: 'ASSAY_KAFKA_REPLICATION',
    meaning: 'copies of every topic that assay creates; 1 where there is one broker',
  }),
  partitions: documented(z.int().min(1).max(1000).default(12), {
    env: 'ASSAY_KAFKA_PARTITIONS',
    meaning: 'partitions of the topics of verdicts and corrections; fixed once they are there',
  }),
  verdictsTopic: documented(topic().default('enforcement.verdicts'), {
    env: 'ASSAY_KAFKA_VERDICTS_TOPIC',
    meaning: 'the topic that verdicts are published to',
  }),
  correctionsTopic: documented(topic().default('enforcement.corrections'), {
    env: 'ASSAY_KAFKA_CORRECTIONS_TOPIC',
    meaning: 'the topic that corrected counts are published to; compacted',
  }),
  tls: z
    .strictObject({
      enabled: documented(z.boolean().default(false), {
        env: 'ASSAY_KAFKA_TLS',
        meaning: 'whether connections to the brokers are encrypted',
      }),
      caFile: documented(file().optional(), {
        env: 'ASSAY_KAFKA_TLS_CA_FILE',
        meaning: "certificates to trust, as PEM; without it, Node's own",
      }),
      certFile: documented(file().optional(), {
        env: 'ASSAY_KAFKA_TLS_CERT_FILE',
        meaning: 'our certificate, as PEM, where brokers ask for one',
      }),
      keyFile: documented(file().optional(), {
        env: 'ASSAY_KAFKA_TLS_KEY_FILE',
        meaning: 'the private key of that certificate, as PEM',
      }),
    })
    .prefault({}),
  sasl: z
    .strictObject({
      mechanism: documented(z.enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512']).default('none'), {
        env: 'ASSAY_KAFKA_SASL_MECHANISM',
        meaning: 'how we prove to the brokers who we are',
      }),
      username: documented(z.string().min(1).optional(), {
        env: 'ASSAY_KAFKA_USERNAME',
        meaning: 'who we are to the brokers',
      }),
      ...password('ASSAY_KAFKA_PASSWORD'),
    })
    .prefault({}),
})

const registry = z.strictObject({
  url: documented(url(['http', 'https']).optional(), {
    env: 'ASSAY_REGISTRY_URL',
    meaning:
      "the schema registry with Confluent's interface (Apicurio: http://host:8080/apis/ccompat/v7); without it only JSON is read",
  }),
  username: documented(z.string().min(1).optional(), {
    env: 'ASSAY_REGISTRY_USERNAME',
    meaning: 'who we are to the registry; sent along with the password',
  }),
  ...password('ASSAY_REGISTRY_PASSWORD'),
  token: documented(secret(), {
    env: 'ASSAY_REGISTRY_TOKEN',
    meaning: 'a bearer token for the registry, instead of a username and a password',
    isSecret: true,
  }),
  tokenFile: documented(file().optional(), {
    env: 'ASSAY_REGISTRY_TOKEN_FILE',
    meaning: 'a file that holds the token',
  }),
  timeoutMs: milliseconds(3000, {
    env: 'ASSAY_REGISTRY_TIMEOUT_MS',
    meaning: 'how long one request to the registry may take',
    min: 100,
    max: 60_000,
  }),
  waitMs: milliseconds(60_000, {
    env: 'ASSAY_REGISTRY_WAIT_MS',
    meaning:
      'how long a partition waits for a schema while the registry does not answer; its records then become dead letters',
    max: 86_400_000,
  }),
  unknownMs: milliseconds(60_000, {
    env: 'ASSAY_REGISTRY_UNKNOWN_MS',
    meaning: 'how long an id that the registry did not know counts as unknown before it is asked again',
    min: 1000,
    max: 86_400_000,
  }),
})

const redis = z.strictObject({
  mode: documented(z.enum(['none', 'single', 'cluster', 'sentinel']).default('none'), {
    env: 'ASSAY_REDIS_MODE',
    meaning: 'how Redis is set up; none: there is none, and what is served is kept in memory',
  }),
  urls: documented(z.array(url(['redis', 'rediss'])).default([]), {
    env: 'ASSAY_REDIS_URLS',
    meaning: 'one address, or some of the nodes of the cluster, or the sentinels; rediss:// encrypts',
  }),
  sentinelName: documented(name().optional(), {
    env: 'ASSAY_REDIS_SENTINEL_NAME',
    meaning: 'how the sentinels call the primary',
  }),
  username: documented(z.string().min(1).optional(), {
    env: 'ASSAY_REDIS_USERNAME',
    meaning: 'who we are to Redis',
  }),
  ...password('ASSAY_REDIS_PASSWORD'),
  keyPrefix: documented(
    z
      .string()
      .regex(/^[\w.:-]{1,64}$/, 'should hold letters, digits, dots, colons, hyphens and underscores')
      .default('assay:'),
    {
      env: 'ASSAY_REDIS_KEY_PREFIX',
      meaning: 'how the keys begin, so that several installations can share a Redis',
    },
  ),
  timeoutMs: milliseconds(1000, {
    env: 'ASSAY_REDIS_TIMEOUT_MS',
    meaning: 'how long one command may take',
    min: 10,
    max: 60_000,
  }),
})

const http = z.strictObject({
  host: documented(z.string().min(1).default('127.0.0.1'), {
    env: 'ASSAY_LISTEN_HOST',
    meaning: 'the address to listen on; the default can be reached from this machine alone',
  }),
  port: documented(z.int().min(0).max(65_535).default(8080), {
    env: 'ASSAY_LISTEN_PORT',
    meaning: 'the port to listen on; 0 takes a free one',
  }),
  tokenHashes: documented(
    z
      .array(z.string().regex(/^[0-9a-f]{64}$/, 'should be a SHA-256 as 64 hexadecimal digits in lower case'))
      .default([]),
    {
      env: 'ASSAY_TOKEN_HASHES',
      meaning:
        'SHA-256 of tokens without a name or an end, which may do everything (printf %s TOKEN | sha256sum); http.tokenFile is better',
    },
  ),
  tokenFile: documented(file().optional(), {
    env: 'ASSAY_TOKEN_FILE',
    meaning:
      'the file of tokens with their roles that "assay tokens" keeps; without it and without http.tokenHashes nobody may change anything',
  }),
  readWithoutToken: documented(z.enum(readersWithoutToken).optional(), {
    env: 'ASSAY_READ_WITHOUT_TOKEN',
    meaning:
      'what may be read without a token: nothing, or what a role may read; without it, everything where there is no http.tokenFile, and nothing where there is one',
  }),
  requestsPerSecond: documented(z.int().min(1).max(1_000_000).default(1_000), {
    env: 'ASSAY_REQUESTS_PER_SECOND',
    meaning:
      'how many requests of one token, or of one address without a token, are answered within a second',
  }),
  connectionsPerAddress: documented(z.int().min(1).max(1_024).default(256), {
    env: 'ASSAY_CONNECTIONS_PER_ADDRESS',
    meaning:
      'how many connections one address may hold; those of http.trustedProxies are counted only together with all others',
  }),
  listenersPerCaller: documented(z.int().min(1).max(100).default(20), {
    env: 'ASSAY_LISTENERS_PER_CALLER',
    meaning: 'how many streams of live events one token, or one address without a token, may hold',
  }),
  trustedProxies: documented(z.array(network()).default([]), {
    env: 'ASSAY_TRUSTED_PROXIES',
    meaning:
      'addresses and networks of your own proxies, such as 10.0.0.0/8: who asks through them is whom they name in x-forwarded-for; without it, all who come through a proxy count as one caller',
  }),
})

const state = z.strictObject({
  store: documented(z.enum(['folder', 'redis']).default('folder'), {
    env: 'ASSAY_STATE_STORE',
    meaning: 'where checkpoints are kept; redis suits instances without a disk of their own',
  }),
  folder: documented(file().default('state'), {
    env: 'ASSAY_STATE_FOLDER',
    meaning: 'the folder of the checkpoints; an instance that finds its own there starts faster',
  }),
})

const intake = z.strictObject({
  allowedDeadLetterShare: documented(z.number().min(0).max(1).default(0.1), {
    env: 'ASSAY_ALLOWED_DEAD_LETTER_SHARE',
    meaning: 'share of the latest records of a partition that may be unreadable; beyond it consuming stops',
  }),
  idleMs: milliseconds(2_000, {
    env: 'ASSAY_IDLE_MS',
    meaning:
      'after how long without a record the clock of a partition that was read to its end goes on by itself, so that nobody waits for it',
    min: 100,
    max: 86_400_000,
  }),
})

const retention = z.strictObject({
  eventsDays: documented(z.int().min(1).max(3650).default(7), {
    unit: 'days',
    env: 'ASSAY_RETENTION_EVENTS_DAYS',
    meaning:
      'how long the topics between the views keep what persons did and wrote; longer than any outage, since an instance without a checkpoint reads them from the beginning',
  }),
  deadLettersDays: documented(z.int().min(1).max(3650).default(30), {
    unit: 'days',
    env: 'ASSAY_RETENTION_DEAD_LETTERS_DAYS',
    meaning: 'how long the topic of dead letters keeps records as they came',
  }),
  verdictsDays: documented(z.int().min(1).max(3650).optional(), {
    unit: 'days',
    env: 'ASSAY_RETENTION_VERDICTS_DAYS',
    meaning:
      'how long the topics of verdicts keep them, which is also how long one can be appealed; without it, for ever',
  }),
})

const telemetry = z.strictObject({
  tracesUrl: documented(url(['http', 'https']).optional(), {
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    meaning:
      'where traces go: a collector, Jaeger or Tempo that takes OTLP over HTTP (http://host:4318; /v1/traces is added); without it none are kept',
  }),
  serviceName: documented(z.string().min(1).max(200).default('assay'), {
    env: 'OTEL_SERVICE_NAME',
    meaning: 'how this service is called in traces',
  }),
})

/** Every setting of the service: where things are, never what decides; that is the policy. */
export const serviceSettings = z
  .strictObject({
    kafka: kafka.prefault({}),
    registry: registry.prefault({}),
    redis: redis.prefault({}),
    http: http.prefault({}),
    state: state.prefault({}),
    intake: intake.prefault({}),
    retention: retention.prefault({}),
    telemetry: telemetry.prefault({}),
    keyFile: documented(file().optional(), {
      env: 'ASSAY_KEY_FILE',
      meaning:
        'a secret of at least 16 bytes under which ids are hashed, the same in every instance; without it, a fixed one',
    }),
    vaultFolder: documented(file().optional(), {
      env: 'ASSAY_VAULT_FOLDER',
      meaning:
        'the vault that ids of persons are sealed in, the same folder for every instance; without it they are kept as they came',
    }),
    policyFile: documented(file().optional(), {
      env: 'ASSAY_POLICY_FILE',
      meaning: 'the policy as JSON; without it, the default policy',
    }),
    allowUnencryptedCredentials: documented(z.boolean().default(false), {
      env: 'ASSAY_ALLOW_UNENCRYPTED_CREDENTIALS',
      meaning: 'whether passwords and tokens may go to another machine unencrypted',
    }),
  })
  .superRefine((settings, context) => {
    for (const { path, message } of contradictions(settings)) {
      context.addIssue({ code: 'custom', path: path.split('.'), message })
    }
  })

export type ServiceSettings = z.output<typeof serviceSettings>

/** What is said of a setting beside its type; `secret` ones are never shown. */
export interface SettingFacts {
  readonly env: string
  readonly meaning: string
  readonly unit?: string
  readonly isSecret?: boolean
}

function documented<T extends z.ZodType>(schema: T, { meaning, ...facts }: SettingFacts): T {
  return schema.meta({ description: meaning, ...facts })
}

function milliseconds(
  value: number,
  { min = 0, max, ...facts }: SettingFacts & { readonly min?: number; readonly max: number },
): z.ZodDefault<z.ZodInt> {
  return documented(z.int().min(min).max(max).default(value), { ...facts, unit: 'ms' })
}

/** A password comes from the environment or from a file of its own, so that a file of settings can be shown around. */
function password(env: string) {
  return {
    password: documented(secret(), { env, meaning: 'the password', isSecret: true }),
    passwordFile: documented(file().optional(), {
      env: `${env}_FILE`,
      meaning: 'a file that holds the password',
    }),
  }
}

function secret() {
  return z
    .string()
    .min(1)
    .transform((value) => new Secret(value))
    .optional()
}

function address(): z.ZodString {
  return z
    .string()
    .regex(/^(?:[\w.-]{1,253}|\[[0-9a-fA-F:.]+\]):\d{1,5}$/, 'should be host:port, such as kafka-1:9092')
}

/** Not everybody: who is believed what they say of themselves has no limits. */
function network(): z.ZodString {
  return z.string().refine((text) => {
    const [address = '', bits, ...rest] = text.split('/')
    const family = isIP(address)
    if (family === 0 || rest.length > 0) return false
    return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  }, 'should be an address or a network of at least one bit, such as 10.0.0.7, 10.0.0.0/8 or fd00::/8')
}

function name(): z.ZodString {
  return z.string().regex(/^[\w.-]{1,200}$/, 'should hold letters, digits, dots, hyphens and underscores')
}

function topic(): z.ZodString {
  return z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/, 'should be the name of a topic')
}

function file(): z.ZodString {
  return z.string().min(1, 'should be a path')
}

/** Credentials in an address end up in logs, so they have settings of their own. */
function url(schemes: readonly string[]): z.ZodString {
  const expected = `should be ${schemes.map((scheme) => `${scheme}://`).join(' or ')} and a host, without credentials, query or fragment`
  return z.string().refine((text) => {
    if (!URL.canParse(text) || /[@?#]/.test(text)) return false
    const { protocol, hostname } = new URL(text)
    return schemes.includes(protocol.slice(0, -1)) && hostname !== ''
  }, expected)
}

interface Contradiction {
  readonly path: string
  readonly message: string
}

/** Settings that are possible each but not together. */
function contradictions(settings: ServiceSettings): Contradiction[] {
  return [...ofKafka(settings), ...ofRegistry(settings), ...ofRedis(settings), ...ofVault(settings)]
}

function ofKafka({ kafka: { tls, sasl, brokers }, allowUnencryptedCredentials }: ServiceSettings) {
  const found: Contradiction[] = []
  const isIdle = !tls.enabled && [tls.caFile, tls.certFile, tls.keyFile].some((file) => file !== undefined)
  if (isIdle) {
    found.push({ path: 'kafka.tls.enabled', message: 'should be true where certificates are named' })
  }
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    found.push({ path: 'kafka.tls.certFile', message: 'and kafka.tls.keyFile should be set together' })
  }
  if (sasl.mechanism !== 'none' && (sasl.username === undefined || sasl.password === undefined)) {
    found.push({
      path: 'kafka.sasl.mechanism',
      message: `is ${sasl.mechanism}, so kafka.sasl.username and a password should be set`,
    })
  }
  if (sasl.mechanism === 'none' && (sasl.username !== undefined || sasl.password !== undefined)) {
    found.push({
      path: 'kafka.sasl.mechanism',
      message: 'should name a mechanism where a username or a password is set',
    })
  }
  const isExposed = sasl.mechanism === 'plain' && !tls.enabled && !brokers.every(isOnThisMachine)
  if (isExposed && !allowUnencryptedCredentials) {
    found.push({ path: 'kafka.tls.enabled', message: unencrypted })
  }
  return found
}

function ofRegistry({ registry, allowUnencryptedCredentials }: ServiceSettings): Contradiction[] {
  const { url, username, password, token } = registry
  const found: Contradiction[] = []
  if ((username === undefined) !== (password === undefined)) {
    found.push({ path: 'registry.username', message: 'and a password should be set together' })
  }
  if (username !== undefined && token !== undefined) {
    found.push({
      path: 'registry.token',
      message: 'should be left out where a username is set, or the other way',
    })
  }
  const isExposed = url?.startsWith('http:') === true && !isOnThisMachine(new URL(url).host)
  if (isExposed && (username ?? token) !== undefined && !allowUnencryptedCredentials) {
    found.push({ path: 'registry.url', message: unencrypted })
  }
  return found
}

function ofRedis({ redis, state, allowUnencryptedCredentials }: ServiceSettings): Contradiction[] {
  const { mode, urls, sentinelName, username, password } = redis
  const found: Contradiction[] = []
  const isCountWrong = mode === 'none' ? urls.length > 0 : urls.length === 0
  if (isCountWrong || (mode === 'single' && urls.length !== 1)) {
    const expected = {
      none: 'no address',
      single: 'one address',
      cluster: 'addresses',
      sentinel: 'addresses',
    }
    found.push({ path: 'redis.urls', message: `should hold ${expected[mode]} where redis.mode is ${mode}` })
  }
  if ((mode === 'sentinel') !== (sentinelName !== undefined)) {
    found.push({
      path: 'redis.sentinelName',
      message: 'should be set where redis.mode is sentinel, and only there',
    })
  }
  if (username !== undefined && password === undefined) {
    found.push({ path: 'redis.username', message: 'should have a password beside it' })
  }
  if (state.store === 'redis' && mode === 'none') {
    found.push({ path: 'state.store', message: 'should be folder where redis.mode is none' })
  }
  const isExposed = urls.some((url) => url.startsWith('redis:') && !isOnThisMachine(new URL(url).host))
  if (isExposed && password !== undefined && !allowUnencryptedCredentials) {
    found.push({ path: 'redis.urls', message: unencrypted })
  }
  return found
}

function ofVault({ vaultFolder, keyFile }: ServiceSettings): Contradiction[] {
  if (vaultFolder === undefined || keyFile !== undefined) return []
  return [{ path: 'keyFile', message: keyIsNeeded }]
}

function isOnThisMachine(hostAndPort: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(hostAndPort)
}

const keyIsNeeded =
  'should be set where vaultFolder is: without a secret of your own anybody can tell from a name what its pseudonym is'

const unencrypted =
  'would send credentials unencrypted to another machine; encrypt the connection, or set allowUnencryptedCredentials'
