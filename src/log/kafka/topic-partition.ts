/** One partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** How messages, labels and maps name a partition: `topic[3]`. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`
}
