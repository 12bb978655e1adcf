import { UsageError } from '../model/errors'

/** A limit on a figure, such as `precision>=0.98`. */
export interface Gate {
  readonly figure: string
  readonly comparison: '>=' | '<='
  readonly limit: number
}

/** Reads a gate; throws a `UsageError` that shows the form where it is none. */
export function parseGate(text: string): Gate {
  const [, figure, comparison, limit] = /^([a-z][\w-]*)(>=|<=)(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (figure === undefined || comparison === undefined || limit === undefined) {
    throw new UsageError(`a gate reads like precision>=0.98 or wrongly-sanctioned<=0, got "${text}"`)
  }
  return { figure, comparison: comparison as Gate['comparison'], limit: Number(limit) }
}

/** The gates that figures do not pass, in words; a figure that is not there passes none. */
export function failures(
  gates: readonly Gate[],
  figures: Readonly<Record<string, number | undefined>>,
): string[] {
  return gates.flatMap(({ figure, comparison, limit }) => {
    if (!(figure in figures)) {
      return [`${figure} is none of the figures: ${Object.keys(figures).join(', ')}`]
    }
    const value = figures[figure]
    if (value === undefined)
      return [`${figure} ${comparison} ${limit} cannot be told: there was nothing to measure`]
    const isPassed = comparison === '>=' ? value >= limit : value <= limit
    return isPassed
      ? []
      : [`${figure} is ${Number(value.toPrecision(4))}, the gate is ${comparison} ${limit}`]
  })
}
