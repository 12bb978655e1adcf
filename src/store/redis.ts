import Redis, { Cluster } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { SettingsError } from '../model/errors'

/** How Redis is reached. */
export const redisSettingsSchema = z.strictObject({
  mode: z
    .enum(['single', 'cluster', 'sentinel'])
    .default('single')
    .describe('single: one server; cluster: Redis Cluster; sentinel: a master that sentinels know'),
  urls: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'the server, some nodes of the cluster, or the sentinels: redis://host:6379 or rediss://host:6379 for TLS',
    ),
  master: z.string().min(1).optional().describe('the name under which the sentinels know the master'),
  username: z.string().min(1).optional().describe('the user of the data nodes, where there is one'),
  password: z.string().min(1).optional().describe('the password of the data nodes'),
  sentinelPassword: z.string().min(1).optional().describe('the password of the sentinels'),
  caFile: z.string().min(1).optional().describe('certificates to trust beside those of the system, as PEM'),
  allowPlaintext: z.boolean().default(false).describe('whether a password may go over a network without TLS'),
  commandTimeoutMs: z
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(2_000)
    .describe('how long an answer is waited for'),
})
export type RedisSettings = z.output<typeof redisSettingsSchema>

/** What both kinds of client offer. */
export type RedisClient = Redis | Cluster

/**
 * A client that connects in the background, again and again, and meanwhile fails at once: nothing piles up here and
 * nothing is sent twice. `tell` gets a sentence when the connection goes and when it comes back.
 */
export function connectRedis(settings: RedisSettings, tell: (sentence: string) => void): RedisClient {
  const servers = settings.urls.map(serverIn)
  checkSettings(settings, servers)
  const client = clientFor(settings, servers)
  const where = servers.map(({ host, port }) => `${host}:${port}`).join(', ')
  let isDown = false
  const down = (reason: string): void => {
    if (!isDown) tell(`Redis at ${where} does not answer (${reason}); it is tried again until it does`)
    isDown = true
  }
  // Without a listener an error would end the process.
  client.on('error', (error: Error) => {
    down(reasonOf(error))
  })
  client.on('close', () => {
    if (client.status !== 'end') down('the connection was closed')
  })
  client.on('ready', () => {
    if (isDown) tell(`Redis at ${where} answers again`)
    isDown = false
  })
  return client
}

/** Runs a script that Redis may or may not know yet; keys first, then arguments. */
export async function runScript(
  redis: RedisClient,
  script: Script,
  { keys, args }: { keys: readonly string[]; args: readonly (string | number)[] },
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha, keys.length, ...keys, ...args)
  } catch (error) {
    // A server that was restarted, or a replica that took over, has forgotten it.
    if (!reasonOf(error).startsWith('NOSCRIPT')) throw error
    return redis.eval(script.lua, keys.length, ...keys, ...args)
  }
}

export interface Script {
  readonly lua: string
  readonly sha: string
}

/** An error of the client in words. What was sent is left out: it may hold a password. */
export function reasonOf(error: unknown): string {
  const { message = '', code } = error as { message?: string; code?: string }
  // A client that is not connected fails with words about its own options.
  if (/enableOfflineQueue|Connection is closed/.test(message)) return 'it is not connected'
  return message === '' ? (code ?? String(error)) : message
}

/** An id as the end of a key: ASCII without spaces or separators, and another id is another key. */
export function keyPart(id: string): string {
  return encodeURIComponent(id)
}

interface Server {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number
}

function serverIn(text: string): Server {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const db = Number(url?.pathname.replace(/^\//, '') ?? '')
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || !Number.isInteger(db)) {
    throw new SettingsError(
      'a Redis server is named like redis://host:6379, redis://host:6379/2 or rediss://host:6379; one of the urls is not',
    )
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    isTls: url.protocol === 'rediss:',
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    db,
  }
}

function checkSettings(settings: RedisSettings, servers: readonly Server[]): void {
  const { mode, master, password, sentinelPassword, allowPlaintext } = settings
  if (mode === 'single' && servers.length > 1) {
    throw new SettingsError(
      `one Redis server was expected, got ${servers.length} urls; set mode to cluster or sentinel for more`,
    )
  }
  if ((mode === 'sentinel') !== (master !== undefined)) {
    throw new SettingsError(
      'the name of the master is needed with mode sentinel, and only there; set or remove master',
    )
  }
  if (mode === 'cluster' && servers.some(({ db }) => db !== 0)) {
    throw new SettingsError('a Redis Cluster has database 0 only; remove the number from its urls')
  }
  const isSecret = password !== undefined || sentinelPassword !== undefined
  const open = servers.find(
    (server) => !server.isTls && !isLoopback(server.host) && (isSecret || server.password !== undefined),
  )
  if (open !== undefined && !allowPlaintext) {
    throw new SettingsError(
      `the password for Redis would go to ${open.host} unencrypted; use rediss://, or set allowPlaintext to true`,
    )
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

function clientFor(settings: RedisSettings, servers: readonly Server[]): RedisClient {
  const { mode, master, caFile, commandTimeoutMs, sentinelPassword } = settings
  const [first] = servers
  const username = settings.username ?? first!.username
  const password = settings.password ?? first!.password
  const tls = first!.isTls ? { tls: caFile === undefined ? {} : { ca: readFileSync(caFile) } } : {}
  const common = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...tls,
    connectTimeout: 2_000,
    commandTimeout: commandTimeoutMs,
    connectionName: 'assay',
    // Answers of the older protocol have one shape on every server.
    protocol: 2,
    maxRetriesPerRequest: 1,
    // What was sent and not answered may have been done: whoever sent it decides whether to send it again.
    autoResendUnfulfilledCommands: false,
  } satisfies RedisOptions
  if (mode === 'cluster') {
    return new Cluster(
      servers.map(({ host, port }) => ({ host, port })),
      {
        redisOptions: common,
        enableOfflineQueue: false,
        maxRedirections: 6,
        clusterRetryStrategy: pauseMs,
        slotsRefreshInterval: 5_000,
        // The certificate of a node is one for its name, not for the number that it is announced by.
        ...(first!.isTls
          ? {
              dnsLookup: (address, callback) => {
                callback(null, address)
              },
            }
          : {}),
      },
    )
  }
  const refusal = firstRefusal()
  const options = {
    ...{ ...common, enableOfflineQueue: false, retryStrategy: pauseMs, db: first!.db },
    reconnectOnError: refusal.isFirst,
  }
  const client =
    mode === 'single'
      ? new Redis({ ...options, host: first!.host, port: first!.port })
      : new Redis({
          ...options,
          name: master!,
          sentinels: servers.map(({ host, port }) => ({ host, port })),
          ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
          ...(first!.isTls ? { enableTLSForSentinelMode: true, sentinelTLS: tls.tls ?? {} } : {}),
          sentinelRetryStrategy: pauseMs,
        })
  client.on('close', refusal.forget)
  return client
}

/**
 * Where a client connects anew because writes are refused: a master that has become a replica refuses them, and another
 * connection finds the new one. Every command of a pipeline is refused, and the client would hang up for each of them.
 * Nodes of a cluster name the new one instead.
 */
function firstRefusal(): { isFirst: (error: Error) => boolean; forget: () => void } {
  let isLeaving = false
  return {
    isFirst: ({ message }) => {
      if (isLeaving || !message.startsWith('READONLY')) return false
      isLeaving = true
      return true
    },
    forget: () => {
      isLeaving = false
    },
  }
}

/** Growing pauses, not in step with other instances. */
function pauseMs(times: number): number {
  return Math.min(2_000, 50 * 2 ** Math.min(times, 6)) * (0.75 + Math.random() / 2)
}
