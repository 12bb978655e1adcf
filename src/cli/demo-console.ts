import { setTimeout as sleep } from 'node:timers/promises'
import { structured, whyNotOf } from '../explain/why-not'
import { wordsOf } from '../explain/words'
import { flowOf } from '../http/flow'
import type { Verdict } from '../model/records'
import type { Policy } from '../policy/policy'
import type { Books } from '../runtime/books'
import { makeViews, statsOf, viewNames } from '../runtime/stages'
import type { Views } from '../runtime/stages'
import { connectedPipeline } from '../runtime/threads'
import type { Pipeline, PipelineOptions } from '../runtime/threads'
import { MemoryStanding } from '../store/standing-memory'
import { declareMetrics, observeBooks, observeViews } from '../telemetry/metrics'
import { serveConsole } from './serve-console'

/** The console over a replay that is under way in this process: what the views know can be asked of them. */
export class DemoConsole {
  private readonly standing = new MemoryStanding()
  private readonly metrics = declareMetrics()
  private readonly views: Views
  private readonly positions = { verdicts: 0, corrections: 0 }
  private newestMs = 0
  private books: Books | undefined

  constructor(policy: Policy, key: Uint8Array) {
    this.views = makeViews(policy, key)
  }

  /** The stages of the replay, over views that stay here. */
  pipeline(options: PipelineOptions): Pipeline {
    return connectedPipeline(options, this.views)
  }

  verdict(json: Uint8Array, { detectedAt }: Verdict): void {
    this.newestMs = Math.max(this.newestMs, detectedAt)
    void this.standing.apply({ log: 'verdicts', from: this.positions.verdicts++, records: [json] })
  }

  correction(json: Uint8Array): void {
    void this.standing.apply({ log: 'corrections', from: this.positions.corrections++, records: [json] })
  }

  count(books: Books): void {
    this.books = books
  }

  /** Serves it to this machine; standings are judged at the event time of the newest verdict. */
  serve(port: number | undefined): ReturnType<typeof serveConsole> {
    const { standing, metrics, views } = this
    return serveConsole(
      {
        standing,
        readiness: () => [],
        registry: {
          contentType: metrics.registry.contentType,
          metrics: () => {
            if (this.books !== undefined) observeBooks(metrics, this.books)
            observeViews(metrics, statsOf(views, viewNames))
            return metrics.registry.metrics()
          },
        },
        policy: () => views.decide.policy,
        whyNot: (accountId, language) => {
          const asked = whyNotOf(accountId, views)
          return asked === undefined ? undefined : structured(asked, wordsOf[language])
        },
        ties: (clusterId) => views.network.tiesOf(clusterId),
        clusterEvents: (clusterId) => views.network.eventsOf(clusterId),
        flow: () => flowOf(this.books ?? noBooks, { asOfMs: views.account.asOfMs, tasks: [] }),
        nowMs: () => this.newestMs,
      },
      port,
    )
  }
}

/** The chunks of a simulation at the pace of its event time, so many times as fast; ends early when nobody waits any more. */
export async function* paced<Chunk extends { readonly bytes: Uint8Array }>(
  chunks: AsyncIterable<Chunk>,
  speed: number,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const startedMs = performance.now()
  let firstMs: number | undefined
  for await (const chunk of chunks) {
    const timeMs = timeOfLast(chunk.bytes)
    firstMs ??= timeMs
    const dueMs = startedMs + (timeMs - firstMs) / speed
    await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    yield chunk
  }
}

/** Event time of the last line of a chunk. */
function timeOfLast(bytes: Uint8Array): number {
  const lines = Buffer.from(bytes).toString().trimEnd()
  const { occurredAt } = JSON.parse(lines.slice(lines.lastIndexOf('\n') + 1)) as {
    occurredAt: number | string
  }
  return typeof occurredAt === 'number' ? occurredAt : Date.parse(occurredAt)
}

const noBooks: Books = {
  ...{ read: 0, counted: 0, duplicates: 0, tooLate: 0, deadLetters: 0, deadLettersByReason: {} },
  ...{ countedByKind: {}, waiting: 0, verdicts: 0, corrections: 0 },
}
