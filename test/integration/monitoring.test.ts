import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { simulated } from '../support/cli'
import { readLines, smallDay, timeOf } from '../support/events'
import { Installation } from '../support/installation'
import type { Instance } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { alerts, dashboardQueries, hastened, hastenedConfig, ruleGroups } from '../support/monitoring'
import { startKafka } from '../support/stack/kafka'
import type { Kafka } from '../support/stack/kafka'
import { freePorts } from '../support/stack/ports'
import { startAlertmanager, startPrometheus } from '../support/stack/prometheus'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'
import { tryUntil } from '../support/waiting'

/** Two instances at work, Prometheus with the rules of `deploy/monitoring`, Alertmanager with its configuration. */

// The first run on a machine fetches the services.
jest.setTimeout(600_000)

/**
 * How many times as fast the rules live here: five minutes are one. Not faster, since an instance takes as long as ever to
 * notice that nobody answers, and what comes of a cause must not be due before the cause. Alertmanager may be.
 */
const times = 5
const sendsTimes = 15
const newFolder = temporaryFolders()
const running: { stop(): Promise<unknown> }[] = []
const sent: Notification[] = []
let kafka: Kafka
let installation: Installation
let prometheus: string
let isOver = false
/** How often an instance has ended. */
let ends = 0
let hasTraffic = true

interface Notification {
  readonly receiver: string
  readonly status: 'firing' | 'resolved'
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[]
}

beforeAll(async () => {
  kafka = await started(startKafka())
  const { url: redis } = await shared('redis')
  const options = {
    bootstrap: kafka.bootstrap,
    partitions: 2,
    hasFeedback: true,
    env: {
      ASSAY_REDIS_MODE: 'single',
      ASSAY_REDIS_URLS: redis,
      ASSAY_REDIS_KEY_PREFIX: `monitoring${process.pid}:`,
      // Events are JSON, so that it is never asked.
      ASSAY_REGISTRY_URL: 'http://127.0.0.1:9',
    },
  }
  installation = new Installation(await kafkaClient(kafka.bootstrap), options)
  const lines = await today()
  const half = Math.floor(lines.length / 2)
  await installation.produce(lines.slice(0, half))
  const ports = await freePorts(2)
  const first = ports.map((port) => keepRunning(port))
  await Promise.all(first.map(({ url }) => url))
  prometheus = await startMonitoring(ports.map((port) => `127.0.0.1:${port}`))
  await eventually(async () => {
    expect(await valuesOf('sum(assay_task_owned)')).toEqual([7])
  })
  // What comes while somebody looks; some of it broken, some again, some far too late.
  const broken = ['{"kind":', 'no event', '[]']
  await installation.produce([...lines.slice(half), ...broken, ...lines.slice(-100), ...lines.slice(0, 50)])
  await installation.until(installation.verdicts, 1, 120_000)
  const [verdict] = await installation.linesOf(installation.verdicts)
  void trickle()
  const { verdictId, accountId } = JSON.parse(verdict!) as { verdictId: string; accountId: string }
  const review = { kind: 'feedback', eventId: 'review-1', occurredAt: Date.now(), actorId: 'reviewer-7' }
  await installation.say(JSON.stringify({ ...review, accountId, verdictId, decision: 'confirmed' }))
})

afterAll(async () => {
  isOver = true
  await installation.close()
  await Promise.all(running.map((service) => service.stop()))
})

it('shows data in every panel, and computes every rule without an error', async () => {
  // Trouble that is not there has no series.
  const ofTrouble = ['Alerts']
  const queries = dashboardQueries()
    .filter(({ panel }) => !ofTrouble.includes(panel))
    .map((query) => ({
      ...query,
      expr: query.expr.replaceAll('$job', 'assay').replaceAll('$instance', '.*'),
    }))
  expect(queries.length).toBeGreaterThan(40)
  await eventually(async () => {
    const empty: string[] = []
    for (const { dashboard, panel, expr } of queries) {
      if ((await valuesOf(expr)).length === 0) empty.push(`${dashboard}, ${panel}: ${expr}`)
    }
    expect(empty).toEqual([])
  })
  const { groups } = await ask<{
    groups: { rules: { name: string; health: string; lastError?: string }[] }[]
  }>('rules')
  const rules = groups.flatMap((group) => group.rules)
  expect(rules).toHaveLength(ruleGroups().flatMap((group) => group.rules).length)
  expect(rules.filter(({ health }) => health !== 'ok')).toEqual([])
  // All is well, so that nobody is woken.
  expect(await firing()).toEqual([])
})

it('wakes somebody once when Kafka dies, and says when it is over', async () => {
  hasTraffic = false
  await sleep(2_000)
  await kafka.kill()
  await eventually(() => {
    expect(sent).not.toEqual([])
  })
  // The instances say so, unless all have ended before they could.
  const [page] = namesOf(sent)
  expect(['page firing AssayKafkaDown', 'page firing AssayNoInstance']).toContain(page)
  // What follows from it fires as well, and for long enough to be sent if it were.
  await eventually(async () => {
    expect((await firing()).length).toBeGreaterThan(1)
  })
  // An instance that can do nothing ends, so that its supervisor starts another.
  await eventually(() => {
    expect(ends).toBeGreaterThan(0)
  })
  await sleep(15_000)
  expect(namesOf(sent)).toEqual([page])

  await kafka.restart()
  await eventually(() => {
    expect(namesOf(sent)).toContain(page!.replace('firing', 'resolved'))
  })
  await eventually(async () => {
    expect(await valuesOf('sum(assay_task_owned)')).toEqual([7])
  })
  expect(namesOf(sent).filter((told) => told.startsWith('page firing'))).toEqual([page])
})

async function started<Service extends { stop(): Promise<unknown> }>(
  starting: Promise<Service>,
): Promise<Service> {
  const service = await starting
  running.push(service)
  return service
}

/** A simulated day that ends now. */
async function today(): Promise<string[]> {
  const lines = readLines((await simulated(smallDay)).events)
  const shiftMs = Date.now() - Math.max(...lines.map(timeOf))
  const moved = (value: unknown): unknown => (typeof value === 'number' ? value + shiftMs : value)
  return lines.map((line) => {
    const event = JSON.parse(line) as Record<string, unknown>
    const times = { occurredAt: timeOf(line) + shiftMs, actorCreatedAt: moved(event['actorCreatedAt']) }
    return `${JSON.stringify({ ...event, ...times })}\n`
  })
}

/** Clicks of now, for as long as there is to be traffic. */
async function trickle(): Promise<void> {
  for (let second = 0; hasTraffic; second++) {
    const clicks = Array.from({ length: 20 }, (_, index) => ({
      ...{ kind: 'click', eventId: `now-${second}-${index}`, occurredAt: Date.now() },
      ...{ actorId: `visitor-${second % 50}-${index}`, accountId: `account-${index}` },
    }))
    await installation.produce([...clicks.map((click) => JSON.stringify(click)), 'no event'])
    await sleep(1_000)
  }
}

/** An instance that is started again whenever it ends, as a service manager does; gives the first. */
function keepRunning(port: number): Instance {
  const instance = installation.start([], { ASSAY_LISTEN_PORT: String(port) })
  void instance.running.ended.then(async () => {
    ends++
    await sleep(500)
    if (!isOver) keepRunning(port)
  })
  return instance
}

async function startMonitoring(targets: readonly string[]): Promise<string> {
  const receiver = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      sent.push(JSON.parse(body) as Notification)
      response.end()
    })
  })
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  running.push({
    stop: () => {
      receiver.closeAllConnections()
      return once(receiver.close(), 'close')
    },
  })
  const webhook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const { url: alertmanager } = await started(
    startAlertmanager({ config: hastenedConfig(sendsTimes, webhook) }),
  )
  const rules = join(newFolder(), 'rules.json')
  writeFileSync(rules, JSON.stringify({ groups: hastened(ruleGroups(), times) }))
  return (await started(startPrometheus({ targets, rules: [rules], alertmanager }))).url
}

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${prometheus}/api/v1/${path}`)
  const { status, data, error } = (await response.json()) as { status: string; data: Answer; error?: string }
  if (status !== 'success') throw new Error(`${path}: ${error ?? status}`)
  return data
}

async function valuesOf(expr: string): Promise<number[]> {
  const { result } = await ask<{ result: { value: [number, string] }[] }>(
    `query?query=${encodeURIComponent(expr)}`,
  )
  return result.map(({ value }) => Number(value[1]))
}

/** The alerts that fire, whether or not anybody is told. */
async function firing(): Promise<string[]> {
  const known = new Set(alerts().map(({ alert }) => alert))
  const { alerts: all } = await ask<{ alerts: { state: string; labels: Record<string, string> }[] }>('alerts')
  const names = all.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname']!)
  expect(names.filter((name) => !known.has(name))).toEqual([])
  return [...new Set(names)].sort()
}

/** What was sent, each alert once. */
function namesOf(notifications: readonly Notification[]): string[] {
  const all = notifications.flatMap(({ receiver, alerts: told }) =>
    told.map(({ status, labels }) => `${receiver} ${status} ${labels['alertname'] ?? ''}`),
  )
  return [...new Set(all)]
}

/** A machine may be slow. */
const eventually = (attempt: () => Promise<void> | void) => tryUntil(attempt, 180_000)
