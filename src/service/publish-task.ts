import type { KafkaClient } from '../log/kafka/client'
import { KeyedTopic, type KeyedRecord } from '../log/kafka/keyed-topic'
import { KafkaLogReader } from '../log/kafka/log-reader'
import { correctionKey } from '../model/correction-key'
import type { Correction, Verdict } from '../model/records'
import { spanOf } from '../runtime/traces'
import type { TraceParent, Traces } from '../runtime/traces'
import { inVerdictSpans } from '../runtime/verdict-spans'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { newestWhole } from '../store/checkpoint-store'
import type { CheckpointStore } from '../store/checkpoint-store'
import { standingLogs } from '../store/standing'
import type { StandingLog } from '../store/standing'
import { Checkpoints } from './checkpoints'
import type { Feeding } from './feeding'
import type { Topics } from './installation'
import { LateCopies } from './late-copies'
import type { Task } from './task'

export interface PublishTaskOptions {
  readonly client: KafkaClient
  readonly topics: Topics
  readonly checkpoints: CheckpointStore
  readonly onFatal: (error: Error) => void
  /** Told of every verdict that has been published. */
  readonly onVerdict: (verdict: Verdict) => void
  readonly traces: Traces
  /** Whether the task is still ours, as far as the group has said. */
  readonly isMember: () => boolean
  /** Keeps up what is served, where all instances serve the same. */
  readonly feed?: () => Promise<Feeding>
}

/**
 * Copies what was decided to the topics that others read, each record under the key of the contract. After a crash the
 * records of the last second come again, byte for byte; whoever acts on a verdict acts once for each id and revision.
 * Of the corrections of a key the latest record holds: where an older one may have come behind it, from a send that was
 * made again or from whoever had the task before, the latest of each key is sent once more after a minute.
 * Where traces are kept, each verdict has the span of its publishing in a header, so that who acts on it can go on from there.
 */
export class PublishTask implements Task {
  isRestored = false
  private isStopping = false
  private feeding: Feeding | undefined
  private positions: Record<StandingLog, number> = { verdicts: 0, corrections: 0 }
  private readonly readers = new Map<StandingLog, KafkaLogReader>()
  private readonly outputs: Readonly<Record<StandingLog, KeyedTopic>>
  /** Of corrections alone: of a verdict the highest revision holds, wherever it lies. */
  private readonly lateCopies = new LateCopies()
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
    await this.saves.settled()
    await this.feeding?.stop()
    await Promise.all([...this.readers.values(), ...Object.values(this.outputs)].map((one) => one.close()))
  }

  private async run(): Promise<void> {
    await this.restore()
    while (!this.isStopping) {
      let hasMoved = false
      for (const log of standingLogs) hasMoved = (await this.publish(log)) || hasMoved
      if (this.lateCopies.isDue) hasMoved = (await this.publishLatest()) || hasMoved
      if (hasMoved) this.saves.note()
      await this.saves.saveWhenDue((onTaken) => this.checkpoint(onTaken))
      if (!hasMoved) {
        await Promise.race([...this.readers.values()].map((reader) => reader.waitFor(reader.end, idleWaitMs)))
      }
    }
    // Only here: who failed may have settled what he could not send, and nobody may go on from that.
    await this.saves.saveNow((onTaken) => this.checkpoint(onTaken))
  }

  private async publish(log: StandingLog): Promise<boolean> {
    // Who stood still goes on with what it held when another has long published more.
    if (!this.options.isMember()) return false
    const records = await this.readers.get(log)!.read(this.positions[log], bytesAtOnce)
    if (records.length === 0) return false
    const { traceParents } = this.readers.get(log)!
    if (log === 'verdicts') await this.publishVerdicts(records, traceParents)
    else await this.publishCorrections(records, traceParents)
    this.positions[log] += records.length
    return true
  }

  private async publishVerdicts(records: readonly Uint8Array[], parents: Parents): Promise<void> {
    const { traces, topics, onVerdict } = this.options
    const verdicts = records.map((record) => parsed(record) as Verdict)
    const attributes = { 'messaging.system.name': 'kafka', 'messaging.destination.name': topics.verdicts }
    await inVerdictSpans(traces, verdicts, { parents, attributes }, (traceParents) =>
      this.outputs.verdicts.append(
        verdicts.map(({ accountId }, place) => ({
          key: accountId,
          value: records[place]!,
          traceParent: traceParents[place],
        })),
      ),
    )
    for (const verdict of verdicts) onVerdict(verdict)
  }

  /** There may be thousands at once, so that they are told together. */
  private publishCorrections(records: readonly Uint8Array[], parents: Parents): Promise<void> {
    const { traces, topics } = this.options
    const options = {
      parent: parents.at(-1),
      kind: 'producer',
      attributes: {
        'messaging.system.name': 'kafka',
        'messaging.destination.name': topics.corrections,
        'assay.records': records.length,
      },
    } as const
    return spanOf(traces, 'publish corrections', options, () =>
      this.appendCorrections(records.map(keyedCorrection), this.positions.corrections),
    )
  }

  /** Appends them and notes, where an outcome was unknown, from which position on they may come again. */
  private async appendCorrections(records: readonly KeyedRecord[], position: number): Promise<void> {
    const { corrections } = this.outputs
    const { resent } = corrections
    await corrections.append(records)
    if (corrections.resent > resent) this.lateCopies.note(position)
  }

  /** Sends the latest correction of each key again that an older one may lie behind. Resolves with whether it could. */
  private async publishLatest(): Promise<boolean> {
    const reader = this.readers.get('corrections')!
    const end = this.positions.corrections
    const latest = new Map<string, KeyedRecord>()
    for (let position = this.lateCopies.from!; position < end;) {
      if (this.isStopping) return false
      const records = await reader.read(position, bytesAtOnce)
      if (records.length === 0) await reader.waitFor(position, idleWaitMs)
      for (const value of records.slice(0, end - position)) {
        const record = keyedCorrection(value)
        latest.set(record.key, record)
      }
      position += records.length
    }
    if (!this.options.isMember()) return false
    this.lateCopies.settle()
    await this.appendCorrections([...latest.values()], end)
    return true
  }

  private async restore(): Promise<void> {
    const { client, topics, checkpoints, onFatal } = this.options
    const { checkpoint } = await newestWhole(checkpoints, taskName)
    const kept: Positions =
      checkpoint === undefined ? this.positions : new SnapshotReader(checkpoint.parts).value(positionsName)
    const { verdicts, corrections, unsettled = corrections } = kept
    this.positions = { verdicts, corrections }
    this.lateCopies.note(unsettled)
    for (const log of standingLogs) {
      const from = this.positions[log]
      const topic = topics.log(log)
      this.readers.set(log, await KafkaLogReader.open(client, { topic, partition: 0, from, onFatal }))
    }
    this.feeding = await this.options.feed?.()
    this.isRestored = true
  }

  private checkpoint(onTaken?: () => void): Promise<void> {
    const attributes = { 'assay.view': taskName }
    return spanOf(this.options.traces, `checkpoint ${taskName}`, { attributes }, () =>
      this.checkpointNow(onTaken),
    )
  }

  private async checkpointNow(onTaken: (() => void) | undefined): Promise<void> {
    const snapshot = new SnapshotWriter()
    const { verdicts, corrections } = this.positions
    const { from = corrections } = this.lateCopies
    snapshot.value(positionsName, { verdicts, corrections, unsettled: from } satisfies Positions)
    const sequence = verdicts + corrections
    const saving = this.options.checkpoints.save(taskName, { sequence, parts: snapshot.parts() })
    // What it holds are numbers of this moment.
    onTaken?.()
    await saving
  }
}

/** How far it has come, as a checkpoint keeps it. */
interface Positions extends Readonly<Record<StandingLog, number>> {
  /** Of corrections, from where on an older record may come to hold; whoever goes on has to see to it. */
  readonly unsettled?: number
}

/** What led to each of some records. */
type Parents = readonly (TraceParent | undefined)[]

function keyedCorrection(value: Uint8Array): KeyedRecord {
  return { key: correctionKey(parsed(value) as Correction), value }
}

function parsed(line: Uint8Array): unknown {
  return JSON.parse(decoder.decode(line))
}

const decoder = new TextDecoder()
const taskName = 'publish'
const positionsName = 'publish.positions'
const bytesAtOnce = 524_288
const idleWaitMs = 1_000
