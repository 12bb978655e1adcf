import type { Block } from '../../model/block'
import { actionCode, judgedKinds, kindCode } from '../../model/event'
import type { JudgedKind } from '../../model/event'
import { signed } from '../../model/hash'
import type { AccountDetails } from '../../model/finding'
import { isRuling } from '../../model/ruling'
import { traitIndex, traits } from '../../model/traits'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import type { Epoch } from '../../windows/epochs'
import { PaneStore } from '../../windows/panes'
import { AccountTable } from './account-table'
import { BurstCounts } from './burst-counts'
import { CrewActs } from './crew-acts'
import type { CrewAct } from './crew-acts'
import { CrewMembers, halvesOf, numberOf } from './crew-members'
import { CrewReach } from './crew-reach'
import { ContentHours } from './content-hours'
import { Departures } from './departures'
import { DetailsTable } from './details-table'
import {
  EventTraits,
  isJudged,
  isMadeOtherwise,
  isSuspicious,
  needsExposure,
  unpackWhere,
} from './event-traits'
import { Exposures } from './exposures'
import { mostEvents, Openings } from './openings'
import { Operators } from './operators'
import { Samples } from './samples'

/**
 * What is measured of every public account: counts and traits of its events in panes of a minute and an hour, the
 * contents they were about, and a few of those that look least like an audience. It judges nothing.
 *
 * A series is one account and kind; its number is `account * 4 + kind`.
 */
export class Measures {
  readonly accounts: AccountTable
  readonly eventTraits: EventTraits
  readonly minutes = new PaneStore({ paneMs: minuteMs, panes: burstMinutes + 1, counters, wholeCounters })
  readonly hours = new PaneStore({ paneMs: hourMs, panes: hoursKept, counters, wholeCounters })
  readonly bursts = new BurstCounts(burstMinutes)
  readonly contents = new ContentHours(hoursKept)
  readonly samples = new Samples()
  readonly crews = new CrewMembers()
  private readonly crewActs = new CrewActs()
  readonly exposures: Exposures
  readonly departures = new Departures()
  readonly details = new DetailsTable()
  readonly crewReach = new CrewReach()
  readonly operators = new Operators()
  readonly openings: Openings
  /** Series of which more is known than their count tells, to be judged again. */
  readonly recalled = new Set<number>()
  /** Whether the event that is being counted needs an impression. */
  private isExposed = false
  /** Rows folded, by kind code: what the books call counted. */
  readonly counted = new Float64Array(16)

  /** `originCap`: most pairs of an account and an origin that one generation remembers. */
  constructor(originCap: number, mostAccounts?: number) {
    this.accounts = new AccountTable(mostAccounts)
    this.eventTraits = new EventTraits(this.accounts, this.operators, originCap)
    this.exposures = new Exposures(hoursKept, originCap)
    this.openings = new Openings(
      Math.min(originCap, mostOpenings),
      (account, device, actor) =>
        (device !== 0 && this.accounts.isOperatorDevice(account, device)) ||
        this.operators.isActorOf(account, actor),
    )
  }

  /** What was forgotten before its time, because a table was full. */
  get evicted(): number {
    const { accounts, contents, eventTraits, exposures, departures } = this
    const { openings, operators, crewReach, crewActs } = this
    const tables = [accounts, contents, eventTraits, exposures, departures]
    return [...tables, openings, operators, crewReach, crewActs].reduce(
      (sum, { evicted }) => sum + evicted,
      0,
    )
  }

  get byteLength(): number {
    const { accounts, eventTraits, minutes, hours, bursts, contents, crews } = this
    const { exposures, departures, openings, crewActs } = this
    const tables = [accounts, eventTraits, minutes, hours, bursts, contents, crews, crewActs]
    return [...tables, exposures, departures, openings].reduce((sum, table) => sum + table.byteLength, 0)
  }

  save(out: SnapshotWriter): void {
    this.accounts.save(out)
    this.eventTraits.save(out)
    this.minutes.save(out, 'minutes')
    this.hours.save(out, 'hours')
    this.contents.save(out)
    this.samples.save(out)
    this.crews.save(out)
    this.crewActs.save(out)
    this.exposures.save(out)
    this.departures.save(out)
    this.details.save(out)
    this.crewReach.save(out)
    this.operators.save(out)
    this.openings.save(out)
    out.array('counted', this.counted)
  }

  /** What is to be judged and told at the end of an epoch that has begun; between epochs there is none. */
  saveBegun(): BegunMeasures {
    return {
      touched: [...this.bursts.touched],
      recalled: [...this.recalled],
      news: this.details.saveNews(),
    }
  }

  loadBegun({ touched, recalled, news }: BegunMeasures): void {
    for (const series of touched) this.bursts.touch(series)
    for (const series of recalled) this.recalled.add(series)
    this.details.loadNews(news)
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
    this.crewActs.load(from)
    this.exposures.load(from)
    this.departures.load(from)
    this.details.load(from)
    this.crewReach.load(from)
    this.operators.load(from)
    this.openings.load(from)
    this.counted.set(from.float64('counted'))
    this.refillBursts(closedMs)
  }

  /** Takes in an epoch or a stretch of it, in canonical order and without repeats. */
  measure(epoch: Epoch): void {
    if (epoch.begins) {
      this.eventTraits.advance(epoch.startMs)
      this.openings.advance(epoch.startMs)
      this.recall(epoch)
    }
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
      if (isRuling(kind)) continue
      const account = this.accounts.slotOf(block.accounts, block.account[row]!)
      if (account < 0) continue
      if (kind === post) this.publish(block, row, account)
      if (kind === ofAccount) this.details.note(account, this.accounts.names[account]!, { block, row })
      at.account = account
      if (!isJudged(block, row)) {
        this.countApart(block, row, at)
        continue
      }
      at.series = account * kindsJudged + kind
      this.count(block, row, at)
    }
  }

  /** What is no engagement, but belongs beside it: what was shown, and who left. */
  private countApart(block: Block, row: number, at: { account: number; hour: number }): void {
    const kind = block.kind[row]
    if (kind === impression) this.exposures.add(block, row, at.account, at.hour)
    else if (kind === subscription && block.action[row] === unsubscribe) {
      this.departures.add(block, row, at.account)
    }
  }

  private publish(block: Block, row: number, account: number): void {
    const [device, network, actor] = [block.device[row]!, block.network[row]!, block.actorLow[row]!]
    if (device !== 0) this.accounts.addOperatorDevice(account, device)
    this.operators.publish(account, { device, network, actor })
    this.openings.publish(block, row, account)
  }

  /**
   * Whoever turns out to belong to a crew has belonged to it before: past events of theirs carry the trait as well. Those
   * of whoever was cleared carry it no more.
   */
  private recall(epoch: Epoch): void {
    this.crewActs.forgetBefore(epoch.startMs - hoursKept * hourMs)
    const news = this.crews.takeEffect(epoch.startMs)
    const cleared = news.filter(({ isCleared }) => isCleared).map(({ node }) => halvesOf(node))
    if (cleared.length > 0)
      this.crewActs.take(cleared, (act) => {
        this.unmark(act)
      })
    for (const { node, cluster, acts = [] } of news) {
      const [high, low] = halvesOf(node)
      for (const { family, owner, timeMs } of acts) {
        const account = this.accounts.slotOfLow(owner)
        const kind = judgedKinds.indexOf(family as JudgedKind)
        if (account < 0 || kind < 0 || timeMs >= epoch.startMs) continue
        if (cluster !== null) this.crewReach.add(numberOf(cluster), account, low)
        const series = account * kindsJudged + kind
        this.mark(this.minutes, series, timeMs)
        const isMadeByIt = this.mark(this.hours, series, timeMs)
        this.crewActs.add(high, low, { series, timeMs, isMadeByIt })
        this.recalled.add(series)
      }
    }
  }

  /** Gives one event of a pane that is still kept the trait of a crew; whether that alone shows that it was made. */
  private mark(panes: PaneStore, series: number, timeMs: number): boolean {
    const pane = panes.paneAt(timeMs)
    const at = panes.find(series, pane)
    if (at < 0) return false
    const counts = panes.pane(pane)
    const ofCrew = Math.min(counts.get(at, 0), counts.get(at, 1 + crewTrait) + 1)
    counts.set(at, 1 + crewTrait, ofCrew)
    if (ofCrew <= counts.get(at, 1 + madeTrait)) return false
    counts.set(at, 1 + madeTrait, ofCrew)
    // Whether the event named a device is no longer known: it may be among the uncleared already.
    counts.set(at, 1 + unclearedTrait, Math.max(ofCrew, counts.get(at, 1 + unclearedTrait)))
    return true
  }

  /** Takes the trait of a crew off one event, wherever it is still counted. */
  private unmark({ series, timeMs, isMadeByIt }: CrewAct): void {
    for (const panes of [this.minutes, this.hours]) {
      const pane = panes.paneAt(timeMs)
      const at = panes.find(series, pane)
      if (at < 0) continue
      const counts = panes.pane(pane)
      for (const trait of isMadeByIt ? [crewTrait, madeTrait, unclearedTrait] : [crewTrait])
        counts.set(at, 1 + trait, Math.max(0, counts.get(at, 1 + trait) - 1))
    }
  }

  private count(
    block: Block,
    row: number,
    at: { account: number; series: number; minute: number; hour: number },
  ): void {
    const { eventTraits } = this
    this.isExposed = needsExposure(block, row)
    const crew = this.crews.crewOf(signed(block.actorHigh[row]!), signed(block.actorLow[row]!))
    eventTraits.see(block, row, at, crew !== 0)
    if (crew !== 0) {
      const actor = block.actorLow[row]!
      this.crewReach.add(crew, at.account, actor)
      const isMadeByIt = !isMadeOtherwise(eventTraits.mask)
      this.crewActs.add(block.actorHigh[row]!, actor, {
        series: at.series,
        timeMs: block.timeMs[row]!,
        isMadeByIt,
      })
    }
    this.bursts.add(at.series, at.minute)
    this.raise(at)
    this.countForerunners(at)
    const suspicious = isSuspicious(eventTraits.mask)
    if (suspicious) this.samples.add(at.series, block, row)
    if (this.contents.add(block, row, at, suspicious) > mostEvents) return
    this.openings.add(block, row, at.account, (eventTraits.mask & (1 << madeTrait)) !== 0)
  }

  /** Adds the event that `eventTraits` has just seen to its minute and its hour. */
  private raise({ series, minute, hour }: { series: number; minute: number; hour: number }): void {
    const { mask, weight, ownWeight, denseNetwork, isOfSister, isOfPremises } = this.eventTraits
    const inMinute = this.minutes.open(series, minute)
    const inHour = this.hours.open(series, hour)
    const ofMinute = this.minutes.pane(minute)
    const ofHour = this.hours.pane(hour)
    ofMinute.add(inMinute, 0, 1)
    ofHour.add(inHour, 0, 1)
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const trait = 31 - Math.clz32(rest & -rest)
      ofMinute.add(inMinute, 1 + trait, weight[trait]!)
      ofHour.add(inHour, 1 + trait, ownWeight[trait]!)
    }
    if (denseNetwork !== 0) {
      const bit = 1 << (denseNetwork & 31)
      ofMinute.set(inMinute, networksCounter, ofMinute.get(inMinute, networksCounter) | bit)
      ofHour.set(inHour, networksCounter, ofHour.get(inHour, networksCounter) | bit)
    }
    if (this.isExposed) {
      ofMinute.add(inMinute, exposedCounter, 1)
      ofHour.add(inHour, exposedCounter, 1)
    }
    if (isOfSister) {
      ofMinute.add(inMinute, sisterCounter, 1)
      ofHour.add(inHour, sisterCounter, 1)
    }
    if (isOfPremises) {
      ofMinute.add(inMinute, premisesCounter, 1)
      ofHour.add(inHour, premisesCounter, 1)
    }
  }

  /** Events that were counted before they turned out to belong to a company carry its trait in their own hour. */
  private countForerunners(at: { account: number; hour: number }): void {
    const { forerunners } = this.eventTraits
    for (let i = 0; i < forerunners.length; i += 2) {
      const { kind, hour } = unpackWhere(forerunners[i + 1]!, at.hour)
      const record = this.hours.find(at.account * kindsJudged + kind, hour)
      if (record >= 0) this.hours.pane(hour).add(record, 1 + forerunners[i]!, 1)
    }
  }

  private refillBursts(closedMs: number): void {
    // Saved before the first epoch closed: there is no latest minute to count up to.
    if (!Number.isFinite(closedMs)) return
    const latest = this.minutes.paneAt(closedMs)
    // A period that has ended, and is still to be closed, looks back from the minute before the one that is open.
    for (let minute = latest - burstMinutes; minute <= latest; minute++) {
      this.minutes.forEach(minute, (series, at) => {
        this.bursts.add(series, minute, this.minutes.pane(minute).get(at, 0))
      })
    }
    this.bursts.clearTouched()
  }
}

/** What `Measures` has noted in the course of an epoch: plain data. */
export interface BegunMeasures {
  readonly touched: readonly number[]
  readonly recalled: readonly number[]
  readonly news: readonly (readonly [account: number, details: AccountDetails])[]
}

export const minuteMs = 60_000
export const hourMs = 3_600_000
/** Minutes that a burst is judged over, and hours that are kept. */
export const burstMinutes = 10
export const hoursKept = 25
export const kindsJudged = judgedKinds.length
/**
 * Counters of a pane: events, then one a trait, clicks that need an impression, events from the devices of sisters' operators
 * and from the operator's own network, and last a bitmap of dense networks.
 */
export const counters = traits.length + 5
export const exposedCounter = traits.length + 1
export const sisterCounter = traits.length + 2
export const premisesCounter = traits.length + 3
export const networksCounter = traits.length + 4
const wholeCounters = 1
/** Most openings that one generation remembers, at 300 bytes each. */
const mostOpenings = 100_000
const post = kindCode('post')
const ofAccount = kindCode('account')
const impression = kindCode('impression')
const subscription = kindCode('subscription')
const unsubscribe = actionCode('unsubscribe')
const crewTrait = traitIndex('crew')
const madeTrait = traitIndex('made')
const unclearedTrait = traitIndex('uncleared')
