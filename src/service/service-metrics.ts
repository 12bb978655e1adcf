import type { PartitionLag } from '../log/kafka/raw-reader'
import { flowOf } from '../http/flow'
import type { FlowCounts } from '../http/flow'
import { addUp } from '../runtime/books'
import type { ViewStats } from '../runtime/stages'
import type { StandingStats } from '../store/standing'
import type { Metrics } from '../telemetry/metrics'
import { forgetOwned, observeCounted, observeSources, observeViews, setCounter } from '../telemetry/metrics'
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
  /** Whether what it rests on answers, by name. */
  readonly dependencies: Readonly<Record<string, boolean>>
  readonly served: Readonly<StandingStats>
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
  for (const [name, task] of tasks)
    if (task instanceof ViewTask && task.isRestored) stats[name as keyof ViewStats] = task.stats
  return stats as Partial<ViewStats>
}

/** Sets the metrics of an instance, at a scrape. Each speaks of what it owns, so that the sum over all is the whole. */
export function observeService(metrics: Metrics, state: ServiceState): void {
  const { partitions, tasks, lag, problems, dependencies, served } = state
  metrics.ready.set(problems.length === 0 ? 1 : 0)
  for (const [dependency, isUp] of Object.entries(dependencies)) {
    metrics.dependencyUp.set({ dependency }, isUp ? 1 : 0)
  }
  setCounter(metrics.servedRecords, served.applied)
  setCounter(metrics.servedFailures, served.unreachable)
  forgetOwned(metrics)
  metrics.lag.set(
    { task: 'intake' },
    lag.reduce((sum, one) => sum + one.lag, 0),
  )
  for (const [name, task] of tasks) {
    metrics.lag.set({ task: name }, task.lag)
    metrics.taskOwned.set({ task: name }, task.isRestored ? 1 : 0)
  }
  const views = statsOfTasks(tasks)
  observeViews(metrics, views)
  observeSources(
    metrics,
    partitions.map(({ source, ingest, haltedBecause }) => ({
      ...{ source, books: ingest.books, watermarkMs: ingest.watermarkMs },
      isHalted: haltedBecause !== undefined,
    })),
  )
  for (const source of ['actor', 'account'] as const) {
    metrics.duplicates.inc({ source }, views[source]?.duplicates ?? 0)
    metrics.tooLate.inc({ source }, views[source]?.late ?? 0)
  }
  if (views.account !== undefined || views.decide !== undefined) observeCounted(metrics, addUp([], views))
}

/** Notes what became of an attempt to store a checkpoint. */
export function observeCheckpoint(
  metrics: Metrics,
  { name, isStored, nowMs }: { readonly name: string; readonly isStored: boolean; readonly nowMs: number },
): void {
  // Those of raw partitions are named after them, and are many.
  const task = name.startsWith('raw-') ? 'intake' : name
  if (!isStored) {
    metrics.checkpointFailures.inc({ task })
    return
  }
  metrics.checkpoints.inc({ task })
  metrics.checkpointSeconds.set({ task }, nowMs / 1_000)
}
