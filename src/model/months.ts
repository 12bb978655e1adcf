/**
 * The first moment at which more than so many months have passed since `fromMs`, by the calendar of UTC+8. As the Civil
 * Code of China counts (articles 201 and 202): the day itself does not count, the period ends with the day of the same
 * number, or with the last day of a month that has none.
 *
 * ```
 *  31 August, at any hour     six months end with 28 February     over from 1 March, 00:00
 * ```
 */
export function monthsAfter(fromMs: number, months: number): number {
  const from = new Date(fromMs + zoneMs)
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(from.getUTCDate(), lastDay) + 1) - zoneMs
}

/**
 * The moment after a period of so many days from `fromMs`, by the same calendar and code (articles 201 and 203): the day itself
 * does not count, and the last one counts to its end.
 */
export function daysAfter(fromMs: number, days: number): number {
  return startOfDay(dayOf(fromMs) + days + 1)
}

/** The number of a day by the calendar of UTC+8, and when it begins. */
export function dayOf(timeMs: number): number {
  return Math.floor((timeMs + zoneMs) / dayMs)
}
export function startOfDay(day: number): number {
  return day * dayMs - zoneMs
}

/** A day of that calendar in words. */
export function dayText(timeMs: number): string {
  return new Date(timeMs + zoneMs).toISOString().slice(0, 10)
}

const dayMs = 86_400_000
const zoneMs = 8 * 3_600_000
