import { randomUUID } from 'node:crypto'
import { InTurn } from '../in-turn'
import type { KafkaClient } from './client'
import { KafkaLogReader } from './log-reader'
import type { TopicPartition } from './topic-partition'
import { TopicWriter } from './topic-writer'

/**
 * A log that several write to and read from its beginning: all of them see the same notes in the same order, so that of two
 * notes that contradict each other everybody knows which came first. A note may be there more than once.
 */
export class SharedLog {
  private readonly writer: TopicWriter
  private readonly turns = new InTurn()
  private reader: KafkaLogReader | undefined
  private position = 0
  private readonly myself = randomUUID()
  private appended = 0
  private isClosed = false

  /** Connects nothing yet; `onFatal` is told once why it cannot be read on. */
  constructor(
    private readonly client: KafkaClient,
    private readonly options: TopicPartition & { readonly onFatal: (error: Error) => void },
  ) {
    this.writer = new TopicWriter(client, options)
  }

  /**
   * Appends a note, then gives all notes that were not given yet, up to and with this one. What was appended
   * before it, by whomever, has been given when it resolves.
   */
  append(note: object, take: (note: object) => void): Promise<void> {
    return this.turns.run(async () => {
      const id = `${this.myself} ${++this.appended}`
      await this.writer.append([{ value: Buffer.from(JSON.stringify({ id, ...note })) }])
      const reader = await this.opened()
      for (let hasCome = false; !hasCome;) {
        await reader.waitFor(this.position, waitMs)
        for (const record of await reader.read(this.position, readBytes)) {
          this.position++
          const given = JSON.parse(Buffer.from(record).toString()) as { readonly id: string }
          take(given)
          hasCome ||= given.id === id
        }
      }
    })
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.reader?.close()
    await this.writer.close()
  }

  private async opened(): Promise<KafkaLogReader> {
    if (this.reader === undefined) {
      const { low } = await this.client.offsetsOf(this.options)
      const reader = await KafkaLogReader.open(this.client, {
        ...this.options,
        from: low,
        hasManyWriters: true,
      })
      this.position = low
      this.reader = reader
      if (this.isClosed) await reader.close()
    }
    return this.reader
  }
}

const waitMs = 60_000
const readBytes = 1 << 20
