import fc from 'fast-check'
import { seeded } from '../../test/support/seeded'
import { Baseline, baselineLength } from './baseline'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('Baseline', () => {
  it('knows nothing at first, and is surprised by nothing', () => {
    const series = new Series()
    expect(series.upperTail(1_000_000)).toBe(1)
    expect(series.lowerTail(0)).toBe(1)
    series.learn(10)
    expect(series.upperTail(100)).toBeGreaterThan(0.05)
  })

  it('learns the hours of the day', () => {
    //  hour    0 … 5   6 … 17   18 … 23      for ten weeks
    //  count    10       40       100
    const series = new Series()
    series.live(70 * 24, (hour) => (hour % 24 < 6 ? 10 : hour % 24 < 18 ? 40 : 100))
    const expected = [3, 12, 20].map((hour) => series.expectedAt(hour))
    expect(Math.abs(expected[0]! - 10)).toBeLessThan(6)
    expect(Math.abs(expected[1]! - 40)).toBeLessThan(6)
    expect(Math.abs(expected[2]! - 100)).toBeLessThan(15)
    // What is usual in the evening would be a burst at night.
    expect(series.upperTailAt(3, 100)).toBeLessThan(2e-3)
    expect(series.upperTailAt(20, 100)).toBeGreaterThan(0.1)
  })

  it('learns the days of the week', () => {
    //  Thu Fri Sat Sun Mon Tue Wed      the first of January 1970 was a Thursday
    //  60  60  20  20  60  60  60
    const series = new Series()
    series.live(8 * 7 * 24, (hour) => ([2, 3].includes(Math.floor(hour / 24) % 7) ? 20 : 60))
    expect(Math.abs(series.expectedAt(2 * 24 + 12) - 20)).toBeLessThan(6)
    expect(Math.abs(series.expectedAt(5 * 24 + 12) - 60)).toBeLessThan(10)
  })

  it('calls a burst the rarer, the higher it is', () => {
    //  50 50 50 … four weeks … 50 | 75 100 150 500 ?
    const series = new Series()
    series.live(28 * 24, () => 50)
    const chances = [75, 100, 150, 500].map((count) => series.upperTail(count))
    expect(chances).toEqual([...chances].sort((a, b) => b - a))
    expect(chances[2]).toBeLessThan(1e-3)
    expect(chances[3]).toBeLessThan(1e-4)
  })

  it('is less surprised by a burst where there were bursts before', () => {
    //  quiet    50 50 50 50 50 50 50 … | 500 ?
    //  bursty   50 50 400 50 50 50 600 … | 500 ?     a burst every four days
    const quiet = new Series()
    quiet.live(28 * 24, () => 50)
    const bursty = new Series()
    bursty.live(28 * 24, (hour, draw) => (hour % 96 === 60 ? 300 + 400 * draw() : 50))
    expect(quiet.upperTail(500)).toBeLessThan(1e-4)
    expect(bursty.upperTail(500)).toBeGreaterThan(1e-3)
  })

  it('counts a burst once, however long it lasts', () => {
    //  50 50 … 50 500 500 500 500 500 500 50 50 … three days later | 300 ?
    const short = new Series()
    short.live(28 * 24, (hour) => (hour === 600 ? 500 : 50))
    const long = new Series()
    long.live(28 * 24, (hour) => (hour >= 600 && hour < 606 ? 500 : 50))
    expect(long.upperTail(300) / short.upperTail(300)).toBeLessThan(3)
  })

  it.each([
    ['an hour as high comes after twelve quiet ones', [...quiet(12), 150], 1],
    ['an hour as high comes after thirteen quiet ones', [...quiet(13), 150], 2],
    ['one of them is less than half as high', [...quiet(6), 90, ...quiet(6), 150], 2],
    ['one of them is more than half as high', [...quiet(6), 150, ...quiet(6), 150], 1],
  ])('takes for one burst what has not rested for twelve hours: %s', (_, counts, bursts) => {
    const series = settled()
    for (const count of [100, 50, 200, ...counts]) series.learn(count)
    expect(burstsOf(series)).toHaveLength(bursts)
    // The highest hour of it is what is remembered.
    expect(Math.max(...burstsOf(series))).toBeCloseTo(Math.log(203 / 53), 1)
  })

  it('keeps the eight highest bursts, and measures by how often and how far they exceed the least', () => {
    const series = settled()
    const seen: number[] = []
    for (const count of [100, 110, 120, 130, 140, 150, 160, 170, 180, 95]) {
      const before = burstsOf(series)
      for (const one of [count, ...quiet(14)]) series.learn(one)
      seen.push(...burstsOf(series).filter((burst) => !before.includes(burst)))
    }
    const kept = burstsOf(series)
    expect(seen).toHaveLength(9)
    expect(kept).toEqual(seen.sort((a, b) => a - b).slice(1))
    //  beyond the least k / n · e^(-(x - x_k) / γ), of which four bursts are believed before
    const slots = 7 * 24 + 10 * 15
    const [least] = kept as [number]
    const mean = (kept.reduce((sum, burst) => sum + burst - least, 0) + 4 * 0.5) / (7 + 4)
    const height = Math.log((400 + 3) / (series.expectedAt(series.hour) + 3))
    const chance = (8 / slots) * Math.exp(-(height - least) / (mean * (1 + 24 / slots)))
    expect(series.upperTail(400) / chance).toBeCloseTo(1, 3)
  })

  it('forgets a burst when its memory has passed, and no other that is going on', () => {
    //  hour     0     20    24         26
    //  count    150   100   the first  100     of the same burst as at 20
    const series = new Series(seeded(1), new Baseline({ slotMs: hourMs, memoryMs: dayMs }))
    series.live(7 * 24, () => 50)
    for (const count of [150, ...quiet(19), 100, ...quiet(2)]) series.learn(count)
    expect(burstsOf(series)).toHaveLength(2)
    series.learn(50)
    series.learn(50)
    expect(burstsOf(series)).toHaveLength(1)
    series.learn(100)
    expect(burstsOf(series)).toHaveLength(1)
  })

  it('raises the highest burst by a half at most where an hour surprises, or where the level climbs', () => {
    const surprised = settled()
    for (const count of [150, ...quiet(14)]) surprised.learn(count)
    const [before] = burstsOf(surprised) as [number]
    surprised.learn(5000)
    expect(Math.max(...burstsOf(surprised))).toBeCloseTo(before + Math.log(1.5), 5)
    const climbing = new Series()
    climbing.live(28 * 24, () => 100)
    climbing.live(150, (hour) => 100 * 1.01 ** (hour - 28 * 24))
    // By then an hour is twice what is expected.
    expect(Math.max(...burstsOf(climbing))).toBeLessThan(0.5)
  })

  it('judges and learns the same wherever in a table its numbers lie', () => {
    const series = new Series()
    const table = new Float32Array(3 * baselineLength).fill(7)
    baseline.clear(table, baselineLength)
    for (let hour = 0; hour < 40 * 24; hour++) {
      const slot = { count: hour % 100 === 77 ? 300 + hour : 40 + (hour % 24), timeMs: hour * hourMs }
      expect(baseline.upperTail(table, baselineLength, slot)).toBe(series.upperTail(slot.count))
      expect(baseline.lowerTail(table, baselineLength, slot)).toBe(series.lowerTail(slot.count))
      baseline.learn(table, baselineLength, slot)
      series.learn(slot.count)
    }
    expect(table.slice(baselineLength, 2 * baselineLength)).toEqual(series.state)
    expect(table.subarray(0, baselineLength).every((word) => word === 7)).toBe(true)
    expect(table.subarray(2 * baselineLength).every((word) => word === 7)).toBe(true)
  })

  it('sees that a count is low', () => {
    const series = new Series()
    series.live(28 * 24, () => 50)
    expect(series.lowerTail(50)).toBeGreaterThan(0.2)
    expect(series.lowerTail(2)).toBeLessThan(1e-3)
  })

  it('does not learn a burst of some hours', () => {
    //  50 … 50 2000 × 12 | expected?
    const series = new Series()
    series.live(28 * 24, () => 50)
    series.live(12, () => 2000)
    expect(series.expectedAt(12)).toBeLessThan(75)
    expect(series.upperTail(500)).toBeLessThan(1e-3)
  })

  it('accepts a lasting rise: it ceases to surprise within two weeks, and is usual after four', () => {
    //  50 … four weeks … 50 500 500 500 …
    //                        1 day    2 weeks    4 weeks
    //  surprising            yes      no         no
    const series = new Series()
    series.live(28 * 24, () => 50)
    series.live(24, () => 500)
    expect(series.upperTail(500)).toBeLessThan(1e-3)
    series.live(13 * 24, () => 500)
    expect(series.upperTail(500)).toBeGreaterThan(0.01)
    series.live(14 * 24, () => 500)
    expect(Math.abs(series.expectedAt(12) - 500)).toBeLessThan(50)
  })

  it('accepts a lasting fall within a week', () => {
    const series = new Series()
    series.live(28 * 24, () => 500)
    series.live(7 * 24, () => 50)
    expect(series.expectedAt(12)).toBeLessThan(100)
  })

  it('cannot be taught a burst by a slow drip', () => {
    //  count, one per cent more every hour for four weeks
    //                                        ▲ 3 × as much ?      surprising all the way
    //                             ▁▂▃▄▅▆▇█
    //  ▁▁▁▁▁ four weeks ▁▁▁▁▁▁▁▁▁▁
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 * 7 * 24 }),
        fc.integer({ min: 20, max: 2000 }),
        (hours, usual) => {
          const series = new Series()
          series.live(28 * 24, () => usual)
          series.live(hours, (hour) => usual * 1.01 ** (hour - 28 * 24))
          expect(series.upperTail(3 * usual * 1.01 ** hours)).toBeLessThan(1e-3)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('holds a climbing level back, so that the drip shows itself', () => {
    //  drip     after 110 hours 3 × the honest level; after 200 hours 7 ×
    //  believed less than 2 ×                         less than 2.5 ×, and the count itself surprises
    const series = new Series()
    series.live(28 * 24, () => 100)
    const dripped = (hour: number): number => 100 * 1.01 ** (hour - 28 * 24)
    series.live(110, dripped)
    expect(series.expectedAt(12)).toBeLessThan(200)
    expect(series.upperTail(300)).toBeLessThan(0.05)
    series.live(90, dripped)
    expect(series.expectedAt(12)).toBeLessThan(250)
    expect(series.upperTail(100 * 1.01 ** 200)).toBeLessThan(2e-3)
  })

  it('keeps its promise on traffic of many kinds: what it gives 1 in 1000 is not more frequent', () => {
    const kinds: Record<string, (hour: number, draw: () => number) => number> = {
      steady: (_, draw) => poisson(30, draw),
      seasonal: (hour, draw) => poisson(30 * (1 + 0.8 * Math.sin((hour / 12) * Math.PI)), draw),
      'over-dispersed': (_, draw) => poisson(-30 * Math.log(1 - draw()), draw),
      'heavy-tailed': (_, draw) => poisson(Math.min(1e6, 10 * (1 - draw()) ** (-1 / 1.5)), draw),
      rare: (_, draw) => poisson(0.1, draw),
    }
    for (const [kind, count] of Object.entries(kinds)) {
      let surprising = 0
      let slots = 0
      for (let seed = 1; seed <= 6; seed++) {
        const series = new Series(seeded(seed))
        series.live(7 * 24, count)
        series.live(8 * 7 * 24, count, (chance) => {
          slots++
          if (chance < 1e-3) surprising++
        })
      }
      // Twice as many are within what chance does to 8,000 slots and to a tail of powers.
      expect({ kind, isKept: surprising / slots < 2e-3 }).toEqual({ kind, isKept: true })
    }
  })

  it('judges the same whatever the scale of a large series', () => {
    //  × 1000: counts so large that single events do not matter either way
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 30, maxLength: 200 }), (counts) => {
        const small = new Series()
        const large = new Series()
        for (const count of counts) {
          small.learn(count * 1e4)
          large.learn(count * 1e7)
        }
        for (const count of [10, 100, 1000]) {
          const ratio = Math.log(small.upperTail(count * 1e4)) / Math.log(large.upperTail(count * 1e7))
          if (Number.isFinite(ratio)) expect(Math.abs(ratio - 1)).toBeLessThan(0.05)
        }
      }),
    )
  })

  it('never holds a number that is none, whatever the counts', () => {
    const count = fc.oneof(
      fc.constant(0),
      fc.nat(5),
      fc.constant(1e15),
      fc.double({ min: 0, max: 1e12, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(count, { maxLength: 120 }), (counts) => {
        const series = new Series()
        for (const one of counts) {
          for (const chance of [series.upperTail(one), series.lowerTail(one)]) {
            expect(chance >= 0 && chance <= 1).toBe(true)
          }
          series.learn(one)
        }
        expect(series.state.every((word) => Number.isFinite(word))).toBe(true)
        expect(series.expectedAt(0)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('never gives a higher count a larger chance', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100), { maxLength: 100 }),
        fc.nat(200),
        fc.nat(200),
        (counts, one, more) => {
          const series = new Series()
          for (const count of counts) series.learn(count)
          expect(series.upperTail(one + more)).toBeLessThanOrEqual(series.upperTail(one) * (1 + 1e-9))
        },
      ),
    )
  })

  it('goes on from a copy of its numbers as if nothing had happened, beside other series', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), fc.array(fc.nat(1000)), (early, late) => {
        const unbroken = new Series()
        for (const count of early) unbroken.learn(count)

        const table = new Float32Array(3 * baselineLength).fill(7)
        table.set(unbroken.state, baselineLength)
        late.forEach((count, at) => {
          const slot = { count, timeMs: (early.length + at) * hourMs }
          unbroken.learn(count)
          baseline.learn(table, baselineLength, slot)
        })
        expect(table.slice(baselineLength, 2 * baselineLength)).toEqual(unbroken.state)
        expect(table.subarray(0, baselineLength).every((word) => word === 7)).toBe(true)
        expect(table.subarray(2 * baselineLength).every((word) => word === 7)).toBe(true)
      }),
    )
  })

  it('expects of a window what its length asks for', () => {
    const series = new Series()
    series.live(28 * 24, () => 60)
    const timeMs = 28 * dayMs
    expect(baseline.expected(series.state, 0, timeMs, hourMs / 6)).toBeCloseTo(10, 0)
    expect(baseline.upperTail(series.state, 0, { count: 10, timeMs, spanMs: hourMs / 6 })).toBeGreaterThan(
      0.1,
    )
    expect(baseline.upperTail(series.state, 0, { count: 100, timeMs, spanMs: hourMs / 6 })).toBeLessThan(1e-3)
    // Six hours of a height contain an hour of that height, and there are six of them.
    const hour = baseline.upperTail(series.state, 0, { count: 600, timeMs })
    const hours = baseline.upperTail(series.state, 0, { count: 3600, timeMs, spanMs: 6 * hourMs })
    expect(hours / hour).toBeGreaterThan(5)
  })

  it('fits into 300 bytes', () => {
    expect(baselineLength * Float32Array.BYTES_PER_ELEMENT).toBeLessThanOrEqual(300)
  })

  it('says which option is out of bounds', () => {
    expect(() => new Baseline({ slotMs: 1000 })).toThrow('baseline.slotMs must be between 60000 and 86400000')
    expect(() => new Baseline({ slotMs: hourMs, quarantine: 0.5 })).toThrow('baseline.quarantine')
    for (const taken of [
      { slotMs: 60_000, restMs: 0, quarantine: 0 },
      { slotMs: dayMs, quarantine: 0.1 },
    ]) {
      expect(new Baseline(taken).options).toMatchObject(taken)
    }
  })
})

const baseline = new Baseline({ slotMs: hourMs })

/** One series that lives through hour after hour from the start of a Thursday. */
class Series {
  readonly state = new Float32Array(baselineLength)
  hour = 0

  constructor(
    private readonly draw = seeded(1),
    private readonly judge = baseline,
  ) {
    judge.clear(this.state, 0)
  }

  /** Lives and learns some hours; `see` gets the chance of each count before it is learnt. */
  live(
    hours: number,
    countAt: (hour: number, draw: () => number) => number,
    see?: (chance: number) => void,
  ): void {
    for (let passed = 0; passed < hours; passed++) {
      const count = countAt(this.hour, this.draw)
      see?.(this.upperTail(count))
      this.learn(count)
    }
  }

  learn(count: number): void {
    this.judge.learn(this.state, 0, { count, timeMs: this.hour++ * hourMs })
  }

  expectedAt(hour: number): number {
    return this.judge.expected(this.state, 0, hour * hourMs)
  }

  upperTail(count: number): number {
    return this.upperTailAt(this.hour, count)
  }

  upperTailAt(hour: number, count: number): number {
    return this.judge.upperTail(this.state, 0, { count, timeMs: hour * hourMs })
  }

  lowerTail(count: number): number {
    return this.judge.lowerTail(this.state, 0, { count, timeMs: this.hour * hourMs })
  }
}

/** A week of 50 an hour, which shows no burst. */
function settled(): Series {
  const series = new Series()
  series.live(7 * 24, () => 50)
  return series
}

function quiet(hours: number): number[] {
  return Array.from({ length: hours }, () => 50)
}

/** How high the bursts on record are, the lowest first: the eight numbers of a state before their eight ages. */
function burstsOf({ state }: Series): number[] {
  return [...state.subarray(-16, -8)].filter((height) => height > 0).sort((a, b) => a - b)
}

/** A Poisson count, by the products of draws; in parts, so that a large mean does not underflow. */
function poisson(mean: number, draw: () => number): number {
  if (mean > 500) return Math.round(mean + Math.sqrt(mean) * (draw() + draw() + draw() - 1.5) * 2)
  const limit = Math.exp(-mean)
  let count = -1
  for (let product = 1; product > limit; count++) product *= draw()
  return count
}
