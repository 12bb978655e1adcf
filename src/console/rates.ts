import { useEffect, useState } from 'preact/hooks'
import { ask, AskError } from './api'
import type { Answer } from './api'

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

/** Looks at the counters every two seconds while the page is seen, and keeps five minutes of them. */
export function useRates(): Rates {
  const [rates, setRates] = useState<Rates>(noRates)
  useEffect(() => {
    const looks: Flow[] = []
    let isOver = false
    let timer: number | undefined
    const look = async (): Promise<void> => {
      if (!document.hidden) {
        const [flow, readiness] = await Promise.all([
          ask('Flow', '/api/v1/flow').catch((error: unknown) => error as AskError),
          ask('Readiness', '/readyz').catch(() => undefined),
        ])
        if (isOver) return
        if (flow instanceof AskError) setRates({ ...ratesOf(looks), error: flow, readiness })
        else {
          // Counters that have fallen belong to a service that was started anew.
          if (looks.length > 0 && flow.records < looks.at(-1)!.records) looks.length = 0
          looks.push(flow)
          if (looks.length > mostLooks) looks.shift()
          setRates({ ...ratesOf(looks), error: undefined, readiness })
        }
      }
      timer = setTimeout(() => void look(), pauseMs) as unknown as number
    }
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [])
  return rates
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

const noRates: Rates = {
  flow: undefined,
  error: undefined,
  readiness: undefined,
  byKind: {},
  isRising: { tooLate: false, deadLetters: false },
}
const pauseMs = 2_000
const mostLooks = 150
