import { accountDetectors } from '../../detectors'
import { audienceParams, crowdEvidence, honestCount, trustedOf } from '../../detectors/audience'
import type { Reference } from '../../detectors/detector'
import { judgedKinds } from '../../model/event'
import type { ClusterReport } from '../../model/cluster'
import { undisputed } from '../../model/finding'
import type { EpochReport, Finding, HourCounts, Surge } from '../../model/finding'
import { byNearness } from '../../model/nearest'
import type { NearMiss } from '../../model/nearest'
import type { Ruling } from '../../model/ruling'
import { suspicious } from '../../model/significance'
import { traitCount, traitIndex } from '../../model/traits'
import type { Policy } from '../../policy/policy'
import { PolicyInForce } from '../../policy/policy-in-force'
import type { PolicySeen } from '../../policy/policy-seen'
import type { Emit, View } from '../../runtime/view'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { EpochBuffer, rulingsIn } from '../../windows/epochs'
import type { Epoch } from '../../windows/epochs'
import { LogPlaces } from '../../windows/log-places'
import type { PaneStore } from '../../windows/panes'
import { Conduct } from './conduct'
import { burstMinutes, counters, hourMs, hoursKept, kindsJudged, Measures, minuteMs } from './measures'
import type { BegunMeasures } from './measures'
import { controlHistoryOf } from './control-history'
import { Overturned } from './overturned'
import { PlatformMix } from './platform-mix'
import { SeriesStates } from './series-states'
import { shareOut } from './share-out'
import { WindowHistory } from './window-history'
import type { Known, Span } from './window-history'

export interface AccountViewOptions {
  readonly partition: number
  /** Most pairs of an account and a device, network, program or text that one generation remembers. */
  readonly originCap: number
  /** The one that is in force until the log says otherwise. */
  readonly policy: Policy
  /** Sources of memberships in clusters, which an epoch waits for before it is judged. */
  readonly waitsFor?: readonly string[]
}

/**
 * Measures every public account: counts and traits of its events in panes of a minute and an hour, its seasonal
 * baseline, its own mix. When an epoch closes it judges the accounts that grew, and when an hour closes, all that had
 * enough events, and reports what looks made.
 *
 * A series is one account and kind; its number is `account * 4 + kind`.
 */
export class AccountView implements View {
  readonly name = 'account'
  readonly source: string
  private readonly epochs: EpochBuffer
  /** Where in its log the events of an epoch lie. */
  private readonly places: LogPlaces
  private readonly measures: Measures
  private readonly mix = new PlatformMix()
  private readonly states = new SeriesStates()
  private readonly policy: PolicyInForce<PolicySeen<'account'>>
  private readonly overturned = new Overturned()
  /** What waits on each input, and how often each was at its end. */
  private readonly held: Uint8Array[][] = [[], []]
  private readonly ends = [0, 0]
  private sequence = 0
  /** What people decided for the epoch that has begun. */
  private rulings: readonly Ruling[] = []
  /** The hour and the period of ten minutes of the latest events, where they are not closed. */
  private openHour = noneOpen
  private openPeriod = noneOpen

  /** The sums of the window that is being judged, and the part of them that is traits. */
  private readonly totals = new Float64Array(counters)
  private readonly totalTraits = this.totals.subarray(1, 1 + traitCount)
  private readonly known: Known
  private readonly conduct: Conduct

  constructor(private readonly options: AccountViewOptions) {
    this.source = `account/${options.partition}`
    this.policy = new PolicyInForce(options.policy)
    const { epochMs } = options.policy
    this.epochs = new EpochBuffer(epochMs, options.waitsFor)
    this.places = new LogPlaces('accounts', epochMs)
    this.measures = new Measures(options.originCap)
    const { states } = this
    this.known = {
      states,
      samples: this.measures.samples,
      reference: (series, trait) => this.reference(series, trait),
      control: (series, sums) => controlHistoryOf(this.measures, series, sums),
    }
    this.conduct = new Conduct(this.measures, this.known, this.policy)
  }

  /**
   * Takes a block of events, or on its second input what the network view tells of clusters. What comes on one input
   * after its end waits until the other has ended as well, so that the hour that is open then is judged at that point.
   */
  fold(record: Uint8Array, emit: Emit, input = 0): void {
    doAll(this.foldInParts(record, emit, input))
  }

  /** What an epoch told does not wait for the end of an hour, nor what the hour told for what is learnt of it. */
  *foldInParts(record: Uint8Array, emit: Emit, input = 0): Generator<void> {
    this.held[input]!.push(record)
    while (this.takeNext()) yield* this.closeEpochs(emit)
    // Whoever handed it over has its memory back.
    const held = this.held[input]!
    if (held.length > 0) held.push(new Uint8Array(held.pop()!))
  }

  /** Takes the next record that need not wait; false when there is none. */
  private takeNext(): boolean {
    const input = this.held.findIndex((records, number) => records.length > 0 && !this.hasToWait(number))
    if (input < 0) return false
    const record = this.held[input]!.shift()!
    if (input === 0) this.takeBlock(record)
    else this.takeClusters(JSON.parse(textDecoder.decode(record)) as ClusterReport)
    return true
  }

  private *closeEpochs(emit: Emit): Generator<void> {
    this.epochs.close((epoch) => {
      if (epoch.begins) this.begin(epoch, emit)
      this.measures.measure(epoch)
      if (epoch.ends) this.judgeBursts(epoch, emit)
    })
    // What is over is judged now, and not when something happens in the next hour.
    yield* this.closeHoursBefore(this.epochs.closedMs, emit)
    if (this.epochs.hasEnded) this.judgeOpenHour(emit)
  }

  /** Does what belongs to the start of an epoch. */
  private begin(epoch: Epoch, emit: Emit): void {
    // Several epochs may close at one go, with the end of an hour between them.
    doAll(this.closeHoursBefore(epoch.startMs, emit))
    this.openPeriod = Math.floor(epoch.startMs / periodMs)
    this.openHour = Math.floor(epoch.startMs / hourMs)
    this.rulings = rulingsIn(epoch)
    for (const ruling of this.rulings) this.rule(ruling, epoch)
    this.overturned.advance(epoch.startMs)
  }

  /** Whether an input has been at its end more often than the other. */
  private hasToWait(input: number): boolean {
    return this.options.waitsFor !== undefined && this.ends[input]! > this.ends[1 - input]!
  }

  private takeBlock(record: Uint8Array): void {
    const block = this.epochs.add(record)
    // A block of the actor view is of one epoch, and its place is the beginning of that.
    if (block.rows > 0) this.places.note(block.fromPosition)
    else this.places.pass()
    if (block.watermarkMs === Number.POSITIVE_INFINITY) this.ends[0]!++
  }

  private takeClusters(report: ClusterReport): void {
    this.measures.crews.add(report)
    if (report.passedMs === null) this.ends[1]!++
    // What is decided at the end of an epoch holds from the next one on, so that one needs no other word.
    const passedMs =
      report.passedMs === null ? Number.POSITIVE_INFINITY : report.passedMs + this.epochs.epochMs
    this.epochs.pass(report.source, passedMs)
  }

  /**
   * How near an account is to a finding, by what is known now: of each offence the window that lacks least. Undefined
   * when nothing of the account was ever counted.
   */
  nearest(accountId: string): readonly NearMiss[] | undefined {
    const account = this.measures.accounts.names.indexOf(accountId)
    if (account < 0) return undefined
    const { closedMs } = this.epochs
    const minute = this.measures.minutes.paneAt(closedMs - 1)
    const hour = this.measures.hours.paneAt(closedMs - 1)
    const misses: NearMiss[] = []
    for (let series = account * kindsJudged; series < (account + 1) * kindsJudged; series++) {
      const burst = { from: minute - burstMinutes + 1, to: minute }
      misses.push(...this.nearestIn(series, this.measures.minutes, burst, closedMs))
      for (const hoursBack of hourWindows) {
        const span = { from: hour - hoursBack + 1, to: hour }
        misses.push(...this.nearestIn(series, this.measures.hours, span, closedMs))
      }
    }
    misses.push(...this.conduct.nearest(account, { hour, endMs: closedMs }))
    misses.sort(byNearness)
    return misses.filter(
      ({ detector }, place) => misses.findIndex((one) => one.detector === detector) === place,
    )
  }

  /** Event time up to which it has judged; null before the first epoch. */
  get asOfMs(): number | null {
    return this.epochs.asOfMs
  }

  /** What the detectors of a series ask for in one window, and what there is of it. */
  private nearestIn(
    series: number,
    panes: PaneStore,
    { from, to }: Pick<Span, 'from' | 'to'>,
    endMs: number,
  ): NearMiss[] {
    this.totals.fill(0)
    panes.sum(series, { from, to }, this.totals)
    if (this.totals[0] === 0) return []
    const window = { start: from * panes.options.paneMs, end: endMs }
    const history = this.windowHistory(series, panes, { from, to, window })
    return accountDetectors[history.kind].flatMap((detector) => {
      const params = this.policy.current.detectors[detector.name]!
      if (params.mode === 'off' || detector.conditions === undefined) return []
      const conditions = detector.conditions(history, params)
      const pValue = conditions.find(({ name }) => name === 'chance')?.observed ?? 1
      return [
        { offence: detector.offence, detector: detector.name, window, pValue, conditions, elements: [] },
      ]
    })
  }

  get stats(): AccountViewStats {
    return {
      counted: this.measures.counted.slice(),
      duplicates: this.epochs.duplicates,
      late: this.epochs.late,
      waiting: this.epochs.openRows,
      accounts: this.measures.accounts.size,
      origins: this.measures.eventTraits.size,
      evicted: this.measures.evicted + this.overturned.evicted + this.conduct.evicted,
      bytes: this.measures.byteLength + this.conduct.byteLength + this.states.byteLength,
    }
  }

  save(out: SnapshotWriter): void {
    this.epochs.save(out, 'epochs')
    this.places.save(out, 'places')
    this.measures.save(out)
    this.conduct.save(out)
    this.mix.save(out)
    this.states.save(out)
    this.policy.save(out)
    this.overturned.save(out, 'overturned')
    out.value('clock', {
      sequence: this.sequence,
      openHour: this.openHour,
      openPeriod: this.openPeriod,
      ends: this.ends,
      held: this.held.map((records) => records.length),
      ...(this.epochs.hasBegun ? { begun: { rulings: this.rulings, ...this.measures.saveBegun() } } : {}),
    })
    this.held.forEach((records, input) => {
      records.forEach((record, number) => {
        out.array(`held.${input}.${number}`, record)
      })
    })
  }

  load(from: SnapshotReader): void {
    this.epochs.load(from, 'epochs')
    this.places.load(from, 'places')
    this.measures.load(from, this.epochs.closedMs)
    this.conduct.load(from)
    this.mix.load(from)
    this.states.load(from)
    this.policy.load(from)
    this.overturned.load(from, 'overturned')
    const clock = from.value<{
      sequence: number
      openHour: number
      openPeriod: number
      ends: number[]
      held: number[]
      /** Of the epoch that has begun, where one has. */
      begun?: BegunMeasures & { rulings: readonly Ruling[] }
    }>('clock')
    clock.ends.forEach((ends, input) => (this.ends[input] = ends))
    clock.held.forEach((records, input) => {
      for (let number = 0; number < records; number++) {
        this.held[input]!.push(from.uint8(`held.${input}.${number}`))
      }
    })
    this.sequence = clock.sequence
    this.openHour = clock.openHour
    this.openPeriod = clock.openPeriod
    if (clock.begun === undefined) return
    this.rulings = clock.begun.rulings
    this.measures.loadBegun(clock.begun)
  }

  /** Feedback frees what it is about; its own account and all else go on as they were. */
  private rule(ruling: Ruling, { startMs }: Epoch): void {
    if (ruling.type === 'policy') {
      this.policy.apply(ruling)
    } else if (ruling.decision === 'overturned') {
      const series = this.overturned.overturn(ruling.verdictId, startMs)
      if (series >= 0) this.states.clear(series, Math.floor(startMs / hourMs))
      this.conduct.overturn(ruling.verdictId, startMs)
    }
  }

  /** Judges, ten minutes back, each series that has grown by a quarter since it was judged last. */
  private judgeBursts(epoch: Epoch, emit: Emit): void {
    const { rulings } = this
    const findings: Finding[] = []
    const to = this.measures.minutes.paneAt(epoch.startMs)
    const from = to - burstMinutes + 1
    const { recalled, bursts } = this.measures
    // Mostly nobody is recalled, and no series is touched twice.
    const touched = recalled.size === 0 ? bursts.touched : new Set([...recalled, ...bursts.touched])
    for (const series of touched) {
      const count = this.measures.bursts.count(series, to)
      const hasGrown = this.states.hasGrown(series, count, leastCount)
      if (!hasGrown && !this.measures.recalled.has(series)) continue
      const window = { start: from * minuteMs, end: epoch.endMs }
      this.totals.fill(0)
      this.measures.minutes.sum(series, { from, to }, this.totals)
      this.judge(series, this.measures.minutes, { from, to, window }, findings)
    }
    this.measures.bursts.clearTouched()
    this.measures.recalled.clear()
    const accounts = this.measures.details.takeNews()
    const told = {
      ...(rulings.length === 0 ? {} : { rulings }),
      ...(accounts.length === 0 ? {} : { accounts }),
    }
    const { endMs } = epoch
    this.tell({ endMs, passedMs: endMs, findings, hours: [], surges: [], ...told }, emit)
  }

  /** Closes what is open and ended by a moment: a period of ten minutes, an hour. */
  private *closeHoursBefore(timeMs: number, emit: Emit): Generator<void> {
    if (this.openPeriod >= 0 && timeMs >= (this.openPeriod + 1) * periodMs) {
      yield
      this.closePeriod(this.openPeriod, emit)
      this.openPeriod = noneOpen
    }
    if (this.openHour >= 0 && timeMs >= (this.openHour + 1) * hourMs) {
      yield
      yield* this.closeHour(this.openHour, emit)
      this.openHour = noneOpen
    }
  }

  /** Shows the platform what its accounts' events of the last ten minutes were like, and tells of disputed hours. */
  private closePeriod(period: number, emit: Emit): void {
    const endMs = (period + 1) * periodMs
    const to = endMs / minuteMs - 1
    this.report(
      { endMs, findings: [], hours: this.hourCounts(this.measures.hours.paneAt(endMs - 1)), surges: [] },
      emit,
    )
    const seen = new Set<number>()
    const { totals } = this
    for (let minute = to - burstMinutes + 1; minute <= to; minute++) {
      this.measures.minutes.forEach(minute, (series) => {
        if (this.measures.bursts.count(series, to) < leastInPeriod || seen.has(series)) return
        seen.add(series)
        // What is suspected teaches nothing, of the moment either.
        if (this.states.isSuspected(series, endMs)) return
        totals.fill(0)
        this.measures.minutes.sum(series, { from: to - burstMinutes + 1, to }, totals)
        this.mix.moment.hear(series, { period, count: totals[0]!, traits: this.totalTraits })
      })
    }
    this.mix.moment.close(period)
  }

  /** Judges the closed hour, and learns from those beyond suspicion. */
  private *closeHour(hour: number, emit: Emit): Generator<void> {
    const endMs = (hour + 1) * hourMs
    const { findings, suspected } = this.judgeHour(hour, endMs)
    findings.push(...this.conduct.judge(hour, endMs))
    const surges = this.surges(hour, suspected)
    this.report({ endMs, findings, hours: this.hourCounts(hour), surges }, emit)
    yield
    this.states.forgetGivenBack(hour)
    this.learn(hour, suspected)
    this.places.forgetBefore(endMs - hoursKept * hourMs)
    this.measures.samples.forgetBefore(endMs - hoursKept * hourMs)
    this.measures.contents.forgetBefore(hour - hoursKept + 1)
  }

  /** The input is at its end, in the middle of an hour: says what there is to say of it. */
  private judgeOpenHour(emit: Emit): void {
    const endMs = Math.max(0, this.epochs.closedMs)
    const findings = this.openHour < 0 ? [] : this.judgeHour(this.openHour, endMs).findings
    if (this.openHour >= 0) findings.push(...this.conduct.judge(this.openHour, endMs))
    const hours = this.hourCounts(this.openHour)
    this.tell({ endMs, passedMs: null, findings, hours, surges: [] }, emit)
  }

  /** Judges every series of the hour over the hour, six and a day. */
  private judgeHour(hour: number, endMs: number): { findings: Finding[]; suspected: Set<number> } {
    const findings: Finding[] = []
    const suspected = new Set<number>()
    // Made once for all series. Each window holds the one before it, whose sums go on.
    let summedFrom = hour + 1
    const windows = hourWindows.map((hoursBack) => {
      const from = hour - hoursBack + 1
      const added = { from, to: summedFrom - 1 }
      summedFrom = from
      return { added, span: { from, to: hour, window: { start: from * hourMs, end: endMs } } }
    })
    this.measures.hours.forEach(hour, (series) => {
      this.totals.fill(0)
      for (const { added, span } of windows) {
        this.measures.hours.sum(series, added, this.totals)
        if (this.judge(series, this.measures.hours, span, findings)) suspected.add(series)
      }
    })
    return { findings, suspected }
  }

  /** The series whose hour was far beyond the usual, with nothing against their audience. */
  private surges(hour: number, suspected: ReadonlySet<number>): Surge[] {
    const surges: Surge[] = []
    const window = { start: hour * hourMs, end: (hour + 1) * hourMs }
    this.measures.hours.forEach(hour, (series, at) => {
      const observed = this.measures.hours.pane(hour).get(at, 0)
      if (observed < leastInSurge || suspected.has(series) || this.states.isSuspected(series, window.end))
        return
      this.totals.fill(0)
      this.measures.hours.sum(series, { from: hour, to: hour }, this.totals)
      const history = this.windowHistory(series, this.measures.hours, { from: hour, to: hour, window })
      const { expected, pValue } = history.surprise
      if (pValue > surgePValue || observed < surgeFactor * expected) return
      const { accountId, kind } = history
      surges.push({
        accountId,
        kind,
        window,
        observed,
        expected,
        pValue,
        evidence: crowdEvidence(history, { minExcess: audienceParams.minExcess.default }),
      })
    })
    return surges
  }

  /** Judges one series in one window, of which `totals` has the sums; true when something was found. */
  private judge(series: number, panes: PaneStore, span: Span, findings: Finding[]): boolean {
    if (this.totals[0]! < leastCount) return false
    const history = this.windowHistory(series, panes, span)
    let found = false
    for (const detector of accountDetectors[history.kind]) {
      const params = this.policy.current.detectors[detector.name]!
      if (params.mode === 'off' || this.overturned.covers(series, detector.offence, span.window.start))
        continue
      const finding = detector.judge(history, params)
      if (finding === undefined) continue
      findings.push(finding)
      found = true
      if (finding.pValue <= suspicious) {
        const { tellingTrait, offence, accountId: subject, window } = finding
        this.overturned.remember(series, { mode: params.mode, offence, subject, startMs: window.start })
        this.states.suspect(series, {
          trait: tellingTrait === undefined ? undefined : traitIndex(tellingTrait),
          fromHour: this.measures.hours.paneAt(span.window.start),
          untilMs: span.window.end + suspicionMs,
        })
      }
    }
    return found
  }

  private windowHistory(series: number, panes: PaneStore, span: Span): WindowHistory {
    const accountId = this.measures.accounts.names[Math.floor(series / kindsJudged)]!
    const measured = { accountId, count: this.totals[0]!, traits: this.totalTraits }
    return new WindowHistory(series, span, measured, panes, this.known)
  }

  private reference(series: number, trait: number): Reference | undefined {
    return this.mix.reference(series % kindsJudged, trait, this.states.ownMix(series, trait))
  }

  /**
   * Counts of the hours in dispute, up to the given one: those of which something new is known. Of a number that was
   * given back within the hour it is how many there are.
   */
  private hourCounts(hour: number): HourCounts[] {
    const due = this.states.hoursDue(hour, hoursKept)
    const counted = this.givenBackCounts(hour)
    for (const [closed, series] of due) {
      const contents = this.measures.contents.of(closed, series)
      for (const one of series) {
        const totals = new Float64Array(counters)
        this.measures.hours.sum(one, { from: closed, to: closed }, totals)
        const telling = this.states.tellingTrait(one)
        if (telling === undefined) continue
        const trait = trustedOf(telling, totals.subarray(1))
        const expected = this.states.expectedHour(one, closed)
        const counts = honestCount(totals[0]!, totals[1 + trait]!, this.reference(one, trait), expected)
        const list = contents.get(one)
        if (list === undefined || !this.states.isNews(one, closed, counts)) continue
        counted.push(this.hourOf(one, closed, shareOut(counts, list)))
      }
    }
    return counted
  }

  private givenBackCounts(hour: number): HourCounts[] {
    const given = this.states.givenBackIn(hour)
    if (given.length === 0) return []
    const contents = this.measures.contents.of(hour, new Set(given))
    return given.flatMap((series) => {
      const list = contents.get(series)
      const totals = new Float64Array(counters)
      this.measures.hours.sum(series, { from: hour, to: hour }, totals)
      const raw = totals[0]!
      if (list === undefined || !this.states.hasMore(series, raw)) return []
      return [this.hourOf(series, hour, shareOut(undisputed(raw), list))]
    })
  }

  private hourOf(series: number, hour: number, contents: HourCounts['contents']): HourCounts {
    return {
      accountId: this.measures.accounts.names[Math.floor(series / kindsJudged)]!,
      kind: judgedKinds[series % kindsJudged]!,
      hour: hour * hourMs,
      contents,
    }
  }

  /** Teaches baselines, own mixes and the platform's mix; what is suspected teaches nothing. */
  private learn(hour: number, suspected: ReadonlySet<number>): void {
    const startMs = hour * hourMs
    const suspects = new Set([...suspected, ...this.states.suspectedAt(startMs + hourMs)])
    const accounts = Array.from(suspects, (series) => Math.floor(series / kindsJudged))
    this.conduct.learn(hour, new Set(accounts))
    this.measures.hours.forEach(hour, (series, at) => {
      const counts = this.measures.hours.pane(hour)
      const count = counts.get(at, 0)
      const isSuspect = suspects.has(series)
      this.states.learnCount(series, { count, hour, isSuspect })
      if (isSuspect) return
      for (let trait = 0; trait < traitCount; trait++) {
        const carrying = Math.min(count, counts.get(at, 1 + trait))
        // Nothing is never surprising.
        const usual = carrying === 0 ? undefined : this.reference(series, trait)
        const taught = usual === undefined ? carrying : lesson({ carrying, count }, usual)
        this.states.learnMix(series, trait, { carrying: taught, count })
        if (count >= leastInHour && taught === carrying) {
          this.mix.learnHour(series % kindsJudged, trait, carrying, count)
        }
      }
    })
    this.mix.closeHour()
  }

  /** Tells what is found in the middle of an epoch, where anything is. */
  private report(report: Omit<EpochReport, 'source' | 'sequence'>, emit: Emit): void {
    if (report.findings.length + report.hours.length + report.surges.length > 0) this.tell(report, emit)
  }

  private tell(report: Omit<EpochReport, 'source' | 'sequence'>, emit: Emit): void {
    const findings = report.findings.map((finding) => ({
      ...finding,
      positions: this.places.of(finding.window),
    }))
    const full: EpochReport = { source: this.source, sequence: ++this.sequence, ...report, findings }
    emit(0, textEncoder.encode(JSON.stringify(full)))
  }
}

export interface AccountViewStats {
  /** Rows folded, by kind code. */
  readonly counted: Float64Array
  readonly duplicates: number
  readonly late: number
  /** Rows of epochs that have not closed. */
  readonly waiting: number
  readonly accounts: number
  readonly origins: number
  readonly evicted: number
  readonly bytes: number
}

/**
 * What an hour teaches of a trait: what it showed, unless that is surprising. Then it teaches a small step towards it
 * only, so that whoever drips below what is judged cannot make it his account's past, while an honest account that is
 * unlike the others is known for it after some days.
 */
function lesson({ carrying, count }: { carrying: number; count: number }, usual: Reference): number {
  const { mean, concentration } = usual
  const variance = mean * (1 - mean)
  const ofShare = variance / (concentration + 1)
  if (carrying / count <= mean + 3 * Math.sqrt(variance / count + ofShare)) return carrying
  return count * (mean + 0.25 * Math.sqrt(ofShare))
}

/** Does all parts at once. */
function doAll(parts: Iterator<void>): void {
  while (parts.next().done !== true);
}

const periodMs = 600_000
const noneOpen = -1
/** The windows that are judged when an hour closes. */
const hourWindows = [1, 6, 24] as const
/** Fewer events say nothing of an account's mix. */
const leastInPeriod = 8
const leastInHour = 5
/** What counts as a surge: so many events, so many times the expected, so unlikely by itself. */
const leastInSurge = 50
const surgeFactor = 4
const surgePValue = 0.05
/** The least count that any detector's settings allow it to judge. */
const leastCount = audienceParams.minCount.min
const suspicionMs = 24 * hourMs
const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()
