import type { Element, Offence, Window } from './records'

/**
 * What a detector asks for before it speaks up. Each has words in `explain/words/`, so that a new one is told of in
 * every language.
 */
export const conditionNames = [
  /** Events in the window. */
  'count',
  /** The share of one trait; `needed` is the honest share and what it must be exceeded by. */
  'trait',
  /** Families of evidence that honest chance does not explain, and hard ones among them. */
  'families',
  'hard-families',
  /** Events in dispute. */
  'disputed',
  /** The chance of it all under honest behaviour; met when it is at most `needed`. */
  'chance',
  /** Others that it is tied to. */
  'partners',
  /** Members of its cluster. */
  'members',
  /** The chance of one family of ties, and how many members it ties. */
  'tie',
  'tied-members',
  /** Families of ties of the sort that the offence is about. */
  'tie-families',
  /** Members of its cluster among those who made something rise, and their share. */
  'hot-members',
  'hot-share',
  /** Accounts whose posts were pushed. */
  'pushed-accounts',
  /** How much of a post is an older one of somebody else, and how many such posts there were. */
  'likeness',
  'copies',
  /** Accounts registered from the same origin, and how many have a second thing in common. */
  'registrations',
  'shared',
  /** The chance of having something in common with a closed account, and how many such things. */
  'mark',
  'marks',
  /** Clicks that need an impression; impressions; devices with far too many of them. */
  'needing',
  'impressions',
  'heavy-devices',
  /** One of a number's shares beside another number, by its sign; `needed` is the usual one, so many times or so much less. */
  'rate',
  /** The chance of so many who leave. */
  'departures',
  /** Whether a registration is known that nobody has used since; days without use; hours in which nobody at all was heard. */
  'unused',
  'unused-days',
  'silence',
  /** For how long, and by how many acts, it is known who runs the account. */
  'known-days',
  'known-acts',
  /** For how long, and by how many acts, another has run it. */
  'newcomer-days',
  'newcomer-acts',
  /** Whether another publishes for good; one of what he brings, and how many of these there are. */
  'operator',
  'hand',
  'hands',
  /** The chance of a change in one habit, and how many hands and habits have changed. */
  'habit',
  'changes',
  /** Of the readers of before, those who came back. */
  'readers',
  /** Declarations of the transfer; none may be there. */
  'declared',
] as const
export type ConditionName = (typeof conditionNames)[number]

/** One thing that a detector asks for, what was measured, and whether that is enough. */
export interface Condition {
  readonly name: ConditionName
  /** The trait, the family of ties, the origin or the mark that it is about. */
  readonly of?: string
  readonly observed: number
  readonly needed: number
  readonly isMet: boolean
  /** What honest behaviour gives, and the chance of what was observed, where that was tested. */
  readonly expected?: number
  readonly pValue?: number
}

/** How near an account came to a finding of one offence. */
export interface NearMiss {
  readonly offence: Offence
  readonly detector: string
  readonly window: Window
  /** Chance of what was measured under honest behaviour; 1 where there was too little to test. */
  readonly pValue: number
  readonly conditions: readonly Condition[]
  /** What was found, where it came as far as a finding. */
  readonly elements: readonly Element[]
}

/** A condition that is met from `needed` on. */
export function atLeast(
  name: ConditionName,
  observed: number,
  needed: number,
  more: Pick<Condition, 'of' | 'expected' | 'pValue'> = {},
): Condition {
  return { name, ...more, observed, needed, isMet: observed >= needed }
}

/** A condition that is met up to `needed`: a chance. */
export function atMost(
  name: ConditionName,
  observed: number,
  needed: number,
  more: Pick<Condition, 'of' | 'expected'> = {},
): Condition {
  return { name, ...more, observed, needed, isMet: observed <= needed }
}

/** What keeps it from a finding. Single traits, ties, marks, hands and habits are not asked for; enough of any of them is. */
export function missingIn({ conditions }: Pick<NearMiss, 'conditions'>): Condition[] {
  return conditions.filter((one) => !one.isMet && !isOneOfSeveral(one))
}

/** Whether it is asked for only as one of several, of which enough must be there. */
export function isOneOfSeveral({ name }: Pick<Condition, 'name'>): boolean {
  return oneOfSeveral.has(name)
}

const oneOfSeveral: ReadonlySet<ConditionName> = new Set([
  ...(['trait', 'tie', 'tied-members', 'mark'] as const),
  ...(['hand', 'habit'] as const),
])

/** Nearest first: who lacks least, then who is least explained by chance. */
export function byNearness(one: NearMiss, other: NearMiss): number {
  return (
    missingIn(one).length - missingIn(other).length ||
    one.pValue - other.pValue ||
    (one.offence < other.offence ? -1 : 1)
  )
}
