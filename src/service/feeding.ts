import type { KafkaClient } from '../log/kafka/client'
import { KafkaLogReader } from '../log/kafka/log-reader'
import { StandingFeed } from '../store/standing-feed'
import type { FeedInput } from '../store/standing-feed'
import { standingLogs } from '../store/standing'
import type { Standing, StandingLog } from '../store/standing'
import type { Topics } from './installation'

/** Keeps the served copy up with the logs of verdicts and corrections, however long it was away. */
export class Feeding {
  private isStopping = false
  private readonly done: Promise<unknown>

  private constructor(
    private readonly readers: ReadonlyMap<StandingLog, KafkaLogReader>,
    standing: Standing,
  ) {
    this.done = Promise.all(
      [...readers].map(([log, reader]) => this.run(new StandingFeed(standing, log, inputOf(reader)), reader)),
    )
  }

  static async start(
    client: KafkaClient,
    topics: Topics,
    { standing, onFatal }: { readonly standing: Standing; readonly onFatal: (error: Error) => void },
  ): Promise<Feeding> {
    const readers = new Map<StandingLog, KafkaLogReader>()
    for (const log of standingLogs) {
      const topic = { topic: topics.log(log), partition: 0 }
      const { high } = await client.offsetsOf(topic)
      const served = await standing.positionOf(log).catch(() => 0)
      readers.set(log, await KafkaLogReader.open(client, { ...topic, from: Math.min(served, high), onFatal }))
    }
    return new Feeding(readers, standing)
  }

  async stop(): Promise<void> {
    this.isStopping = true
    for (const reader of this.readers.values()) reader.wake()
    await this.done
    await Promise.all([...this.readers.values()].map((reader) => reader.close()))
  }

  private async run(feed: StandingFeed, reader: KafkaLogReader): Promise<void> {
    while (!this.isStopping) {
      const hasMore = await feed.step()
      if (!hasMore) await reader.waitFor(reader.end, waitMs).catch(() => undefined)
    }
  }
}

/** After so long it is looked whether the copy is still there. */
const waitMs = 1_000

/** A reader's own way to begin has nothing to do with a log that begins later. */
function inputOf(reader: KafkaLogReader): FeedInput {
  return {
    get end() {
      return reader.end
    },
    read: (from, maxBytes) => reader.read(from, maxBytes),
  }
}
