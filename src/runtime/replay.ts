import type { Books } from './books'
import { addBooks } from './books'
import { connect } from './connect'
import { Intake } from './intake'
import type { IntakeOptions } from './intake'
import { makeViews, stagesOf } from './stages'

export interface ReplayOptions extends Omit<IntakeOptions, 'onChunk' | 'ends'> {
  readonly onVerdict: (json: Uint8Array) => void
  readonly onCorrection: (json: Uint8Array) => void
  /** A number far beyond the usual by an audience that looks honest: a `Surge` as JSON. */
  readonly onSurge?: (json: Uint8Array) => void
  /** Called now and then with the books so far; the replay goes on when it resolves. */
  readonly onProgress?: (books: Books) => Promise<void> | void
}

/**
 * Runs events from files through the whole pipeline in memory, deterministic: the same input and policy give the same
 * bytes.
 */
export async function replay(options: ReplayOptions): Promise<Books> {
  const views = makeViews(options.policy, options.key)
  const put = connect(stagesOf(views), (log, record) => {
    if (log === 'verdicts') options.onVerdict(record)
    if (log === 'corrections') options.onCorrection(record)
    if (log === 'surges') options.onSurge?.(record)
  })
  let bytesSince = 0
  const intake: Intake = new Intake({
    ...options,
    onChunk: async (bytes) => {
      bytesSince += bytes
      if (bytesSince < bytesPerProgress) return
      bytesSince = 0
      await options.onProgress?.(addBooks(intake, views))
    },
  })
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) {
    put('events', block.bytes)
  }
  return addBooks(intake, views)
}

const bytesPerProgress = 1 << 20
