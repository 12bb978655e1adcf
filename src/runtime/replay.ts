import type { Books } from './books'
import { addBooks } from './books'
import { Intake } from './intake'
import type { IntakeOptions } from './intake'
import type { LogName, ViewStats } from './stages'
import { connectedPipeline, threadedPipeline } from './threads'
import type { Pipeline, PipelineOptions } from './threads'

export interface FeedOptions extends Omit<IntakeOptions, 'onChunk' | 'ends'> {
  /** Called now and then with the books so far; the replay goes on when it resolves. */
  readonly onProgress?: (books: Books) => Promise<void> | void
  /** Called once at the end with what the views have counted and still remember. */
  readonly onEnd?: (stats: ViewStats) => void
}

export interface ReplayOptions extends FeedOptions {
  readonly onVerdict: (json: Uint8Array) => void
  readonly onCorrection: (json: Uint8Array) => void
  /** A number far beyond the usual by an audience that looks honest: a `Surge` as JSON. */
  readonly onSurge?: (json: Uint8Array) => void
  /** A link of the chain over the verdicts: a `ChainLink` as JSON. */
  readonly onLink?: (json: Uint8Array) => void
  /** Whether the views share out the cores of the machine; it changes no byte. */
  readonly isThreaded?: boolean
  /** The stages, where the caller wants to see inside them; else those of every replay. */
  readonly pipelineOf?: (options: PipelineOptions) => Pipeline
}

/**
 * Runs events from files through the whole pipeline in memory, deterministic: the same input and policy give the same
 * bytes.
 */
export async function replay(options: ReplayOptions): Promise<Books> {
  const { policy, key, isThreaded = false } = options
  const take = (log: LogName, record: Uint8Array): void => {
    if (log === 'verdicts') options.onVerdict(record)
    if (log === 'corrections') options.onCorrection(record)
    if (log === 'surges') options.onSurge?.(record)
    if (log === 'chain') options.onLink?.(record)
  }
  const { pipelineOf = isThreaded ? threadedPipeline : connectedPipeline } = options
  return feed(pipelineOf({ policy, key, take }), options)
}

/** Sends all that the sources hold through a pipeline and closes it. */
export async function feed(pipeline: Pipeline, options: FeedOptions): Promise<Books> {
  let bytesSince = 0
  const intake: Intake = new Intake({
    ...options,
    onChunk: async (bytes) => {
      bytesSince += bytes
      if (bytesSince < bytesPerProgress) return
      bytesSince = 0
      await options.names?.flush()
      await options.onProgress?.(addBooks(intake, pipeline.stats))
    },
  })
  try {
    for (;;) {
      const coming = intake.next()
      // While the input is silent, what has been decided is told.
      if (await isSlow(coming)) {
        await pipeline.drain()
        await options.onProgress?.(addBooks(intake, pipeline.stats))
      }
      const block = await coming
      if (block === undefined) break
      pipeline.put('events', block.bytes)
      intake.giveBack(block)
      await pipeline.room()
    }
    const stats = await pipeline.drain()
    await options.names?.flush()
    options.onEnd?.(stats)
    return addBooks(intake, stats)
  } finally {
    await pipeline.close()
  }
}

/** Whether something takes longer than reading from a file does. */
async function isSlow(coming: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, slowMs, true)
  })
  // Whoever waits for it is told of its failure.
  const isLate = await Promise.race([
    coming.then(
      () => false,
      () => false,
    ),
    waited,
  ])
  clearTimeout(timer)
  return isLate
}

const slowMs = 50
const bytesPerProgress = 1 << 20
