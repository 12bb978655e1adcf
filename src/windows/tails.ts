import { gammaln } from 'simple-statistics'

/**
 * Chance that at least `observed` of `trials` turn out well when the share that does differs from occasion to
 * occasion as Beta(alpha, beta). Relative error below 1e-6 for alpha, beta > 0 and up to 10^6 trials; what is
 * possible but rarer than 1e-300 is given as 1e-300, so that its logarithm is finite.
 *
 * Source: Skellam, "A probability distribution derived from the binomial" (1948).
 */
export function betaBinomialUpperTail(observed: number, trials: number, alpha: number, beta: number): number {
  const least = Math.ceil(observed)
  if (least <= 0) return 1
  if (least > trials) return 0
  if (least * (alpha + beta) <= trials * alpha) {
    // Below the mean the other side is shorter; what is left of 1 keeps its digits unless nearly nothing is left.
    const below = betaBinomialSum(trials - least + 1, trials, beta, alpha)
    if (below < 0.9) return 1 - below
  }
  return floored(betaBinomialSum(least, trials, alpha, beta))
}

/** Chance of at least `observed` (real values are interpolated smoothly) of a Poisson count. */
export function poissonUpperTail(observed: number, mean: number): number {
  if (observed < leastCount) return 1
  if (mean <= 0) return 0
  return floored(mean < observed + 1 ? gammaSeries(observed, mean) : 1 - gammaFraction(observed, mean))
}

/** Chance of at most `observed` of a Poisson count. */
export function poissonLowerTail(observed: number, mean: number): number {
  if (observed < 0) return 0
  if (mean <= 0) return 1
  const shape = observed + 1
  return floored(mean < shape + 1 ? 1 - gammaSeries(shape, mean) : gammaFraction(shape, mean))
}

/**
 * Chance of at least `observed` of a negative binomial count, whose variance is mean + mean² / size: a Poisson count
 * whose rate is itself uncertain. An infinite size is the Poisson count. Real values are interpolated smoothly.
 */
export function negativeBinomialUpperTail(observed: number, { mean, size }: NegativeBinomial): number {
  if (observed < leastCount) return 1
  if (mean <= 0) return 0
  if (size > poissonSize) return poissonUpperTail(observed, mean)
  return floored(incompleteBeta(mean / (mean + size), size / (mean + size), observed, size))
}

/** Chance of at most `observed` of a negative binomial count. */
export function negativeBinomialLowerTail(observed: number, { mean, size }: NegativeBinomial): number {
  if (observed < 0) return 0
  if (mean <= 0) return 1
  if (size > poissonSize) return poissonLowerTail(observed, mean)
  return floored(incompleteBeta(size / (mean + size), mean / (mean + size), size, observed + 1))
}

export interface NegativeBinomial {
  readonly mean: number
  /** The shape of the rate's gamma distribution: the smaller, the burstier. */
  readonly size: number
}

/** Chance of at least `observed` hits in `trials` of one and the same `probability`. */
export function binomialUpperTail(
  observed: number,
  { trials, probability }: { readonly trials: number; readonly probability: number },
): number {
  const least = Math.ceil(observed)
  if (least <= 0) return 1
  if (least > trials || probability <= 0) return 0
  if (probability >= 1) return 1
  return floored(incompleteBeta(probability, 1 - probability, least, trials - least + 1))
}

/** Chance of at least `observed` marked ones when `draws` are taken from a population and not put back. */
export function hypergeometricUpperTail(
  observed: number,
  {
    population,
    marked,
    draws,
  }: { readonly population: number; readonly marked: number; readonly draws: number },
): number {
  const most = Math.min(marked, draws)
  const least = Math.max(0, draws + marked - population)
  if (observed <= least) return 1
  if (observed > most) return 0
  const logChoose = (from: number, of: number): number =>
    gammaln(from + 1) - gammaln(of + 1) - gammaln(from - of + 1)
  const whole = logChoose(population, draws)
  let sum = 0
  for (let hits = observed; hits <= most; hits++) {
    sum += Math.exp(logChoose(marked, hits) + logChoose(population - marked, draws - hits) - whole)
  }
  return floored(sum)
}

/** Chance that a Beta(alpha, beta) share is at least `share`. */
export function betaUpperTail(
  share: number,
  { alpha, beta }: { readonly alpha: number; readonly beta: number },
): number {
  if (share <= 0) return 1
  if (share >= 1) return 0
  return floored(incompleteBeta(1 - share, share, beta, alpha))
}

/** Sum of the chances of `least` and all above it, by the ratio of neighbours; ends when the rest cannot matter. */
function betaBinomialSum(least: number, trials: number, alpha: number, beta: number): number {
  let term = 1
  let sum = 1
  for (let at = least; at < trials; at++) {
    const rest = trials - at
    term *= (rest / (rest - 1 + beta)) * ((at + alpha) / (at + 1))
    sum += term
    // With beta >= 1 no later ratio exceeds this, so where it is below 1 the rest is below a geometric series. With
    // beta < 1 the chances may rise again towards the end: it is above 1 then, and all are summed.
    const ratio = ((rest - 1) / (rest - 2 + beta)) * Math.max(1, (at + 1 + alpha) / (at + 2))
    if (term * ratio < sum * (1 - ratio) * 1e-9) break
  }
  return Math.min(1, sum * Math.exp(betaBinomialLogChance(least, trials, alpha, beta)))
}

function betaBinomialLogChance(hits: number, trials: number, alpha: number, beta: number): number {
  // Taken at the posterior mean, where the largest of the three terms has nothing left to cancel.
  const whole = trials + alpha + beta
  const x = (hits + alpha) / whole
  const y = (trials - hits + beta) / whole
  return (
    logBetaKernel(x, y, hits + 1, trials - hits + 1) -
    Math.log((trials + 1) * x * y) +
    logBetaKernel(x, y, alpha, beta) -
    logBetaKernel(x, y, hits + alpha, trials - hits + beta)
  )
}

/**
 * Regularised incomplete beta function I_x(a, b), with y = 1 - x given so that neither end loses digits.
 *
 * Source: continued fraction 8.17.22 of the Digital Library of Mathematical Functions, evaluated as Lentz did.
 */
function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (y <= 0) return 1
  // The fraction converges fast below the mean only; above it the other side is computed.
  if (x * (a + b + 2) > a + 1) return 1 - incompleteBetaFraction(y, x, b, a)
  return incompleteBetaFraction(x, y, a, b)
}

function incompleteBetaFraction(x: number, y: number, a: number, b: number): number {
  let numerator = 1
  let denominator = 1 / nonZero(1 - ((a + b) * x) / (a + 1))
  let value = denominator
  for (let step = 1; step <= maxSteps; step++) {
    const twice = 2 * step
    const even = ((step * (b - step)) / (a + twice - 1)) * (x / (a + twice))
    denominator = 1 / nonZero(1 + even * denominator)
    numerator = nonZero(1 + even / numerator)
    value *= denominator * numerator
    const odd = -(((a + step) * (a + b + step)) / (a + twice)) * (x / (a + twice + 1))
    denominator = 1 / nonZero(1 + odd * denominator)
    numerator = nonZero(1 + odd / numerator)
    const change = denominator * numerator
    value *= change
    if (Math.abs(change - 1) < precision) break
  }
  return Math.min(1, (value * Math.exp(logBetaKernel(x, y, a, b))) / a)
}

/** Lower regularised incomplete gamma function by its series; for mean below shape + 1. */
function gammaSeries(shape: number, mean: number): number {
  let term = 1
  let sum = 1
  for (let step = 1; step <= maxSteps; step++) {
    term *= mean / (shape + step)
    sum += term
    if (term < sum * precision) break
  }
  return Math.min(1, (sum * Math.exp(logGammaKernel(shape, mean))) / shape)
}

/** Upper regularised incomplete gamma function by its continued fraction (DLMF 8.9.2); for mean above shape. */
function gammaFraction(shape: number, mean: number): number {
  let b = mean + 1 - shape
  let numerator = 1 / smallest
  let denominator = 1 / nonZero(b)
  let value = denominator
  for (let step = 1; step <= maxSteps; step++) {
    const a = -step * (step - shape)
    b += 2
    denominator = 1 / nonZero(a * denominator + b)
    numerator = nonZero(b + a / numerator)
    const change = denominator * numerator
    value *= change
    if (Math.abs(change - 1) < precision) break
  }
  return Math.min(1, value * Math.exp(logGammaKernel(shape, mean)))
}

/**
 * Logarithm of x^a y^b / B(a, b). Written around the mean of Beta(a, b), so that numbers of the size of a and b never
 * cancel: that is what keeps the digits of a tail of a million trials.
 *
 * Source: Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */
function logBetaKernel(x: number, y: number, a: number, b: number): number {
  const offMean = x * b - y * a
  return (
    a * logRatio(x * (a + b), a, offMean) +
    b * logRatio(y * (a + b), b, -offMean) +
    0.5 * Math.log((a / (a + b)) * b) -
    halfLogTwoPi +
    stirlingRest(a + b) -
    stirlingRest(a) -
    stirlingRest(b)
  )
}

/** Logarithm of mean^shape e^-mean / Γ(shape), written around the mean in the same way. */
function logGammaKernel(shape: number, mean: number): number {
  const offMean = mean - shape
  return (
    shape * logRatio(mean, shape, offMean) -
    offMean +
    0.5 * Math.log(shape) -
    halfLogTwoPi -
    stirlingRest(shape)
  )
}

/** log(value / base), given their difference. */
function logRatio(value: number, base: number, difference: number): number {
  const relative = difference / base
  return Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log(value / base)
}

/** What Stirling's formula leaves of log Γ(x). */
function stirlingRest(x: number): number {
  if (x < 16) return gammaln(x) - (x - 0.5) * Math.log(x) + x - halfLogTwoPi
  const square = x * x
  return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / x
}

function floored(chance: number): number {
  return Math.min(1, Math.max(leastChance, chance))
}

function nonZero(value: number): number {
  return Math.abs(value) < smallest ? smallest : value
}

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI)
const leastChance = 1e-300
/** Less than this is no event at all. */
const leastCount = 1e-9
const smallest = 1e-290
const precision = 1e-14
/** The fractions take about as many steps as the root of their parameters. */
const maxSteps = 200_000
/** Beyond this size a negative binomial count differs from a Poisson one by less than rounding does. */
const poissonSize = 1e12
