import { dayMs, hourMs, isWeekend, localHourOf, seasonAt } from './season'

const monday = Date.UTC(2024, 2, 3, 16)

describe('the season', () => {
  it('follows the clock of UTC+8', () => {
    expect(localHourOf(monday)).toBe(0)
    expect(localHourOf(monday + 20.5 * hourMs)).toBe(20)
    expect(isWeekend(monday)).toBe(false)
    expect(isWeekend(monday + 5 * dayMs)).toBe(true)
    expect(isWeekend(monday + 7 * dayMs)).toBe(false)
  })

  it('sleeps towards five, is liveliest in the evening, and is about 1 over a week', () => {
    expect(seasonAt(monday + 4 * hourMs)).toBeLessThan(0.1)
    expect(seasonAt(monday + 21 * hourMs)).toBeGreaterThan(1.7)
    let total = 0
    for (let hour = 0; hour < 168; hour++) total += seasonAt(monday + hour * hourMs)
    expect(total / 168).toBeCloseTo(1, 1)
  })
})
