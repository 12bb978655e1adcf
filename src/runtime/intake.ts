import type { DeadLetter } from '../ingest/dead-letter'
import { Ingest } from '../ingest/ingest'
import type { Books as IngestBooks } from '../ingest/ingest'
import { markBlock, readBlock } from '../model/block'
import type { Block } from '../model/block'
import type { Kind } from '../model/event'
import type { RecordChunk } from '../model/record'
import type { Policy } from '../policy/policy'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/** A raw partition: a file, a pipe, the standard input. */
export interface RawSource {
  readonly name: string
  /** What its records are that do not say so themselves. */
  readonly kind?: Kind | undefined
  /** Its records from a position on. */
  read(fromPosition: number): AsyncIterable<RecordChunk>
}

export interface IntakeOptions {
  readonly policy: Policy
  /** The secret of all hashes. */
  readonly key: Uint8Array
  readonly sources: readonly RawSource[]
  /** Cuts a block when its events span so much time, for input that comes slowly. */
  readonly blockSpanMs?: number
  readonly onDeadLetter?: (letter: DeadLetter) => void
}

/**
 * Several raw partitions as one row of blocks: always the next block of the partition whose clock is furthest behind,
 * so that files of consecutive days and files of parallel partitions both come out in order. The row is a function of
 * what the sources hold, not of how they were read.
 *
 * It begins with a mark of each source, so that none is late behind another, and a source that ends says so.
 */
export class Intake {
  private readonly readers: Reader[]
  private announced = 0

  constructor(options: IntakeOptions) {
    this.readers = options.sources.map((source) => new Reader(source, makeIngest(source, options)))
  }

  /** The next block, or undefined when all sources are at their end. */
  async next(): Promise<Block | undefined> {
    if (this.announced < this.readers.length) {
      return markBlock(this.readers[this.announced++]!.source.name, Number.NEGATIVE_INFINITY)
    }
    for (;;) {
      const reader = this.furthestBehind()
      if (reader === undefined) return undefined
      const block = await reader.next()
      if (block !== undefined) return block
    }
  }

  get books(): readonly IngestBooks[] {
    return this.readers.map(({ ingest }) => ingest.books)
  }

  save(out: SnapshotWriter): void {
    out.value('intake', { announced: this.announced, sources: this.readers.map(({ source }) => source.name) })
    this.readers.forEach((reader, index) => {
      reader.save(out, `intake.${index}`)
    })
  }

  /** Throws when the snapshot is of other sources: positions of one file mean nothing in another. */
  load(from: SnapshotReader): void {
    const saved = from.value<{ announced: number; sources: string[] }>('intake')
    this.announced = saved.announced
    this.readers.forEach((reader, index) => {
      const at = saved.sources.indexOf(reader.source.name)
      if (at >= 0) reader.load(from, `intake.${at}`)
      else if (index < this.announced) this.announced = index
    })
  }

  private furthestBehind(): Reader | undefined {
    let behind: Reader | undefined
    for (const reader of this.readers) {
      if (reader.hasEnded) continue
      if (behind === undefined || reader.clockMs < behind.clockMs) behind = reader
    }
    return behind
  }
}

function makeIngest({ name, kind }: RawSource, options: IntakeOptions): Ingest {
  const { policy, key, blockSpanMs, onDeadLetter } = options
  return new Ingest({
    source: name,
    key,
    disorderMs: policy.allowedDisorderMs,
    ...(kind === undefined ? {} : { kind }),
    ...(blockSpanMs === undefined ? {} : { blockSpanMs }),
    ...(onDeadLetter === undefined ? {} : { onDeadLetter }),
  })
}

/** One source on its way through its ingest; blocks that are cut but not asked for yet wait in a queue. */
class Reader {
  hasEnded = false
  /** The watermark of the latest block that was given, by which the readers take turns. */
  clockMs = Number.NEGATIVE_INFINITY
  private queue: Block[] = []
  private chunks: AsyncIterator<RecordChunk> | undefined
  /** Whether its end has been told, and nothing came since. */
  private toldEnd = false

  constructor(
    readonly source: RawSource,
    readonly ingest: Ingest,
  ) {}

  async next(): Promise<Block | undefined> {
    while (this.queue.length === 0) {
      this.chunks ??= this.source.read(this.ingest.position)[Symbol.asyncIterator]()
      const chunk = await this.chunks.next()
      if (chunk.done === true) return this.end()
      this.toldEnd = false
      this.queue.push(...this.ingest.pushChunk(chunk.value))
    }
    const block = this.queue.shift()!
    this.clockMs = block.watermarkMs
    return block
  }

  save(out: SnapshotWriter, name: string): void {
    out.value(name, { blocks: this.queue.length, toldEnd: this.toldEnd, clockMs: this.clockMs })
    this.queue.forEach((block, index) => {
      out.array(`${name}.${index}`, block.bytes)
    })
    out.array(`${name}.ingest`, this.ingest.snapshot())
  }

  load(from: SnapshotReader, name: string): void {
    const saved = from.value<{ blocks: number; toldEnd: boolean; clockMs: number | null }>(name)
    for (let index = 0; index < saved.blocks; index++) this.queue.push(readBlock(from.uint8(`${name}.${index}`)))
    this.toldEnd = saved.toldEnd
    this.clockMs = saved.clockMs ?? Number.NEGATIVE_INFINITY
    this.ingest.restore(from.uint8(`${name}.ingest`))
  }

  /** The last blocks one by one, then the mark of the end; nothing when that was told before and nothing came since. */
  private end(): Block | undefined {
    if (!this.toldEnd) {
      this.toldEnd = true
      this.queue.push(...this.ingest.end(), markBlock(this.source.name, Number.POSITIVE_INFINITY))
    }
    const block = this.queue.shift()
    if (block === undefined) this.hasEnded = true
    else this.clockMs = block.rows === 0 ? this.clockMs : block.watermarkMs
    return block
  }
}
