import { Partitioners } from 'kafkajs'
import type { KafkaClient } from './client'
import { TopicWriter } from './topic-writer'

export interface KeyedRecord {
  readonly key: string
  readonly value: Uint8Array
  /** What led to it, for its header `traceparent`. */
  readonly traceParent?: string | undefined
}

/** Appends to a topic that others read, each record to the partition of its key, as every producer of Java finds it. */
export class KeyedTopic {
  private readonly writers = new Map<number, TopicWriter>()
  private readonly partitionFor = Partitioners.DefaultPartitioner()
  private partitions: readonly number[] | undefined

  constructor(
    private readonly client: KafkaClient,
    private readonly topic: string,
  ) {}

  /** How many sends were made again: a copy of each may arrive later, behind newer records of its keys. */
  get resent(): number {
    return [...this.writers.values()].reduce((sum, { resent }) => sum + resent, 0)
  }

  /** Resolves when the brokers have acknowledged all; of one key in order. */
  async append(records: readonly KeyedRecord[]): Promise<void> {
    this.partitions ??= [...(await this.client.offsets(this.topic)).keys()]
    const partitionMetadata = this.partitions.map((partitionId) => ({
      ...{ partitionId, leader: 0, replicas: [], isr: [], partitionErrorCode: 0 },
    }))
    const byPartition = new Map<number, KeyedRecord[]>()
    for (const record of records) {
      const message = { key: record.key, value: null }
      const partition = this.partitionFor({ topic: this.topic, partitionMetadata, message })
      const ofOne = byPartition.get(partition)
      if (ofOne === undefined) byPartition.set(partition, [record])
      else ofOne.push(record)
    }
    await Promise.all([...byPartition].map(([partition, ofOne]) => this.writerOf(partition).append(ofOne)))
  }

  async close(): Promise<void> {
    await Promise.all([...this.writers.values()].map((writer) => writer.close()))
  }

  private writerOf(partition: number): TopicWriter {
    let writer = this.writers.get(partition)
    if (writer === undefined) {
      writer = new TopicWriter(this.client, { topic: this.topic, partition })
      this.writers.set(partition, writer)
    }
    return writer
  }
}
