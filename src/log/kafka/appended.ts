import type { TopicRecord } from './topic-writer'
import { partitionName, type TopicPartition } from './topic-partition'

/** Records that the brokers have acknowledged, and where they lie: each has the offset behind the one before it. */
export interface AppendedRecords {
  readonly firstOffset: number
  readonly records: readonly TopicRecord[]
  /** When they were sent, which is what the brokers keep with them. */
  readonly timeMs: number
}

/** Tells who reads a partition in this process what was appended to it from here, so that it need not be fetched. */
export class Appended {
  private readonly listeners = new Map<string, Set<(appended: AppendedRecords) => void>>()

  /** Calls at each append to a partition; what it gives ends that. */
  listen(partition: TopicPartition, take: (appended: AppendedRecords) => void): () => void {
    const name = partitionName(partition)
    const listeners = this.listeners.get(name) ?? new Set()
    this.listeners.set(name, listeners.add(take))
    return () => {
      listeners.delete(take)
    }
  }

  tell(partition: TopicPartition, appended: AppendedRecords): void {
    for (const take of this.listeners.get(partitionName(partition)) ?? []) take(appended)
  }
}
