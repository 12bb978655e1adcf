import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaClient } from '../../../src/log/kafka/client'
import { TopicWriter } from '../../../src/log/kafka/topic-writer'
import { ensureTopics } from '../../../src/log/kafka/topics'
import { contractTopics } from '../../../src/settings/service-settings'
import { prepare } from '../../../src/simulator'

export const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Days of the simulated platform begin at midnight of UTC+8. */
const midnightMs = 16 * hourMs
const partitions = 2
const tickMs = 200

/** An event, and where it goes. */
export interface Line {
  readonly timeMs: number
  readonly topic: string
  readonly partition: number
  readonly value: Buffer
}

/** The events of a simulation that ended within the last day; they are also left in a file. */
export function simulated(file: string, { hours, events }: { hours: number; events: number }): Line[] {
  const startMs = Math.floor((Date.now() - hours * hourMs - midnightMs) / dayMs) * dayMs + midnightMs
  // With this seed, one of those who buy is seen to do it himself, on every day of the week.
  const chunks = [...prepare({ scenario: 'demo', seed: 2, hours, events, startMs }).records()]
  const text = Buffer.concat(chunks)
  writeFileSync(file, text)
  return text.toString().trimEnd().split('\n').map(lineOf)
}

function lineOf(line: string): Line {
  const { kind, actorId, occurredAt } = JSON.parse(line) as {
    readonly kind: string
    readonly actorId: string
    readonly occurredAt: number | string
  }
  const [topic] = Object.entries(contractTopics).find(([, carried]) => carried === kind)!
  const partition = createHash('md5').update(actorId).digest()[0]! % partitions
  return { timeMs: new Date(occurredAt).getTime(), topic, partition, value: Buffer.from(line) }
}

/** The platform: sends its events into the topics of the contract. */
export class Platform {
  sent = 0
  private readonly writers = new Map<string, TopicWriter>()

  private constructor(
    private readonly client: KafkaClient,
    private readonly lines: readonly Line[],
  ) {}

  static async open(client: KafkaClient, lines: readonly Line[]): Promise<Platform> {
    const config = { 'retention.ms': '-1' }
    const topics = Object.keys(contractTopics)
    await ensureTopics(
      client,
      topics.map((topic) => ({ topic, partitions, replicationFactor: 1, config })),
    )
    return new Platform(client, lines)
  }

  /** Sends what arrives up to some time on the platform, as fast as it goes. */
  async sendUntil(timeMs: number): Promise<void> {
    const batches = new Map<string, Line[]>()
    for (let line; (line = this.lines[this.sent]) !== undefined && line.timeMs < timeMs; this.sent++) {
      const name = `${line.topic}/${line.partition}`
      batches.set(name, [...(batches.get(name) ?? []), line])
    }
    await Promise.all([...batches].map(([name, batch]) => this.writerOf(name, batch[0]!).append(batch)))
  }

  /** Lets the time of the platform pass evenly within so many seconds; tells when an hour is over. */
  async playUntil(
    endMs: number,
    { seconds, onHour }: { seconds: number; onHour: (timeMs: number) => void },
  ): Promise<void> {
    const beginMs = this.lines[this.sent]!.timeMs
    const startMs = performance.now()
    for (let nowMs = beginMs; nowMs < endMs;) {
      await sleep(tickMs)
      const share = Math.min(1, (performance.now() - startMs) / (seconds * 1_000))
      const nextMs = beginMs + share * (endMs - beginMs)
      await this.sendUntil(nextMs)
      if (Math.floor(nextMs / hourMs) > Math.floor(nowMs / hourMs))
        onHour(Math.floor(nextMs / hourMs) * hourMs)
      nowMs = nextMs
    }
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    await this.sendUntil(Number.POSITIVE_INFINITY)
    await Promise.all([...this.writers.values()].map((writer) => writer.close()))
  }

  private writerOf(name: string, { topic, partition }: Line): TopicWriter {
    let writer = this.writers.get(name)
    if (writer === undefined)
      this.writers.set(name, (writer = new TopicWriter(this.client, { topic, partition })))
    return writer
  }
}
