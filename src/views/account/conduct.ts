import { conductDetectors } from '../../detectors'
import type { DepartureHistory } from '../../detectors/abnormal-unsubscription/detector'
import type { AudienceHistory, Detector, DetectorSettings, Reference } from '../../detectors/detector'
import type { ClickThroughHistory } from '../../detectors/manipulated-click-through/detector'
import type { ClickThroughParams } from '../../detectors/manipulated-click-through/params'
import type { ShareTest } from '../../detectors/share-test'
import { lowerPValue, upperPValue } from '../../detectors/share-test'
import { judgedKinds } from '../../model/event'
import type { Finding } from '../../model/finding'
import type { NearMiss } from '../../model/nearest'
import { discardAbove, suspicious } from '../../model/significance'
import { traitCount, traitIndex } from '../../model/traits'
import type { Policy } from '../../policy/policy'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { staySlotMs } from '../actor/actor-view'
import type { Leaver } from './departures'
import { counters, exposedCounter, hourMs, kindsJudged } from './measures'
import type { Measures } from './measures'
import { ClickTallies } from './click-tallies'
import type { Shares } from './click-tallies'
import { Overturned } from './overturned'
import { ShareMix } from './share-mix'
import type { Share } from './share-mix'
import { WindowHistory } from './window-history'
import type { Known } from './window-history'

/**
 * Judges what an account's numbers are beside each other, when an hour closes: clicks and what was shown, clicks and what
 * followed, and those who left. It reads what the measures hold and teaches none of the audiences anything, so that
 * what is found here changes nothing of what is found of a single number.
 *
 * Impressions come in batches, up to an hour after the clicks that they led to, so windows are of six hours and a day.
 */
export class Conduct {
  private readonly exposure = new ShareMix()
  private readonly response = new ShareMix()
  /** Until when an account teaches nothing, by its number. */
  private readonly suspectedUntil = new Map<number, number>()
  /** By the account's number, and by offence. */
  private readonly overturned = new Overturned()
  private readonly totals = new Float64Array(counters)
  /** What the accounts of the hour that is judged had in each window; it teaches that of the shorter one. */
  private readonly tallies = new ClickTallies(clickWindows)

  constructor(
    private readonly measures: Measures,
    private readonly known: Known,
    private readonly policy: { readonly current: Pick<Policy, 'detectors'> },
  ) {}

  get byteLength(): number {
    return this.exposure.byteLength + this.response.byteLength
  }

  get evicted(): number {
    return this.overturned.evicted
  }

  /** A verdict was overturned: if it is one of these, what was known by then is held against its account no more. */
  overturn(verdictId: string, atMs: number): void {
    const account = this.overturned.overturn(verdictId, atMs)
    if (account >= 0) this.suspectedUntil.delete(account)
  }

  /** What is found in the windows that end with an hour; `endMs` is the end of its part that has passed. */
  judge(hour: number, endMs: number): Finding[] {
    const findings: Finding[] = []
    this.overturned.advance(endMs)
    this.judgeClicks(hour, endMs, findings)
    for (const account of this.measures.departures.ofOpenHour) {
      this.judgeDepartures(account, { hour, endMs }, findings)
    }
    return findings
  }

  /** What its detectors ask for in the windows that end now, and what there is of it. */
  nearest(account: number, at: { hour: number; endMs: number }): NearMiss[] {
    const { manipulatedClickThrough, abnormalUnsubscription } = conductDetectors
    const misses: NearMiss[] = []
    const tallies = new ClickTallies(clickWindows)
    tallies.add(account, at.hour, this.measures)
    for (const [number, hoursBack] of clickWindows.entries()) {
      const span = { from: at.hour - hoursBack + 1, to: at.hour }
      const window = { start: span.from * hourMs, end: at.endMs }
      const shares = tallies.sharesOf(0, number)
      if (shares.response.trials + shares.exposure.trials === 0) continue
      const tests = {
        exposure: this.exposureTest(account, shares, this.minFactor)?.test,
        response: this.responseTest(account, shares),
      }
      const history = this.clickHistory(account, { ...span, window }, tests)
      misses.push(...this.miss(manipulatedClickThrough, history))
    }
    const all = this.measures.departures.since(account, (at.hour - longestWindow + 1) * hourMs)
    for (const hoursBack of departureWindows) {
      const start = (at.hour - hoursBack + 1) * hourMs
      const leavers = all.filter(({ timeMs }) => timeMs >= start)
      if (leavers.length === 0) continue
      const surprise = this.surpriseOf(account, leavers.length, { hour: at.hour, hoursBack })
      const crowd = this.crowdOf(account, leavers)
      const history = this.departureHistory(account, crowd, { window: { start, end: at.endMs }, surprise })
      misses.push(...this.miss(abnormalUnsubscription, history))
    }
    return misses
  }

  /** Learns from an hour that has been judged; accounts under suspicion teach nothing. */
  learn(hour: number, suspected: ReadonlySet<number>): void {
    const startMs = hour * hourMs
    for (const [account, untilMs] of this.suspectedUntil) {
      if (untilMs <= startMs) this.suspectedUntil.delete(account)
    }
    // The accounts of the hour that was just judged.
    const { tallies } = this
    const { departures } = this.measures
    const left = new Set(departures.ofOpenHour)
    const isTaught = (account: number): boolean =>
      !this.suspectedUntil.has(account) && !suspected.has(account)
    tallies.accounts.forEach((account, place) => {
      const leavers = left.delete(account) ? departures.countSince(account, startMs) : 0
      if (!isTaught(account)) return
      departures.learn(account, leavers, hour)
      const { exposure, response, impressions } = tallies.sharesOf(place, 0)
      if (exposure.trials >= leastTrials && impressions > 0) this.exposure.learn(account, exposure)
      if (response.trials >= leastTrials) this.response.learn(account, response)
    })
    // What is left are those that had nothing but departures.
    for (const account of left) {
      if (isTaught(account)) departures.learn(account, departures.countSince(account, startMs), hour)
    }
    this.exposure.closeHour()
    this.response.closeHour()
    departures.closeHour(tallies.accounts.length + left.size)
  }

  save(out: SnapshotWriter): void {
    this.exposure.save(out, 'conduct.exposure')
    this.response.save(out, 'conduct.response')
    out.value('conduct.suspected', [...this.suspectedUntil])
    this.overturned.save(out, 'conduct.overturned')
  }

  load(from: SnapshotReader): void {
    this.exposure.load(from, 'conduct.exposure')
    this.response.load(from, 'conduct.response')
    for (const [account, untilMs] of from.value<[number, number][]>('conduct.suspected')) {
      this.suspectedUntil.set(account, untilMs)
    }
    this.overturned.load(from, 'conduct.overturned')
  }

  private get minFactor(): number {
    const { name } = conductDetectors.manipulatedClickThrough
    return (this.policy.current.detectors[name] as ClickThroughSettings).minFactor
  }

  private judgeClicks(hour: number, endMs: number, findings: Finding[]): void {
    const { minFactor, tallies } = this
    tallies.clear()
    for (const account of this.accountsOf(hour)) tallies.add(account, hour, this.measures)
    const { accounts } = tallies
    clickWindows.forEach((hoursBack, window) => {
      const from = hour - hoursBack + 1
      const span = { from, to: hour, window: { start: from * hourMs, end: endMs } }
      for (let place = 0; place < accounts.length; place++) {
        const { exposure, response } = tallies.sharesOf(place, window)
        if (exposure.trials >= leastTrials) this.exposure.see(exposure)
        if (response.trials >= leastTrials) this.response.see(response)
      }
      this.exposure.closeMoment()
      this.response.closeMoment()
      accounts.forEach((account, place) => {
        const tests = this.oddTests(account, tallies.sharesOf(place, window), minFactor)
        if (tests === undefined) return
        const history = this.clickHistory(account, span, tests)
        this.ask(conductDetectors.manipulatedClickThrough, { account, history }, findings)
      })
    })
  }

  private judgeDepartures(account: number, at: { hour: number; endMs: number }, findings: Finding[]): void {
    const startMs = (at.hour - longestWindow + 1) * hourMs
    const all = this.measures.departures.since(account, startMs)
    let crowd: Crowd | undefined
    for (const hoursBack of departureWindows) {
      const start = (at.hour - hoursBack + 1) * hourMs
      const leavers = all.filter(({ timeMs }) => timeMs >= start && timeMs < at.endMs)
      if (leavers.length < leastLeavers) continue
      const surprise = this.surpriseOf(account, leavers.length, { hour: at.hour, hoursBack })
      if (surprise.pValue > discardAbove) continue
      // Each window holds the one before it, so that as many are the same.
      if (crowd?.count !== leavers.length) crowd = this.crowdOf(account, leavers)
      const history = this.departureHistory(account, crowd, { window: { start, end: at.endMs }, surprise })
      this.ask(conductDetectors.abnormalUnsubscription, { account, history }, findings)
    }
  }

  /** Asks a detector, unless the policy has switched it off or a person has looked at what it would be asked of. */
  private ask<History extends { readonly window: Finding['window'] }>(
    detector: Detector<History, object>,
    { account, history }: { account: number; history: History },
    findings: Finding[],
  ): void {
    const params = this.policy.current.detectors[detector.name]!
    const { mode } = params
    if (mode === 'off' || this.overturned.covers(account, detector.offence, history.window.start)) return
    const finding = detector.judge(history, params)
    if (finding === undefined) return
    findings.push(finding)
    if (finding.pValue > suspicious) return
    const { offence, accountId: subject, window } = finding
    this.overturned.remember(account, { mode, offence, subject, startMs: window.start })
    this.suspectedUntil.set(account, window.end + suspicionMs)
  }

  private miss<History extends AudienceHistory>(
    detector: Detector<History, object>,
    history: History,
  ): NearMiss[] {
    const params = this.policy.current.detectors[detector.name]!
    if (params.mode === 'off' || detector.conditions === undefined) return []
    const { offence, name } = detector
    const conditions = detector.conditions(history, params)
    const pValue = conditions.find((one) => one.name === 'chance')?.observed ?? 1
    return [{ offence, detector: name, window: history.window, pValue, conditions, elements: [] }]
  }

  private clickHistory(
    account: number,
    span: { from: number; to: number; window: { start: number; end: number } },
    tests: Tests,
  ): ClickThroughHistory {
    const { totals, measures } = this
    const series = account * kindsJudged + click
    totals.fill(0)
    measures.hours.sum(series, span, totals)
    const accountId = measures.accounts.names[account]!
    const measured = { accountId, count: totals[0]!, traits: totals.slice(1, 1 + traitCount) }
    const shown = measures.exposures.within(account, span)
    const history = new WindowHistory(series, span, measured, measures.hours, this.known)
    return Object.assign(history, {
      needing: totals[exposedCounter]!,
      impressions: shown.impressions,
      ...tests,
      heavyImpressions: shown.heavy,
      heavyDevices: shown.devices,
    })
  }

  /** What the clicks of an account are tested by, where anything is worth a closer look, which few accounts get. */
  private oddTests(account: number, shares: Shares, factor: number): Tests | undefined {
    if (this.exposure.isKnown(account)) {
      const exposure = this.exposureTest(account, shares, factor)!
      return exposure.isOdd
        ? { exposure: exposure.test, response: this.responseTest(account, shares) }
        : undefined
    }
    const response = this.responseTest(account, shares)
    return lowerPValue(response, factor) <= discardAbove ? { exposure: undefined, response } : undefined
  }

  private responseTest(account: number, { response }: Shares): ShareTest {
    return this.testOf(this.response, account, response, 'low')
  }

  /** Of an account of which nothing has ever been shown there is no test of exposure. */
  private exposureTest(
    account: number,
    { exposure }: Shares,
    factor: number,
  ): { test: ShareTest; isOdd: boolean } | undefined {
    if (!this.exposure.isKnown(account)) return undefined
    const high = this.testOf(this.exposure, account, exposure, 'high')
    if (upperPValue(high, factor) <= discardAbove) return { test: high, isOdd: true }
    const low = this.testOf(this.exposure, account, exposure, 'low')
    const isOdd = Math.min(upperPValue(low, factor), lowerPValue(low, factor)) <= discardAbove
    return { test: low, isOdd }
  }

  private testOf(mix: ShareMix, account: number, share: Share, side: 'high' | 'low'): ShareTest {
    const { hits, trials } = share
    return { hits, trials, usual: mix.usual(account, trials, side) }
  }

  private surpriseOf(
    account: number,
    leavers: number,
    { hour, hoursBack }: { readonly hour: number; readonly hoursBack: number },
  ): AudienceHistory['surprise'] {
    return this.measures.departures.surprise(account, leavers, { hour: hour - hoursBack, hours: hoursBack })
  }

  private departureHistory(
    account: number,
    crowd: Crowd,
    { window, surprise }: Pick<AudienceHistory, 'window' | 'surprise'>,
  ): DepartureHistory {
    const { measures, known } = this
    const series = account * kindsJudged + subscription
    return {
      accountId: measures.accounts.names[account]!,
      kind: 'unsubscription',
      window,
      ...crowd,
      // Whoever leaves honestly is like whoever subscribes honestly. What was not measured says nothing.
      reference: (trait: number): Reference | undefined =>
        traitsOfLeavers.has(trait) ? known.reference(series, trait) : undefined,
      surprise,
      eventIds: [],
    }
  }

  private crowdOf(account: number, leavers: readonly Leaver[]): Crowd {
    const traits = new Float64Array(traitCount)
    return {
      count: leavers.length,
      traits,
      denseNetworks: this.countTraits(account, leavers, traits),
      together: togetherIn(leavers),
      brief: leavers.filter(isBrief).length,
    }
  }

  /** Counts the traits of those who left; gives how many dense networks they came from. */
  private countTraits(account: number, leavers: readonly Leaver[], traits: Float64Array): number {
    const { accounts, crews, eventTraits } = this.measures
    const devices = actorsBy(leavers, ({ device }) => device)
    const networks = actorsBy(leavers, ({ network }) => network)
    const dense = new Set<number>()
    for (const [network, { actors, count }] of networks) {
      const own = { actors: Math.min(32, actors.size), count, volume: leavers.length }
      if (actors.size >= 4 && eventTraits.isDenseNetwork(network, own)) dense.add(network)
    }
    const regular = regularIn(leavers, 20 * eventTraits.resolutionMs)
    leavers.forEach((leaver, place) => {
      const sharing = devices.get(leaver.device)?.actors.size ?? 0
      const isShared = sharing >= 3
      const isDense = dense.has(leaver.network)
      const isOfCrew = crews.has(leaver.actorHigh, leaver.actorLow)
      const isOperator = sharing >= 5 && accounts.isOperatorDevice(account, leaver.device)
      // Written out, since an hour may have a hundred thousand of these.
      if (isShared) traits[sharedDevice]!++
      if (isDense) traits[denseNetwork]!++
      if (regular[place]!) traits[regularGap]!++
      if (leaver.isWeekOld) traits[weekOld]!++
      if (leaver.isYoung) traits[young]!++
      if (leaver.isNewcomer) traits[newcomer]!++
      if (leaver.isUnread) traits[unread]!++
      if (isOfCrew) traits[crew]!++
      if (isShared || isDense || isOfCrew) traits[made]!++
      if (isOperator) traits[operatorDevice]!++
    })
    return dense.size
  }

  /** The accounts that were clicked or shown in an hour, by their numbers. */
  private accountsOf(hour: number): number[] {
    const accounts = new Set<number>()
    this.measures.hours.forEach(hour, (series) => {
      accounts.add(Math.floor(series / kindsJudged))
    })
    this.measures.exposures.forEach(hour, (account) => accounts.add(account))
    return [...accounts].sort((a, b) => a - b)
  }
}

/** What those who left were like. */
type Crowd = Pick<DepartureHistory, 'count' | 'traits' | 'denseNetworks' | 'together' | 'brief'>

type ClickThroughSettings = DetectorSettings & ClickThroughParams

interface Tests {
  readonly exposure: ShareTest | undefined
  readonly response: ShareTest
}

/** By device or network: the actors that left from there, and their events; what is not known stays out. */
function actorsBy(
  leavers: readonly Leaver[],
  originOf: (leaver: Leaver) => number,
): Map<number, { actors: Set<number>; count: number }> {
  const origins = new Map<number, { actors: Set<number>; count: number }>()
  for (const leaver of leavers) {
    const origin = originOf(leaver)
    if (origin === 0) continue
    const met = origins.get(origin) ?? { actors: new Set<number>(), count: 0 }
    met.actors.add(leaver.actorLow)
    met.count++
    origins.set(origin, met)
  }
  return origins
}

/** Whose gap to the next is within a tenth of the gap after it, as `regular-gap` is seen of a single number. */
function regularIn(leavers: readonly Leaver[], leastMs: number): boolean[] {
  const gaps = leavers.map(({ timeMs }, place) => timeMs - (leavers[place + 1]?.timeMs ?? timeMs))
  return gaps.map((gap, place) => {
    const before = gaps[place + 1] ?? 0
    return gap >= leastMs && before >= leastMs && Math.abs(gap - before) <= 0.1 * before
  })
}

/** How many came within a half hour in which at least five did, and a twentieth of all. */
function togetherIn(leavers: readonly Leaver[]): number {
  const arrivals = new Map<number, number>()
  for (const { arrivalSlot } of leavers) {
    if (arrivalSlot === 0) continue
    const halfHour = Math.floor(arrivalSlot / 6)
    arrivals.set(halfHour, (arrivals.get(halfHour) ?? 0) + 1)
  }
  const many = [...arrivals.values()].filter((count) => count >= Math.max(5, leavers.length / 20))
  return many.reduce((sum, count) => sum + count, 0)
}

function isBrief({ arrivalSlot, timeMs }: Leaver): boolean {
  return arrivalSlot !== 0 && timeMs - arrivalSlot * staySlotMs < 72 * hourMs
}

const clickWindows = [6, 24] as const
const departureWindows = [1, 6, 24] as const
const longestWindow = 24
/** Fewer clicks or impressions say nothing of an account's rate. */
const leastTrials = 20
/** The least number of leavers that any settings allow to judge. */
const leastLeavers = 10
const suspicionMs = 24 * hourMs

const subscription = judgedKinds.indexOf('subscription')
const click = judgedKinds.indexOf('click')
const sharedDevice = traitIndex('shared-device')
const denseNetwork = traitIndex('dense-network')
const regularGap = traitIndex('regular-gap')
const weekOld = traitIndex('week-old')
const young = traitIndex('young')
const newcomer = traitIndex('newcomer')
const unread = traitIndex('unread')
const crew = traitIndex('crew')
const made = traitIndex('made')
const operatorDevice = traitIndex('operator-device')
/** The traits that are counted of those who left. */
const traitsOfLeavers: ReadonlySet<number> = new Set([
  ...[sharedDevice, denseNetwork, regularGap, weekOld, young, newcomer, unread, crew, made, operatorDevice],
])
