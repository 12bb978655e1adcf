import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { SettingsError, UsageError } from '../model/errors'
import { unreadable } from '../log/source-errors'

/** The most that each of some figures may be. */
export type Limits = Readonly<Record<string, number>>

const limitsSchema = z.record(z.string(), z.number().min(0))

/** Reads limits such as `{"newlyFlagged":10,"expectedWrong":0.5}`, given as such or as the name of a file. */
export function readLimits(given: string): Limits {
  const isText = given.trimStart().startsWith('{')
  let text: string
  try {
    text = isText ? given : readFileSync(given, 'utf8')
  } catch (error) {
    throw unreadable(given, error)
  }
  const name = isText ? '--gate' : given
  let written: unknown
  try {
    written = JSON.parse(text)
  } catch (error) {
    throw new SettingsError(`${name} should be JSON such as {"newlyFlagged":10}: ${(error as Error).message}`)
  }
  const parsed = limitsSchema.safeParse(written)
  if (parsed.success) return parsed.data
  throw new SettingsError(
    `${name} should name figures and the most that each may be, such as {"newlyFlagged":10}; got ${text.slice(0, 100)}`,
  )
}

/** The limits that are exceeded, in a sentence each. Throws a `UsageError` for a figure that there is not. */
export function exceeded(limits: Limits, figures: Readonly<Record<string, number>>): string[] {
  return Object.entries(limits).flatMap(([name, limit]) => {
    const figure = figures[name]
    if (figure === undefined) {
      throw new UsageError(`${name} is none of the figures of a gate: ${Object.keys(figures).join(', ')}`)
    }
    return figure <= limit
      ? []
      : [`${name} is ${Number(figure.toPrecision(4))}, the gate is at most ${limit}`]
  })
}
