import { areaUnderCurve } from './ranking'

describe('the area under the curve', () => {
  it.each([
    ['1 when every positive scores above every other', '+9 +8 -2 -1', 1],
    ['0 when every positive scores below', '+1 +2 -8 -9', 0],
    ['the share of pairs in the right order', '+5 +1 -3 -0', 0.75],
    ['one half for pairs that tie', '+4 -4 +4 -4 -4', 0.5],
  ])('is %s', (_, scores, area) => {
    //                    +5 before -3 and -0, +1 before -0 only: three pairs of four
    const scored = scores
      .split(' ')
      .map((one) => ({ score: Number(one.slice(1)), isPositive: one.startsWith('+') }))
    expect(areaUnderCurve(scored)).toBeCloseTo(area)
  })
})
