import { Command } from 'commander'
import { failed } from '../doctor/finding'
import type { Finding } from '../doctor/finding'
import { loadSettings } from '../settings/load-settings'
import type { ServiceSettings } from '../settings/service-settings'
import { endsSoon } from './ends-soon'
import { exitCodes } from './exit-codes'
import { printable, printableJson } from '../explain/name'

interface DoctorOptions {
  readonly settings?: string
  readonly json?: boolean
}

export function doctorCommand(end: (exitCode: number) => void): Command {
  return new Command('doctor')
    .description('find what is wrong with a set-up of the service, changing nothing')
    .option('--settings <file>', 'the settings of the service as JSON (default: ASSAY_SETTINGS)')
    .option('--json', 'print one JSON object: exitCode and findings')
    .addHelpText(
      'after',
      `
Looks at settings, policy, key, state folder, brokers, topics, registry, Redis and clocks, all at once and for 8 s at
most. It ends with 69 when something does not answer, else with 78 when something has to be changed, else with 0;
warnings do not count. Clocks are compared with those of the registry and of Redis; brokers tell no time.

Examples:
  assay doctor --settings assay.json
  ASSAY_BROKERS=localhost:9092 ASSAY_KAFKA_REPLICATION=1 assay doctor
  assay doctor --json | jq '.findings[] | select(.status == "problem")'`,
    )
    .action(async (options: DoctorOptions) => {
      const findings = await findingsOf(options.settings)
      const exitCode = exitCodeOf(findings)
      process.stdout.write(
        options.json === true ? `${printableJson(JSON.stringify({ exitCode, findings }))}\n` : text(findings),
      )
      end(exitCode)
      // What had not answered in its time may do so much later, or never.
      endsSoon()
    })
}

async function findingsOf(file: string | undefined): Promise<readonly Finding[]> {
  let settings: ServiceSettings
  try {
    settings = loadSettings(file, process.env, [])
  } catch (error) {
    // Without settings there is nothing else to look at.
    return [failed({ check: 'settings', of: file ?? '' }, error)]
  }
  // Loaded when it is wanted, since every client comes with it.
  const { diagnose } = await import('../doctor/diagnose.js')
  const { setupOf } = await import('./doctor-setup.js')
  return diagnose(setupOf(settings))
}

function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ cause }) => cause === 'unreachable')) return exitCodes.unreachable
  return findings.some(({ cause }) => cause === 'wrong') ? exitCodes.badConfiguration : exitCodes.done
}

/** A row each, below it what to do; what needs somebody comes last, where a terminal ends. */
function text(findings: readonly Finding[]): string {
  const sorted = [...findings].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
  const rows = sorted.map(({ status, check, of, found }) => [status, check, of === '' ? '-' : of, found])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = sorted.flatMap(({ expected, advice, status }, index) => [
    rows[index]!.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '),
    ...(status === 'ok' || expected === '' ? [] : [`    expected: ${expected}`]),
    ...(advice === '' ? [] : [`    ${advice}`]),
  ])
  const counts = order.map((status) => `${status}: ${findings.filter((one) => one.status === status).length}`)
  return [...lines, '', counts.reverse().join(', '), ''].map((line) => printable(line).trimEnd()).join('\n')
}

const order = ['ok', 'warning', 'problem'] as const
