import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaClient } from '../../src/log/kafka/client'
import { simulated } from './cli'
import { readLines, smallDay, timeOf } from './events'
import { Installation } from './installation'
import type { Instance } from './installation'
import { hastened, hastenedConfig, ruleGroups } from './monitoring'
import { freePorts } from './stack/ports'
import { startAlertmanager, startPrometheus } from './stack/prometheus'

/** What Alertmanager tells whoever is on call. */
export interface Notification {
  readonly receiver: string
  readonly status: 'firing' | 'resolved'
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[]
}

export interface MonitoredOptions {
  readonly bootstrap: string
  readonly redis: string
  /** A client of the same brokers, which stays open as long. */
  readonly client: KafkaClient
  /** A folder for the rules. */
  readonly folder: string
  /** How many times as fast the rules live here: at 5, five minutes are one. */
  readonly rulesTimes: number
  /** The same for the waits of Alertmanager. */
  readonly sendsTimes: number
}

/**
 * Two instances at work under a supervisor, Prometheus with the rules of `deploy/monitoring`, Alertmanager with its
 * configuration, and somebody who is told.
 */
export class Monitored {
  readonly sent: Notification[] = []
  /** How often an instance has ended. */
  ends = 0
  private readonly stops: (() => Promise<unknown>)[] = []
  private prometheus = ''
  private isOver = false
  private hasTraffic = true
  private traffic: Promise<void> | undefined

  private constructor(readonly installation: Installation) {}

  /** Resolves when there is traffic, a verdict, and a review of it. */
  static async start(options: MonitoredOptions): Promise<Monitored> {
    const installation = new Installation(options.client, {
      bootstrap: options.bootstrap,
      partitions: 2,
      hasFeedback: true,
      env: {
        ASSAY_REDIS_MODE: 'single',
        ASSAY_REDIS_URLS: options.redis,
        ASSAY_REDIS_KEY_PREFIX: `monitoring${process.pid}:`,
        // Events are JSON, so that it is never asked.
        ASSAY_REGISTRY_URL: 'http://127.0.0.1:9',
      },
    })
    const monitored = new Monitored(installation)
    try {
      await monitored.begin(options)
      return monitored
    } catch (error) {
      await monitored.stop()
      throw error
    }
  }

  private async begin(options: MonitoredOptions): Promise<void> {
    const { installation } = this
    const lines = await today()
    const half = Math.floor(lines.length / 2)
    await installation.produce(lines.slice(0, half))
    const ports = await freePorts(2)
    const first = ports.map((port) => this.keepRunning(port))
    await Promise.all(first.map(({ url }) => url))
    const targets = ports.map((port) => `127.0.0.1:${port}`)
    await this.watch(targets, options)
    await this.atWork()
    // What comes while somebody looks; some of it broken, some again, some far too late.
    const broken = ['{"kind":', 'no event', '[]']
    await installation.produce([...lines.slice(half), ...broken, ...lines.slice(-100), ...lines.slice(0, 50)])
    await installation.until(installation.verdicts, 1, 120_000)
    const [verdict] = await installation.linesOf(installation.verdicts)
    this.traffic = this.trickle()
    // Told to whoever ends it.
    this.traffic.catch(() => undefined)
    const { verdictId, accountId } = JSON.parse(verdict!) as { verdictId: string; accountId: string }
    const review = { kind: 'feedback', eventId: 'review-1', occurredAt: Date.now(), actorId: 'reviewer-7' }
    await installation.say(JSON.stringify({ ...review, accountId, verdictId, decision: 'confirmed' }))
  }

  /** Resolves when each of the seven tasks is at work on one instance. */
  async atWork(timeoutMs = 180_000): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs
    while ((await this.valuesOf('sum(assay_task_owned)')).join() !== '7') {
      if (performance.now() > deadlineMs) throw new Error('not every task is at work on one instance by now')
      await sleep(500)
    }
  }

  /** No more events come; resolves when the last are out. */
  async endTraffic(): Promise<void> {
    this.hasTraffic = false
    await this.traffic
  }

  /** Asks the API of Prometheus. */
  async ask<Answer>(path: string): Promise<Answer> {
    const response = await fetch(`${this.prometheus}/api/v1/${path}`)
    const { status, data, error } = (await response.json()) as {
      status: string
      data: Answer
      error?: string
    }
    if (status !== 'success') throw new Error(`${path}: ${error ?? status}`)
    return data
  }

  async valuesOf(expr: string): Promise<number[]> {
    const { result } = await this.ask<{ result: { value: [number, string] }[] }>(
      `query?query=${encodeURIComponent(expr)}`,
    )
    return result.map(({ value }) => Number(value[1]))
  }

  /** The alerts that fire, whether or not anybody is told. */
  async firing(): Promise<string[]> {
    const { alerts } = await this.ask<{
      alerts: { state: string; labels: Record<string, string> }[]
    }>('alerts')
    const names = alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname']!)
    return [...new Set(names)].sort()
  }

  /** What was sent, each alert once: `page firing AssayKafkaDown`. */
  get told(): string[] {
    const all = this.sent.flatMap(({ receiver, alerts }) =>
      alerts.map(({ status, labels }) => `${receiver} ${status} ${labels['alertname'] ?? ''}`),
    )
    return [...new Set(all)]
  }

  async stop(): Promise<void> {
    this.isOver = true
    try {
      await this.endTraffic()
    } finally {
      await this.installation.close()
      await Promise.all(this.stops.map((stop) => stop()))
    }
  }

  /** Clicks of now, for as long as there is to be traffic. */
  private async trickle(): Promise<void> {
    for (let second = 0; this.hasTraffic; second++) {
      const clicks = Array.from({ length: 20 }, (_, index) => ({
        ...{ kind: 'click', eventId: `now-${second}-${index}`, occurredAt: Date.now() },
        ...{ actorId: `visitor-${second % 50}-${index}`, accountId: `account-${index}` },
      }))
      await this.installation.produce([...clicks.map((click) => JSON.stringify(click)), 'no event'])
      await sleep(1_000)
    }
  }

  /** An instance that is started again whenever it ends, as a service manager does; gives the first. */
  private keepRunning(port: number): Instance {
    const instance = this.installation.start([], { ASSAY_LISTEN_PORT: String(port) })
    void instance.running.ended.then(async () => {
      this.ends++
      await sleep(500)
      if (!this.isOver) this.keepRunning(port)
    })
    return instance
  }

  private async watch(targets: readonly string[], options: MonitoredOptions): Promise<void> {
    const receiver = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        this.sent.push(JSON.parse(body) as Notification)
        response.end()
      })
    })
    await once(receiver.listen(0, '127.0.0.1'), 'listening')
    this.stops.push(() => {
      receiver.closeAllConnections()
      return once(receiver.close(), 'close')
    })
    const webhook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
    const config = hastenedConfig(options.sendsTimes, webhook)
    const alertmanager = await startAlertmanager({ config })
    this.stops.push(() => alertmanager.stop())
    const rules = join(options.folder, 'rules.json')
    writeFileSync(rules, JSON.stringify({ groups: hastened(ruleGroups(), options.rulesTimes) }))
    const prometheus = await startPrometheus({ targets, rules: [rules], alertmanager: alertmanager.url })
    this.stops.push(() => prometheus.stop())
    this.prometheus = prometheus.url
  }
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
