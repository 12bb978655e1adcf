import { InTurn } from '../in-turn'
import type { KafkaClient } from './client'
import { pieceHeader, piecesOf } from './pieces'
import { TopicWriter, type TopicWriterOptions } from './topic-writer'

/** The header that carries the position of a record, in decimal. */
export const positionHeader = 'n'

export interface WriterOptions extends TopicWriterOptions {
  /** Position of the next record: what the writer's checkpoint says it has put out. Below it all was acknowledged. */
  readonly nextPosition: number
}

/**
 * Appends to one partition of a topic that nobody else writes to. Every record carries its position, so that a writer
 * may send again whatever it does not know to have arrived: readers skip repeats. A record of any size is taken: what
 * a message cannot hold goes into several, of the same position.
 *
 * A restarted writer, or one that was believed dead, may append positions that are there already. What it appends at a
 * position must be the same bytes.
 */
export class KafkaLogWriter {
  private readonly turns = new InTurn()
  private readonly writer: TopicWriter
  private next: number

  private constructor(client: KafkaClient, options: WriterOptions) {
    this.writer = new TopicWriter(client, options)
    this.next = options.nextPosition
  }

  /** Connects nothing yet. */
  static open(client: KafkaClient, options: WriterOptions): KafkaLogWriter {
    return new KafkaLogWriter(client, options)
  }

  /** Position that the next appended record will get. */
  get end(): number {
    return this.next
  }

  /**
   * Resolves with the position of the first record when the brokers have acknowledged all. A `LogWriteError` says
   * whether it may be tried again; if not, a new writer goes on from the last checkpoint. What led to the records goes
   * along with them where it is known, and is no part of what must be the same.
   */
  append(records: readonly Uint8Array[], traceParent?: string): Promise<number> {
    return this.turns.run(async () => {
      const first = this.next
      await this.writer.append(
        records.flatMap((record, index) =>
          piecesOf(record).map(({ value, place }) => ({
            value,
            headers: {
              [positionHeader]: String(first + index),
              ...(place === undefined ? {} : { [pieceHeader]: place }),
            },
            traceParent,
          })),
        ),
      )
      this.next = first + records.length
      return first
    })
  }

  /** Nothing is left to do: what `append` has resolved for is on every replica in sync. */
  flush(): Promise<void> {
    return this.turns.run(() => this.writer.flush())
  }

  /** Waits for what is under way. */
  close(): Promise<void> {
    return this.turns.run(() => this.writer.close())
  }
}
