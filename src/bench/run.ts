import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { median } from 'simple-statistics'
import type { BenchSize } from './data'
import { eventsFile } from './data'
import type { Measured, Workload } from './measure'

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
  /** What it should reach; `least` or `most`. */
  readonly least?: number
  readonly most?: number
}

/** Which machine the figures are from. */
export function machine(): string {
  const [cpu] = cpus()
  return `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, Node ${process.versions.node}`
}

/** Measures, figure by figure; every measurement is a process of its own, and the median of the runs is told. */
export async function* runBench(options: BenchOptions): AsyncGenerator<BenchFigure> {
  const path = eventsFile(options.folder, options)
  const ndjson = await medianOf('ndjson', path, options)
  yield { figure: 'whole pipeline from NDJSON', value: rate(ndjson), unit: 'events/s', least: 150_000 }
  yield { figure: 'whole pipeline from NDJSON, CPU', value: cost(ndjson), unit: 'µs an event' }
  yield {
    figure: 'whole pipeline from NDJSON, peak memory',
    value: ndjson.peakMegabytes,
    unit: 'MB',
    most: 700,
  }

  const blocks = await medianOf('blocks', path, options)
  yield { figure: 'from packed blocks', value: rate(blocks), unit: 'events/s', least: 300_000 }
  yield { figure: 'from packed blocks, CPU', value: cost(blocks), unit: 'µs an event' }

  const read = await medianOf('read', path, options)
  const pack = await medianOf('pack', path, options)
  yield { figure: 'hop read, CPU', value: cost(read), unit: 'µs an event' }
  yield { figure: 'hops decode, admit, pack, CPU', value: cost(pack) - cost(read), unit: 'µs an event' }
  const hops = await medianOf('hops', path, options)
  for (const [hop, value] of Object.entries(hops.hops))
    yield { figure: `hop ${hop}`, value, unit: 'µs an event' }

  yield* compareSizes(options)
  if (options.isStopping()) return

  const idiomatic = await medianOf('idiomatic', path, options)
  yield { figure: 'the same job with objects and Maps, CPU', value: cost(idiomatic), unit: 'µs an event' }
  yield {
    figure: 'the same job with objects and Maps, peak memory',
    value: idiomatic.peakMegabytes,
    unit: 'MB',
  }
  yield {
    figure: 'events per CPU second, as a multiple of that',
    value: cost(idiomatic) / cost(ndjson),
    unit: '×',
  }
  const both = ndjson.flagged.filter((account) => idiomatic.flagged.includes(account))
  yield { figure: 'accounts that both flag', value: both.length, unit: `of ${ndjson.flagged.length}` }
}

async function* compareSizes(options: BenchOptions): AsyncGenerator<BenchFigure> {
  let first: number | undefined
  for (const events of options.sizes) {
    if (options.isStopping()) return
    // As many hours as the events need at one rate, so that only the length of the run differs.
    const hours = Math.max(6, Math.round((options.hours * events) / options.events))
    const measured = await medianOf(
      'ndjson',
      eventsFile(options.folder, { ...options, events, hours }),
      options,
    )
    first ??= cost(measured)
    const figure = `cost an event at ${events.toLocaleString('en-US')} events over ${hours} h, against the first size`
    yield { figure, value: cost(measured) / first, unit: '×', most: 1.1 }
  }
}

async function medianOf(workload: Workload, path: string, options: BenchOptions): Promise<Measured> {
  const runs: Measured[] = []
  for (let run = 0; run < options.runs && !(run > 0 && options.isStopping()); run++) {
    runs.push(await inOwnProcess(workload, path))
  }
  const of = (pick: (measured: Measured) => number): number => median(runs.map(pick))
  return {
    ...runs[0]!,
    wallSeconds: of(({ wallSeconds }) => wallSeconds),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    peakMegabytes: of(({ peakMegabytes }) => peakMegabytes),
  }
}

function inOwnProcess(workload: Workload, path: string): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const worker = join(__dirname, `worker${__filename.endsWith('.ts') ? '.ts' : '.js'}`)
    // The flags of this process go along, so that a run from sources finds its way as well.
    const child = spawn(
      process.execPath,
      [...process.execArgv, '--max-old-space-size=8192', worker, workload, path],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(pieces).toString()) as Measured)
      else
        reject(
          new Error(
            `measuring ${workload} on ${path} ended with ${code ?? 'a signal'}; its lines above say why`,
          ),
        )
    })
  })
}

function rate({ events, wallSeconds }: Measured): number {
  return events / wallSeconds
}

function cost({ events, cpuSeconds }: Measured): number {
  return (cpuSeconds * 1e6) / events
}
