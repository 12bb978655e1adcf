import { dormantMonths } from '../../detectors/dormant-account/detector'
import { isSameHash } from '../../model/hash'
import { dayOf, monthsAfter, startOfDay } from '../../model/months'
import { widened } from '../../state/memory'
import { RecordTable } from '../../state/record-table'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/** A registered account that nobody has used so far. */
export interface Unused {
  readonly high: number
  readonly low: number
  readonly accountId: string
  readonly eventId: string
  readonly registeredMs: number
}

/**
 * Accounts whose registration was seen and that nobody has used since, in the order of their registration. Whoever is
 * used is forgotten, so that memory follows the number of unused ones: about a hundred bytes each.
 *
 * Silence proves something only where use would have been heard. Where no account at all logged in or published for a day
 * and a half, or far fewer did in a day than usual, the stream has a gap, and everybody's time begins anew after it.
 */
export class UnusedAccounts {
  private index = new RecordTable(indexWords)
  private size = 0
  /** Those before have been told. */
  private told = 0
  private gone = 0
  /** None before is still there. */
  private oldest = 0
  private columns = columnsFor(leastCapacity)
  private names = new Uint8Array(48 * leastCapacity)
  private namesEnd = 0
  /** From when on the use of accounts was heard of without a gap. */
  private coveredSinceMs = Number.NaN
  private readonly heardMs = { login: Number.NaN, post: Number.NaN }
  private day = Number.NaN
  /** Uses of accounts on this day, and on a usual one. */
  private uses = 0
  private usualUses = 0
  evicted = 0

  constructor(private readonly most = mostAccounts) {}

  get byteLength(): number {
    const { columns, names, index } = this
    const lists = Object.values(columns) as { byteLength: number }[]
    return lists.reduce((sum, { byteLength }) => sum + byteLength, names.byteLength + index.byteLength)
  }

  /** Those that nobody has used. */
  get count(): number {
    return this.size - this.gone
  }

  /** Lets event time pass: with each day those are told whose six months are over. */
  advance(nowMs: number, tell: (account: Unused, sinceMs: number, asOfMs: number) => void): void {
    const day = dayOf(nowMs)
    if (day <= this.day) return
    const isFirst = Number.isNaN(this.day)
    const asOfMs = startOfDay(day)
    if (isFirst) this.begin(nowMs)
    else this.closeDays(day)
    this.day = day
    if (!isFirst && !this.hasGap(asOfMs)) this.tellDue(asOfMs, tell)
  }

  /** Notes that an account was registered, and by whom. */
  register(
    account: { readonly high: number; readonly low: number; readonly registeredMs: number },
    by: { readonly high: number; readonly low: number },
    names: { readonly accountId: Uint8Array; readonly eventId: Uint8Array },
  ): void {
    if (this.slotOf(account.high, account.low) >= 0) return
    if (this.count >= this.most) this.loseOldest()
    if (this.size === this.columns.high.length) this.makeRoom()
    const slot = this.size++
    const { columns } = this
    columns.high[slot] = account.high
    columns.low[slot] = account.low
    columns.byHigh[slot] = by.high
    columns.byLow[slot] = by.low
    columns.registeredMs[slot] = account.registeredMs
    columns.isGone[slot] = 0
    columns.nameAt[slot] = this.write(names.accountId)
    columns.eventAt[slot] = this.write(names.eventId)
    this.point(slot)
  }

  /** Notes that an account was used; gives it when it was told to be unused. */
  use(high: number, low: number, as: 'login' | 'post', timeMs: number): Unused | undefined {
    const heardMs = this.heardMs[as]
    if (timeMs - heardMs > longestGapMs) this.coveredSinceMs = timeMs
    this.heardMs[as] = timeMs
    this.uses++
    return this.drop(high, low)
  }

  /** Notes that somebody acts on an account; when he is the one who registered it, that is use. */
  act(high: number, low: number, byHigh: number, byLow: number): Unused | undefined {
    const slot = this.slotOf(high, low)
    if (slot < 0) return undefined
    if (!isSameHash(this.columns.byHigh[slot]!, this.columns.byLow[slot]!, byHigh, byLow)) return undefined
    return this.drop(high, low)
  }

  /** Takes an account out; gives it when it was told to be unused. */
  drop(high: number, low: number): Unused | undefined {
    const slot = this.slotOf(high, low)
    if (slot < 0) return undefined
    const told = slot < this.told ? this.at(slot) : undefined
    this.columns.isGone[slot] = 1
    this.gone++
    return told
  }

  /** Since when nobody has used an account, as far as that would have been heard; undefined where it is used or unknown. */
  unusedSince(high: number, low: number): (Unused & { readonly sinceMs: number }) | undefined {
    const slot = this.slotOf(high, low)
    if (slot < 0) return undefined
    const unused = this.at(slot)
    return { ...unused, sinceMs: Math.max(unused.registeredMs, this.coveredSinceMs) }
  }

  /** For how long no account at all logged in, or none published, whichever is longer. */
  silentForMs(nowMs: number): number {
    return nowMs - Math.min(this.heardMs.login, this.heardMs.post)
  }

  save(out: SnapshotWriter, name: string): void {
    const { size, told, gone, namesEnd, coveredSinceMs, heardMs, day, uses, usualUses, evicted } = this
    for (const [column, values] of Object.entries(this.columns)) {
      out.array(`${name}.${column}`, (values as Column).subarray(0, size))
    }
    out.array(`${name}.names`, this.names.subarray(0, namesEnd))
    out.value(name, { size, told, gone, coveredSinceMs, heardMs, day, uses, usualUses, evicted })
  }

  load(from: SnapshotReader, name: string): void {
    const saved = from.value<Saved>(name)
    this.size = saved.size
    this.told = saved.told
    this.gone = saved.gone
    this.columns = {
      high: from.uint32(`${name}.high`),
      low: from.uint32(`${name}.low`),
      byHigh: from.uint32(`${name}.byHigh`),
      byLow: from.uint32(`${name}.byLow`),
      nameAt: from.uint32(`${name}.nameAt`),
      eventAt: from.uint32(`${name}.eventAt`),
      registeredMs: from.float64(`${name}.registeredMs`) as Times,
      isGone: from.uint8(`${name}.isGone`) as Bytes,
    }
    this.names = from.uint8(`${name}.names`) as Bytes
    this.namesEnd = this.names.length
    this.coveredSinceMs = saved.coveredSinceMs ?? Number.NaN
    this.heardMs.login = saved.heardMs.login ?? Number.NaN
    this.heardMs.post = saved.heardMs.post ?? Number.NaN
    this.day = saved.day ?? Number.NaN
    this.uses = saved.uses
    this.usualUses = saved.usualUses
    this.evicted = saved.evicted
    this.index = new RecordTable(indexWords, this.size)
    for (let slot = 0; slot < this.size; slot++) this.point(slot)
  }

  private begin(nowMs: number): void {
    this.coveredSinceMs = nowMs
    this.heardMs.login = nowMs
    this.heardMs.post = nowMs
  }

  // A part of the stream may be missing where far fewer accounts than usual are used.
  private closeDays(day: number): void {
    const isThin = this.uses < this.usualUses / 4
    if (isThin) this.coveredSinceMs = startOfDay(this.day + 1)
    else this.usualUses += (this.uses - this.usualUses) / 8
    if (day > this.day + 1) this.coveredSinceMs = startOfDay(day)
    this.uses = 0
  }

  private hasGap(nowMs: number): boolean {
    return this.silentForMs(nowMs) > longestGapMs
  }

  // Both ends of the span move with the order of registration, so that those who are due come first.
  private tellDue(asOfMs: number, tell: (account: Unused, sinceMs: number, asOfMs: number) => void): void {
    for (; this.told < this.size; this.told++) {
      const sinceMs = Math.max(this.columns.registeredMs[this.told]!, this.coveredSinceMs)
      if (monthsAfter(sinceMs, dormantMonths) > asOfMs) return
      if (this.columns.isGone[this.told] === 0) tell(this.at(this.told), sinceMs, asOfMs)
    }
  }

  private at(slot: number): Unused {
    const { columns } = this
    return {
      high: columns.high[slot]!,
      low: columns.low[slot]!,
      accountId: this.read(columns.nameAt[slot]!),
      eventId: this.read(columns.eventAt[slot]!),
      registeredMs: columns.registeredMs[slot]!,
    }
  }

  /** Where an account lies that is unused, or -1. */
  private slotOf(high: number, low: number): number {
    if (this.size === 0) return -1
    const at = this.index.find(high, low)
    if (at < 0) return -1
    const slot = this.index.words[at + 2]!
    return this.columns.isGone[slot] === 1 ? -1 : slot
  }

  private point(slot: number): void {
    const { high, low } = this.columns
    const at = this.index.add(high[slot]!, low[slot]!)
    this.index.words[at + 2] = slot
  }

  /** Leaves out those who are gone; where that is not much, grows. */
  private makeRoom(): void {
    const capacity = this.columns.high.length
    const isMostlyGone = this.gone >= capacity / 2
    this.rebuild(Math.max(leastCapacity, isMostlyGone ? capacity : capacity * 2))
  }

  private loseOldest(): void {
    while (this.columns.isGone[this.oldest] === 1) this.oldest++
    this.columns.isGone[this.oldest] = 1
    this.gone++
    this.evicted++
  }

  private rebuild(capacity: number): void {
    const { columns: old, size, told, names } = this
    this.columns = columnsFor(capacity)
    this.names = new Uint8Array(names.length)
    this.namesEnd = 0
    this.index = new RecordTable(indexWords, size - this.gone)
    this.size = 0
    this.told = 0
    this.oldest = 0
    for (let from = 0; from < size; from++) {
      if (old.isGone[from] === 1) continue
      const slot = this.size++
      for (const column of ['high', 'low', 'byHigh', 'byLow', 'registeredMs'] as const) {
        this.columns[column][slot] = old[column][from]!
      }
      this.columns.nameAt[slot] = this.write(textAt(names, old.nameAt[from]!))
      this.columns.eventAt[slot] = this.write(textAt(names, old.eventAt[from]!))
      if (from < told) this.told = this.size
      this.point(slot)
    }
    this.gone = 0
  }

  /** Writes a text after its length in two bytes; says where. */
  private write(text: Uint8Array): number {
    const at = this.namesEnd
    const end = at + 2 + text.length
    if (end > this.names.length) {
      this.names = widened(this.names, Math.max(end, this.names.length * 2))
    }
    this.names[at] = text.length & 0xff
    this.names[at + 1] = text.length >>> 8
    this.names.set(text, at + 2)
    this.namesEnd = end
    return at
  }

  private read(at: number): string {
    return textDecoder.decode(textAt(this.names, at))
  }
}

type Words = Uint32Array<ArrayBuffer>
type Times = Float64Array<ArrayBuffer>
type Bytes = Uint8Array<ArrayBuffer>
type Column = Words | Times | Bytes
interface Columns {
  high: Words
  low: Words
  byHigh: Words
  byLow: Words
  nameAt: Words
  eventAt: Words
  registeredMs: Times
  isGone: Bytes
}

function columnsFor(capacity: number): Columns {
  const words = (): Words => new Uint32Array(capacity)
  return {
    ...{ high: words(), low: words(), byHigh: words(), byLow: words(), nameAt: words(), eventAt: words() },
    registeredMs: new Float64Array(capacity),
    isGone: new Uint8Array(capacity),
  }
}

function textAt(names: Uint8Array, at: number): Uint8Array {
  return names.subarray(at + 2, at + 2 + (names[at]! | (names[at + 1]! << 8)))
}

interface Saved {
  readonly size: number
  readonly told: number
  readonly gone: number
  readonly coveredSinceMs: number | null
  readonly heardMs: { readonly login: number | null; readonly post: number | null }
  readonly day: number | null
  readonly uses: number
  readonly usualUses: number
  readonly evicted: number
}

const indexWords = 3
const leastCapacity = 256
const mostAccounts = 1_000_000
/** Silence of all accounts from which on an account's own proves nothing. */
export const longestGapMs = 36 * 3_600_000
const textDecoder = new TextDecoder()
