import { mix32 } from '../../model/hash'
import { RecordTable } from '../../state/record-table'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/** What one content of a series had in one hour. */
export interface ContentHour {
  readonly contentId: string
  readonly count: number
  /** Events that carry traits of two families, one of them hard. */
  readonly suspicious: number
}

/**
 * Counts by content and hour, from which an account's corrections are shared out. Each of the last hours is a table
 * of its own, with the names beside it, and is dropped whole.
 */
export class ContentHours {
  private readonly hours = new Map<number, { table: RecordTable; names: string[] }>()

  constructor(private readonly hoursKept: number) {}

  /** Counts one event; the name is asked for only when the content is new in its hour. */
  add(event: {
    series: number
    hour: number
    contentHigh: number
    contentLow: number
    isSuspicious: boolean
    name: () => string
  }): void {
    let hour = this.hours.get(event.hour)
    if (hour === undefined) {
      hour = { table: new RecordTable(stride), names: [] }
      this.hours.set(event.hour, hour)
      this.hours.delete(event.hour - this.hoursKept)
    }
    const { table, names } = hour
    const before = table.size
    const at = table.add(event.contentHigh, mix32(event.contentLow, event.series))
    if (table.size !== before) {
      table.words[at + seriesWord] = event.series
      table.words[at + nameWord] = names.push(event.name()) - 1
    }
    table.words[at + countWord]!++
    if (event.isSuspicious) table.words[at + suspiciousWord]!++
  }

  /** The contents that each of some series had in an hour, in the order of their ids. */
  of(hour: number, series: ReadonlySet<number>): Map<number, ContentHour[]> {
    const found = new Map<number, ContentHour[]>()
    const kept = this.hours.get(hour)
    if (kept === undefined) return found
    const { table, names } = kept
    table.forEach((at) => {
      const owner = table.words[at + seriesWord]!
      if (!series.has(owner)) return
      const list = found.get(owner) ?? []
      list.push({
        contentId: names[table.words[at + nameWord]!]!,
        count: table.words[at + countWord]!,
        suspicious: table.words[at + suspiciousWord]!,
      })
      found.set(owner, list)
    })
    for (const list of found.values()) list.sort((a, b) => (a.contentId < b.contentId ? -1 : 1))
    return found
  }

  /** Forgets the hours before one; called as event time passes, since an hour without events drops nothing. */
  forgetBefore(hour: number): void {
    for (const kept of this.hours.keys()) if (kept < hour) this.hours.delete(kept)
  }

  get byteLength(): number {
    let bytes = 0
    for (const { table } of this.hours.values()) bytes += table.byteLength
    return bytes
  }

  save(out: SnapshotWriter): void {
    const hours = [...this.hours.keys()].sort((a, b) => a - b)
    out.value('contents.hours', hours)
    for (const hour of hours) {
      const { table, names } = this.hours.get(hour)!
      table.save(out, `contents.${hour}`)
      out.value(`contents.${hour}.names`, names)
    }
  }

  load(from: SnapshotReader): void {
    for (const hour of from.value<number[]>('contents.hours')) {
      const table = new RecordTable(stride)
      table.load(from, `contents.${hour}`)
      this.hours.set(hour, { table, names: from.value<string[]>(`contents.${hour}.names`) })
    }
  }
}

/** Two words of key, then these. */
const stride = 6
const seriesWord = 2
const nameWord = 3
const countWord = 4
const suspiciousWord = 5
