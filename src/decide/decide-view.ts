import type { JudgedKind, SeriesKind } from '../model/event'
import type { ClusterFinding, ClusterReport, Exemption } from '../model/cluster'
import type { Counts as DetailedCounts, EpochReport, Finding, HourCounts, Surge } from '../model/finding'
import { offences } from '../model/records'
import type {
  Correction,
  Counts,
  Mode,
  Offence,
  Recommendation,
  Role,
  Status,
  Verdict,
} from '../model/records'
import { suspicious } from '../model/significance'
import type { Policy } from '../policy/policy'
import type { Emit, View } from '../runtime/view'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { Budget } from './budget'
import type { BudgetState } from './budget'
import { Chain } from './chain'
import type { ChainHead } from './chain'
import { isGraver, rungFor } from './ladder'
import { ReportBuffer } from './report-buffer'
import type { SavedReports } from './report-buffer'
import { subjectOf, verdictFrom, verdictIdOf } from './verdict'

/** The outputs of the decide view, in the order of `emit`. */
export const verdictOutput = 0
export const correctionOutput = 1
export const surgeOutput = 2
export const chainOutput = 3

/**
 * Decides: the one place where findings become verdicts. Every finding is a test that the false-flag budget of the
 * whole platform judges; one that passes opens a case, and later ones of the same account and offence revise its
 * verdict while the case lasts. Hours of accounts with a case are corrected, content by content.
 *
 * Detectors on trial have a budget and cases of their own and correct nothing, so that whatever they find, the live
 * verdicts are the same bytes.
 */
export class DecideView implements View {
  readonly name = 'decide'
  private readonly budgets: Readonly<Record<Mode, Budget>>
  private readonly cases = new Map<string, Case>()
  /** When the last case of linked accounts ended, by its key: the next one begins there, or it had the same id. */
  private readonly ended = new Map<string, number>()
  /** Hours that were told before there was a case, by account and kind; they wait for a day. */
  private readonly waiting = new Map<string, HourCounts[]>()
  private readonly reports: ReportBuffer<EpochReport | ClusterReport>
  /** When a surge was let pass and how large it was, by account and kind. */
  private readonly surges = new Map<string, { startMs: number; observed: number }>()
  private readonly chain = new Chain()
  readonly stats = { findings: 0, verdicts: 0, corrections: 0, surges: 0 }

  constructor(
    private readonly policy: Policy,
    /** Those whose reports are waited for before an epoch is decided. */
    sources: readonly string[],
  ) {
    this.reports = new ReportBuffer(sources)
    const level = 1 / policy.oneWrongIn
    this.budgets = { live: new Budget(level), shadow: new Budget(level) }
  }

  fold(record: Uint8Array, emit: Emit): void {
    this.reports.add(JSON.parse(textDecoder.decode(record)) as EpochReport | ClusterReport)
    for (const report of this.reports.take()) {
      this.endCases(report.endMs)
      for (const finding of [...report.findings].sort(inCanonicalOrder))
        this.decide(finding, report.endMs, emit)
      if ('exempt' in report) {
        for (const exemption of report.exempt) this.exempt(exemption, emit)
      } else {
        for (const hour of report.hours) this.correct(hour, emit)
        for (const surge of report.surges) this.letPass(surge, emit)
      }
    }
  }

  save(out: SnapshotWriter): void {
    out.value('budget.live', this.budgets.live.state())
    out.value('budget.shadow', this.budgets.shadow.state())
    out.value('cases', [...this.cases])
    out.value('ended', [...this.ended])
    out.value('waiting', [...this.waiting])
    out.value('reports', this.reports.state())
    out.value('surges', [...this.surges])
    out.value('chain', this.chain.head)
    out.value('stats', this.stats)
  }

  load(from: SnapshotReader): void {
    this.budgets.live.restore(from.value<BudgetState>('budget.live'))
    this.budgets.shadow.restore(from.value<BudgetState>('budget.shadow'))
    for (const [key, open] of from.value<[string, Case][]>('cases')) this.cases.set(key, open)
    for (const [key, endedMs] of from.value<[string, number][]>('ended')) this.ended.set(key, endedMs)
    for (const [key, hours] of from.value<[string, HourCounts[]][]>('waiting')) this.waiting.set(key, hours)
    this.reports.restore(from.value<SavedReports<EpochReport | ClusterReport>>('reports'))
    for (const [key, told] of from.value<[string, { startMs: number; observed: number }][]>('surges')) {
      this.surges.set(key, told)
    }
    this.chain.head = from.value<ChainHead>('chain')
    Object.assign(this.stats, from.value('stats'))
  }

  private decide(finding: Finding | ClusterFinding, detectedAt: number, emit: Emit): void {
    this.stats.findings++
    const { offence } = finding
    const subject = subjectOf(finding)
    const mode = this.modeOf(finding)
    const budget = this.budgets[mode]
    const key = caseKey({ mode, offence, subject: subject.id })
    const open = this.cases.get(key)
    if ('clears' in finding) {
      if (open !== undefined) this.clear(key, open, finding, detectedAt, emit)
      return
    }
    // The budget is one of verdicts: further evidence in an open case can convict nobody new, and is no test.
    if (open !== undefined) {
      if (finding.pValue <= suspicious) this.revise(open, finding, detectedAt, emit)
      return
    }
    const isFact = 'isFact' in finding
    // A fact is no test: it costs the budget nothing, and earns nothing either.
    const { isRejected, level } = isFact ? { isRejected: true, level: 1 } : budget.test(finding.pValue)
    if (!isRejected) return
    // The budget at which this finding would just have passed.
    const qValue = Math.min(1, (finding.pValue / level) * budget.level)
    const startMs = Math.max(finding.window.start, this.ended.get(key) ?? finding.window.start)
    const opened: Case = {
      verdictId: verdictIdOf({ mode, offence, subject: subject.id, startMs }),
      offence,
      ...('kind' in finding ? { kind: finding.kind } : {}),
      revision: 1,
      status: 'raised',
      mode,
      startMs,
      lastMs: detectedAt,
      counts: finding.counts,
      ...membersOf(finding),
      ...('waitsUntilMs' in finding ? { waitsUntilMs: finding.waitsUntilMs } : {}),
      qValue,
      ...this.rungOf(finding),
    }
    this.cases.set(key, opened)
    this.publish(opened, { ...finding, window: { ...finding.window, start: startMs } }, detectedAt, emit)
    if (mode === 'live' && 'kind' in finding) {
      this.correctWaiting(seriesKey(finding.accountId, finding.kind), emit)
    }
  }

  private rungOf(finding: Finding | ClusterFinding): Pick<Case, 'recommendation' | 'role'> {
    if ('kind' in finding) return rungFor(finding, this.policy.ladder)
    const { recommendation, role } = finding
    return { recommendation, role }
  }

  /** A detector that the policy has switched off since, or no longer knows, is on trial. */
  private modeOf({ detector }: Finding | ClusterFinding): Mode {
    return this.policy.detectors[detector]?.mode === 'live' ? 'live' : 'shadow'
  }

  private revise(open: Case, finding: Finding | ClusterFinding, detectedAt: number, emit: Emit): void {
    open.lastMs = detectedAt
    const rung = this.rungOf(finding)
    if (!this.isNews(open, finding, rung.recommendation)) return
    open.revision++
    open.status = 'escalated'
    open.startMs = Math.min(open.startMs, finding.window.start)
    open.counts = finding.counts
    Object.assign(open, membersOf(finding))
    if (isGraver(rung.recommendation, open.recommendation)) Object.assign(open, rung)
    this.publish(open, finding, detectedAt, emit)
  }

  /** What was found is taken back: the case ends, and whoever acts on it hears so. */
  private clear(key: string, open: Case, finding: ClusterFinding, detectedAt: number, emit: Emit): void {
    const { recommendation, counts } = finding
    this.cases.delete(key)
    this.ended.set(key, detectedAt)
    const revision = open.revision + 1
    this.publish({ ...open, revision, status: 'cleared', recommendation, counts }, finding, detectedAt, emit)
  }

  /** A revision is worth publishing when the rung rises, or when it covers the case and disputes twice as much. */
  private isNews(open: Case, finding: Finding | ClusterFinding, recommendation: Recommendation): boolean {
    if (isGraver(recommendation, open.recommendation)) return true
    // Whoever acts on a cluster needs its members; the network view tells of growth once in a while.
    if ('cluster' in finding) return (finding.cluster?.size ?? 0) > (open.members ?? 0)
    return finding.window.start <= open.startMs && finding.counts.disputed >= 2 * open.counts.disputed
  }

  private publish(open: Case, finding: Finding | ClusterFinding, detectedAt: number, emit: Emit): void {
    const verdict: Verdict = verdictFrom(open, { finding, detectedAt, policy: this.policy })
    this.stats.verdicts++
    const bytes = textEncoder.encode(JSON.stringify(verdict))
    emit(verdictOutput, bytes)
    emit(chainOutput, textEncoder.encode(JSON.stringify(this.chain.link(verdict, bytes))))
  }

  private correct(hour: HourCounts, emit: Emit): void {
    const key = seriesKey(hour.accountId, hour.kind)
    const open = this.liveCases(hour)
    if (open.length === 0) {
      const hours = (this.waiting.get(key) ?? []).filter((known) => known.hour !== hour.hour)
      hours.push(hour)
      this.waiting.set(key, hours.slice(-hoursWaiting))
      return
    }
    const total = sumOf(hour.contents.map(({ counts }) => counts))
    const { minDisputed, minShare } = this.policy.correction
    if (total.disputed < minDisputed || total.disputed < minShare * total.raw) return
    for (const { contentId, counts } of hour.contents) {
      const correction: Correction = {
        accountId: hour.accountId,
        contentId: contentId === '' ? null : contentId,
        kind: hour.kind,
        hour: hour.hour,
        ...counts,
        verdictIds: open.map(({ verdictId }) => verdictId),
      }
      this.stats.corrections++
      emit(correctionOutput, textEncoder.encode(JSON.stringify(correction)))
    }
  }

  /** Says that a surge was seen and let pass: once a day, and again when it has grown to three times as much. */
  private letPass(surge: Surge, emit: Emit): void {
    const key = seriesKey(surge.accountId, surge.kind)
    const told = this.surges.get(key)
    if (this.liveCases(surge).length > 0 || (told !== undefined && surge.observed < 3 * told.observed)) return
    this.surges.set(key, { startMs: surge.window.start, observed: surge.observed })
    this.stats.surges++
    emit(surgeOutput, textEncoder.encode(JSON.stringify(surge)))
  }

  /** Says what was let pass although it looks like an offence: once a day for each first of the accounts. */
  private exempt(exemption: Exemption, emit: Emit): void {
    const key = `${exemption.offence}|${exemption.accountIds[0]!}`
    if (this.surges.has(key)) return
    this.surges.set(key, { startMs: exemption.window.start, observed: exemption.accountIds.length })
    emit(surgeOutput, textEncoder.encode(JSON.stringify(exemption)))
  }

  /** The cases that count against the numbers of one kind, of whichever offence. */
  private liveCases({ accountId, kind }: { accountId: string; kind: JudgedKind }): Case[] {
    const cases = offences.map((offence) =>
      this.cases.get(caseKey({ mode: 'live', offence, subject: accountId })),
    )
    return cases.filter((open) => open !== undefined).filter((open) => open.kind === kind)
  }

  private correctWaiting(key: string, emit: Emit): void {
    const hours = this.waiting.get(key) ?? []
    this.waiting.delete(key)
    for (const hour of hours) this.correct(hour, emit)
  }

  private endCases(nowMs: number): void {
    const endedMs = nowMs - this.policy.caseHours * hourMs
    for (const [key, { lastMs, kind, waitsUntilMs = 0 }] of this.cases) {
      if (lastMs > endedMs || waitsUntilMs > nowMs) continue
      this.cases.delete(key)
      // Numbers have windows of a day at most; ties reach back to before the case ended.
      if (kind === undefined) this.ended.set(key, lastMs)
    }
    for (const [key, lastMs] of this.ended) if (lastMs <= nowMs - tiesReachMs) this.ended.delete(key)
    for (const [key, hours] of this.waiting) {
      if (hours.at(-1)!.hour <= nowMs - hoursWaiting * hourMs) this.waiting.delete(key)
    }
    for (const [key, { startMs }] of this.surges) if (startMs <= nowMs - dayMs) this.surges.delete(key)
  }
}

/** An open verdict: what has been published of it, and when its last evidence came. */
export interface Case {
  readonly verdictId: string
  readonly offence: Offence
  /** The kind of event whose number is in dispute; none where no number is. */
  readonly kind?: SeriesKind
  readonly mode: Mode
  readonly qValue: number
  revision: number
  status: Status
  startMs: number
  lastMs: number
  /** Until when it waits for what may clear it, though nothing new comes. */
  readonly waitsUntilMs?: number
  counts: Counts
  /** Of the cluster that it is about, where it is about one. */
  members?: number
  recommendation: Recommendation
  role: Role
}

function membersOf(finding: Finding | ClusterFinding): Pick<Case, 'members'> {
  return 'cluster' in finding && finding.cluster !== null ? { members: finding.cluster.size } : {}
}

function caseKey({ mode, offence, subject }: { mode: Mode; offence: Offence; subject: string }): string {
  return `${mode}|${offence}|${subject}`
}

function seriesKey(accountId: string, kind: SeriesKind): string {
  return `${kind}|${accountId}`
}

/** So that the order in which partitions report changes nothing; of several windows the shortest comes first. */
function inCanonicalOrder(a: Finding | ClusterFinding, b: Finding | ClusterFinding): number {
  const [subject, other] = [subjectOf(a).id, subjectOf(b).id]
  if (subject !== other) return subject < other ? -1 : 1
  if (a.accountId !== b.accountId) return a.accountId < b.accountId ? -1 : 1
  if (a.detector !== b.detector) return a.detector < b.detector ? -1 : 1
  return b.window.start - a.window.start
}

function sumOf(counts: readonly DetailedCounts[]): { raw: number; disputed: number } {
  return counts.reduce(
    (sum, { raw, disputed }) => ({ raw: sum.raw + raw, disputed: sum.disputed + disputed }),
    { raw: 0, disputed: 0 },
  )
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const hoursWaiting = 25
/** From the first of the acts that a tie rests on to the last finding that knows of it. */
const tiesReachMs = 36 * dayMs
const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()
