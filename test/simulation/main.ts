import { parseArgs } from 'node:util'
import { runDay } from './day-run'
import type { DayReport } from './day-run'
import { faultNames } from './faults'
import type { FaultName } from './faults'
import { runService } from './service-run'
import { dayStream, smallStream } from './stream'
import { Tally } from './tally'

/** Runs many seeds and prints what came of each fault; exits with 1 when a seed did not hold. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      minutes: { type: 'string', default: 'Infinity' },
      'first-seed': { type: 'string', default: '1' },
      faults: { type: 'string' },
      endless: { type: 'boolean', default: false },
      day: { type: 'boolean', default: false },
      hours: { type: 'string', default: '24' },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const allowed = values.faults?.split(',') as FaultName[] | undefined
  const unknown = allowed?.find((name) => !faultNames.includes(name))
  if (unknown !== undefined) {
    throw new Error(`--faults names some of ${faultNames.join(', ')}, separated by commas; got ${unknown}`)
  }
  const stream = values.day ? await dayStream({ hours: Number(values.hours) }) : await smallStream()
  const tally = new Tally()
  const first = Number(values['first-seed'])
  const startMs = performance.now()
  const untilMs = startMs + Number(values.minutes) * 60_000
  for (let seed = first; seed < first + Number(values.seeds) && performance.now() < untilMs; seed++) {
    const options = {
      ...{ seed, stream },
      ...(allowed === undefined ? {} : { faults: allowed }),
      ...(values.trace ? { tell: (sentence: string) => void process.stderr.write(`${sentence}\n`) } : {}),
    }
    const report = values.day
      ? await toldDay(runDay(options))
      : await runService({ ...options, isEndless: values.endless })
    tally.add(report)
    if (values.trace) process.stderr.write(`${JSON.stringify(report)}\n`)
    if (report.problems.length === 0) continue
    const only =
      (allowed === undefined ? '' : ` --faults ${allowed.join(',')}`) +
      (values.endless ? ' --endless' : '') +
      (values.day ? ` --day --hours ${values.hours}` : '')
    process.stdout.write(
      [
        `seed ${seed} does not hold:`,
        ...report.problems.map((problem) => `  ${problem}`),
        ...report.injected.map(({ fault, atMs, what }) => `  at ${atMs} ms ${fault}: ${what}`),
        `  again: node -r ./test/support/typescript.js test/simulation/main.ts --seeds 1 --first-seed ${seed}${only} --trace`,
        '',
      ].join('\n'),
    )
  }
  const seconds = (performance.now() - startMs) / 1_000
  process.stdout.write(values.json ? `${JSON.stringify(tally.rows())}\n` : tally.table())
  process.stdout.write(`${tally.runs} runs in ${seconds.toFixed(1)} s, ${tally.failed} do not hold\n`)
  process.exitCode = tally.failed > 0 ? 1 : 0
}

/** Says in a line what came of a day. */
async function toldDay(running: Promise<DayReport>): Promise<DayReport> {
  const report = await running
  const { seed, storms, injected, verdicts, corrections, refused, tooLate } = report
  process.stdout.write(
    `seed ${seed}: ${injected.length} faults in ${storms} storms, ${verdicts} verdicts, ${corrections} corrections, ` +
      `${refused} records without a schema, ${tooLate} too late; longest recovery ${seconds(report.longestRecoveryMs)}, ` +
      `everything there ${seconds(report.recoveryMs)} after the end; ${report.turns} turns, ` +
      `${(process.cpuUsage().user / 1e6).toFixed(0)} s of CPU so far\n`,
  )
  return report
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

void main()
