import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigResourceTypes, ConfigSource } from 'kafkajs'
import { exitCodes } from '../../src/cli/exit-codes'
import { responses } from '../../src/http/schemas'
import { scanTopic } from '../../src/log/kafka/scan-topic'
import type { Verdict } from '../../src/model/records'
import { spanAttributes } from '../../src/runtime/traces'
import { assay, simulated } from '../support/cli'
import { poisoned, readLines, smallDay } from '../support/events'
import { Installation } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { metricsOf } from '../support/metrics'
import { attributesOf, OtlpReceiver } from '../support/otlp-receiver'
import type { SentSpan } from '../support/otlp-receiver'
import { linesOf } from '../support/outputs'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'
import { tryUntil, until } from '../support/waiting'

jest.setTimeout(240_000)

const newFolder = temporaryFolders()
const opened: Installation[] = []
const receivers: OtlpReceiver[] = []
let lines: string[]
/** What a replay of the same events gives. */
let expected: { readonly verdicts: string[]; readonly corrections: string[] }

beforeAll(async () => {
  const { events } = await simulated(smallDay)
  lines = readLines(events)
  expected = await replayed(events)
})
afterEach(async () => {
  for (const one of [...opened.splice(0), ...receivers.splice(0)]) await one.close()
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

it('gives what a replay gives, byte for byte, serves it, takes what reviewers say and traces all of it', async () => {
  const hash = createHash('sha256').update('a-token').digest('hex')
  const receiver = await OtlpReceiver.start()
  receivers.push(receiver)
  const env = {
    ASSAY_TOKEN_HASHES: hash,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  }
  const installation = await installed(env, { hasFeedback: true })
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
  await isTraced(installation, receiver)
  expect((await instance.stop()).code).toBe(130)
})

/** Every verdict says in a header where it was published, and from there all leads back to what was read. */
async function isTraced(installation: Installation, receiver: OtlpReceiver): Promise<void> {
  const { bootstrap } = await shared('kafka')
  const published: { readonly verdict: Verdict; readonly traceParent: string }[] = []
  await scanTopic(await kafkaClient(bootstrap), installation.verdicts, ({ value, headers }) => {
    const verdict = JSON.parse(Buffer.from(value!).toString()) as Verdict
    published.push({ verdict, traceParent: Buffer.from(headers['traceparent'] ?? []).toString() })
  })
  expect(published).toHaveLength(expected.verdicts.length)
  await tryUntil(() => {
    const spans = new Map(receiver.spans.map((span) => [`${span.traceId}-${span.spanId}`, span]))
    for (const { verdict, traceParent } of published) {
      const { verdictId, revision } = verdict
      const path = pathFrom(spans.get(traceParent.slice(3, -3)), spans)
      expect(attributesOf(path[0]!)).toMatchObject({
        ...{ 'assay.verdict.id': verdictId, 'assay.verdict.revision': revision },
      })
      //  publish ◄ decide ◄─┬─ account ◄─┬─ actor ◄ intake
      //                     └─ network ◄ crew ◄ trace
      expect(path.map(({ name }) => name).join(' < ')).toMatch(
        /^publish verdict < append verdicts < fold decide < append (findings|clusters) < .*append accounts < fold actor < append events < intake$/,
      )
    }
    const rounds = new Set(receiver.spans.filter(({ name }) => name === 'intake').map(({ spanId }) => spanId))
    const inRounds = receiver.spans.filter(({ parentSpanId = '' }) => rounds.has(parentSpanId))
    expect(inRounds.map(({ name }) => name)).toEqual(
      expect.arrayContaining([`read ${installation.raw}`, 'append events']),
    )
    expect(receiver.spans.map(({ name }) => name)).toContain('checkpoint decide')
  }, 60_000)
  // Nobody is named.
  const allowed = Object.keys(spanAttributes)
  const said = receiver.spans.map(attributesOf)
  expect(said.flatMap(Object.keys).filter((name) => !allowed.includes(name))).toEqual([])
  const ids = new Set<unknown>()
  for (const line of lines) {
    const { actorId, accountId, contentId, deviceId, text } = JSON.parse(line) as Record<string, unknown>
    for (const id of [actorId, accountId, contentId, deviceId, text]) ids.add(id)
  }
  ids.delete(undefined)
  expect(ids.size).toBeGreaterThan(1_000)
  expect(said.flatMap(Object.values).filter((value) => ids.has(value))).toEqual([])
}

/** The spans from one up to the beginning of its trace. */
function pathFrom(span: SentSpan | undefined, spans: ReadonlyMap<string, SentSpan>): SentSpan[] {
  if (span === undefined) throw new Error('a span of the path has not been sent')
  const { traceId, parentSpanId } = span
  if (parentSpanId === undefined) return [span]
  return [span, ...pathFrom(spans.get(`${traceId}-${parentSpanId}`), spans)]
}

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

it('loses nothing when it ends because its brokers refuse what it sends', async () => {
  const installation = await installed({ ASSAY_IDLE_MS: '600000' })
  const everySo = 100
  const records = poisoned(lines, everySo)
  const half = records.length / 2
  await installation.produce([])
  // The first start makes the topics.
  const first = installation.start([])
  await first.url
  await first.stop()
  for (const [part, refusing] of ['events', 'dead-letters'].entries()) {
    const topic = `${installation.name}.${refusing}`
    const instance = installation.start([])
    await instance.url
    // Reading and writing goes on, until it comes to this topic.
    const restore = await withSetting(topic, 'max.message.bytes', '100')
    await installation.produce(records.slice(part * half, (part + 1) * half))
    const { code, stderr } = await instance.running.ended
    const told = `the brokers refuse records for ${topic}\\[\\d+\\] \\(.*larger than.*\\); set max\\.message\\.bytes of the topic to`
    expect([code, stderr]).toEqual([exitCodes.unreachable, expect.stringMatching(told)])
    await restore()
  }
  installation.start()
  await hasTheSame(installation)
  const letters = new Set(await installation.linesOf(installation.deadLetters))
  expect(letters.size).toBe(Math.floor(lines.length / everySo))
})

/** Sets something of a topic; gives what sets it back. */
async function withSetting(name: string, setting: string, value: string): Promise<() => Promise<unknown>> {
  const { bootstrap } = await shared('kafka')
  const admin = await (await kafkaClient(bootstrap)).admin()
  const type = ConfigResourceTypes.TOPIC
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name }] })
  // What is not named would be as the brokers have it.
  const own = resources[0]!.configEntries
    .filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG)
    .map(({ configName, configValue }) => ({ name: configName, value: configValue }))
  const set = (configEntries: typeof own): Promise<unknown> =>
    admin.alterConfigs({ validateOnly: false, resources: [{ type, name, configEntries }] })
  await set([...own.filter((entry) => entry.name !== setting), { name: setting, value }])
  return () => set(own)
}

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
