import type { KafkaClient } from '../log/kafka/client'
import { KeyedTopic } from '../log/kafka/keyed-topic'
import type { KeyedRecord } from '../log/kafka/keyed-topic'
import { KafkaLogReader } from '../log/kafka/log-reader'
import type { Correction, Verdict } from '../model/records'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { newestWhole } from '../store/checkpoint-store'
import type { CheckpointStore } from '../store/checkpoint-store'
import { standingLogs } from '../store/standing'
import type { StandingLog } from '../store/standing'
import { Checkpoints } from './checkpoints'
import type { Feeding } from './feeding'
import type { Topics } from './installation'
import type { Task } from './task'

export interface PublishTaskOptions {
  readonly client: KafkaClient
  readonly topics: Topics
  readonly checkpoints: CheckpointStore
  readonly onFatal: (error: Error) => void
  /** Told of every verdict that has been published. */
  readonly onVerdict: (verdict: Verdict) => void
  /** Keeps up what is served, where all instances serve the same. */
  readonly feed?: () => Promise<Feeding>
}

/**
 * Copies what was decided to the topics that others read, each record under the key of the contract. After a crash the
 * records of the last second come again, byte for byte; whoever acts on a verdict acts once for each id and revision.
 */
export class PublishTask implements Task {
  isRestored = false
  private isStopping = false
  private feeding: Feeding | undefined
  private positions: Record<StandingLog, number> = { verdicts: 0, corrections: 0 }
  private readonly readers = new Map<StandingLog, KafkaLogReader>()
  private readonly outputs: Readonly<Record<StandingLog, KeyedTopic>>
  private readonly saves = new Checkpoints(1_000)
  private readonly done: Promise<void>

  constructor(private readonly options: PublishTaskOptions) {
    const { client, topics, onFatal } = options
    this.outputs = {
      verdicts: new KeyedTopic(client, topics.verdicts),
      corrections: new KeyedTopic(client, topics.corrections),
    }
    this.done = this.run().catch((error: unknown) => {
      if (!this.isStopping) onFatal(error as Error)
    })
  }

  get lag(): number {
    return [...this.readers.values()].reduce((sum, { behind }) => sum + behind, 0)
  }

  async stop(): Promise<void> {
    this.isStopping = true
    for (const reader of this.readers.values()) reader.wake()
    await this.done
    if (this.isRestored) await this.checkpoint().catch(() => undefined)
    await this.feeding?.stop()
    await Promise.all([...this.readers.values(), ...Object.values(this.outputs)].map((one) => one.close()))
  }

  private async run(): Promise<void> {
    await this.restore()
    while (!this.isStopping) {
      let hasMoved = false
      for (const log of standingLogs) hasMoved = (await this.publish(log)) || hasMoved
      if (hasMoved) this.saves.note()
      await this.saves.saveWhenDue(() => this.checkpoint())
      if (!hasMoved) {
        await Promise.race([...this.readers.values()].map((reader) => reader.waitFor(reader.end, idleWaitMs)))
      }
    }
  }

  private async publish(log: StandingLog): Promise<boolean> {
    const records = await this.readers.get(log)!.read(this.positions[log], bytesAtOnce)
    if (records.length === 0) return false
    await this.outputs[log].append(records.map(keyed[log]))
    this.positions[log] += records.length
    if (log === 'verdicts') for (const record of records) this.options.onVerdict(parsed(record) as Verdict)
    return true
  }

  private async restore(): Promise<void> {
    const { client, topics, checkpoints, onFatal } = this.options
    const { checkpoint } = await newestWhole(checkpoints, taskName)
    if (checkpoint !== undefined) this.positions = new SnapshotReader(checkpoint.parts).value(positionsName)
    for (const log of standingLogs) {
      const from = this.positions[log]
      const topic = topics.log(log)
      this.readers.set(log, await KafkaLogReader.open(client, { topic, partition: 0, from, onFatal }))
    }
    this.feeding = await this.options.feed?.()
    this.isRestored = true
  }

  private async checkpoint(): Promise<void> {
    const snapshot = new SnapshotWriter()
    snapshot.value(positionsName, this.positions)
    const sequence = this.positions.verdicts + this.positions.corrections
    await this.options.checkpoints.save(taskName, { sequence, parts: snapshot.parts() })
  }
}

/** The keys of the contract. */
const keyed: Readonly<Record<StandingLog, (line: Uint8Array) => KeyedRecord>> = {
  verdicts: (value) => ({ key: (parsed(value) as Verdict).accountId, value }),
  corrections: (value) => {
    const { accountId, contentId, kind, hour } = parsed(value) as Correction
    return { key: [accountId, contentId, kind, hour].join('|'), value }
  },
}

function parsed(line: Uint8Array): unknown {
  return JSON.parse(decoder.decode(line))
}

const decoder = new TextDecoder()
const taskName = 'publish'
const positionsName = 'publish.positions'
const bytesAtOnce = 524_288
const idleWaitMs = 1_000
