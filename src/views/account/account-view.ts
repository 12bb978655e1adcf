import { accountDetectors } from '../../detectors'
import { audienceParams, crowdEvidence, honestCount } from '../../detectors/audience'
import type { AudienceHistory, DetectorSettings, Reference } from '../../detectors/detector'
import { readBlock } from '../../model/block'
import type { Block } from '../../model/block'
import { judgedKinds, kindCode } from '../../model/event'
import type { JudgedKind } from '../../model/event'
import type { ClusterReport } from '../../model/cluster'
import type { Counts, EpochReport, Finding, HourCounts, Surge } from '../../model/finding'
import { byNearness } from '../../model/nearest'
import type { NearMiss } from '../../model/nearest'
import { suspicious } from '../../model/significance'
import { traitCount, traitIndex, traits } from '../../model/traits'
import type { Emit, View } from '../../runtime/view'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { EpochBuffer } from '../../windows/epochs'
import type { Epoch } from '../../windows/epochs'
import { PaneStore } from '../../windows/panes'
import { AccountTable } from './account-table'
import { BurstCounts } from './burst-counts'
import { CrewMembers } from './crew-members'
import { ContentHours } from './content-hours'
import { EventTraits, isJudged, isSuspicious, unpackWhere } from './event-traits'
import { PlatformMix } from './platform-mix'
import { Samples } from './samples'
import { SeriesStates } from './series-states'

export interface AccountViewOptions {
  readonly partition: number
  readonly epochMs: number
  /** Most pairs of an account and a device, network, program or text that one generation remembers. */
  readonly originCap: number
  /** Settings and mode of each detector, by its name. */
  readonly detectors: Readonly<Record<string, DetectorSettings>>
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
  private readonly accounts = new AccountTable()
  private readonly eventTraits: EventTraits
  private readonly minutes = new PaneStore({ paneMs: minuteMs, panes: burstMinutes + 1, counters })
  private readonly hours = new PaneStore({ paneMs: hourMs, panes: hoursKept, counters })
  private readonly bursts = new BurstCounts(burstMinutes)
  private readonly contents = new ContentHours(hoursKept)
  private readonly samples = new Samples()
  private readonly mix = new PlatformMix()
  private readonly crews = new CrewMembers()
  /** Series of which more is known than their count tells, to be judged again. */
  private readonly recalled = new Set<number>()
  private readonly states = new SeriesStates()
  /** What waits on each input, and how often each was at its end. */
  private readonly held: Uint8Array[][] = [[], []]
  private readonly ends = [0, 0]
  private sequence = 0
  private openHour = -1
  private openPeriod = -1
  /** Rows folded, by kind code: what the books call counted. */
  readonly counted = new Float64Array(16)

  /** The sums of the window that is being judged, and the part of them that is traits. */
  private readonly totals = new Float64Array(counters)
  private readonly totalTraits = this.totals.subarray(1, 1 + traitCount)
  private readonly known: Known = {
    states: this.states,
    samples: this.samples,
    reference: (series, trait) => this.reference(series, trait),
  }

  constructor(private readonly options: AccountViewOptions) {
    this.source = `account/${options.partition}`
    this.epochs = new EpochBuffer(options.epochMs, options.waitsFor)
    this.eventTraits = new EventTraits(this.accounts, options.originCap)
  }

  /**
   * Takes a block of events, or on its second input what the network view tells of clusters. What comes on one input
   * after its end waits until the other has ended as well, so that the hour that is open then is judged at that point.
   */
  fold(record: Uint8Array, emit: Emit, input = 0): void {
    this.held[input]!.push(record)
    while (this.foldNext(emit));
  }

  private foldNext(emit: Emit): boolean {
    const input = this.held.findIndex((records, number) => records.length > 0 && !this.hasToWait(number))
    if (input < 0) return false
    const record = this.held[input]!.shift()!
    if (input === 0) this.takeBlock(readBlock(record))
    else this.takeClusters(JSON.parse(textDecoder.decode(record)) as ClusterReport)
    this.epochs.close((epoch) => {
      this.closeHoursBefore(epoch, emit)
      this.measure(epoch)
      this.judgeBursts(epoch, emit)
    })
    if (this.epochs.hasEnded) this.judgeOpenHour(emit)
    return true
  }

  /** Whether an input has been at its end more often than the other. */
  private hasToWait(input: number): boolean {
    return this.options.waitsFor !== undefined && this.ends[input]! > this.ends[1 - input]!
  }

  private takeBlock(block: Block): void {
    this.epochs.add(block)
    if (block.watermarkMs === Number.POSITIVE_INFINITY) this.ends[0]!++
  }

  private takeClusters(report: ClusterReport): void {
    this.crews.add(report)
    if (report.passedMs === null) this.ends[1]!++
    // What is decided at the end of an epoch holds from the next one on, so that one needs no other word.
    const passedMs =
      report.passedMs === null ? Number.POSITIVE_INFINITY : report.passedMs + this.options.epochMs
    this.epochs.pass(report.source, passedMs)
  }

  /**
   * How near an account is to a finding, by what is known now: of each offence the window that lacks least. Undefined
   * when nothing of the account was ever counted.
   */
  nearest(accountId: string): readonly NearMiss[] | undefined {
    const account = this.accounts.names.indexOf(accountId)
    if (account < 0) return undefined
    const { closedMs } = this.epochs
    const minute = this.minutes.paneAt(closedMs - 1)
    const misses: NearMiss[] = []
    for (let series = account * kindsJudged; series < (account + 1) * kindsJudged; series++) {
      const burst = { from: minute - burstMinutes + 1, to: minute }
      misses.push(...this.nearestIn(series, this.minutes, burst, closedMs))
      for (const hoursBack of hourWindows) {
        const span = { from: this.openHour - hoursBack + 1, to: this.openHour }
        misses.push(...this.nearestIn(series, this.hours, span, closedMs))
      }
    }
    misses.sort(byNearness)
    return misses.filter(
      ({ detector }, place) => misses.findIndex((one) => one.detector === detector) === place,
    )
  }

  /** Event time up to which it has judged; null before the first epoch. */
  get asOfMs(): number | null {
    return Number.isFinite(this.epochs.closedMs) ? this.epochs.closedMs : null
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
      const params = this.options.detectors[detector.name]!
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
      counted: this.counted.slice(),
      duplicates: this.epochs.duplicates,
      late: this.epochs.late,
      waiting: this.epochs.openRows,
      accounts: this.accounts.size,
      origins: this.eventTraits.size,
      evicted: this.eventTraits.evicted,
      bytes:
        this.accounts.byteLength +
        this.eventTraits.byteLength +
        this.minutes.byteLength +
        this.hours.byteLength +
        this.bursts.byteLength +
        this.contents.byteLength +
        this.crews.byteLength +
        this.states.byteLength,
    }
  }

  save(out: SnapshotWriter): void {
    this.epochs.save(out, 'epochs')
    this.accounts.save(out)
    this.eventTraits.save(out)
    this.minutes.save(out, 'minutes')
    this.hours.save(out, 'hours')
    this.contents.save(out)
    this.samples.save(out)
    this.crews.save(out)
    this.mix.save(out)
    this.states.save(out)
    out.array('counted', this.counted)
    out.value('clock', {
      sequence: this.sequence,
      openHour: this.openHour,
      openPeriod: this.openPeriod,
      ends: this.ends,
      held: this.held.map((records) => records.length),
    })
    this.held.forEach((records, input) => {
      records.forEach((record, number) => {
        out.array(`held.${input}.${number}`, record)
      })
    })
  }

  load(from: SnapshotReader): void {
    this.epochs.load(from, 'epochs')
    this.accounts.load(from)
    this.eventTraits.load(from)
    this.minutes.load(from, 'minutes')
    this.hours.load(from, 'hours')
    this.contents.load(from)
    this.samples.load(from)
    this.crews.load(from)
    this.mix.load(from)
    this.states.load(from)
    this.counted.set(from.float64('counted'))
    const clock = from.value<{
      sequence: number
      openHour: number
      openPeriod: number
      ends: number[]
      held: number[]
    }>('clock')
    clock.ends.forEach((ends, input) => (this.ends[input] = ends))
    clock.held.forEach((records, input) => {
      for (let number = 0; number < records; number++) {
        this.held[input]!.push(from.uint8(`held.${input}.${number}`))
      }
    })
    this.sequence = clock.sequence
    this.openHour = clock.openHour
    this.refillBursts()
    this.openPeriod = clock.openPeriod
  }

  private refillBursts(): void {
    if (this.openHour < 0) return
    const latest = this.minutes.paneAt(this.epochs.closedMs)
    for (let minute = latest - burstMinutes + 1; minute <= latest; minute++) {
      this.minutes.forEach(minute, (series, at) => {
        this.bursts.add(series, minute, this.minutes.ring(minute)[at + 1])
      })
    }
    this.bursts.clearTouched()
  }

  private measure(epoch: Epoch): void {
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

  /** Judges, ten minutes back, each series that has grown by a quarter since it was judged last. */
  private judgeBursts(epoch: Epoch, emit: Emit): void {
    const findings: Finding[] = []
    const to = this.minutes.paneAt(epoch.startMs)
    const from = to - burstMinutes + 1
    const touched = new Set([...this.recalled, ...this.bursts.touched])
    for (const series of touched) {
      const count = this.bursts.count(series, to)
      const hasGrown = this.states.hasGrown(series, count, leastCount)
      if (!hasGrown && !this.recalled.has(series)) continue
      const window = { start: from * minuteMs, end: epoch.endMs }
      this.totals.fill(0)
      this.minutes.sum(series, { from, to }, this.totals)
      this.judge(series, this.minutes, { from, to, window }, findings)
    }
    this.bursts.clearTouched()
    this.recalled.clear()
    this.tell({ endMs: epoch.endMs, passedMs: epoch.endMs, findings, hours: [], surges: [] }, emit)
  }

  /** Closes what ended before an epoch: periods of ten minutes, and hours. */
  private closeHoursBefore(epoch: Epoch, emit: Emit): void {
    const period = Math.floor(epoch.startMs / periodMs)
    if (this.openPeriod >= 0 && period > this.openPeriod) this.closePeriod(this.openPeriod, emit)
    this.openPeriod = Math.max(this.openPeriod, period)

    const hour = Math.floor(epoch.startMs / hourMs)
    if (this.openHour >= 0 && hour > this.openHour) this.closeHour(this.openHour, emit)
    this.openHour = Math.max(this.openHour, hour)
  }

  /** Shows the platform what its accounts' events of the last ten minutes were like, and tells of disputed hours. */
  private closePeriod(period: number, emit: Emit): void {
    const endMs = (period + 1) * periodMs
    const to = endMs / minuteMs - 1
    this.report(
      { endMs, findings: [], hours: this.hourCounts(this.hours.paneAt(endMs - 1)), surges: [] },
      emit,
    )
    const seen = new Set<number>()
    const { totals } = this
    for (let minute = to - burstMinutes + 1; minute <= to; minute++) {
      this.minutes.forEach(minute, (series) => {
        if (this.bursts.count(series, to) < leastInPeriod || seen.has(series)) return
        seen.add(series)
        totals.fill(0)
        this.minutes.sum(series, { from: to - burstMinutes + 1, to }, totals)
        for (let trait = 0; trait < traitCount; trait++) {
          this.mix.learnPeriod(series % kindsJudged, trait, totals[1 + trait]!, totals[0]!)
        }
      })
    }
    this.mix.closePeriod()
  }

  /** Judges the closed hour, and learns from those beyond suspicion. */
  private closeHour(hour: number, emit: Emit): void {
    const endMs = (hour + 1) * hourMs
    const { findings, suspected } = this.judgeHour(hour, endMs)
    const surges = this.surges(hour, suspected)
    this.report({ endMs, findings, hours: this.hourCounts(hour), surges }, emit)
    this.learn(hour, suspected)
    this.samples.forgetBefore(endMs - hoursKept * hourMs)
    this.contents.forgetBefore(hour - hoursKept + 1)
  }

  /** The input is at its end, in the middle of an hour: says what there is to say of it. */
  private judgeOpenHour(emit: Emit): void {
    const endMs = Math.max(0, this.epochs.closedMs)
    const findings = this.openHour < 0 ? [] : this.judgeHour(this.openHour, endMs).findings
    const hours = this.hourCounts(this.openHour)
    this.tell({ endMs, passedMs: null, findings, hours, surges: [] }, emit)
  }

  /** Judges every series of the hour over the hour, six and a day. */
  private judgeHour(hour: number, endMs: number): { findings: Finding[]; suspected: Set<number> } {
    const findings: Finding[] = []
    const suspected = new Set<number>()
    this.hours.forEach(hour, (series) => {
      this.totals.fill(0)
      let summedFrom = hour + 1
      for (const hoursBack of hourWindows) {
        const from = hour - hoursBack + 1
        // Each window holds the one before it, whose sums go on.
        this.hours.sum(series, { from, to: summedFrom - 1 }, this.totals)
        summedFrom = from
        const window = { start: from * hourMs, end: endMs }
        if (this.judge(series, this.hours, { from, to: hour, window }, findings)) suspected.add(series)
      }
    })
    return { findings, suspected }
  }

  /** The series whose hour was far beyond the usual, with nothing against their audience. */
  private surges(hour: number, suspected: ReadonlySet<number>): Surge[] {
    const surges: Surge[] = []
    const window = { start: hour * hourMs, end: (hour + 1) * hourMs }
    this.hours.forEach(hour, (series, at) => {
      const observed = this.hours.ring(hour)[at + 1]!
      if (observed < leastInSurge || suspected.has(series) || this.states.isSuspected(series, window.end))
        return
      this.totals.fill(0)
      this.hours.sum(series, { from: hour, to: hour }, this.totals)
      const history = this.windowHistory(series, this.hours, { from: hour, to: hour, window })
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
      const params = this.options.detectors[detector.name]!
      if (params.mode === 'off') continue
      const finding = detector.judge(history, params)
      if (finding === undefined) continue
      findings.push(finding)
      found = true
      if (finding.pValue <= suspicious) {
        const { tellingTrait } = finding
        this.states.suspect(series, {
          trait: tellingTrait === undefined ? undefined : traitIndex(tellingTrait),
          fromHour: this.hours.paneAt(span.window.start),
          untilMs: span.window.end + suspicionMs,
        })
      }
    }
    return found
  }

  private windowHistory(series: number, panes: PaneStore, span: Span): WindowHistory {
    const accountId = this.accounts.names[Math.floor(series / kindsJudged)]!
    const measured = { accountId, count: this.totals[0]!, traits: this.totalTraits }
    return new WindowHistory(series, span, measured, panes, this.known)
  }

  private reference(series: number, trait: number): Reference | undefined {
    return this.mix.reference(series % kindsJudged, trait, this.states.ownMix(series, trait))
  }

  /** Counts of the hours in dispute, up to the given one: those of which something new is known. */
  private hourCounts(hour: number): HourCounts[] {
    const due = this.states.hoursDue(hour, hoursKept)
    const counted: HourCounts[] = []
    for (const [closed, series] of due) {
      const contents = this.contents.of(closed, series)
      for (const one of series) {
        const totals = new Float64Array(counters)
        this.hours.sum(one, { from: closed, to: closed }, totals)
        const trait = this.states.tellingTrait(one)
        if (trait === undefined) continue
        const expected = this.states.expectedHour(one, closed)
        const counts = honestCount(totals[0]!, totals[1 + trait]!, this.reference(one, trait), expected)
        const list = contents.get(one)
        if (list === undefined || !this.states.isNews(one, closed, counts)) continue
        counted.push({
          accountId: this.accounts.names[Math.floor(one / kindsJudged)]!,
          kind: judgedKinds[one % kindsJudged]!,
          hour: closed * hourMs,
          contents: shareOut(counts, list),
        })
      }
    }
    return counted
  }

  /** Teaches baselines, own mixes and the platform's mix; what is suspected teaches nothing. */
  private learn(hour: number, suspected: ReadonlySet<number>): void {
    const startMs = hour * hourMs
    this.hours.forEach(hour, (series, at) => {
      const ring = this.hours.ring(hour)
      const count = ring[at + 1]!
      const isSuspect = suspected.has(series) || this.states.isSuspected(series, startMs + hourMs)
      this.states.learnCount(series, { count, hour, isSuspect })
      if (isSuspect) return
      for (let trait = 0; trait < traitCount; trait++) {
        const carrying = Math.min(count, ring[at + 2 + trait]!)
        const usual = this.reference(series, trait)
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
    const full: EpochReport = { source: this.source, sequence: ++this.sequence, ...report }
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

/** Distinct dense networks of a window, from the bitmaps of its panes. */
/** The panes `[from, to]`, and the event time that they stand for. */
interface Span {
  readonly from: number
  readonly to: number
  readonly window: { readonly start: number; readonly end: number }
}

/** What is known of every series beyond the sums of a window. */
interface Known {
  readonly states: SeriesStates
  readonly samples: Samples
  readonly reference: (series: number, trait: number) => Reference | undefined
}

/** What was measured of a series in a window, and what few windows get as far as being asked for. */
class WindowHistory implements AudienceHistory {
  readonly accountId: string
  readonly kind: JudgedKind
  readonly count: number
  readonly traits: ArrayLike<number>

  constructor(
    private readonly series: number,
    private readonly span: Span,
    measured: Pick<AudienceHistory, 'accountId' | 'count' | 'traits'>,
    private readonly panes: PaneStore,
    private readonly known: Known,
  ) {
    this.accountId = measured.accountId
    this.kind = judgedKinds[series % kindsJudged]!
    this.count = measured.count
    this.traits = measured.traits
  }

  get window(): Span['window'] {
    return this.span.window
  }

  get denseNetworks(): number {
    let bits = 0
    for (let pane = this.span.from; pane <= this.span.to; pane++) {
      bits |= this.panes.count(this.series, pane, networksCounter)
    }
    let count = 0
    for (let rest = bits; rest !== 0; rest &= rest - 1) count++
    return count
  }

  reference(trait: number): Reference | undefined {
    return this.known.reference(this.series, trait)
  }

  get surprise(): AudienceHistory['surprise'] {
    return this.known.states.surprise(this.series, this.count, this.window)
  }

  get eventIds(): readonly string[] {
    return this.known.samples.within(this.series, this.window)
  }
}

/**
 * Shares an account's counts out over its contents: the disputed part by where the suspicious events are, never more
 * than a content has. The shares add up to the whole.
 */
export function shareOut(
  counts: Counts,
  contents: readonly { contentId: string; count: number; suspicious: number }[],
): HourCounts['contents'] {
  const disputed = allot(
    counts.disputed,
    contents.map(({ suspicious, count }) => Math.min(suspicious, count)),
    contents.map(({ count }) => count),
  )
  const spread = { low: counts.authentic - counts.low, high: counts.high - counts.authentic }
  return contents.map(({ contentId, count }, index) => {
    const share = counts.raw === 0 ? 0 : count / counts.raw
    const authentic = count - disputed[index]!
    return {
      contentId,
      counts: {
        raw: count,
        authentic,
        disputed: disputed[index]!,
        low: Math.max(0, Math.floor(authentic - spread.low * share)),
        high: Math.min(count, Math.ceil(authentic + spread.high * share)),
      },
    }
  })
}

/** Whole parts of a total in proportion to weights, none over its limit; what is left over goes where room is. */
function allot(total: number, weights: readonly number[], limits: readonly number[]): number[] {
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0)
  const limitSum = limits.reduce((sum, limit) => sum + limit, 0)
  const parts = limits.map((limit, index) => {
    const share = weightSum > 0 ? weights[index]! / weightSum : limit / limitSum
    return Math.min(limit, Math.floor(total * share))
  })
  let rest = total - parts.reduce((sum, part) => sum + part, 0)
  const order = limits.map((_, index) => index).sort((a, b) => weights[b]! - weights[a]! || a - b)
  for (const index of order) {
    const more = Math.min(rest, limits[index]! - parts[index]!)
    parts[index]! += more
    rest -= more
  }
  return parts
}

const minuteMs = 60_000
const hourMs = 3_600_000
const periodMs = 600_000
const burstMinutes = 10
const hoursKept = 25
/** The windows that are judged when an hour closes. */
const hourWindows = [1, 6, 24] as const
const kindsJudged = judgedKinds.length
/** Counters of a pane: events, then one a trait, then a bitmap of dense networks. */
const counters = traits.length + 2
const networksCounter = traits.length + 1
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
const post = kindCode('post')
const crewTrait = traitIndex('crew')
const madeTrait = traitIndex('made')
const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()
