import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { UnreachableError } from '../../model/errors'
import { Baseline, baselineLength } from '../../windows/baseline'

/** How many of the windows that people marked hold a detection, and how many episodes of detections lie outside. */
export interface VolumeFigures {
  readonly found: number
  readonly windows: number
  readonly falseEpisodes: number
}

export interface NabVolumeFigures extends VolumeFigures {
  readonly perSeries: Readonly<Record<string, VolumeFigures>>
  /** The series that the defaults of the baseline and the rarity were chosen on, and the others. */
  readonly chosenOn: VolumeFigures
  readonly heldOut: VolumeFigures
  /** What other rarities would have given, over all series. */
  readonly tradeOff: readonly (VolumeFigures & { readonly rarityMs: number })[]
  /** Where an hour begins is arbitrary: what hours that begin 5, 10 … 55 minutes later would have given. */
  readonly shifted: readonly (VolumeFigures & { readonly shiftMs: number })[]
}

/**
 * Judges the eight series of the Numenta Anomaly Benchmark that are volumes (tweets that name a company, prices of
 * adverts) with the baseline as it is, by the hour. A detection is an hour that chance brings less than once in the
 * rarity; nothing else is set.
 *
 * Source: Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark" (2015).
 */
export function evaluateNabVolume(folder: string): NabVolumeFigures {
  const series = readSeries(folder)
  const unshifted = series.map((one) => judged(one, 0))
  const all = unshifted.map((one) => figuresOf(one, rarityMs))
  return {
    ...sumOf(all),
    perSeries: Object.fromEntries(series.map(({ name }, place) => [name, all[place]!])),
    // Every other one in the order of the file: fixed before anything was tried.
    chosenOn: sumOf(all.filter((_, place) => place % 2 === 0)),
    heldOut: sumOf(all.filter((_, place) => place % 2 === 1)),
    tradeOff: tradeOffDays.map((days) => {
      return { rarityMs: days * dayMs, ...sumOf(unshifted.map((one) => figuresOf(one, days * dayMs))) }
    }),
    shifted: shiftsMs.map((shiftMs) => {
      const shifted = unshifted.map((one) => (one.pointsAnHour > 1 ? judged(one, shiftMs) : one))
      return { shiftMs, ...sumOf(shifted.map((one) => figuresOf(one, rarityMs))) }
    }),
  }
}

/** The points of one series; a window is a run of points that are marked. */
interface Series {
  readonly name: string
  readonly timesMs: readonly number[]
  readonly counts: readonly number[]
  readonly isMarked: readonly boolean[]
  readonly pointsAnHour: number
}

/** A series with the chance of each hour's count, at the hour's last point; 1 at all other points. */
type Judged = Series & { readonly chances: Float64Array }

function judged(series: Series, shiftMs: number): Judged {
  return { ...series, chances: hourlyChances(series, shiftMs) }
}

function readSeries(folder: string): Series[] {
  const path = join(folder, 'series.csv.gz')
  if (!existsSync(path)) {
    throw new UnreachableError(
      `expected the data set nab-volume at ${path}, found nothing; name the folder that holds series.csv.gz`,
    )
  }
  const byName = new Map<string, { timesMs: number[]; counts: number[]; isMarked: boolean[] }>()
  for (const line of gunzipSync(readFileSync(path)).toString().trim().split('\n').slice(1)) {
    const [name, timestamp, value, marked] = line.split(',') as [string, string, string, string]
    const series = byName.get(name) ?? { timesMs: [], counts: [], isMarked: [] }
    series.timesMs.push(Date.parse(`${timestamp.replace(' ', 'T')}Z`))
    series.counts.push(Number(value))
    series.isMarked.push(marked === '1')
    byName.set(name, series)
  }
  return [...byName].map(([name, { timesMs, counts, isMarked }]) => {
    const pointsAnHour = Math.round(hourMs / usualGap(timesMs))
    return { name, timesMs, counts: asCounts(counts), isMarked, pointsAnHour }
  })
}

/** Prices are no counts: taken in ten-thousandths they are as large as counts of which single events do not matter. */
function asCounts(values: readonly number[]): readonly number[] {
  return values.every((value) => Number.isInteger(value)) ? values : values.map((value) => value * 10_000)
}

/** Hours that lack points are left out: neither judged nor learnt. */
function hourlyChances({ timesMs, counts, pointsAnHour }: Series, shiftMs: number): Float64Array {
  const startOfHour = (timeMs: number): number => Math.floor((timeMs - shiftMs) / hourMs) * hourMs + shiftMs
  const baseline = new Baseline({ slotMs: hourMs })
  const state = new Float32Array(baselineLength)
  baseline.clear(state, 0)
  const chances = new Float64Array(counts.length).fill(1)
  for (let from = 0, to = 0; from < counts.length; from = to) {
    const timeMs = startOfHour(timesMs[from]!)
    let sum = 0
    for (; to < counts.length && startOfHour(timesMs[to]!) === timeMs; to++) sum += counts[to]!
    if (to - from < pointsAnHour) continue
    const hour = { count: (sum * pointsAnHour) / (to - from), timeMs }
    chances[to - 1] = baseline.upperTail(state, 0, hour)
    baseline.learn(state, 0, hour)
  }
  return chances
}

/** As the benchmark asks: a start that is not scored, and detections of at most 12 points apart are one episode. */
function figuresOf({ isMarked, chances }: Judged, rarityMs: number): VolumeFigures {
  const probation = Math.min(750, Math.floor(0.15 * isMarked.length))
  let found = 0
  let windows = 0
  let falseEpisodes = 0
  let lastFalse = Number.NEGATIVE_INFINITY
  let isFound = false
  for (let point = 0; point < isMarked.length; point++) {
    const isOpening = isMarked[point]! && isMarked[point - 1] !== true
    if (isOpening) {
      windows++
      isFound = false
    }
    if (point < probation || chances[point]! * (rarityMs / hourMs) > 1) continue
    if (isMarked[point]!) {
      if (!isFound) found++
      isFound = true
    } else {
      if (point - lastFalse > episodeGap) falseEpisodes++
      lastFalse = point
    }
  }
  return { found, windows, falseEpisodes }
}

function sumOf(figures: readonly VolumeFigures[]): VolumeFigures {
  return {
    found: figures.reduce((sum, { found }) => sum + found, 0),
    windows: figures.reduce((sum, { windows }) => sum + windows, 0),
    falseEpisodes: figures.reduce((sum, { falseEpisodes }) => sum + falseEpisodes, 0),
  }
}

function usualGap(timesMs: readonly number[]): number {
  const gaps = timesMs.slice(1).map((timeMs, place) => timeMs - timesMs[place]!)
  return gaps.sort((a, b) => a - b)[gaps.length >> 1]!
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const episodeGap = 12
/** Once in two weeks a series: what an analyst who looks after one series would put up with. */
const rarityMs = 14 * dayMs
const shiftsMs = Array.from({ length: 11 }, (_, place) => (place + 1) * 300_000)
const tradeOffDays = [7, 9, 10, 11, 12, 13, 14, 15, 16, 18, 21, 28, 42, 56]
