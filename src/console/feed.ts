import { useEffect, useRef, useState } from 'preact/hooks'
import { ask } from './api'
import type { Answer, AskError } from './api'
import type { Language } from './settings'

export type Summary = Answer<'VerdictSummary'>

/** Which verdicts are wanted; a filter that is left out lets all pass. */
export type Filter = Readonly<Partial<Record<'offence' | 'recommendation' | 'status' | 'mode', string>>>

export interface Feed {
  readonly items: readonly Summary[]
  /** How many have come while the list is held. */
  readonly waiting: number
  readonly state: 'connecting' | 'live' | 'lost'
  readonly error: AskError | undefined
  /** Whether the list has been asked for once. */
  readonly isLoaded: boolean
}

/**
 * The newest verdicts that meet a filter, as they come. They are gathered and shown a few times a second at most, by
 * frames, and no more than `most` are kept, so that a flood neither stutters nor fills the memory. While the list is
 * held, what comes is kept aside. Whatever a lost connection missed is asked for when it is back.
 */
export function useFeed(
  filter: Filter,
  {
    isHeld,
    most: mostShown,
    language,
  }: { readonly isHeld: boolean; readonly most: number; readonly language: Language },
): Feed {
  const key = new URLSearchParams([...new URLSearchParams(queryOf(filter)), ['lang', language]]).toString()
  const [feed, setFeed] = useState<Feed>(nothing)
  const held = useRef(isHeld)
  const shownKey = useRef(key)
  const release = useRef<() => void>(() => undefined)
  useEffect(() => {
    held.current = isHeld
    release.current()
  }, [isHeld])

  useEffect(() => {
    const known = new Map<string, Summary>()
    let aside = new Map<string, Summary>()
    let frame: number | undefined
    let shownAtMs = -Infinity
    let state: Feed['state'] = 'connecting'
    let error: AskError | undefined
    let isLoaded = false
    let waiting = 0
    let isOver = false

    const show = (): void => {
      frame = undefined
      // A frame that comes too early waits for the next one.
      if (performance.now() - shownAtMs < leastPauseMs) {
        plan()
        return
      }
      shownAtMs = performance.now()
      if (!held.current) {
        for (const [id, summary] of aside) known.set(id, summary)
        aside = new Map()
        waiting = 0
        for (const id of known.keys()) if (known.size > mostShown) known.delete(id)
      }
      setFeed({ items: [...known.values()].reverse(), waiting, state, error, isLoaded })
    }
    const plan = (): void => {
      if (!isOver) frame ??= requestAnimationFrame(show)
    }
    release.current = plan
    const take = (summary: Summary): void => {
      const { verdictId, revision } = summary
      const newest = aside.get(verdictId) ?? known.get(verdictId)
      if (newest !== undefined && newest.revision >= revision) return
      // A revision goes to the front, and one that does not meet the filter any more goes away.
      aside.delete(verdictId)
      if (!meets(summary, filter)) {
        if (known.delete(verdictId)) plan()
        return
      }
      if (!held.current) known.delete(verdictId)
      aside.set(verdictId, summary)
      waiting++
      if (aside.size > mostShown) aside.delete(aside.keys().next().value!)
      plan()
    }
    const load = async (): Promise<void> => {
      try {
        const { items } = await ask('VerdictPage', `/api/v1/verdicts?limit=${mostShown}&${key}`)
        for (const summary of items.reverse()) take(summary)
        error = undefined
      } catch (failure) {
        error = failure as AskError
      }
      isLoaded = true
      plan()
    }

    let source: EventSource | undefined
    let retry: number | undefined
    const close = (): void => {
      source?.close()
      source = undefined
      clearTimeout(retry)
    }
    const open = (): void => {
      close()
      source = new EventSource(`/api/v1/events?lang=${language}`)
      source.onopen = () => {
        state = 'live'
        void load()
      }
      source.onerror = () => {
        state = 'lost'
        plan()
        // The browser comes back by itself, with the last id it saw, unless it was refused.
        if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, retryMs) as unknown as number
      }
      source.addEventListener('verdict', ({ data }: MessageEvent<string>) => {
        take(JSON.parse(data) as Summary)
      })
      source.addEventListener('gap', () => void load())
    }
    // A page that nobody sees leaves its place to those who look, and asks for what it missed when it is seen again.
    const follow = (): void => {
      if (document.hidden) close()
      else open()
    }
    setFeed((before) => ({ ...nothing, items: key === shownKey.current ? before.items : [] }))
    shownKey.current = key
    void load()
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => {
      isOver = true
      close()
      if (frame !== undefined) cancelAnimationFrame(frame)
      document.removeEventListener('visibilitychange', follow)
    }
  }, [key, mostShown])
  return feed
}

/** A filter as a query, in a fixed order. */
export function queryOf(filter: Filter): string {
  const query = new URLSearchParams()
  for (const name of filterNames) if (filter[name] !== undefined) query.set(name, filter[name])
  return query.toString()
}

export const filterNames = ['offence', 'recommendation', 'status', 'mode'] as const

function meets(summary: Summary, filter: Filter): boolean {
  return filterNames.every((name) => filter[name] === undefined || summary[name] === filter[name])
}

const nothing: Feed = { items: [], waiting: 0, state: 'connecting', error: undefined, isLoaded: false }
const leastPauseMs = 250
const retryMs = 3_000
