/**
 * The upgrade of a running service from one build to another, put to the trial on a large stream: see the README beside it.
 *
 *   node -r ./test/support/typescript.js test/trials/service-upgrade.ts --from ../older/dist/cli/main.js
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { KafkaClient } from '../../src/log/kafka/client'
import { builtCli } from '../support/cli'
import type { Installation, Instance } from '../support/installation'
import {
  begun,
  compared,
  complete,
  goesOn,
  runTrial,
  settledBooksOf,
  streamOf,
  withInstallation,
} from './trial'
import type { Expected } from './trial'

/** How an instance of the new build took the state of the old one: it went on with it, or ended with a code and a sentence. */
type Met = 'went on' | { readonly code: number | null; readonly said: string }

interface Upgrade {
  readonly installation: Installation
  readonly client: KafkaClient
  readonly from: string
  readonly to: string
  /** What a replay by the new build gives, and by the old one. */
  readonly expected: Expected
  readonly before: Expected
  readonly records: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      /** The main file of the build that runs at first, `dist/cli/main.js`. */
      from: { type: 'string' },
      /** That of the build that takes over; without it, that of the source as it is. */
      to: { type: 'string' },
      instances: { type: 'string', default: '2' },
      events: { type: 'string', default: '1000000' },
    },
  })
  const { from, to = builtCli() } = values
  if (from === undefined) throw new Error('which build is upgraded? --from CLI')
  const { lines, expected } = await streamOf(Number(values.events), to)
  const { expected: before } = await streamOf(Number(values.events), from)
  const decidesTheSame = JSON.stringify(before) === JSON.stringify(expected)
  await withInstallation({ version: '4.1.1', partitions: 8 }, async ({ installation, client }) => {
    await installation.produce(lines)
    const live: Instance[] = []
    for (let number = 0; number < Number(values.instances); number++) live.push(begun(installation, from))
    await goesOn({ installation, live }, expected)
    const upgrade = { installation, client, from, to, expected, before, records: lines.length }
    const met = await replaced(upgrade, live)
    const told = met.includes('went on') ? await finished(upgrade, live) : await begunAnew(upgrade, live)
    process.stdout.write(
      `${JSON.stringify({ ...values, records: lines.length, decidesTheSame, met, ...told })}\n`,
    )
  })
}

/** One of the new build joins, and where it goes on one of the old ones leaves; where it ends, the old ones must go on without it. */
async function replaced({ installation, to, expected }: Upgrade, live: Instance[]): Promise<Met[]> {
  const met: Met[] = []
  for (let number = live.length; number > 0; number--) {
    const newcomer = installation.start(['--finish'], {}, to)
    const how = await metBy(newcomer)
    met.push(how)
    if (how === 'went on') {
      live.push(newcomer)
      await live.shift()!.stop()
    }
    await goesOn({ installation, live }, expected)
  }
  return met
}

/** An instance listens once it has looked at the state; one that ends says why. */
async function metBy({ url, running }: Instance): Promise<Met> {
  const listens = url.then(
    () => true,
    () => false,
  )
  if (await listens) {
    // Joining the group, it may still meet a record that it refuses.
    if ((await Promise.race([running.ended, sleep(10_000, undefined)])) === undefined) return 'went on'
  }
  const { code, stderr } = await running.ended
  return { code, said: stderr.trim().split('\n').at(-1)! }
}

/** The builds keep one format: those of the new one do the rest. */
async function finished(upgrade: Upgrade, live: readonly Instance[]): Promise<object> {
  return { published: await published(upgrade), ...(await settled(upgrade, live)) }
}

/**
 * The builds keep two formats, and the old ones have gone on: as docs/how-to/upgrade.md says, all are stopped, the new ones
 * refuse what is there and touch nothing of it, and begin anew with topics and checkpoints of their own. In the end the way
 * back is gone as well.
 */
async function begunAnew(upgrade: Upgrade, live: readonly Instance[]): Promise<object> {
  const { installation, from, to } = upgrade
  for (const one of live) await one.stop()
  const before = await endsOf(upgrade)
  const publishedBefore = {
    verdicts: before[installation.verdicts],
    corrections: before[installation.corrections],
  }
  const refused = await Promise.all(live.map(() => metBy(installation.start(['--finish'], {}, to))))
  const isUntouched = JSON.stringify(await endsOf(upgrade)) === JSON.stringify(before)

  const state = mkdtempSync(join(tmpdir(), 'assay-upgraded-'))
  const anew = { ASSAY_KAFKA_TOPIC_PREFIX: `${installation.name}.anew.`, ASSAY_STATE_FOLDER: state }
  const upgraded = live.map(() => begun(installation, to, anew))
  // First the books: what the old ones had published otherwise would be taken for something new.
  const afterUpgrade = { ...(await settled(upgrade, upgraded)), published: await published(upgrade) }
  for (const one of upgraded) await one.stop()
  rmSync(state, { recursive: true })

  const back = live.map(() => begun(installation, from))
  const wayBack = { ...(await settled(upgrade, back)), published: await published(upgrade) }
  return { publishedBefore, refused, isUntouched, afterUpgrade, wayBack }
}

/** How many messages each topic of the installation holds. */
async function endsOf({ installation, client }: Upgrade): Promise<Record<string, number>> {
  const ends: Record<string, number> = {}
  for (const topic of [...(await client.topics())]
    .filter((name) => name.startsWith(installation.name))
    .sort())
    ends[topic] = await installation.countOf(topic)
  return ends
}

/** What was published by both builds, beside what the new one should publish, once all of that is there. */
async function published({ installation, expected, before }: Upgrade): Promise<object> {
  const told: Record<string, object> = {}
  for (const name of ['corrections', 'verdicts'] as const) {
    await complete(installation, installation[name], expected[name])
    const [is, was] = [new Set(expected[name]), new Set(before[name])]
    const found = await installation.linesOf(installation[name])
    // What the old build decided otherwise, it had published before.
    const ofBefore = found.filter((line) => was.has(line) && !is.has(line))
    const others = found.filter((line) => !was.has(line) || is.has(line))
    told[name] = { ...compared(others, expected[name]), otherwiseBefore: new Set(ofBefore).size }
  }
  return told
}

/** The books of some instances once these have read all. */
async function settled({ records }: Upgrade, live: readonly Instance[]): Promise<object> {
  const deadlineMs = performance.now() + 600_000
  for (;;) {
    const { books, settledSeconds } = await settledBooksOf(live)
    const hasReadAll = books['records_read_total']! >= records
    if ((hasReadAll && settledSeconds !== null) || performance.now() > deadlineMs) {
      return { books, areBalanced: hasReadAll && settledSeconds !== null }
    }
  }
}

runTrial(main)
