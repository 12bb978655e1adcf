import { Closes } from './closes'

it('is calm a tenth of the way from the one close and from the other', () => {
  //  0         10 s                          20 s
  //  │ close   │ close  ░░░░░░░░░░░░░░░░░░    │
  //                    11 s …           19 s
  const closes = new Closes()
  closes.note(60_000, 0)
  expect(closes.isCalm(3_000)).toBe(false)
  closes.note(70_000, 10_000)
  const calm = [10_500, 11_000, 15_000, 19_000, 19_500, 21_000].filter((nowMs) => closes.isCalm(nowMs))
  expect(calm).toEqual([11_000, 15_000, 19_000])
})

it('takes no step for a close that closes nothing', () => {
  const closes = new Closes()
  closes.note(60_000, 0)
  closes.note(70_000, 10_000)
  closes.note(70_000, 12_000)
  expect(closes.isCalm(13_000)).toBe(true)
})

it('knows no calm before a view has closed two epochs', () => {
  const closes = new Closes()
  closes.note(null, 0)
  closes.note(null, 1_000)
  closes.note(60_000, 2_000)
  expect([1_200, 2_200, 2_500].map((nowMs) => closes.isCalm(nowMs))).toEqual([false, false, false])
})
