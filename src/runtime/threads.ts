import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Policy } from '../policy/policy'
import { connect } from './connect'
import { inputsOf, makeViews, stagesOf, statsOf, threadGroups, viewNames } from './stages'
import type { LogName, Stage, ViewStats, Views } from './stages'

/** All stages between raw events and verdicts, in memory. */
export interface Pipeline {
  /** Takes a record of a log; what follows from it reaches `take` by the next `drain` at the latest. */
  put(log: LogName, record: Uint8Array): void
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
  return {
    put: connect([...stagesOf(views), ...listening], take),
    room: () => Promise.resolve(),
    drain: () => Promise.resolve(statsOf(views, viewNames)),
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
  const threads = threadGroups.map(
    (names) =>
      new Thread({ policy, key, names }, (log, record) => {
        put(log, record)
      }),
  )
  const remote = new Set(threadGroups.flat())
  const own = viewNames.filter((name) => !remote.has(name))
  const views = makeViews(policy, key)
  const putHere = connect(stagesOf(views, own), (log, record) => {
    put(log, record)
  })
  const readHere = inputsOf(own)
  const put = (log: LogName, record: Uint8Array): void => {
    const reading = threads.filter(({ inputs }) => inputs.has(log))
    if (reading.length > 0) {
      const shared = inSharedMemory(record)
      for (const thread of reading) thread.put(log, shared)
    }
    if (readHere.has(log)) putHere(log, record)
    else if (reading.length === 0) take(log, record)
  }
  const stats = (): Partial<ViewStats> =>
    Object.assign(statsOf(views, own), ...threads.map((thread) => thread.stats)) as Partial<ViewStats>
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

/** What a thread is to be: the views that it holds. */
export interface ThreadTask {
  readonly policy: Policy
  readonly key: Uint8Array
  readonly names: readonly (keyof Views)[]
}

/** A record of a log for a thread; they go in messages of many. */
export interface ThreadPut {
  readonly log: LogName
  readonly record: Uint8Array
}
/** What came of one such message. */
export interface ThreadReply {
  readonly emitted: readonly ThreadPut[]
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
class Thread {
  /** Bytes that were put and are not folded yet. */
  bytesAhead = 0
  /** The figures of its views as of its latest reply; none before the first. */
  stats: Partial<ViewStats> = {}
  readonly inputs: ReadonlySet<LogName>
  private readonly worker: Worker
  /** Bytes of each message that no reply has come for, in order. The first reply comes unasked, when its views are made. */
  private readonly unanswered: number[] = [0]
  private gathered: ThreadPut[] = []
  private bytesGathered = 0
  private wake: (() => void)[] = []
  private failure: Error | undefined

  constructor(task: ThreadTask, emit: (log: LogName, record: Uint8Array) => void) {
    this.inputs = inputsOf(task.names)
    this.worker = new Worker(join(__dirname, 'thread.js'), { workerData: task })
    this.worker.on('message', ({ emitted, stats }: ThreadReply) => {
      this.stats = stats
      for (const { log, record } of emitted) emit(log, record)
      this.bytesAhead -= this.unanswered.shift()!
      if (this.isIdle) this.send()
      this.wakeAll()
    })
    this.worker.on('error', (error) => {
      this.fail(error)
    })
    this.worker.on('exit', () => {
      this.fail(new Error(`the thread of the views ${task.names.join(', ')} ended before its work`))
    })
  }

  /** Whether all that was put has been folded. */
  get isIdle(): boolean {
    return this.unanswered.length === 0
  }

  /** Takes a record whose memory other threads may read as well. */
  put(log: LogName, record: Uint8Array<SharedArrayBuffer>): void {
    this.bytesAhead += record.length
    this.bytesGathered += record.length
    this.gathered.push({ log, record })
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
    const message = this.gathered
    this.unanswered.push(this.bytesGathered)
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
 * A copy that all threads read. One for each of them would be twice the memory that the engine counts as allocated, and
 * by that count it decides when to look through the whole heap.
 */
function inSharedMemory(record: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const shared = new Uint8Array(new SharedArrayBuffer(record.length))
  shared.set(record)
  return shared
}

/** Some epochs of a busy platform: more of them at once gain nothing. */
const bytesPerMessage = 262_144
/** Keeps every thread busy while another one is served, and while one closes an hour, which takes it as long as many epochs. */
const mostBytesAhead = 16_777_216
