import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaClient } from '../../src/log/kafka/client'
import { assay, simulated } from '../support/cli'
import { readLines } from '../support/events'
import { Installation } from '../support/installation'
import type { Instance } from '../support/installation'
import { linesOf } from '../support/outputs'
import { startKafka } from '../support/stack/kafka'
import type { Kafka, KafkaOptions } from '../support/stack/kafka'

/** A cluster of its own and an installation on it, for as long as they are used. */
export async function withInstallation(
  options: KafkaOptions & {
    readonly partitions: number
    readonly env?: Readonly<Record<string, string>>
  },
  use: (on: {
    readonly installation: Installation
    readonly kafka: Kafka
    readonly client: KafkaClient
  }) => Promise<void>,
): Promise<void> {
  const kafka = await startKafka(options)
  const { bootstrap } = kafka
  const client = await KafkaClient.open({ brokers: bootstrap.split(',') }, { tell: () => undefined })
  const { partitions, brokers: replication = 1, secured = false } = options
  const env = { ...(secured ? securedBy(kafka) : {}), ...options.env }
  const installation = new Installation(client, { bootstrap, partitions, replication, env })
  try {
    await use({ installation, kafka, client })
  } finally {
    await installation.close()
    await client.close()
    await kafka.stop()
  }
}

/** What lets the instances in where a password over TLS is asked for; the trial itself takes the open door. */
function securedBy({ security }: Kafka): Record<string, string> {
  return {
    ASSAY_BROKERS: security.saslTls,
    ASSAY_KAFKA_TLS: 'true',
    ASSAY_KAFKA_TLS_CA_FILE: security.caFile,
    ASSAY_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    ASSAY_KAFKA_USERNAME: security.username,
    ASSAY_KAFKA_PASSWORD: security.password,
  }
}

/** An installation with the instances of it that are at work. */
export interface Working {
  readonly installation: Installation
  readonly live: readonly Instance[]
}

/** An instance is not supposed to end by itself, and says why it does. */
export function begun(
  installation: Installation,
  cli?: string,
  env: Readonly<Record<string, string>> = {},
): Instance {
  const instance = installation.start(['--finish'], env, cli)
  void instance.running.ended.then(({ code, stderr }) => {
    if (code !== null && code !== 130) process.stderr.write(`an instance ended with ${code}: ${stderr}\n`)
  })
  return instance
}

export interface Expected {
  readonly verdicts: readonly string[]
  readonly corrections: readonly string[]
}

/** Events and what a replay of them gives, by the build of a main file, which the service must give too. */
export async function streamOf(
  events: number,
  cli?: string,
): Promise<{ lines: readonly string[]; expected: Expected }> {
  const size = ['--accounts', String(Math.round(events / 200)), '--actors', String(Math.round(events / 10))]
  const file = (await simulated(['--scenario', 'attacks', '--events', String(events), ...size])).events
  const out = join(file, '..')
  const files = ['verdicts', 'corrections'].map((name) => join(out, `${name}.expected`))
  const args = ['replay', file, '--out', files[0]!, '--corrections', files[1]!]
  const { code, stderr } = await assay(args, { cli })
  if (code !== 0) throw new Error(stderr)
  const [verdicts, corrections] = files.map((path) => linesOf(readFileSync(path)))
  return { lines: readLines(file), expected: { verdicts: verdicts!, corrections: corrections! } }
}

/** Waits until a topic holds as many different messages as it should; repeats do not count. */
export async function complete(
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
export async function goesOn({ installation, live }: Working, expected: Expected): Promise<boolean> {
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
export function compared(
  found: readonly string[],
  expected: readonly string[],
): Record<string, number | string> {
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
export async function settledBooksOf(
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

/** Runs a trial as the whole work of this process. */
export function runTrial(trial: () => Promise<void>): void {
  void trial().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String((error as Error).stack)}\n`)
      process.exit(1)
    },
  )
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
