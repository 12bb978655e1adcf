import type { Log } from '../log'
import { checkPosition } from '../position'
import { UnreachableError } from '../../model/errors'
import type { KafkaClient } from './client'
import { KafkaLogReader, type ReaderOptions } from './log-reader'
import { KafkaLogWriter, type WriterOptions } from './log-writer'
import { partitionName } from './topic-partition'

export type LogOptions = WriterOptions & Pick<ReaderOptions, 'bufferBytes' | 'onFatal'>

/** How long a record that was acknowledged may take to come back. */
const arrivalMs = 60_000

/** Writer and reader of one partition as one log: `read` waits for records below `end` that are still on their way. */
export class KafkaLog implements Log {
  private constructor(
    private readonly options: LogOptions,
    private readonly writer: KafkaLogWriter,
    private readonly reader: KafkaLogReader,
  ) {}

  /** Reads from the beginning, which all records must still be there for. */
  static async open(client: KafkaClient, options: LogOptions): Promise<KafkaLog> {
    const reader = await KafkaLogReader.open(client, { ...options, from: 0 })
    return new KafkaLog(options, KafkaLogWriter.open(client, options), reader)
  }

  /** Records may arrive before their acknowledgement does, and count then. */
  get end(): number {
    return Math.max(this.writer.end, this.reader.end)
  }

  append(records: readonly Uint8Array[]): Promise<number> {
    return this.writer.append(records)
  }

  /** Waits for all that was acknowledged, or as much as the buffer holds, so that it gives as much as fits. */
  async read(from: number, maxBytes: number): Promise<readonly Uint8Array[]> {
    checkPosition(from, this.end)
    this.reader.goTo(from)
    while (this.reader.end < this.end && !this.reader.isFull) await this.arrival()
    return this.reader.read(from, maxBytes)
  }

  flush(): Promise<void> {
    return this.writer.flush()
  }

  async close(): Promise<void> {
    await Promise.all([this.writer.close(), this.reader.close()])
  }

  private async arrival(): Promise<void> {
    const position = this.reader.end
    if (await this.reader.waitFor(position, arrivalMs)) return
    throw new UnreachableError(
      `record ${position} of ${partitionName(this.options)} should be there and did not come within ` +
        `${arrivalMs / 1_000} s; see whether the brokers answer`,
    )
  }
}
