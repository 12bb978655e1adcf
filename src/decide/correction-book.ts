import { undisputed } from '../model/finding'
import type { HourCounts } from '../model/finding'
import type { Correction } from '../model/records'

/**
 * Which hours were corrected on the strength of which verdicts, so that what rests on one that was wrong can be taken
 * back. The oldest fall out when it is full, and are counted.
 */
export class CorrectionBook {
  private readonly hours = new Map<string, Corrected>()
  /** Hours that were given back, as they stand, until they are over: so long they grow. */
  private readonly givenBack = new Map<string, HourCounts>()
  evicted = 0

  constructor(private readonly cap = 50_000) {}

  /** Notes that an hour was corrected, and gives the corrections, content by content. */
  correct(hour: HourCounts, verdictIds: readonly string[]): Correction[] {
    const key = keyOf(hour)
    this.givenBack.delete(key)
    this.hours.delete(key)
    this.hours.set(key, { hour, verdictIds })
    if (this.hours.size > this.cap) {
      const [oldest] = this.hours.keys()
      this.hours.delete(oldest!)
      this.evicted++
    }
    return correctionsOf(hour, verdictIds)
  }

  /** What is published instead when a verdict was wrong: where nothing else speaks against an hour, it stands as counted. */
  withdraw(verdictId: string): Correction[] {
    const again: Correction[] = []
    for (const [key, { hour, verdictIds }] of this.hours) {
      if (!verdictIds.includes(verdictId)) continue
      const rest = verdictIds.filter((id) => id !== verdictId)
      if (rest.length > 0) {
        this.hours.set(key, { hour, verdictIds: rest })
        again.push(...correctionsOf(hour, rest))
        continue
      }
      const counted = asCounted(hour)
      this.hours.delete(key)
      this.givenBack.set(key, counted)
      again.push(...correctionsOf(counted, rest))
    }
    return again
  }

  /** What is published of an hour that was given back and has grown since: it stands as counted, also at its end. */
  follow(hour: HourCounts): Correction[] {
    const key = keyOf(hour)
    const stands = this.givenBack.get(key)
    if (stands === undefined) return []
    const counted = asCounted(hour)
    const known = new Map(stands.contents.map(({ contentId, counts }) => [contentId, counts.raw]))
    const grown = counted.contents.filter(({ contentId, counts }) => known.get(contentId) !== counts.raw)
    this.givenBack.set(key, counted)
    return correctionsOf({ ...counted, contents: grown }, [])
  }

  /** Forgets what was given back of hours that are over: they have grown all they will. */
  endHours(nowMs: number): void {
    for (const [key, { hour }] of this.givenBack) if (hour + hourMs < nowMs) this.givenBack.delete(key)
  }

  state(): SavedCorrections {
    return { hours: [...this.hours], givenBack: [...this.givenBack], evicted: this.evicted }
  }

  restore({ hours, givenBack, evicted }: SavedCorrections): void {
    for (const [key, corrected] of hours) this.hours.set(key, corrected)
    for (const [key, hour] of givenBack) this.givenBack.set(key, hour)
    this.evicted = evicted
  }
}

interface Corrected {
  readonly hour: HourCounts
  readonly verdictIds: readonly string[]
}

export interface SavedCorrections {
  readonly hours: readonly (readonly [string, Corrected])[]
  readonly givenBack: readonly (readonly [string, HourCounts])[]
  readonly evicted: number
}

function correctionsOf(
  { accountId, kind, hour, contents }: HourCounts,
  verdictIds: readonly string[],
): Correction[] {
  return contents.map(({ contentId, counts }) => ({
    accountId,
    contentId: contentId === '' ? null : contentId,
    kind,
    hour,
    ...counts,
    verdictIds,
  }))
}

function asCounted(hour: HourCounts): HourCounts {
  return {
    ...hour,
    contents: hour.contents.map(({ contentId, counts: { raw } }) => ({
      contentId,
      counts: undisputed(raw),
    })),
  }
}

function keyOf({ kind, hour, accountId }: HourCounts): string {
  return `${kind}|${hour}|${accountId}`
}

const hourMs = 3_600_000
