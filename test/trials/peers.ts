/**
 * assay beside what one would take instead, on the same stream and question: `npm run bench -- --peers`, see
 * src/bench/peers/README.md.
 */
import { Kafka as KafkaJs, logLevel } from 'kafkajs'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median } from 'simple-statistics'
import { eventsFile } from '../../src/bench/data'
import { compareAnswers } from '../../src/bench/peers/compare'
import type { Comparison } from '../../src/bench/peers/compare'
import type { AskedEvent } from '../../src/bench/peers/question'
import { answerByReference } from '../../src/bench/peers/reference'
import { streamFile } from '../../src/bench/peers/stream'
import { table } from '../../src/cli/progress'
import { readLines } from '../support/events'
import { linesOfFile } from '../support/outputs'
import { cPeer, formsFile, javaPeer, peersFolder, pythonPeer } from '../support/peer-programs'
import { cpuSecondsOf } from '../support/processes'
import { runMeasured } from '../support/run-measured'
import type { Measured } from '../support/run-measured'
import { startKafka } from '../support/stack/kafka'
import type { Kafka } from '../support/stack/kafka'
import { startRedis } from '../support/stack/redis'
import { runTrial } from './trial'

interface Peer {
  readonly name: string
  readonly what: string
  /** Events of the small and of the large measurement. */
  readonly sizes: readonly [number, number]
  /** Of its distinct counts, where a sketch has counted them. */
  readonly relativeError?: number
  /** What a user writes, below src/bench/peers or from here: one file or several. */
  readonly code: string | readonly string[]
  /** Fetches and compiles what it needs; a failure leaves the peer out. */
  prepare(): Promise<Run>
}

type Run = (stream: Stream, answers: string) => Promise<Measured & { readonly elsewhereSeconds?: number }>

interface Stream {
  readonly path: string
  readonly events: number
}

interface PeerFigures {
  readonly peer: string
  readonly what: string
  readonly events: readonly [number, number]
  readonly codeLines: number
  readonly runs: number
  /** From the difference of the two sizes, start and warm-up left out. */
  readonly cpuSecondsPerMillion: number
  /** Of the large run as a whole. */
  readonly wholeCpuSecondsPerMillion: number
  /** What the line through both sizes leaves for none: the start, and the windows that are closed at the end. */
  readonly constantCpuSeconds: number
  /** CPU of a server beside the process, where there is one that is counted. */
  readonly elsewhereSecondsPerMillion?: number
  readonly wallSeconds: number
  readonly peakMegabytes: number
  readonly answer: Comparison
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      peers: { type: 'boolean' },
      only: { type: 'string' },
      runs: { type: 'string', default: '5' },
      minutes: { type: 'string', default: '60' },
      data: { type: 'string', default: join(tmpdir(), 'assay-bench') },
      json: { type: 'boolean', default: false },
    },
  })
  const only = values.only?.split(',')
  const unknown = only?.find((name) => !peers.some((peer) => peer.name === name))
  if (unknown !== undefined) {
    throw new Error(`--only takes ${peers.map(({ name }) => name).join(', ')}, got ${unknown}`)
  }
  mkdirSync(values.data, { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'assay-peers-'))
  const before = machine()
  try {
    const chosen = peers.filter(({ name }) => only?.includes(name) ?? true)
    const { figures, leftOut } = await compare(chosen, {
      runs: wholeNumber('runs', values.runs),
      minutes: wholeNumber('minutes', values.minutes),
      data: values.data,
      folder,
    })
    const told = { before, after: machine(), figures, leftOut }
    process.stdout.write(values.json ? `${JSON.stringify(told)}\n` : inWords(told))
    if (figures.some(({ answer }) => !answer.isRight)) process.exitCode = 1
  } finally {
    await services.stop()
    rmSync(folder, { recursive: true })
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new Error(`--${name} must be a whole number from 1 on, got ${text}; leave it out for the usual`)
}

/**
 * Measures every peer at both sizes in turns, so that a neighbour on the machine disturbs all alike; when the time is
 * over, nothing more is begun after the first turn.
 */
async function compare(
  chosen: readonly Peer[],
  {
    runs,
    minutes,
    data,
    folder,
  }: { readonly runs: number; readonly minutes: number; readonly data: string; readonly folder: string },
): Promise<{ figures: PeerFigures[]; leftOut: string[] }> {
  const events = eventsFile(data, { events: 1_000_000, accounts: 500, actors: 50_000, hours: 6 })
  const leftOut: string[] = []
  const measured = new Map<Peer, { readonly run: Run; readonly of: Measurement[][] }>()
  for (const peer of chosen) {
    try {
      measured.set(peer, { run: await peer.prepare(), of: [[], []] })
    } catch (error) {
      leftOut.push(`${peer.name}: ${(error as Error).message}`)
    }
  }
  const answers = new Map<Peer, Comparison>()
  const endMs = performance.now() + minutes * 60_000
  for (let turn = 0; turn < runs; turn++) {
    for (const [peer, { run, of }] of measured) {
      if (turn > 0 && performance.now() > endMs) break
      try {
        for (const [at, size] of peer.sizes.entries()) {
          const stream = { path: await streamFile(events, size), events: size }
          const file = join(folder, 'answers')
          writeFileSync(file, '')
          const one = await run(stream, file)
          of[at]!.push(one)
          const answer = compareAnswers(await referenceOf(stream), linesOfFile(file), peer.relativeError ?? 0)
          if (answers.get(peer)?.isRight !== false) answers.set(peer, answer)
          process.stderr.write(
            `${peer.name}, ${size} events: ${one.cpuSeconds.toFixed(2)} s CPU, ${one.wallSeconds.toFixed(2)} s, ${answer.isRight ? 'right' : `WRONG: ${answer.differences.join('; ')}`}\n`,
          )
        }
      } catch (error) {
        measured.delete(peer)
        leftOut.push(`${peer.name}: ${(error as Error).message}`)
      }
    }
  }
  const figures = [...measured].map(([peer, { of }]) => figuresOf(peer, of, answers.get(peer)!))
  return { figures, leftOut }
}

type Measurement = Awaited<ReturnType<Run>>

function figuresOf(peer: Peer, [small, large]: Measurement[][], answer: Comparison): PeerFigures {
  const [few, many] = peer.sizes
  const cpu = (runs: readonly Measurement[]): number => median(runs.map(({ cpuSeconds }) => cpuSeconds))
  const slope = (cpu(large!) - cpu(small!)) / (many - few)
  const elsewhere = large!.flatMap(({ elsewhereSeconds }) => elsewhereSeconds ?? [])
  return {
    peer: peer.name,
    what: peer.what,
    events: peer.sizes,
    codeLines: [peer.code].flat().reduce((sum, file) => sum + codeLines(join(peersFolder, file)), 0),
    runs: large!.length,
    cpuSecondsPerMillion: slope * 1e6,
    wholeCpuSecondsPerMillion: (cpu(large!) / many) * 1e6,
    constantCpuSeconds: cpu(small!) - slope * few,
    ...(elsewhere.length > 0 && { elsewhereSecondsPerMillion: (median(elsewhere) / many) * 1e6 }),
    wallSeconds: median(large!.map(({ wallSeconds }) => wallSeconds)),
    peakMegabytes: median(large!.map(({ peakMegabytes }) => peakMegabytes)),
    answer,
  }
}

const references = new Map<string, string[]>()
async function referenceOf({ path }: Stream): Promise<string[]> {
  let lines = references.get(path)
  if (lines === undefined) references.set(path, (lines = await answerByReference(path)))
  return lines
}

/** Lines that are neither empty nor a comment. */
function codeLines(file: string): number {
  const code = readFileSync(file, 'utf8').replace(/^\s*(\/\*[\s\S]*?\*\/|"""[\s\S]*?""")\s*$/gm, '')
  return code.split('\n').filter((line) => line.trim() !== '' && !/^\s*(\/\/|#(?!include))/.test(line)).length
}

function machine(): string {
  const [cpu] = cpus()
  const load = loadavg().map((value) => value.toFixed(1))
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return `${new Date().toISOString()}, ${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${gigabytes} GB, Node ${process.versions.node}, load ${load.join(' ')}`
}

function inWords(told: {
  readonly before: string
  readonly after: string
  readonly figures: readonly PeerFigures[]
  readonly leftOut: readonly string[]
}): string {
  const own = told.figures.find(({ peer }) => peer === 'assay')
  const rows = [...told.figures]
    .sort((one, other) => one.cpuSecondsPerMillion - other.cpuSecondsPerMillion)
    .map((one) => [
      one.peer,
      one.events.map((count) => `${count / 1000}k`).join(', '),
      `${rounded(one.cpuSecondsPerMillion)}${one.elsewhereSecondsPerMillion === undefined ? '' : ` + ${rounded(one.elsewhereSecondsPerMillion)}`}`,
      own === undefined ? '' : `${rounded(one.cpuSecondsPerMillion / own.cpuSecondsPerMillion)} ×`,
      rounded(one.wholeCpuSecondsPerMillion),
      rounded(one.constantCpuSeconds),
      rounded(one.wallSeconds),
      String(Math.round(one.peakMegabytes)),
      String(one.codeLines),
      String(one.runs),
      answerInWords(one.answer),
    ])
  const head = [
    'peer',
    'events',
    'CPU-s/M',
    'of assay',
    'whole',
    'constant s',
    'wall s',
    'MB',
    'lines',
    'runs',
  ]
  const notes = told.leftOut.map((sentence) => `left out: ${sentence}\n`)
  const legend = told.figures.map(({ peer, what }) => `${peer}: ${what}\n`)
  return [
    `before: ${told.before}\nafter:  ${told.after}\n`,
    table([[...head, 'answer'], ...rows]),
    ...legend,
    ...notes,
  ].join('')
}

function answerInWords({ isRight, alerts, windows, distinctError }: Comparison): string {
  if (!isRight) return 'WRONG'
  const actors = distinctError === 0 ? '' : `, actors within ${(100 * distinctError).toFixed(1)} %`
  return `right: ${alerts} alerts, ${windows} windows${actors}`
}

function rounded(value: number): string {
  // Differences of sizes leave a hair where there is nothing.
  if (Math.abs(value) < 0.005) return '0'
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(2)
}

/** What listens on a port, started when first asked for. */
const services = {
  kafka: undefined as Promise<Kafka> | undefined,
  topics: new Map<string, Promise<string>>(),

  async broker(): Promise<string> {
    this.kafka ??= startKafka()
    return (await this.kafka).bootstrap
  },

  /** The stream in a topic, keyed by account and kind and dated by event time. */
  topicOf(stream: Stream): Promise<string> {
    let made = this.topics.get(stream.path)
    if (made === undefined) this.topics.set(stream.path, (made = this.produce(stream)))
    return made
  },

  async produce({ path, events }: Stream): Promise<string> {
    const client = new KafkaJs({ brokers: [await this.broker()], logLevel: logLevel.NOTHING })
    const topic = `peers-${events}`
    const configEntries = [{ name: 'retention.ms', value: '-1' }]
    const admin = client.admin()
    await admin.connect()
    const topics = [topic, controlTopic].map((name) => ({ topic: name, numPartitions: 1, configEntries }))
    await admin.createTopics({ topics })
    await admin.disconnect()
    const producer = client.producer()
    await producer.connect()
    const messages = readLines(path).map((value) => {
      const { accountId, kind, occurredAt } = JSON.parse(value) as AskedEvent
      return { key: `${accountId}\t${kind}`, value, timestamp: String(occurredAt) }
    })
    for (let from = 0; from < messages.length; from += 1_000) {
      await producer.send({ topic, messages: messages.slice(from, from + 1_000) })
    }
    await producer.disconnect()
    return topic
  },

  async stop(): Promise<void> {
    if (this.kafka !== undefined) await (await this.kafka).stop()
  },
}

/** Whose one partition stands for the task of a member, as those of the service's do. */
const controlTopic = 'peers-control'

const root = join(peersFolder, '../../..')

function ofNode(name: string, heap: readonly string[] = []): () => Promise<Run> {
  const program = join(root, 'dist/bench/peers/answer.js')
  return () =>
    Promise.resolve(({ path }, answers) =>
      runMeasured(process.execPath, [...heap, program, name, path, answers]),
    )
}

function ofFlink(mode: 'panes' | 'windows'): () => Promise<Run> {
  // What Flink asks for on Java 17.
  const opened = ['java.util', 'java.lang', 'java.time'].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  )
  return async () => {
    const classPath = await javaPeer('flink', 'FlinkPeer')
    return ({ path }, answers) =>
      runMeasured('java', [...opened, '-cp', classPath, 'FlinkPeer', mode, path, answers])
  }
}

const peers: readonly Peer[] = [
  {
    name: 'limit',
    what: 'C, one thread, reads the five fields alone and checks nothing',
    sizes: [200_000, 800_000],
    code: ['limit/limit.c', 'limit/windows.h'],
    async prepare() {
      const program = await cPeer('limit')
      return ({ path }, answers) => runMeasured(program, [path, answers])
    },
  },
  {
    name: 'limit-checked',
    what: "C, one thread, with the duties of assay's intake: every field read, checked, hashed; repeats and late events found, rows in columns",
    sizes: [200_000, 800_000],
    code: ['checked.c', 'fields.h', 'fold.h', 'windows.h'].map((file) => `limit/${file}`),
    async prepare() {
      const [program, forms] = await Promise.all([cPeer('checked'), formsFile()])
      return ({ path }, answers) => runMeasured(program, [path, answers, forms])
    },
  },
  {
    name: 'assay',
    what: "assay's intake (every field read, checked, hashed; repeats and late events found) and panes",
    sizes: [200_000, 800_000],
    code: 'assay.ts',
    prepare: ofNode('assay'),
  },
  {
    name: 'maps',
    what: 'TypeScript, JSON.parse, Maps of panes, Sets united at every hop',
    sizes: [50_000, 200_000],
    code: 'maps.ts',
    prepare: ofNode('maps', ['--max-old-space-size=12288']),
  },
  {
    name: 'flink-panes',
    what: 'Flink 2.2.1, MiniCluster, KeyedProcessFunction with panes by hand, heap state, no checkpoints',
    sizes: [100_000, 300_000],
    code: 'flink/FlinkPeer.java',
    prepare: ofFlink('panes'),
  },
  {
    name: 'flink-windows',
    what: 'Flink 2.2.1, MiniCluster, SlidingEventTimeWindows and a HashSet, heap state, no checkpoints',
    sizes: [20_000, 60_000],
    code: 'flink/FlinkPeer.java',
    prepare: ofFlink('windows'),
  },
  {
    name: 'kafka-streams',
    what: 'Kafka Streams 4.1.1, TopologyTestDriver, hopping windows in a store in memory, no broker, no changelog',
    sizes: [2_500, 10_000],
    code: 'kafka-streams/KafkaStreamsPeer.java',
    async prepare() {
      const classPath = await javaPeer('kafka-streams', 'KafkaStreamsPeer')
      return ({ path }, answers) =>
        runMeasured('java', ['-cp', classPath, 'KafkaStreamsPeer', 'driver', path, answers])
    },
  },
  {
    name: 'kafka-streams-broker',
    what: 'Kafka Streams 4.1.1, an application on a broker, hopping windows in its default store (RocksDB, cache as it comes), no changelog; the CPU of the broker not counted',
    sizes: [5_000, 20_000],
    code: 'kafka-streams/KafkaStreamsPeer.java',
    async prepare() {
      const classPath = await javaPeer('kafka-streams', 'KafkaStreamsPeer')
      const broker = await services.broker()
      return async (stream, answers) => {
        const topic = await services.topicOf(stream)
        const state = mkdtempSync(join(tmpdir(), 'assay-streams-'))
        const events = String(stream.events + 1)
        const args = ['-cp', classPath, 'KafkaStreamsPeer', 'broker', broker, topic, events, answers, state]
        const measured = await runMeasured('java', args)
        rmSync(state, { recursive: true })
        return measured
      }
    },
  },
  {
    name: 'assay-broker',
    what: "assay's window job on a broker: the service's reader of raw topics, intake and panes; the CPU of the broker not counted",
    sizes: [200_000, 800_000],
    code: 'assay-from-kafka.ts',
    async prepare() {
      const broker = await services.broker()
      const program = join(root, 'dist/bench/peers/assay-from-kafka.js')
      return async (stream, answers) => {
        const topic = await services.topicOf(stream)
        const events = String(stream.events + 1)
        return runMeasured(process.execPath, [program, broker, topic, controlTopic, events, answers])
      }
    },
  },
  {
    name: 'bytewax',
    what: 'Bytewax 0.21.1, fold_window over sliding windows and a set, in memory',
    sizes: [5_000, 20_000],
    code: 'bytewax/peer.py',
    async prepare() {
      const python = await pythonPeer('bytewax')
      const program = join(peersFolder, 'bytewax/peer.py')
      return ({ path }, answers) => runMeasured(python, [program, path, answers])
    },
  },
  {
    name: 'quix-streams',
    what: 'Quix Streams 3.28.1 from a broker, hopping windows in RocksDB with a changelog; the CPU of the broker not counted',
    sizes: [2_500, 10_000],
    code: 'quix-streams/peer.py',
    async prepare() {
      const python = await pythonPeer('quix-streams')
      const program = join(peersFolder, 'quix-streams/peer.py')
      const broker = await services.broker()
      return async (stream, answers) => {
        const topic = await services.topicOf(stream)
        const state = mkdtempSync(join(tmpdir(), 'assay-quix-'))
        const events = String(stream.events + 1)
        const measured = await runMeasured(python, [program, broker, topic, events, answers, state])
        rmSync(state, { recursive: true })
        return measured
      }
    },
  },
  {
    name: 'home-made',
    what: 'kafkajs eachMessage from a broker, panes in Redis, a HyperLogLog of actors (0.81 %); + CPU of Redis, that of the broker not counted',
    sizes: [5_000, 15_000],
    relativeError: 0.0081,
    code: '../../../test/trials/home-made.ts',
    async prepare() {
      const broker = await services.broker()
      const typescript = join(root, 'test/support/typescript.js')
      const program = join(root, 'test/trials/home-made.ts')
      return async (stream, answers) => {
        const topic = await services.topicOf(stream)
        // Another one each time, so that none finds what the one before has counted.
        const redis = await startRedis()
        const args = ['-r', typescript, program, broker, topic, redis.url, String(stream.events + 1), answers]
        const measured = await runMeasured(process.execPath, args)
        const elsewhereSeconds = cpuSecondsOf(redis.pid)
        await redis.stop()
        return { ...measured, elsewhereSeconds }
      }
    },
  },
]

runTrial(main)
