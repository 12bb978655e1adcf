export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** The platform lives by the clock of UTC+8. */
export const zoneOffsetMs = 8 * hourMs

// Activity by hour of the local day, relative: asleep towards 4, up at 8, lunch at 12, and the sofa from 20 to 23.
const weekday = [
  34, 17, 9, 6, 5, 9, 30, 62, 88, 84, 86, 96, 122, 112, 94, 92, 92, 98, 104, 112, 136, 154, 142, 84,
]
const weekend = [
  48, 27, 15, 9, 6, 7, 16, 36, 66, 92, 108, 112, 122, 118, 112, 112, 110, 108, 108, 116, 138, 156, 148, 98,
]

/** How lively the platform is at a moment, by the hour and the day of the week; about 1 on average. */
export function seasonAt(timeMs: number, shiftMs = 0): number {
  const localMs = timeMs + zoneOffsetMs + shiftMs
  const hour = Math.floor(localMs / hourMs)
  const share = localMs / hourMs - hour
  return (levelOfHour(hour) * (1 - share) + levelOfHour(hour + 1) * share) / 82
}

/** The local hour of the day, 0 to 23. */
export function localHourOf(timeMs: number): number {
  return Math.floor((timeMs + zoneOffsetMs) / hourMs) % 24
}

export function isWeekend(timeMs: number): boolean {
  return isWeekendDay(Math.floor((timeMs + zoneOffsetMs) / dayMs))
}

function levelOfHour(localHour: number): number {
  return (isWeekendDay(Math.floor(localHour / 24)) ? weekend : weekday)[localHour % 24]!
}

function isWeekendDay(localDay: number): boolean {
  // Day 0, the first of January 1970, was a Thursday.
  return (localDay + 3) % 7 >= 5
}
