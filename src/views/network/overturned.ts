import type { NodeId, OverturnedNote } from '../../model/acts'
import type { ClusterFinding, JointTie } from '../../model/cluster'
import type { Offence } from '../../model/records'
import { verdictIdOf } from '../../model/verdict-id'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/**
 * Which nodes the verdicts on clusters are about, and whom a person has cleared since: what was known of them by then
 * ties them to each other no more.
 *
 * A verdict's id is made of what a finding says, so that whoever finds knows it before it is raised. A case begins where
 * its window does or, when there was one before, where that ended: with a finding.
 */
export class OverturnedClusters {
  /** By offence and cluster. */
  private readonly found = new Map<string, Found>()
  /** When nodes were cleared, the latest time of each. */
  private readonly clearedMs = new Map<NodeId, number>()
  evicted = 0

  /** `cap`: most clusters whose findings are remembered, and most nodes that are cleared. */
  constructor(private readonly cap = 100_000) {}

  /** Notes a finding on a cluster, and who belongs to it. */
  remember(
    { offence, subject, accountId, window }: ClusterFinding,
    members: ReadonlySet<NodeId>,
    endMs: number,
  ): void {
    const key = `${offence}|${subject.id}`
    const known = this.found.get(key)
    const starts = new Set([...(known?.starts ?? []), window.start, endMs])
    const accountIds = new Set([...(known?.accountIds ?? []), accountId])
    this.found.delete(key)
    this.found.set(key, {
      ...{ offence, cluster: subject.id, lastMs: endMs, members: [...members] },
      ...{ accountIds: [...accountIds].slice(-mostKept), starts: [...starts].slice(-mostKept) },
    })
    this.evicted += evictOldest(this.found, this.cap)
  }

  /** The cluster that a verdict is about, and who belonged to it; undefined when it is about none, or is forgotten. */
  clusterOf({ accountId, verdictId }: OverturnedNote): Pick<Found, 'cluster' | 'members'> | undefined {
    for (const found of this.found.values()) {
      if (found.accountIds.includes(accountId) && isAbout(found, verdictId)) return found
    }
    return undefined
  }

  /** Nothing that a node did before is held against it, together with others that are cleared. */
  clear(node: NodeId, timeMs: number): void {
    this.clearedMs.delete(node)
    this.clearedMs.set(node, timeMs)
    this.evicted += evictOldest(this.clearedMs, this.cap)
  }

  /** Whether a tie rests on what was known when both were cleared. */
  covers({ a, b, fromMs }: Pick<JointTie, 'a' | 'b' | 'fromMs'>): boolean {
    if (this.clearedMs.size === 0) return false
    return fromMs < Math.min(this.clearedMs.get(a) ?? -Infinity, this.clearedMs.get(b) ?? -Infinity)
  }

  /** Forgets what ended before a moment. */
  forgetBefore(timeMs: number): void {
    for (const [key, { lastMs }] of this.found) if (lastMs < timeMs) this.found.delete(key)
    for (const [node, clearedMs] of this.clearedMs) if (clearedMs < timeMs) this.clearedMs.delete(node)
  }

  save(out: SnapshotWriter): void {
    const { found, clearedMs, evicted } = this
    out.value('network.overturned', { found: [...found.values()], cleared: [...clearedMs], evicted })
  }

  load(from: SnapshotReader): void {
    const { found, cleared, evicted } = from.value<SavedOverturned>('network.overturned')
    for (const one of found) this.found.set(`${one.offence}|${one.cluster}`, one)
    for (const [node, clearedMs] of cleared) this.clearedMs.set(node, clearedMs)
    this.evicted = evicted
  }
}

/** What was found of one cluster. */
interface Found {
  readonly offence: Offence
  readonly cluster: string
  /** The accounts that its findings named, and where a case of it may have begun. */
  readonly accountIds: readonly string[]
  readonly starts: readonly number[]
  readonly lastMs: number
  /** Of the latest finding. */
  readonly members: readonly NodeId[]
}

interface SavedOverturned {
  readonly found: readonly Found[]
  readonly cleared: readonly (readonly [NodeId, number])[]
  readonly evicted: number
}

function isAbout({ offence, cluster, starts }: Found, verdictId: string): boolean {
  return starts.some((startMs) =>
    (['live', 'shadow'] as const).some(
      (mode) => verdictIdOf({ mode, offence, subject: cluster, startMs }) === verdictId,
    ),
  )
}

function evictOldest(map: Map<string, unknown>, cap: number): number {
  if (map.size <= cap) return 0
  const [oldest] = map.keys()
  map.delete(oldest!)
  return 1
}

/** A cluster is found again when it has grown by a quarter, so that these are those of a long life. */
const mostKept = 32
