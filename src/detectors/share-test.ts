import { betaBinomialUpperTail } from '../windows/tails'
import type { Reference } from './detector'

/** How many of so many turned out a certain way, and what is usual by each of the ways to know it. */
export interface ShareTest {
  readonly hits: number
  readonly trials: number
  /** The account's own past, and its cohort; none while both have shown too little. */
  readonly usual: readonly Reference[]
}

/**
 * Chance of so high a share, 1 unless it is `factor` times what is usual. The claim is that neither the account's own
 * past nor its cohort explains it, so the larger chance holds (intersection-union test, Berger 1982); each is a
 * beta-binomial tail, since the honest share differs from occasion to occasion (Skellam 1948).
 */
export function upperPValue({ hits, trials, usual }: ShareTest, factor: number): number {
  return largestTail(usual, trials, ({ mean, concentration }) => {
    const share = Math.min(1, hits / trials)
    // A share cannot be twice what is more than a half: then it must close as much of what is left.
    if (share < Math.min(factor * mean, 1 - (1 - mean) / factor)) return 1
    const scale = Math.min(1, mostTrials / trials)
    const scaled = Math.round(trials * scale)
    const seen = Math.min(scaled, Math.floor(hits * scale))
    return betaBinomialUpperTail(seen, scaled, mean * concentration, (1 - mean) * concentration)
  })
}

/** Chance of so low a share, 1 unless what is usual is `factor` times it. */
export function lowerPValue({ hits, trials, usual }: ShareTest, factor: number): number {
  return largestTail(usual, trials, ({ mean, concentration }) => {
    if ((hits / trials) * factor > mean) return 1
    const scale = Math.min(1, mostTrials / trials)
    const scaled = Math.round(trials * scale)
    const seen = Math.min(scaled, Math.ceil(hits * scale))
    return betaBinomialUpperTail(scaled - seen, scaled, (1 - mean) * concentration, mean * concentration)
  })
}

/** The share that is nearest to what was seen, of those that are usual. */
export function nearestUsual({ hits, trials, usual }: ShareTest): number {
  const share = Math.min(1, hits / Math.max(1, trials))
  return usual.reduce((nearest, { mean }) => {
    return Math.abs(mean - share) < Math.abs(nearest - share) ? mean : nearest
  }, usual[0]?.mean ?? share)
}

/** The largest of some chances, each of which costs something: after one of 1 the others are not asked for. */
function largestTail(
  usual: ShareTest['usual'],
  trials: number,
  tailOf: (one: ShareTest['usual'][number]) => number,
): number {
  if (trials < 1 || usual.length === 0) return 1
  let largest = 0
  for (const one of usual) {
    largest = Math.max(largest, tailOf(one))
    if (largest >= 1) break
  }
  return largest
}

/** More trials tell no more: how firmly a share is known is bounded long before. */
const mostTrials = 4000
