import { defaultPolicy, parsePolicy } from '../policy/policy'
import { Precision } from './precision'

describe('precision', () => {
  const dayMs = 86_400_000

  it('begins at what the budget promises, moves with each review, and forgets by half in its half-life', () => {
    const precision = new Precision()
    const of = (atMs: number): number => precision.of('inflated-clicks', atMs, defaultPolicy)
    expect(of(0)).toBeCloseTo(0.999)
    for (let i = 0; i < 4; i++) precision.add('inflated-clicks', 'overturned', 0, defaultPolicy)
    // A beta distribution with 19.98 right and 0.02 wrong before, and four wrong since.
    expect(of(0)).toBeCloseTo(19.98 / 24)
    expect(precision.strictness('inflated-clicks', 0, defaultPolicy)).toBeCloseTo(4.02 / 24 / 0.1)
    expect(of(180 * dayMs)).toBeCloseTo(19.98 / 22)
    expect(precision.strictness('inflated-clicks', 180 * dayMs, defaultPolicy)).toBe(1)
    expect(precision.of('inflated-forwards', 0, defaultPolicy)).toBeCloseTo(0.999)
  })

  it('fades what was known when something is added, and tells all that were reviewed, by name', () => {
    //  day          0               180                              360
    //  forwards     2 confirmed     1 overturned: 1 and 1            0.5 and 0.5
    //  clicks                       1 overturned                     0.5
    const precision = new Precision()
    for (let i = 0; i < 2; i++) precision.add('inflated-forwards', 'confirmed', 0, defaultPolicy)
    expect(precision.of('inflated-forwards', 0, defaultPolicy)).toBeCloseTo(21.98 / 22)
    for (const detector of ['inflated-forwards', 'inflated-clicks'])
      precision.add(detector, 'overturned', 180 * dayMs, defaultPolicy)
    const all = precision.all(180 * dayMs, defaultPolicy)
    expect(Object.keys(all)).toEqual(['inflated-clicks', 'inflated-forwards'])
    expect(all['inflated-forwards']).toBeCloseTo(20.98 / 22)
    expect(all['inflated-clicks']).toBeCloseTo(19.98 / 21)
    expect(precision.of('inflated-forwards', 360 * dayMs, defaultPolicy)).toBeCloseTo(20.48 / 21)
    precision.add('inflated-forwards', 'overturned', 360 * dayMs, defaultPolicy)
    expect(precision.of('inflated-forwards', 360 * dayMs, defaultPolicy)).toBeCloseTo(20.48 / 22)
  })

  it('goes by the numbers of the policy', () => {
    const policy = parsePolicy({
      oneWrongIn: 10,
      precision: { priorVerdicts: 10, halfLifeDays: 1, least: 0.5 },
    })
    const precision = new Precision()
    expect(precision.of('inflated-clicks', 0, policy)).toBeCloseTo(0.9)
    for (let i = 0; i < 20; i++) precision.add('inflated-clicks', 'overturned', 0, policy)
    expect(precision.of('inflated-clicks', 0, policy)).toBeCloseTo(9 / 30)
    expect(precision.strictness('inflated-clicks', 0, policy)).toBeCloseTo(21 / 30 / 0.5)
    expect(precision.of('inflated-clicks', dayMs, policy)).toBeCloseTo(9 / 20)
  })

  it('takes a review back when another has taken its place, as far as it is still there', () => {
    const precision = new Precision()
    precision.add('inflated-clicks', 'overturned', 30 * dayMs, defaultPolicy)
    const span = { thenMs: 30 * dayMs, nowMs: 90 * dayMs }
    precision.takeBack('inflated-clicks', 'overturned', span, defaultPolicy)
    expect(precision.of('inflated-clicks', 90 * dayMs, defaultPolicy)).toBeCloseTo(0.999, 10)
    // One that was never there takes nothing below none.
    precision.takeBack('inflated-clicks', 'overturned', { thenMs: 0, nowMs: 0 }, defaultPolicy)
    expect(precision.of('inflated-clicks', 90 * dayMs, defaultPolicy)).toBeCloseTo(0.999, 10)
  })

  it('goes on from its state', () => {
    const precision = new Precision()
    precision.add('inflated-clicks', 'overturned', 0, defaultPolicy)
    const again = new Precision()
    again.restore(JSON.parse(JSON.stringify(precision.state())) as ReturnType<Precision['state']>)
    expect(again.all(90 * dayMs, defaultPolicy)).toEqual(precision.all(90 * dayMs, defaultPolicy))
    expect(again.of('inflated-clicks', 0, defaultPolicy)).toBeCloseTo(19.98 / 21)
  })
})
