import { controlTests } from '../model/control'
import type { ControlStrength } from '../model/control'
import type { SeriesKind } from '../model/event'
import type { ClusterFinding } from '../model/cluster'
import type { Finding } from '../model/finding'
import type { Offence, Subject, Verdict } from '../model/records'
import { families, shares, traits } from '../model/traits'
import type { Policy } from '../policy/policy'
import { controlSentences } from './control-sentences'
import type { Case } from './case-book'

/** Whom a finding is about: the account whose number moved, or what a detector of linked accounts names. */
export function subjectOf(finding: Finding | ClusterFinding): Subject {
  return 'subject' in finding ? finding.subject : { type: 'account', id: finding.accountId }
}

/** The verdict of a case as it is published: the finding in words and numbers that a person can check. */
export function verdictFrom(
  open: Case,
  { finding, detectedAt, policy }: { finding: Finding | ClusterFinding; detectedAt: number; policy: Policy },
): Verdict {
  const { raw, authentic, disputed } = finding.counts
  return {
    verdictId: open.verdictId,
    revision: open.revision,
    status: open.status,
    offence: open.offence,
    subject: subjectOf(finding),
    accountId: finding.accountId,
    role: open.role,
    recommendation: open.recommendation,
    mode: open.mode,
    score: rounded('score' in finding ? finding.score : raw === 0 ? 0 : disputed / raw),
    pValue: finding.pValue,
    qValue: open.qValue,
    window: finding.window,
    detectedAt,
    counts: { raw, authentic, disputed },
    ...('cluster' in finding && finding.cluster !== null ? { cluster: finding.cluster } : {}),
    elements:
      'elements' in finding
        ? [...finding.elements]
        : [...trafficElements(finding), volumeElement(finding), ...controlElements(finding)],
    evidence: {
      eventIds: [...finding.eventIds],
      texts: 'texts' in finding ? [...finding.texts] : [],
      positions: [...(finding.positions ?? [])],
    },
    exonerating: 'exonerating' in finding ? [...finding.exonerating] : exonerating(finding),
    detector: finding.detector,
    detectorVersion: finding.detectorVersion,
    policyVersion: policy.version,
    statutes: policy.statutes[open.offence] ?? [],
    expiresAt: detectedAt + policy.ladder.expiryDays[open.recommendation] * dayMs,
  }
}

/** One sentence that says what was found and why, for a list of verdicts. */
export function headline(verdict: Pick<Verdict, 'counts' | 'offence' | 'elements' | 'role'>): string {
  const strongest = verdict.elements.find(({ element }) => element === 'false-traffic')
  const { raw, disputed } = verdict.counts
  if (!verdict.offence.startsWith('inflated-')) {
    return `${verdict.offence}: ${verdict.elements.map(({ sentence }) => sentence).join(' ')}`
  }
  return `${disputed} of ${raw} ${plural(verdict.offence)} are not by an audience: ${strongest?.sentence ?? ''}`
}

function trafficElements(finding: Finding): Verdict['elements'][number][] {
  const { evidence, isCountOnly = false } = finding
  return (
    evidence
      .filter(({ pValue }) => pValue <= tellingPValue)
      // That many came again and again is the same fact as that they came without end, and is not told twice.
      .filter(({ family }) => !isCountOnly || families[family] === 'alone')
      .sort((a, b) => a.pValue - b.pValue)
      .map(({ trait, observed, expected, pValue }) => ({
        element: 'false-traffic',
        test: `share of ${trait}, beta-binomial against ${usualBy[trait] ?? "the platform and the account's own past"}`,
        observed: rounded(observed),
        expected: rounded(expected),
        pValue,
        sentence: `${percent(observed)} of the ${kindWords[finding.kind]} ${during(finding)} ${meaningOf(trait)}; ${percent(expected)} is usual.`,
      }))
  )
}

function volumeElement({ surprise, kind, window }: Finding): Verdict['elements'][number] {
  return {
    element: 'unusual-number',
    test: 'upper tail against the seasonal baseline; never enough alone',
    observed: surprise.observed,
    expected: rounded(surprise.expected),
    pValue: surprise.pValue,
    sentence: `There were ${surprise.observed} ${kindWords[kind]} ${during({ window })}, where about ${Math.round(surprise.expected)} were to be expected.`,
  }
}

function controlElements(finding: Finding): Verdict['elements'][number][] {
  return finding.isCountOnly === true ? [] : [...operatorElements(finding), ...testedElements(finding)]
}

function operatorElements(finding: Finding): Verdict['elements'][number][] {
  if (finding.operatorEvents === 0) return []
  return [
    {
      element: 'common-control',
      test: "events from a device that the account's operator publishes from and five or more actors use",
      observed: finding.operatorEvents,
      expected: 0,
      pValue: finding.pValue,
      sentence: `${finding.operatorEvents} of the ${kindWords[finding.kind]} ${during(finding)} came from the device of the account's own operator, under five or more names.`,
    },
  ]
}

/** The tests of who arranged it, each with what it counted; the last says what would overturn them. */
function testedElements({ control }: Finding): Verdict['elements'][number][] {
  const shown = control.filter(({ pValue }) => pValue <= shownPValue)
  return shown.map((evidence) => {
    const { test, observed, expected, pValue } = evidence
    const { how, found, overturnedBy } = controlSentences[test]
    return {
      element: controlElementOf[controlTests[test]],
      test: how,
      observed,
      expected: rounded(expected),
      pValue,
      sentence: `${found(evidence, Number(expected.toPrecision(2)))} ${overturnedBy}`,
    }
  })
}

function exoneratingOf({ control }: Finding): string[] {
  return control
    .filter(({ pValue }) => pValue > shownPValue)
    .map((evidence) => controlSentences[evidence.test].notFound(evidence))
}

/** What was tested and speaks for the account. */
function exonerating(finding: Finding): string[] {
  const usual = finding.evidence
    .filter(({ pValue }) => pValue > 0.05)
    .map(
      ({ trait, observed, expected }) =>
        `${percent(observed)} of them ${meaningOf(trait)}, which is usual (about ${percent(expected)}).`,
    )
  if (finding.operatorEvents === 0) usual.push("None of it came from a device of the account's own operator.")
  if (finding.kind === 'unsubscription' && finding.operatorEvents === 0)
    usual.push('Anybody can send an account subscribers and take them away; nothing shows that this one did.')
  usual.push(...exoneratingOf(finding))
  if (finding.surprise.pValue > 0.05) usual.push('The number as such is not unusual for this account.')
  return usual
}

function meaningOf(name: string): string {
  return [...traits, ...shares].find((sign) => sign.name === name)?.meaning ?? name
}

function during({ window }: Pick<Finding, 'window'>): string {
  return `from ${minute(window.start)} to ${minute(window.end)} UTC`
}

function minute(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`
}

/** Four digits are enough to check, and the same on every machine. */
function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

function plural(offence: Offence): string {
  return offence.replace('inflated-', '')
}

const kindWords: Readonly<Record<SeriesKind, string>> = {
  subscription: 'subscriptions',
  click: 'clicks',
  forward: 'forwards',
  comment: 'comments',
  unsubscription: 'unsubscriptions',
  impression: 'impressions',
}
const tellingPValue = 1e-3
const shownPValue = 0.05
/** Where what is usual of a share does not come from the platform and the account's own past. */
const usualBy: Readonly<Partial<Record<string, string>>> = {
  unexposed: "the account's own past and that of accounts like it",
  unclicked: "the account's own past and that of accounts like it",
  unanswered: "the account's own past and that of accounts like it",
  'heavy-device': 'a broad prior of honest shares',
  together: 'a broad prior of honest shares',
  brief: 'a broad prior of honest shares',
}
/** What supports is no proof of control, and is not called so. */
const controlElementOf: Readonly<Record<ControlStrength, string>> = {
  'own-hand': 'common-control',
  presence: 'presence',
  outside: 'coordination',
}
const dayMs = 86_400_000
