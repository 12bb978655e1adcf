import { timeText } from './time-text'

it('writes a time as its decimal digits', () => {
  for (const timeMs of [
    0, 7, 999, 1_000, 999_999, 1_000_000, 1_000_001, 1_709_481_600_000, 1_709_481_602_045,
  ]) {
    expect(timeText(timeMs)).toBe(String(timeMs))
  }
})
