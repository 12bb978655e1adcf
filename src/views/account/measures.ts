import type { Block } from '../../model/block'
import { judgedKinds, kindCode } from '../../model/event'
import type { JudgedKind } from '../../model/event'
import { traitIndex, traits } from '../../model/traits'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import type { Epoch } from '../../windows/epochs'
import { PaneStore } from '../../windows/panes'
import { AccountTable } from './account-table'
import { BurstCounts } from './burst-counts'
import { CrewMembers } from './crew-members'
import { ContentHours } from './content-hours'
import { EventTraits, isJudged, isSuspicious, unpackWhere } from './event-traits'
import { Samples } from './samples'

/**
 * What is measured of every public account: counts and traits of its events in panes of a minute and an hour, the
 * contents they were about, and a few of those that look least like an audience. It judges nothing.
 *
 * A series is one account and kind; its number is `account * 4 + kind`.
 */
export class Measures {
  readonly accounts = new AccountTable()
  readonly eventTraits: EventTraits
  readonly minutes = new PaneStore({ paneMs: minuteMs, panes: burstMinutes + 1, counters })
  readonly hours = new PaneStore({ paneMs: hourMs, panes: hoursKept, counters })
  readonly bursts = new BurstCounts(burstMinutes)
  readonly contents = new ContentHours(hoursKept)
  readonly samples = new Samples()
  readonly crews = new CrewMembers()
  /** Series of which more is known than their count tells, to be judged again. */
  readonly recalled = new Set<number>()
  /** Rows folded, by kind code: what the books call counted. */
  readonly counted = new Float64Array(16)

  /** `originCap`: most pairs of an account and an origin that one generation remembers. */
  constructor(originCap: number) {
    this.eventTraits = new EventTraits(this.accounts, originCap)
  }

  get byteLength(): number {
    const { accounts, eventTraits, minutes, hours, bursts, contents, crews } = this
    return [accounts, eventTraits, minutes, hours, bursts, contents, crews].reduce(
      (sum, table) => sum + table.byteLength,
      0,
    )
  }

  save(out: SnapshotWriter): void {
    this.accounts.save(out)
    this.eventTraits.save(out)
    this.minutes.save(out, 'minutes')
    this.hours.save(out, 'hours')
    this.contents.save(out)
    this.samples.save(out)
    this.crews.save(out)
    out.array('counted', this.counted)
  }

  /** Takes back what was saved, when epochs had closed up to the given time. */
  load(from: SnapshotReader, closedMs: number): void {
    this.accounts.load(from)
    this.eventTraits.load(from)
    this.minutes.load(from, 'minutes')
    this.hours.load(from, 'hours')
    this.contents.load(from)
    this.samples.load(from)
    this.crews.load(from)
    this.counted.set(from.float64('counted'))
    this.refillBursts(closedMs)
  }

  /** Takes in a closed epoch, in canonical order and without repeats. */
  measure(epoch: Epoch): void {
    this.eventTraits.advance(epoch.startMs)
    this.recall(epoch)
    const at = {
      account: 0,
      series: 0,
      minute: this.minutes.paneAt(epoch.startMs),
      hour: this.hours.paneAt(epoch.startMs),
    }
    for (let i = 0; i < epoch.rows; i++) {
      const block = epoch.blocks[epoch.block[i]!]!
      const row = epoch.row[i]!
      const kind = block.kind[row]!
      this.counted[kind]!++
      const account = this.accounts.slotOf(block.accounts, block.account[row]!)
      if (kind === post && block.device[row] !== 0)
        this.accounts.addOperatorDevice(account, block.device[row]!)
      if (!isJudged(block, row)) continue
      at.account = account
      at.series = account * kindsJudged + kind
      this.count(block, row, at)
    }
  }

  /** Whoever turns out to belong to a crew has belonged to it before: past events of theirs carry the trait as well. */
  private recall(epoch: Epoch): void {
    for (const { acts = [] } of this.crews.takeEffect(epoch.startMs)) {
      for (const { family, owner, timeMs } of acts) {
        const account = this.accounts.slotOfLow(owner)
        const kind = judgedKinds.indexOf(family as JudgedKind)
        if (account < 0 || kind < 0 || timeMs >= epoch.startMs) continue
        const series = account * kindsJudged + kind
        this.mark(this.minutes, series, timeMs)
        this.mark(this.hours, series, timeMs)
        this.recalled.add(series)
      }
    }
  }

  /** Gives one event of a pane that is still kept the trait of a crew. */
  private mark(panes: PaneStore, series: number, timeMs: number): void {
    const pane = panes.paneAt(timeMs)
    const at = panes.find(series, pane)
    if (at < 0) return
    const ring = panes.ring(pane)
    ring[at + 2 + crewTrait] = Math.min(ring[at + 1]!, ring[at + 2 + crewTrait]! + 1)
    ring[at + 2 + madeTrait] = Math.max(ring[at + 2 + madeTrait]!, ring[at + 2 + crewTrait]!)
  }

  private count(
    block: Block,
    row: number,
    at: { account: number; series: number; minute: number; hour: number },
  ): void {
    const { eventTraits } = this
    eventTraits.see(block, row, at, this.crews.has(block.actorHigh[row]!, block.actorLow[row]!))
    this.bursts.add(at.series, at.minute)
    this.raise(this.minutes, at.series, at.minute, eventTraits.weight)
    this.raise(this.hours, at.series, at.hour, eventTraits.ownWeight)
    this.countForerunners(at)
    const suspicious = isSuspicious(eventTraits.mask)
    if (suspicious) this.samples.add(at.series, block, row)
    this.contents.add(block, row, at, suspicious)
  }

  /** Adds the event that `eventTraits` has just seen to a pane. */
  private raise(panes: PaneStore, series: number, pane: number, weight: Uint16Array): void {
    const { mask, denseNetwork } = this.eventTraits
    const at = panes.open(series, pane) + 1
    const ring = panes.ring(pane)
    ring[at]!++
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const trait = 31 - Math.clz32(rest & -rest)
      ring[at + 1 + trait]! += weight[trait]!
    }
    if (denseNetwork !== 0) ring[at + networksCounter]! |= 1 << (denseNetwork & 31)
  }

  /** Events that were counted before they turned out to belong to a company carry its trait in their own hour. */
  private countForerunners(at: { account: number; hour: number }): void {
    const { forerunners } = this.eventTraits
    for (let i = 0; i < forerunners.length; i += 2) {
      const { kind, hour } = unpackWhere(forerunners[i + 1]!, at.hour)
      const record = this.hours.find(at.account * kindsJudged + kind, hour)
      if (record >= 0) this.hours.ring(hour)[record + 2 + forerunners[i]!]!++
    }
  }

  private refillBursts(closedMs: number): void {
    // Saved before the first epoch closed: there is no latest minute to count up to.
    if (!Number.isFinite(closedMs)) return
    const latest = this.minutes.paneAt(closedMs)
    for (let minute = latest - burstMinutes + 1; minute <= latest; minute++) {
      this.minutes.forEach(minute, (series, at) => {
        this.bursts.add(series, minute, this.minutes.ring(minute)[at + 1])
      })
    }
    this.bursts.clearTouched()
  }
}

export const minuteMs = 60_000
export const hourMs = 3_600_000
/** Minutes that a burst is judged over, and hours that are kept. */
export const burstMinutes = 10
export const hoursKept = 25
export const kindsJudged = judgedKinds.length
/** Counters of a pane: events, then one a trait, then a bitmap of dense networks. */
export const counters = traits.length + 2
export const networksCounter = traits.length + 1
const post = kindCode('post')
const crewTrait = traitIndex('crew')
const madeTrait = traitIndex('made')
