import type { ControlEvidence } from './control'
import type { JudgedKind, SeriesKind } from './event'
import type { LogSpan, Offence } from './records'
import type { Ruling } from './ruling'
import type { Family, SignName, TraitName } from './traits'

/** What the account view tells the decide view when an epoch has closed; a finding log record is one of these as JSON. */
export interface EpochReport {
  /** The account view's partition and its running number, so that a repeated record is seen. */
  readonly source: string
  readonly sequence: number
  /** The epoch that closed: its end is the event time of every decision that follows from it. */
  readonly endMs: number
  /** Up to here all has been told; absent where more of the epoch follows, null at the end of the input. */
  readonly passedMs?: number | null
  readonly findings: readonly Finding[]
  readonly hours: readonly HourCounts[]
  readonly surges: readonly Surge[]
  /** What people decided for the epoch; it comes before the findings. */
  readonly rulings?: readonly Ruling[]
  /** What has become known of accounts. */
  readonly accounts?: readonly AccountDetails[]
}

/** What the platform says of a public account: what exemptions and limits of the policy go by. */
export interface AccountDetails {
  readonly accountId: string
  readonly category?: string
  readonly grade?: string
  /** The network that it openly belongs to. */
  readonly network?: string
}

/** What a detector says of one account, kind and window. */
export interface Finding {
  readonly detector: string
  readonly detectorVersion: number
  readonly offence: Offence
  readonly accountId: string
  readonly kind: SeriesKind
  readonly window: { readonly start: number; readonly end: number }
  /** Chance of evidence like this, or stronger, with an honest audience. */
  readonly pValue: number
  /** How unusual the number alone is for this account: never enough to convict. */
  readonly surprise: { readonly observed: number; readonly expected: number; readonly pValue: number }
  /** One entry a family of evidence that was tested, the most telling trait of it. */
  readonly evidence: readonly FamilyEvidence[]
  /** The trait by which made events are told from honest ones; none while no trait is sure enough. */
  readonly tellingTrait?: TraitName | undefined
  readonly counts: Counts
  /** Events from the device of the account's own operator, which others share: evidence of control. */
  readonly operatorEvents: number
  /** What else was tested of who arranged it; empty where nothing was made beyond doubt. */
  readonly control: readonly ControlEvidence[]
  readonly eventIds: readonly string[]
  /** Where the events of the window lie in the log; the view adds it to what a detector says. */
  readonly positions?: readonly LogSpan[]
  /** A fact and no test of chance, so that it neither costs nor earns of the false-flag budget. */
  readonly isFact?: true
  /** It shows that the number is not one of people and nothing else, so that whatever is known of control counts for nothing. */
  readonly isCountOnly?: true
}

/** A number far beyond what is usual by an audience that looks honest: let pass, and said so. */
export interface Surge {
  readonly accountId: string
  readonly kind: JudgedKind
  readonly window: { readonly start: number; readonly end: number }
  readonly observed: number
  readonly expected: number
  readonly pValue: number
  /** What was tested of its audience. */
  readonly evidence: readonly FamilyEvidence[]
}

export interface FamilyEvidence {
  readonly family: Family
  readonly trait: SignName
  readonly observed: number
  readonly expected: number
  readonly pValue: number
}

export interface Counts {
  readonly raw: number
  readonly authentic: number
  readonly disputed: number
  /** Where the true number of honest events lies, nine times in ten. */
  readonly low: number
  readonly high: number
}

/** Counts of which nothing is in dispute. */
export function undisputed(raw: number): Counts {
  return { raw, authentic: raw, disputed: 0, low: raw, high: raw }
}

/** The counts of a suspected account's closed hour, content by content. */
export interface HourCounts {
  readonly accountId: string
  readonly kind: JudgedKind
  readonly hour: number
  readonly contents: readonly { readonly contentId: string; readonly counts: Counts }[]
}
