import { Command, InvalidArgumentError } from 'commander'
import { existsSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readReports } from '../backtest/report'
import { UnreachableError, UsageError } from '../model/errors'
import type { Verdict } from '../model/records'
import type { StandingLog } from '../store/standing'
import { MemoryStanding } from '../store/standing-memory'
import { declareMetrics } from '../telemetry/metrics'
import { exitCodes } from './exit-codes'
import { Interrupt } from './interrupt'
import { policyFrom } from './policy'
import { serveConsole, usualPort } from './serve-console'

interface ConsoleOptions {
  readonly state?: string
  readonly verdicts?: string
  readonly corrections?: string
  readonly policy?: string
  readonly backtest?: string
  readonly port?: number
}

export function consoleCommand(end: (exitCode: number) => void): Command {
  return new Command('console')
    .description('show verdicts and corrections in the browser, and follow the files while they grow')
    .option('--state <folder>', 'the folder of "assay run --embedded", which may be at work')
    .option('--verdicts <file>', 'verdicts, one JSON object a line')
    .option('--corrections <file>', 'corrected counts, one JSON object a line')
    .option('--policy <file>', 'the policy that decided (default: the default policy)')
    .option('--backtest <path>', 'a report of "assay backtest --json", or a folder of such, for its page')
    .option('--port <number>', `where it is served (default: ${usualPort}, or a free one)`, portIn)
    .addHelpText(
      'after',
      `
It is served to this machine alone and changes nothing. Standings are those of the newest verdict's event time. A service
serves its own console: see "assay run".

Examples:
  assay console --state /var/lib/assay
  assay console --verdicts verdicts.ndjson --corrections corrections.ndjson
  assay console --verdicts verdicts.ndjson --backtest report.json`,
    )
    .action(async (options: ConsoleOptions) => {
      end(await runConsole(options))
    })
}

/** A port as an option names it. */
export function portIn(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('a port is a number from 0 (a free one) to 65535')
  }
  return port
}

async function runConsole(options: ConsoleOptions): Promise<number> {
  const { state } = options
  if ((state === undefined) === (options.verdicts === undefined)) {
    throw new UsageError('name one of --verdicts FILE and --state FOLDER')
  }
  const verdicts = options.verdicts ?? join(state!, 'verdicts.ndjson')
  const corrections =
    options.corrections ?? (state === undefined ? undefined : join(state, 'corrections.ndjson'))
  for (const file of [verdicts, corrections]) {
    if (file !== undefined && !existsSync(file)) {
      throw new UsageError(
        `there is no file ${file}; name one that "assay run" or "assay replay" has written`,
      )
    }
  }
  const policy = policyFrom(options.policy)
  const backtests = options.backtest === undefined ? undefined : readReports(options.backtest)
  const standing = new MemoryStanding()
  let newestMs = 0
  const followed = [
    new GrowingLines(verdicts, 'verdicts', standing, (line) => {
      newestMs = Math.max(newestMs, detectedAt(line))
    }),
    ...(corrections === undefined ? [] : [new GrowingLines(corrections, 'corrections', standing)]),
  ]
  for (const lines of followed) await lines.follow()
  const stopped = new AbortController()
  const interrupt = new Interrupt(() => {
    stopped.abort()
  })
  const server = await serveConsole(
    {
      standing,
      readiness: () => [],
      registry: declareMetrics().registry,
      policy: () => policy,
      ...(backtests === undefined ? {} : { backtests }),
      nowMs: () => newestMs,
    },
    options.port,
  )
  process.stderr.write(`assay: the console is at ${server.url}; Ctrl-C ends it\n`)
  try {
    while (!interrupt.isAsked) {
      await sleep(lookMs, undefined, { signal: stopped.signal }).catch(() => undefined)
      for (const lines of followed) await lines.follow()
    }
  } finally {
    await server.close()
  }
  return exitCodes.done
}

/** The lines of a file that grows, handed to the served copy as they come. */
class GrowingLines {
  private position = 0
  private byte = 0
  private rest: Buffer = Buffer.alloc(0)

  constructor(
    private readonly file: string,
    private readonly log: StandingLog,
    private readonly standing: MemoryStanding,
    private readonly onLine: (line: Buffer) => void = () => undefined,
  ) {}

  /** Takes what has been added since; a line that has no end yet waits. */
  async follow(): Promise<void> {
    const { size } = await stat(this.file)
    if (size < this.byte) {
      throw new UnreachableError(`${this.file} was written anew while it was shown; start the console again`)
    }
    const input = await open(this.file)
    try {
      while (this.byte < size) {
        const { bytesRead, buffer } = await input.read({
          buffer: Buffer.alloc(Math.min(chunkBytes, size - this.byte)),
          position: this.byte,
        })
        if (bytesRead === 0) return
        this.byte += bytesRead
        await this.take(buffer.subarray(0, bytesRead))
      }
    } finally {
      await input.close()
    }
  }

  private async take(bytes: Buffer): Promise<void> {
    const all = Buffer.concat([this.rest, bytes])
    const records: Buffer[] = []
    let from = 0
    for (let end = all.indexOf(lineEnd); end >= 0; end = all.indexOf(lineEnd, from)) {
      records.push(all.subarray(from, end))
      from = end + 1
    }
    this.rest = all.subarray(from)
    for (const record of records) this.onLine(record)
    await this.standing.apply({ log: this.log, from: this.position, records })
    this.position += records.length
  }
}

/** Event time of a verdict; 0 of what is none, which is passed over where it is served. */
function detectedAt(line: Buffer): number {
  try {
    const { detectedAt: atMs } = JSON.parse(line.toString()) as Partial<Verdict>
    return typeof atMs === 'number' ? atMs : 0
  } catch {
    return 0
  }
}

const lookMs = 1_000
const chunkBytes = 4_194_304
const lineEnd = 10
