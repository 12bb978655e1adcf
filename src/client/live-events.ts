import type { z } from 'zod'
import type { verdictSummarySchema } from '../http/schemas'
import { AssayError, AssayUnreachableError } from './errors'
import { readEvents } from './event-stream'

export type LiveEvent =
  | {
      readonly kind: 'verdict'
      /** Where it stands in the log; given back as `after`, listening goes on behind it. */
      readonly position: number
      readonly verdict: z.output<typeof verdictSummarySchema>
    }
  /** More was missed than is told again: positions from `from` to `to`. Ask for the newest verdicts instead. */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }

export interface ListenOptions {
  /** The position of the last verdict that was heard. */
  readonly after?: number
  readonly signal?: AbortSignal
  /** How long a connection may be silent before it is taken for dead; the service beats every 15 s. Default 45 s. */
  readonly silentMs?: number
  /** The longest pause before another try. Default 30 s. */
  readonly longestPauseMs?: number
  /** Told why a connection ended, before it is made anew. */
  readonly onInterruption?: (error: Error) => void
}

type Open = (headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Response>

/** Listens for as long as it is listened to; `open` asks for the stream. Throws what trying again cannot mend. */
export async function* listen(
  open: Open,
  options: ListenOptions,
): AsyncGenerator<LiveEvent, void, undefined> {
  const { signal, silentMs = 45_000, longestPauseMs = 30_000, onInterruption = () => undefined } = options
  let { after } = options
  let pauseMs = firstPauseMs
  for (let attempt = 0; ; attempt++) {
    const silence = new Silence(silentMs)
    try {
      const headers = after === undefined ? {} : { 'last-event-id': String(after) }
      const ends = signal === undefined ? [silence.signal] : [silence.signal, signal]
      const response = await open(headers, AbortSignal.any(ends))
      for await (const { event, id, data, retryMs } of readEvents(response, () => {
        silence.restart()
      })) {
        attempt = 0
        pauseMs = retryMs ?? pauseMs
        const told = liveEvent(event, data)
        if (told === undefined) continue
        if (told.kind === 'verdict') after = Number(id)
        yield told
      }
      onInterruption(new AssayUnreachableError('the service ended the stream'))
    } catch (error) {
      signal?.throwIfAborted()
      if (!isPassing(error)) throw error
      onInterruption(error as Error)
      if (error instanceof AssayError) pauseMs = Math.max(pauseMs, error.more.retryAfterMs ?? 0)
    } finally {
      // Also when whoever listens breaks out of the loop: the connection ends with it.
      silence.stop()
    }
    await pause(Math.min(longestPauseMs, pauseMs * 2 ** Math.min(attempt, 10)), signal)
  }
}

const firstPauseMs = 1_000

/** Ends a connection on which nothing was heard for too long. */
class Silence {
  private readonly controller = new AbortController()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly silentMs: number) {
    this.restart()
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** Something was heard. */
  restart(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.controller.abort(new AssayUnreachableError(`nothing was heard for ${this.silentMs} ms`))
    }, this.silentMs)
  }

  stop(): void {
    clearTimeout(this.timer)
    this.controller.abort()
  }
}

function liveEvent(event: string, data: string): LiveEvent | undefined {
  if (event === 'verdict') {
    const verdict = JSON.parse(data) as z.output<typeof verdictSummarySchema>
    return { kind: 'verdict', position: verdict.position, verdict }
  }
  if (event === 'gap') return { kind: 'gap', ...(JSON.parse(data) as { from: number; to: number }) }
  // A newer service may tell of more.
  return undefined
}

/** Whether another try may go better: the service is away, busy or restarting. */
function isPassing(error: unknown): boolean {
  if (error instanceof AssayError) return error.status >= 500 || error.status === 429
  // What the runtime says of a connection that broke is a TypeError, and of one that we ended its reason.
  return error instanceof AssayUnreachableError || error instanceof TypeError
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal!.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
