import { learnLogOdds } from './action-mix'

describe('the log-odds of an action mix', () => {
  //                 stars, comments
  const made = [10, 20, 40, 80].map((stars) => ({ mix: [stars, 0], isMade: true }))
  const honest = [10, 20, 40, 80].map((stars) => ({ mix: [stars, stars / 5], isMade: false }))
  const logOdds = learnLogOdds([...made, ...honest])

  it('are above zero where nobody comments, whatever the size', () => {
    expect(logOdds([15, 0])).toBeGreaterThan(0)
    expect(logOdds([70, 0])).toBeGreaterThan(0)
    expect(logOdds([15, 4])).toBeLessThan(0)
  })

  it('stay finite for counts that were never seen', () => {
    expect(Number.isFinite(logOdds([1_000_000_000, 1_000_000_000]))).toBe(true)
  })

  it('add up what each kind says', () => {
    const stars = logOdds([15, 0]) - logOdds([0, 0])
    expect(logOdds([15, 4]) - logOdds([0, 4])).toBeCloseTo(stars)
  })
})
