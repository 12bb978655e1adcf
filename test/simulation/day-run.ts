import type { Verdict } from '../../src/model/records'
import { loadSettings } from '../../src/settings/load-settings'
import type { ServiceSettings } from '../../src/settings/service-settings'
import { faultNames } from './faults'
import type { FaultName } from './faults'
import { environment, lookEveryMs, ServiceRun, topics } from './service-run'
import type { RunReport } from './service-run'
import { partitions, rawTopic, replayOf } from './stream'
import type { Decided, Stream, StreamRecord } from './stream'

export interface DayOptions {
  readonly seed: number
  /** What `dayStream` gives. */
  readonly stream: Stream
  readonly faults?: readonly FaultName[]
  readonly tell?: (sentence: string) => void
}

/** What a day came to. */
export interface DayReport extends RunReport {
  /** How often faults came together. */
  readonly storms: number
  readonly longestRecoveryMs: number
  /** Records that nobody could read since the registry had lost their schema. */
  readonly refused: number
  readonly verdicts: number
  readonly corrections: number
  readonly tooLate: number
}

/**
 * Runs a day: records come when they happen, and faults in storms, one after the other. In a storm three to six kinds of fault
 * begin within half a minute, and last as they do; when all have ended, it is waited until the service has recovered, and a few
 * seconds later the next storm begins. All kinds come equally often.
 *
 * ```
 *  kill              ─x
 *  brokers-down      ───────────────         rebalance                ─x
 *  redis-emptied         ─x                  disk-full      ────────────────────
 *                                   recovery                                    recovery
 *                    ──────────────┤────────├──────────────────────────────────┤──────────├──
 * ```
 */
export async function runDay({ seed, stream, faults, tell }: DayOptions): Promise<DayReport> {
  const run = new DayRun({
    ...{ seed, stream, isEndless: true },
    ...(faults === undefined ? {} : { faults }),
    ...(tell === undefined ? {} : { tell }),
    // Whoever has lost all checkpoints reads the whole day again, perhaps alone.
    patienceMs: stream.records.length * workMs + 600_000,
  })
  return run.dayReport(await run.run())
}

class DayRun extends ServiceRun {
  /** Kinds of fault that have not come yet since they were last shuffled. */
  private deck: FaultName[] = []
  private storms = 0
  private stormUntilMs = 0
  private readonly recoveryMsOf = new Map<FaultName, number>()

  override get startMs(): number {
    return this.options.stream.startMs
  }

  override get settings(): ServiceSettings {
    return settings
  }

  override holdUntil(untilMs: number, end: () => void): void {
    this.stormUntilMs = Math.max(this.stormUntilMs, untilMs)
    super.holdUntil(untilMs, end)
  }

  /** What does not say when it arrives is there at first; the rest comes in the course of the day. */
  protected override fillTopics(): void {
    const { brokers, options } = this
    brokers.createTopic(rawTopic, partitions)
    brokers.rawTopics.add(rawTopic)
    brokers.workMs = workMs
    brokers.waitFactor = waitFactor
    this.deliver(options.stream.records, 0)
  }

  private deliver(records: readonly StreamRecord[], number: number): void {
    const { scheduler, brokers } = this
    const record = records[number]
    if (record === undefined) return
    const { partition, value, arrivesMs = this.startMs } = record
    const append = (): void => {
      // Its producer keeps it until somebody takes it.
      if (brokers.weather.areDown) {
        scheduler.after(1_000, append, scheduler.world)
        return
      }
      brokers.append(rawTopic, partition, [{ key: null, value, headers: {} }])
      this.deliver(records, number + 1)
    }
    scheduler.after(arrivesMs - this.startMs - scheduler.nowMs, append, scheduler.world)
  }

  protected override planFaults(): void {
    this.faultsUntilMs = this.options.stream.endMs - this.startMs
    this.scheduler.after(
      10_000,
      () => {
        this.storm()
      },
      this.scheduler.world,
    )
  }

  private storm(): void {
    const { scheduler, options } = this
    const { chance, nowMs: beganMs } = scheduler
    if (beganMs >= options.stream.endMs - this.startMs) return
    this.storms++
    this.stormUntilMs = beganMs
    const before = this.injected.length
    for (const fault of this.deal(chance.whole(3, 6))) {
      const delayMs = chance.between(0, 30_000)
      this.stormUntilMs = Math.max(this.stormUntilMs, beganMs + delayMs)
      this.injectAfter(delayMs, fault)
    }
    let due: readonly number[] | undefined
    let calmSinceMs: number | undefined
    const look = (): void => {
      const { nowMs } = scheduler
      if (nowMs > this.stormUntilMs) {
        due ??= this.lengths()
        calmSinceMs = this.hasRead(due) ? (calmSinceMs ?? nowMs) : undefined
        if (calmSinceMs !== undefined && nowMs > calmSinceMs + lookEveryMs) {
          this.note(
            this.injected.slice(before).map(({ fault }) => fault),
            calmSinceMs - this.stormUntilMs,
          )
          scheduler.after(
            chance.between(0, 5_000),
            () => {
              this.storm()
            },
            scheduler.world,
          )
          return
        }
      }
      scheduler.after(lookEveryMs, look, scheduler.world)
    }
    look()
  }

  /** The next kinds of fault; when all have come, they are shuffled, and all come again. */
  private deal(count: number): FaultName[] {
    const { chance } = this.scheduler
    if (this.deck.length === 0) {
      this.deck = [...(this.options.faults ?? faultNames)]
      for (let at = this.deck.length - 1; at > 0; at--) {
        const other = chance.whole(0, at)
        const held = this.deck[at]!
        this.deck[at] = this.deck[other]!
        this.deck[other] = held
      }
    }
    return this.deck.splice(0, count)
  }

  private lengths(): number[] {
    return Array.from(
      { length: partitions },
      (_, partition) => this.brokers.recordsOf(rawTopic, partition).length,
    )
  }

  /** Whether all tasks are at work, have nothing to do, and the raw partitions were read up to there. */
  private hasRead(due: readonly number[]): boolean {
    const owned = this.ownedWhenAtWork()
    return (
      owned?.every(
        ({ topic, partition, ingest }) => topic !== rawTopic || ingest.position >= due[partition]!,
      ) ?? false
    )
  }

  private note(inStorm: readonly FaultName[], recoveryMs: number): void {
    this.tell(
      `storm ${this.storms} is over: ${inStorm.join(', ')}; recovered within ${Math.round(recoveryMs)} ms`,
    )
    for (const fault of inStorm) {
      this.recoveryMsOf.set(fault, Math.max(this.recoveryMsOf.get(fault) ?? 0, recoveryMs))
    }
  }

  /**
   * The report of the run, and beside what follows from the log of events what a replay of the day's records gives, those left
   * out that the registry did not know: that must be there, and of the time before the end nothing else.
   */
  async dayReport(report: RunReport): Promise<DayReport> {
    const refused = this.refused()
    const { records } = this.options.stream
    const reference = await replayOf(
      records.map((record, number) => (refused.has(number) ? { ...record, value: unreadable } : record)),
    )
    const problems = [...report.problems]
    const verdicts = this.linesOf(topics.verdicts)
    const corrections = this.linesOf(topics.corrections)
    const lost =
      missing('verdicts', reference.decided.verdicts, verdicts, problems) +
      missing('corrections', reference.decided.corrections, corrections, problems)
    if (this.tooLate !== reference.tooLate)
      problems.push(`${this.tooLate} events came too late to count, in a replay ${reference.tooLate}`)
    const differing = this.early(verdicts, reference.decided, problems)
    return {
      ...report,
      problems,
      // What is lost behind the log of events is missed by both.
      lost: Math.max(report.lost, lost),
      differing: Math.max(report.differing, differing),
      recoveryMsOf: this.recoveryMsOf,
      storms: this.storms,
      longestRecoveryMs: Math.max(0, ...this.recoveryMsOf.values()),
      refused: refused.size,
      verdicts: new Set(verdicts).size,
      corrections: new Set(corrections).size,
      tooLate: this.tooLate,
    }
  }

  /** The records, by their number, that are dead letters since their schema was not known. */
  private refused(): ReadonlySet<number> {
    const numbers: number[][] = Array.from({ length: partitions }, () => [])
    this.options.stream.records.forEach(({ partition }, number) => {
      numbers[partition]!.push(number)
    })
    const refused = new Set<number>()
    for (const { headers } of this.recordsOf(topics.letters)) {
      const [reason, partition, offset] = ['reason', 'partition', 'offset'].map((name) =>
        headers[name]!.toString(),
      )
      if (reason === 'unknown-schema') refused.add(numbers[Number(partition)]![Number(offset)]!)
    }
    return refused
  }

  /** Verdicts of the day that the replay does not have; after its end time goes on, and more may follow. */
  private early(found: readonly string[], { verdicts }: Decided, problems: string[]): number {
    const endMs = this.options.stream.endMs - 3_600_000
    const added = [...new Set(found)].filter(
      (line) => (JSON.parse(line) as Verdict).detectedAt < endMs && !verdicts.includes(line),
    )
    if (added.length > 0)
      problems.push(
        `${added.length} verdicts are not of the replay of the day, such as ${added[0]!.slice(0, 120)}`,
      )
    return added.length
  }
}

function missing(
  what: string,
  wanted: readonly string[],
  found: readonly string[],
  problems: string[],
): number {
  const there = new Set(found)
  const lost = [...new Set(wanted)].filter((line) => !there.has(line))
  if (lost.length > 0)
    problems.push(`${lost.length} ${what} of a replay of the day are lost, such as ${lost[0]!.slice(0, 120)}`)
  return lost.length
}

const unreadable = Buffer.from('refused')
/** An instance takes four raw records a second. */
const workMs = 250
/** Fetches that find nothing are most of what happens in a day: longer ones make it half as dear. */
const waitFactor = 4
const settings = loadSettings(undefined, { ...environment, ASSAY_IDLE_MS: '120000' })
