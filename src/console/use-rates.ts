import { useEffect, useState } from 'preact/hooks'
import { ask, AskError } from './api'
import { ratesOf } from './rates'
import type { Flow, Rates } from './rates'

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

const noRates: Rates = {
  flow: undefined,
  error: undefined,
  readiness: undefined,
  byKind: {},
  isRising: { tooLate: false, deadLetters: false },
}
const pauseMs = 2_000
const mostLooks = 150
