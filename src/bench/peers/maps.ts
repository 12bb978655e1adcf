import { disorderMs, hopMs, isFresh, linesOf, paneOf, panesPerWindow, readEvents } from './question'
import type { AskedEvent } from './question'

/** As a good engineer would write it in an afternoon: panes in Maps, their Sets of actors united at every hop. */
export async function answerByMaps(path: string): Promise<string[]> {
  const answers: string[] = []
  const windows = new PaneMaps(answers)
  for await (const event of readEvents(path)) windows.take(event)
  windows.finish()
  return answers
}

interface Pane {
  count: number
  fresh: number
  readonly actors: Set<string>
}

class PaneMaps {
  private readonly series = new Map<string, Map<number, Pane>>()
  private nextPane = Number.POSITIVE_INFINITY
  private latestPane = Number.NEGATIVE_INFINITY
  private latestMs = 0

  constructor(private readonly answers: string[]) {}

  take(event: AskedEvent): void {
    const pane = paneOf(event)
    const key = `${event.accountId}\t${event.kind}`
    let panes = this.series.get(key)
    if (panes === undefined) this.series.set(key, (panes = new Map<number, Pane>()))
    let into = panes.get(pane)
    if (into === undefined) panes.set(pane, (into = { count: 0, fresh: 0, actors: new Set() }))
    into.count++
    if (isFresh(event)) into.fresh++
    into.actors.add(event.actorId)
    this.nextPane = Math.min(this.nextPane, pane)
    this.latestPane = Math.max(this.latestPane, pane)
    this.latestMs = Math.max(this.latestMs, event.occurredAt)
    while ((this.nextPane + 1) * hopMs <= this.latestMs - disorderMs) this.close(this.nextPane++)
  }

  finish(): void {
    while (this.nextPane < this.latestPane + panesPerWindow) this.close(this.nextPane++)
  }

  private close(last: number): void {
    const endMs = (last + 1) * hopMs
    for (const [key, panes] of this.series) {
      panes.delete(last - panesPerWindow)
      if (panes.size === 0) {
        this.series.delete(key)
        continue
      }
      const window: Pane = { count: 0, fresh: 0, actors: new Set() }
      for (const [number, pane] of panes) {
        if (number > last) continue
        window.count += pane.count
        window.fresh += pane.fresh
        for (const actor of pane.actors) window.actors.add(actor)
      }
      if (window.count === 0) continue
      const [account, kind] = key.split('\t') as [string, string]
      const { count, fresh, actors } = window
      this.answers.push(...linesOf({ account, kind, endMs, count, distinct: actors.size, fresh }))
    }
  }
}
