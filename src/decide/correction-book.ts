import type { HourCounts } from '../model/finding'
import type { Correction } from '../model/records'

/**
 * Which hours were corrected on the strength of which verdicts, so that what rests on one that was wrong can be taken
 * back. The oldest fall out when it is full, and are counted.
 */
export class CorrectionBook {
  private readonly hours = new Map<string, Corrected>()
  evicted = 0

  constructor(private readonly cap = 50_000) {}

  /** Notes that an hour was corrected, and gives the corrections, content by content. */
  correct(hour: HourCounts, verdictIds: readonly string[]): Correction[] {
    const key = `${hour.kind}|${hour.hour}|${hour.accountId}`
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
      if (rest.length === 0) this.hours.delete(key)
      else this.hours.set(key, { hour, verdictIds: rest })
      again.push(...correctionsOf(rest.length === 0 ? asCounted(hour) : hour, rest))
    }
    return again
  }

  state(): SavedCorrections {
    return { hours: [...this.hours], evicted: this.evicted }
  }

  restore({ hours, evicted }: SavedCorrections): void {
    for (const [key, corrected] of hours) this.hours.set(key, corrected)
    this.evicted = evicted
  }
}

interface Corrected {
  readonly hour: HourCounts
  readonly verdictIds: readonly string[]
}

export interface SavedCorrections {
  readonly hours: readonly (readonly [string, Corrected])[]
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
      counts: { raw, authentic: raw, disputed: 0, low: raw, high: raw },
    })),
  }
}
