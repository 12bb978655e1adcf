import { accountDetectors, conductDetectors } from '../detectors'
import { departureConditions } from '../detectors/abnormal-unsubscription/detector'
import { audienceConditions } from '../detectors/audience'
import type { AudienceParams } from '../detectors/audience'
import { clickThroughConditions } from '../detectors/manipulated-click-through/detector'
import type { ClickThroughParams } from '../detectors/manipulated-click-through/params'
import type { Regression } from '../decide/decide-view'
import { exemptionReasons } from '../model/cluster'
import type { ClusterFinding, ClusterReport, Exemption, ExemptionReason } from '../model/cluster'
import type { EpochReport, Finding, Surge } from '../model/finding'
import { atMost, byNearness, isOneOfSeveral, missingIn } from '../model/nearest'
import type { Condition, NearMiss } from '../model/nearest'
import type { Offence, Verdict } from '../model/records'
import { isLater } from '../model/ruling'
import { suspicious } from '../model/significance'
import type { Policy } from '../policy/policy'
import { PolicyInForce } from '../policy/policy-in-force'
import type { AccountView } from '../views/account/account-view'
import type { NetworkView } from '../views/network/network-view'
import type { TraceView } from '../views/trace/trace-view'
import type { Told } from './layout'
import { nameOf, quoted } from './name'
import { moment, scientific } from './numbers'
import type { Item } from './story'
import { elementWords } from './story'
import type { Words } from './words/words'

/** Why an account has no verdict: how near it came, and what is missing. */
export interface WhyNot {
  readonly accountId: string
  /** Event time up to which the views have come; null where nobody was asked. */
  readonly asOf: number | null
  /** By what the views know now; nearest first. */
  readonly now: readonly NearMiss[]
  /** Of each offence the strongest finding, or let-off surge, in all that was read; nearest first. */
  readonly past: readonly NearMiss[]
  readonly exempt: readonly { readonly offence: Offence; readonly reason: string }[]
  /** Verdicts that concern it after all. */
  readonly verdictIds: readonly string[]
  /** Views that could not be asked, since another instance has them. */
  readonly elsewhere: readonly string[]
}

/** The views that know of accounts, as far as they are here. */
export interface AskedViews {
  readonly account?: AccountView | undefined
  readonly network?: NetworkView | undefined
  readonly trace?: TraceView | undefined
}

/** The views that are asked, in the order in which they are named. */
export const askedViews = ['account', 'network', 'trace'] as const satisfies readonly (keyof AskedViews)[]

/** Asks the views; undefined when all are here and none ever heard of the account. */
export function whyNotOf(accountId: string, views: AskedViews): WhyNot | undefined {
  const { account, network, trace } = views
  const told = [
    account?.nearest(accountId),
    network?.nearest(accountId),
    trace?.nearest(accountId, network?.accountNamed(accountId)),
  ]
  const elsewhere = askedViews.filter((name) => views[name] === undefined)
  if (elsewhere.length === 0 && told.every((misses) => misses === undefined)) return undefined
  return {
    accountId,
    asOf: account?.asOfMs ?? network?.asOfMs ?? trace?.asOfMs ?? null,
    now: told.flatMap((misses) => misses ?? []).sort(byNearness),
    past: [],
    exempt: network?.exemptionsOf(accountId) ?? [],
    verdictIds: [],
    elsewhere,
  }
}

/** Gathers what was ever found of one account while reports and outputs pass by, of each offence the strongest. */
export class Past {
  private readonly strongest = new Map<string, NearMiss>()
  private readonly exemptions = new Map<string, Exemption>()
  private readonly verdicts = new Map<string, Verdict>()
  /** How the id stands in a record, to pass over those that do not have it. */
  private readonly mark: Buffer
  /** The policies that have held, each from after a moment on. */
  private readonly policies: { readonly fromMs: number; readonly policy: Policy }[]
  private readonly inForce: PolicyInForce

  /** The policy is the one that the events were begun to be judged under. */
  constructor(
    private readonly accountId: string,
    policy: Policy,
  ) {
    this.mark = Buffer.from(JSON.stringify(accountId))
    this.policies = [{ fromMs: Number.NEGATIVE_INFINITY, policy }]
    this.inForce = new PolicyInForce(policy)
  }

  /** A record of the log of findings or of clusters; those of findings in their order. */
  report(record: Uint8Array): void {
    if (!isIn(record, this.mark) && !isIn(record, rulingsMark)) return
    const report = JSON.parse(textDecoder.decode(record)) as EpochReport | ClusterReport
    if ('rulings' in report) this.rule(report)
    for (const finding of report.findings) this.find(finding, report.endMs)
  }

  /** A line of the verdicts, or of what was let pass. */
  line(record: Uint8Array): void {
    if (!isIn(record, this.mark)) return
    const line = JSON.parse(textDecoder.decode(record)) as Verdict | Regression | Surge | Exemption
    // What an overturned verdict leaves among the surges has its id, and is no verdict: its last revision says the same.
    if ('type' in line) return
    if ('verdictId' in line) {
      if (concerns(line, this.accountId)) this.verdicts.set(line.verdictId, line)
    } else if ('accountIds' in line) {
      if (line.accountIds.includes(this.accountId))
        this.exemptions.set(`${line.offence} ${line.reason}`, line)
    } else if ('evidence' in line && line.accountId === this.accountId) {
      this.letPass(line)
    }
  }

  /** Completes what the views say. */
  addTo(whyNot: WhyNot): WhyNot {
    const told = new Map(whyNot.exempt.map((one) => [`${one.offence} ${one.reason}`, one]))
    for (const [key, { offence, reason }] of this.exemptions) told.set(key, { offence, reason })
    const standing = [...this.verdicts.values()].filter(({ status }) => status !== 'overturned')
    return {
      ...whyNot,
      past: [...this.strongest.values()].sort(byNearness),
      exempt: [...told.values()],
      verdictIds: standing.map(({ verdictId }) => verdictId),
    }
  }

  /** Notes which policy took over, as the views do: for the whole epoch in which it is told. */
  private rule({ rulings = [], endMs }: Pick<EpochReport, 'rulings' | 'endMs'>): void {
    const inOrder = [...rulings].sort((one, other) => (isLater(one, other) ? 1 : -1))
    for (const ruling of inOrder) {
      if (ruling.type !== 'policy') continue
      this.inForce.apply(ruling)
      const policy = this.inForce.current
      this.policies.push({ fromMs: endMs - policy.epochMs, policy })
    }
  }

  private policyAt(timeMs: number): Policy {
    return this.policies.findLast(({ fromMs }) => fromMs < timeMs)!.policy
  }

  private find(finding: Finding | ClusterFinding, atMs: number): void {
    if (!concerns(finding, this.accountId)) return
    const { offence, detector, window, pValue } = finding
    const elements = 'elements' in finding ? finding.elements : []
    const conditions =
      'elements' in finding
        ? [atMost('chance', pValue, suspicious)]
        : conditionsOf(finding, this.policyAt(atMs))
    this.keep({ offence, detector, window, pValue, conditions, elements })
  }

  private letPass({ kind, evidence, window, observed, expected, pValue: chance }: Surge): void {
    const surprise = { observed, expected, pValue: chance }
    for (const { name, offence } of accountDetectors[kind]) {
      const counts = { raw: observed, disputed: 0 }
      const measured = { detector: name, counts, evidence, pValue: 1, surprise }
      const conditions = conditionsOf(measured, this.policyAt(window.end))
      this.keep({ offence, detector: name, window, pValue: 1, conditions, elements: [] })
    }
  }

  private keep(miss: NearMiss): void {
    const known = this.strongest.get(miss.detector)
    if (known === undefined || miss.pValue < known.pValue) this.strongest.set(miss.detector, miss)
  }
}

/** What a detector asks for, and what there was of it in a finding. */
function conditionsOf(
  found: Pick<Finding, 'detector' | 'evidence' | 'pValue' | 'surprise'> & {
    readonly counts: Pick<Finding['counts'], 'raw' | 'disputed'>
  },
  { detectors }: Policy,
): Condition[] {
  const { detector, evidence, pValue, surprise } = found
  const { raw: count, disputed } = found.counts
  const settings: object | undefined = detectors[detector]
  const measured = { count, disputed, evidence, pValue, surprise }
  switch (detector) {
    case conductDetectors.manipulatedClickThrough.name:
      return clickThroughConditions(measured, settings as ClickThroughParams)
    case conductDetectors.abnormalUnsubscription.name:
      return departureConditions(measured, settings as AudienceParams)
    default:
      // A detector of another assay asks for nobody knows what.
      return settings === undefined
        ? [atMost('chance', pValue, suspicious)]
        : audienceConditions(measured, settings as AudienceParams)
  }
}

function isIn(record: Uint8Array, mark: Buffer): boolean {
  return Buffer.from(record.buffer, record.byteOffset, record.byteLength).includes(mark)
}

function concerns(
  told: { readonly accountId: string; readonly cluster?: Verdict['cluster'] },
  accountId: string,
): boolean {
  return told.accountId === accountId || told.cluster?.members.includes(accountId) === true
}

/** The same for a program: every condition with its sentence. */
export function structured(whyNot: WhyNot, words: Words): StructuredWhyNot {
  const withSentences = (misses: readonly NearMiss[]) =>
    misses.map(({ conditions, ...miss }) => ({
      ...miss,
      conditions: conditions.map((condition) => ({ ...condition, sentence: sentenceOf(condition, words) })),
    }))
  return { ...whyNot, now: withSentences(whyNot.now), past: withSentences(whyNot.past) }
}

export interface StructuredWhyNot extends Omit<WhyNot, 'now' | 'past'> {
  readonly now: readonly StructuredMiss[]
  readonly past: readonly StructuredMiss[]
}
interface StructuredMiss extends Omit<NearMiss, 'conditions'> {
  readonly conditions: readonly (Condition & { readonly sentence: string })[]
}

/** The same for a person. */
export function toldWhyNot(whyNot: WhyNot, words: Words): Told {
  const { accountId, asOf, now, past, exempt, verdictIds, elsewhere } = whyNot
  const account = nameOf(accountId)
  const opening = [
    ...(verdictIds.length === 0
      ? []
      : [words.whyNot.hasVerdicts(account, verdictIds.map(nameOf).join(', '))]),
    ...exempt.map(({ offence, reason }) =>
      words.whyNot.exempt(words.offences[offence], reasonIn(reason, words)),
    ),
    ...(elsewhere.length === 0 ? [] : [words.whyNot.elsewhere(elsewhere.join(', '))]),
    ...(now.length + past.length === 0 ? [words.whyNot.nothing] : []),
  ]
  return {
    title: words.whyNot.title(account, asOf === null ? undefined : moment(asOf)),
    sections: [
      ...(opening.length === 0 ? [] : [{ title: '', items: opening.map((text) => ({ text, details: [] })) }]),
      ...(now.length === 0
        ? []
        : [{ title: words.whyNot.now, items: now.map((miss) => missItem(miss, accountId, words)) }]),
      ...(past.length === 0
        ? []
        : [{ title: words.whyNot.past, items: past.map((miss) => missItem(miss, accountId, words)) }]),
    ],
  }
}

function missItem(miss: NearMiss, accountId: string, words: Words): Item {
  const { offence, detector, window, conditions, elements, pValue } = miss
  const missing = missingIn(miss).map((one) => sentenceOf(one, words))
  const [from, to] = [moment(window.start), moment(window.end)]
  const counts = {
    raw: conditions.find(({ name }) => name === 'count')?.observed ?? 0,
    authentic: 0,
    disputed: 0,
  }
  const about = {
    accountId,
    counts,
    window,
    offence,
    subject: { type: 'account', id: accountId },
    elements,
  } as const
  return {
    text: words.whyNot.miss(words.offences[offence], { detector, from, to }),
    details: [
      missing.length === 0 ? words.whyNot.nothingMissing : words.whyNot.missing(missing),
      ...toldOf(conditions).map(
        (one) => `[${one.isMet ? words.whyNot.met : words.whyNot.unmet}] ${sentenceOf(one, words)}`,
      ),
      ...elements.map((element) => elementWords(element, about, words).sentence),
      ...(pValue < 1 && !conditions.some(({ name }) => name === 'chance')
        ? [words.whyNot.chance(scientific(pValue))]
        : []),
    ],
  }
}

/** All that is met, and of traits and ties that are not, the three that came nearest. */
function toldOf(conditions: readonly Condition[]): Condition[] {
  const chanceOf = ({ pValue, observed }: Condition): number => pValue ?? observed
  const nearest = conditions
    .filter((one) => !one.isMet && isOneOfSeveral(one))
    .sort((a, b) => chanceOf(a) - chanceOf(b) || b.observed / b.needed - a.observed / a.needed)
    .slice(0, nearestTold)
  return [...conditions.filter(({ isMet }) => isMet), ...nearest]
}

function sentenceOf(condition: Condition, words: Words): string {
  return words.whyNot.conditions[condition.name](condition)
}

function reasonIn(reason: string, words: Words): string {
  const known = (Object.keys(exemptionReasons) as ExemptionReason[]).find(
    (key) => exemptionReasons[key] === reason,
  )
  if (known !== undefined) return words.whyNot.exemptions[known]
  const granted = /^(.*) \(exempt until (\S+), granted by (.*)\)$/s.exec(reason)
  if (granted === null) return words.quoted(reason)
  const [, why = '', until = '', owner = ''] = granted
  return words.whyNot.granted({ reason: quoted(why), until, owner: nameOf(owner) })
}

const nearestTold = 3
const rulingsMark = Buffer.from('"rulings":[{')
const textDecoder = new TextDecoder()
