import { Command } from 'commander'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, runBench } from '../bench/run'
import type { BenchFigure } from '../bench/run'
import { exitCodes } from './exit-codes'
import { Interrupt } from './interrupt'
import { number, table } from './progress'
import { wholeNumber } from './whole-number'

interface BenchCommandOptions {
  readonly events: number
  readonly accounts: number
  readonly actors: number
  readonly hours: number
  readonly runs: number
  readonly sizes: readonly number[]
  readonly data: string
  readonly gate?: boolean
  readonly json?: boolean
}

export function benchCommand(end: (exitCode: number) => void): Command {
  return new Command('bench')
    .description(
      'measure events per second, CPU per event and hop, memory, and the same job in plain objects',
    )
    .option('--events <number>', 'events to measure on', wholeNumber, 5_000_000)
    .option('--accounts <number>', 'public accounts', wholeNumber, 20_000)
    .option('--actors <number>', 'actors', wholeNumber, 500_000)
    .option('--hours <number>', 'event time that they span', wholeNumber, 24)
    .option('--runs <number>', 'runs of each measurement, of which the median is told', wholeNumber, 3)
    .option(
      '--sizes <numbers>',
      'sizes at which the cost of an event is compared, such as 1000000,5000000,20000000',
      sizesFrom,
      [],
    )
    .option(
      '--data <folder>',
      'where simulated events are kept from run to run',
      join(tmpdir(), 'assay-bench'),
    )
    .option('--gate', 'exit with 3 where a goal is missed')
    .option('--json', 'print the figures as JSON')
    .addHelpText(
      'after',
      `
Examples:
  assay bench --events 200000 --runs 1                     a first look, in under a minute
  assay bench --sizes 1000000,5000000,20000000 --runs 5    what src/bench/README.md tells
  assay bench --gate                                       exit with 3 where a goal is missed
Absolute figures are of this machine at this moment; ratios hold.`,
    )
    .action(async (options: BenchCommandOptions) => {
      end(await run(options))
    })
}

async function run({ data, gate, json, ...options }: BenchCommandOptions): Promise<number> {
  const interrupt = new Interrupt()
  const figures: BenchFigure[] = []
  try {
    for await (const figure of runBench({ ...options, folder: data, isStopping: () => interrupt.isAsked })) {
      figures.push(figure)
      process.stderr.write(`${figure.figure}: ${shown(figure)}\n`)
    }
  } catch (error) {
    // A measurement that was stopped half-way is none.
    if (!interrupt.isAsked) throw error
  }
  if (interrupt.isAsked) return exitCodes.interrupted
  if (json === true) process.stdout.write(`${JSON.stringify({ machine: machine(), options, figures })}\n`)
  else {
    const rows = figures.map((figure) => [figure.figure, shown(figure), goal(figure)])
    process.stdout.write(`${machine()}\n${table([['figure', 'measured', 'goal'], ...rows])}`)
  }
  return gate === true && figures.some(isMissed) ? exitCodes.gateFailed : exitCodes.done
}

function shown({ value, unit }: BenchFigure): string {
  return `${value >= 100 || Number.isInteger(value) ? number(value) : value.toPrecision(3)} ${unit}`
}

function goal(figure: BenchFigure): string {
  const limits = [
    ...(figure.least === undefined ? [] : [`at least ${number(figure.least)}`]),
    ...(figure.most === undefined ? [] : [`at most ${figure.most}`]),
  ]
  return limits.length === 0 ? '' : `${limits.join(', ')}${isMissed(figure) ? ': MISSED' : ''}`
}

function isMissed({ value, least, most }: BenchFigure): boolean {
  return (least !== undefined && value < least) || (most !== undefined && value > most)
}

function sizesFrom(text: string): number[] {
  return text.split(',').map(wholeNumber)
}
