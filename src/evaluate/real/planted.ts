import type { RealEvent } from './play'

/**
 * A robot that does not hide: comments by the clock, under ever new names, in few wordings, on an account of its own.
 * Played among real events it shows that silence about them is not deafness.
 */
export function plantedRobot({ startMs, comments }: { startMs: number; comments: number }): RealEvent[] {
  return Array.from({ length: comments }, (_, place) => ({
    kind: 'comment',
    eventId: `planted ${place}`,
    occurredAt: startMs + place * minuteMs,
    actorId: `planted ${place}`,
    accountId: plantedAccount,
    contentId: plantedAccount,
    text: `the best that I have seen this year, highly recommended ${place % wordings}`,
  }))
}

export const plantedAccount = 'planted'
const minuteMs = 60_000
const wordings = 5
