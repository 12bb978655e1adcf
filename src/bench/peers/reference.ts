import { hopMs, isFresh, linesOf, paneOf, panesPerWindow, readEvents } from './question'
import type { AskedEvent } from './question'

/**
 * The right answers, in the plainest way: the whole stream in memory, and each event put into each of its windows. One
 * account and kind after the other, so that the sets of one fit.
 */
export async function answerByReference(path: string): Promise<string[]> {
  const eventsOf = new Map<string, AskedEvent[]>()
  for await (const event of readEvents(path)) {
    const key = `${event.accountId}\t${event.kind}`
    const known = eventsOf.get(key)
    if (known === undefined) eventsOf.set(key, [event])
    else known.push(event)
  }
  return [...eventsOf.values()].flatMap(answersOf)
}

function answersOf(events: readonly AskedEvent[]): string[] {
  const { accountId: account, kind } = events[0]!
  const windows = new Map<number, { count: number; fresh: number; actors: Set<string> }>()
  for (const event of events) {
    for (let hop = 1; hop <= panesPerWindow; hop++) {
      const endMs = (paneOf(event) + hop) * hopMs
      let window = windows.get(endMs)
      if (window === undefined) windows.set(endMs, (window = { count: 0, fresh: 0, actors: new Set() }))
      window.count++
      if (isFresh(event)) window.fresh++
      window.actors.add(event.actorId)
    }
  }
  return [...windows].flatMap(([endMs, { count, fresh, actors }]) =>
    linesOf({ account, kind, endMs, count, distinct: actors.size, fresh }),
  )
}
