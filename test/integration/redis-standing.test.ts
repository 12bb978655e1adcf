import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectRedis, redisSettingsSchema } from '../../src/store/redis'
import type { RedisClient } from '../../src/store/redis'
import { RedisStanding, warningsOf } from '../../src/store/redis-standing'
import { StandingUnreachableError } from '../../src/store/standing'
import type { Standing } from '../../src/store/standing'
import { StandingFeed } from '../../src/store/standing-feed'
import { startRedisCluster, startRedisSentinel } from '../support/redis-topologies'
import { startRedis } from '../support/stack/redis'
import type { Redis } from '../support/stack/redis'
import {
  clusterVerdictOf,
  correctionOf,
  lineOf,
  standingPromises,
  verdictOf,
} from '../support/standing-promises'

let server: Redis
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

const opened: Standing[] = []
afterEach(async () => {
  for (const standing of opened.splice(0)) await standing.close()
})

/** Nobody has to answer sooner, however busy the machine is, but where a test says so. */
const answerWithinMs = 60_000

interface Opened {
  readonly redis: RedisClient
  readonly standing: RedisStanding
  readonly namespace: string
  readonly told: string[]
}

async function open(settings: object = {}, namespace = `test-${randomUUID()}`): Promise<Opened> {
  const told: string[] = []
  const checked = redisSettingsSchema.parse({
    urls: [server.url],
    commandTimeoutMs: answerWithinMs,
    ...settings,
  })
  const redis = connectRedis(checked, (sentence) => told.push(sentence))
  const standing = new RedisStanding(redis, { namespace })
  opened.push(standing)
  await new Promise((resolve) => redis.once('ready', resolve))
  return { redis, standing, namespace, told }
}

describe('the served copy in Redis', () => {
  standingPromises(async () => (await open()).standing)
})

describe('the served copy in a Redis Cluster', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(() => cluster.stop())

  standingPromises(async () => (await open({ mode: 'cluster', urls: cluster.urls.slice(0, 1) })).standing)

  it('is written anew where one of its servers lost everything, and nowhere else', async () => {
    const { standing } = await open({ mode: 'cluster', urls: cluster.urls })
    const feed = new StandingFeed(standing, 'verdicts', logOf(fiftyVerdicts))
    while (await feed.step());
    const [first] = cluster.servers.values()
    await first!.restart()
    await untilServed(feed)
    expect(feed.stats.rebuilt).toBe(1)
    expect(await allVerdicts(standing)).toHaveLength(50)
  })
})

it('follows the sentinels to another master', async () => {
  const sentinel = await startRedisSentinel()
  try {
    const { standing } = await open({ mode: 'sentinel', urls: sentinel.urls, master: 'assay' })
    const feed = new StandingFeed(standing, 'verdicts', logOf(fiftyVerdicts))
    while (await feed.step(10_000));
    await sentinel.servers.get(sentinel.master)!.kill()
    await untilServed(feed)
    expect(await allVerdicts(standing)).toHaveLength(50)
  } finally {
    await sentinel.stop()
  }
})

describe('when Redis', () => {
  it('was flushed, the next batch is refused and everything is fed again', async () => {
    const { standing } = await open()
    const feed = new StandingFeed(standing, 'verdicts', logOf(fiftyVerdicts))
    await untilServed(feed)
    const before = await allVerdicts(standing)
    await server.flush()
    expect(await allVerdicts(standing)).toEqual([])
    // Nothing new has come, and still it is noticed.
    await untilServed(feed)
    expect(await allVerdicts(standing)).toEqual(before)
    expect(feed.stats.rebuilt).toBe(1)
  })

  it('is killed, nothing waits for it, and it is served again after it came back empty', async () => {
    const { standing, told } = await open()
    const feed = new StandingFeed(standing, 'verdicts', logOf(fiftyVerdicts))
    await untilServed(feed)
    await server.kill()
    const startMs = performance.now()
    expect(await standing.apply({ log: 'verdicts', from: 50, records: [] })).toMatchObject({
      kind: 'unreachable',
    })
    expect(await feed.step()).toBe(false)
    expect(feed.problem).toBe('it is not connected')
    await expect(standing.verdict('v-1')).rejects.toThrow(StandingUnreachableError)
    expect(performance.now() - startMs).toBeLessThan(answerWithinMs)
    expect(standing.stats.unreachable).toBe(2)
    await server.restart()
    await untilServed(feed)
    expect(await allVerdicts(standing)).toHaveLength(50)
    expect(told).toEqual([
      expect.stringMatching(/^Redis at 127.0.0.1:\d+ does not answer \(.*; it is tried again until it does$/),
      expect.stringMatching(/answers again$/),
    ])
  })

  it('halts, a batch of unknown fate counts once when it comes again', async () => {
    const { standing } = await open({ commandTimeoutMs: 500 })
    const records = [lineOf(correctionOf()), lineOf(correctionOf({ hour: 0 }))]
    await server.pause()
    const startMs = performance.now()
    const outcome = await standing.apply({ log: 'corrections', from: 0, records })
    expect(outcome).toEqual({ kind: 'unreachable', reason: 'Command timed out' })
    expect(performance.now() - startMs).toBeLessThan(60_000)
    // Redis does what it was sent when it goes on, though nobody waits for it any more.
    server.resume()
    await sleep(100)
    expect(await standing.apply({ log: 'corrections', from: 0, records })).toMatchObject({
      kind: 'applied',
      next: 2,
    })
    expect((await standing.totalsOf('daily-bread')).click!.raw).toBe(200)
  })

  it('lost a part of the keys, exactly that is told, and feeding again doubles nothing', async () => {
    const { standing, redis, namespace } = await open()
    const corrections = Array.from({ length: 40 }, (_, number) => correctionOf({ accountId: `a-${number}` }))
    const feed = new StandingFeed(standing, 'corrections', logOf(corrections))
    await untilServed(feed)
    await redis.del(await redis.keys(`${namespace}:{3}:*`))
    const whole = async () =>
      Promise.all(corrections.map(async ({ accountId }) => (await standing.totalsOf(accountId)).click?.raw))
    expect(new Set(await whole())).toEqual(new Set([100, undefined]))
    await untilServed(feed)
    expect(new Set(await whole())).toEqual(new Set([100]))
  })

  it('was written in part, nobody is told of what could still get something before it', async () => {
    const { standing, redis, namespace } = await open()
    const records = fiftyVerdicts.map(lineOf)
    await standing.apply({ log: 'verdicts', from: 0, records })
    expect(await standing.verdictsAfter(-1, 100)).toHaveLength(50)
    // As if the writer had ended after 15 of 16 buckets.
    await redis.hset(`${namespace}:{5}:at`, 'verdicts', 20)
    expect(await standing.positionOf('verdicts')).toBe(20)
    expect(await standing.verdictsAfter(-1, 100)).toHaveLength(20)
    expect((await standing.verdictsAfter(-1, 2)).map(({ position }) => position)).toEqual([18, 19])
  })

  it('has a key of another type in the way, it is told and the pipeline goes on', async () => {
    const { standing, redis, namespace } = await open()
    for (let bucket = 0; bucket < 16; bucket++)
      await redis.set(`${namespace}:{${bucket}}:a:daily-bread`, 'text')
    const outcome = await standing.apply({ log: 'verdicts', from: 0, records: [lineOf(verdictOf())] })
    expect(outcome).toEqual({ kind: 'unreachable', reason: expect.stringContaining('WRONGTYPE') as string })
    await expect(standing.verdictsOf('daily-bread', { limit: 1 })).rejects.toThrow(StandingUnreachableError)
  })

  it('has become a replica, another connection is made, which finds the master where there is one', async () => {
    const { standing, redis } = await open()
    const records = [lineOf(verdictOf())]
    await redis.call('REPLICAOF', '127.0.0.1', '1')
    const closed = once(redis, 'close')
    const outcome = await standing.apply({ log: 'verdicts', from: 0, records })
    expect(outcome).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringMatching(/^READONLY/) as string,
    })
    await closed
    await once(redis, 'ready')
    await redis.call('REPLICAOF', 'NO', 'ONE')
    expect(await standing.apply({ log: 'verdicts', from: 0, records })).toMatchObject({ kind: 'applied' })
  })

  it('is killed before it answers, nothing is sent again by itself', async () => {
    // Nobody says that the answer is lost, so that the test takes as long as one is waited for.
    const { redis, namespace } = await open({ commandTimeoutMs: 4_000 })
    await server.pause()
    const answer = expect(redis.incr(namespace)).rejects.toThrow()
    await server.kill()
    await server.restart()
    await answer
    if (redis.status !== 'ready') await once(redis, 'ready')
    expect(await redis.get(namespace)).toBeNull()
  })

  it('has forgotten the scripts, they are sent again', async () => {
    const { standing, redis } = await open()
    await standing.apply({ log: 'verdicts', from: 0, records: [lineOf(verdictOf())] })
    await redis.script('FLUSH')
    const again = [lineOf(verdictOf({ verdictId: 'v-2' }))]
    expect(await standing.apply({ log: 'verdicts', from: 1, records: again })).toMatchObject({ next: 2 })
  })

  it('is full, it is told and nothing is half written', async () => {
    const { standing, redis } = await open()
    await redis.config('SET', 'maxmemory', '1')
    const batch = { log: 'verdicts' as const, from: 0, records: [lineOf(verdictOf())] }
    const outcome = await standing.apply(batch)
    await redis.config('SET', 'maxmemory', '0')
    expect(outcome).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('OOM') as string })
    expect(await standing.verdict('v-1')).toBeUndefined()
    expect(await standing.apply(batch)).toMatchObject({ kind: 'applied' })
  })

  it('may throw away single keys, that is said beforehand', async () => {
    const { redis } = await open()
    expect(await warningsOf(redis)).toEqual([])
    await redis.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru')
    expect(await warningsOf(redis)).toEqual([expect.stringContaining('set noeviction')])
    await redis.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction')
  })

  it('holds a copy, everything but the positions and the lists of the newest goes by itself', async () => {
    const { standing, redis, namespace } = await open()
    const records = [verdictOf(), clusterVerdictOf(['a', 'b'])].map(lineOf)
    await standing.apply({ log: 'verdicts', from: 0, records })
    await standing.apply({ log: 'corrections', from: 0, records: [lineOf(correctionOf())] })
    const keys = await redis.keys(`${namespace}:*`)
    const lasting = []
    for (const key of keys) if ((await redis.ttl(key)) < 0) lasting.push(key.replace(/^.*\}:/, ''))
    expect(keys.length).toBeGreaterThan(lasting.length + 8)
    expect(new Set(lasting)).toEqual(new Set(['at', 'newest', 'newest-clusters']))
  })
})

it('a copy that is ahead of its log is taken for that of another one', async () => {
  const { standing } = await open()
  await standing.apply({ log: 'verdicts', from: 0, records: fiftyVerdicts.map(lineOf) })
  const feed = new StandingFeed(standing, 'verdicts', logOf(fiftyVerdicts.slice(0, 10)))
  expect(await feed.step()).toBe(false)
  expect(feed.problem).toMatch('give this one a namespace of its own')
})

it('a log that no longer holds its beginning is served from where it begins', async () => {
  const { standing } = await open()
  const feed = new StandingFeed(standing, 'verdicts', { ...logOf(fiftyVerdicts), start: 30 })
  await untilServed(feed)
  expect(await allVerdicts(standing)).toHaveLength(20)
})

const fiftyVerdicts = Array.from({ length: 50 }, (_, number) =>
  verdictOf({ verdictId: `v-${number}`, accountId: `a-${number % 7}` }),
)

function logOf(records: readonly unknown[]) {
  const read = (from: number, maxBytes: number) =>
    Promise.resolve(records.slice(from, from + Math.max(1, Math.floor(maxBytes / 1_000))).map(lineOf))
  return { end: records.length, read }
}

async function untilServed(feed: StandingFeed): Promise<void> {
  const deadlineMs = Date.now() + 15_000
  do {
    while (await feed.step());
    if (Date.now() > deadlineMs) throw new Error(`not served after 15 s: ${feed.problem ?? 'no problem'}`)
    if (feed.problem !== undefined) await sleep(50)
  } while (feed.problem !== undefined || feed.lag > 0)
}

async function allVerdicts(standing: Standing) {
  return (await standing.verdicts({ limit: 100 })).items
}
