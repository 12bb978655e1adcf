import { SettingsError } from '../model/errors'
import { negativeBinomialLowerTail, negativeBinomialUpperTail } from './tails'

/** What can be set of a baseline; durations in event time. */
export interface BaselineOptions {
  /** Length of the slots that are learnt; a few minutes to a day. */
  readonly slotMs: number
  /** The level forgets by half in this time. */
  readonly levelHalfLifeMs: number
  /** The slow level, beyond which the other is believed by a bounded factor only, forgets by half in this time. */
  readonly anchorHalfLifeMs: number
  /** The factors of the hour and the day forget by half in this time. */
  readonly seasonHalfLifeMs: number
  /** How long a burst is remembered as one of the highest. */
  readonly memoryMs: number
  /** Highs closer than this belong to one burst and count once. */
  readonly restMs: number
  /** A slot less likely than this is in quarantine: it teaches by a bounded step only. */
  readonly quarantine: number
}

/** Default and bounds of each option but the slot length, which has no default. */
export const baselineOptions = {
  slotMs: { min: 60_000, max: 86_400_000 },
  levelHalfLifeMs: { default: 2 * 86_400_000, min: 3_600_000, max: 365 * 86_400_000 },
  anchorHalfLifeMs: { default: 14 * 86_400_000, min: 86_400_000, max: 365 * 86_400_000 },
  seasonHalfLifeMs: { default: 14 * 86_400_000, min: 86_400_000, max: 365 * 86_400_000 },
  memoryMs: { default: 28 * 86_400_000, min: 86_400_000, max: 365 * 86_400_000 },
  restMs: { default: 12 * 3_600_000, min: 0, max: 7 * 86_400_000 },
  quarantine: { default: 1e-3, min: 0, max: 0.1 },
} as const

/** A count and when its window began; a window that is not one slot long says how long it is. */
export interface WindowCount {
  readonly count: number
  readonly timeMs: number
  readonly spanMs?: number
}

/**
 * What a series of counts usually does, and how likely a count is while that goes on. It learns slot by slot, in fixed
 * memory: the state of a series is `baselineLength` numbers from `at` on in an array that the caller owns, saves and
 * restores as it is; a table of n series is one array of n times as many. The state holds no time, so that it does not
 * matter what a slot that was left out would have been.
 *
 * ```
 *  count                       ▲ a burst: judged against the highest of the last weeks, not learnt as usual
 *    │            ▲            █
 *    │  ▄▆█▆▄   ▄▆█▆▄   ▄▆█▆▄  █▄▆█▆▄     level × factor of the hour × factor of the day
 *    └──Mon─────Tue─────Wed──────Thu────  spread of the rate, from the squares around that
 * ```
 *
 * Chances come from two sources, and the larger holds. Ordinary variation is negative binomial: a Poisson count whose
 * rate varies. Real audiences have bursts beyond that, so a high count is also measured against the highest bursts that
 * the series has shown itself, with a tail of powers fitted to them (Weissman 1978; Hill 1975), each burst counted once
 * as extreme-value theory asks for (runs declustering, Leadbetter 1983). This is the streaming peaks-over-threshold of
 * Siffer et al., "Anomaly detection in streams with extreme value theory" (2017), with a record of a few peaks instead
 * of a fit over all.
 *
 * What is surprising is kept out of what is usual, as MIDAS-F does (Bhatia et al., "Real-time anomaly detection in edge
 * streams", 2022): such a slot is learnt as twice the expected count at most, and raises the highest burst by a half at
 * most. A slow climb surprises nobody, so the level is believed only up to 1.3 times that of the last weeks. A lasting
 * rise is accepted all the same: a tenfold one ceases to surprise within two weeks, and is believed whole after four.
 */
export class Baseline {
  readonly options: BaselineOptions
  private readonly levelStep: number
  private readonly anchorStep: number
  private readonly hourStep: number
  private readonly dayStep: number
  private readonly spreadStep: number
  private readonly memorySlots: number
  private readonly restSlots: number
  /** So long a series counts as young: a day, and enough slots to know anything. */
  private readonly youngSlots: number

  /** Throws where an option is out of bounds. */
  constructor(given: Partial<BaselineOptions> & Pick<BaselineOptions, 'slotMs'>) {
    const options = withDefaults(given)
    this.options = options
    this.levelStep = stepOf(options.slotMs, options.levelHalfLifeMs)
    this.anchorStep = stepOf(options.slotMs, options.anchorHalfLifeMs)
    // An hour of the day comes once a day and a day of the week once a week: their factors move that much faster.
    this.hourStep = stepOf(options.slotMs, options.seasonHalfLifeMs / 24)
    this.dayStep = stepOf(options.slotMs, options.seasonHalfLifeMs / 7)
    this.spreadStep = stepOf(options.slotMs, options.seasonHalfLifeMs)
    this.memorySlots = options.memoryMs / options.slotMs
    this.restSlots = options.restMs / options.slotMs
    this.youngSlots = Math.max(24, dayMs / options.slotMs)
  }

  /** Makes the state one that knows nothing and is surprised by nothing. */
  clear(state: Float32Array, at: number): void {
    state.fill(0, at, at + baselineLength)
    state.fill(1, at + hoursWord, at + heightsWord)
    state[at + currentWord] = none
    // A wide guess, as if a day had shown it; it fades like what is learnt.
    state[at + squaresWord] = wideDispersion * this.youngSlots
    state[at + meanSquaresWord] = this.youngSlots
  }

  /** The count to expect in a slot, or in a window of another length. */
  expected(state: Float32Array, at: number, timeMs: number, spanMs = this.options.slotMs): number {
    const level = Math.min(state[at + levelWord]!, highestCredible(state[at + anchorWord]!))
    return level * state[hourAt(at, timeMs)]! * state[dayAt(at, timeMs)]! * (spanMs / this.options.slotMs)
  }

  /** How far the rate itself varies: the variance of a count is mean + dispersion × mean². */
  dispersion(state: Float32Array, at: number): number {
    // One slot's worth of the first guess stays for good: in a series of few events nothing else is known.
    const found = state[at + squaresWord]! + wideDispersion
    return Math.max(leastDispersion, found / (state[at + meanSquaresWord]! + 1))
  }

  /** Chance of a count this high or higher while all is as usual. Never rises with the count. */
  upperTail(state: Float32Array, at: number, { count, timeMs, spanMs }: WindowCount): number {
    if (state[at + seenWord] === 0) return 1
    const mean = Math.max(leastMean, this.expected(state, at, timeMs, spanMs))
    const slots = (spanMs ?? this.options.slotMs) / this.options.slotMs
    const ofBurst = this.chanceOfBurst(state, at, { height: heightOf(count, mean), slots })
    return Math.max(ofBurst, this.chanceByRate(state, at, { count, mean }))
  }

  private chanceByRate(state: Float32Array, at: number, seen: { count: number; mean: number }): number {
    return negativeBinomialUpperTail(seen.count, { mean: seen.mean, size: 1 / this.dispersion(state, at) })
  }

  /** Whether a slot belongs into quarantine. The chance of a burst, which costs less, mostly says that it does not. */
  private isSurprising(state: Float32Array, at: number, { count, timeMs }: WindowCount): boolean {
    const { quarantine } = this.options
    const mean = Math.max(leastMean, this.expected(state, at, timeMs))
    const ofBurst = this.chanceOfBurst(state, at, { height: heightOf(count, mean), slots: 1 })
    return ofBurst < quarantine && this.chanceByRate(state, at, { count, mean }) < quarantine
  }

  /** Chance of a count this low or lower while all is as usual. */
  lowerTail(state: Float32Array, at: number, { count, timeMs, spanMs }: WindowCount): number {
    if (state[at + seenWord] === 0) return 1
    const mean = Math.max(leastMean, this.expected(state, at, timeMs, spanMs))
    return negativeBinomialLowerTail(count, { mean, size: 1 / this.dispersion(state, at) })
  }

  /** Takes in the count of a closed slot. A caller who knows that a count is false leaves it out. */
  learn(state: Float32Array, at: number, { count, timeMs }: WindowCount): void {
    if (state[at + seenWord]!++ === 0) {
      state[at + levelWord] = count
      state[at + anchorWord] = count
      return
    }
    const isSurprising = this.isSurprising(state, at, { count, timeMs })
    const isClimbing = state[at + levelWord]! > highestCredible(state[at + anchorWord]!)
    const height = heightOf(count, this.expected(state, at, timeMs))
    this.learnBurst(state, at, { height, isDisputed: isSurprising || isClimbing })
    this.learnUsual(state, at, { count, timeMs, isSurprising })
  }

  /**
   * Chance of a burst this high in a window: how often there was one as high as the least on record, thinned out by the
   * tail of powers that those on record show, which is longer for a young series. A long window is as high as one of its
   * slots at least; a short one is taken for a slot.
   */
  private chanceOfBurst(
    state: Float32Array,
    at: number,
    { height, slots }: { height: number; slots: number },
  ): number {
    const seen = state[at + seenWord]!
    let bursts = 0
    let sum = 0
    let least = Number.POSITIVE_INFINITY
    for (let place = 0; place < burstsKept; place++) {
      const known = state[at + heightsWord + place]!
      if (known === 0) continue
      bursts++
      sum += known
      least = Math.min(least, known)
    }
    if (bursts === 0) {
      // A series without any burst is one that reached its usual height once.
      bursts = 1
      least = 0
    }
    const often = (bursts * Math.max(1, slots)) / Math.min(seen, this.memorySlots)
    if (height <= least) return Math.min(1, often)
    const excess = sum - bursts * least + priorExcess * priorBursts
    const scale = (excess / (bursts - 1 + priorBursts)) * (1 + this.youngSlots / seen)
    return Math.min(1, often * Math.exp(-(height - least) / scale))
  }

  /** Keeps the highest bursts of the memory, one entry a burst; a burst ends when it has rested. */
  private learnBurst(
    state: Float32Array,
    at: number,
    { height, isDisputed }: { height: number; isDisputed: boolean },
  ): void {
    this.forgetOld(state, at)
    const lowest = lowestBurst(state, at)
    let current = this.currentBurst(state, at, height)
    const bounded = isDisputed ? Math.min(height, highestBurst(state, at, current) + burstStep) : height
    if (current === none && bounded > state[at + heightsWord + lowest]!) {
      current = lowest
      state[at + heightsWord + current] = 0
      state[at + restedWord] = 0
    }
    state[at + currentWord] = current
    if (current === none || bounded <= state[at + heightsWord + current]!) return
    state[at + heightsWord + current] = bounded
    state[at + agesWord + current] = 0
  }

  private forgetOld(state: Float32Array, at: number): void {
    for (let place = 0; place < burstsKept; place++) {
      if (state[at + heightsWord + place] === 0) continue
      if (++state[at + agesWord + place]! < this.memorySlots) continue
      state[at + heightsWord + place] = 0
      if (state[at + currentWord] === place) state[at + currentWord] = none
    }
  }

  /** The place of the burst that this slot still belongs to. */
  private currentBurst(state: Float32Array, at: number, height: number): number {
    const current = state[at + currentWord]!
    if (current === none) return none
    const leastHigh =
      state[at + heightsWord + lowestBurst(state, at)]! || state[at + heightsWord + current]! / 2
    state[at + restedWord] = height > leastHigh ? 0 : state[at + restedWord]! + 1
    return state[at + restedWord]! > this.restSlots ? none : current
  }

  private learnUsual(state: Float32Array, at: number, seen: WindowCount & { isSurprising: boolean }): void {
    const hour = hourAt(at, seen.timeMs)
    const day = dayAt(at, seen.timeMs)
    const level = state[at + levelWord]!
    const factors = state[hour]! * state[day]!
    const mean = level * factors
    const count = Math.min(seen.count, mostTaught(mean, seen.isSurprising))

    const scale = (mean + 1) ** 2
    const fade = 1 - this.spreadStep
    state[at + squaresWord] = state[at + squaresWord]! * fade + ((count - mean) ** 2 - mean) / scale
    state[at + meanSquaresWord] = state[at + meanSquaresWord]! * fade + mean ** 2 / scale

    // A slot of few events says little about its hour; one of many says no more than the spread of the rate allows.
    const weight = mean / (1 + mean * (1 + this.dispersion(state, at)))
    if (level > 0) {
      const found = count / level
      const hourFactor = state[hour]!
      state[hour] = factorTowards(hourFactor, found / state[day]!, this.hourStep * weight)
      state[day] = factorTowards(state[day]!, found / hourFactor, this.dayStep * weight)
    }
    const slots = state[at + seenWord]!
    const anchor = state[at + anchorWord]!
    state[at + levelWord] = level + Math.max(this.levelStep, 1 / slots) * (count / factors - level)
    state[at + anchorWord] = anchor + Math.max(this.anchorStep, 1 / slots) * (level - anchor)
  }
}

/** The highest level that is believed, somewhat above that of the last weeks. */
function highestCredible(anchor: number): number {
  return credibleGrowth * (anchor + softening) - softening
}

/** How many times the count exceeds what was expected, as a logarithm; a few events more or less do not matter. */
function heightOf(count: number, mean: number): number {
  return Math.log((count + softening) / (mean + softening))
}

/** The count that a slot is learnt as at most: robust against single peaks, and stricter with a surprising one. */
function mostTaught(mean: number, isSurprising: boolean): number {
  return isSurprising ? 2 * mean + softening : 3 * (mean + softening)
}

/** The highest burst but the one that is going on. */
function highestBurst(state: Float32Array, at: number, except: number): number {
  let most = 0
  for (let place = 0; place < burstsKept; place++) {
    if (place !== except) most = Math.max(most, state[at + heightsWord + place]!)
  }
  return most
}

/** The place of the lowest burst on record, or of an empty one. */
function lowestBurst(state: Float32Array, at: number): number {
  let lowest = 0
  for (let place = 1; place < burstsKept; place++) {
    if (state[at + heightsWord + place]! < state[at + heightsWord + lowest]!) lowest = place
  }
  return lowest
}

function factorTowards(factor: number, found: number, step: number): number {
  return Math.min(mostFactor, Math.max(1 / mostFactor, factor + step * (found - factor)))
}

function hourAt(at: number, timeMs: number): number {
  return at + hoursWord + (Math.floor(timeMs / hourMs) % 24)
}

function dayAt(at: number, timeMs: number): number {
  return at + daysWord + (Math.floor(timeMs / dayMs) % 7)
}

/** The share to move by in each slot so that what was known fades by half in the given time. */
function stepOf(slotMs: number, halfLifeMs: number): number {
  return 1 - Math.pow(0.5, slotMs / halfLifeMs)
}

function withDefaults(given: Partial<BaselineOptions> & Pick<BaselineOptions, 'slotMs'>): BaselineOptions {
  const { levelHalfLifeMs, anchorHalfLifeMs, seasonHalfLifeMs, memoryMs, restMs, quarantine } =
    baselineOptions
  const options: BaselineOptions = {
    levelHalfLifeMs: levelHalfLifeMs.default,
    anchorHalfLifeMs: anchorHalfLifeMs.default,
    seasonHalfLifeMs: seasonHalfLifeMs.default,
    memoryMs: memoryMs.default,
    restMs: restMs.default,
    quarantine: quarantine.default,
    ...given,
  }
  for (const [name, { min, max }] of Object.entries(baselineOptions)) {
    const value = options[name as keyof BaselineOptions]
    if (value >= min && value <= max) continue
    throw new SettingsError(`baseline.${name} must be between ${min} and ${max}, got ${value}`)
  }
  return options
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const none = -1

/** Events that a count may be off by without being higher: it keeps small numbers from looking like bursts. */
const softening = 3
/** A few bursts say enough about the tail, and a series has few that are its highest. */
const burstsKept = 8
/** What is believed of a tail before it is seen: bursts that are twice as high come four times more rarely. */
const priorExcess = 0.5
const priorBursts = 4
/** A surprising burst raises the record by at most a half. */
const burstStep = Math.log(1.5)
const wideDispersion = 1
const leastDispersion = 1e-4
const leastMean = 0.01
const mostFactor = 20
/** A rise beyond this is believed only as the weeks confirm it. */
const credibleGrowth = 1.3

const seenWord = 0
const levelWord = 1
const anchorWord = 2
const squaresWord = 3
const meanSquaresWord = 4
const currentWord = 5
const restedWord = 6
const hoursWord = 7
const daysWord = hoursWord + 24
const heightsWord = daysWord + 7
const agesWord = heightsWord + burstsKept

/** Numbers that one series takes: 216 bytes. */
export const baselineLength = agesWord + burstsKept
