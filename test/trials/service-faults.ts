/**
 * What the service promises, put to the trial on a large stream: see the README beside it.
 *
 *   node -r ./test/support/typescript.js test/trials/service-faults.ts --instances 3 --faults kill --count 20
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { avroOf, eventSchema, frameOf, registered } from '../support/avro-records'
import { assay, simulated } from '../support/cli'
import { readLines } from '../support/events'
import type { Installation, Instance } from '../support/installation'
import { linesOf } from '../support/outputs'
import { cpuSecondsOf } from '../support/processes'
import { seeded } from '../support/seeded'
import type { Kafka } from '../support/stack/kafka'
import { startRedis } from '../support/stack/redis'
import type { Redis } from '../support/stack/redis'
import { startRegistry } from '../support/stack/registry'
import type { Registry } from '../support/stack/registry'
import { runTrial, sum, withInstallation } from './trial'

interface Trial {
  readonly installation: Installation
  readonly kafka: Kafka
  readonly random: () => number
  readonly live: Instance[]
  readonly stores: Stores | undefined
  /** The main file of the build that those of the beginning run; without it, that of the source as it is. */
  readonly before: string | undefined
  /** How often something was done before. */
  readonly count: () => number
}

/** What the records' schemas, the served copy and the checkpoints are kept in, which forgets all when it is killed. */
interface Stores {
  readonly redis: Redis
  readonly registry: Registry
}

/** What is done to the installation while it works; each resolves when the harm is done. */
const faults: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
  none: () => Promise.resolve(),
  /** SIGKILL of an instance; another one comes in its place. */
  kill: async ({ installation, live, random }) => {
    const victim = live.splice(Math.floor(random() * live.length), 1)[0]!
    await victim.kill()
    live.push(begun(installation))
  },
  /** SIGSTOP for 40 s, longer than the group waits, and SIGCONT: a zombie that believes it owns what it did. */
  zombie: async ({ live, random }) => {
    const { process } = live[Math.floor(random() * live.length)]!.running
    process.kill('SIGSTOP')
    await sleep(40_000)
    process.kill('SIGCONT')
  },
  /** One joins and one leaves as it should. */
  turnover: async ({ installation, live, random }) => {
    live.push(begun(installation))
    await sleep(3_000)
    await live.splice(Math.floor(random() * (live.length - 1)), 1)[0]!.stop()
  },
  /** One of the other build joins and the oldest leaves as it should: forwards until all are of the new one, then back. */
  upgrade: async ({ installation, live, before, count }) => {
    const isBack = Math.floor(count() / live.length) % 2 === 1
    live.push(begun(installation, isBack ? before : undefined))
    await sleep(3_000)
    await live.shift()!.stop()
  },
  /** SIGKILL of one of three brokers, which comes back after 10 s. */
  broker: async ({ kafka, random }) => {
    const broker = 1 + Math.floor(random() * 3)
    await kafka.kill(broker)
    await sleep(10_000)
    await kafka.restart(broker)
  },
  /** SIGKILL of the registry and of Redis, and of an instance that has to do without; both come back empty. */
  stores: async ({ installation, live, random, stores }) => {
    const { redis, registry } = stores!
    await Promise.all([redis.kill(), registry.kill()])
    const victim = live.splice(Math.floor(random() * live.length), 1)[0]!
    await victim.kill()
    await sleep(3_000)
    await Promise.all([redis.restart(), registry.restart()])
    await registered(registry.url, [eventSchema])
    live.push(begun(installation))
  },
}

/** An instance is not supposed to end by itself, and says why it does. */
function begun(installation: Installation, cli?: string): Instance {
  const instance = installation.start(['--finish'], {}, cli)
  void instance.running.ended.then(({ code, stderr }) => {
    if (code !== null && code !== 130) process.stderr.write(`an instance ended with ${code}: ${stderr}\n`)
  })
  return instance
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      instances: { type: 'string', default: '2' },
      faults: { type: 'string', default: 'none' },
      count: { type: 'string', default: '0' },
      events: { type: 'string', default: '1000000' },
      brokers: { type: 'string', default: '1' },
      kafka: { type: 'string', default: '4.1.1' },
      seed: { type: 'string', default: '1' },
      /** The main file of another build, `dist/cli/main.js`, which all run until one is upgraded. */
      before: { type: 'string' },
      /** The instances speak TLS and have to say who they are. */
      secured: { type: 'boolean', default: false },
    },
  })
  const [instances, count, brokers] = [values.instances, values.count, values.brokers].map(Number)
  const cause = faults[values.faults]
  if (cause === undefined) throw new Error(`faults are ${Object.keys(faults).join(', ')}`)

  const { lines, expected } = await streamOf(Number(values.events))
  const stores = values.faults === 'stores' ? await startStores() : undefined
  await withInstallation(
    {
      version: values.kafka as '4.1.1',
      brokers: brokers === 3 ? 3 : 1,
      partitions: 8,
      secured: values.secured,
      ...(stores === undefined ? {} : { env: envOf(stores) }),
    },
    async ({ installation, kafka }) => {
      await installation.produce(stores === undefined ? lines : await inAvro(lines, stores))
      const startMs = performance.now()
      const live: Instance[] = []
      for (let instance = 0; instance < instances!; instance++) live.push(begun(installation, values.before))
      const recoveries: number[] = []
      const trial: Trial = {
        ...{ installation, kafka, live, stores, random: seeded(Number(values.seed)) },
        ...{ before: values.before, count: () => recoveries.length },
      }
      for (let fault = 0; fault < count!; fault++) {
        if (!(await goesOn(trial, expected))) break
        await sleep(trial.random() * 3_000)
        const harmMs = performance.now()
        await cause(trial)
        // Whatever was to come may have come while harm was done.
        if (!(await goesOn(trial, expected))) break
        recoveries.push((performance.now() - harmMs) / 1_000)
        process.stderr.write(`fault ${fault + 1}: on after ${recoveries.at(-1)!.toFixed(1)} s\n`)
      }
      const { corrections, verdicts } = installation
      await complete(installation, corrections, expected.corrections)
      await complete(installation, verdicts, expected.verdicts)
      const seconds = (performance.now() - startMs) / 1_000
      const cpu = count === 0 ? live.map(({ running }) => cpuSecondsOf(running.process.pid!)) : []
      const { books, settledSeconds } = await settledBooksOf(live)
      const told = {
        ...values,
        records: lines.length,
        seconds: Number(seconds.toFixed(1)),
        perSecond: Math.round(lines.length / seconds),
        ...(count === 0 ? { cpuSeconds: cpu, microsecondsPerEvent: (sum(cpu) * 1e6) / lines.length } : {}),
        injected: recoveries.length,
        recoverySecondsP50: quantile(recoveries, 0.5),
        recoverySecondsP95: quantile(recoveries, 0.95),
        verdicts: compared(await installation.linesOf(verdicts), expected.verdicts),
        corrections: compared(await installation.linesOf(corrections), expected.corrections),
        books,
        settledSeconds,
      }
      process.stdout.write(`${JSON.stringify(told)}\n`)
    },
  )
  await Promise.all([stores?.redis.stop(), stores?.registry.stop()])
}

async function startStores(): Promise<Stores> {
  const [redis, registry] = await Promise.all([startRedis(), startRegistry()])
  return { redis, registry }
}

function envOf({ redis, registry }: Stores): Record<string, string> {
  return {
    ASSAY_REDIS_MODE: 'single',
    ASSAY_REDIS_URLS: redis.url,
    ASSAY_STATE_STORE: 'redis',
    ASSAY_REGISTRY_URL: registry.url,
    ASSAY_REGISTRY_WAIT_MS: '200000',
  }
}

async function inAvro(lines: readonly string[], { registry }: Stores): Promise<Uint8Array[]> {
  const [id] = await registered(registry.url, [eventSchema])
  const [head, body] = [frameOf(id!), avroOf(eventSchema)]
  return lines.map((line) => Buffer.concat([head, body(line)]))
}

interface Expected {
  readonly verdicts: readonly string[]
  readonly corrections: readonly string[]
}

/** Events and what a replay of them gives, which the service must give too. */
async function streamOf(events: number): Promise<{ lines: readonly string[]; expected: Expected }> {
  const size = ['--accounts', String(Math.round(events / 200)), '--actors', String(Math.round(events / 10))]
  const file = (await simulated(['--scenario', 'attacks', '--events', String(events), ...size])).events
  const out = join(file, '..')
  const files = ['verdicts', 'corrections'].map((name) => join(out, `${name}.expected`))
  const { code, stderr } = await assay(['replay', file, '--out', files[0]!, '--corrections', files[1]!])
  if (code !== 0) throw new Error(stderr)
  const [verdicts, corrections] = files.map((path) => linesOf(readFileSync(path)))
  return { lines: readLines(file), expected: { verdicts: verdicts!, corrections: corrections! } }
}

/** Waits until a topic holds as many different messages as it should; repeats do not count. */
async function complete(
  installation: Installation,
  topic: string,
  expected: readonly string[],
): Promise<void> {
  const deadlineMs = performance.now() + 1_800_000
  while (!(await isWhole(installation, topic, expected)) && performance.now() < deadlineMs) await sleep(1_000)
}

async function isWhole(
  installation: Installation,
  topic: string,
  expected: readonly string[],
): Promise<boolean> {
  if ((await installation.countOf(topic).catch(() => 0)) < expected.length) return false
  return new Set(await installation.linesOf(topic)).size >= new Set(expected).size
}

/**
 * Waits until something more is published, so that the whole path is at work; false when everything is there. Throws after
 * two minutes, with what the instances say.
 */
async function goesOn({ installation, live }: Trial, expected: Expected): Promise<boolean> {
  const { corrections, verdicts } = installation
  const published = async (): Promise<number> =>
    sum(await Promise.all([corrections, verdicts].map((topic) => installation.countOf(topic).catch(() => 0))))
  const isAllThere = async (): Promise<boolean> =>
    (await isWhole(installation, corrections, expected.corrections)) &&
    (await isWhole(installation, verdicts, expected.verdicts))

  const before = await published()
  const deadlineMs = performance.now() + 120_000
  while ((await published()) <= before) {
    if (await isAllThere()) return false
    if (performance.now() > deadlineMs) {
      const said = await Promise.all(live.map(stateOf))
      throw new Error(`nothing was published for two minutes after ${before} messages\n${said.join('\n')}`)
    }
    await sleep(100)
  }
  return true
}

/** Whether an instance is ready, which tasks it owns, and how far each is behind. */
async function stateOf({ url }: Instance): Promise<string> {
  const [ready, metrics] = await Promise.all(
    ['readyz', 'metrics'].map(async (path) => (await fetch(`${await url}/${path}`)).text()),
  )
  const work = metrics!
    .split('\n')
    .filter((line) => /^assay_(task_owned|lag_records|watermark|source_watermark)/.test(line))
  return [ready, ...work].join('\n')
}

/** Lost, added, and repeats of what was there: those are allowed, as long as they are the same bytes. */
function compared(found: readonly string[], expected: readonly string[]): Record<string, number | string> {
  const [is, should] = [new Set(found), new Set(expected)]
  return {
    expected: should.size,
    lost: [...should].filter((line) => !is.has(line)).length,
    added: [...is].filter((line) => !should.has(line)).length,
    repeated: found.length - expected.length,
    digest: createHash('sha256')
      .update([...is].sort().join('\n'))
      .digest('hex')
      .slice(0, 12),
  }
}

/**
 * The books when each task is owned once and they balance: an instance that lost its work tells of it until it notices, and
 * behind the last verdict there may be records that nothing follows from. Those that never settle are told as they are.
 */
async function settledBooksOf(
  live: readonly Instance[],
): Promise<{ books: Record<string, number>; settledSeconds: number | null }> {
  const startMs = performance.now()
  for (;;) {
    await sleep(3_000)
    const [books, seconds] = [await booksOf(live), (performance.now() - startMs) / 1_000]
    const { records_read_total: read, task_owned: owned, ...outcomes } = books
    if (owned === 7 && read === sum(Object.values(outcomes))) return { books, settledSeconds: seconds }
    if (seconds > 180) return { books, settledSeconds: null }
  }
}

/** The sums of what the instances say of the records; what they read is counted, a repeat, late or aside. */
async function booksOf(live: readonly Instance[]): Promise<Record<string, number>> {
  const books: Record<string, number> = {}
  for (const { url } of live) {
    const text = await (await fetch(`${await url}/metrics`)).text()
    const counters = ['records_read', 'events_counted', 'duplicates', 'too_late', 'dead_letters']
    for (const name of [...counters.map((counter) => `${counter}_total`), 'task_owned']) {
      for (const [, value] of text.matchAll(new RegExp(`^assay_${name}(?:{[^}]*})? (\\S+)$`, 'gm'))) {
        books[name] = (books[name] ?? 0) + Number(value)
      }
    }
  }
  return books
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}

runTrial(main)
