/**
 * What the service promises, put to the trial on a large stream: see the README beside it.
 *
 *   node -r ./test/support/typescript.js test/trials/service-faults.ts --instances 3 --faults kill --count 20
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { avroOf, eventSchema, frameOf, registered } from '../support/avro-records'
import type { Installation, Instance } from '../support/installation'
import { cpuSecondsOf } from '../support/processes'
import { seeded } from '../support/seeded'
import type { Kafka } from '../support/stack/kafka'
import { startRedis } from '../support/stack/redis'
import type { Redis } from '../support/stack/redis'
import { startRegistry } from '../support/stack/registry'
import type { Registry } from '../support/stack/registry'
import {
  begun,
  compared,
  complete,
  goesOn,
  runTrial,
  settledBooksOf,
  streamOf,
  sum,
  withInstallation,
} from './trial'

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

function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}

runTrial(main)
