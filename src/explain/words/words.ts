import type { HabitFamily, HandFamily } from '../../model/acts'
import type { SeriesKind } from '../../model/event'
import type { ExemptionReason, TieFamily } from '../../model/cluster'
import type { Condition, ConditionName } from '../../model/nearest'
import type {
  Element,
  Mode,
  Offence,
  Recommendation,
  Role,
  Status,
  SubjectType,
  Verdict,
} from '../../model/records'
import type { Family, ShareName, TraitName } from '../../model/traits'
import type { Change } from '../changes'
import type { ElementFact, Exoneration } from '../facts'
import type { NumberOffence } from '../offence-kind'

export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

/** The parts of a story, in their order. */
export const sectionNames = [
  'decision',
  'numbers',
  'elements',
  'events',
  'checks',
  'exonerating',
  'changes',
  'appeal',
  'history',
] as const
export type SectionName = (typeof sectionNames)[number]

/** What has to be shown, as detectors name it. */
export const legalElements = [
  'false-traffic',
  'unusual-number',
  'common-control',
  'presence',
  'coordination',
  'likeness',
  'batch',
  'repetition',
  'registration',
  'no-login',
  'no-use',
  'coverage',
  'notice',
  'change-of-hands',
  'change-of-habits',
  'same-audience',
  'not-declared',
  'use',
  'return',
  'declaration',
  'review',
  'limit-of-policy',
] as const
export type LegalElement = (typeof legalElements)[number]

/** What is told of one element. */
export interface ElementWords {
  /** How it was tested. */
  readonly test: string
  /** What was found. */
  readonly sentence: string
  /** Among what the chance counts: "honest audiences"; absent for a fact, which has no chance. */
  readonly among?: string
  /** What to do to see it for oneself, a step each. */
  readonly checks: readonly string[]
}

export type ElementTold = {
  readonly element: Element
  readonly verdict: Pick<
    Verdict,
    'accountId' | 'counts' | 'window' | 'offence' | 'cluster' | 'subject' | 'elements'
  >
}
type ByKind<Of extends { readonly kind: string }, Args extends unknown[], Result> = {
  readonly [Kind in Of['kind']]: (one: Extract<Of, { readonly kind: Kind }>, ...args: Args) => Result
}

export interface ShareWords {
  readonly meaning: string
  readonly test: string
  readonly among: string
  readonly check: (numbers: { raw: number; events: number; usual: number }) => string
}

/** Statuses of a verdict that no longer holds. */
export type FormerStatus = Extract<Status, 'cleared' | 'overturned'>

/** Everything that is ever said of a verdict, in one language: a part that is missing does not compile. */
export interface Words {
  readonly language: Language
  title(verdictId: string): string
  readonly sections: Readonly<Record<SectionName, string>>
  /** What the elements of a verdict that no longer holds are. */
  readonly formerElements: Readonly<Record<FormerStatus, string>>

  readonly offences: Readonly<Record<Offence, string>>
  readonly roles: Readonly<Record<Role, string>>
  readonly rungs: Readonly<Record<Recommendation, string>>
  readonly statuses: Readonly<Record<Status, string>>
  readonly modes: Readonly<Record<Mode, string>>
  readonly kinds: Readonly<Record<SeriesKind, string>>
  readonly subjects: Readonly<Record<SubjectType, string>>
  readonly legalElements: Readonly<Record<LegalElement, string>>
  /** What the counts of a verdict count where it is about no number. */
  readonly counted: Readonly<Record<Exclude<Offence, NumberOffence>, string>>
  /** Completes "… of these events", and how to see it. */
  readonly traits: Readonly<Record<TraitName, { readonly meaning: string; readonly check: string }>>
  /** The same for a share that is no mark of a single event; how it is tested, and among what its chance counts. */
  readonly shares: Readonly<Record<ShareName, ShareWords>>
  readonly hands: Readonly<Record<HandFamily, string>>
  readonly habits: Readonly<Record<HabitFamily, string>>
  readonly families: Readonly<Record<Family, string>>
  readonly tieFamilies: Readonly<Record<TieFamily, string>>
  readonly instruments: Readonly<Partial<Record<string, string>>>
  /** An article of an instrument, and a numbered item of it. */
  statute(instrument: string, article: number, item: number | undefined): string
  /** A rule that is known here by the name alone that a policy gives it. */
  unknownStatute(name: string): string

  readonly elements: ByKind<ElementFact, [told: ElementTold], ElementWords>
  readonly exonerations: ByKind<Exoneration, [], string>
  readonly changes: ByKind<Change, [], string>
  /** A legal element and its sentence; its test; what was measured of it and the chance. */
  element(told: { title: string; sentence: string }): string
  tested(test: string): string
  /** What was found, where nothing is known of the detector: its own words, and that they are its own. */
  quoted(sentence: string): string

  /** The chance of something under honest behaviour, among what it counts. */
  chance(pValue: number, among: string): string
  decided(verdict: Verdict, at: { from: string; to: string; detectedAt: string }): string
  about(verdict: Verdict, name: { subject: string; account: string }): string
  by(verdict: Verdict): string
  until(verdict: Verdict, time: string): string
  /** In the place of a recommendation, where there is none any more. */
  readonly nothingRecommended: Readonly<Record<FormerStatus, string>>
  underStatutes(statutes: readonly string[]): string
  budget(verdict: Verdict): string
  /** In the place of a chance, where all was looked up. */
  readonly isFact: string
  counts(verdict: Verdict): string
  /** In the place of counts, where nothing was counted. */
  readonly nothingCounted: string
  observed(observed: string, expected: string, chance: string): string
  members(size: number, names: string, isAll: boolean): string
  samples(ids: string): string
  readonly noSamples: string
  positions(spans: string): string
  text(text: string): string
  lookUp(ids: string): string
  take(verdict: ElementTold['verdict'], at: { from: string; to: string; account: string }): string
  readonly nothingExonerates: string
  otherPolicy(names: { decided: string; shown: string }): string
  readonly nothingChanges: string
  /** In the place of changes and of an appeal, where a verdict no longer holds. */
  readonly holdsNoLonger: string
  readonly isOverturned: string
  /** To whom it concerns; then to the reviewer, before and behind the record. */
  readonly appeal: readonly [help: string, how: string, sent: string]
  revision(verdict: Verdict, time: string): string
  readonly onlyLatest: string

  /** Why there is no verdict. */
  readonly whyNot: {
    title(account: string, asOf: string | undefined): string
    hasVerdicts(account: string, verdictIds: string): string
    readonly nothing: string
    miss(offence: string, at: { detector: string; from: string; to: string }): string
    readonly now: string
    readonly past: string
    missing(conditions: readonly string[]): string
    readonly nothingMissing: string
    readonly met: string
    readonly unmet: string
    chance(pValue: string): string
    exempt(offence: string, reason: string): string
    /** The reason that somebody gave for an exemption of the policy. */
    granted(exemption: { reason: string; owner: string; until: string }): string
    readonly exemptions: Readonly<Record<ExemptionReason, string>>
    elsewhere(views: string): string
    readonly conditions: Readonly<Record<ConditionName, (condition: Condition) => string>>
  }
}
