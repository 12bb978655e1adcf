import { closingId } from './stream'

/** How the answers of a peer and of the reference differ. */
export interface Comparison {
  readonly alerts: number
  readonly windows: number
  readonly isRight: boolean
  /** The largest difference of a distinct count, as a share of it. */
  readonly distinctError: number
  /** The first few differences, in words. */
  readonly differences: readonly string[]
}

/**
 * Compares lines of answers but for those of the closing event, whose windows not everybody closes. Counts and alerts
 * have to be the same; so have distinct counts, unless a sketch with a stated error has counted, which may be off by
 * five times that and by two.
 */
export function compareAnswers(
  expected: readonly string[],
  got: readonly string[],
  relativeError: number,
): Comparison {
  const right = windowsOf(expected)
  const told = windowsOf(got)
  const differences: string[] = []
  let distinctError = 0
  let alerts = 0
  for (const [window, { count, distinct, fresh }] of right.windows) {
    if (window.startsWith('alert')) alerts++
    const answer = told.windows.get(window)
    if (answer === undefined) {
      differences.push(`${window}: is missing`)
      continue
    }
    if (answer.count !== count || answer.fresh !== fresh) {
      differences.push(
        `${window}: ${count} events, ${fresh} fresh, were expected, got ${answer.count} and ${answer.fresh}`,
      )
    }
    const off = Math.abs(answer.distinct - distinct)
    distinctError = Math.max(distinctError, off / distinct)
    if (off > (relativeError === 0 ? 0 : 2 + 5 * relativeError * distinct)) {
      differences.push(`${window}: ${distinct} actors were expected, got ${answer.distinct}`)
    }
  }
  for (const window of told.windows.keys()) {
    if (!right.windows.has(window)) differences.push(`${window}: is not expected`)
  }
  for (const window of told.repeated) differences.push(`${window}: is told twice`)
  const isRight = differences.length === 0 && right.windows.size > 0
  return {
    alerts,
    windows: right.windows.size - alerts,
    isRight,
    distinctError,
    differences: differences.slice(0, 5),
  }
}

interface Told {
  readonly count: number
  readonly distinct: number
  readonly fresh: number
}

function windowsOf(lines: readonly string[]): {
  windows: ReadonlyMap<string, Told>
  repeated: readonly string[]
} {
  const windows = new Map<string, Told>()
  const repeated: string[] = []
  for (const line of lines) {
    const [list, account, kind, endMs, count, distinct, fresh] = line.trimEnd().split('\t')
    if (account === closingId) continue
    const window = [list, account, kind, endMs].join(' ')
    if (windows.has(window)) repeated.push(window)
    windows.set(window, { count: Number(count), distinct: Number(distinct), fresh: Number(fresh) })
  }
  return { windows, repeated }
}
