import type { KafkaClient } from './client'
import { deadLetterMessage } from './dead-letter-topic'
import type { TopicDeadLetter } from './dead-letter-topic'
import { TopicWriter } from './topic-writer'

/** Puts records aside: each as it was, with where it stood and why in its headers. After a crash one may come twice. */
export class DeadLetterWriter {
  private readonly writer: TopicWriter

  constructor(client: KafkaClient, topic: string) {
    this.writer = new TopicWriter(client, { topic, partition: 0 })
  }

  /** Resolves when the brokers have acknowledged all. */
  append(letters: readonly TopicDeadLetter[]): Promise<void> {
    return this.writer.append(letters.map(deadLetterMessage))
  }

  close(): Promise<void> {
    return this.writer.close()
  }
}
