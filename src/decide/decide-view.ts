import type { SeriesKind } from '../model/event'
import type { ClusterFinding, ClusterReport, Exemption } from '../model/cluster'
import type { AccountDetails, Counts, EpochReport, Finding, HourCounts, Surge } from '../model/finding'
import { controlPValue } from '../detectors/control'
import type { Correction, Element, Mode, Recommendation, Verdict } from '../model/records'
import { isLater } from '../model/ruling'
import type { FeedbackRuling, Ruling } from '../model/ruling'
import { suspicious } from '../model/significance'
import { verdictIdOf } from '../model/verdict-id'
import type { Policy } from '../policy/policy'
import { PolicyInForce } from '../policy/policy-in-force'
import type { Emit, View } from '../runtime/view'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { Budget } from './budget'
import type { BudgetState } from './budget'
import { CaseBook, caseKey } from './case-book'
import type { Case } from './case-book'
import { Chain } from './chain'
import type { ChainHead } from './chain'
import { CorrectionBook } from './correction-book'
import type { SavedCorrections } from './correction-book'
import { exemptionOf } from './exemptions'
import type { PolicyExemption } from './exemptions'
import { KnownAccounts } from './known-accounts'
import { isGraver, linkedRungFor, rungFor } from './ladder'
import type { Rung } from './ladder'
import { Precision } from './precision'
import { ReportBuffer } from './report-buffer'
import type { SavedReports } from './report-buffer'
import { RungLimits } from './rung-limits'
import type { ReachedInDay } from './rung-limits'
import { subjectOf, verdictFrom } from './verdict'
import { latestOpinion, VerdictBook } from './verdict-book'
import type { Heard, Published, SavedBook } from './verdict-book'

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
 * What people decide comes first in its epoch: a policy holds for all of it, and a verdict that was overturned no longer
 * counts in any of it.
 *
 * Detectors on trial have a budget and cases of their own and correct nothing, so that whatever they find, the live
 * verdicts are the same bytes.
 */
export class DecideView implements View {
  readonly name = 'decide'
  private readonly budgets: Readonly<Record<Mode, Budget>>
  private readonly cases = new CaseBook()
  /** Hours that were told before there was a case, by account and kind; they wait for a day. */
  private readonly waiting = new Map<string, HourCounts[]>()
  private readonly reports: ReportBuffer<EpochReport | ClusterReport>
  /** When a surge was let pass and how large it was, by account and kind. */
  private readonly surges = new Map<string, { atMs: number; observed: number }>()
  private readonly chain = new Chain()
  private readonly inForce: PolicyInForce
  private readonly book = new VerdictBook()
  private readonly corrected = new CorrectionBook()
  private readonly precision = new Precision()
  private readonly limits = new RungLimits(this.precision)
  private readonly accounts = new KnownAccounts()
  private latestMs = 0
  private readonly counts = {
    ...{ findings: 0, verdicts: 0, corrections: 0, surges: 0, exempt: 0, overruled: 0, policies: 0 },
    feedback: { taken: 0, unknown: 0, repeated: 0, outdated: 0, final: 0 } satisfies Record<Heard, number>,
  }

  constructor(
    policy: Policy,
    /** Those whose reports are waited for before an epoch is decided. */
    sources: readonly string[],
  ) {
    this.inForce = new PolicyInForce(policy)
    this.reports = new ReportBuffer(sources)
    const level = 1 / policy.oneWrongIn
    this.budgets = { live: new Budget(level), shadow: new Budget(level) }
  }

  /** Event time up to which it has decided; null before the first epoch. */
  get asOfMs(): number | null {
    return this.latestMs > 0 ? this.latestMs : null
  }

  get stats(): DecideViewStats {
    return {
      ...this.counts,
      precision: this.precision.all(this.latestMs, this.policy),
      policyVersion: this.policy.version,
      decidedMs: this.latestMs,
      budget: {
        level: this.budgets.live.level,
        live: { bar: this.budgets.live.bar, tests: this.budgets.live.tests },
        shadow: { bar: this.budgets.shadow.bar, tests: this.budgets.shadow.tests },
      },
      evicted: this.book.evicted + this.corrected.evicted + this.accounts.evicted,
    }
  }

  /** The one that holds for what is being decided. */
  get policy(): Policy {
    return this.inForce.current
  }

  fold(record: Uint8Array, emit: Emit): void {
    this.reports.add(JSON.parse(textDecoder.decode(record)) as EpochReport | ClusterReport)
    for (const report of this.reports.take()) {
      this.latestMs = report.endMs
      this.advance(report.endMs)
      if ('rulings' in report) this.rule(report.rulings, report.endMs, emit)
      if ('accounts' in report) for (const details of report.accounts) this.accounts.put(details)
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
    this.cases.save(out)
    out.value('waiting', [...this.waiting])
    out.value('reports', this.reports.state())
    out.value('surges', [...this.surges])
    out.value('chain', this.chain.head)
    this.inForce.save(out)
    out.value('book', this.book.state())
    out.value('corrected', this.corrected.state())
    out.value('precision', this.precision.state())
    out.value('accounts', this.accounts.state())
    const { latestMs } = this
    const counts = { ...this.counts, accountsEvicted: this.accounts.evicted }
    out.value('decided', { reached: this.limits.state(), latestMs, counts } satisfies SavedDecided)
  }

  load(from: SnapshotReader): void {
    this.budgets.live.restore(from.value<BudgetState>('budget.live'))
    this.budgets.shadow.restore(from.value<BudgetState>('budget.shadow'))
    this.cases.load(from)
    for (const [key, hours] of from.value<[string, HourCounts[]][]>('waiting')) this.waiting.set(key, hours)
    this.reports.restore(from.value<SavedReports<EpochReport | ClusterReport>>('reports'))
    for (const [key, told] of from.value<[string, { atMs: number; observed: number }][]>('surges')) {
      this.surges.set(key, told)
    }
    this.chain.head = from.value<ChainHead>('chain')
    this.inForce.load(from)
    this.book.restore(from.value<SavedBook>('book'))
    this.corrected.restore(from.value<SavedCorrections>('corrected'))
    this.precision.restore(from.value<ReturnType<Precision['state']>>('precision'))
    this.accounts.restore(from.value<readonly AccountDetails[]>('accounts'))
    const { reached, latestMs, counts } = from.value<SavedDecided>('decided')
    this.limits.restore(reached)
    this.latestMs = latestMs
    const { accountsEvicted, ...counted } = counts
    this.accounts.evicted = accountsEvicted
    Object.assign(this.counts, counted)
    for (const budget of Object.values(this.budgets)) budget.level = 1 / this.policy.oneWrongIn
  }

  /**
   * What people decided for the epoch, in the order in which they did. Of several opinions on one verdict the latest
   * holds, so that all are heard before any takes effect.
   */
  private rule(rulings: readonly Ruling[], nowMs: number, emit: Emit): void {
    const touched = new Set<Published>()
    for (const ruling of [...rulings].sort((a, b) => (isLater(a, b) ? 1 : -1))) {
      if (ruling.type === 'policy') this.takeOver(ruling)
      else for (const published of this.hear(ruling)) touched.add(published)
    }
    for (const published of touched) this.settle(published, nowMs, emit)
  }

  private takeOver(ruling: Parameters<PolicyInForce['apply']>[0]): void {
    this.inForce.apply(ruling)
    this.counts.policies++
    for (const budget of Object.values(this.budgets)) budget.level = 1 / this.policy.oneWrongIn
  }

  /** The verdict that a feedback has something new to say of, if any. */
  private hear(ruling: FeedbackRuling): readonly Published[] {
    const heard = this.book.hear(ruling)
    this.counts.feedback[heard]++
    return heard === 'taken' ? [this.book.get(ruling.verdictId)!] : []
  }

  /** Acts on what people now hold a verdict to be. */
  private settle(published: Published, nowMs: number, emit: Emit): void {
    const { decision } = latestOpinion(published)!
    const { detector } = published.verdict
    if (published.counted?.decision !== decision) {
      if (published.counted !== undefined) {
        const { decision: before, atMs: thenMs } = published.counted
        this.precision.takeBack(detector, before, { thenMs, nowMs }, this.policy)
      }
      this.precision.add(detector, decision, nowMs, this.policy)
      published.counted = { decision, atMs: nowMs }
    }
    if (decision === 'overturned') this.overturn(published, nowMs, emit)
    else this.confirm(published, nowMs, emit)
  }

  /** Gives the standing back: the verdict recommends nothing, what rests on it alone is taken back, and it stays so. */
  private overturn(published: Published, nowMs: number, emit: Emit): void {
    const { key, kind, verdict } = published
    const { verdictId, counts, offence, detector, detectorVersion, subject, accountId, window, mode } =
      verdict
    published.isOverturned = true
    this.limits.giveBack(verdictId)
    // Rulings take effect at the start of the epoch, of which this is the end.
    this.cases.overturn(key, { verdictId, kind, atMs: nowMs - this.policy.epochMs })
    if (kind !== undefined && mode === 'live') this.waiting.delete(seriesKey(accountId, kind))
    for (const correction of this.corrected.withdraw(verdictId)) this.publishCorrection(correction, emit)
    const sentence = 'A person has looked at it and found it wrong; the standing is given back.'
    this.publishAgain(published, nowMs, emit, {
      status: 'overturned',
      recommendation: 'watch',
      counts: { raw: counts.raw, authentic: counts.raw, disputed: 0 },
      elements: [...verdict.elements, reviewElement(1, sentence)],
      expiresAt: nowMs,
    })
    const { pValue, policyVersion } = verdict
    const regression: Regression = {
      ...{ type: 'regression', verdictId, offence, detector, detectorVersion, subject, accountId, mode },
      ...{ window, counts, pValue, policyVersion, overturnedAt: nowMs, expected: 'none' },
    }
    emit(surgeOutput, textEncoder.encode(JSON.stringify(regression)))
  }

  /** People may lead to a rung that nothing else leads to, while the verdict holds. */
  private confirm(published: Published, nowMs: number, emit: Emit): void {
    const { verdict, key } = published
    if (verdict.expiresAt <= nowMs) return
    const confirmations = this.book.confirmations(verdict.verdictId)
    const full = this.carriedBy(verdict, { ...published, disputed: verdict.counts.disputed })
    const { rung, elements } = this.allowed(full, verdict, nowMs)
    if (!isGraver(rung.recommendation, verdict.recommendation)) return
    const sentence = `Confirmed by ${confirmations} ${confirmations === 1 ? 'person' : 'people'} who looked at it.`
    this.publishAgain(published, nowMs, emit, {
      status: 'escalated',
      ...rung,
      elements: [...verdict.elements, ...elements, reviewElement(confirmations, sentence)],
      expiresAt: nowMs + this.policy.ladder.expiryDays[rung.recommendation] * dayMs,
    })
    this.limits.take({ ...verdict, ...rung }, this.latestMs)
    const open = this.cases.get(key)
    if (open?.verdictId !== verdict.verdictId) return
    open.revision = published.verdict.revision
    open.status = 'escalated'
    Object.assign(open, rung)
    if (published.kind !== undefined && verdict.recommendation === 'watch' && verdict.mode === 'live') {
      this.correctWaiting(seriesKey(verdict.accountId, published.kind), emit)
    }
  }

  /** Another revision of a verdict, for which there is no new finding. */
  private publishAgain(
    published: Published,
    nowMs: number,
    emit: Emit,
    changed: Partial<Verdict> & Pick<Verdict, 'status' | 'recommendation'>,
  ): void {
    const { verdict } = published
    published.verdict = {
      ...verdict,
      ...changed,
      revision: verdict.revision + 1,
      detectedAt: nowMs,
      policyVersion: this.policy.version,
    }
    this.counts.verdicts++
    this.putOut(published.verdict, emit)
  }

  private decide(finding: Finding | ClusterFinding, detectedAt: number, emit: Emit): void {
    this.counts.findings++
    const { offence, detector, accountId } = finding
    const subject = subjectOf(finding)
    const mode = this.modeOf(finding)
    const key = caseKey({ mode, offence, subject: subject.id })
    const open = this.cases.get(key)
    if ('clears' in finding) {
      if (open !== undefined) this.clear(open, finding, { detectedAt, key }, emit)
      return
    }
    if (this.cases.isOverruled(key, finding.window.start)) {
      this.counts.overruled++
      return
    }
    const exemption = exemptionOf(
      this.accounts.get(accountId),
      offence,
      lookedBack(finding, detectedAt),
      this.policy,
    )
    if (exemption !== undefined) {
      if (finding.pValue <= suspicious) this.tellExempt(finding, exemption, emit)
      return
    }
    const strictness = this.precision.strictness(detector, detectedAt, this.policy)
    const pValue = Math.min(1, finding.pValue * strictness)
    // The budget is one of verdicts: further evidence in an open case can convict nobody new, and is no test.
    if (open !== undefined) {
      if (pValue <= suspicious) this.revise(open, finding, detectedAt, emit)
      return
    }
    const qValue = finding.isFact === true ? 0 : this.test(pValue, this.budgets[mode])
    if (qValue === undefined) return
    const startMs = this.cases.beginning(key, finding.window.start)
    const verdictId = verdictIdOf({ mode, offence, subject: subject.id, startMs })
    const full = this.carriedBy({ ...finding, verdictId, mode }, evidenceOf(finding))
    const { rung, elements } = this.allowed(
      full,
      { mode, accountId, detector, recommendation: 'watch' },
      detectedAt,
    )
    const opened: Case = {
      verdictId,
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
      ...rung,
    }
    this.cases.put(key, opened)
    this.limits.take(opened, this.latestMs)
    const own = { ...finding, window: { ...finding.window, start: startMs } }
    this.publish(opened, own, { detectedAt, key, elements }, emit)
    if (mode === 'live' && 'kind' in finding) {
      this.correctWaiting(seriesKey(finding.accountId, finding.kind), emit)
    }
  }

  /** Spends of a budget on a p-value: the budget at which it would just have passed, undefined when it does not. */
  private test(pValue: number, budget: Budget): number | undefined {
    const { isRejected, level } = budget.test(pValue)
    return isRejected ? Math.min(1, (pValue / level) * budget.level) : undefined
  }

  /** The rung that the evidence and the people carry, whatever the policy keeps it below. */
  private carriedBy(
    { verdictId, accountId, mode }: Pick<Verdict, 'verdictId' | 'accountId' | 'mode'>,
    { controlEvents, controlPValue, disputed, found }: PublishedControl & { disputed: number },
  ): Rung {
    const confirmations = this.book.confirmations(verdictId)
    const earlierOffences = this.book.earlierOffences(accountId, mode, verdictId)
    const evidence = { controlEvents, controlPValue, disputed, confirmations, earlierOffences }
    const { ladder } = this.policy
    return found === undefined ? rungFor(evidence, ladder) : linkedRungFor(found, evidence, ladder)
  }

  private allowed(
    carried: Rung,
    {
      accountId,
      detector,
      mode,
      recommendation,
    }: Pick<Verdict, 'accountId' | 'detector' | 'mode' | 'recommendation'>,
    atMs: number,
  ): { rung: Rung; elements: Element[] } {
    const now = { account: this.accounts.get(accountId), detector, mode, recommendation }
    return this.limits.allowed(carried, now, { atMs, policy: this.policy })
  }

  /** A detector that the policy has switched off since, or no longer knows, is on trial. */
  private modeOf({ detector }: Pick<Verdict, 'detector'>): Mode {
    return this.policy.detectors[detector]?.mode === 'live' ? 'live' : 'shadow'
  }

  private revise(open: Case, finding: Finding | ClusterFinding, detectedAt: number, emit: Emit): void {
    open.lastMs = detectedAt
    const { accountId, offence, detector } = finding
    const { mode } = open
    const full = this.carriedBy({ verdictId: open.verdictId, accountId, mode }, evidenceOf(finding))
    const { recommendation } = open
    const { rung, elements } = this.allowed(full, { mode, accountId, detector, recommendation }, detectedAt)
    if (!this.isNews(open, finding, rung.recommendation)) return
    open.revision++
    open.status = 'escalated'
    open.startMs = Math.min(open.startMs, finding.window.start)
    open.counts = finding.counts
    Object.assign(open, membersOf(finding))
    if (isGraver(rung.recommendation, open.recommendation)) {
      Object.assign(open, rung)
      this.limits.take(open, this.latestMs)
    }
    const key = caseKey({ mode, offence, subject: subjectOf(finding).id })
    this.publish(open, finding, { detectedAt, key, elements }, emit)
    // What was only watched so far has hours that wait.
    if (recommendation === 'watch' && mode === 'live' && 'kind' in finding) {
      this.correctWaiting(seriesKey(accountId, finding.kind), emit)
    }
  }

  /** What was found is taken back: the case ends, and whoever acts on it hears so. */
  private clear(
    open: Case,
    finding: ClusterFinding,
    { detectedAt, key }: { detectedAt: number; key: string },
    emit: Emit,
  ): void {
    const { recommendation, counts } = finding
    this.cases.clear(key, detectedAt)
    const cleared: Case = { ...open, revision: open.revision + 1, status: 'cleared', recommendation, counts }
    this.publish(cleared, finding, { detectedAt, key, elements: [] }, emit)
  }

  /** A revision is worth publishing when the rung rises, or when it covers the case and disputes twice as much. */
  private isNews(open: Case, finding: Finding | ClusterFinding, recommendation: Recommendation): boolean {
    if (isGraver(recommendation, open.recommendation)) return true
    // What only corrects a number would leave out what a graver verdict rests on.
    if ('isCountOnly' in finding && isGraver(open.recommendation, 'correct-count')) return false
    // Whoever acts on a cluster needs its members; the network view tells of growth once in a while.
    if ('cluster' in finding) return (finding.cluster?.size ?? 0) > (open.members ?? 0)
    return finding.window.start <= open.startMs && finding.counts.disputed >= 2 * open.counts.disputed
  }

  private publish(
    open: Case,
    finding: Finding | ClusterFinding,
    { detectedAt, key, elements }: { detectedAt: number; key: string; elements: readonly Element[] },
    emit: Emit,
  ): void {
    const plain: Verdict = verdictFrom(open, { finding, detectedAt, policy: this.policy })
    const verdict = { ...plain, elements: [...plain.elements, ...elements] }
    const { controlEvents, controlPValue, found } = evidenceOf(finding)
    this.book.put({ verdict, key, kind: open.kind, controlEvents, controlPValue, found })
    this.counts.verdicts++
    this.putOut(verdict, emit)
  }

  /** Every verdict goes out here, so that none is outside the chain. */
  private putOut(verdict: Verdict, emit: Emit): void {
    const bytes = textEncoder.encode(JSON.stringify(verdict))
    emit(verdictOutput, bytes)
    emit(chainOutput, textEncoder.encode(JSON.stringify(this.chain.link(verdict, bytes))))
  }

  private correct(hour: HourCounts, emit: Emit): void {
    const key = seriesKey(hour.accountId, hour.kind)
    // A verdict from after another was overturned does not reach back to the hours that were given back with it.
    const givenBackMs = this.cases.givenBackMs(hour)
    const account = this.accounts.get(hour.accountId)
    const atHour = { fromMs: hour.hour, toMs: hour.hour }
    const open = this.cases
      .against(hour)
      .filter(
        (one) =>
          this.corrects(one) &&
          (hour.hour >= givenBackMs || one.startMs < givenBackMs) &&
          exemptionOf(account, one.offence, atHour, this.policy) === undefined,
      )
    const total = sumOf(hour.contents.map(({ counts }) => counts))
    const { minDisputed, minShare } = this.policy.correction
    const isDisputed = total.disputed >= minDisputed && total.disputed >= minShare * total.raw
    if (open.length === 0 || !isDisputed) {
      for (const correction of this.corrected.follow(hour)) this.publishCorrection(correction, emit)
    }
    if (open.length === 0) {
      const hours = (this.waiting.get(key) ?? []).filter((known) => known.hour !== hour.hour)
      hours.push(hour)
      this.waiting.set(key, hours.slice(-hoursWaiting))
      return
    }
    if (!isDisputed) return
    const verdictIds = open.map(({ verdictId }) => verdictId)
    for (const correction of this.corrected.correct(hour, verdictIds))
      this.publishCorrection(correction, emit)
  }

  /** Whether a case changes numbers: the policy lets it recommend that, and its detector has not been put on trial since. */
  private corrects({ recommendation, verdictId }: Case): boolean {
    const published = this.book.get(verdictId)
    return (
      isGraver(recommendation, 'watch') &&
      (published === undefined || this.modeOf(published.verdict) === 'live')
    )
  }

  private publishCorrection(correction: Correction, emit: Emit): void {
    this.counts.corrections++
    emit(correctionOutput, textEncoder.encode(JSON.stringify(correction)))
  }

  /** Says that a surge was seen and let pass: once a day, and again when it has grown to three times as much. */
  private letPass(surge: Surge, emit: Emit): void {
    const key = seriesKey(surge.accountId, surge.kind)
    const told = this.surges.get(key)
    if (this.cases.against(surge).length > 0 || (told !== undefined && surge.observed < 3 * told.observed))
      return
    this.surges.set(key, { atMs: surge.window.start, observed: surge.observed })
    this.counts.surges++
    emit(surgeOutput, textEncoder.encode(JSON.stringify(surge)))
  }

  /** Says what was let pass although it looks like an offence: once a day for each first of the accounts. */
  private exempt(exemption: Exemption, emit: Emit): void {
    const key = `${exemption.offence}|${exemption.accountIds[0]!}`
    if (this.surges.has(key)) return
    this.surges.set(key, { atMs: this.latestMs, observed: exemption.accountIds.length })
    emit(surgeOutput, textEncoder.encode(JSON.stringify(exemption)))
  }

  /** The same for what a person has granted, and for how long. */
  private tellExempt(
    { accountId, offence, window }: Finding | ClusterFinding,
    { owner, reason, until }: PolicyExemption,
    emit: Emit,
  ): void {
    this.counts.exempt++
    const told = `${reason} (exempt until ${until}, granted by ${owner})`
    this.exempt({ offence, accountIds: [accountId], window, reason: told }, emit)
  }

  private correctWaiting(key: string, emit: Emit): void {
    const hours = this.waiting.get(key) ?? []
    this.waiting.delete(key)
    for (const hour of hours) this.correct(hour, emit)
  }

  /** Lets event time pass: cases end, and what nobody can ask for any more is forgotten. */
  private advance(nowMs: number): void {
    this.cases.advance(nowMs, this.policy.caseHours * hourMs)
    for (const [key, hours] of this.waiting) {
      if (hours.at(-1)!.hour <= nowMs - hoursWaiting * hourMs) this.waiting.delete(key)
    }
    this.corrected.endHours(nowMs)
    for (const [key, { atMs }] of this.surges) if (atMs <= nowMs - dayMs) this.surges.delete(key)
  }
}

export interface DecideViewStats {
  readonly findings: number
  /** Revisions included. */
  readonly verdicts: number
  readonly corrections: number
  readonly surges: number
  /** Findings against whom the policy exempts, and those about what a person had looked at. */
  readonly exempt: number
  readonly overruled: number
  /** Policies that have taken over. */
  readonly policies: number
  readonly feedback: Readonly<Record<Heard, number>>
  /** Share of right verdicts by detector, as reviewers see it; of those that were reviewed. */
  readonly precision: Readonly<Record<string, number>>
  readonly policyVersion: string
  /** Event time up to which everything has been decided; 0 before the first epoch. */
  readonly decidedMs: number
  /** The share of wrong verdicts that is allowed, and how high the bar is for the next finding. */
  readonly budget: { readonly level: number } & Readonly<
    Record<Mode, { readonly bar: number; readonly tests: number }>
  >
  readonly evicted: number
}

/**
 * A verdict that was wrong, for those who try detectors and policies: neither may raise it again. A line of the surges, and
 * a case of a back-test.
 */
export interface Regression extends Pick<
  Verdict,
  | 'verdictId'
  | 'offence'
  | 'detector'
  | 'detectorVersion'
  | 'subject'
  | 'accountId'
  | 'mode'
  | 'window'
  | 'counts'
  | 'pValue'
  | 'policyVersion'
> {
  readonly type: 'regression'
  readonly overturnedAt: number
  readonly expected: 'none'
}

interface SavedDecided {
  readonly reached: ReachedInDay
  readonly latestMs: number
  readonly counts: Omit<
    DecideViewStats,
    'precision' | 'policyVersion' | 'decidedMs' | 'budget' | 'evicted'
  > & {
    readonly accountsEvicted: number
  }
}

/** What of a finding the ladder asks for. */
type PublishedControl = Pick<Published, 'controlEvents' | 'controlPValue' | 'found'>

function evidenceOf(finding: Finding | ClusterFinding): PublishedControl & { disputed: number } {
  const { disputed } = finding.counts
  if ('kind' in finding) {
    const { operatorEvents, control, isCountOnly = false } = finding
    return {
      // A rival can come without end as well, to whomever.
      controlEvents: isCountOnly ? 0 : operatorEvents,
      controlPValue: controlPValue(control),
      disputed,
      found: undefined,
    }
  }
  const { recommendation, role } = finding
  return { controlEvents: 0, controlPValue: 1, disputed, found: { recommendation, role } }
}

/**
 * What an exemption has to be past for a finding to count: the whole window of a number, which would else be held against
 * the account on the day after. What links accounts, or is a fact, lasts, and counts when it is found.
 */
function lookedBack(finding: Finding | ClusterFinding, toMs: number): { fromMs: number; toMs: number } {
  return { fromMs: 'kind' in finding ? finding.window.start : toMs, toMs }
}

function reviewElement(people: number, sentence: string): Element {
  return {
    element: 'review',
    test: 'decision of a person',
    observed: people,
    expected: 0,
    pValue: 1,
    sentence,
  }
}

function membersOf(finding: Finding | ClusterFinding): Pick<Case, 'members'> {
  return 'cluster' in finding && finding.cluster !== null ? { members: finding.cluster.size } : {}
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

function sumOf(counts: readonly Counts[]): { raw: number; disputed: number } {
  return counts.reduce(
    (sum, { raw, disputed }) => ({ raw: sum.raw + raw, disputed: sum.disputed + disputed }),
    { raw: 0, disputed: 0 },
  )
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const hoursWaiting = 25
const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()
