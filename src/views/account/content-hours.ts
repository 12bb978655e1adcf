import { noContent } from '../../model/block'
import type { Block } from '../../model/block'
import { mix32, signed } from '../../model/hash'
import { letGo, widened, zeros } from '../../state/memory'
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
 * Counts by content and hour, from which an account's corrections are shared out. Hours come in order, so that only the latest
 * is a table; each of those before it is packed, and is dropped whole. What comes when the table is full is counted as if it
 * were on no content, so that the numbers of the account stay whole.
 */
export class ContentHours {
  /** Events on contents that no room was left for, since this process began. */
  evicted = 0
  private latest: { readonly hour: number; readonly table: HourTable } | undefined
  private readonly packed = new Map<number, PackedHour>()

  constructor(
    private readonly hoursKept: number,
    private readonly most: MostContents = { inAll: 1 << 20, ofSeries: 16_384 },
  ) {}

  /** Counts one event of a series in the latest hour or a new one; gives how many its content has had in that hour. */
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
    const table = this.latest?.hour === hour ? this.latest.table : this.packed.get(hour)
    if (table === undefined) return found
    for (const one of series) {
      const contents = table.of(one).sort((a, b) => (a.contentId < b.contentId ? -1 : 1))
      if (contents.length > 0) found.set(one, contents)
    }
    return found
  }

  /** Forgets the hours before one; called as event time passes, since an hour without events drops nothing. */
  forgetBefore(hour: number): void {
    if (this.latest !== undefined && this.latest.hour < hour) this.latest = undefined
    this.forgetPacked(hour)
  }

  get byteLength(): number {
    let bytes = this.latest?.table.byteLength ?? 0
    for (const hour of this.packed.values()) bytes += hour.byteLength
    return bytes
  }

  save(out: SnapshotWriter): void {
    const hours = [...this.packed.keys()]
    out.value('contents.hours', { packed: hours, latest: this.latest?.hour ?? null })
    for (const hour of hours) this.packed.get(hour)!.save(out, `contents.${hour}`)
    this.latest?.table.save(out, 'contents.latest')
  }

  load(from: SnapshotReader): void {
    const hours = from.value<{ packed: number[]; latest: number | null }>('contents.hours')
    for (const hour of hours.packed) this.packed.set(hour, PackedHour.load(from, `contents.${hour}`))
    if (hours.latest === null) return
    this.latest = { hour: hours.latest, table: new HourTable() }
    this.latest.table.load(from, 'contents.latest')
  }

  private tableOf(hour: number): HourTable {
    const before = this.latest
    if (before?.hour === hour) return before.table
    if (before !== undefined) {
      this.packed.set(before.hour, before.table.packed())
      before.table.end()
    }
    this.forgetPacked(hour - this.hoursKept + 1)
    const table = new HourTable(before?.table.size)
    this.latest = { hour, table }
    return table
  }

  private forgetPacked(before: number): void {
    for (const [hour, kept] of this.packed) {
      if (hour >= before) continue
      kept.end()
      this.packed.delete(hour)
    }
  }
}

/** An hour that is over: the contents of its series, series by series. */
class PackedHour {
  constructor(
    private readonly records: Uint32Array,
    /** The names in the order of the records, as one string of bytes. */
    private readonly names: Uint8Array,
  ) {}

  get byteLength(): number {
    return this.records.byteLength + this.names.byteLength
  }

  /** Nobody looks into it any more. */
  end(): void {
    letGo(this.records)
    letGo(this.names)
  }

  /** The contents of a series, in no order. */
  of(series: number): ContentHour[] {
    const { records } = this
    const found: ContentHour[] = []
    for (
      let at = this.firstOf(series) * packedStride;
      records[at + seriesWord] === series;
      at += packedStride
    ) {
      const nameStart = at === 0 ? 0 : records[at - packedStride + nameEndWord]!
      found.push({
        contentId: textDecoder.decode(this.names.subarray(nameStart, records[at + nameEndWord])),
        count: records[at + countWord]!,
        suspicious: records[at + suspiciousWord]!,
      })
    }
    return found
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.records`, this.records)
    out.array(`${name}.names`, this.names)
  }

  static load(from: SnapshotReader, name: string): PackedHour {
    return new PackedHour(from.uint32(`${name}.records`), from.uint8(`${name}.names`))
  }

  /** How many records are of series before this one. */
  private firstOf(series: number): number {
    let low = 0
    let high = this.records.length / packedStride
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.records[middle * packedStride + seriesWord]! < series) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * The hour that is open: every content of every series once, numbered as they come. The contents of a series are chained, so that
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
    this.records = zeros(Uint32Array, Math.max(64, expected) * recordStride)
    this.names = zeros(Uint8Array, Math.max(64, expected) * 12)
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
    const high = content === noContent ? 0 : signed(block.contents.hashHigh[content]!)
    const low = content === noContent ? 0 : block.contents.hashLow[content]!
    const { numbers, size } = this
    const slot = numbers.add(high, signed(mix32(low, series)))
    if (numbers.size > size) {
      numbers.words[slot + 2] = size
      this.addRecord(series, content === noContent ? noName : block.contents.bytesOf(content))
    }
    const at = numbers.words[slot + 2]! * recordStride
    if (isSuspicious) this.records[at + suspiciousWord]!++
    return ++this.records[at + countWord]!
  }

  /** The contents of a series, in no order. */
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
    return found
  }

  /** The same for looking at only. */
  packed(): PackedHour {
    const records = zeros(Uint32Array, this.size * packedStride)
    const names = zeros(Uint8Array, this.nameEnd)
    let at = 0
    let nameEnd = 0
    for (let series = 0; series < this.chains.length; series++) {
      for (let next = this.chains[series]!; next !== 0; at += packedStride) {
        const from = (next - 1) * recordStride
        const nameStart = from === 0 ? 0 : this.records[from - recordStride + nameEndWord]!
        for (let byte = nameStart; byte < this.records[from + nameEndWord]!; byte++) {
          names[nameEnd++] = this.names[byte]!
        }
        records[at + seriesWord] = series
        records[at + countWord] = this.records[from + countWord]!
        records[at + suspiciousWord] = this.records[from + suspiciousWord]!
        records[at + nameEndWord] = nameEnd
        next = this.records[from + nextWord]!
      }
    }
    return new PackedHour(records, names)
  }

  /** Nobody looks into it any more. */
  end(): void {
    this.numbers.end()
    for (const array of [this.records, this.names, this.chains, this.counts]) letGo(array)
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
    if (at + recordStride > this.records.length) this.records = grown(this.records, at + recordStride)
    if (this.nameEnd + name.length > this.names.length)
      this.names = grown(this.names, this.nameEnd + name.length)
    this.names.set(name, this.nameEnd)
    this.nameEnd += name.length
    this.records[at + seriesWord] = series
    this.records[at + nameEndWord] = this.nameEnd
    this.enchain(series, this.size)
    this.size++
  }

  private enchain(series: number, number: number): void {
    if (series >= this.chains.length) {
      this.chains = grown(this.chains, series + 1)
      this.counts = grown(this.counts, series + 1)
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
const packedStride = 4
/** While the hour is open, the number before it in the chain of its series, plus one. */
const nextWord = 4
const recordStride = 5

const noName = new Uint8Array(0)
const textDecoder = new TextDecoder()

function grown<T extends Uint8Array | Uint32Array>(array: T, least: number): T {
  return widened(array, Math.max(least, Math.ceil(array.length * 1.25)))
}
