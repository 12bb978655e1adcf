import type { ClusterChange } from '../../model/cluster'
import type { ClusterEvent } from '../../model/records'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/**
 * What became of each cluster, and when: how it came about, that it grew, shrank, took in another or lost a part, and how it
 * ended. A few dozen events a cluster are kept, of clusters that are gone for some weeks.
 *
 * ```
 *  c-1   born ── grown ── absorbed c-2 ── split c-3 ── died
 *  c-2       born ────────┘ merged-into c-1    │
 *  c-3                                         split-from c-1 ── grown
 * ```
 */
export class ClusterHistories {
  private readonly histories = new Map<string, ClusterEvent[]>()
  evicted = 0

  /** `cap`: most clusters whose history is kept; the one whose latest event is the oldest goes. */
  constructor(private readonly cap = 20_000) {}

  /** Notes what happened at a moment to clusters, which have so many members since. */
  note(
    changes: readonly ClusterChange[],
    { atMs: at, sizeOf }: { atMs: number; sizeOf: (clusterId: string) => number | undefined },
  ): void {
    for (const { cluster, change, size, other } of changes) {
      if (change === 'split') {
        this.add(cluster, { at, change: 'split-from', size, other: other! })
        this.add(other!, { at, change: 'split', size: sizeOf(other!) ?? 0, other: cluster })
      } else if (change !== 'merged') {
        // Why it grew or shrank says more.
        const event = { at, change, size }
        if (!isSize(event) || !isExplained(cluster, changes)) this.add(cluster, event)
      } else if (isPartOf(cluster, other!, changes)) {
        // It fell into parts, none of which is most of it: it did not go into one of them.
        this.add(other!, { at, change: 'died', size })
      } else {
        this.add(cluster, { at, change: 'absorbed', size: sizeOf(cluster) ?? size, other: other! })
        this.add(other!, { at, change: 'merged-into', size, other: cluster })
      }
    }
  }

  /** What happened to a cluster, oldest first; undefined of one that nothing is known of. */
  of(clusterId: string): readonly ClusterEvent[] | undefined {
    return this.histories.get(clusterId)
  }

  /** Forgets the clusters that are gone and that nothing happened to since a moment. */
  forgetBefore(timeMs: number, isThere: (clusterId: string) => boolean): void {
    for (const [id, events] of this.histories) {
      if (events.at(-1)!.at < timeMs && !isThere(id)) this.histories.delete(id)
    }
  }

  save(out: SnapshotWriter): void {
    out.value('network.histories', { histories: [...this.histories], evicted: this.evicted })
  }

  load(from: SnapshotReader): void {
    const { histories, evicted } = from.value<SavedHistories>('network.histories')
    for (const [id, events] of histories) this.histories.set(id, events)
    this.evicted = evicted
  }

  private add(clusterId: string, event: ClusterEvent): void {
    const before = this.histories.get(clusterId) ?? []
    // A list that was told stays as it was.
    const events = [...(isSameGrowth(before.at(-1), event) ? before.slice(0, -1) : before), event]
    if (events.length > mostEvents) events.splice(leastTelling(events), 1)
    this.histories.delete(clusterId)
    this.histories.set(clusterId, events)
    if (this.histories.size <= this.cap) return
    this.histories.delete(this.histories.keys().next().value!)
    this.evicted++
  }
}

interface SavedHistories {
  readonly histories: readonly [string, ClusterEvent[]][]
  readonly evicted: number
}

function isPartOf(cluster: string, other: string, changes: readonly ClusterChange[]): boolean {
  return changes.some((one) => one.change === 'split' && one.cluster === cluster && one.other === other)
}

/** Whether it has taken in or lost another one. */
function isExplained(cluster: string, changes: readonly ClusterChange[]): boolean {
  return changes.some(
    (one) =>
      (one.change === 'split' && one.other === cluster) ||
      (one.change === 'merged' && one.cluster === cluster && !isPartOf(cluster, one.other!, changes)),
  )
}

/** A cluster may grow with every epoch; growth within an hour is one event, and so is shrinking. */
function isSameGrowth(before: ClusterEvent | undefined, event: ClusterEvent): boolean {
  if (before?.change !== event.change || !isSize(event)) return false
  return Math.floor(before.at / hourMs) === Math.floor(event.at / hourMs)
}

function isSize({ change }: Pick<ClusterEvent, 'change'>): boolean {
  return change === 'grown' || change === 'shrunk'
}

/** The place of the event that is missed least: the oldest of size alone, else the oldest but for how it came about. */
function leastTelling(events: readonly ClusterEvent[]): number {
  const growth = events.findIndex((event, place) => isSize(event) && place < events.length - 1)
  return growth > 0 ? growth : 1
}

const hourMs = 3_600_000
const mostEvents = 24
