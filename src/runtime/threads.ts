import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { Policy } from '../policy/policy'
import { RecordPages } from '../state/record-pages'
import type { KeptRecord } from '../state/record-pages'
import { connect } from './connect'
import { stepBack } from './precedence'
import { inputsOf, makeStages, makeViews, planOf, stagesOf, statsOf, threadGroups, viewNames } from './stages'
import type { LogName, PlannedStage, Stage, ViewStats, Views } from './stages'
import { keepYoungGeneration } from './young-generation'

/** All stages between raw events and verdicts, in memory. */
export interface Pipeline<Log extends string = LogName> {
  /** Takes a record of a log; what follows from it reaches `take` by the next `drain` at the latest. */
  put(log: Log, record: Uint8Array): void
  /** Resolves when the stages are not too far behind, so that what waits for them has a bound. */
  room(): Promise<void>
  /** Resolves when all that was put has gone through all stages, with the figures of all views. */
  drain(): Promise<ViewStats>
  /** The figures of the views as of the last `drain`, or newer; before the first one some may have none yet. */
  readonly stats: Partial<ViewStats>
  close(): Promise<void>
}

export interface PipelineOptions {
  readonly policy: Policy
  /** The secret of all hashes. */
  readonly key: Uint8Array
  /** Takes what no view reads: verdicts, corrections, surges, the chain. */
  readonly take: (log: LogName, record: Uint8Array) => void
}

/** All stages on the thread of the caller, who may bring views and stages of his own that listen. */
export function connectedPipeline(
  { policy, key, take }: PipelineOptions,
  views: Views = makeViews(policy, key),
  listening: readonly Stage[] = [],
): Pipeline & { readonly stats: ViewStats } {
  return connected([...stagesOf(views), ...listening], take, () => statsOf(views, viewNames))
}

/** The stages on threads: the same bytes as on one. */
export function threadedPipeline({ policy, key, take }: PipelineOptions): Pipeline {
  return onThreads(planOf(policy), { key, take })
}

export interface PlannedPipelineOptions<Log extends string> extends Pick<PipelineOptions, 'key'> {
  /** Takes what no stage of the plan reads. */
  readonly take: (log: Log, record: Uint8Array) => void
  /** Whether the stages share out the cores of the machine; it changes no byte. */
  readonly isThreaded: boolean
}

/** The stages of a plan, which has each view at least once. */
export function plannedPipeline<Log extends string>(
  plan: readonly PlannedStage<Log>[],
  { key, take, isThreaded }: PlannedPipelineOptions<Log>,
): Pipeline<Log> {
  if (isThreaded) return onThreads(plan, { key, take })
  const { stages, stats } = makeStages(plan, key)
  // All views are here.
  return connected(stages, take, () => stats() as ViewStats)
}

/** Stages that fold at once what they are handed, so that nothing is ever behind. */
function connected<Log extends string>(
  stages: readonly Stage<Log>[],
  take: (log: Log, record: Uint8Array) => void,
  stats: () => ViewStats,
): Pipeline<Log> & { readonly stats: ViewStats } {
  return {
    put: connect(stages, take),
    room: () => Promise.resolve(),
    drain: () => Promise.resolve(stats()),
    get stats() {
      return stats()
    },
    close: () => Promise.resolve(),
  }
}

/**
 * Stages on threads, by the groups of `threadGroups`: the same bytes as on one thread, since no view's output depends on
 * how the records of its logs come interleaved.
 *
 * ```
 *  caller    intake, actor ──accounts──┬──────────────► account, decide ── verdicts …
 *  thread                              └► trace, crew, network ──clusters──┘
 * ```
 */
function onThreads<Log extends string>(
  plan: readonly PlannedStage<Log>[],
  { key, take }: Omit<PlannedPipelineOptions<Log>, 'isThreaded'>,
): Pipeline<Log> {
  const remote = sharedOut(plan)
  const shared = new RecordPages((bytes) => new SharedArrayBuffer(bytes))
  // First, since what fails here must leave no thread behind.
  const here = makeStages(
    plan.filter((stage) => !remote.flat().includes(stage)),
    key,
  )
  lookLessOften()
  const threads = remote.map(
    (stages) =>
      new Thread<Log>({ plan: stages, key, isLast: isLast(stages, plan) }, shared, (log, record) => {
        put(log, record)
      }),
  )
  // After they have begun, since a thread begins with the priority of the one that makes it.
  stepBack()
  const putHere = connect(here.stages, (log, record) => {
    put(log, record)
  })
  const readHere = inputsOf(here.stages)
  const put = (log: Log, record: Uint8Array): void => {
    const reading = threads.filter(({ inputs }) => inputs.has(log))
    if (reading.length > 0) {
      // One copy that all of them read.
      const kept = shared.keep(record, reading.length)
      for (const thread of reading) thread.put(log, kept)
    }
    if (readHere.has(log)) putHere(log, record)
    else if (reading.length === 0) take(log, record)
  }
  const stats = (): Partial<ViewStats> =>
    Object.assign(here.stats(), ...threads.map((thread) => thread.stats)) as Partial<ViewStats>
  return {
    put,
    room: async () => {
      for (const thread of threads) await thread.until(() => thread.bytesAhead <= mostBytesAhead)
    },
    drain: async () => {
      // What one thread emits may wake another.
      while (threads.some(({ isIdle }) => !isIdle)) {
        for (const thread of threads) await thread.until(() => thread.isIdle)
      }
      // Each has replied at least once.
      return stats() as ViewStats
    },
    get stats() {
      return stats()
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.close()))
    },
  }
}

/**
 * The stages that go to threads, by thread. A group that runs a second time as a whole has a thread of its own; a part of
 * one stays where that is which it reads, and is not worth a thread: nearly all the work is in the first view of a group.
 */
function sharedOut<Log extends string>(plan: readonly PlannedStage<Log>[]): PlannedStage<Log>[][] {
  return threadGroups.flatMap((names) => {
    const group = plan.filter(({ name }) => names.includes(name))
    const beside = group.filter(({ isBeside }) => isBeside === true)
    if (beside.length < names.length) return [group]
    return [group.filter((stage) => !beside.includes(stage)), beside]
  })
}

/** Whether no other stage of a plan reads what some of its stages write. */
function isLast<Log extends string>(
  stages: readonly PlannedStage<Log>[],
  plan: readonly PlannedStage<Log>[],
): boolean {
  const read = inputsOf(plan.filter((stage) => !stages.includes(stage)))
  return stages.every(({ outputs }) => outputs.every((log) => !read.has(log)))
}

/** What a thread is to be: the stages that it holds. */
export interface ThreadTask<Log extends string = string> {
  readonly plan: readonly PlannedStage<Log>[]
  readonly key: Uint8Array
  /** Whether nobody waits for what they make. */
  readonly isLast: boolean
}

/** A record of a log for a thread, which has its memory until it answers; they go in messages of many. */
export interface ThreadPut<Log extends string = string> {
  readonly log: Log
  readonly record: Uint8Array
}
/** What came of one such message. */
export interface ThreadReply<Log extends string = string> {
  readonly emitted: readonly ThreadPut<Log>[]
  readonly stats: Partial<ViewStats>
}

/**
 * A group of stages on a thread of its own, as its owner sees it. A message wakes the thread and its reply wakes the
 * owner, which costs more than handing over a block: so while the thread has work, what comes is gathered.
 *
 * ```
 *  put       a b c d e f g h
 *  messages  a      bcde   fgh        each when the ones before it are done, or when it is full
 *  replies         a     bcde  fgh
 * ```
 */
class Thread<Log extends string> {
  /** Bytes that were put and are not folded yet. */
  bytesAhead = 0
  /** The figures of its views as of its latest reply; none before the first. */
  stats: Partial<ViewStats> = {}
  readonly inputs: ReadonlySet<Log>
  private readonly worker: Worker
  /** What each message held that no reply has come for, in order. The first reply comes unasked, when its views are made. */
  private readonly unanswered: Gathered<Log>[] = [[]]
  private gathered: Gathered<Log> = []
  private bytesGathered = 0
  private wake: (() => void)[] = []
  private failure: Error | undefined

  constructor(
    task: ThreadTask<Log>,
    memory: RecordPages<SharedArrayBuffer>,
    emit: (log: Log, record: Uint8Array) => void,
  ) {
    this.inputs = inputsOf(task.plan)
    this.worker = new Worker(join(__dirname, 'thread.js'), {
      workerData: task,
      resourceLimits: { maxYoungGenerationSizeMb },
    })
    this.worker.once('online', lookLessOften)
    this.worker.on('message', ({ emitted, stats }: ThreadReply<Log>) => {
      this.stats = stats
      try {
        for (const { log, record } of emitted) emit(log, record)
      } catch (error) {
        // Whoever waits is told of it: thrown from here it would end the process.
        this.fail(error as Error)
        return
      }
      for (const { kept } of this.unanswered.shift()!) {
        this.bytesAhead -= kept.record.length
        memory.letGo(kept)
      }
      if (this.isIdle) this.send()
      this.wakeAll()
    })
    this.worker.on('error', (error) => {
      this.fail(error)
    })
    this.worker.on('exit', () => {
      const names = task.plan.map(({ name }) => name)
      this.fail(new Error(`the thread of the views ${names.join(', ')} ended before its work`))
    })
  }

  /** Whether all that was put has been folded. */
  get isIdle(): boolean {
    return this.unanswered.length === 0
  }

  /** Takes a record, and lets go of it when it has been folded. */
  put(log: Log, kept: SharedRecord): void {
    this.bytesAhead += kept.record.length
    this.bytesGathered += kept.record.length
    this.gathered.push({ log, kept })
    if (this.isIdle || this.bytesGathered >= bytesPerMessage) this.send()
  }

  /** Resolves when it is as wanted; rejects when the thread has failed. */
  async until(isWanted: () => boolean): Promise<void> {
    while (this.failure === undefined && !isWanted()) {
      await new Promise<void>((resolve) => this.wake.push(resolve))
    }
    if (this.failure !== undefined) throw this.failure
  }

  async close(): Promise<void> {
    this.worker.removeAllListeners()
    await this.worker.terminate()
  }

  private send(): void {
    if (this.gathered.length === 0) return
    const message = this.gathered.map(({ log, kept }): ThreadPut<Log> => ({ log, record: kept.record }))
    this.unanswered.push(this.gathered)
    this.gathered = []
    this.bytesGathered = 0
    this.worker.postMessage(message)
  }

  private fail(error: Error): void {
    this.failure ??= error
    this.wakeAll()
  }

  private wakeAll(): void {
    const waiting = this.wake
    this.wake = []
    for (const resolve of waiting) resolve()
  }
}

/**
 * Keeps the collector from work that brings nothing, since nearly all memory lies outside of its heaps: a heap may grow to
 * five times what lived before all of it is looked through again, and the young one of the caller does not grow any more.
 * Threads are told how large theirs is when they are made; the caller has to be told again whenever one has begun, since that
 * sets it back for all.
 */
function lookLessOften(): void {
  setFlagsFromString('--heap-growing-percent=400')
  keepYoungGeneration()
}

/** Memory that the owner and its threads share. */
type SharedRecord = KeptRecord<SharedArrayBuffer>
type Gathered<Log extends string> = { readonly log: Log; readonly kept: SharedRecord }[]

/** Some epochs of a busy platform: more of them at once gain nothing. */
const bytesPerMessage = 262_144
/** Keeps every thread busy while another one is served, and while one closes an hour, which takes it as long as many epochs. */
const mostBytesAhead = 5_242_880
/** Three times a half of the young generation. Little of what a view makes for an event lives on, so that a small one costs no more. */
const maxYoungGenerationSizeMb = 3
