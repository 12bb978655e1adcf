import type { DeadLetterReason } from '../ingest/dead-letter'
import type { PartitionLag } from '../log/kafka/raw-reader'
import { kinds } from '../model/event'
import type { ViewStats } from '../runtime/stages'
import type { Metrics } from '../telemetry/metrics'
import { observeViews, setCounter } from '../telemetry/metrics'
import type { TaskName } from './installation'
import type { RawPartition } from './raw-partition'
import type { Task } from './task'
import { ViewTask } from './view-task'

/** What an instance is at. */
export interface ServiceState {
  readonly partitions: readonly RawPartition[]
  readonly tasks: ReadonlyMap<TaskName, Task>
  readonly lag: readonly PartitionLag[]
  readonly problems: readonly string[]
}

/** Sets the metrics of an instance, at a scrape. Each speaks of what it owns, so that the sum over all is the whole. */
export function observeService(metrics: Metrics, { partitions, tasks, lag, problems }: ServiceState): void {
  metrics.ready.set(problems.length === 0 ? 1 : 0)
  metrics.lag.reset()
  metrics.lag.set(
    { task: 'intake' },
    lag.reduce((sum, one) => sum + one.lag, 0),
  )
  metrics.taskOwned.reset()
  const stats: Partial<Record<keyof ViewStats, unknown>> = {}
  for (const [name, task] of tasks) {
    metrics.lag.set({ task: name }, task.lag)
    metrics.taskOwned.set({ task: name }, task.isRestored ? 1 : 0)
    if (task instanceof ViewTask) stats[name as keyof ViewStats] = task.stats
  }
  const views = stats as Partial<ViewStats>
  observeViews(metrics, views)
  observeRecords(metrics, partitions, views)
}

function observeRecords(
  metrics: Metrics,
  partitions: readonly RawPartition[],
  { actor, account, decide }: Partial<ViewStats>,
): void {
  const books = partitions.map(({ ingest }) => ingest.books)
  const sum = (of: (one: (typeof books)[number]) => number): number =>
    books.reduce((total, one) => total + of(one), 0)
  setCounter(
    metrics.recordsRead,
    sum(({ read }) => read),
  )
  setCounter(
    metrics.duplicates,
    sum(({ duplicates }) => duplicates) + (actor?.duplicates ?? 0) + (account?.duplicates ?? 0),
  )
  setCounter(metrics.tooLate, sum(({ tooLate }) => tooLate) + (actor?.late ?? 0) + (account?.late ?? 0))
  for (const reason of Object.keys(books[0]?.deadLetters ?? {}) as DeadLetterReason[]) {
    const letters = sum(({ deadLetters }) => deadLetters[reason])
    if (letters > 0) setCounter(metrics.deadLetters, letters, { reason })
  }
  kinds.forEach((kind, code) => {
    const events = account?.counted[code] ?? 0
    if (events > 0) setCounter(metrics.eventsCounted, events, { kind })
  })
  if (decide !== undefined) setCounter(metrics.corrections, decide.corrections)
}
