import type { Counts, HourCounts } from '../../model/finding'

/**
 * Shares an account's counts out over its contents: the disputed part by where the suspicious events are, never more
 * than a content has. The shares add up to the whole.
 */
export function shareOut(
  counts: Counts,
  contents: readonly { contentId: string; count: number; suspicious: number }[],
): HourCounts['contents'] {
  const disputed = allot(
    counts.disputed,
    contents.map(({ suspicious, count }) => Math.min(suspicious, count)),
    contents.map(({ count }) => count),
  )
  const spread = { low: counts.authentic - counts.low, high: counts.high - counts.authentic }
  return contents.map(({ contentId, count }, index) => {
    const share = counts.raw === 0 ? 0 : count / counts.raw
    const authentic = count - disputed[index]!
    return {
      contentId,
      counts: {
        raw: count,
        authentic,
        disputed: disputed[index]!,
        low: Math.max(0, Math.floor(authentic - spread.low * share)),
        high: Math.min(count, Math.ceil(authentic + spread.high * share)),
      },
    }
  })
}

/** Whole parts of a total in proportion to weights, none over its limit; what is left over goes where room is. */
function allot(total: number, weights: readonly number[], limits: readonly number[]): number[] {
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0)
  const limitSum = limits.reduce((sum, limit) => sum + limit, 0)
  const parts = limits.map((limit, index) => {
    const share = weightSum > 0 ? weights[index]! / weightSum : limit / limitSum
    return Math.min(limit, Math.floor(total * share))
  })
  let rest = total - parts.reduce((sum, part) => sum + part, 0)
  const order = limits.map((_, index) => index).sort((a, b) => weights[b]! - weights[a]! || a - b)
  for (const index of order) {
    const more = Math.min(rest, limits[index]! - parts[index]!)
    parts[index]! += more
    rest -= more
  }
  return parts
}
