import { draw, mixOf, Random, scramble } from './random'

const draws = (count: number, one: () => number): number[] => Array.from({ length: count }, one)
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

describe('a seeded source of chance', () => {
  it('draws the same for the same seed and name, and differently for others', () => {
    const of = (seed: number, name: string): number[] => {
      const random = new Random(seed, name)
      return draws(5, () => random.bits())
    }
    expect(of(1, 'people')).toEqual(of(1, 'people'))
    expect(of(1, 'people')).not.toEqual(of(2, 'people'))
    expect(of(1, 'people')).not.toEqual(of(1, 'accounts'))
    expect(of(1, 'people')).not.toEqual(of(1 + 2 ** 40, 'people'))
  })

  it('spreads evenly between 0 and 1', () => {
    const random = new Random(1, 'even')
    const tenths = new Array<number>(10).fill(0)
    for (let time = 0; time < 100_000; time++) tenths[random.below(10)]!++
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400)
  })

  it('has the mean that each distribution promises', () => {
    const random = new Random(1, 'means')
    expect(mean(draws(50_000, () => random.normal()))).toBeCloseTo(0, 1)
    expect(mean(draws(50_000, () => random.exponential(7))) / 7).toBeCloseTo(1, 1)
    expect(mean(draws(20_000, () => random.poisson(3))) / 3).toBeCloseTo(1, 1)
    expect(mean(draws(20_000, () => random.poisson(300))) / 300).toBeCloseTo(1, 1)
    const sorted = draws(50_000, () => random.logNormal(20, 0.9)).sort((left, right) => left - right)
    expect(sorted[25_000]! / 20).toBeCloseTo(1, 1)
  })

  it('favours small numbers, but no single one beyond measure', () => {
    const random = new Random(1, 'skewed')
    const counts = new Array<number>(1_000).fill(0)
    for (let time = 0; time < 500_000; time++) counts[random.skewed(1_000, 3)]!++
    const upperHalf = counts.slice(500).reduce((sum, count) => sum + count, 0)
    expect(counts[0]!).toBeGreaterThan(30 * 500)
    expect(counts[0]!).toBeLessThan(56 * 500)
    expect(upperHalf).toBeGreaterThan(0.15 * 500_000)
  })

  it('samples members once each', () => {
    const random = new Random(1, 'sample')
    const list = draws(100, () => random.bits())
    expect(new Set(random.sample(list, 40)).size).toBe(40)
    expect(random.sample(list, 1_000)).toHaveLength(100)
  })
})

describe('a mix', () => {
  it('comes up by weight', () => {
    const random = new Random(1, 'mix')
    const mix = mixOf([
      ['often', 75],
      ['seldom', 24],
      ['once in a while', 1],
    ])
    const drawn = Array.from({ length: 100_000 }, () => draw(mix, random))
    const share = (value: string): number => drawn.filter((one) => one === value).length / drawn.length
    expect(share('often')).toBeCloseTo(0.75, 1)
    expect(share('seldom')).toBeCloseTo(0.24, 1)
    expect(share('once in a while')).toBeGreaterThan(0.005)
  })
})

describe('scrambling', () => {
  it('keeps different numbers different', () => {
    const seen = new Set(Array.from({ length: 200_000 }, (_, value) => scramble(value)))
    expect(seen.size).toBe(200_000)
  })
})
