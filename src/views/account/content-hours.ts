import { noContent } from '../../model/block'
import type { Block } from '../../model/block'
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

/** How many contents an hour may have, in all and of one series. */
export interface MostContents {
  readonly inAll: number
  readonly ofSeries: number
}

/**
 * Counts by content and hour, from which an account's corrections are shared out. Each of the last hours is a table
 * of its own, with the names beside it, and is dropped whole. What comes when it is full is counted as if it were on no content,
 * so that the numbers of the account stay whole.
 */
export class ContentHours {
  /** Events on contents that no room was left for, since this process began. */
  evicted = 0
  private readonly hours = new Map<number, HourTable>()
  /** The hour of the last event, which is nearly always that of the next. */
  private latest: { readonly hour: number; readonly table: HourTable } | undefined

  constructor(
    private readonly hoursKept: number,
    private readonly most: MostContents = { inAll: 1 << 20, ofSeries: 16_384 },
  ) {}

  /** Counts one event of a series; gives how many its content has had in that hour. */
  add(block: Block, row: number, at: { series: number; hour: number }, isSuspicious: boolean): number {
    const table = this.tableOf(at.hour)
    if (!table.isFull(at.series, this.most) || table.has(block, row, at.series)) {
      return table.add(block, block.content[row]!, at.series, isSuspicious)
    }
    this.evicted++
    return table.add(block, noContent, at.series, isSuspicious)
  }

  /** The contents that each of some series had in an hour, in the order of their ids. */
  of(hour: number, series: ReadonlySet<number>): Map<number, ContentHour[]> {
    const found = new Map<number, ContentHour[]>()
    const table = this.hours.get(hour)
    if (table === undefined) return found
    for (const one of series) {
      const contents = table.of(one)
      if (contents.length > 0) found.set(one, contents)
    }
    return found
  }

  /** Forgets the hours before one; called as event time passes, since an hour without events drops nothing. */
  forgetBefore(hour: number): void {
    for (const kept of this.hours.keys()) if (kept < hour) this.hours.delete(kept)
  }

  get byteLength(): number {
    let bytes = 0
    for (const table of this.hours.values()) bytes += table.byteLength
    return bytes
  }

  save(out: SnapshotWriter): void {
    const hours = [...this.hours.keys()].sort((a, b) => a - b)
    out.value('contents.hours', hours)
    for (const hour of hours) this.hours.get(hour)!.save(out, `contents.${hour}`)
  }

  load(from: SnapshotReader): void {
    for (const hour of from.value<number[]>('contents.hours')) {
      const table = new HourTable()
      table.load(from, `contents.${hour}`)
      this.hours.set(hour, table)
    }
  }

  private tableOf(hour: number): HourTable {
    if (this.latest?.hour === hour) return this.latest.table
    let table = this.hours.get(hour)
    if (table === undefined) {
      table = new HourTable(this.latest?.table.size)
      this.hours.set(hour, table)
      this.hours.delete(hour - this.hoursKept)
    }
    this.latest = { hour, table }
    return table
  }
}

/**
 * One hour: every content of every series once, numbered as they come. The contents of a series are chained, so that
 * asking for a few series does not look at all of them.
 */
class HourTable {
  size = 0
  /** From the hash of a content and its series to its number. */
  private readonly numbers: RecordTable
  private records: Uint32Array
  /** The names in the order of the numbers, as one string of bytes. */
  private names: Uint8Array
  private nameEnd = 0
  /** By series, the number of its latest new content plus one: the beginning of its chain. */
  private chains = new Uint32Array(1024)
  /** By series, how many contents it has. */
  private counts = new Uint32Array(1024)

  constructor(expected = 1024) {
    this.numbers = new RecordTable(numberStride, expected)
    this.records = new Uint32Array(Math.max(64, expected) * recordStride)
    this.names = new Uint8Array(Math.max(64, expected) * 12)
  }

  get byteLength(): number {
    const { numbers, records, names, chains, counts } = this
    return numbers.byteLength + records.byteLength + names.byteLength + chains.byteLength + counts.byteLength
  }

  isFull(series: number, { inAll, ofSeries }: MostContents): boolean {
    return this.size >= inAll || (this.counts[series] ?? 0) >= ofSeries
  }

  /** Whether the content of a row has events of a series already. */
  has(block: Block, row: number, series: number): boolean {
    const content = block.content[row]!
    if (content === noContent) return true
    return (
      this.numbers.find(block.contents.hashHigh[content]!, mix32(block.contents.hashLow[content]!, series)) >=
      0
    )
  }

  add(block: Block, content: number, series: number, isSuspicious: boolean): number {
    const high = content === noContent ? 0 : block.contents.hashHigh[content]!
    const low = content === noContent ? 0 : block.contents.hashLow[content]!
    const { numbers, size } = this
    const slot = numbers.add(high, mix32(low, series))
    if (numbers.size > size) {
      numbers.words[slot + 2] = size
      this.addRecord(series, content === noContent ? noName : block.contents.bytesOf(content))
    }
    const at = numbers.words[slot + 2]! * recordStride
    if (isSuspicious) this.records[at + suspiciousWord]!++
    return ++this.records[at + countWord]!
  }

  /** The contents of a series in the order of their ids. */
  of(series: number): ContentHour[] {
    const { records } = this
    const found: ContentHour[] = []
    for (let next = this.chains[series] ?? 0; next !== 0;) {
      const at = (next - 1) * recordStride
      const nameStart = at === 0 ? 0 : records[at - recordStride + nameEndWord]!
      const name = this.names.subarray(nameStart, records[at + nameEndWord])
      found.push({
        contentId: textDecoder.decode(name),
        count: records[at + countWord]!,
        suspicious: records[at + suspiciousWord]!,
      })
      next = records[at + nextWord]!
    }
    return found.sort((a, b) => (a.contentId < b.contentId ? -1 : 1))
  }

  save(out: SnapshotWriter, name: string): void {
    this.numbers.save(out, name)
    out.array(`${name}.records`, this.records.subarray(0, this.size * recordStride))
    out.array(`${name}.names`, this.names.subarray(0, this.nameEnd))
  }

  load(from: SnapshotReader, name: string): void {
    this.numbers.load(from, name)
    this.size = this.numbers.size
    this.records = from.uint32(`${name}.records`)
    this.names = from.uint8(`${name}.names`)
    this.nameEnd = this.names.length
    for (let number = 0; number < this.size; number++) {
      this.enchain(this.records[number * recordStride + seriesWord]!, number)
    }
  }

  private addRecord(series: number, name: Uint8Array): void {
    const at = this.size * recordStride
    if (at + recordStride > this.records.length) this.records = widened(this.records, at + recordStride)
    if (this.nameEnd + name.length > this.names.length) this.names = widerNames(this.names, name.length)
    this.names.set(name, this.nameEnd)
    this.nameEnd += name.length
    this.records[at + seriesWord] = series
    this.records[at + nameEndWord] = this.nameEnd
    this.enchain(series, this.size)
    this.size++
  }

  private enchain(series: number, number: number): void {
    if (series >= this.chains.length) {
      this.chains = widened(this.chains, series + 1)
      this.counts = widened(this.counts, series + 1)
    }
    this.counts[series]!++
    this.records[number * recordStride + nextWord] = this.chains[series]!
    this.chains[series] = number + 1
  }
}

/** Two words of key and the number. */
const numberStride = 3

const seriesWord = 0
const countWord = 1
const suspiciousWord = 2
const nameEndWord = 3
/** The number before it in the chain of its series, plus one. */
const nextWord = 4
const recordStride = 5

const noName = new Uint8Array(0)
const textDecoder = new TextDecoder()

function widened(array: Uint32Array, least: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(Math.max(least, array.length * 2))
  wider.set(array)
  return wider
}

function widerNames(array: Uint8Array, more: number): Uint8Array {
  const wider = new Uint8Array(array.length * 2 + more)
  wider.set(array)
  return wider
}
