import { seeded } from '../../test/support/seeded'
import { poissonLowerTail } from '../windows/tails'
import { Budget } from './budget'

describe('the false-flag budget', () => {
  it('spends less on each test while nothing is found, and gains from a rejection', () => {
    const budget = new Budget(0.01)
    const first = budget.test(0.05).level
    const second = budget.test(0.05).level
    const third = budget.test(1e-9)
    const fourth = budget.test(0.05).level
    expect(second).toBeLessThan(first)
    expect(third.isRejected).toBe(true)
    expect(fourth).toBeGreaterThan(second)
  })

  it('has the bars of the algorithm, as it is written for the list of all p-values', () => {
    //  at the start, at candidates, at what is discarded, and at rejections, the first of which gives less
    const pValues = [
      0.05, 1e-9, 0.9, 0.001, 0.0011, 0.1, 0.11, 1e-12, 0.03, 1e-7, 2e-5, 0.04, 0.8, 0.0009, 0.09,
    ]
    const budget = new Budget(0.001)
    const bars = pValues.map((pValue) => budget.test(pValue).level)
    const expected = barsByTheBook(pValues, 0.001)
    bars.forEach((bar, at) => {
      expect(Math.abs(bar / expected[at]! - 1)).toBeLessThan(1e-5)
    })
    expect(budget.tests).toBe(pValues.filter((pValue) => pValue <= 0.1).length)
    // However much has been found, one in a thousand convicts and no more.
    const rich = new Budget(0.1)
    for (let i = 0; i < 50; i++) rich.test(1e-12)
    expect(rich.bar).toBe(1e-3)
    expect(rich.test(1e-3)).toEqual({ isRejected: true, level: 1e-3 })
    expect(rich.test(0.001_001).isRejected).toBe(false)
  })

  it('loses nothing on p-values that are clearly honest', () => {
    const budget = new Budget(0.01)
    const before = budget.test(0.9).level
    for (let i = 0; i < 1000; i++) budget.test(0.6 + (i % 4) / 10)
    expect(budget.test(0.9).level).toBe(before)
  })

  it.each([0.1, 0.01])('keeps the share of wrong rejections under %p over many streams', (level) => {
    // A seeded stream: nine in ten tests are honest with uniform p-values, one in ten is real and small.
    let rejections = 0
    let wrong = 0
    let wrongShares = 0
    const streams = 300
    for (let stream = 0; stream < streams; stream++) {
      const random = seeded(stream + 1)
      const budget = new Budget(level)
      let rejected = 0
      let wronglyRejected = 0
      for (let i = 0; i < 500; i++) {
        const isReal = random() < 0.1
        const pValue = isReal ? random() ** 12 * 1e-4 : random()
        if (!budget.test(pValue).isRejected) continue
        rejected++
        if (!isReal) wronglyRejected++
      }
      rejections += rejected
      wrong += wronglyRejected
      wrongShares += rejected === 0 ? 0 : wronglyRejected / rejected
    }
    expect(wrongShares / streams).toBeLessThanOrEqual(level)
    expect(rejections).toBeGreaterThan(wrong * 5)
    expect(rejections).toBeGreaterThan(streams * 10)
  })

  it('keeps it also where one surprise is tested each time that it has grown', () => {
    const level = 0.01
    //  honest   30 ── 37 ── 46 ── … ── 214 events: ten looks at one sum, until one of them convicts
    //  real     one in ten subjects, found at the first look
    let wrongShares = 0
    const streams = 100
    for (let stream = 0; stream < streams; stream++) {
      const random = seeded(stream + 1)
      const budget = new Budget(level)
      const looks = () => sumsThatGrow(random).find((pValue) => budget.test(pValue).isRejected)
      const subjects = Array.from({ length: 100 }, () => {
        const isReal = random() < 0.1
        const isConvicted = isReal ? budget.test(random() ** 12 * 1e-6).isRejected : looks() !== undefined
        return { isReal, isConvicted }
      })
      const convicted = subjects.filter((one) => one.isConvicted)
      wrongShares += convicted.filter((one) => !one.isReal).length / Math.max(1, convicted.length)
    }
    expect(wrongShares / streams).toBeLessThanOrEqual(level)
    expect(wrongShares).toBeGreaterThan(0)
  })

  it('goes on from its state', () => {
    const budget = new Budget(0.05)
    for (const pValue of [0.03, 1e-9, 0.02, 0.4, 1e-7]) budget.test(pValue)
    const again = new Budget(0.05)
    again.restore(JSON.parse(JSON.stringify(budget.state())) as ReturnType<Budget['state']>)
    expect(again.test(0.01)).toEqual(budget.test(0.01))
  })

  it('keeps its memory within bounds, and is only stricter for it', () => {
    const budget = new Budget(0.05)
    for (let i = 0; i < 3000; i++) budget.test(1e-12)
    const kept = budget.state().rejections.map((one) => one.kept)
    expect([kept.length, kept[0], kept[1], kept.at(-1)]).toEqual([1000, 1, 2002, 3000])
  })
})

/** Algorithm 1 of Tian and Ramdas, the level of each test made from all the p-values before it. */
function barsByTheBook(pValues: readonly number[], level: number): number[] {
  const [discard, candidate, wealth] = [0.1, 1e-3, level / 2]
  const zeta = Array.from({ length: 1e5 }, (_, j) => (j + 1) ** -1.6).reduce((sum, part) => sum + part, 0)
  // What the sum leaves out, by its integral.
  const gamma = (j: number): number => (j + 1) ** -1.6 / (zeta + 1e5 ** -0.6 / 0.6)
  const bars: number[] = []
  for (let t = 0; t < pValues.length; t++) {
    const isKept = (i: number): boolean => pValues[i]! <= discard
    const since = (from: number): number => {
      let counted = 0
      for (let i = from; i < t; i++) if (isKept(i) && pValues[i]! > candidate) counted++
      return counted
    }
    let bar = wealth * gamma(since(0))
    const rejected = bars.flatMap((one, i) => (isKept(i) && pValues[i]! <= one ? [i] : []))
    rejected.forEach((i, order) => {
      bar += (order === 0 ? level - wealth : level) * gamma(since(i + 1))
    })
    bars.push(Math.min(candidate, (discard - candidate) * bar))
  }
  return bars
}

/** The p-values of the sum of honest amounts at ten looks, each when there are a quarter more of them. */
function sumsThatGrow(random: () => number): number[] {
  let [sum, count] = [0, 0]
  return Array.from({ length: 10 }, (_, look) => {
    const due = Math.floor(30 * 1.25 ** look)
    for (; count < due; count++) sum -= Math.log(1 - random())
    // A sum of exponential amounts is as large when a Poisson count is as low.
    return poissonLowerTail(count - 1, sum)
  })
}
