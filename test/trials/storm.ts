/**
 * All brokers die: which alerts fire, in what order, and who is woken. See the README beside it.
 *
 *   node -r ./test/support/typescript.js test/trials/storm.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { KafkaClient } from '../../src/log/kafka/client'
import { Monitored } from '../support/monitored'
import { startKafka } from '../support/stack/kafka'
import { startRedis } from '../support/stack/redis'
import { runTrial } from './trial'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      /** How many times as fast rules and waits live. An instance notices as slowly as ever that nobody answers. */
      times: { type: 'string', default: '1' },
      /** For how long the brokers stay away. */
      minutes: { type: 'string', default: '12' },
    },
  })
  const [times, minutes] = [Number(values.times), Number(values.minutes)]
  const folder = mkdtempSync(join(tmpdir(), 'assay-storm-'))
  const [kafka, redis] = await Promise.all([startKafka(), startRedis()])
  const { bootstrap } = kafka
  const client = await KafkaClient.open({ brokers: [bootstrap] }, { tell: () => undefined })
  const monitored = await Monitored.start({
    ...{ bootstrap, client, redis: redis.url, folder },
    ...{ rulesTimes: times, sendsTimes: times },
  })
  try {
    await monitored.endTraffic()
    const log = new StormLog(monitored)
    await kafka.kill()
    await log.follow(minutes * 60_000)
    await kafka.restart()
    log.add('the brokers are back')
    await log.follow(10 * 60_000, async () => (await monitored.firing()).length === 0)
    await monitored.atWork()
    await log.follow(times === 1 ? 6 * 60_000 : 60_000, () => Promise.resolve(log.isOver))
    const { events, pages } = log
    process.stdout.write(`${JSON.stringify({ ...values, ends: monitored.ends, pages, events })}\n`)
    if (pages.length !== 1)
      throw new Error(`one page was due, and ${pages.length} were sent: ${pages.join()}`)
  } finally {
    await monitored.stop()
    await client.close()
    await Promise.all([kafka.stop(), redis.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What begins and ends to fire, and what is sent, by the seconds since it was made. */
class StormLog {
  readonly events: string[] = []
  private readonly startMs = performance.now()
  private fired: readonly string[] = []
  private told: readonly string[] = []

  constructor(private readonly monitored: Monitored) {}

  get pages(): readonly string[] {
    return this.told.filter((line) => line.startsWith('page firing'))
  }

  /** Whether the end of each page was told. */
  get isOver(): boolean {
    return this.pages.every((page) => this.told.includes(page.replace('firing', 'resolved')))
  }

  add(event: string): void {
    const line = `${Math.round((performance.now() - this.startMs) / 1_000)} s: ${event}`
    this.events.push(line)
    process.stderr.write(`${line}\n`)
  }

  async follow(spanMs: number, isEnough = () => Promise.resolve(false)): Promise<void> {
    const endMs = performance.now() + spanMs
    while (performance.now() < endMs && !(await isEnough())) {
      const fires = await this.monitored.firing()
      for (const name of fires.filter((one) => !this.fired.includes(one))) this.add(`${name} fires`)
      for (const name of this.fired.filter((one) => !fires.includes(one))) this.add(`${name} ends`)
      const { told } = this.monitored
      for (const line of told.filter((one) => !this.told.includes(one))) this.add(`sent: ${line}`)
      this.fired = fires
      this.told = told
      await sleep(1_000)
    }
  }
}

runTrial(main)
