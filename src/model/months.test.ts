import { dayOf, dayText, monthsAfter, startOfDay } from './months'

const shanghai = (text: string): number => Date.parse(`${text}+08:00`)

describe('six months', () => {
  it.each([
    ['2025-01-10T00:00:00', '2025-07-11T00:00:00'],
    ['2025-01-10T23:59:59', '2025-07-11T00:00:00'],
    ['2025-08-31T12:00:00', '2026-03-01T00:00:00'],
    ['2027-08-30T12:00:00', '2028-03-01T00:00:00'],
    ['2025-10-15T09:00:00', '2026-04-16T00:00:00'],
  ])('from %s are over at %s, as the law counts', (from, over) => {
    expect(monthsAfter(shanghai(from), 6)).toBe(shanghai(over))
  })

  it('are counted by days of UTC+8', () => {
    expect(dayText(Date.UTC(2025, 0, 9, 16))).toBe('2025-01-10')
    expect(startOfDay(dayOf(shanghai('2025-01-10T23:00:00')))).toBe(shanghai('2025-01-10T00:00:00'))
  })
})
