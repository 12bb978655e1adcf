import type { PartitionLag } from '../log/kafka/raw-reader'
import { flowOf } from '../http/flow'
import type { FlowCounts } from '../http/flow'
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

/** What the console shows of an instance: what the metrics say, without the figures of its tables. */
export function flowOfService({ partitions, tasks, lag }: ServiceState, asOfMs: number | null): FlowCounts {
  const ingests = partitions.map(({ ingest }) => ingest.books)
  const waiting = lag.reduce((sum, one) => sum + one.lag, 0)
  return flowOf(addUp(ingests, statsOfTasks(tasks)), {
    asOfMs,
    tasks: [
      ...(partitions.length === 0 ? [] : [{ name: 'intake', lag: waiting, isReady: true }]),
      ...[...tasks].map(([name, task]) => ({ name, lag: task.lag, isReady: task.isRestored })),
    ],
  })
}

function statsOfTasks(tasks: ServiceState['tasks']): Partial<ViewStats> {
  const stats: Partial<Record<keyof ViewStats, unknown>> = {}
  for (const [name, task] of tasks) if (task instanceof ViewTask) stats[name as keyof ViewStats] = task.stats
  return stats as Partial<ViewStats>
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
  for (const [name, task] of tasks) {
    metrics.lag.set({ task: name }, task.lag)
    metrics.taskOwned.set({ task: name }, task.isRestored ? 1 : 0)
  }
  const views = statsOfTasks(tasks)
  observeViews(metrics, views)
  // What another instance owns by now is told there.
  metrics.eventsCounted.reset()
  metrics.deadLetters.reset()
  const ingests = partitions.map(({ ingest }) => ingest.books)
  observeBooks(metrics, addUp(ingests, views))
}
