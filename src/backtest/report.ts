import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { unreadable } from '../log/source-errors'
import { SettingsError } from '../model/errors'
import { offences, recommendations } from '../model/records'

const count = z.number().int().min(0)
const flag = z.object({
  offence: z.enum(offences),
  subject: z.string().describe('what it is and its id, such as "account daily-bread"'),
  accountId: z.string(),
  verdictId: z.string(),
  recommendation: z.enum(recommendations),
  headline: z.string().describe('what was found and why, in a sentence or two'),
})

/** What `assay backtest --json` prints: two policies over the same events, compared, and what became of the gate. */
export const reportSchema = z.object({
  current: z.string().describe('the version of the policy that is held against'),
  candidate: z.string().describe('the version of the policy that is tried'),
  records: count.describe('events that both saw, as records'),
  newlyFlagged: z.array(flag),
  noLongerFlagged: z.array(flag),
  byOffence: z.record(
    z.string(),
    z.object({
      ...{ current: count, candidate: count, newlyFlagged: count },
      ...{ noLongerFlagged: count, raised: count, lowered: count },
    }),
  ),
  byRung: z
    .record(z.string(), z.record(z.string(), count))
    .describe('how many went from a rung under the current policy to a rung under the candidate'),
  figures: z
    .record(z.string(), z.number())
    .describe('what gates name; of the candidate unless the name ends in Now'),
  gate: z.object({
    limits: z.record(z.string(), z.number()).describe('the most that figures may be; empty without a gate'),
    exceeded: z.array(z.string()).describe('the limits that do not hold, in a sentence each'),
  }),
  failedCases: z.array(z.string()).describe('the regression cases that do not hold, in a sentence each'),
  shared: z.array(z.string()).describe('the views that do the same under both policies'),
})
export type BacktestReport = z.output<typeof reportSchema>

/** A report with the name of its file; of its lists the first few hundred, while the figures count all. */
export interface NamedReport extends BacktestReport {
  readonly name: string
}

/** Reads a report, or all of a folder that end in .json, newest first. Throws where one is none, and says which. */
export function readReports(path: string): NamedReport[] {
  return filesOf(path).slice(0, mostReports).map(readReport)
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const files = readdirSync(path).filter((name) => name.endsWith('.json'))
    return files
      .map((name) => ({ path: join(path, name), writtenMs: statSync(join(path, name)).mtimeMs }))
      .sort((one, other) => other.writtenMs - one.writtenMs || (one.path < other.path ? -1 : 1))
      .map((file) => file.path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function readReport(path: string): NamedReport {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(path, error)
  }
  const parsed = reportSchema.safeParse(jsonIn(text))
  if (!parsed.success) {
    const [{ path: place, message } = { path: [], message: '' }] = parsed.error.issues
    throw new SettingsError(
      `${path} should be a report of a back-test, and is none (${place.join('.') || 'the file'}: ${message}); write one with "assay backtest … --json > ${basename(path)}"`,
    )
  }
  const { newlyFlagged, noLongerFlagged, ...rest } = parsed.data
  return {
    name: basename(path),
    ...rest,
    newlyFlagged: newlyFlagged.slice(0, mostFlags),
    noLongerFlagged: noLongerFlagged.slice(0, mostFlags),
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const mostReports = 20
const mostFlags = 200
