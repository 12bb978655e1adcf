import { Command, InvalidArgumentError } from 'commander'
import { createWriteStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Cost } from '../evaluate/evasion'
import { planAttack } from '../evaluate/trial-platform'
import { UnreachableError, UsageError } from '../model/errors'
import { prepare, resolveOptions, scenarios } from '../simulator'
import type { Simulation, SimulationOptions } from '../simulator'
import { findAdversary } from '../simulator/adversary'
import { exitCodes } from './exit-codes'
import { checkFiles, readInputOptions } from './inputs'
import { Interrupt } from './interrupt'
import { number, Progress, table } from './progress'
import { budgetFrom, platformsUnder, search } from './red-team'

interface SimulateCommandOptions extends Partial<Omit<SimulationOptions, 'startMs'>> {
  readonly out: string
  readonly labels?: string
  readonly list?: boolean
  readonly json?: boolean
  readonly adversary?: string
  readonly units: number
  readonly budget?: Cost
}

export function simulateCommand(end: (exitCode: number) => void): Command {
  return new Command('simulate')
    .description('write labelled traffic: a platform with honest crowds, surprises and bought engagement')
    .option('--scenario <name>', 'what happens; --list shows all (default: platform)')
    .option('--seed <number>', 'the same seed gives the same bytes (default: 1)', wholeNumber)
    .option('--hours <number>', "how long it lasts, in event time (default: the scenario's)", wholeNumber)
    .option('--events <number>', "about how many ordinary events (default: the scenario's)", wholeNumber)
    .option('--accounts <number>', "public accounts (default: the scenario's)", wholeNumber)
    .option('--actors <number>', "people of the ordinary audience (default: the scenario's)", wholeNumber)
    .option('--labels <file>', 'who was honest and who was not, and the true counts, one JSON object a line')
    .option('--out <file>', 'records, one JSON object a line in the order of arrival; "-" is stdout', '-')
    .option(
      '--adversary <offence>',
      'an attacker searches the cheapest way to add fake units unseen, and goes it',
    )
    .option('--units <number>', 'with --adversary: how many', wholeNumber, 200)
    .option('--budget <limits>', 'with --adversary: what he has, such as accounts=200,hours=24', budgetFrom)
    .option('--list', 'show the scenarios and their sizes, and end')
    .option('--json', 'print the list, or the summary of a run, as JSON')
    .addHelpText(
      'after',
      `
Examples:
  assay simulate --list
  assay simulate --scenario attacks --out day.ndjson --labels labels.ndjson
  assay simulate --adversary inflated-clicks --budget accounts=50,hours=12 --out hidden.ndjson --labels labels.ndjson
  assay simulate --scenario lottery --seed 7 | assay replay -
  assay simulate --events 5000000 --accounts 20000 --actors 500000 --hours 48 --out large.ndjson`,
    )
    .action(async (options: SimulateCommandOptions) => {
      if (options.list === true) process.stdout.write(scenarioList(options.json === true))
      else end(await runSimulate(options))
    })
}

async function runSimulate(options: SimulateCommandOptions): Promise<number> {
  if (options.labels === '-') throw new UsageError('--labels needs a file, since stdout is for records')
  checkFiles([], [options.out, options.labels])
  const simulation =
    options.adversary === undefined ? prepare(simulationOptions(options)) : await attacked(options)
  // Opened first, so that a mistyped path shows before a long run and not after it.
  const labels = options.labels === undefined ? undefined : await openForWriting(options.labels)
  try {
    const run = await writeRecords(simulation, options.out)
    if (run.isCut) return run.isInterrupted ? exitCodes.interrupted : exitCodes.done
    if (labels !== undefined) await labels.writeFile(labelLines(simulation))
    tell(simulation, run, options.json === true)
    return exitCodes.done
  } finally {
    await labels?.close()
  }
}

/** The platform of the trials with one attacker on it, who goes the cheapest way that he found. */
async function attacked(options: SimulateCommandOptions): Promise<Simulation> {
  const { units, budget, seed = 1 } = options
  const unwanted = (['scenario', 'hours', 'events', 'accounts', 'actors'] as const).find(
    (name) => name in options,
  )
  if (unwanted !== undefined) {
    throw new UsageError(`--adversary plays on a platform of its own; leave out --${unwanted}`)
  }
  const attacker = findAdversary(options.adversary!)
  const wanted = { units, seed, ...(budget === undefined ? {} : { budget }) }
  const { ways, tried } = await search(attacker, wanted, platformsUnder(readInputOptions({})))
  const [way] = ways
  if (way === undefined) {
    throw new Error(
      `of ${tried} ways to add ${units} ${attacker.unit} within the budget none passed unseen; allow more accounts or hours`,
    )
  }
  process.stderr.write(
    `${attacker.offence}: ${way.cost.accounts} accounts, ${way.cost.hours} h, ${JSON.stringify(way.settings)}\n`,
  )
  return planAttack(attacker, way.settings, { units, seed }).simulation
}

/** What became of a run; it is cut where its reader has seen enough, or somebody stopped it. */
interface Run {
  readonly records: number
  readonly bytes: number
  readonly isCut: boolean
  readonly isInterrupted: boolean
}

async function writeRecords(simulation: Simulation, out: string): Promise<Run> {
  const interrupt = new Interrupt()
  const progress = new Progress('events')
  let records = 0
  let bytes = 0
  const chunks = function* (): Generator<Buffer> {
    for (const chunk of simulation.records(() => records++)) {
      if (interrupt.isAsked) return
      bytes += chunk.length
      progress.tell(records)
      yield chunk
    }
  }
  const isRead = await pour(chunks(), out)
  progress.end()
  const isInterrupted = interrupt.isAsked
  return { records, bytes, isCut: isInterrupted || !isRead, isInterrupted }
}

/** Writes as fast as the other side takes it; false if that was closed before the end. */
async function pour(chunks: Iterable<Buffer>, out: string): Promise<boolean> {
  const source = Readable.from(chunks, { objectMode: true, highWaterMark: 2 })
  try {
    if (out === '-') await pipeline(source, process.stdout, { end: false })
    else await pipeline(source, createWriteStream(out))
    return true
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EPIPE') return false
    if (code === undefined) throw error
    throw new UnreachableError(`${out} cannot be written: ${message}; name another file with --out`)
  }
}

async function openForWriting(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w')
  } catch (error) {
    throw new UnreachableError(
      `${path} cannot be written: ${(error as Error).message}; name another file with --labels`,
    )
  }
}

function labelLines(simulation: Simulation): string {
  return [...simulation.labels, ...simulation.truth()].map((line) => `${JSON.stringify(line)}\n`).join('')
}

function tell({ options, labels }: Simulation, { records, bytes }: Run, isJson: boolean): void {
  const { scenario, seed, hours } = options
  const accounts = labels.filter((label) => label.type === 'account').length
  const summary = {
    scenario,
    seed,
    hours,
    events: records,
    bytes,
    accounts,
    actors: labels.length - accounts,
  }
  process.stderr.write(
    isJson
      ? `${JSON.stringify(summary)}\n`
      : `${scenario}, seed ${seed}: ${number(records)} events over ${hours} h, ${number(bytes)} bytes; ` +
          `${number(accounts)} accounts and ${number(summary.actors)} actors have labels\n`,
  )
}

function scenarioList(isJson: boolean): string {
  const list = scenarios.map(({ name, summary }) => {
    const { hours, events, accounts, actors } = resolveOptions({ scenario: name })
    return { name, hours, events, accounts, actors, summary }
  })
  if (isJson) return `${JSON.stringify(list, undefined, 2)}\n`
  const sizes = list.map(({ name, hours, events, accounts, actors }) => [
    name,
    number(hours),
    number(events),
    number(accounts),
    number(actors),
  ])
  const lines = table([['scenario', 'hours', 'events', 'accounts', 'actors'], ...sizes]).split('\n')
  // The sentence stands last and unpadded, since it is as long as it needs to be.
  return lines
    .map((line, row) => (row === 0 || line === '' ? line : `${line}  ${list[row - 1]!.summary}`))
    .join('\n')
}

function simulationOptions(options: SimulateCommandOptions): Partial<SimulationOptions> {
  const { scenario, seed, hours, events, accounts, actors } = options
  const named = { scenario, seed, hours, events, accounts, actors }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('expected a whole number, such as 200000 or 2e5.')
  return value
}
