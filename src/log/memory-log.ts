import type { Log } from './log'
import { checkPosition } from './position'

/** A log that lives as long as its process: for tests and for what need not outlive a run. */
export class MemoryLog implements Log {
  private readonly records: Uint8Array[] = []
  private closed = false

  get end(): number {
    return this.records.length
  }

  append(records: readonly Uint8Array[]): Promise<number> {
    return new Promise((resolve) => {
      this.checkOpen()
      const first = this.end
      for (const record of records) this.records.push(record)
      resolve(first)
    })
  }

  read(from: number, maxBytes: number): Promise<readonly Uint8Array[]> {
    return new Promise((resolve) => {
      this.checkOpen()
      checkPosition(from, this.end)
      let to = from
      for (let bytes = 0; to < this.end; to++) {
        bytes += this.records[to]!.length
        if (bytes > maxBytes && to > from) break
      }
      resolve(this.records.slice(from, to))
    })
  }

  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.checkOpen()
      resolve()
    })
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }

  private checkOpen(): void {
    if (this.closed) throw new Error('the log in memory is closed; its records went with it')
  }
}
