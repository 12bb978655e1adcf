import fc from 'fast-check'
import {
  betaBinomialUpperTail,
  betaUpperTail,
  binomialUpperTail,
  hypergeometricUpperTail,
  negativeBinomialLowerTail,
  negativeBinomialUpperTail,
  poissonLowerTail,
  poissonUpperTail,
} from './tails'

describe('betaBinomialUpperTail', () => {
  it('knows the cases that can be done by hand', () => {
    // With alpha = beta = 1 every number of hits is equally likely.
    expect(betaBinomialUpperTail(5, 10, 1, 1)).toBeCloseTo(6 / 11, 14)
    expect(betaBinomialUpperTail(1, 1, 2, 6)).toBeCloseTo(0.25, 14)
    expect(betaBinomialUpperTail(0, 10, 2, 6)).toBe(1)
    expect(betaBinomialUpperTail(11, 10, 2, 6)).toBe(0)
    expect(betaBinomialUpperTail(4.2, 10, 1, 1)).toBe(betaBinomialUpperTail(5, 10, 1, 1))
  })

  it('agrees with the sum of all chances, done term by term in exact order', () => {
    const parameter = fc.double({ min: 0.05, max: 500, noNaN: true })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.nat(400),
        parameter,
        parameter,
        (trials, hits, alpha, beta) => {
          const observed = Math.min(hits, trials)
          const exact = betaBinomialBySum(observed, trials, alpha, beta)
          if (exact < 1e-290) return
          expect(relativeError(betaBinomialUpperTail(observed, trials, alpha, beta), exact)).toBeLessThan(
            1e-9,
          )
        },
      ),
      { numRuns: 500 },
    )
  })

  it('keeps its digits for a million trials and down to 1e-300', () => {
    for (const [observed, trials, alpha, beta] of [
      [60_000, 200_000, 20, 180],
      [160_000, 1_000_000, 1000, 9000],
      [99_990, 100_000, 0.5, 0.5],
      [12_000, 100_000, 1e6, 9e6],
      // Nearly all of the chance lies at the two ends: it falls, and rises again.
      [100, 400, 0.05, 0.05],
      [1, 400, 0.05, 0.999],
      [300, 400, 0.05, 1],
      [3_000, 10_000, 300, 2700],
      [250, 1000, 1e9, 9e9],
    ] as const) {
      const exact = betaBinomialBySum(observed, trials, alpha, beta)
      expect(exact).toBeGreaterThan(1e-300)
      expect(relativeError(betaBinomialUpperTail(observed, trials, alpha, beta), exact)).toBeLessThan(1e-6)
    }
    expect(betaBinomialUpperTail(900_000, 1_000_000, 1000, 9000)).toBe(1e-300)
  })

  it('is the binomial tail when the share is known for certain', () => {
    const sure = betaBinomialUpperTail(30, 100, 2e11, 8e11)
    expect(relativeError(sure, binomialUpperTail(30, { trials: 100, probability: 0.2 }))).toBeLessThan(1e-6)
  })

  it('never rises with the hits', () => {
    const parameter = fc.double({ min: 0.01, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2000 }), parameter, parameter, (trials, alpha, beta) => {
        let before = 1
        for (let observed = 0; observed <= trials; observed += Math.ceil(trials / 20)) {
          const chance = betaBinomialUpperTail(observed, trials, alpha, beta)
          expect(chance).toBeLessThanOrEqual(before * (1 + 1e-9))
          before = chance
        }
      }),
    )
  })
})

describe('the tails of counts', () => {
  const counts = fc.integer({ min: 0, max: 300 })
  const means = fc.double({ min: 0.01, max: 300, noNaN: true })
  const sizes = fc.double({ min: 0.05, max: 1000, noNaN: true })

  it('agree with sums of chances', () => {
    fc.assert(
      fc.property(counts, means, sizes, (observed, mean, size) => {
        const below = negativeBinomialBySum(observed, mean, size)
        expect(negativeBinomialUpperTail(observed, { mean, size })).toBeCloseTo(1 - below, 9)
        expect(poissonUpperTail(observed, mean)).toBeCloseTo(1 - poissonBySum(observed, mean), 9)
      }),
    )
  })

  it('of a count and of less than it add up to one', () => {
    fc.assert(
      fc.property(counts, means, sizes, (observed, mean, size) => {
        const upper = negativeBinomialUpperTail(observed + 1, { mean, size })
        expect(upper + negativeBinomialLowerTail(observed, { mean, size })).toBeCloseTo(1, 10)
        expect(poissonUpperTail(observed + 1, mean) + poissonLowerTail(observed, mean)).toBeCloseTo(1, 10)
      }),
    )
  })

  it('are Poisson when the rate does not vary', () => {
    for (const observed of [1, 20, 60, 200]) {
      const nearly = negativeBinomialUpperTail(observed, { mean: 30, size: 1e11 })
      expect(relativeError(nearly, poissonUpperTail(observed, 30))).toBeLessThan(1e-6)
      expect(negativeBinomialUpperTail(observed, { mean: 30, size: Number.POSITIVE_INFINITY })).toBe(
        poissonUpperTail(observed, 30),
      )
    }
  })

  it('keep their digits far out', () => {
    // A geometric count: size 1, so that the tail is (mean / (mean + 1)) to the power of the count.
    for (const observed of [1, 10, 100, 1000]) {
      const exact = (2 / 3) ** observed
      expect(relativeError(negativeBinomialUpperTail(observed, { mean: 2, size: 1 }), exact)).toBeLessThan(
        1e-12,
      )
    }
    expect(relativeError(binomialUpperTail(100, { trials: 100, probability: 0.01 }), 1e-200)).toBeLessThan(
      1e-10,
    )
    expect(poissonUpperTail(1e6, 1)).toBe(1e-300)
  })

  it('keep their digits at both ends of a count', () => {
    //  nothing at all, or anything at all, of a mean: e^-mean, its rest, and the same of a count that varies
    for (const mean of [1e-12, 0.3, 5, 400]) {
      expect(relativeError(poissonLowerTail(0, mean), Math.exp(-mean))).toBeLessThan(1e-10)
      expect(relativeError(poissonUpperTail(1, mean), -Math.expm1(-mean))).toBeLessThan(1e-10)
      for (const size of [0.5, 3, 1e4]) {
        const nothing = -size * Math.log1p(mean / size)
        const lower = negativeBinomialLowerTail(0, { mean, size })
        const upper = negativeBinomialUpperTail(1, { mean, size })
        expect(relativeError(lower, Math.exp(nothing))).toBeLessThan(1e-10)
        expect(relativeError(upper, -Math.expm1(nothing))).toBeLessThan(1e-10)
      }
    }
    // The first chance of those above, times what the others add to it: 1 + 5 / 61 + 25 / (61 × 62) + …
    let term = Math.exp(60 * Math.log(5) - 5 - logFactorial(60))
    let exact = 0
    for (let count = 61; count < 100; count++) {
      exact += term
      term *= 5 / count
    }
    expect(relativeError(poissonUpperTail(60, 5), exact)).toBeLessThan(1e-10)
  })

  it('answer at the edges', () => {
    for (const size of [1, Number.POSITIVE_INFINITY]) {
      expect(negativeBinomialUpperTail(0, { mean: 5, size })).toBe(1)
      expect(negativeBinomialUpperTail(0, { mean: 0, size })).toBe(1)
      expect(negativeBinomialUpperTail(3, { mean: 0, size })).toBe(0)
      expect(negativeBinomialLowerTail(0, { mean: 0, size })).toBe(1)
      expect(negativeBinomialLowerTail(-1, { mean: 5, size })).toBe(0)
      expect(negativeBinomialLowerTail(-1, { mean: 0, size })).toBe(0)
    }
    expect(poissonUpperTail(0, 0)).toBe(1)
    expect(poissonUpperTail(3, 0)).toBe(0)
    expect(poissonLowerTail(-1, 0)).toBe(0)
    expect(poissonLowerTail(0, 0)).toBe(1)
    expect(binomialUpperTail(0, { trials: 10, probability: 0 })).toBe(1)
    expect(binomialUpperTail(1, { trials: 10, probability: 0 })).toBe(0)
    expect(binomialUpperTail(11, { trials: 10, probability: 0.5 })).toBe(0)
    expect(binomialUpperTail(10, { trials: 10, probability: 0.5 })).toBeCloseTo(2 ** -10, 15)
    expect(binomialUpperTail(2.5, { trials: 3, probability: 0.5 })).toBeCloseTo(1 / 8, 14)
    expect(binomialUpperTail(3, { trials: 10, probability: 1 })).toBe(1)
    expect(binomialUpperTail(11, { trials: 10, probability: 1 })).toBe(0)
    expect(betaUpperTail(0, { alpha: 2, beta: 3 })).toBe(1)
    expect(betaUpperTail(1, { alpha: 2, beta: 3 })).toBe(0)
    expect(betaUpperTail(0.9, { alpha: 1, beta: 400 })).toBe(1e-300)
    expect(hypergeometricUpperTail(150, { population: 1e6, marked: 150, draws: 150 })).toBe(1e-300)
  })

  it('of a draw without putting back are those that can be counted by hand', () => {
    //  10 balls, 4 of them marked, 3 drawn: 120 hands, of which 4 have three marked ones and 36 have two
    const few = { population: 10, marked: 4, draws: 3 }
    const chances = [0, 1, 2, 3, 4].map((hits) => hypergeometricUpperTail(hits, few))
    expect([chances[0], chances[4]]).toEqual([1, 0])
    expect(chances[1]).toBeCloseTo(100 / 120, 12)
    expect(chances[2]).toBeCloseTo(40 / 120, 12)
    expect(chances[3]).toBeCloseTo(4 / 120, 12)
    //  8 of 10 marked, 5 drawn: three at least cannot be avoided
    const most = { population: 10, marked: 8, draws: 5 }
    expect(hypergeometricUpperTail(3, most)).toBe(1)
    expect(hypergeometricUpperTail(4, most)).toBeCloseTo(196 / 252, 12)
    expect(hypergeometricUpperTail(5, most)).toBeCloseTo(56 / 252, 12)
    //  the same seen from the marked ones
    expect(hypergeometricUpperTail(4, { population: 10, marked: 5, draws: 8 })).toBeCloseTo(196 / 252, 12)
  })

  it('stay between nothing and one for numbers of any size', () => {
    const wide = fc.double({ min: 0, max: 1e12, noNaN: true })
    const positive = fc.double({ min: 1e-6, max: 1e12, noNaN: true })
    fc.assert(
      fc.property(wide, wide, positive, (observed, mean, size) => {
        for (const chance of [
          negativeBinomialUpperTail(observed, { mean, size }),
          negativeBinomialLowerTail(observed, { mean, size }),
          poissonUpperTail(observed, mean),
        ]) {
          expect(chance).toBeGreaterThanOrEqual(0)
          expect(chance).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('betaUpperTail', () => {
  it('knows the cases that can be done by hand', () => {
    expect(betaUpperTail(0.3, { alpha: 1, beta: 3 })).toBeCloseTo(0.7 ** 3, 14)
    expect(betaUpperTail(0.3, { alpha: 3, beta: 1 })).toBeCloseTo(1 - 0.3 ** 3, 14)
    expect(betaUpperTail(0.5, { alpha: 40.5, beta: 40.5 })).toBeCloseTo(0.5, 12)
  })

  it('is a binomial tail seen from the other side', () => {
    // A share of at least p among the 3rd of 10 draws means that at most 2 of them lie below p.
    const lowHits = 1 - binomialUpperTail(3, { trials: 10, probability: 0.2 })
    expect(betaUpperTail(0.2, { alpha: 3, beta: 8 })).toBeCloseTo(lowHits, 13)
  })
})

/** Straight from the definition: log chances by sums of logarithms, every term added, from the far end. */
function betaBinomialBySum(observed: number, trials: number, alpha: number, beta: number): number {
  const chances = new Float64Array(trials + 1)
  let log = 0
  // P(0) = product of (beta + i) / (alpha + beta + i)
  for (let i = 0; i < trials; i++) log += Math.log1p(-alpha / (alpha + beta + i))
  for (let hits = 0; hits <= trials; hits++) {
    if (hits >= observed) chances[hits] = Math.exp(log)
    const rest = trials - hits
    log += Math.log(rest / (hits + 1)) + Math.log((alpha + hits) / (beta + rest - 1))
  }
  return chances.reduceRight((sum, chance) => sum + chance, 0)
}

function negativeBinomialBySum(observed: number, mean: number, size: number): number {
  let chance = Math.exp(-size * Math.log1p(mean / size))
  let sum = 0
  for (let count = 0; count < observed; count++) {
    sum += chance
    chance *= ((size + count) / (count + 1)) * (mean / (mean + size))
  }
  return sum
}

function poissonBySum(observed: number, mean: number): number {
  let chance = Math.exp(-mean)
  let sum = 0
  for (let count = 0; count < observed; count++) {
    sum += chance
    chance *= mean / (count + 1)
  }
  return sum
}

function logFactorial(count: number): number {
  let log = 0
  for (let factor = 2; factor <= count; factor++) log += Math.log(factor)
  return log
}

function relativeError(value: number, exact: number): number {
  return Math.abs(value - exact) / exact
}
