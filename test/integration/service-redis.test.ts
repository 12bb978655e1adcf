import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { assay, simulated } from '../support/cli'
import { readLines, smallDay } from '../support/events'
import { Installation } from '../support/installation'
import type { Instance } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { linesOf } from '../support/outputs'
import { startRedis } from '../support/stack/redis'
import type { Redis } from '../support/stack/redis'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'

/** Redis as the place of the served copy and of checkpoints, lost while the whole service is at work. */

jest.setTimeout(240_000)

const newFolder = temporaryFolders()
const opened: Installation[] = []
let redis: Redis
let lines: string[]
let expected: { readonly verdicts: readonly string[]; readonly corrections: readonly string[] }

beforeAll(async () => {
  redis = await startRedis()
  const { events } = await simulated(smallDay)
  lines = readLines(events)
  const [verdicts, corrections] = ['verdicts', 'corrections'].map((name) => join(newFolder(), name))
  expect((await assay(['replay', events, '--out', verdicts!, '--corrections', corrections!])).code).toBe(0)
  const sorted = (file: string): string[] => [...new Set(linesOf(readFileSync(file)))].sort()
  expected = { verdicts: sorted(verdicts!), corrections: sorted(corrections!) }
})
afterEach(async () => {
  for (const installation of opened.splice(0)) await installation.close()
  await redis.restart()
})
afterAll(() => redis.stop())

async function installed(env: Readonly<Record<string, string>> = {}): Promise<Installation> {
  const { bootstrap } = await shared('kafka')
  const redisEnv = { ASSAY_REDIS_MODE: 'single', ASSAY_REDIS_URLS: redis.url }
  const client = await kafkaClient(bootstrap)
  const installation = new Installation(client, { bootstrap, partitions: 4, env: { ...redisEnv, ...env } })
  opened.push(installation)
  await installation.produce(lines)
  return installation
}

/** Waits for everything that is expected; instances that went on from elsewhere may say it again, byte for byte. */
async function givesTheSame(installation: Installation): Promise<void> {
  const unique = async (topic: string) => [...new Set(await installation.linesOf(topic))].sort()
  const have = async () => (await unique(installation.corrections)).length >= expected.corrections.length
  await until(have, 'all corrections should be there', 90_000)
  await installation.until(installation.verdicts, expected.verdicts.length, 60_000)
  await sleep(500)
  expect(await unique(installation.verdicts)).toEqual(expected.verdicts)
  expect(await unique(installation.corrections)).toEqual(expected.corrections)
}

async function until(isSo: () => Promise<boolean>, what: string, timeoutMs = 60_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadlineMs) throw new Error(`${what} by now`)
    await sleep(200)
  }
}

/** What an instance answers about every verdict, account and cluster that was named. */
async function served({ url }: Instance): Promise<readonly string[]> {
  const verdicts = expected.verdicts.map(
    (line) => JSON.parse(line) as { verdictId: string; accountId: string },
  )
  const corrections = expected.corrections.map((line) => JSON.parse(line) as { accountId: string })
  const accounts = new Set([...verdicts, ...corrections].map(({ accountId }) => accountId))
  const paths = [
    'verdicts?limit=100',
    'clusters',
    ...verdicts.map(({ verdictId }) => `verdicts/${verdictId}`),
    ...[...accounts].map((accountId) => `accounts/${accountId}`),
    ...[...accounts].map((accountId) => `accounts/${accountId}/verdicts`),
  ]
  const at = await url
  return Promise.all(
    [...new Set(paths)].map(async (path) => {
      const answer = await fetch(`${at}/api/v1/${path}`)
      return `${path} ${answer.status} ${await answer.text()}`
    }),
  )
}

/** Waits until an instance serves something, and the same twice. */
async function untilServed(instance: Instance, wanted: readonly string[]): Promise<void> {
  const isSame = async () => JSON.stringify(await served(instance)) === JSON.stringify(wanted)
  await until(isSame, 'what is served should be as before', 60_000)
}

it('serves again what it served when Redis is lost and comes back empty, from every instance', async () => {
  // Checkpoints lie in a folder, so that nothing but the served copy is lost.
  const installation = await installed()
  const [first, second] = [installation.start(), installation.start()]
  await installation.until(`${installation.name}.accounts`, 200, 90_000)
  await redis.kill()
  await installation.until(`${installation.name}.findings`, 500, 90_000)
  await redis.restart()
  await givesTheSame(installation)
  const last = expected.verdicts.length
  await until(
    async () => (await served(first)).slice(2, 2 + last).every((answer) => / 200 /.test(answer)),
    'every verdict should be served',
  )
  await sleep(2_000)
  const before = await served(first)
  expect(before.filter((answer) => !/^\S+ (200|404) /.test(answer))).toEqual([])
  await untilServed(second, before)

  await redis.kill()
  const { verdictId } = JSON.parse(expected.verdicts[0]!) as { verdictId: string }
  expect((await fetch(`${await first.url}/api/v1/verdicts/${verdictId}`)).status).toBe(503)
  await redis.restart()
  for (const instance of [first, second]) await untilServed(instance, before)
  expect((await first.stop()).code).toBe(130)
  expect((await second.stop()).code).toBe(130)
})

describe('with its checkpoints in Redis', () => {
  it('goes on from them after a crash, and without them gives the same again', async () => {
    const installation = await installed({ ASSAY_STATE_STORE: 'redis' })
    const first = installation.start()
    await installation.until(`${installation.name}.findings`, 300, 90_000)
    await first.kill()
    const second = installation.start()
    await second.url
    await sleep(3_000)
    await redis.kill()
    await sleep(1_000)
    await redis.restart()
    await givesTheSame(installation)
    const { code, stderr: told } = await second.stop()
    expect({ code, told }).toMatchObject({
      code: 130,
      told: expect.stringMatching(/Redis .* answers again/) as string,
    })

    // From its checkpoints an instance goes on behind what was published; from nothing it says all of it again.
    const count = await installation.countOf(installation.verdicts)
    const third = installation.start()
    await until(async () => (await fetch(`${await third.url}/readyz`)).status === 200, 'it should be ready')
    await sleep(3_000)
    expect(await installation.countOf(installation.verdicts)).toBe(count)
    await third.stop()
    await redis.restart()
    const fourth = installation.start()
    await installation.until(installation.verdicts, count + expected.verdicts.length, 120_000)
    await givesTheSame(installation)
    await fourth.stop()
  })

  it('ends where Redis is down at the start, and says what to do', async () => {
    const installation = await installed({ ASSAY_STATE_STORE: 'redis' })
    await redis.kill()
    const { code, stderr } = await installation.start().running.ended
    expect(code).toBe(69)
    expect(stderr).toMatch(/the checkpoints in Redis cannot be read \(.*\); start again when it answers/)
  })
})

it('begins without Redis where it only serves from it, and serves when Redis comes', async () => {
  const installation = await installed()
  await redis.kill()
  const instance = installation.start()
  await givesTheSame(installation)
  await redis.restart()
  const { verdictId } = JSON.parse(expected.verdicts[0]!) as { verdictId: string }
  const url = `${await instance.url}/api/v1/verdicts/${verdictId}`
  await until(async () => (await fetch(url)).status === 200, 'the verdict should be served')
})
