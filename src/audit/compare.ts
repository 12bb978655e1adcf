import type { ChainLink } from '../decide/chain'

/** A verdict by its name and the hash of its bytes. A line that is no verdict has no name. */
export type Named = Pick<ChainLink, 'sha256'> & Partial<Pick<ChainLink, 'verdictId' | 'revision'>>

/** How a row of verdicts differs from the one it should be. Both are pointed into by index. */
export type Difference =
  | { readonly kind: 'altered'; readonly expected: number; readonly found: number }
  | { readonly kind: 'reordered'; readonly expected: number; readonly found: number }
  | { readonly kind: 'removed'; readonly expected: number }
  | { readonly kind: 'added'; readonly found: number }

/**
 * How `found` differs from `expected`, in the order of `found`: as few verdicts as possible are called reordered, namely
 * those outside a longest common run in rising order; of what has no partner of the same bytes, one name in both is
 * altered, a line without a known name in a gap where one is missing is altered too, and the rest is removed or added.
 */
export function differences(expected: readonly Named[], found: readonly Named[]): Difference[] {
  const partners = partnersOf(expected, found)
  const inPlace = longestRising(partners)
  const result: Difference[] = []
  const names = new Set(expected.map(nameOf))
  const taken = new Set(partners)
  let next = 0
  for (let from = 0; from <= found.length;) {
    // A gap reaches to the next verdict that is in its place, in both rows.
    let to = from
    while (to < found.length && !inPlace.has(to)) to++
    const until = to < found.length ? partners[to]! : expected.length
    const missing: number[] = []
    for (let index = next; index < until; index++) if (!taken.has(index)) missing.push(index)
    for (let index = from; index < to; index++) {
      const partner = partners[index]!
      if (partner >= 0) {
        result.push({ kind: 'reordered', expected: partner, found: index })
        continue
      }
      const name = nameOf(found[index]!)
      let at = missing.findIndex((one) => nameOf(expected[one]!) === name)
      if (at < 0 && !names.has(name)) at = 0
      const [original] = missing.splice(Math.max(at, 0), at < 0 ? 0 : 1)
      result.push(
        original === undefined
          ? { kind: 'added', found: index }
          : { kind: 'altered', expected: original, found: index },
      )
    }
    result.push(...missing.map((index): Difference => ({ kind: 'removed', expected: index })))
    next = until + 1
    from = to + 1
  }
  return result
}

export function nameOf({ verdictId, revision }: Named): string {
  return `${verdictId ?? ''} ${revision ?? ''}`
}

/** For each that was found, the first expected one of the same bytes that is not taken; -1 where there is none. */
function partnersOf(expected: readonly Named[], found: readonly Named[]): number[] {
  const waiting = new Map<string, number[]>()
  expected.forEach(({ sha256 }, index) => {
    const same = waiting.get(sha256)
    if (same === undefined) waiting.set(sha256, [index])
    else same.push(index)
  })
  return found.map(({ sha256 }) => waiting.get(sha256)?.shift() ?? -1)
}

/** The indexes of a longest rising subsequence of those values that are not negative, by patience sorting. */
function longestRising(values: readonly number[]): ReadonlySet<number> {
  const tails: number[] = []
  const before = new Map<number, number | undefined>()
  values.forEach((value, index) => {
    if (value < 0) return
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (values[tails[middle]!]! < value) low = middle + 1
      else high = middle
    }
    before.set(index, tails[low - 1])
    tails[low] = index
  })
  const chosen = new Set<number>()
  for (let at = tails.at(-1); at !== undefined; at = before.get(at)) chosen.add(at)
  return chosen
}
