import { Command } from 'commander'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { audit, faultParts } from '../audit/audit'
import type { AuditOptions, AuditReport, FaultPart } from '../audit/audit'
import { deriveFromFiles, deriveFromFolder } from '../audit/derive'
import type { DeriveOptions } from '../audit/derive'
import { linesOf } from '../audit/lines'
import { UsageError } from '../model/errors'
import { Belongings } from '../runtime/belongings'
import { FolderLock } from '../store/folder-lock'
import { mustHold } from './activate'
import { exitCodes } from './exit-codes'
import {
  addInputOptions,
  checkFiles,
  policySource,
  readInputOptions,
  sealedNames,
  sourcesFrom,
} from './inputs'
import type { InputOptions } from './inputs'
import { Interrupt } from './interrupt'
import { number, Progress, table } from './progress'

interface AuditCommandOptions extends InputOptions {
  readonly state?: string
  readonly verdicts?: string
  readonly chain?: string
  readonly policies?: string
  readonly brokers?: string
  readonly settings?: string
  readonly head?: string
  readonly vault?: string
  readonly json?: boolean
}

export function auditCommand(end: (exitCode: number) => void): Command {
  const command = new Command('audit')
    .description(
      'check verdicts: against their hash chain, and byte for byte against what the log gives again',
    )
    .argument(
      '[files-and-ids...]',
      'the files that were replayed; ids of verdicts, to derive only those again',
    )
    .option(
      '--state <folder>',
      'the state folder of "assay run --embedded": its own event log is folded again',
    )
    .option('--verdicts <file>', 'the verdicts (default: verdicts.ndjson in the state folder)')
    .option('--chain <file>', 'their chain (default: chain.ndjson in the state folder)')
    .option('--policies <file>', 'the policies that took over under way, where files were replayed with some')
    .option('--brokers <list>', "check the service's own topics: verdicts, chain and event log")
    .option('--settings <file>', 'settings of the service as JSON, instead of --brokers or beside it')
    .option(
      '--vault <folder>',
      'the vault that ids of persons were sealed in: verdicts are derived with pseudonyms, and nothing is opened or sealed; needs --key-file',
    )
    .option('--head <sha256>', 'a chain value that was kept elsewhere and must be one of the chain')
    .option('--json', 'print the report as JSON')
  return addInputOptions(command)
    .addHelpText(
      'after',
      `
Exit code 0 when all is equal, 3 when something differs. Nothing is changed. Give the policy and the key file that the
verdicts were made with; stop a run before its folder is audited, and let one that was killed end once.

Examples:
  assay audit --state /var/lib/assay
  assay audit --state /var/lib/assay v-0123456789abcdef0123456789abcdef
  assay audit --state /var/lib/assay --vault /var/lib/assay/vault --key-file key
  assay audit day.ndjson --verdicts verdicts.ndjson --chain chain.ndjson
  assay audit --brokers kafka-1:9092`,
    )
    .action(async (items: string[], options: AuditCommandOptions) => {
      end(await runAudit(items, options))
    })
}

async function runAudit(items: readonly string[], options: AuditCommandOptions): Promise<number> {
  const ids = items.filter((item) => idPattern.test(item))
  const files = items.filter((item) => !idPattern.test(item))
  const interrupt = new Interrupt()
  const progress = new Progress('records of the log')
  const asked = {
    ids,
    ...(options.head === undefined ? {} : { head: options.head }),
  }
  const settings = {
    isThreaded: availableParallelism() > 1,
    onProgress: (records: number) => {
      // Nothing is written that could be left half done.
      if (interrupt.isAsked) process.exit(exitCodes.interrupted)
      progress.tell(records)
    },
  }
  try {
    const report = await auditWhatIsNamed(files, options, { asked, settings })
    progress.end()
    tell(report, options)
    return report.faults.length === 0 ? exitCodes.done : exitCodes.gateFailed
  } finally {
    progress.end()
  }
}

interface Asked {
  readonly asked: Pick<AuditOptions, 'ids' | 'head'>
  readonly settings: Pick<DeriveOptions, 'isThreaded' | 'onProgress'>
}

async function auditWhatIsNamed(
  files: readonly string[],
  options: AuditCommandOptions,
  { asked, settings }: Asked,
): Promise<AuditReport> {
  const { state, brokers } = options
  if (options.policies !== undefined && files.length === 0) {
    throw new UsageError('--policies goes with the files that were replayed; a log has its policies in it')
  }
  const isOnKafka = brokers !== undefined || options.settings !== undefined
  if ([files.length > 0, state !== undefined, isOnKafka].filter(Boolean).length !== 1) {
    throw new UsageError(
      'audit needs either the files that were replayed, or --state, or --brokers or --settings; ids begin with "v-"',
    )
  }
  if (isOnKafka) {
    if (options.vault !== undefined) {
      throw new UsageError(
        'leave --vault out: the event log of the service holds pseudonyms already, and is all that is read',
      )
    }
    // Loaded when it is wanted: every command would start later for what it needs.
    const { auditTopics } = await import('./audit-topics.js')
    return auditTopics(options, asked, settings)
  }
  const names = await sealedNames(options)
  const derive = {
    ...readInputOptions(options),
    ...settings,
    ...(names === undefined ? {} : { names }),
  }
  if (state !== undefined) {
    await Belongings.check(state, { ...derive, isSealed: names !== undefined })
    const lock = await FolderLock.acquire(state)
    try {
      return await audit({
        ...asked,
        verdicts: linesOf(options.verdicts ?? join(state, 'verdicts.ndjson')),
        chain: linesOf(options.chain ?? join(state, 'chain.ndjson')),
        derive: deriveFromFolder(state, derive),
      })
    } finally {
      await lock.release()
    }
  }
  const { verdicts, chain, policies } = options
  if (verdicts === undefined || chain === undefined) {
    throw new UsageError('give --verdicts and --chain as "assay replay --out … --chain …" wrote them')
  }
  checkFiles(policies === undefined ? files : [...files, policies], [])
  if (policies !== undefined) await mustHold(policies, derive.policy)
  const sources = [
    ...sourcesFrom(files, options.kind),
    ...(policies === undefined ? [] : [policySource(policies)]),
  ]
  return audit({
    ...asked,
    verdicts: linesOf(verdicts),
    chain: linesOf(chain),
    derive: deriveFromFiles(sources, derive),
  })
}

function tell(report: AuditReport, { json }: AuditCommandOptions): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify(report)}\n`)
    return
  }
  const { verdicts, links, records, derived, equal, head, faults, faultCounts } = report
  const state = (part: FaultPart, good: string): string =>
    faultCounts[part] === 0 ? good : `${number(faultCounts[part])} FAULTS`
  process.stdout.write(
    table([
      ['links of the chain', number(links), state('chain', 'each follows from the one before')],
      ['verdicts', number(verdicts), state('verdicts', 'as the chain has them')],
      ['records of the log', number(records), state('log', 'whole')],
      ['verdicts derived again', number(derived), state('derived', `${number(equal)} equal to the byte`)],
    ]),
  )
  process.stdout.write(`head of the chain, to be kept elsewhere: ${head.chain} (${head.sequence})\n`)
  for (const part of faultParts) {
    for (const fault of faults.filter((one) => one.part === part))
      process.stdout.write(`${part}: ${fault.sentence}\n`)
  }
  const untold = Object.values(faultCounts).reduce((sum, count) => sum + count, 0) - faults.length
  if (untold > 0) process.stdout.write(`and ${number(untold)} more\n`)
}

const idPattern = /^v-[0-9a-f]{32}$/
