import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { median } from 'simple-statistics'
import type { BenchSize } from './data'
import { hops } from './hops'
import type { Measured, Workload } from './measure'
import type { Task } from './worker'

export interface BenchOptions extends BenchSize {
  readonly folder: string
  readonly runs: number
  /** Sizes at which the cost of an event is compared. */
  readonly sizes: readonly number[]
  readonly isStopping: () => boolean
}

/** One line of the result. */
export interface BenchFigure {
  readonly figure: string
  readonly value: number
  readonly unit: string
  /** What it should reach. */
  readonly least?: number
  readonly most?: number
}

/** Which machine the figures are from. */
export function machine(): string {
  const [cpu] = cpus()
  return `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, Node ${process.versions.node}`
}

/**
 * Measures, figure by figure. Every measurement is a process of its own, and the median of the runs is told; the runs
 * of what is compared take turns, so that a neighbour on the machine disturbs all of them alike.
 */
export async function* runBench(options: BenchOptions): AsyncGenerator<BenchFigure> {
  const path = await eventsOf(options)
  const { ndjson, blocks, idiomatic } = await measureInTurns(['ndjson', 'blocks', 'idiomatic'], path, options)
  yield* rates('whole pipeline from NDJSON', ndjson, 150_000)
  yield* rates('from packed blocks', blocks, 300_000)
  if (options.isStopping()) return

  yield { figure: 'CPU of an event', value: microseconds(ndjson), unit: 'µs' }
  const { shares } = await inOwnProcess('hops', path)
  for (const hop of hops) yield { figure: `  ${hop}`, value: shares![hop] * microseconds(ndjson), unit: 'µs' }

  yield { figure: 'the same job in objects and Maps', value: perSecond(idiomatic), unit: 'events/s' }
  yield { figure: '  CPU of an event', value: microseconds(idiomatic), unit: 'µs' }
  yield { figure: '  peak memory', value: idiomatic.peakMegabytes, unit: 'MB' }
  yield {
    figure: '  of its CPU, assay needs',
    value: microseconds(ndjson) / microseconds(idiomatic),
    unit: '×',
  }
  const both = ndjson.flagged.filter((account) => idiomatic.flagged.includes(account)).length
  yield { figure: 'accounts flagged by both', value: both, unit: 'accounts' }
  yield { figure: '  by assay alone', value: ndjson.flagged.length - both, unit: 'accounts' }
  yield { figure: '  by objects and Maps alone', value: idiomatic.flagged.length - both, unit: 'accounts' }

  if (options.isStopping()) return
  yield* measureTalkative(options)
  yield* compareSizes(options)
}

/** Text is what costs most: the same where a fifth of the events have one. */
async function* measureTalkative(options: BenchOptions): AsyncGenerator<BenchFigure> {
  const path = await eventsOf({ ...options, scenario: 'talkative' })
  await ask('encode', path)
  const workloads = ['ndjson', 'avro', 'blocks', 'intake', 'avro-intake'] as const
  const {
    ndjson,
    avro,
    blocks,
    intake,
    'avro-intake': avroIntake,
  } = await measureInTurns(workloads, path, options)
  yield* rates('with text on a fifth, from NDJSON', ndjson, 150_000)
  yield* rates('with text on a fifth, from Avro', avro, 200_000)
  yield* rates('with text on a fifth, from packed blocks', blocks, 300_000)
  yield {
    figure: 'CPU of an event until it is in a block, from NDJSON',
    value: microseconds(intake),
    unit: 'µs',
  }
  yield { figure: '  from Avro', value: microseconds(avroIntake), unit: 'µs' }
}

/** Events a second by the clock on the wall, and by CPU time, to which the collector's threads add. */
function* rates(figure: string, measured: Measured, least: number): Generator<BenchFigure> {
  yield { figure, value: perSecond(measured), unit: 'events/s', least }
  yield { figure: '  by CPU time', value: measured.events / measured.cpuSeconds, unit: 'events/s' }
  yield { figure: '  peak memory', value: measured.peakMegabytes, unit: 'MB', most: 600 }
}

async function measureInTurns<Name extends Workload>(
  workloads: readonly Name[],
  path: string,
  { runs, isStopping }: BenchOptions,
): Promise<Record<Name, Measured>> {
  const measured = new Map<Name, Measured[]>(workloads.map((workload) => [workload, []]))
  await inOwnProcess('pack', path)
  for (let run = 0; run < runs && !(run > 0 && isStopping()); run++) {
    for (const [workload, results] of measured) results.push(await inOwnProcess(workload, path))
  }
  const medians = [...measured].map(([workload, results]) => [workload, medianOf(results)] as const)
  return Object.fromEntries(medians) as Record<Name, Measured>
}

/** As many hours as the events need at one rate, so that only the length of the stream differs. */
async function* compareSizes(options: BenchOptions): AsyncGenerator<BenchFigure> {
  const { sizes, runs, isStopping } = options
  const measured = new Map<number, Measured[]>(sizes.map((events) => [events, []]))
  const hoursOf = (events: number): number =>
    Math.max(leastHours, Math.round((options.hours * events) / options.events))
  for (let run = 0; run < runs; run++) {
    for (const events of sizes) {
      if (isStopping()) return
      const path = await eventsOf({ ...options, events, hours: hoursOf(events) })
      measured.get(events)!.push(await inOwnProcess('ndjson', path))
    }
  }
  let first: number | undefined
  for (const [events, ofSize] of measured) {
    const cost = microseconds(medianOf(ofSize))
    const figure = `CPU of an event over ${events.toLocaleString('en-US')} events in ${hoursOf(events)} hours`
    yield { figure, value: cost, unit: 'µs' }
    if (first !== undefined)
      yield { figure: '  of that at the first size', value: cost / first, unit: '×', most: 1.1 }
    first ??= cost
  }
}

function medianOf(runs: readonly Measured[]): Measured {
  const of = (pick: (measured: Measured) => number): number => median(runs.map(pick))
  return {
    ...runs[0]!,
    wallSeconds: of(({ wallSeconds }) => wallSeconds),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    peakMegabytes: of(({ peakMegabytes }) => peakMegabytes),
  }
}

/** The file of events of a size; made in a process of its own as well, so that this one can be stopped. */
async function eventsOf({
  folder,
  events,
  accounts,
  actors,
  hours,
  scenario,
}: BenchSize & { readonly folder: string }): Promise<string> {
  const size = JSON.stringify({ events, accounts, actors, hours, scenario })
  return (await ask('simulate', folder, size)) as string
}

async function inOwnProcess(workload: Workload, path: string): Promise<Measured> {
  return (await ask(workload, path)) as Measured
}

/** Starts a worker and gives what it answers. */
function ask(...task: readonly [Task, ...string[]]): Promise<unknown> {
  const worker = join(__dirname, `worker${__filename.endsWith('.ts') ? '.ts' : '.js'}`)
  // Objects and Maps need more heap than Node gives by itself; assay runs as anybody starts it.
  const heap = task[0] === 'idiomatic' ? ['--max-old-space-size=12288'] : []
  // The flags of this process go along, so that a run from sources finds its way as well.
  const child = spawn(process.execPath, [...process.execArgv, ...heap, worker, ...task], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = (signal: NodeJS.Signals): void => void child.kill(signal)
  for (const signal of signals) process.on(signal, stop)
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const one of signals) process.off(one, stop)
      if (code === 0) resolve(JSON.parse(Buffer.concat(pieces).toString()))
      else
        reject(
          new BenchError(
            `"${task.join(' ')}" ended with ${signal ?? `exit code ${code}`}; see above`,
            code ?? 1,
          ),
        )
    })
  })
}

/** A measurement did not come to its end. */
export class BenchError extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message)
  }
}

function perSecond({ events, wallSeconds }: Measured): number {
  return events / wallSeconds
}

function microseconds({ events, cpuSeconds }: Measured): number {
  return (cpuSeconds * 1e6) / events
}

const signals = ['SIGINT', 'SIGTERM'] as const
/** A simulation has at least so many. */
const leastHours = 6
