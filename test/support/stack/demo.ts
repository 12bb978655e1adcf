/** `npm run demo:kafka`: a simulated platform, two instances of which one is killed, and somebody who acts on verdicts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { number } from '../../../src/cli/progress'
import { KafkaClient } from '../../../src/log/kafka/client'
import type { Verdict } from '../../../src/model/records'
import { builtCli, startAssay } from '../cli'
import { hourMs, Platform, simulated } from './demo-platform'
import { topics, Watch } from './demo-watch'
import type { Owned } from './demo-watch'
import { inNewHome } from './home'
import type { Home, Service } from './home'
import { startKafka } from './kafka'
import { freePorts, host, serves } from './ports'
import { startRedis } from './redis'

const usage = 'usage: npm run demo:kafka -- [--short]'
const plays = {
  whole: { hours: 36, events: 70_000, seconds: 40 },
  short: { hours: 24, events: 20_000, seconds: 8 },
}
/** The quiet hours are in the topics before anybody reads them, so that every partition has a clock from the start. */
const nightHours = 7
const startedMs = performance.now()

type Play = (typeof plays)[keyof typeof plays]

async function main(): Promise<void> {
  const options = process.argv.slice(2)
  if (options.some((option) => option !== '--short')) {
    process.stderr.write(`assay: there is no "${options.join(' ')}"\n${usage}\n`)
    process.exit(2)
  }
  // Whatever was started here ends with this process, however that ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
  try {
    const isRight = await inNewHome((home) => perform(home, options.length > 0 ? plays.short : plays.whole))
    process.exit(isRight ? 0 : 1)
  } catch (error) {
    process.stderr.write(`assay: ${(error as Error).message}\n`)
    process.exit(1)
  }
}

async function perform(home: Home, play: Play): Promise<boolean> {
  say('Kafka and Redis are started; the first time on a machine they are fetched, which takes a minute')
  const services = Promise.all([startKafka(), startRedis()])
  const events = join(home.folder, 'events.ndjson')
  const lines = simulated(events, play)
  const [{ bootstrap }, { url }] = await services
  const expected = replayed(events)
  const client = await KafkaClient.open({ brokers: [bootstrap] }, { tell: () => undefined })
  const env = {
    ...{ ASSAY_BROKERS: bootstrap, ASSAY_KAFKA_REPLICATION: '1', ASSAY_KAFKA_PARTITIONS: '3' },
    ...{ ASSAY_REDIS_MODE: 'single', ASSAY_REDIS_URLS: url, ASSAY_STATE_FOLDER: join(home.folder, 'state') },
  }
  const startInstance = (name: string, ...args: string[]) => runInstance(home, { name, args, env })

  const platform = await Platform.open(client, lines)
  const beginMs = lines[0]!.timeMs + nightHours * hourMs
  const endMs = lines.at(-1)!.timeMs
  await platform.sendUntil(beginMs)
  say(`${number(platform.sent)} events of a night are in the topics`)
  const instances = { A: await startInstance('A'), B: await startInstance('B') }
  say('two instances of assay are up, A and B')
  const enforcement = await runEnforcement(home, bootstrap)
  say('an enforcement service is up, that of examples/enforcement')
  const watch = await Watch.begin(bootstrap, enforcement.log, say)

  const onHour = (timeMs: number) => {
    const hour = new Date(timeMs).toISOString().slice(11, 16)
    if (timeMs % (3 * hourMs) === 0) say(`  platform ${hour} UTC, ${number(platform.sent)} events so far`)
  }
  const seconds = play.seconds / 2
  await platform.playUntil((beginMs + endMs) / 2, { seconds, onHour })
  const owners = (await watch.owners()) ?? new Map<string, Owned>()
  const [killed, left] =
    owners.get('A')?.tasks.includes('decide') === true ? (['A', 'B'] as const) : (['B', 'A'] as const)
  await instances[killed].kill()
  say(
    `${killed} is killed, as by a power cut; the group notices after ten seconds, and ${left} goes on with all of it`,
  )
  await platform.playUntil(endMs, { seconds, onHour })
  await platform.close()
  const hasTakenOver = await until(async () => {
    const now = (await watch.owners()) ?? new Map<string, Owned>()
    return now.size === 1 && now.has(left)
  })
  if (!hasTakenOver) throw new Error(`a minute after ${killed} was killed, ${left} should work on everything`)
  say(
    `the day is over; ${left} is stopped, as for an upgrade, and C goes on, told that nothing more will come`,
  )
  await terminated(instances[left].pid)
  await startInstance('C', '--finish')

  const truth = await expected
  const story = { platform, watch, truth, ledger: enforcement.ledger }
  // Whether it came to that is in the summary.
  await until(async () => (await faults(story)).length === 0)
  // What comes twice would come now.
  await sleep(2_000)
  watch.end()
  return summary(story, { client, folder: home.folder })
}

/** What a replay of the same events in one process gives, undisturbed. */
interface Truth {
  readonly verdicts: readonly string[]
  readonly corrections: readonly string[]
}

async function replayed(events: string): Promise<Truth> {
  const files = [`${events}.verdicts`, `${events}.corrections`] as const
  const args = ['replay', events, '--out', files[0], '--corrections', files[1]]
  const { process: child, ended } = startAssay(args, { under: ['nice'] })
  process.on('exit', () => child.kill('SIGKILL'))
  const { code, stderr } = await ended
  if (code !== 0) throw new Error(`the replay to compare with ended with ${code}: ${stderr}`)
  const [verdicts, corrections] = files.map((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1))
  return { verdicts: verdicts!, corrections: corrections! }
}

async function runInstance(
  home: Home,
  { name, args, env }: { name: string; args: readonly string[]; env: NodeJS.ProcessEnv },
): Promise<Service> {
  const [port] = await freePorts(1)
  return home.run({
    name,
    file: process.execPath,
    args: [builtCli(), 'run', ...args],
    env: { ...process.env, ...env, ASSAY_KAFKA_CLIENT_ID: name, ASSAY_LISTEN_PORT: String(port!) },
    answers: () => serves(`http://${host}:${port!}/readyz`),
  })
}

async function runEnforcement(home: Home, bootstrap: string): Promise<{ log: string; ledger: string }> {
  const [log, ledger] = ['enforcement.log', 'ledger.ndjson'].map((file) => join(home.folder, file))
  await home.run({
    name: 'enforcement',
    file: process.execPath,
    args: [join(__dirname, '../../../examples/enforcement/enforcement.mjs')],
    env: { ...process.env, KAFKA_BROKERS: bootstrap, LEDGER_FILE: ledger },
    answers: () =>
      readFileSync(log!, 'utf8').includes('acts on')
        ? Promise.resolve()
        : Promise.reject(new Error('it has not begun')),
  })
  return { log: log!, ledger: ledger! }
}

interface Story {
  readonly platform: Platform
  readonly watch: Watch
  readonly truth: Truth
  readonly ledger: string
}

/** A line of the enforcement service's ledger. */
interface Act {
  readonly verdictId?: string
  readonly revision: number
  readonly doing: string
  readonly sanction: string | null
}

function actsIn(ledger: string): Act[] {
  if (!existsSync(ledger)) return []
  const lines = readFileSync(ledger, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Act)
}

/** What is not as it should be, a sentence each. */
async function faults({ platform, watch, truth, ledger }: Story): Promise<string[]> {
  const taken = await watch.taken()
  const verdicts = compared(watch.published.get(topics.verdicts)!, truth.verdicts)
  const corrections = compared(watch.published.get(topics.corrections)!, truth.corrections)
  const acts = actsIn(ledger)
  const doubled =
    acts.length - new Set(acts.map(({ verdictId, revision }) => `${verdictId ?? ''} ${revision}`)).size
  const inForce = new Map(acts.map(({ verdictId, sanction }) => [verdictId, sanction]))
  const wrong = [...sanctionsOf(truth)].filter(([id, sanction]) => inForce.get(id) !== sanction)
  return [
    [taken !== platform.sent, `${number(taken)} of ${number(platform.sent)} events were taken`],
    [verdicts !== '', `verdicts: ${verdicts}`],
    [corrections !== '', `corrections: ${corrections}`],
    [doubled > 0, `${doubled} revisions were acted on twice`],
    [wrong.length > 0, `${wrong.length} verdicts were not acted on as they say`],
    [!acts.some(({ doing }) => doing === 'impose'), 'nobody was sanctioned, and somebody should be'],
  ].flatMap(([isFault, sentence]) => (isFault === true ? [String(sentence)] : []))
}

function compared(published: ReadonlySet<string>, truth: readonly string[]): string {
  const missing = truth.filter((line) => !published.has(line)).length
  const wanted = new Set(truth)
  const unexpected = [...published].filter((line) => !wanted.has(line)).length
  return missing + unexpected === 0 ? '' : `${missing} are missing, ${unexpected} should not be`
}

/** What the latest revisions put in force, by verdict; null where that is nothing. */
function sanctionsOf({ verdicts }: Truth): ReadonlyMap<string, string | null> {
  const sanctions = ['warn', 'limit', 'suspend', 'close']
  return new Map(
    verdicts
      .map((line) => JSON.parse(line) as Verdict)
      .map(({ verdictId, recommendation }) => [
        verdictId,
        sanctions.includes(recommendation) ? recommendation : null,
      ]),
  )
}

async function summary(
  story: Story,
  { client, folder }: { client: KafkaClient; folder: string },
): Promise<boolean> {
  const { platform, watch, truth, ledger } = story
  const wrong = await faults(story)
  const ids = new Set(truth.verdicts.map((line) => (JSON.parse(line) as Verdict).verdictId))
  const acts = actsIn(ledger)
  const count = (doing: string) => acts.filter((act) => act.doing === doing).length
  const letters = [...(await client.offsets(topics.deadLetters)).values()].reduce(
    (sum, { low, high }) => sum + high - low,
    0,
  )
  say('how it ended')
  const rows = [
    [
      'events',
      `${number(platform.sent)} sent, ${number(await watch.taken())} taken, ${letters} dead letters`,
    ],
    [
      'verdicts',
      `${ids.size}, with revisions ${truth.verdicts.length}: the same as a replay without any crash gives`,
    ],
    [
      'corrections',
      `${truth.corrections.length} hours, the same as well; ${watch.repeats} records came again and did no harm`,
    ],
    [
      'acts',
      `${count('impose')} imposed, ${count('change')} changed, ${count('lift')} lifted, ${count('nothing')} verdicts that ask for none`,
    ],
  ]
  for (const [name, text] of wrong.length === 0
    ? rows
    : [...wrong.map((sentence) => ['wrong', sentence]), ...said(folder)]) {
    process.stdout.write(`  ${name!.padEnd(12)} ${text!}\n`)
  }
  return wrong.length === 0
}

/** The last that everybody said, for whoever looks for the reason. */
function said(folder: string): string[][] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.log'))
  return files.map((file) => [
    file,
    readFileSync(join(folder, file), 'utf8').trim().split('\n').slice(-5).join('\n'),
  ])
}

async function terminated(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM')
  await until(() => {
    try {
      return !process.kill(pid, 0)
    } catch {
      return true
    }
  })
}

/** Waits for something for a minute; false when it did not come. */
async function until(holds: () => Promise<boolean> | boolean): Promise<boolean> {
  const deadlineMs = performance.now() + 60_000
  while (performance.now() < deadlineMs) {
    if (await holds()) return true
    await sleep(300)
  }
  return false
}

function say(sentence: string): void {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
  process.stdout.write(`${seconds.padStart(5)} s  ${sentence}\n`)
}

void main()
