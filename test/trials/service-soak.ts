/**
 * Records at a steady pace in real time: how long a decision takes beyond the close of its pane, and whether memory stays
 * flat; see the README.
 *
 *   node -r ./test/support/typescript.js test/trials/service-soak.ts --minutes 30 --rate 5000 --instances 2
 *
 * What views remember of a large platform grows for as long as their longest spans; with `--accounts 500 --actors 12500` it is
 * full after minutes, and what grows then is a leak.
 *
 * With `--cli FILE`, a built `dist/cli/main.js`, that assay is measured.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { KafkaClient } from '../../src/log/kafka/client'
import { scanLog } from '../../src/log/kafka/scan-log'
import { TopicWriter } from '../../src/log/kafka/topic-writer'
import { readBlock } from '../../src/model/block'
import { defaultPolicy } from '../../src/policy/policy'
import { simulated } from '../support/cli'
import type { Instance } from '../support/installation'
import { cpuSecondsOf, residentMegabytesOf } from '../support/processes'
import { runTrial, sum, withInstallation } from './trial'

const partitions = 8
/** So that little of a delay is the wait for what is sent next: many sources send at any moment. */
const sendsPerSecond = 50

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      rate: { type: 'string', default: '5000' },
      instances: { type: 'string', default: '2' },
      accounts: { type: 'string', default: '20000' },
      actors: { type: 'string', default: '500000' },
      cli: { type: 'string' },
    },
  })
  const [minutes, rate, instances] = [values.minutes, values.rate, values.instances].map(Number)
  // Sent again and again, each time under other ids; its people are regular visitors then.
  const size = ['--events', '1000000', '--accounts', values.accounts, '--actors', values.actors]
  const file = (await simulated(['--scenario', 'platform', '--hours', '6', ...size])).events
  await withInstallation({ partitions }, async ({ installation, client }) => {
    await installation.produce([])
    const live = Array.from({ length: instances! }, () => installation.start([], {}, values.cli))
    await Promise.all(live.map(({ url }) => url))
    const sampling = sample(live, minutes!)
    const sent = await pace(client, installation.raw, { file, rate: rate!, minutes: minutes! })
    const series = await sampling
    // The watermark has to come by, and the last reports after it.
    await sleep(5_000)
    const told = {
      ...values,
      series,
      decisionMsBeyondClose: await latencies(client, `${installation.name}.findings`),
      closeMsBeyondClose: await stationsOf(client, installation.name, sent),
      hops: await hopsOf(live),
    }
    process.stdout.write(`${JSON.stringify(told, null, 1)}\n`)
  })
}

/** Sends lines at a rate, each dated at the moment when it is sent and under an id of its own; gives those moments. */
async function pace(
  client: KafkaClient,
  topic: string,
  { file, rate, minutes }: { readonly file: string; readonly rate: number; readonly minutes: number },
): Promise<readonly number[]> {
  const sentMs: number[] = []
  const writers = Array.from(
    { length: partitions },
    (_, partition) => new TopicWriter(client, { topic, partition }),
  )
  const startMs = performance.now()
  let sent = 0
  let batch: string[] = []
  for await (const line of linesOf(file)) {
    batch.push(line)
    if (batch.length < rate / sendsPerSecond) continue
    const now = Date.now()
    sentMs.push(now)
    const values = batch.map((line) => Buffer.from(datedAt(line, now)))
    await Promise.all(
      writers.map((writer, partition) =>
        writer.append(
          values.filter((_, index) => index % partitions === partition).map((value) => ({ value })),
        ),
      ),
    )
    sent += batch.length
    batch = []
    const aheadMs = (sent / rate) * 1_000 - (performance.now() - startMs)
    if (aheadMs > 0) await sleep(aheadMs)
    if (performance.now() - startMs > minutes * 60_000) break
  }
  await Promise.all(writers.map((writer) => writer.close()))
  return sentMs
}

/** A line as if it happened at a moment, at which the line is sent once at most. */
function datedAt(line: string, atMs: number): string {
  return line
    .replace(/"occurredAt":[^,]+/, `"occurredAt":${atMs}`)
    .replace('"eventId":"', `"eventId":"${atMs.toString(36)}-`)
}

/** The lines of a file, over and over. */
async function* linesOf(file: string): AsyncGenerator<string> {
  for (;;) yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
}

interface Sample {
  readonly minute: number
  readonly residentMegabytes: readonly number[]
  /** Of what is resident: the tables of the views, and what the engine uses of its heap and outside it. */
  readonly stateMegabytes: readonly number[]
  readonly heapMegabytes: readonly number[]
  readonly externalMegabytes: readonly number[]
  readonly cpuSeconds: readonly number[]
  readonly lag: number
}

async function sample(live: readonly Instance[], minutes: number): Promise<Sample[]> {
  const pids = live.map(({ running }) => running.process.pid!)
  const series: Sample[] = []
  for (let half = 1; half <= 2 * minutes; half++) {
    await sleep(30_000)
    const texts = await Promise.all(live.map(metricsOf))
    const lags = texts.flatMap((text) => [...text.matchAll(/^assay_lag_records{[^}]*} (\S+)$/gm)])
    const one = {
      minute: half / 2,
      residentMegabytes: pids.map(residentMegabytesOf),
      stateMegabytes: texts.map((text) => megabytesOf(text, 'assay_state_bytes')),
      heapMegabytes: texts.map((text) => megabytesOf(text, 'nodejs_heap_size_used_bytes')),
      externalMegabytes: texts.map((text) => megabytesOf(text, 'nodejs_external_memory_bytes')),
      cpuSeconds: pids.map(cpuSecondsOf),
      lag: lags.reduce((sum, [, value]) => sum + Number(value), 0),
    }
    series.push(one)
    process.stderr.write(`${JSON.stringify(one)}\n`)
  }
  return series
}

/** The sum of a gauge over its labels. */
function megabytesOf(text: string, gauge: string): number {
  const values = [...text.matchAll(new RegExp(`^${gauge}(?:{[^}]*})? (\\S+)$`, 'gm'))]
  return Math.round(sum(values.map(([, value]) => Number(value))) / 1e6)
}

interface Spread {
  readonly reports: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly most: number
  /** The ends of the epochs that took longest. */
  readonly slowest: readonly string[]
}

/** How long after the end of an epoch something was so, its lateness allowed for. */
interface Delay {
  readonly endMs: number
  readonly ms: number
}

/** How long after the close of its epoch each report of the account view was in its log; all of them, and those after a while. */
async function latencies(
  client: KafkaClient,
  topic: string,
): Promise<{ readonly all: Spread; readonly afterTwoMinutes: Spread }> {
  const found: Delay[] = []
  await scanLog(client, topic, (record, timestampMs) => {
    const { endMs } = JSON.parse(Buffer.from(record).toString()) as { endMs: number }
    found.push({ endMs, ms: timestampMs - endMs - defaultPolicy.allowedDisorderMs })
  })
  const settledMs = (found[0]?.endMs ?? 0) + 120_000
  return { all: spreadOf(found), afterTwoMinutes: spreadOf(found.filter(({ endMs }) => endMs > settledMs)) }
}

function spreadOf(found: readonly Delay[]): Spread {
  const sorted = found.toSorted((a, b) => a.ms - b.ms)
  const at = (share: number): number =>
    Math.round(sorted[Math.floor(share * (sorted.length - 1))]?.ms ?? Number.NaN)
  const slowest = sorted
    .slice(-6)
    .map(({ endMs, ms }) => `${new Date(endMs).toISOString()} ${Math.round(ms)}`)
  return { reports: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1), slowest }
}

/**
 * How long after its close the close of an epoch was known, station by station: sent by the first event that is far enough on,
 * then appended to each log, by the last of its sources.
 */
async function stationsOf(
  client: KafkaClient,
  name: string,
  sent: readonly number[],
): Promise<Record<string, Spread>> {
  const { epochMs, allowedDisorderMs } = defaultPolicy
  // What has been appended when, and up to which moment it closes epochs.
  const passed: Record<string, Passed[]> = {
    sent: sent.map((atMs) => ({ source: 'sent', atMs, untilMs: atMs - allowedDisorderMs })),
  }
  for (const [log, readPassed] of Object.entries(logsTold)) {
    const list: Passed[] = (passed[log] = [])
    const take = (record: Uint8Array, atMs: number): void => void list.push({ ...readPassed(record), atMs })
    // Whoever reads raw partitions writes events.
    await scanLog(client, `${name}.${log}`, take, { hasManyWriters: log === 'events' })
  }
  const firstMs = Math.ceil(sent[0]! / epochMs + 1) * epochMs
  const lastMs = sent.at(-1)! - allowedDisorderMs - epochMs
  return Object.fromEntries(
    Object.entries(passed).map(([log, list]) => {
      const beyond: Delay[] = []
      for (let endMs = firstMs; endMs < lastMs; endMs += epochMs) {
        beyond.push({ endMs, ms: knownMs(list, endMs) - endMs - allowedDisorderMs })
      }
      return [log, spreadOf(beyond)]
    }),
  )
}

interface Passed {
  readonly source: string
  readonly untilMs: number
  readonly atMs: number
}

/** When the last of the sources had passed a moment; one that begins nowhere or has ended holds nobody back. */
function knownMs(list: readonly Passed[], endMs: number): number {
  const known = new Map<string, number>()
  for (const { source, untilMs, atMs } of list) {
    if (untilMs >= endMs && Number.isFinite(untilMs) && !known.has(source)) known.set(source, atMs)
  }
  return Math.max(...known.values())
}

const logsTold: Readonly<Record<string, (value: Uint8Array) => Omit<Passed, 'atMs'>>> = {
  events: blockPassed,
  accounts: blockPassed,
  ties: reportPassed,
  clusters: reportPassed,
  findings: reportPassed,
}

function blockPassed(value: Uint8Array): Omit<Passed, 'atMs'> {
  const { source, watermarkMs } = readBlock(value.slice())
  return { source, untilMs: watermarkMs }
}

/** Of a report in the middle of an epoch nothing is passed. */
function reportPassed(value: Uint8Array): Omit<Passed, 'atMs'> {
  const report = JSON.parse(Buffer.from(value).toString()) as {
    source?: string
    endMs: number
    passedMs?: number
  }
  return {
    source: report.source ?? '',
    untilMs: 'source' in report ? (report.passedMs ?? Number.NaN) : report.endMs,
  }
}

/** Mean seconds of each hop, from the histograms. */
async function hopsOf(live: readonly Instance[]): Promise<Record<string, number>> {
  const hops: Record<string, number> = {}
  for (const text of await Promise.all(live.map(metricsOf))) {
    for (const [, task, sum] of text.matchAll(/^assay_hop_seconds_sum{task="(\w+)"} (\S+)$/gm)) {
      const count = new RegExp(`^assay_hop_seconds_count{task="${task!}"} (\\S+)$`, 'm').exec(text)?.[1]
      hops[task!] = Number((Number(sum) / Number(count)).toFixed(4))
    }
  }
  return hops
}

async function metricsOf({ url }: Instance): Promise<string> {
  return (await fetch(`${await url}/metrics`)).text()
}

runTrial(main)
