/**
 * How fast the service is and what an event costs, beside the usual home-made way on the same records: see the README.
 *
 *   node -r ./test/support/typescript.js test/trials/service-throughput.ts --instances 1
 *
 * With `--cli FILE`, a built `dist/cli/main.js`, that assay is measured; with `--homeMade 0 --homeMadeAsking 0` nothing else is.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { simulated } from '../support/cli'
import { readLines } from '../support/events'
import { Installation } from '../support/installation'
import { cpuSecondsOf, peakMegabytesOf } from '../support/processes'
import { startRedis } from '../support/stack/redis'
import { runHomeMade } from './home-made'
import { runTrial, sum, withInstallation } from './trial'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      instances: { type: 'string', default: '1' },
      events: { type: 'string', default: '1000000' },
      homeMade: { type: 'string', default: '100000' },
      homeMadeAsking: { type: 'string', default: '40000' },
      cli: { type: 'string' },
    },
  })
  const [instances, events] = [values.instances, values.events].map(Number)
  const homeMade = [
    { name: 'homeMade', events: Number(values.homeMade), isAsking: false },
    { name: 'homeMadeAsking', events: Number(values.homeMadeAsking), isAsking: true },
  ]
  // The size of the large benchmark, in the fewest hours that a simulation has.
  const size = ['--scenario', 'platform', '--hours', '6', '--events', String(events)]
  const actors = ['--accounts', '20000', '--actors', '500000']
  const lines = readLines((await simulated([...size, ...actors])).events)
  await withInstallation({ partitions: 8 }, async ({ installation, kafka, client }) => {
    await installation.produce(lines)
    const ours = await measureService(installation, instances!, values.cli)
    /** The topic of one partition that holds them: over several, whose batches come in turn, windows would close again and again. */
    const inOrder = async (some: readonly string[]): Promise<string> => {
      const other = new Installation(client, { bootstrap: kafka.bootstrap, partitions: 1 })
      await other.produce(some)
      await other.close()
      return other.raw
    }
    const besideHomeMade = async ({ events, isAsking }: (typeof homeMade)[number]): Promise<object> => {
      const topic = isAsking ? await inOrder(lines.slice(0, events)) : installation.raw
      const theirs = await measureHomeMade({ brokers: kafka.bootstrap, topic, events, isAsking })
      const ratio = (cpuSeconds: number): number =>
        round(cpuSeconds / events / (sum(ours.cpuSeconds) / lines.length))
      return {
        ...theirs,
        perSecond: perSecond(events, theirs.seconds),
        ...costOf(theirs.cpuSeconds, events),
        // How many times as many events a second of CPU is enough for, with its Redis counted and without.
        eventsPerCpuSecondRatio: {
          withoutRedis: ratio(sum(theirs.cpuSeconds)),
          withRedis: ratio(sum(theirs.cpuSeconds) + theirs.redisCpuSeconds),
        },
      }
    }
    const told: Record<string, unknown> = {
      records: lines.length,
      instances,
      service: {
        ...ours,
        perSecond: perSecond(lines.length, ours.seconds),
        ...costOf(ours.cpuSeconds, lines.length),
      },
    }
    for (const one of homeMade) if (one.events > 0) told[one.name] = await besideHomeMade(one)
    process.stdout.write(`${JSON.stringify(told, null, 1)}\n`)
  })
}

/** A view appends what it finds a few steps later while it has more to fold, so that a pause is not yet the end. */
const overAfterMs = 12_000
const lookMs = 1_500

/**
 * From the start of the instances until the last epoch is decided; CPU of their processes until a look later, so that what is
 * published of it is in, and what they do afterwards is not.
 */
async function measureService(
  installation: Installation,
  instances: number,
  cli: string | undefined,
): Promise<{
  seconds: number
  cpuSeconds: number[]
  idleCpuShare: number
  blocks: number
  peakMegabytes: number[]
}> {
  const startMs = performance.now()
  const live = Array.from({ length: instances }, () => installation.start(['--finish'], {}, cli))
  const pids = live.map(({ running }) => running.process.pid!)
  // Every epoch is told by the network view and by the account view, the end by one record more.
  const findings = `${installation.name}.findings`
  let last = 0
  let lastMs = startMs
  let after = { ms: startMs, cpuSeconds: [] as number[] }
  for (let nowMs = startMs; last === 0 || nowMs - lastMs < overAfterMs;) {
    await sleep(lookMs)
    const count = await installation.countOf(findings).catch(() => 0)
    nowMs = performance.now()
    const hasNews = count !== last
    if (hasNews || after.ms <= lastMs) after = { ms: nowMs, cpuSeconds: pids.map(cpuSecondsOf) }
    if (hasNews) [last, lastMs] = [count, nowMs]
  }
  const idleCpuSeconds = sum(pids.map(cpuSecondsOf)) - sum(after.cpuSeconds)
  return {
    seconds: round((lastMs - startMs) / 1_000),
    cpuSeconds: after.cpuSeconds,
    idleCpuShare: round(idleCpuSeconds / ((performance.now() - after.ms) / 1_000)),
    blocks:
      (await installation.countOf(`${installation.name}.events`)) +
      (await installation.countOf(`${installation.name}.accounts`)),
    peakMegabytes: pids.map(peakMegabytesOf),
  }
}

/**
 * The home-made way on the same records, see `home-made.ts`: that only counts, or that also asks, at the end of each hop, what the
 * windows hold, without which nobody could be told anything.
 */
async function measureHomeMade({
  isAsking,
  ...asked
}: {
  readonly brokers: string
  readonly topic: string
  readonly events: number
  readonly isAsking: boolean
}): Promise<{ seconds: number; cpuSeconds: number[]; redisCpuSeconds: number; answers?: number }> {
  const server = await startRedis()
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  let answers = 0
  const onAnswer = (lines: readonly string[]): void => {
    answers += lines.length
  }
  await runHomeMade({ ...asked, redisUrl: server.url, ...(isAsking ? { onAnswer } : {}) })
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - startMs) / 1_000
  const redisCpuSeconds = cpuSecondsOf(server.pid)
  await server.stop()
  return {
    ...{ seconds: round(seconds), cpuSeconds: [(user + system) / 1e6], redisCpuSeconds },
    ...(isAsking ? { answers } : {}),
  }
}

function costOf(cpuSeconds: readonly number[], events: number): { cpuMicrosecondsPerEvent: number } {
  return { cpuMicrosecondsPerEvent: round((sum(cpuSeconds) * 1e6) / events) }
}

function perSecond(events: number, seconds: number): number {
  return Math.round(events / seconds)
}

function round(value: number): number {
  return Number(value.toFixed(2))
}

runTrial(main)
