import type { MaybeEntry } from './habits'
import type { Front } from './weather'
import type { Article } from './writing/articles'

/** How hard a campaign is to see. */
export const strengths = ['blatant', 'moderate', 'stealth'] as const
export type Strength = (typeof strengths)[number]

/** The offences that the simulator commits, or that something honest might be mistaken for. */
export type SimulatedOffence =
  | 'inflated-subscriptions'
  | 'inflated-clicks'
  | 'inflated-forwards'
  | 'inflated-comments'
  | 'manipulated-click-through'
  | 'abnormal-unsubscription'
  | 'batch-homogeneous-posting'
  | 'steered-accounts'
  | 'false-hotspot'
  | 'forged-originality'
  | 'bulk-registration'
  | 'reincarnated-account'
  | 'dormant-account'
  | 'undeclared-transfer'

/**
 * Something out of the ordinary: who does what and when, and what it is in truth. A campaign moves numbers with engagement
 * that was bought; everything else is honest, however sudden.
 */
export interface Burst {
  /** The name by which results are told apart. */
  readonly attack: string
  readonly campaign: string
  readonly offence: SimulatedOffence | null
  /** What else it committed on the way. */
  readonly also?: readonly SimulatedOffence[]
  readonly strength?: Strength
  /** The operator's own devices took part. */
  readonly isSelfRun?: boolean
  /** By what it could be told that the account arranged it, whoever was hired. */
  readonly tie?: string
  /** The burst whose actors did the work, where they belong to no single one. */
  readonly crew?: string
  /** When it could first be told; where it is missing, when the first made event happened. */
  readonly beginsMs?: number
  /** The accounts concerned, and whether they are to blame. */
  readonly accounts: readonly number[]
  readonly accountLabel: 'fraud' | 'honest'
  /** Those who took part, and whether they are an honest audience. */
  readonly actors: readonly number[]
  readonly actorLabel: 'fraud' | 'honest'
  readonly deeds: readonly Deed[]
  readonly fronts: readonly Front[]
}

interface DeedOfSomebody {
  readonly timeMs: number
  readonly actor: number
  readonly account: number
  /** Where it is missing: the account's newest at that moment, or none for what needs none. */
  readonly content?: number
  /** Came through a back office, which knows no device and no address. */
  readonly isBare?: boolean
  /** Paid for or made up; the account's number is the higher for it. */
  readonly isBought?: boolean
}

/** One thing that somebody does as part of a burst. */
export type Deed =
  | (DeedOfSomebody & { readonly kind: 'click'; readonly dwellMs: number; readonly referrer: MaybeEntry })
  | (DeedOfSomebody & { readonly kind: 'subscription'; readonly source: MaybeEntry })
  | (DeedOfSomebody & { readonly kind: 'unsubscription' })
  | (DeedOfSomebody & {
      readonly kind: 'forward'
      readonly channel: MaybeEntry
      readonly text?: string | undefined
    })
  | (DeedOfSomebody & { readonly kind: 'comment'; readonly text: string })
  | (DeedOfSomebody & { readonly kind: 'post'; readonly article: Article })
  | (DeedOfSomebody & { readonly kind: 'account'; readonly activity: string; readonly profile: string })
  | {
      readonly kind: 'impression'
      readonly timeMs: number
      readonly account: number
      readonly count: number
      /** Whose client counted; where it is missing, the platform did, for everybody. */
      readonly viewer?: number
    }
