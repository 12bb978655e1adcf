import { Cluster } from 'ioredis'
import type Redis from 'ioredis'
import { isOfTls } from '../log/tls-error'
import { reasonOf } from '../store/redis'
import type { RedisClient } from '../store/redis'
import { readClock } from './clock'
import type { ClockReading } from './clock'
import type { Setup } from './diagnose'
import { fine, unreachable, warning, wrong } from './finding'
import type { Finding, Report } from './finding'

/** Whether Redis lets us in and keeps what it is given; gives what the clocks of its servers show. */
export async function checkRedis(
  { settings, openRedis, nowMs }: Setup,
  report: Report,
): Promise<ClockReading[]> {
  const { mode, urls } = settings.redis
  if (mode === 'none') {
    const advice = 'what is served is kept in memory, by each instance for itself'
    report(fine({ check: 'redis', found: 'none', advice }))
    return []
  }
  const of = urls.join(', ')
  const client = openRedis()
  try {
    const error = await firstError(client)
    if (error !== undefined) {
      report(connectionFinding(of, error))
      return []
    }
    report(fine({ check: 'redis', of, found: 'it answers' }))
    const servers = client instanceof Cluster ? client.nodes('master') : [client]
    const readings = servers.map(async (server) => {
      const { host, port } = server.options
      const name = client instanceof Cluster ? `${host ?? ''}:${port ?? 0}` : of
      const facts = await factsOf(server)
      const holdsCheckpoints = settings.state.store === 'redis'
      report(versionFinding(name, facts))
      report(evictionFinding(name, facts, { holdsCheckpoints }))
      if (holdsCheckpoints) report(persistenceFinding(name, facts))
      return readClock({ of: name, nowMs, toleranceMs: 0 }, () => timeOf(server))
    })
    return (await Promise.all(readings)).flat()
  } finally {
    client.disconnect()
  }
}

/** The first error of a client that is connecting; undefined when it is ready. */
function firstError(client: RedisClient): Promise<Error | undefined> {
  if (client.status === 'ready') return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(new Error(`no answer within ${patienceMs / 1000} s`))
    }, patienceMs)
    const end = (error?: Error): void => {
      clearTimeout(timer)
      resolve(error)
    }
    client.once('ready', () => {
      end()
    })
    client.once('error', end)
  })
}

function connectionFinding(of: string, error: Error): Finding {
  const { code, lastNodeError } = error as NodeJS.ErrnoException & { readonly lastNodeError?: Error }
  const found = reasonOf(lastNodeError ?? error)
  const seen = { check: 'redis', of, found }
  if (/^(?:WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/.test(found)) {
    const advice = 'see redis.username and redis.password'
    return wrong({ ...seen, expected: 'a name and a password that Redis knows', advice })
  }
  if (isOfTls(code)) {
    const advice =
      'see that Node trusts its certificate (NODE_EXTRA_CA_CERTS), and that it is one for this name'
    return wrong({ ...seen, expected: 'an encrypted connection that both sides trust', advice })
  }
  const advice =
    'nothing is served from it until it answers; see that it runs, the address, the firewall, and that rediss:// stands where Redis encrypts and nowhere else'
  return unreachable({ ...seen, expected: 'a Redis that answers', advice })
}

/** What a server says of itself, by name. */
type Facts = ReadonlyMap<string, string>

async function factsOf(server: Redis): Promise<Facts> {
  const info = await server.info()
  const facts = new Map(
    info.split('\r\n').flatMap((line) => {
      const at = line.indexOf(':')
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const]
    }),
  )
  // Where others run Redis for us, its settings may not be asked for.
  const saves = await server.config('GET', 'save').catch(() => undefined)
  const save = Array.isArray(saves) ? (saves as unknown[])[1] : undefined
  return typeof save === 'string' ? facts.set('save', save) : facts
}

function versionFinding(of: string, facts: Facts): Finding {
  const version = facts.get('redis_version') ?? 'unknown'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const seen = { check: 'redis.version', of, found: version }
  if (major > 6 || (major === 6 && minor >= 2)) return fine(seen)
  return wrong({ ...seen, expected: '6.2 or newer', advice: 'commands that we use are missing; update it' })
}

function evictionFinding(
  of: string,
  facts: Facts,
  { holdsCheckpoints }: { readonly holdsCheckpoints: boolean },
): Finding {
  const policy = facts.get('maxmemory_policy') ?? 'unknown'
  const seen = { check: 'redis.maxmemory-policy', of, found: policy, expected: 'noeviction' }
  if (policy === 'noeviction') return fine(seen)
  if (facts.get('maxmemory') === '0') {
    return fine({
      ...seen,
      found: `${policy}, without a limit of memory`,
      advice: 'set noeviction with the limit',
    })
  }
  const copy = 'single keys of what is served vanish and nobody notices; set maxmemory-policy noeviction'
  // What is served has a time to live, checkpoints have none.
  if (policy.startsWith('volatile-')) return warning({ ...seen, advice: copy })
  const advice = holdsCheckpoints ? `checkpoints vanish, and ${copy}` : copy
  return wrong({ ...seen, advice })
}

function persistenceFinding(of: string, facts: Facts): Finding {
  const seen = { check: 'redis.persistence', of, expected: 'appendonly yes, or save with some interval' }
  const save = facts.get('save')
  if (facts.get('aof_enabled') === '1') return fine({ ...seen, found: 'an append-only file' })
  if (save === undefined) {
    const advice =
      'see that it keeps an append-only file or snapshots: a restart must not lose the checkpoints'
    return warning({ ...seen, found: 'no append-only file; whether there are snapshots is not told', advice })
  }
  if (save !== '') return fine({ ...seen, found: `snapshots (save ${save})` })
  return wrong({
    ...seen,
    found: 'neither append-only file nor snapshots',
    advice:
      'a restart of Redis loses every checkpoint, and a view cannot read again what its topics keep no longer (7 days); set appendonly yes, or keep the state in a folder',
  })
}

async function timeOf(server: Redis): Promise<number> {
  const [seconds, microseconds] = await server.time()
  return Number(seconds) * 1_000 + Number(microseconds) / 1_000
}

const patienceMs = 4_000
