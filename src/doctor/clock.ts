import { fine, warning, wrong } from './finding'
import type { Finding } from './finding'

/** How far our clock is ahead of somebody else's; negative behind. */
export interface ClockReading {
  readonly of: string
  readonly aheadMs: number
  /** How much of that may come of asking. */
  readonly toleranceMs: number
}

/** Asks somebody for the time, and compares it with our own half way between question and answer. */
export async function readClock(
  {
    of,
    nowMs,
    toleranceMs,
  }: { readonly of: string; readonly nowMs: () => number; readonly toleranceMs: number },
  ask: () => Promise<number | undefined>,
): Promise<ClockReading[]> {
  const beforeMs = nowMs()
  const theirsMs = await ask()
  const afterMs = nowMs()
  if (theirsMs === undefined) return []
  return [
    {
      of,
      aheadMs: (beforeMs + afterMs) / 2 - theirsMs,
      toleranceMs: toleranceMs + (afterMs - beforeMs) / 2,
    },
  ]
}

export function clockFinding({ of, aheadMs, toleranceMs }: ClockReading): Finding {
  const offByMs = Math.max(0, Math.abs(aheadMs) - toleranceMs)
  const side = aheadMs < 0 ? 'behind' : 'ahead'
  const seen = { check: 'clock', of, expected: 'the same time' }
  if (offByMs <= warningMs) return fine({ ...seen, found: 'it shows our time' })
  const differs = { ...seen, found: `our clock is ${(Math.abs(aheadMs) / 1000).toFixed(0)} s ${side}` }
  if (offByMs <= problemMs) {
    return warning({ ...differs, advice: `dead letters are dated wrongly; ${synchronize}` })
  }
  return wrong({
    ...differs,
    advice: `where producers follow one clock and brokers the other, events count as of the future and become dead letters; ${synchronize}`,
  })
}

const synchronize = 'let NTP set the clocks of both machines'
const warningMs = 5_000
/** As much as an event may be ahead of its append time. */
const problemMs = 5 * 60_000
