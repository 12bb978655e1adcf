/**
 * How fast the service is and what an event costs, beside the usual home-made way on the same records: see the README.
 *
 *   node -r ./test/support/typescript.js test/trials/service-throughput.ts --instances 1
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { simulated } from '../support/cli'
import { readLines } from '../support/events'
import type { Installation } from '../support/installation'
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
    },
  })
  const [instances, events, homeMade] = [values.instances, values.events, values.homeMade].map(Number)
  // The size of the large benchmark, in the fewest hours that a simulation has.
  const size = ['--scenario', 'platform', '--hours', '6', '--events', String(events)]
  const actors = ['--accounts', '20000', '--actors', '500000']
  const lines = readLines((await simulated([...size, ...actors])).events)
  await withInstallation({ partitions: 8 }, async ({ installation, kafka }) => {
    await installation.produce(lines)
    const ours = await measureService(installation, instances!)
    const theirs = await measureHomeMade(kafka.bootstrap, installation.raw, homeMade!)
    const told = {
      records: lines.length,
      instances,
      service: {
        ...ours,
        perSecond: perSecond(lines.length, ours.seconds),
        ...costOf(ours.cpuSeconds, lines.length),
      },
      homeMade: {
        ...theirs,
        perSecond: perSecond(homeMade!, theirs.seconds),
        ...costOf(theirs.cpuSeconds, homeMade!),
      },
      eventsPerCpuSecondRatio: round(
        lines.length / sum(ours.cpuSeconds) / (homeMade! / sum(theirs.cpuSeconds)),
      ),
    }
    process.stdout.write(`${JSON.stringify(told, null, 1)}\n`)
  })
}

/** From the start of the instances until the last epoch is decided; CPU of their processes. */
async function measureService(
  installation: Installation,
  instances: number,
): Promise<{ seconds: number; cpuSeconds: number[]; blocks: number; peakMegabytes: number[] }> {
  const startMs = performance.now()
  const live = Array.from({ length: instances }, () => installation.start())
  // Every epoch is told by the network view and by the account view, the end by one record more.
  const findings = `${installation.name}.findings`
  let last = -1
  for (let now = 0; now !== last || now === 0;) {
    last = now
    await sleep(3_000)
    now = await installation.countOf(findings).catch(() => 0)
  }
  const seconds = (performance.now() - startMs) / 1_000 - 3
  const pids = live.map(({ running }) => running.process.pid!)
  return {
    seconds: round(seconds),
    cpuSeconds: pids.map(cpuSecondsOf),
    blocks:
      (await installation.countOf(`${installation.name}.events`)) +
      (await installation.countOf(`${installation.name}.accounts`)),
    peakMegabytes: pids.map(peakMegabytesOf),
  }
}

/** The home-made way on the same records: see `home-made.ts`. */
async function measureHomeMade(
  brokers: string,
  topic: string,
  events: number,
): Promise<{ seconds: number; cpuSeconds: number[]; redisCpuSeconds: number }> {
  const server = await startRedis()
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  await runHomeMade({ brokers, topic, redisUrl: server.url, events })
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - startMs) / 1_000
  const redisCpuSeconds = cpuSecondsOf(server.pid)
  await server.stop()
  return { seconds: round(seconds), cpuSeconds: [(user + system) / 1e6], redisCpuSeconds }
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
