import type { DeadLetter } from '../ingest/dead-letter'
import { Ingest } from '../ingest/ingest'
import type { Books as IngestBooks } from '../ingest/ingest'
import type { Names } from '../ingest/names'
import type { FeedbackPlace } from '../ingest/row'
import { markBlock, readBlock } from '../model/block'
import type { Block } from '../model/block'
import type { Kind } from '../model/event'
import { maxRecordBytes } from '../model/record'
import type { RecordChunk } from '../model/record'
import { refusalOf } from '../policy/activation'
import type { Policy } from '../policy/policy'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { SeenEnd } from './seen-end'
import type { SavedEnd } from './seen-end'

/** A raw partition: a file, a pipe, the standard input. */
export interface RawSource {
  readonly name: string
  /** What its records are that do not say so themselves. */
  readonly kind?: Kind | undefined
  /** Whether feedback is taken from it; where it is left out, its kind says so. */
  readonly feedback?: FeedbackPlace | undefined
  /** Its records from a position on. */
  readonly read: (fromPosition: number) => AsyncIterable<RecordChunk>
}

/** Remembers where sources were found to be at their end, so that they end there again when read again. */
export interface SourceEnds {
  /** The positions of the ends of a source so far, in order. */
  of(source: string): readonly number[]
  /** Notes an end; when it resolves, the note survives a crash. */
  note(source: string, position: number): Promise<void>
}

export interface IntakeOptions {
  readonly policy: Policy
  /** The secret of all hashes. */
  readonly key: Uint8Array
  readonly sources: readonly RawSource[]
  /** Cuts a block when its events span so much time, for input that comes slowly. */
  readonly blockSpanMs?: number
  readonly onDeadLetter?: (letter: DeadLetter) => void
  /** Takes the ids of actors; the blocks then hold their pseudonyms alone. */
  readonly names?: Names
  /** Called after each stretch of a source, so that what it left, such as letters, need not pile up in memory. */
  readonly onChunk?: (bytes: number) => Promise<void> | void
  /** For sources that grow between two runs. */
  readonly ends?: SourceEnds
  /** While it says so, a source that gives no more was told to stop, and is not at its end. */
  readonly isStopping?: () => boolean
}

/**
 * Several raw partitions as one row of blocks: always the next block of the partition whose clock is furthest behind,
 * so that files of consecutive days and files of parallel partitions both come out in order. The row is a function of
 * what the sources hold, not of how they were read or in which order they were named.
 *
 * It begins with a mark of each source, so that none is late behind another, and a source that ends says so.
 */
export class Intake {
  private readers: Reader[]

  constructor(private readonly options: IntakeOptions) {
    this.readers = options.sources.map((source) => new Reader(source, options)).sort(byName)
  }

  /** The next block, or undefined when all sources are at their end, or are to stop. */
  async next(): Promise<Block | undefined> {
    const unknown = this.readers.find(({ isAnnounced }) => !isAnnounced)
    if (unknown !== undefined) return unknown.announce()
    const isStopping = (): boolean => this.options.isStopping?.() === true
    for (;;) {
      const reader = this.furthestBehind()
      if (reader === undefined || isStopping()) return undefined
      if (!reader.isReady) await reader.readOn(() => !isStopping())
      if (reader.isReady) return reader.give()
    }
  }

  /**
   * The next block of one source: what `next` gave before a crash, when asked for the sources of its blocks in turn.
   * Undefined when the source does not have it any more, or is none of those named.
   */
  async nextOf(source: string): Promise<Block | undefined> {
    const reader = this.readers.find(({ name }) => name === source)
    if (reader?.isAnnounced === false) return reader.announce()
    if (reader === undefined) return undefined
    while (!reader.isReady && !reader.hasEnded) await reader.readOn(() => false)
    return reader.isReady ? reader.give() : undefined
  }

  /** Takes the memory of the last block that was given, or of an earlier one: nobody has a use for it any more. */
  giveBack(block: Block): void {
    this.readers.find(({ name }) => name === block.source)?.ingest.giveBack(block)
  }

  /** Whether the next block is there without reading on. */
  get isReady(): boolean {
    if (this.readers.some(({ isAnnounced }) => !isAnnounced)) return true
    return this.furthestBehind()?.isReady ?? false
  }

  get books(): readonly IngestBooks[] {
    return this.readers.map(({ ingest }) => ingest.books)
  }

  /** Rows of the blocks that were given. */
  get rowsGiven(): number {
    return this.readers.reduce((sum, { rowsGiven }) => sum + rowsGiven, 0)
  }

  save(out: SnapshotWriter): void {
    out.value('intake', { sources: this.readers.map(({ name }) => name) } satisfies SavedIntake)
    this.readers.forEach((reader, index) => {
      reader.save(out, `intake.${index}`)
    })
  }

  /** A source that is not named any more stays in the books, is taken to be at its end, and goes on when named again. */
  load(from: SnapshotReader): void {
    from.value<SavedIntake>('intake').sources.forEach((name, index) => {
      let reader = this.readers.find((known) => known.name === name)
      if (reader === undefined) {
        reader = new Reader({ name, read: nothing }, this.options)
        this.readers.push(reader)
      }
      reader.load(from, `intake.${index}`)
    })
    this.readers.sort(byName)
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

interface SavedIntake {
  readonly sources: readonly string[]
}

/** One source on its way through its ingest; blocks that are cut but not asked for yet wait in a queue. */
class Reader {
  readonly name: string
  readonly ingest: Ingest
  isAnnounced = false
  /** The watermark of the latest block that was given, by which the readers take turns. */
  clockMs = Number.NEGATIVE_INFINITY
  rowsGiven = 0
  private queue: Block[] = []
  private chunks: AsyncIterator<RecordChunk> | undefined
  /** Whether the source gives no more, for now. */
  private isExhausted = false
  /** Whether its end has been told, and nothing came since. */
  private toldEnd = false
  /** How often its end has been told. */
  private endsTold = 0
  private readonly seenEnd: SeenEnd

  constructor(
    private readonly source: RawSource,
    private readonly options: IntakeOptions,
  ) {
    this.name = source.name
    this.ingest = makeIngest(source, options)
    this.seenEnd = new SeenEnd(source.name, options.key)
  }

  get isReady(): boolean {
    return this.queue.length > 0
  }

  get hasEnded(): boolean {
    return this.isExhausted && this.queue.length === 0
  }

  announce(): Block {
    this.isAnnounced = true
    return markBlock(this.name, Number.NEGATIVE_INFINITY)
  }

  /** The next block of those that are ready. */
  give(): Block {
    const block = this.queue.shift()!
    this.rowsGiven += block.rows
    if (block.rows > 0) this.clockMs = block.watermarkMs
    return block
  }

  save(out: SnapshotWriter, name: string): void {
    out.value(name, {
      isAnnounced: this.isAnnounced,
      blocks: this.queue.length,
      toldEnd: this.toldEnd,
      endsTold: this.endsTold,
      rowsGiven: this.rowsGiven,
      clockMs: this.clockMs,
      seenEnd: this.seenEnd.save(),
    } satisfies SavedReader)
    this.queue.forEach((block, index) => {
      out.array(`${name}.${index}`, block.bytes)
    })
    out.array(`${name}.ingest`, this.ingest.snapshot())
  }

  load(from: SnapshotReader, name: string): void {
    const saved = from.value<SavedReader>(name)
    this.isAnnounced = saved.isAnnounced
    for (let index = 0; index < saved.blocks; index++) {
      this.queue.push(readBlock(from.uint8(`${name}.${index}`)))
    }
    this.toldEnd = saved.toldEnd
    this.endsTold = saved.endsTold
    this.rowsGiven = saved.rowsGiven
    this.clockMs = saved.clockMs ?? Number.NEGATIVE_INFINITY
    this.seenEnd.load(saved.seenEnd)
    this.ingest.restore(from.uint8(`${name}.ingest`))
  }

  /**
   * Takes the next chunk, or tells the end. A source may have grown since its end was told to the others: read again,
   * it must end where it ended then, even in the middle of a line that somebody was writing.
   *
   * ```
   *  first run    ────────────────■ end, noted        killed
   *  then         ────────────────■ end ─────────────────────■ end
   * ```
   */
  async readOn(mayEnd: () => boolean): Promise<void> {
    const endedAt = this.options.ends?.of(this.name)[this.endsTold]
    if (endedAt !== undefined && this.ingest.position >= endedAt) {
      await this.letGo()
      this.tellEnd()
      return
    }
    const { read } = this.source
    // A source that is not named any more gives nothing, whatever it held.
    this.chunks ??= read === nothing ? nothing() : this.seenEnd.readOn(read, this.ingest.position)
    const chunk = await this.chunks.next()
    if (chunk.done !== true && (endedAt !== undefined || !isUnfinished(chunk.value))) {
      this.push(endedAt === undefined ? chunk.value : partUpTo(chunk.value, endedAt))
      await this.options.onChunk?.(chunk.value.bytes.length)
      return
    }
    this.isExhausted = true
    await this.letGo()
    if (!mayEnd() || (chunk.done === true && this.toldEnd)) return
    await this.options.ends?.note(
      this.name,
      chunk.done === true ? this.ingest.position : chunk.value.nextPosition,
    )
    if (chunk.done !== true) this.push(chunk.value)
    this.tellEnd()
  }

  /** Lets go of the source, which may hold a file open where the last line is unfinished. */
  private async letGo(): Promise<void> {
    await this.chunks?.return?.()
    this.chunks = undefined
  }

  private push(chunk: RecordChunk): void {
    this.toldEnd = false
    this.queue.push(...this.ingest.pushChunk(chunk))
    this.seenEnd.take(chunk)
  }

  /** The last blocks, and the mark of the end. */
  private tellEnd(): void {
    this.toldEnd = true
    this.endsTold++
    this.queue.push(...this.ingest.end(), markBlock(this.name, Number.POSITIVE_INFINITY))
  }
}

interface SavedReader {
  readonly isAnnounced: boolean
  readonly blocks: number
  readonly toldEnd: boolean
  readonly endsTold: number
  readonly rowsGiven: number
  readonly clockMs: number | null
  readonly seenEnd: SavedEnd | null
}

function makeIngest({ name, kind, feedback }: RawSource, options: IntakeOptions): Ingest {
  const { policy, key, blockSpanMs, onDeadLetter, names } = options
  return new Ingest({
    source: name,
    key,
    disorderMs: policy.allowedDisorderMs,
    refusalOf: (written) => refusalOf(written, policy),
    ...(kind === undefined ? {} : { kind }),
    ...(feedback === undefined ? {} : { feedback }),
    ...(blockSpanMs === undefined ? {} : { blockSpanMs }),
    ...(onDeadLetter === undefined ? {} : { onDeadLetter }),
    ...(names === undefined ? {} : { names }),
  })
}

/** Whether this is the last line of a source, without the newline that would say that it is whole. */
function isUnfinished({ format, bytes }: RecordChunk): boolean {
  // Of a line beyond the limit only the beginning is there, whatever follows it.
  const isLine = format === 'lines' && bytes.length > 0 && bytes.length <= maxRecordBytes
  return isLine && bytes.at(-1) !== newline
}

function partUpTo(chunk: RecordChunk, end: number): RecordChunk {
  if (chunk.format !== 'lines' || chunk.nextPosition <= end) return chunk
  return { ...chunk, bytes: chunk.bytes.subarray(0, end - chunk.position), nextPosition: end }
}

function byName(a: Reader, b: Reader): number {
  return a.name < b.name ? -1 : 1
}

async function* nothing(): AsyncGenerator<RecordChunk> {
  // A source that is not named any more gives nothing more.
}

const newline = 0x0a
