import type { FileLog } from '../log/file-log'
import type { Input, Output } from './runner'
import type { TraceParent } from './traces'

/**
 * A log in a folder that knows besides, as long as this process lives, what led to the records that it appended itself:
 * what a topic keeps in a header. A file keeps none of it, so that its bytes are the same with traces and without.
 */
export class TracedLog implements Input, Output {
  traceParents: readonly (TraceParent | undefined)[] = []
  private appended: { readonly before: number; readonly traceParent: TraceParent | undefined }[] = []

  constructor(readonly file: FileLog) {}

  get first(): number {
    return this.file.first
  }

  get end(): number {
    return this.file.end
  }

  async append(records: readonly Uint8Array[], traceParent?: TraceParent): Promise<void> {
    const { end } = this.file
    await this.file.append(records)
    if (this.appended.length === 0) {
      if (traceParent === undefined) return
      // What lies there already was led to by something else.
      this.appended.push({ before: end, traceParent: undefined })
    }
    this.appended.push({ before: this.file.end, traceParent })
  }

  async read(from: number, maxBytes: number): Promise<readonly Uint8Array[]> {
    const records = await this.file.read(from, maxBytes)
    this.traceParents =
      this.appended.length === 0 ? [] : records.map((_, index) => this.parentAt(from + index))
    return records
  }

  flush(): Promise<void> {
    return this.file.flush()
  }

  /** Everybody has read what there is. */
  forgetParents(): void {
    this.appended = []
  }

  private parentAt(position: number): TraceParent | undefined {
    return this.appended.find(({ before }) => position < before)?.traceParent
  }
}
