import { createHash } from 'node:crypto'
import { readSource } from '../../log/source'
import type { Block } from '../../model/block'
import { kinds } from '../../model/event'
import { mix32 } from '../../model/hash'
import { parsePolicy } from '../../policy/policy'
import { Intake } from '../../runtime/intake'
import { Generations } from '../../state/generations'
import { RecordTable } from '../../state/record-table'
import { PaneStore } from '../../windows/panes'
import { freshMs, hopMs, isAlert, isSampled, linesOf, panesPerWindow, windowMs } from './question'

/**
 * The question answered with assay's parts: the intake reads, checks and packs, as it does before every view, and the
 * rows of a closed pane are folded into a pane store. How many actors a window has is exact: a pair of series and actor
 * stands in the last pane in which it was seen, a new event moves it, and a pane that leaves takes with it those that
 * still stand there.
 */
export async function answerByAssay(path: string): Promise<string[]> {
  const answers: string[] = []
  const windows = new WindowJob(answers)
  const source = { name: 'bench', read: (fromPosition: number) => readSource(path, { fromPosition }) }
  const intake = new Intake({ policy, key, sources: [source] })
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) {
    windows.take(block)
    windows.closeBefore(block.watermarkMs)
    intake.giveBack(block)
  }
  windows.finish()
  return answers
}

/** Counters of a record of the pane store, and of what a window has. */
const events = 0
const freshEvents = 1
/** Pairs whose latest event is in this pane. */
const pairsHere = 2
const counters = 3

/** Takes blocks, and tells the answers of the windows that are over. */
export class WindowJob {
  /** From account and kind to the number of a series. */
  private readonly seriesTable = new RecordTable(3)
  private readonly accountOf: string[] = []
  private readonly kindOf: number[] = []
  private readonly panes = new PaneStore({
    ...{ paneMs: hopMs, panes: panesPerWindow + 1 },
    ...{ counters, wholeCounters: counters },
  })
  /** Of a series and an actor, the last pane with an event of theirs, and where the record of the series lies in it. */
  private readonly pairs = new Generations({ stride: 4, spanMs: windowMs, cap: 8_000_000 })
  /** By series, in words of their own: what its window has of events, of fresh ones and of actors. */
  private sums = new Uint32Array(1024 * counters)
  /** Series with an event in the window. */
  private live: number[] = []
  /** Rows of panes that are still open, by pane. */
  private readonly open = new Map<number, OpenPane>()
  /** Closed ones, whose memory the next takes. */
  private readonly spare: OpenPane[] = []
  /** Of each account of the block and kind, its series, plus one. */
  private known = new Uint32Array(0)
  private nextPane = Number.POSITIVE_INFINITY
  private latestPane = Number.NEGATIVE_INFINITY

  constructor(private readonly answers: string[]) {}

  take(block: Block): void {
    const places = block.accounts.size * kinds.length
    if (places > this.known.length) this.known = new Uint32Array(places * 2)
    const { known } = this
    known.fill(0, 0, places)
    let lastPane = -1
    let rows: OpenPane | undefined
    for (let row = 0; row < block.rows; row++) {
      const account = block.account[row]!
      const kind = block.kind[row]!
      const series = (known[account * kinds.length + kind] ||= this.seriesOf(block, account, kind) + 1) - 1
      const timeMs = block.timeMs[row]!
      const createdS = block.createdS[row]!
      const isFresh = createdS !== 0 && timeMs - createdS * 1000 < freshMs
      const pane = Math.floor(timeMs / hopMs)
      if (pane !== lastPane) {
        rows = this.paneAt(pane)
        lastPane = pane
      }
      rows!.add(isFresh ? (series | freshBit) >>> 0 : series, block.actorHigh[row]!, block.actorLow[row]!)
    }
  }

  closeBefore(watermarkMs: number): void {
    while ((this.nextPane + 1) * hopMs <= watermarkMs && this.nextPane < this.latestPane + panesPerWindow) {
      this.close(this.nextPane++)
    }
  }

  finish(): void {
    this.closeBefore(Number.POSITIVE_INFINITY)
  }

  private close(pane: number): void {
    const endMs = (pane + 1) * hopMs
    this.forget(pane - panesPerWindow)
    this.pairs.advance(endMs)
    const rows = this.open.get(pane)
    if (rows !== undefined) {
      this.fold(pane, rows)
      this.open.delete(pane)
      rows.length = 0
      this.spare.push(rows)
    }
    this.answer(endMs)
  }

  private fold(pane: number, { words, length }: OpenPane): void {
    const { panes, pairs, sums } = this
    for (let at = 0; at < length; at += 3) {
      const series = words[at]! & ~freshBit
      const isFresh = words[at]! >>> 31
      const high = words[at + 1]!
      const low = words[at + 2]!
      const pair = pairs.touch((high ^ mix32(series, 1)) >>> 0, low)
      const pairWords = pairs.young.words
      const lastPane = pairs.isNew ? -1 : pairWords[pair + 2]!
      const lastRecord = pairWords[pair + 3]!
      const record = panes.open(series, pane)
      pairWords[pair + 2] = pane
      pairWords[pair + 3] = record
      const here = panes.pane(pane)
      here.add(record, events, 1)
      here.add(record, freshEvents, isFresh)
      const sum = series * counters
      if (sums[sum + events]!++ === 0) this.live.push(series)
      sums[sum + freshEvents]! += isFresh
      if (lastPane === pane) continue
      here.add(record, pairsHere, 1)
      if (lastPane > pane - panesPerWindow) panes.pane(lastPane).add(lastRecord, pairsHere, -1)
      else sums[sum + pairsHere]!++
    }
  }

  /** Takes a pane out of the window, before another comes in. */
  private forget(pane: number): void {
    const { sums } = this
    const gone = this.panes.pane(Math.max(0, pane))
    this.panes.forEach(pane, (series, at) => {
      const sum = series * counters
      sums[sum + events]! -= gone.get(at, events)
      sums[sum + freshEvents]! -= gone.get(at, freshEvents)
      sums[sum + pairsHere]! -= gone.get(at, pairsHere)
    })
    let kept = 0
    for (const series of this.live) {
      if (sums[series * counters + events]! > 0) this.live[kept++] = series
    }
    this.live.length = kept
  }

  private answer(endMs: number): void {
    const { sums } = this
    const isSample = isSampled(endMs)
    for (const series of this.live) {
      const sum = series * counters
      const count = sums[sum + events]!
      const fresh = sums[sum + freshEvents]!
      if (!isSample && !isAlert({ count, fresh })) continue
      const account = this.accountOf[series]!
      const kind = kinds[this.kindOf[series]!]!
      const distinct = sums[sum + pairsHere]!
      for (const line of linesOf({ account, kind, endMs, count, distinct, fresh })) this.answers.push(line)
    }
  }

  private seriesOf({ accounts }: Block, account: number, kind: number): number {
    const before = this.seriesTable.size
    const at = this.seriesTable.add(
      (accounts.hashHigh[account]! ^ mix32(kind, 1)) >>> 0,
      (accounts.hashLow[account]! ^ mix32(kind, 2)) >>> 0,
    )
    if (this.seriesTable.size === before) return this.seriesTable.words[at + 2]!
    const series = this.accountOf.length
    this.seriesTable.words[at + 2] = series
    this.accountOf.push(accounts.text(account))
    this.kindOf.push(kind)
    if ((series + 1) * counters > this.sums.length) this.sums = widened(this.sums)
    return series
  }

  private paneAt(pane: number): OpenPane {
    let rows = this.open.get(pane)
    if (rows === undefined) {
      this.open.set(pane, (rows = this.spare.pop() ?? new OpenPane()))
      this.nextPane = Math.min(this.nextPane, pane)
      this.latestPane = Math.max(this.latestPane, pane)
    }
    return rows
  }
}

/** The rows of a pane until it closes, three words each: the series and whether the actor is fresh, and the actor. */
class OpenPane {
  words = new Uint32Array(3 * 1024)
  length = 0

  add(series: number, high: number, low: number): void {
    if (this.length === this.words.length) this.words = widened(this.words)
    const { words, length } = this
    words[length] = series
    words[length + 1] = high
    words[length + 2] = low
    this.length = length + 3
  }
}

function widened(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(array.length * 2)
  wider.set(array)
  return wider
}

const freshBit = 0x80000000
export const policy = parsePolicy({})
export const key = createHash('sha256').update('bench').digest()
