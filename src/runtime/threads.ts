import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Policy } from '../policy/policy'
import { connect } from './connect'
import { makeViews, stagesNamed, stagesOf, statsOf, threadGroups, viewNames } from './stages'
import type { LogName, Stage, ViewStats, Views } from './stages'

/** All stages between raw events and verdicts, in memory. */
export interface Pipeline {
  /** Takes a record of a log; what follows from it reaches `take` by the next `drain` at the latest. */
  put(log: LogName, record: Uint8Array): void
  /** Resolves when the stages are not too far behind, so that what waits for them has a bound. */
  room(): Promise<void>
  /** Resolves when all that was put has gone through all stages. */
  drain(): Promise<void>
  /** The figures of the views as of the last `drain`, or newer. */
  readonly stats: ViewStats
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
): Pipeline {
  return {
    put: connect([...stagesOf(views), ...listening], take),
    room: () => Promise.resolve(),
    drain: () => Promise.resolve(),
    get stats() {
      return statsOf(views, viewNames)
    },
    close: () => Promise.resolve(),
  }
}

/**
 * The stages on threads, by the groups of `threadGroups`: the same bytes as on one thread, since no view's output
 * depends on how the records of its logs come interleaved.
 *
 * ```
 *  caller    intake, actor ──accounts──┬──────────────► account, decide ── verdicts …
 *  thread                              └► trace, crew, network ──clusters──┘
 * ```
 */
export function threadedPipeline({ policy, key, take }: PipelineOptions): Pipeline {
  const views = makeViews(policy, key)
  const stages = stagesOf(views)
  const inputsOf = (some: readonly Stage[]): ReadonlySet<LogName> =>
    new Set(some.flatMap(({ inputs }) => inputs))
  const threads = threadGroups.map((names) => {
    const inputs = inputsOf(stagesNamed(stages, names))
    return new Thread({ policy, key, names, inputs }, statsOf(views, names), (log, record) => {
      put(log, record)
    })
  })
  const remote = new Set(threadGroups.flat())
  const own = viewNames.filter((name) => !remote.has(name))
  const ownStages = stagesNamed(stages, own)
  const putHere = connect(ownStages, (log, record) => {
    put(log, record)
  })
  const readHere = inputsOf(ownStages)
  const put = (log: LogName, record: Uint8Array): void => {
    const reading = threads.filter(({ inputs }) => inputs.has(log))
    for (const thread of reading) thread.put(log, record)
    if (readHere.has(log)) putHere(log, record)
    else if (reading.length === 0) take(log, record)
  }
  return {
    put,
    room: async () => {
      for (const thread of threads) await thread.until((bytes) => bytes <= mostBytesAhead)
    },
    drain: async () => {
      // What one thread emits may wake another.
      while (threads.some(({ bytesAhead }) => bytesAhead > 0)) {
        for (const thread of threads) await thread.until((bytes) => bytes === 0)
      }
    },
    get stats() {
      return Object.assign(statsOf(views, own), ...threads.map(({ stats }) => stats)) as ViewStats
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.close()))
    },
  }
}

/** What a thread is to be: the views that it holds. */
export interface ThreadTask {
  readonly policy: Policy
  readonly key: Uint8Array
  readonly names: readonly (keyof Views)[]
}

/** Records of a log for a thread, and what came of one such message. */
export interface ThreadPut {
  readonly log: LogName
  readonly record: Uint8Array
}
export interface ThreadReply {
  readonly emitted: readonly ThreadPut[]
  readonly stats: Partial<ViewStats>
}

/** A group of stages on a thread of its own, as its owner sees it. */
class Thread {
  /** Bytes that were put and are not folded yet. */
  bytesAhead = 0
  readonly inputs: ReadonlySet<LogName>
  private readonly worker: Worker
  /** Bytes of each message that no reply has come for, in order. */
  private readonly unanswered: number[] = []
  private wake: (() => void)[] = []
  private failure: Error | undefined

  constructor(
    { inputs, ...task }: ThreadTask & { readonly inputs: ReadonlySet<LogName> },
    /** The figures of its views as of its latest reply. */
    public stats: Partial<ViewStats>,
    emit: (log: LogName, record: Uint8Array) => void,
  ) {
    this.inputs = inputs
    this.worker = new Worker(join(__dirname, 'thread.js'), { workerData: task satisfies ThreadTask })
    this.worker.on('message', ({ emitted, stats }: ThreadReply) => {
      this.stats = stats
      for (const { log, record } of emitted) emit(log, record)
      this.bytesAhead -= this.unanswered.shift()!
      this.wakeAll()
    })
    this.worker.on('error', (error) => {
      this.fail(error)
    })
    this.worker.on('exit', () => {
      this.fail(new Error(`the thread of the views ${task.names.join(', ')} ended before its work`))
    })
  }

  put(log: LogName, record: Uint8Array): void {
    // Of its own memory, which can be handed over: a view into a larger buffer would be sent with all of it.
    const own = record.slice()
    this.bytesAhead += own.length
    this.unanswered.push(own.length)
    this.worker.postMessage({ log, record: own } satisfies ThreadPut, [own.buffer])
  }

  /** Resolves when the bytes ahead are as wanted; rejects when the thread has failed. */
  async until(isWanted: (bytesAhead: number) => boolean): Promise<void> {
    while (this.failure === undefined && !isWanted(this.bytesAhead)) {
      await new Promise<void>((resolve) => this.wake.push(resolve))
    }
    if (this.failure !== undefined) throw this.failure
  }

  async close(): Promise<void> {
    this.worker.removeAllListeners()
    await this.worker.terminate()
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

/** Keeps every thread busy while another one is served. */
const mostBytesAhead = 4_194_304
