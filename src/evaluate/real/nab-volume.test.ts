import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { temporaryFolders } from '../../../test/support/temporary'
import { evaluateNabVolume } from './nab-volume'

const newFolder = temporaryFolders()

describe('evaluateNabVolume', () => {
  it('finds a marked burst and counts an unmarked one as a false episode', () => {
    //  hour     0 …        500         600        700  701  702       800
    //  count    20 20 …    500         20         400  20   400       20
    //  marked              ^ window               ^ two hours apart: one false episode
    //  not scored: the first 150 of 1000 points, with a burst at 100
    const hourly = series('hourly', 1000, {
      counts: { 100: 500, 500: 500, 700: 400, 702: 400 },
      marked: [[495, 505]],
    })
    expect(evaluateNabVolume(folderOf(hourly)).perSeries).toEqual({
      hourly: { found: 1, windows: 1, falseEpisodes: 1 },
    })
  })

  it('counts what it misses, and windows that touch the start that is not scored', () => {
    const quiet = series('quiet', 1000, {
      counts: { 100: 500 },
      marked: [
        [90, 110],
        [600, 620],
      ],
    })
    expect(evaluateNabVolume(folderOf(quiet))).toMatchObject({ found: 0, windows: 2, falseEpisodes: 0 })
  })

  it('takes points of five minutes together by the hour, and leaves out hours that lack some', () => {
    //  minute   0  5  10 …          of hour 300 only the first six points, of hour 310 all are high
    const rows = series('fine', 500 * 12, {
      stepMs: 300_000,
      counts: Object.fromEntries([...run(300 * 12, 6), ...run(310 * 12, 12)].map((point) => [point, 400])),
      marked: [[310 * 12, 311 * 12]],
    })
    const holed = rows.filter((_, point) => point < 300 * 12 + 6 || point >= 301 * 12)
    expect(evaluateNabVolume(folderOf(holed))).toMatchObject({ found: 1, windows: 1, falseEpisodes: 0 })
  })

  it('tells the series that settings were chosen on from those held out, turn about', () => {
    const burst = { counts: { 500: 500 }, marked: [[495, 505]] as const }
    const calm = { counts: {}, marked: [[495, 505]] as const }
    const figures = evaluateNabVolume(
      folderOf([...series('a', 1000, burst), ...series('b', 1000, calm), ...series('c', 1000, burst)]),
    )
    expect(figures.chosenOn).toEqual({ found: 2, windows: 2, falseEpisodes: 0 })
    expect(figures.heldOut).toEqual({ found: 0, windows: 1, falseEpisodes: 0 })
    expect(figures.tradeOff.every(({ windows }) => windows === 3)).toBe(true)
    expect(figures.shifted).toHaveLength(11)
  })

  it('judges prices as it judges counts', () => {
    const cents = series('price', 1000, { counts: { 500: 500 }, marked: [[495, 505]] }).map((row) =>
      row.replace(/,(\d+),/, (_, count: string) => `,${Number(count) / 100 + 0.001},`),
    )
    expect(evaluateNabVolume(folderOf(cents))).toMatchObject({ found: 1, falseEpisodes: 0 })
  })

  it('says what it misses where there is no data', () => {
    expect(() => evaluateNabVolume(newFolder())).toThrow('name the folder that holds series.csv.gz')
  })
})

/** Rows of a series that is about 20 everywhere but where told. */
function series(
  name: string,
  points: number,
  {
    counts,
    marked,
    stepMs = 3_600_000,
  }: {
    counts: Readonly<Record<number, number>>
    marked: readonly (readonly [from: number, to: number])[]
    stepMs?: number
  },
): string[] {
  return run(0, points).map((point) => {
    const time = new Date(Date.UTC(2015, 0, 1) + point * stepMs).toISOString()
    const isMarked = marked.some(([from, to]) => point >= from && point < to)
    const count = counts[point] ?? 20 + (point % 7) - (point % 3)
    return `${name},${time.slice(0, 10)} ${time.slice(11, 19)},${count},${isMarked ? 1 : 0}`
  })
}

function run(from: number, length: number): number[] {
  return Array.from({ length }, (_, at) => from + at)
}

function folderOf(rows: readonly string[]): string {
  const folder = newFolder()
  const text = ['series,timestamp,value,in_anomaly_window', ...rows, ''].join('\n')
  writeFileSync(join(folder, 'series.csv.gz'), gzipSync(text))
  return folder
}
