import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { unreadable } from '../log/source-errors'
import { SettingsError } from '../model/errors'
import { offences } from '../model/records'
import type { Verdict } from '../model/records'
import { isGraver } from '../decide/ladder'
import { allRungs, standing } from './compare'
import type { Rung } from './compare'

/** What a policy must come to for an account and offence within a window; other fields of a line are for people. */
const caseSchema = z.object({
  verdictId: z.string().optional(),
  offence: z.enum(offences),
  accountId: z.string().min(1),
  window: z.object({ start: z.number(), end: z.number() }),
  expected: z.enum(allRungs as [Rung, ...Rung[]]),
})
export type RegressionCase = z.output<typeof caseSchema>

/** Reads cases, one JSON object a line; throws a `SettingsError` that names the line where one is none. */
export function readCases(path: string): RegressionCase[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(path, error)
  }
  return text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [caseOf(line, `line ${index + 1} of ${path}`)]))
}

function caseOf(line: string, place: string): RegressionCase {
  let written: unknown
  try {
    written = JSON.parse(line)
  } catch {
    throw new SettingsError(`${place} should be a case as JSON, and is none`)
  }
  const parsed = caseSchema.safeParse(written)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the line'}: ${message}`)
  throw new SettingsError(
    `${place} should be a case, {"offence", "accountId", "window", "expected"}: ${faults.join('; ')}`,
  )
}

/** The cases that do not hold, in a sentence each. */
export function failedCases(cases: readonly RegressionCase[], verdicts: readonly Verdict[]): string[] {
  const live = standing(verdicts)
  return cases.flatMap(({ verdictId, offence, accountId, window, expected }) => {
    let found: Rung = 'none'
    for (const verdict of live) {
      const isMeant = verdict.offence === offence && verdict.accountId === accountId
      if (!isMeant || verdict.window.start >= window.end || verdict.window.end <= window.start) continue
      if (found === 'none' || isGraver(verdict.recommendation, found)) found = verdict.recommendation
    }
    if (found === expected) return []
    const of = verdictId === undefined ? '' : ` (the case of ${verdictId})`
    return [
      `${accountId} should come to ${expected} for ${offence} from ${timeText(window.start)} to ${timeText(window.end)}${of}, and comes to ${found}`,
    ]
  })
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
