import type { Answer, AskError } from './api'

export type Flow = Answer<'Flow'>

/** How the flow goes: the newest counters, and per second what they grew by lately. */
export interface Rates {
  readonly flow: Flow | undefined
  readonly error: AskError | undefined
  readonly readiness: Answer<'Readiness'> | undefined
  /** A rate a second for each look, oldest first, by the kind of event. */
  readonly byKind: Readonly<Partial<Record<string, readonly number[]>>>
  /** Whether what went wrong has grown within the last minute. */
  readonly isRising: Readonly<Record<'tooLate' | 'deadLetters', boolean>>
}

/** What the differences between looks say. */
export function ratesOf(looks: readonly Flow[]): Pick<Rates, 'flow' | 'byKind' | 'isRising'> {
  const flow = looks.at(-1)
  const byKind: Record<string, number[]> = {}
  for (const kind of Object.keys(flow?.events ?? {})) {
    byKind[kind] = looks.slice(1).map((after, at) => {
      const before = looks[at]!
      const seconds = (after.atMs - before.atMs) / 1000
      return seconds <= 0 ? 0 : Math.max(0, countIn(after, kind) - countIn(before, kind)) / seconds
    })
  }
  const minuteAgo = looks.find(({ atMs }) => atMs >= (flow?.atMs ?? 0) - 60_000)
  const isRisen = (name: 'tooLate' | 'deadLetters') => (flow?.[name] ?? 0) > (minuteAgo?.[name] ?? Infinity)
  return { flow, byKind, isRising: { tooLate: isRisen('tooLate'), deadLetters: isRisen('deadLetters') } }
}

function countIn({ events }: Flow, kind: string): number {
  return events[kind] ?? 0
}
