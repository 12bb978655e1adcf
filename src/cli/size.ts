import { Command } from 'commander'
import { needsOf } from '../bench/sizing'
import type { Needs } from '../bench/sizing'
import { taskShares } from '../service/installation'
import { exitCodes } from './exit-codes'
import { number, table } from './progress'
import { wholeNumber } from './whole-number'

interface SizeCommandOptions {
  readonly peak: number
  readonly average?: number
  readonly accounts: number
  readonly actors: number
  readonly days: number
  readonly replicas: number
  readonly json?: boolean
}

export function sizeCommand(end: (exitCode: number) => void): Command {
  return new Command('size')
    .description('what a platform of a size needs: cores, memory, disk of the brokers, by measured costs')
    .requiredOption('--peak <events>', 'events a second at the busiest time of the day', wholeNumber)
    .option('--average <events>', 'events a second over the day (default: a third of the peak)', wholeNumber)
    .option('--accounts <number>', 'public accounts that are active within a day', wholeNumber, 20_000)
    .option('--actors <number>', 'people that are active within a day', wholeNumber, 500_000)
    .option('--days <number>', 'days for which the inner topics are kept', wholeNumber, 7)
    .option('--replicas <number>', 'copies of each inner topic', wholeNumber, 3)
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Examples:
  assay size --peak 30000 --accounts 50000 --actors 2000000
  assay size --peak 5000 --days 2 --json
Costs were measured on two cores of an AMD EPYC with nothing else to do; "assay bench" tells how yours compare.`,
    )
    .action((options: SizeCommandOptions) => {
      const { peak, average = Math.ceil(peak / 3), accounts, actors, days, replicas } = options
      const load = { peakPerSecond: peak, averagePerSecond: average, accounts, actors }
      const needs = needsOf(load, { days, replicas }, taskShares)
      process.stdout.write(options.json === true ? `${JSON.stringify(needs)}\n` : told(needs))
      end(exitCodes.done)
    })
}

function told(needs: Needs): string {
  const { embeddedCores, serviceCores, busiestViewCores, memoryMegabytes, innerGigabytes } = needs
  const rows = [
    ['cores of one process, embedded', embeddedCores.toFixed(2)],
    ['cores of all instances on Kafka, without the brokers', serviceCores.toFixed(2)],
    ['of these, cores of the account view', busiestViewCores.toFixed(2)],
    ['memory of a process with all views', `${number(memoryMegabytes)} MB`],
    ['disk of all brokers for the inner topics', `${number(innerGigabytes)} GB`],
  ]
  const limit =
    busiestViewCores > 1
      ? 'The account view runs on one core, so that it falls behind at this peak and catches up afterwards, if ever.\n'
      : ''
  return table(rows) + limit
}
