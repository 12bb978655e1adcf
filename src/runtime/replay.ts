import { correctionOutput, DecideView, verdictOutput } from '../decide/decide-view'
import { Ingest } from '../ingest/ingest'
import type { DeadLetter } from '../ingest/dead-letter'
import { markBlock } from '../model/block'
import type { Block } from '../model/block'
import type { Kind } from '../model/event'
import type { RecordChunk } from '../model/record'
import type { Policy } from '../policy/policy'
import { AccountView } from '../views/account/account-view'
import { ActorView, defaultActorViewOptions } from '../views/actor/actor-view'
import type { Books } from './books'
import { addBooks } from './books'
import { chain } from './chain'
import type { View } from './view'

/** A raw partition as a replay reads it, from its beginning. */
export interface ReplaySource {
  readonly name: string
  readonly kind?: Kind
  readonly chunks: AsyncIterable<RecordChunk> | Iterable<RecordChunk>
}

export interface ReplayOptions {
  readonly policy: Policy
  /** The secret of all hashes. */
  readonly key: Uint8Array
  readonly sources: readonly ReplaySource[]
  readonly onVerdict: (json: Uint8Array) => void
  readonly onCorrection: (json: Uint8Array) => void
  readonly onDeadLetter?: (letter: DeadLetter) => void
  /** Called after each stretch of input, with the books so far; the replay goes on when it resolves. */
  readonly onProgress?: (books: Books) => Promise<void> | void
}

/** The views between raw events and verdicts, in the order in which an event meets them. */
export interface Views {
  readonly actor: ActorView
  readonly account: AccountView
  readonly decide: DecideView
}

export function makeViews(policy: Policy): Views {
  const { epochMs, detectors } = policy
  return {
    actor: new ActorView({ ...defaultActorViewOptions, epochMs }),
    account: new AccountView({ partition: 0, epochMs, originCap: 2_000_000, detectors }),
    decide: new DecideView(policy),
  }
}

export function makeIngest(
  { name, kind }: { name: string; kind?: Kind | undefined },
  { policy, key, onDeadLetter }: Pick<ReplayOptions, 'policy' | 'key' | 'onDeadLetter'>,
): Ingest {
  return new Ingest({
    source: name,
    key,
    disorderMs: policy.allowedDisorderMs,
    ...(kind === undefined ? {} : { kind }),
    ...(onDeadLetter === undefined ? {} : { onDeadLetter }),
  })
}

/**
 * Runs events from files through the whole pipeline in memory, deterministic: the same input and policy give the same
 * bytes. Several sources are read side by side, always the one whose clock is furthest behind, so that files of
 * consecutive days and files of parallel partitions both come out in order.
 */
export async function replay(options: ReplayOptions): Promise<Books> {
  const views = makeViews(options.policy)
  const order: readonly [View, ...View[]] = [views.actor, views.account, views.decide]
  const fold = chain(order, (output, record) => {
    if (output === verdictOutput) options.onVerdict(record)
    if (output === correctionOutput) options.onCorrection(record)
  })
  const books = (): Books => addBooks(readers.map(({ ingest }) => ingest.books), views)

  const readers = options.sources.map((source) => new Reader(source, makeIngest(source, options)))
  // Every source is known before the first event is folded, so that none is late behind another.
  for (const { name } of options.sources) fold(markBlock(name, Number.NEGATIVE_INFINITY).bytes)
  const open = new Set(readers)
  while (open.size > 0) {
    const reader = furthestBehind(open)
    const { blocks, isEnd } = await reader.next()
    for (const block of blocks) fold(block.bytes)
    if (isEnd) {
      open.delete(reader)
      fold(markBlock(reader.source.name, Number.POSITIVE_INFINITY).bytes)
    }
    await options.onProgress?.(books())
  }
  return books()
}

function furthestBehind(readers: ReadonlySet<Reader>): Reader {
  const [first, ...others] = readers
  return others.reduce(
    (behind, reader) => (reader.ingest.watermarkMs < behind.ingest.watermarkMs ? reader : behind),
    first!,
  )
}

class Reader {
  private readonly chunks: AsyncIterator<RecordChunk> | Iterator<RecordChunk>

  constructor(
    readonly source: ReplaySource,
    readonly ingest: Ingest,
  ) {
    this.chunks =
      Symbol.asyncIterator in source.chunks
        ? source.chunks[Symbol.asyncIterator]()
        : source.chunks[Symbol.iterator]()
  }

  async next(): Promise<{ blocks: readonly Block[]; isEnd: boolean }> {
    const result = await this.chunks.next()
    if (result.done === true) return { blocks: this.ingest.end(), isEnd: true }
    return { blocks: this.ingest.pushChunk(result.value), isEnd: false }
  }
}
