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
  /** The shares of the hour that is judged, by account and window; what it teaches is the shorter one. */
  private shares: ReadonlyMap<number, readonly Shares[]> = new Map()

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
    const windows = this.sharesOf(account, at.hour)
    for (const [number, hoursBack] of clickWindows.entries()) {
      const span = { from: at.hour - hoursBack + 1, to: at.hour }
      const window = { start: span.from * hourMs, end: at.endMs }
      const shares = windows[number]!
      if (shares.response.trials + shares.exposure.trials === 0) continue
      const tests = this.testsOf(account, shares, this.minFactor)
      const history = this.clickHistory(account, { ...span, window }, tests)
      misses.push(...this.miss(manipulatedClickThrough, history))
    }
    const all = this.measures.departures.since(account, (at.hour - longestWindow + 1) * hourMs)
    for (const hoursBack of departureWindows) {
      const start = (at.hour - hoursBack + 1) * hourMs
      const leavers = all.filter(({ timeMs }) => timeMs >= start)
      if (leavers.length === 0) continue
      const surprise = this.surpriseOf(account, leavers.length, { hour: at.hour, hoursBack })
      const history = this.departureHistory(account, leavers, { window: { start, end: at.endMs }, surprise })
      misses.push(...this.miss(abnormalUnsubscription, history))
    }
    return misses
  }

  /** Learns from an hour that has been judged; accounts under suspicion teach nothing. */
  learn(hour: number, isSuspected: (account: number) => boolean): void {
    const startMs = hour * hourMs
    for (const [account, untilMs] of this.suspectedUntil) {
      if (untilMs <= startMs) this.suspectedUntil.delete(account)
    }
    let accounts = 0
    const { departures } = this.measures
    for (const account of new Set([...this.accountsOf(hour), ...departures.ofOpenHour])) {
      accounts++
      if (this.suspectedUntil.has(account) || isSuspected(account)) continue
      departures.learn(account, departures.since(account, startMs).length, hour)
      const shares = this.shares.get(account)?.[0]
      if (shares === undefined) continue
      const { exposure, response, impressions } = shares
      if (exposure.trials >= leastTrials && impressions > 0) this.exposure.learn(account, exposure)
      if (response.trials >= leastTrials) this.response.learn(account, response)
    }
    this.exposure.closeHour()
    this.response.closeHour()
    departures.closeHour(accounts)
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
    const { minFactor } = this
    const accounts = this.accountsOf(hour)
    this.shares = new Map(accounts.map((account) => [account, this.sharesOf(account, hour)]))
    clickWindows.forEach((hoursBack, number) => {
      const from = hour - hoursBack + 1
      const span = { from, to: hour, window: { start: from * hourMs, end: endMs } }
      for (const windows of this.shares.values()) {
        const { exposure, response } = windows[number]!
        if (exposure.trials >= leastTrials) this.exposure.see(exposure)
        if (response.trials >= leastTrials) this.response.see(response)
      }
      this.exposure.closeMoment()
      this.response.closeMoment()
      for (const [account, windows] of this.shares) {
        const tests = this.testsOf(account, windows[number]!, minFactor)
        if (!isOdd(tests, minFactor)) continue
        const history = this.clickHistory(account, span, tests)
        this.ask(conductDetectors.manipulatedClickThrough, { account, history }, findings)
      }
    })
  }

  private judgeDepartures(account: number, at: { hour: number; endMs: number }, findings: Finding[]): void {
    const startMs = (at.hour - longestWindow + 1) * hourMs
    const all = this.measures.departures.since(account, startMs)
    for (const hoursBack of departureWindows) {
      const start = (at.hour - hoursBack + 1) * hourMs
      const leavers = all.filter(({ timeMs }) => timeMs >= start && timeMs < at.endMs)
      if (leavers.length < leastLeavers) continue
      const surprise = this.surpriseOf(account, leavers.length, { hour: at.hour, hoursBack })
      if (surprise.pValue > discardAbove) continue
      const window = { start, end: at.endMs }
      const history = this.departureHistory(account, leavers, { window, surprise })
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

  /** Of an account of which nothing has ever been shown there is no test of exposure. */
  private testsOf(account: number, { exposure, response }: Shares, factor: number): Tests {
    const answered = this.testOf(this.response, account, response, 'low')
    if (!this.exposure.isKnown(account)) return { exposure: undefined, response: answered }
    const high = this.testOf(this.exposure, account, exposure, 'high')
    const isHigh = upperPValue(high, factor) <= discardAbove
    return {
      exposure: isHigh ? high : this.testOf(this.exposure, account, exposure, 'low'),
      response: answered,
    }
  }

  private testOf(mix: ShareMix, account: number, share: Share, side: 'high' | 'low'): ShareTest {
    return { ...share, usual: mix.usual(account, share.trials, side) }
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
    leavers: readonly Leaver[],
    { window, surprise }: Pick<AudienceHistory, 'window' | 'surprise'>,
  ): DepartureHistory {
    const { measures, known } = this
    const traits = new Float64Array(traitCount)
    const networks = this.countTraits(account, leavers, traits)
    const series = account * kindsJudged + subscription
    return {
      accountId: measures.accounts.names[account]!,
      kind: 'unsubscription',
      window,
      count: leavers.length,
      traits,
      denseNetworks: networks,
      // Whoever leaves honestly is like whoever subscribes honestly. What was not measured says nothing.
      reference: (trait: number): Reference | undefined =>
        traitsOfLeavers.has(trait) ? known.reference(series, trait) : undefined,
      surprise,
      eventIds: [],
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
      const marks: readonly (readonly [number, boolean])[] = [
        [sharedDevice, isShared],
        [denseNetwork, isDense],
        [regularGap, regular[place]!],
        [weekOld, leaver.isWeekOld],
        [young, leaver.isYoung],
        [newcomer, leaver.isNewcomer],
        [unread, leaver.isUnread],
        [crew, isOfCrew],
        [made, isShared || isDense || isOfCrew],
        [operatorDevice, isOperator],
      ]
      for (const [trait, isCarried] of marks) if (isCarried) traits[trait]!++
    })
    return dense.size
  }

  /** The shares of an account in each of the windows that end with an hour, in one walk back. */
  private sharesOf(account: number, hour: number): readonly Shares[] {
    const { hours, exposures } = this.measures
    const first = account * kindsJudged
    const shares: Shares[] = []
    let [needing, clicks, following, impressions] = [0, 0, 0, 0]
    for (let back = 0; back < longestWindow; back++) {
      const pane = hour - back
      const at = hours.find(first + click, pane)
      if (at >= 0) {
        const ring = hours.ring(pane)
        clicks += ring[at + 1]!
        needing += ring[at + 1 + exposedCounter]!
      }
      following += hours.count(first + subscription, pane, 0)
      following += hours.count(first + forward, pane, 0) + hours.count(first + comment, pane, 0)
      impressions += exposures.impressionsIn(account, pane)
      if (back + 1 !== clickWindows[shares.length]) continue
      shares.push({
        impressions,
        exposure: { hits: needing, trials: Math.max(needing, impressions) },
        response: { hits: Math.min(clicks, following), trials: clicks },
      })
    }
    return shares
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

interface Shares {
  readonly impressions: number
  readonly exposure: Share
  readonly response: Share
}

type ClickThroughSettings = DetectorSettings & ClickThroughParams

interface Tests {
  readonly exposure: ShareTest | undefined
  readonly response: ShareTest
}

/** Whether anything about the clicks is worth a closer look, which few accounts get. */
function isOdd({ exposure, response }: Tests, factor: number): boolean {
  if (exposure === undefined) return lowerPValue(response, factor) <= discardAbove
  return Math.min(upperPValue(exposure, factor), lowerPValue(exposure, factor)) <= discardAbove
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
const forward = judgedKinds.indexOf('forward')
const comment = judgedKinds.indexOf('comment')
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
