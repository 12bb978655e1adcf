import { randomUUID } from 'node:crypto'
import { newestWhole } from '../../src/store/checkpoint-store'
import { connectRedis, redisSettingsSchema } from '../../src/store/redis'
import type { RedisClient } from '../../src/store/redis'
import { RedisCheckpointStore } from '../../src/store/redis-checkpoint-store'
import { checkpointPromises } from '../support/checkpoint-promises'
import { startRedis } from '../support/stack/redis'
import type { Redis } from '../support/stack/redis'

let server: Redis
let redis: RedisClient
beforeAll(async () => {
  server = await startRedis()
  redis = connectRedis(redisSettingsSchema.parse({ urls: [server.url] }), () => undefined)
  await new Promise((resolve) => redis.once('ready', resolve))
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

const open = (namespace = `test-${randomUUID()}`) => new RedisCheckpointStore(redis, namespace)

describe('a checkpoint store in Redis', () => {
  checkpointPromises(() => Promise.resolve(open()))

  const mebibytes = (count: number, fill: number) => new Uint8Array(count * 1_048_576 + 3).fill(fill)

  it('gives back parts that lie across chunks', async () => {
    const store = open()
    const parts = [mebibytes(1, 1), new Uint8Array(0), mebibytes(2, 2), new Uint8Array(1_048_576 - 9).fill(3)]
    await store.save('account-0', { sequence: 1, parts })
    const { checkpoint } = await newestWhole(store, 'account-0')
    expect(checkpoint!.parts.map((part, index) => Buffer.compare(part, parts[index]!))).toEqual([0, 0, 0, 0])
  })

  it('leaves no chunk behind of what was pushed out or replaced', async () => {
    const namespace = `test-${randomUUID()}`
    const store = open(namespace)
    for (const sequence of [1, 2, 3, 4, 5, 5])
      await store.save('account-0', { sequence, parts: [mebibytes(1, 1)] })
    // Three checkpoints of two chunks each, and the index.
    expect(await redis.keys(`${namespace}:*`)).toHaveLength(7)
    for (const key of await redis.keys(`${namespace}:*`)) expect(await redis.ttl(key)).toBe(-1)
  })

  it('takes nothing for whole that was damaged, and goes back to the one before', async () => {
    const namespace = `test-${randomUUID()}`
    const store = open(namespace)
    await store.save('account-0', { sequence: 1, parts: [Uint8Array.of(1)] })
    await store.save('account-0', { sequence: 2, parts: [Uint8Array.of(2), Uint8Array.of(2)] })
    const index = `${namespace}:{checkpoint.account-0}`
    const whole = (await redis.hget(index, '2'))!
    const { uuid } = JSON.parse(whole) as { uuid: string }
    const outcome = async () => {
      const { checkpoint, skipped } = await newestWhole(store, 'account-0')
      return [checkpoint?.sequence, ...skipped]
    }
    expect(await outcome()).toEqual([2])
    await redis.hset(index, '2', whole.replace('[1,1]', '[2,0]'))
    expect(await outcome()).toEqual([1, expect.stringMatching('the SHA-256 differs')])
    await redis.hset(index, '2', 'nonsense')
    expect(await outcome()).toEqual([1, expect.stringMatching('its entry cannot be read')])
    await redis.hset(index, '2', whole)
    await redis.setrange(`${index}:${uuid}:0`, 0, 'x')
    expect(await outcome()).toEqual([1, expect.stringMatching('the SHA-256 differs')])
    await redis.del(`${index}:${uuid}:0`)
    expect(await outcome()).toEqual([1, expect.stringMatching('chunk 0 of 1 is not there')])
  })

  it('is not taken for that of another name or sequence', async () => {
    const namespace = `test-${randomUUID()}`
    const store = open(namespace)
    await store.save('account-0', { sequence: 2, parts: [Uint8Array.of(1)] })
    const index = `${namespace}:{checkpoint.account-0}`
    await redis.hset(index, '9', (await redis.hget(index, '2'))!)
    expect((await newestWhole(store, 'account-0')).checkpoint!.sequence).toBe(2)
  })

  it('what a crash left half written is seen by nobody and goes by itself', async () => {
    const namespace = `test-${randomUUID()}`
    const store = open(namespace)
    await store.save('account-0', { sequence: 1, parts: [mebibytes(1, 1)] })
    const saving = store.save('account-0', { sequence: 2, parts: [mebibytes(64, 1)] })
    const aside = async () => {
      const keys = await redis.keys(`${namespace}:*:0`)
      return (await Promise.all(keys.map((key) => redis.ttl(key)))).filter((seconds) => seconds > 0)
    }
    let seconds: number[] = []
    while (seconds.length === 0) seconds = await aside()
    expect(seconds[0]).toBeLessThanOrEqual(3_600)
    expect((await store.list('account-0')).map(({ sequence }) => sequence)).toEqual([1])
    await saving
    expect((await store.list('account-0')).map(({ sequence }) => sequence)).toEqual([2, 1])
  })

  it('that took so long that its chunks went is refused, and those before stay', async () => {
    const namespace = `test-${randomUUID()}`
    const store = open(namespace)
    await store.save('account-0', { sequence: 1, parts: [Uint8Array.of(1)] })
    const saving = store.save('account-0', { sequence: 2, parts: [mebibytes(64, 1)] })
    const refused = expect(saving).rejects.toThrow(/could not be stored in Redis \(its chunks were gone/)
    let gone = 0
    while (gone === 0) {
      const [first] = (await redis.keys(`${namespace}:*:3`)).filter((key) => key.includes('checkpoint'))
      if (first !== undefined) gone = await redis.del(first)
    }
    await refused
    expect((await newestWhole(store, 'account-0')).checkpoint!.sequence).toBe(1)
  })

  it('says that Redis does not answer, which is no loss', async () => {
    const store = open()
    await store.save('account-0', { sequence: 1, parts: [Uint8Array.of(1)] })
    const [stored] = await store.list('account-0')
    await server.kill()
    await expect(store.list('account-0')).rejects.toThrow('start again when it answers')
    await expect(stored!.load()).rejects.toThrow('start again when it answers')
    await expect(store.save('account-0', { sequence: 2, parts: [] })).rejects.toThrow(
      /the ones before it are kept/,
    )
    const ready = new Promise((resolve) => redis.once('ready', resolve))
    await server.restart()
    await ready
  })
})
