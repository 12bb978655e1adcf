import { createHmac } from 'node:crypto'
import { shorterThanBefore } from '../log/source-errors'
import { UnreachableError } from '../model/errors'
import type { RecordChunk } from '../model/record'
import type { RawSource } from './intake'

/**
 * The end of what was read of a source, as its digest, by which the source is known again: a file that was replaced or
 * rotated since would otherwise be read on in the middle, and what it holds before that place be lost without a word.
 *
 * ```
 *  first run    ──────────────▒▒▒ read up to here      ▒ the end, of which the digest is kept
 *  then                       ▒▒▒──────────────        is it the same? then on behind it
 * ```
 */
export class SeenEnd {
  private last: LastRead | undefined
  private kept: SavedEnd | undefined

  constructor(
    private readonly name: string,
    /** What was read may be an id of a person, so that nobody else is to guess it from its digest. */
    private readonly key: Uint8Array,
  ) {}

  /** Remembers the end of a stretch that was taken. */
  take(chunk: RecordChunk): void {
    this.kept = undefined
    this.last = undefined
    const { bytes, position, nextPosition } = chunk
    // Of a line beyond the limit only the beginning is there.
    if (chunk.format === 'lines' && bytes.length !== nextPosition - position) return
    const end = bytes.slice(-mostBytes)
    this.last = { position: chunk.format === 'lines' ? nextPosition - end.length : position, end }
  }

  save(): SavedEnd | null {
    const { last, kept = null } = this
    if (last === undefined) return kept
    const { position, end } = last
    return { position, bytes: end.length, digest: this.digest().update(end).digest('hex') }
  }

  load(saved: SavedEnd | null): void {
    this.last = undefined
    this.kept = saved ?? undefined
  }

  /** What a source holds from a position on, the end of what was taken; throws where something else lies before it. */
  async *readOn(read: RawSource['read'], position: number): AsyncGenerator<RecordChunk> {
    const seen = this.save()
    if (seen === null || seen.bytes === 0) {
      yield* read(position)
      return
    }
    const digest = this.digest()
    let left = seen.bytes
    let at = seen.position
    for await (const chunk of read(seen.position)) {
      const isBehind = chunk.position >= position
      if (!isBehind && left > 0) {
        const known = chunk.format === 'lines' ? chunk.bytes.subarray(0, left) : chunk.bytes.slice(-left)
        digest.update(known)
        left -= known.length
        if (left === 0 && digest.digest('hex') !== seen.digest) throw this.isAnother(position)
      }
      if (left > 0 && chunk.nextPosition >= position) throw this.isAnother(position)
      at = chunk.nextPosition
      if (at > position) yield isBehind ? chunk : behind(chunk, position)
    }
    if (left > 0) throw shorterThanBefore(this.name, position, at)
  }

  private digest(): ReturnType<typeof createHmac> {
    return createHmac('sha256', this.key).update('the end of a source')
  }

  private isAnother(position: number): UnreachableError {
    return new UnreachableError(
      `${this.name} was read up to ${position} before, and what it holds before that is not what was read then; ` +
        'give the file that was read then, unchanged or grown, and new events in a file of another name',
    )
  }
}

/** What a checkpoint knows of the end of what was read: where it begins, and what it was. */
export interface SavedEnd {
  readonly position: number
  readonly bytes: number
  readonly digest: string
}

interface LastRead {
  readonly position: number
  readonly end: Uint8Array
}

/** Some lines: no two stretches of events agree in so much, and it costs nothing to read. */
const mostBytes = 4096

/** The part of a stretch of lines from a position on; of Avro whole blocks are taken, and what was taken falls out. */
function behind(chunk: RecordChunk, position: number): RecordChunk {
  if (chunk.format !== 'lines') return chunk
  return { ...chunk, bytes: chunk.bytes.subarray(position - chunk.position), position }
}
