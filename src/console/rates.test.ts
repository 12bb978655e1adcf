import { ratesOf } from './rates'
import type { Flow } from './rates'

const look = (atMs: number, clicks: number, deadLetters = 0): Flow => ({
  ...{ atMs, nowMs: 0, asOfMs: null, records: clicks, duplicates: 0, tooLate: 0, deadLetters },
  ...{ events: { click: clicks }, deadLettersByReason: {}, verdicts: 0, corrections: 0, tasks: [] },
})

it('says per second what the counters grew by between two looks', () => {
  //  0s      2s        4s
  //  100  →  120   →   120
  const { byKind, flow } = ratesOf([look(0, 100), look(2_000, 120), look(4_000, 120)])
  expect(byKind).toEqual({ click: [10, 0] })
  expect(flow!.records).toBe(120)
})

it('calls rising what has grown within the last minute, and nothing at the first look', () => {
  expect(ratesOf([look(0, 1, 5)]).isRising.deadLetters).toBe(false)
  expect(ratesOf([look(0, 1, 5), look(50_000, 1, 6)]).isRising.deadLetters).toBe(true)
  expect(ratesOf([look(0, 1, 5), look(30_000, 1, 6), look(95_000, 1, 6)]).isRising.deadLetters).toBe(false)
  expect(ratesOf([]).byKind).toEqual({})
})
