import { actFamilies, nodeIdOf } from '../../model/acts'
import type { HotObject, Pushed } from '../../model/cluster'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import type { Hash64 } from './joint-actions'

interface Watched extends Hash64 {
  readonly family: number
  readonly name: string
  /** Tied actors when it was told last; 0 where it never was. */
  told: number
  toldMs: number
  /** When it was told last that they were more. */
  grownMs: number
  latestMs: number
}

/** What the table asks the crew view. */
export interface Company {
  /** Those who acted on an object since a moment, so far as they were sampled, latest first. */
  actorsOn(family: number, object: Hash64, sinceMs: number): readonly { actor: Hash64; timeMs: number }[]
  isTied(actor: Hash64): boolean
  /** The accounts that published with a tag since a moment and whose posts some of the tied acted on. */
  pushedBy(
    tied: readonly Hash64[],
    object: { readonly family: number } & Hash64,
    sinceMs: number,
  ): readonly Pushed[]
}

/**
 * Watches tags, links and phrases that tied nodes have acted on, and tells those on which they are many: what rises by
 * the hands of accounts that act together.
 */
export class HotObjects {
  private readonly watched = new Map<string, Watched>()
  /** Watched objects that are to be looked at when the epoch closes. */
  private readonly due = new Set<string>()
  /** Acts on named objects, and those of tied nodes, fading: what share is usual. */
  private acts = 0
  private tiedActs = 0
  evicted = 0

  /** Notes an act on a named object. */
  see(
    act: { readonly family: number; readonly timeMs: number } & Hash64,
    isTied: boolean,
    nameOf: () => string,
  ): void {
    this.acts++
    const key = keyOf(act)
    const known = this.watched.get(key)
    if (known !== undefined) known.latestMs = act.timeMs
    if (!isTied) return
    const name = known?.name ?? nameOf()
    if (name === nameless) return
    this.tiedActs++
    if (known === undefined) this.watch(act, name, act.timeMs)
    this.due.add(key)
  }

  /** A node turns out to be tied that acted on this object before. */
  recall(object: { readonly family: number } & Hash64, name: string, nowMs: number): void {
    if (name === nameless) return
    const key = keyOf(object)
    if (!this.watched.has(key)) this.watch(object, name, nowMs)
    this.due.add(key)
  }

  /**
   * Tells the objects that tied nodes make hot, when there are many, again when they are a quarter more, and every hour:
   * who has taken it up already is no news, but whose posts he turns to next is.
   */
  close(endMs: number, company: Company): HotObject[] {
    const hot: HotObject[] = []
    if (endMs >= this.lookedMs + hourMs) {
      this.lookedMs = endMs
      for (const [key, { told, grownMs }] of this.watched) {
        if (told > 0 && endMs < grownMs + hotspotMs) this.due.add(key)
      }
    }
    for (const key of [...this.due].sort()) {
      const object = this.watched.get(key)
      if (object === undefined) continue
      const acting = company.actorsOn(object.family, object, endMs - hotspotMs)
      if (acting.length < leastActors) continue
      const tied = acting.map(({ actor }) => actor).filter((actor) => company.isTied(actor))
      if (tied.length < leastTied || !isNews(object, tied.length, endMs)) continue
      if (tied.length > object.told) object.grownMs = endMs
      object.told = tied.length
      object.toldMs = endMs
      hot.push({
        family: actFamilies[object.family]!,
        name: object.name,
        tied: tied.map(({ high, low }) => nodeIdOf(high, low)),
        sampled: acting.length,
        usualShare: this.acts === 0 ? 0 : this.tiedActs / this.acts,
        fromMs: acting.at(-1)!.timeMs,
        pushed: company.pushedBy(tied, object, endMs - hotspotMs),
      })
    }
    this.due.clear()
    this.fade(endMs)
    return hot
  }

  save(out: SnapshotWriter): void {
    const { acts, tiedActs, evicted, fadedMs, lookedMs } = this
    out.value('hot', {
      acts,
      tiedActs,
      evicted,
      fadedMs,
      lookedMs,
      due: [...this.due],
      watched: [...this.watched],
    })
  }

  load(from: SnapshotReader): void {
    const saved = from.value<{
      acts: number
      tiedActs: number
      evicted: number
      fadedMs: number
      lookedMs: number
      due: string[]
      watched: [string, Watched][]
    }>('hot')
    this.acts = saved.acts
    this.tiedActs = saved.tiedActs
    this.evicted = saved.evicted
    this.fadedMs = saved.fadedMs
    this.lookedMs = saved.lookedMs
    for (const key of saved.due) this.due.add(key)
    for (const [key, object] of saved.watched) this.watched.set(key, object)
  }

  private fadedMs = 0
  private lookedMs = 0

  private watch({ family, high, low }: { family: number } & Hash64, name: string, latestMs: number): void {
    if (this.watched.size >= mostWatched) {
      const [oldest] = this.watched.keys()
      this.watched.delete(oldest!)
      this.evicted++
    }
    const never = { told: 0, toldMs: 0, grownMs: 0 }
    this.watched.set(keyOf({ family, high, low }), { family, high, low, name, ...never, latestMs })
  }

  private fade(nowMs: number): void {
    if (nowMs < this.fadedMs + dayMs) return
    this.fadedMs = nowMs
    this.acts /= 2
    this.tiedActs /= 2
    for (const [key, { latestMs }] of this.watched) if (latestMs < nowMs - dayMs) this.watched.delete(key)
  }
}

/** It is told at once when it has grown by a quarter, and after an hour in any case. */
function isNews({ told, toldMs }: Watched, tied: number, nowMs: number): boolean {
  return tied >= told * 1.25 || nowMs >= toldMs + hourMs
}

function keyOf({ family, high, low }: { family: number } & Hash64): string {
  return `${family} ${high} ${low}`
}

/** A picture has no name that anybody would look for. */
const nameless = ''
/** Whoever takes something up does so once: all who did within a day made it what it is. */
const hotspotMs = 24 * 3_600_000
const leastActors = 12
const leastTied = 10
const mostWatched = 20_000
const hourMs = 3_600_000
const dayMs = 86_400_000
