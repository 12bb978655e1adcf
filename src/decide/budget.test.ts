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
    expect(budget.state().rejections.length).toBeLessThanOrEqual(1000)
  })
})

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
