import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { responses } from '../../src/http/schemas'
import { assay, simulated } from '../support/cli'
import { poisoned, readLines, smallDay } from '../support/events'
import { Installation } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { metricsOf } from '../support/metrics'
import { linesOf } from '../support/outputs'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'
import { until } from '../support/waiting'

jest.setTimeout(240_000)

const newFolder = temporaryFolders()
const opened: Installation[] = []
let lines: string[]
/** What a replay of the same events gives. */
let expected: { readonly verdicts: string[]; readonly corrections: string[] }

beforeAll(async () => {
  const { events } = await simulated(smallDay)
  lines = readLines(events)
  expected = await replayed(events)
})
afterEach(async () => {
  for (const installation of opened.splice(0)) await installation.close()
})

async function replayed(events: string): Promise<typeof expected> {
  const folder = newFolder()
  const files = [`${folder}/verdicts`, `${folder}/corrections`] as const
  const { code } = await assay(['replay', events, '--out', files[0], '--corrections', files[1]])
  expect(code).toBe(0)
  const [verdicts, corrections] = files.map((file) => linesOf(readFileSync(file)).sort())
  expect(verdicts!.length).toBeGreaterThan(3)
  return { verdicts: verdicts!, corrections: corrections! }
}

async function installed(
  env: Readonly<Record<string, string>> = {},
  { hasFeedback = false }: { readonly hasFeedback?: boolean } = {},
): Promise<Installation> {
  const { bootstrap } = await shared('kafka')
  const options = { bootstrap, partitions: 4, env, hasFeedback }
  const installation = new Installation(await kafkaClient(bootstrap), options)
  opened.push(installation)
  return installation
}

/** Waits for everything that is expected, and for a moment more, then compares as sets. */
async function hasTheSame(installation: Installation): Promise<void> {
  await installation.until(installation.corrections, expected.corrections.length, 180_000)
  await installation.until(installation.verdicts, expected.verdicts.length, 60_000)
  await sleep(1_000)
  const [verdicts, corrections] = [installation.verdicts, installation.corrections]
  expect(unique(await installation.linesOf(verdicts))).toEqual(unique(expected.verdicts))
  expect(unique(await installation.linesOf(corrections))).toEqual(unique(expected.corrections))
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)].sort()
}

it('gives what a replay gives, byte for byte, serves it and takes what reviewers say', async () => {
  const hash = createHash('sha256').update('a-token').digest('hex')
  const installation = await installed({ ASSAY_TOKEN_HASHES: hash }, { hasFeedback: true })
  await installation.produce(lines)
  const instance = installation.start()
  await hasTheSame(installation)
  expect((await installation.linesOf(installation.verdicts)).sort()).toEqual(expected.verdicts)

  const url = await instance.url
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  const metrics = await metricsOf(url)
  expect(metrics.get('assay_records_read_total')).toBe(lines.length)
  expect(metrics.get('assay_task_owned{task="decide"}')).toBe(1)
  expect(metrics.get('assay_verdicts_total')).toBe(expected.verdicts.length)
  const { verdictId } = JSON.parse(expected.verdicts[0]!) as { verdictId: string }
  const served = await fetch(`${url}/api/v1/verdicts/${verdictId}`)
  expect(served.status).toBe(200)
  expect((await fetch(`${url}/verdicts/${verdictId}`)).headers.get('content-type')).toMatch(/^text\/html/)
  expect(await (await fetch(`${url}/api/v1/verdicts/${verdictId}/explanation?lang=zh`)).json()).toMatchObject(
    {
      verdictId,
      language: 'zh',
    },
  )
  const flow = responses.Flow.parse(await (await fetch(`${url}/api/v1/flow`)).json())
  expect(flow).toMatchObject({ records: lines.length, verdicts: expected.verdicts.length })
  expect(flow.tasks).toContainEqual({ name: 'decide', lag: 0, isReady: true })
  const said = await fetch(`${url}/api/v1/feedback`, {
    method: 'POST',
    headers: { authorization: 'Bearer a-token', 'content-type': 'application/json' },
    body: JSON.stringify({ verdictId, decision: 'confirmed', actorId: 'reviewer-7' }),
  })
  expect(said.ok).toBe(true)
  const [feedback] = await installation.linesOf(installation.feedback)
  expect(JSON.parse(feedback!)).toMatchObject({ verdictId, decision: 'confirmed', actorId: 'reviewer-7' })
  expect((await instance.stop()).code).toBe(130)
})

it('loses nothing and adds nothing when instances are killed, stopped and joined', async () => {
  const installation = await installed()
  await installation.produce(lines)
  const [first, second] = [installation.start(), installation.start()]
  await installation.until(`${installation.name}.accounts`, 300, 60_000)
  await first.kill()
  await installation.until(`${installation.name}.findings`, 1_000, 90_000)
  installation.start()
  await sleep(1_000)
  await second.kill()
  await hasTheSame(installation)
})

it('puts every record aside that cannot be read, byte for byte, and goes on', async () => {
  const installation = await installed()
  const everySo = 100
  await installation.produce(poisoned(lines, everySo))
  installation.start()
  await hasTheSame(installation)
  const letters = await installation.linesOf(installation.deadLetters)
  expect(letters).toHaveLength(Math.floor(lines.length / everySo))
  const broken = poisoned(lines, everySo)
    .filter((line) => !lines.includes(line))
    .map((line) => line.replace(/\n$/, ''))
  expect(letters.sort()).toEqual(broken.sort())
})

it('puts records aside at once, also where no event comes behind them', async () => {
  const installation = await installed({ ASSAY_IDLE_MS: '600000', ASSAY_ALLOWED_DEAD_LETTER_SHARE: '1' })
  const broken = ['{"kind":', 'no event', '[]']
  await installation.produce(broken)
  installation.start([])
  await installation.until(installation.deadLetters, broken.length, 60_000)
  expect((await installation.linesOf(installation.deadLetters)).sort()).toEqual(broken.sort())
})

it('tells the group how far it came, also when another has stored that and could not tell it', async () => {
  const installation = await installed()
  const { bootstrap } = await shared('kafka')
  const admin = await (await kafkaClient(bootstrap)).admin()
  const [groupId, topic] = [installation.name, installation.raw]
  const isTold = async (): Promise<boolean> => {
    // A coordinator that is still loading says so by an error.
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] }).catch(() => [])
    return (
      (committed?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0) === 10
    )
  }
  const untilTold = () => until(isTold, 'the group should know of all ten', 120_000)
  await installation.produce(lines.slice(0, 10))
  const instance = installation.start([])
  await untilTold()
  await instance.stop()
  await admin.resetOffsets({ groupId, topic, earliest: true })
  installation.start([])
  await untilTold()
})

it('stops reading when too much cannot be read, and says why', async () => {
  const installation = await installed({ ASSAY_ALLOWED_DEAD_LETTER_SHARE: '0.05' })
  await installation.produce(poisoned(lines, 10))
  const instance = installation.start()
  const url = await instance.url
  let told = ''
  for (let tries = 0; tries < 100 && !told.includes('dead letters'); tries++) {
    await sleep(200)
    told = await (await fetch(`${url}/readyz`)).text()
  }
  expect(told).toMatch(
    /is not read on: \d+\.\d % of its latest records are dead letters and 5\.0 % are allowed/,
  )
})

it.each([
  ['does not wait for a silent partition', '200', true],
  ['waits for one that may still speak', '60000', false],
])('%s', async (_what, idleMs, closes) => {
  //  partition 0   ────────────────────────── 5 min      epochs of 10 s, no disorder
  //  the others    ─────── 1 min, silent after that      their clocks go on by themselves, or not
  const policyFile = join(newFolder(), 'policy.json')
  writeFileSync(policyFile, JSON.stringify({ allowedDisorderMs: 0 }))
  const installation = await installed({ ASSAY_IDLE_MS: idleMs, ASSAY_POLICY_FILE: policyFile })
  const startMs = Date.UTC(2026, 0, 5)
  const clicks = Array.from({ length: 300 }, (_, second) => ({
    ...{ kind: 'click', eventId: `e${second}`, occurredAt: startMs + second * 1_000 },
    ...{ actorId: `actor${second}`, accountId: 'account' },
  }))
  await installation.produce(
    clicks.map((click) => JSON.stringify(click)),
    (_line, second) => (second < 60 ? second % 4 : 0),
  )
  installation.start([])
  const accounts = `${installation.name}.accounts`
  await installation.until(accounts, 5, 60_000)
  // The epochs of the first minute are closed by what both have brought; the last of it by the clocks of the silent.
  await installation.until(accounts, 6, closes ? 60_000 : 6_000).catch(() => undefined)
  expect((await installation.countOf(accounts)) >= 6).toBe(closes)
})
