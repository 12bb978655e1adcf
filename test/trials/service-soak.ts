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
import { scanTopic } from '../../src/log/kafka/scan-topic'
import { TopicWriter } from '../../src/log/kafka/topic-writer'
import { defaultPolicy } from '../../src/policy/policy'
import { simulated } from '../support/cli'
import type { Instance } from '../support/installation'
import { cpuSecondsOf, residentMegabytesOf } from '../support/processes'
import { runTrial, sum, withInstallation } from './trial'

const partitions = 8

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
  // Sent again and again: by then its ids are forgotten, and its people are regular visitors.
  const size = ['--events', '1000000', '--accounts', values.accounts, '--actors', values.actors]
  const file = (await simulated(['--scenario', 'platform', '--hours', '6', ...size])).events
  await withInstallation({ partitions }, async ({ installation, client }) => {
    await installation.produce([])
    const live = Array.from({ length: instances! }, () => installation.start([], {}, values.cli))
    await Promise.all(live.map(({ url }) => url))
    const sampling = sample(live, minutes!)
    await pace(client, installation.raw, { file, rate: rate!, minutes: minutes! })
    const series = await sampling
    // The watermark has to come by, and the last reports after it.
    await sleep(5_000)
    const told = {
      ...values,
      series,
      decisionMsBeyondClose: await latencies(client, `${installation.name}.findings`),
      hops: await hopsOf(live),
    }
    process.stdout.write(`${JSON.stringify(told, null, 1)}\n`)
  })
}

/** Sends lines at a rate, each dated at the moment when it is sent. */
async function pace(
  client: KafkaClient,
  topic: string,
  { file, rate, minutes }: { readonly file: string; readonly rate: number; readonly minutes: number },
): Promise<void> {
  const writers = Array.from(
    { length: partitions },
    (_, partition) => new TopicWriter(client, { topic, partition }),
  )
  const startMs = performance.now()
  let sent = 0
  let batch: string[] = []
  for await (const line of linesOf(file)) {
    batch.push(line)
    if (batch.length < rate / 10) continue
    const now = Date.now()
    const values = batch.map((one) => Buffer.from(one.replace(/"occurredAt":[^,]+/, `"occurredAt":${now}`)))
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

/** How long after the close of its epoch each report of the account view was in its log. */
async function latencies(client: KafkaClient, topic: string): Promise<Record<string, number>> {
  const found: number[] = []
  await scanTopic(client, topic, ({ value, timestampMs }) => {
    const { endMs } = JSON.parse(Buffer.from(value!).toString()) as { endMs: number }
    found.push(timestampMs - endMs - defaultPolicy.allowedDisorderMs)
  })
  found.sort((a, b) => a - b)
  const at = (share: number): number =>
    Math.round(found[Math.floor(share * (found.length - 1))] ?? Number.NaN)
  return { reports: found.length, p50: at(0.5), p99: at(0.99), most: at(1) }
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
