import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaClient } from '../../src/log/kafka/client'
import { scanTopic } from '../../src/log/kafka/scan-topic'
import { TopicWriter } from '../../src/log/kafka/topic-writer'
import { ensureTopics } from '../../src/log/kafka/topics'
import { assay, startAssay } from './cli'
import type { Ended, Running } from './cli'

/** An instance that was started. */
export interface Instance {
  readonly running: Running
  /** Where it listens; rejects when it ends before. */
  readonly url: Promise<string>
  kill(): Promise<Ended>
  /** Asks it to end, and waits. */
  stop(): Promise<Ended>
}

/**
 * An installation of assay of its own on brokers that others may use as well: topics, group and state by a name that
 * nobody else has.
 */
export class Installation {
  readonly name = `t${randomUUID().slice(0, 8)}`
  readonly raw = `${this.name}.raw`
  readonly verdicts = `${this.name}.out.verdicts`
  readonly corrections = `${this.name}.out.corrections`
  readonly deadLetters = `${this.name}.dead-letters`
  readonly feedback = `${this.name}.feedback`
  private readonly instances: Instance[] = []
  private readonly state = mkdtempSync(join(tmpdir(), 'assay-service-'))

  constructor(
    private readonly client: KafkaClient,
    private readonly options: {
      readonly bootstrap: string
      readonly partitions: number
      readonly replication?: number
      readonly env?: Readonly<Record<string, string>>
      /** Whether there is a topic of feedback beside the raw one. */
      readonly hasFeedback?: boolean
    },
  ) {}

  /** Makes the raw topic and fills it, line by line over the partitions, or where a line is to go. */
  async produce(
    lines: readonly (string | Uint8Array)[],
    partitionOf = (_line: string | Uint8Array, index: number) => Math.imul(index, 0x9e3779b1) >>> 8,
  ): Promise<void> {
    const { partitions, replication = 1 } = this.options
    const config = { 'retention.ms': '-1' }
    const topics = [
      { topic: this.raw, partitions },
      ...(this.options.hasFeedback === true ? [{ topic: this.feedback, partitions: 1 }] : []),
    ]
    await ensureTopics(
      this.client,
      topics.map((topic) => ({ ...topic, replicationFactor: replication, config })),
    )
    const parts: { value: Uint8Array }[][] = Array.from({ length: partitions }, () => [])
    lines.forEach((line, index) => {
      const value = typeof line === 'string' ? Buffer.from(line.replace(/\n$/, '')) : line
      parts[partitionOf(line, index) % partitions]!.push({ value })
    })
    for (const [partition, records] of parts.entries()) await this.append(this.raw, partition, records)
  }

  /** Puts what a reviewer said into the topic of feedback. */
  async say(line: string): Promise<void> {
    await this.append(this.feedback, 0, [{ value: Buffer.from(line) }])
  }

  private async append(
    topic: string,
    partition: number,
    records: readonly { readonly value: Uint8Array }[],
  ): Promise<void> {
    const writer = new TopicWriter(this.client, { topic, partition })
    for (let at = 0; at < records.length; at += 5_000) await writer.append(records.slice(at, at + 5_000))
    await writer.close()
  }

  /** Starts an instance; `--finish` lets the ends of the raw topic be the end of the stream. */
  start(
    args: readonly string[] = ['--finish'],
    env: Readonly<Record<string, string>> = {},
    cli?: string,
  ): Instance {
    const own = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const running = startAssay(['run', ...args], { under: [...this.under, ...own], cli })
    const instance = {
      running,
      url: addressIn(running),
      kill: () => signal(running, 'SIGKILL'),
      stop: () => signal(running, 'SIGTERM'),
    }
    // Who wants to know waits for it; for the others it is no failure.
    instance.url.catch(() => undefined)
    this.instances.push(instance)
    return instance
  }

  /** Runs a command with the settings of the installation, and waits for its end. */
  command(args: readonly string[]): Promise<Ended> {
    return assay(args, { under: this.under })
  }

  private get under(): string[] {
    const { bootstrap, replication = 1, env = {} } = this.options
    const settings = {
      ASSAY_BROKERS: bootstrap,
      ASSAY_KAFKA_REPLICATION: String(replication),
      ASSAY_KAFKA_TOPIC_PREFIX: `${this.name}.`,
      ASSAY_KAFKA_GROUP: this.name,
      ASSAY_KAFKA_TOPICS: JSON.stringify({
        [this.raw]: 'mixed',
        ...(this.options.hasFeedback === true ? { [this.feedback]: 'feedback' } : {}),
      }),
      ASSAY_KAFKA_PARTITIONS: '3',
      ASSAY_KAFKA_VERDICTS_TOPIC: this.verdicts,
      ASSAY_KAFKA_CORRECTIONS_TOPIC: this.corrections,
      ASSAY_STATE_FOLDER: this.state,
      ASSAY_LISTEN_PORT: '0',
      ...env,
    }
    return ['env', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)]
  }

  /** The values of a topic as lines, in no order. */
  async linesOf(topic: string): Promise<string[]> {
    const lines: string[] = []
    await scanTopic(this.client, topic, ({ value }) => {
      lines.push(Buffer.from(value ?? new Uint8Array()).toString())
    })
    return lines
  }

  /** How many messages a topic has. */
  async countOf(topic: string): Promise<number> {
    let count = 0
    for (const { low, high } of (await this.client.offsets(topic)).values()) count += high - low
    return count
  }

  /** Waits until a topic has at least so many messages. */
  async until(topic: string, count: number, timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs
    for (;;) {
      const there = await this.countOf(topic).catch(() => -1)
      if (there >= count) return
      if (performance.now() > deadlineMs) {
        throw new Error(`${topic} should hold ${count} messages by now and holds ${there}`)
      }
      await sleep(200)
    }
  }

  /** Ends every instance and removes its state. */
  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.kill()))
    rmSync(this.state, { recursive: true, force: true })
  }
}

function signal({ process, ended }: Running, name: NodeJS.Signals): Promise<Ended> {
  process.kill(name)
  return ended
}

function addressIn({ process, ended }: Running): Promise<string> {
  return new Promise((resolve, reject) => {
    let told = ''
    process.stderr!.on('data', (text: string) => {
      told += text
      const url = /listening on (\S+)/.exec(told)?.[1]
      if (url !== undefined) resolve(url)
    })
    void ended.then(({ code, stderr }) => {
      reject(new Error(`the instance ended with ${code}: ${stderr}`))
    })
  })
}
