import type { PartitionLag } from '../log/kafka/raw-reader'
import { addUp } from '../runtime/books'
import type { ViewStats } from '../runtime/stages'
import type { Metrics } from '../telemetry/metrics'
import { observeBooks, observeViews } from '../telemetry/metrics'
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
  // What another instance owns by now is told there.
  metrics.eventsCounted.reset()
  metrics.deadLetters.reset()
  const ingests = partitions.map(({ ingest }) => ingest.books)
  observeBooks(metrics, addUp(ingests, views))
}
