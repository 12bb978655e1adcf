/** A record in a page; `holders` is how many have not let go of it yet. */
export interface KeptRecord<Memory extends ArrayBufferLike = ArrayBuffer> {
  readonly record: Uint8Array<Memory>
  readonly page: Page<Memory>
  holders: number
}

/** A stretch of memory that takes one record behind the other, and begins anew when the last of them has gone. */
interface Page<Memory extends ArrayBufferLike> {
  readonly memory: Memory
  usedBytes: number
  records: number
}

/**
 * Memory for records that come and go in about the same order. It is the same memory again and again: what is made for each
 * record and thrown away piles up until the engine looks through the whole heap, and it learns late of what lies outside.
 *
 * ```
 *  pages    │a b c │d e   │      │      a, b and c have gone: their page takes what comes behind e
 *  then     │h     │d e f │g     │
 * ```
 */
export class RecordPages<Memory extends ArrayBufferLike = ArrayBuffer> {
  private current: Page<Memory> | undefined
  private readonly free: Page<Memory>[] = []

  constructor(
    /** Makes memory of so many bytes. */
    private readonly make: (bytes: number) => Memory,
    private readonly pageBytes = 524_288,
  ) {}

  /** Copies a record, aligned as columns need it, for so many who each let go of it once. */
  keep(record: Uint8Array, holders = 1): KeptRecord<Memory> {
    const page = this.pageWith(record.length)
    const copy = new Uint8Array(page.memory, page.usedBytes, record.length)
    copy.set(record)
    page.usedBytes = alignedEnd(page.usedBytes + record.length)
    page.records++
    return { record: copy, page, holders }
  }

  /** One holder has no use for it any more; after the last one its memory is written over. */
  letGo(kept: KeptRecord<Memory>): void {
    const { page } = kept
    if (--kept.holders > 0 || --page.records > 0) return
    page.usedBytes = 0
    const isOfUsualSize = page.memory.byteLength === this.pageBytes
    if (page !== this.current && isOfUsualSize && this.free.length < mostFree) this.free.push(page)
  }

  /** The page that has room; what is longer than a page gets one of its own. */
  private pageWith(bytes: number): Page<Memory> {
    if (bytes > this.pageBytes) return this.newPage(bytes)
    if (this.current === undefined || this.current.usedBytes + bytes > this.pageBytes) {
      this.current = this.free.pop() ?? this.newPage(this.pageBytes)
    }
    return this.current
  }

  private newPage(bytes: number): Page<Memory> {
    return { memory: this.make(bytes), usedBytes: 0, records: 0 }
  }
}

function alignedEnd(bytes: number): number {
  return (bytes + 7) & ~7
}

/** Pages that wait for records; what a jam has needed beyond them is given back. */
const mostFree = 16
