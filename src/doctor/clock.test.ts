import { clockFinding, readClock } from './clock'

it.each([
  [5_000, 'ok'],
  [5_001, 'warning'],
  [-5_001, 'warning'],
  [300_000, 'warning'],
  [300_001, 'problem'],
  [-300_001, 'problem'],
])('a clock that is ahead by %d ms is a %s', (aheadMs, status) => {
  expect(clockFinding({ of: 'redis', aheadMs, toleranceMs: 0 }).status).toBe(status)
})

it('what the question itself took is not held against a clock', async () => {
  let nowMs = 1_000_000
  const slow = (): Promise<number> => {
    nowMs += 14_000
    return Promise.resolve(1_000_000)
  }
  const readings = await readClock({ of: 'redis', nowMs: () => nowMs, toleranceMs: 0 }, slow)
  expect(readings).toEqual([{ of: 'redis', aheadMs: 7_000, toleranceMs: 7_000 }])
  expect(clockFinding(readings[0]!).status).toBe('ok')
})

it('who does not tell the time is not compared', async () => {
  const options = { of: 'registry', nowMs: Date.now, toleranceMs: 0 }
  expect(await readClock(options, () => Promise.resolve(undefined))).toEqual([])
})
