import { open, type FileHandle } from 'node:fs/promises'
import { allocate, readAll } from './files'
import { headerBytes, readFrame, storedBytes, viewOf } from './frame'
import { LogDamagedError } from './log-errors'
import { indexedEveryBytes, SparseIndex, type Place } from './sparse-index'

/** One file of a log as its readers see it: whole records in order, from `first` on. */
export class Segment {
  private readonly index: SparseIndex

  constructor(
    readonly path: string,
    /** Position of the first record. */
    readonly first: number,
    /** Bytes up to the end of the last whole record; grows with the file. */
    public bytes: number,
  ) {
    this.index = new SparseIndex({ position: first, at: headerBytes })
  }

  /** Remembers where appended records lie. */
  note(records: readonly Uint8Array[], start: Place): void {
    let { position, at } = start
    for (const record of records) {
      this.index.add({ position, at })
      position++
      at += storedBytes(record)
    }
  }

  /**
   * Adds to `records` those from a position on that lie before `until`, as long as they fit `maxBytes`; the very
   * first is added however large it is. Resolves with the position that comes next.
   */
  async collect(
    records: Uint8Array[],
    { from, until, maxBytes }: { from: number; until: number; maxBytes: number },
  ): Promise<number> {
    let next = from
    let leftBytes = maxBytes
    const handle = await open(this.path, 'r')
    try {
      const stop = await this.walk(handle, this.index.seek(from), maxBytes, (record, position) => {
        if (position < from) return true
        if (record.length > leftBytes && records.length > 0) return false
        records.push(record)
        leftBytes -= record.length
        next = position + 1
        return next < until
      })
      if (stop.kind === 'damaged') throw this.damage(stop.place, stop.what)
      if (stop.kind === 'end' && next < until) throw this.damage(stop.place, `record ${next} should follow`)
      return next
    } finally {
      await handle.close()
    }
  }

  /** Hands whole records to `take`, in order from a place on, until it says no, all are read or one is not whole. */
  async walk(
    handle: FileHandle,
    start: Place,
    hintBytes: number,
    take: (record: Uint8Array, position: number) => boolean,
  ): Promise<Stop> {
    const limit = this.bytes
    let { position, at } = start
    let chunkBytes = Math.min(Math.max(hintBytes, 0) + indexedEveryBytes, maxChunkBytes)
    while (at < limit) {
      // Memory of its own for each chunk, since the records handed out are views of it.
      const chunk = allocate(Math.min(chunkBytes, limit - at))
      const filled = await readAll(handle, chunk, at)
      if (filled < chunk.length) {
        return { kind: 'damaged', place: { position, at }, what: `the file should have ${limit} bytes` }
      }
      const view = viewOf(chunk)
      let chunkAt = 0
      while (chunkAt < chunk.length) {
        const outcome = readFrame(chunk, view, chunkAt, position)
        if (outcome.kind === 'damaged')
          return { kind: 'damaged', place: { position, at }, what: outcome.what }
        if (outcome.kind === 'cut') {
          if (at + outcome.bytes > limit) {
            return {
              kind: 'damaged',
              place: { position, at },
              what: `the file ends within record ${position}`,
            }
          }
          chunkBytes = Math.max(chunkBytes, outcome.bytes)
          break
        }
        this.index.add({ position, at })
        if (!take(outcome.record, position)) return { kind: 'enough' }
        position++
        at += outcome.nextAt - chunkAt
        chunkAt = outcome.nextAt
      }
    }
    return { kind: 'end', place: { position, at } }
  }

  /** All records in order, some at a time; throws a `LogDamagedError` where one is not whole. */
  async *batches(): AsyncGenerator<readonly Uint8Array[]> {
    const handle = await open(this.path, 'r')
    try {
      for (let next: Place = { position: this.first, at: headerBytes }; ;) {
        const records: Uint8Array[] = []
        let { position, at } = next
        const stop = await this.walk(handle, next, maxChunkBytes, (record) => {
          records.push(record)
          position++
          at += storedBytes(record)
          return at - next.at < maxChunkBytes
        })
        if (records.length > 0) yield records
        if (stop.kind === 'damaged') throw this.damage(stop.place, stop.what)
        if (stop.kind === 'end') return
        next = { position, at }
      }
    } finally {
      await handle.close()
    }
  }

  damage({ position, at }: Place, what: string): LogDamagedError {
    return new LogDamagedError(
      this.path,
      at,
      what,
      `put the file back from a copy; without one, cut it to ${at} bytes and remove the segments after it, ` +
        `which gives up record ${position} and all later ones`,
    )
  }
}

/** Why a walk ended, and where the next record would begin. */
export type Stop =
  | { readonly kind: 'enough' }
  | { readonly kind: 'end'; readonly place: Place }
  | { readonly kind: 'damaged'; readonly place: Place; readonly what: string }

const maxChunkBytes = 4 << 20
