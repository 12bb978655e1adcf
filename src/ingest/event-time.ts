/** No event of a platform is older, and none younger: what lies outside was meant in another unit or is a mistake. */
export const earliestTimeMs = Date.UTC(2000, 0, 1)
export const latestTimeMs = Date.UTC(2100, 0, 1)

/**
 * The moment that ISO 8601 text names, in whole ms since 1970, or NaN when it names none. A date, a time to the second
 * at least and an offset are needed: `2026-03-01T08:30:00.250+08:00`. Without an offset a time means another moment in
 * every country, so none is guessed.
 */
export function parseIsoTime(bytes: Uint8Array, start: number, end: number): number {
  // 0123456789012345678
  // 2026-03-01T08:30:00     then a fraction, then Z or an offset
  if (end - start < 20) return NaN
  if (bytes[start + 4] !== dash || bytes[start + 7] !== dash) return NaN
  if (bytes[start + 13] !== colon || bytes[start + 16] !== colon) return NaN
  const separator = bytes[start + 10]!
  if ((separator | 0x20) !== lowerT && separator !== space) return NaN
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2)
  const month = twoDigits(bytes, start + 5)
  const day = twoDigits(bytes, start + 8)
  const hour = twoDigits(bytes, start + 11)
  const minute = twoDigits(bytes, start + 14)
  const second = twoDigits(bytes, start + 17)
  // Comparisons with NaN are false, so they are made in the form that NaN fails.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return NaN
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return NaN

  let at = start + 19
  let millis = 0
  if (bytes[at] === dot) {
    const from = ++at
    let scale = 100
    for (; at < end && isDigit(bytes[at]!); at++, scale /= 10) {
      // Finer than a millisecond is cut off.
      if (scale >= 1) millis += (bytes[at]! - zero) * scale
    }
    if (at === from || at - from > 9) return NaN
  }
  const offsetMinutes = parseOffset(bytes, at, end)
  return (
    daysSince1970(year, month, day) * dayMs +
    ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 +
    millis
  )
}

const dash = 0x2d
const colon = 0x3a
const dot = 0x2e
const space = 0x20
const zero = 0x30
const lowerT = 0x74
const lowerZ = 0x7a
const plus = 0x2b
const dayMs = 86_400_000

/** `Z`, `+08:00`, `+0800` or `+08`, in minutes; NaN for anything else. */
function parseOffset(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at
  const sign = bytes[at]!
  if (length === 1) return (sign | 0x20) === lowerZ ? 0 : NaN
  if (sign !== plus && sign !== dash) return NaN
  let minutes = 0
  if (length === 6 && bytes[at + 3] === colon) minutes = twoDigits(bytes, at + 4)
  else if (length === 5) minutes = twoDigits(bytes, at + 3)
  else if (length !== 3) return NaN
  const hours = twoDigits(bytes, at + 1)
  if (!(hours <= 23 && minutes <= 59)) return NaN
  const total = hours * 60 + minutes
  return sign === dash ? -total : total
}

/** NaN unless both are digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - zero
  const ones = bytes[at + 1]! - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days of the proleptic Gregorian calendar, by Hinnant's `days_from_civil`: years begin in March, eras have 400 years. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
