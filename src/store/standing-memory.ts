import type { Correction, Verdict } from '../model/records'
import { newestKept, revisionsKept, verdictsPerAccount, verdictsPerCluster } from './standing-records'
import { correctionsPerAccount } from './standing-records'
import {
  clusterIdsOf,
  concernedBy,
  concernNow,
  correctionKey,
  matches,
  pageByPosition,
} from './standing-records'
import { pageOfCorrections, readCorrection, readVerdict, standingFrom } from './standing-records'
import type { ServedVerdict } from './standing-records'
import type {
  AccountStanding,
  AccountVerdict,
  ApplyOutcome,
  ClusterStanding,
  ClusterSummary,
  CorrectionQuery,
  Page,
  PageQuery,
  Standing,
  StandingBatch,
  StandingLog,
  StandingStats,
  Totals,
  VerdictQuery,
  VerdictSummary,
} from './standing'

/** The served copy in the memory of one process: for a demonstration, for the embedded pipeline and for tests. */
export class MemoryStanding implements Standing {
  readonly stats: StandingStats = { applied: 0, skipped: 0, behind: 0, unreachable: 0 }
  private readonly positions: Record<StandingLog, number> = { verdicts: 0, corrections: 0 }
  /** In the order of their positions, as are clusters and the verdicts of an account. */
  private readonly served = new Map<string, ServedVerdict & { readonly revisions: readonly Verdict[] }>()
  private readonly byAccount = new Map<string, Map<string, AccountVerdict>>()
  private readonly corrections = new Map<string, Map<string, Correction>>()
  private readonly namedClusters = new Map<string, ClusterStanding & { readonly position: number }>()

  apply({ log, from, records }: StandingBatch): Promise<ApplyOutcome> {
    const at = this.positions[log]
    if (at < from) {
      this.stats.behind++
      return Promise.resolve({ kind: 'behind', from: at })
    }
    const next = Math.max(at, from + records.length)
    let skipped = 0
    for (const [index, record] of records.entries()) {
      if (from + index < at) continue
      const isServed = log === 'verdicts' ? this.serve(record, from + index) : this.correct(record)
      this.stats[isServed ? 'applied' : 'skipped']++
      if (!isServed) skipped++
    }
    this.positions[log] = next
    return Promise.resolve({ kind: 'applied', next, skipped })
  }

  positionOf(log: StandingLog): Promise<number> {
    return Promise.resolve(this.positions[log])
  }

  startFrom(log: StandingLog, position: number): Promise<void> {
    this.positions[log] = Math.max(this.positions[log], position)
    return Promise.resolve()
  }

  verdict(verdictId: string): Promise<Verdict | undefined> {
    return Promise.resolve(this.served.get(verdictId)?.verdict)
  }

  revisions(verdictId: string): Promise<readonly Verdict[]> {
    return Promise.resolve(this.served.get(verdictId)?.revisions ?? [])
  }

  verdicts(query: VerdictQuery): Promise<Page<VerdictSummary>> {
    return inPromise(() => {
      const summaries = [...this.served.values()].map(({ summary }) => summary)
      return pageByPosition(
        summaries.filter((summary) => matches(summary, query)),
        query,
      )
    })
  }

  verdictsAfter(position: number, limit: number): Promise<readonly VerdictSummary[]> {
    const summaries = [...this.served.values()].map(({ summary }) => summary)
    return Promise.resolve(summaries.filter((summary) => summary.position > position).slice(-limit))
  }

  verdictsOf(accountId: string, page: PageQuery): Promise<Page<AccountVerdict>> {
    return inPromise(() => pageByPosition(this.concerning(accountId), page))
  }

  standingOf(accountId: string, nowMs: number): Promise<AccountStanding> {
    return Promise.resolve(standingFrom(accountId, this.concerning(accountId), nowMs))
  }

  totalsOf(accountId: string): Promise<Totals> {
    const totals: Partial<Record<Correction['kind'], { raw: number; authentic: number; disputed: number }>> =
      {}
    for (const correction of this.corrections.get(accountId)?.values() ?? []) {
      const sum = (totals[correction.kind] ??= { raw: 0, authentic: 0, disputed: 0 })
      for (const name of ['raw', 'authentic', 'disputed'] as const) sum[name] += correction[name]
    }
    return Promise.resolve(totals)
  }

  correctionsOf(accountId: string, query: CorrectionQuery): Promise<Page<Correction>> {
    return inPromise(() => {
      const corrections = this.corrections.get(accountId) ?? new Map<string, Correction>()
      const { items, next } = pageOfCorrections([...corrections.keys()], query)
      return { items: items.map((key) => corrections.get(key)!), next }
    })
  }

  cluster(clusterId: string): Promise<ClusterStanding | undefined> {
    const cluster = this.namedClusters.get(clusterId)
    return Promise.resolve(cluster === undefined ? undefined : withoutPosition(cluster))
  }

  clusters(page: PageQuery): Promise<Page<ClusterSummary>> {
    return inPromise(() => {
      const { items, next } = pageByPosition([...this.namedClusters.values()], page)
      return { items: items.map(withoutMembers), next }
    })
  }

  clustersOf(accountId: string): Promise<readonly ClusterSummary[]> {
    const ids = clusterIdsOf(this.concerning(accountId))
    const clusters = [...this.namedClusters.values()].filter(({ id }) => ids.has(id))
    return Promise.resolve(clusters.reverse().map(withoutMembers))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  private serve(record: Uint8Array, position: number): boolean {
    const served = readVerdict(record, position)
    if (served === undefined) return false
    const { verdict, summary } = served
    const { verdictId, revision } = verdict
    this.nameCluster(verdict, position)
    const before = this.served.get(verdictId)
    if ((before?.summary.revision ?? 0) >= revision) return true
    const revisions = [...(before?.revisions ?? []), verdict].slice(-revisionsKept)
    putLast(this.served, verdictId, { ...served, revisions }, newestKept)
    for (const [accountId, concern] of concernedBy(verdict)) {
      const known = this.byAccount.get(accountId) ?? new Map<string, AccountVerdict>()
      putLast(known, verdictId, { ...summary, concern }, verdictsPerAccount)
      putLast(this.byAccount, accountId, known, accountsKept)
    }
    return true
  }

  private nameCluster({ cluster, verdictId, detectedAt }: Verdict, position: number): void {
    if (cluster === null || cluster === undefined) return
    const others = (this.namedClusters.get(cluster.id)?.verdictIds ?? []).filter((id) => id !== verdictId)
    const verdictIds = [verdictId, ...others].slice(0, verdictsPerCluster)
    putLast(this.namedClusters, cluster.id, { ...cluster, detectedAt, verdictIds, position }, newestKept)
  }

  private correct(record: Uint8Array): boolean {
    const read = readCorrection(record)
    if (read === undefined) return false
    const { correction } = read
    const known = this.corrections.get(correction.accountId) ?? new Map<string, Correction>()
    known.set(correctionKey(correction), correction)
    if (known.size > correctionsPerAccount) known.delete(oldestOf(known))
    putLast(this.corrections, correction.accountId, known, accountsKept)
    return true
  }

  private concerning(accountId: string): AccountVerdict[] {
    return [...(this.byAccount.get(accountId)?.values() ?? [])]
      .map((known) => {
        const latest = this.served.get(known.verdictId)
        return latest === undefined ? known : concernNow(known, latest, accountId)
      })
      .filter((verdict) => verdict !== undefined)
  }
}

const accountsKept = 100_000

/** Puts an entry at the end of a map and lets the first ones go when it is full. */
function putLast<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value!)
}

/** The key of the correction of the oldest hour; of several the first by name. */
function oldestOf(corrections: ReadonlyMap<string, Correction>): string {
  let oldest: [string, Correction] | undefined
  for (const entry of corrections) {
    const isOlder = oldest === undefined || entry[1].hour < oldest[1].hour
    if (isOlder || (entry[1].hour === oldest![1].hour && entry[0] < oldest![0])) oldest = entry
  }
  return oldest![0]
}

function withoutPosition(cluster: ClusterStanding): ClusterStanding {
  const { id, size, members, history, detectedAt, verdictIds } = cluster
  return { id, size, members, ...(history === undefined ? {} : { history }), detectedAt, verdictIds }
}

function withoutMembers({ id, size, detectedAt, verdictIds }: ClusterStanding): ClusterSummary {
  return { id, size, detectedAt, verdictIds }
}

/** What is thrown for a bad cursor arrives as a rejection, as it does from a store that is asked over a network. */
function inPromise<Value>(make: () => Value): Promise<Value> {
  return new Promise((resolve) => {
    resolve(make())
  })
}
