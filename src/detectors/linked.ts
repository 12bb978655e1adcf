import type { ActFamily, HandoverNote, UnusedNote } from '../model/acts'
import type { ClusterFinding, TieFamily } from '../model/cluster'
import { tieFamilies } from '../model/cluster'
import { atLeast, atMost } from '../model/nearest'
import type { Condition } from '../model/nearest'
import type { Element, Recommendation } from '../model/records'
import type { Detector, ParamsSchema } from './detector'

/** How one family of ties holds the members of a cluster together. */
export interface TieEvidence {
  readonly family: TieFamily
  /** Pairs of members that it ties, how many chance would tie, and the chance of as many. */
  readonly pairs: number
  readonly expected: number
  readonly pValue: number
  /** Members that it ties to another. */
  readonly members: number
  /** For a person: what they share or did, such as "the same four devices". */
  readonly sentence: string
}

export interface ClusterMember {
  readonly id: string
  readonly isAccount: boolean
}

/** What was measured of a cluster: who belongs to it, and what holds it together. */
export interface ClusterHistory {
  readonly id: string
  /** Accounts first, each sort by the number of its ties and then by id. */
  readonly members: readonly ClusterMember[]
  readonly window: { readonly start: number; readonly end: number }
  /** Joint acts, by what they were on: the largest number that a pair shares, and pairs that share any. */
  readonly acts: Readonly<Partial<Record<ActFamily, { readonly most: number; readonly pairs: number }>>>
  readonly ties: readonly TieEvidence[]
  /** Up to three of the texts that members share. */
  readonly texts: readonly string[]
  /** How many of the members belong to one openly declared network. */
  readonly declared: number
}

/** A tag, link or phrase, and who made it rise. */
export interface HotspotHistory {
  readonly family: ActFamily
  readonly name: string
  readonly cluster: ClusterHistory
  /** Of a sample of those who acted on it, how many there are and how many belong to the cluster. */
  readonly sampled: number
  readonly members: number
  /** The share of tied nodes among all who act in this family. */
  readonly usualShare: number
  readonly window: { readonly start: number; readonly end: number }
  /** Whom it is about: those who made it rise, or those whose posts about it they pushed. */
  readonly about: 'engagers' | 'authors'
  /** The accounts that published it, each with how many of the members acted on its posts; most first. */
  readonly pushed: readonly { readonly id: string; readonly by: number }[]
}

/** A post that claims to be original, and the older one that it nearly copies. */
export interface CopyHistory {
  readonly accountId: string
  readonly contentId: string
  readonly eventId: string
  readonly olderAccountId: string
  readonly timeMs: number
  readonly olderMs: number
  readonly likeness: number
  readonly coverage: number
  readonly letters: number
  readonly text: string
  /** How alike each such copy of the account within a month was, this one included, and from how many others they are. */
  readonly copies: readonly number[]
  readonly victims: number
}

/** Accounts that registered from one origin within a day. */
export interface RegistrationHistory {
  /** The same for as long as not a day passes without one. */
  readonly id: string
  readonly origin: 'device' | 'identity' | 'network'
  readonly accountIds: readonly string[]
  readonly eventIds: readonly string[]
  readonly window: { readonly start: number; readonly end: number }
  /** How many accounts such an origin brings on this platform on a day on which it brings any. */
  readonly expected: number
  /** Further things that they share, each of which counts as evidence of its own. */
  readonly sharing: readonly {
    readonly what: 'device' | 'identity' | 'network' | 'name'
    readonly accounts: number
  }[]
}

/** An account that is like one that was closed. */
export interface ReturnHistory {
  readonly accountId: string
  readonly closedAccountId: string
  readonly closedMs: number
  readonly registeredMs: number
  readonly eventIds: readonly string[]
  /** How many closed accounts the new one was compared with. */
  readonly compared: number
  /** What both have, each with the chance that an account has it without being the same. */
  readonly marks: readonly {
    readonly what: 'identity' | 'device' | 'network' | 'name' | 'operator' | 'texts'
    readonly pValue: number
    readonly sentence: string
  }[]
}

/** An account that registered and that nobody has used since, as far back as the stream would have shown it. */
export type UnusedHistory = Omit<UnusedNote, 'type' | 'node'>

/** An account that another runs than before: what changed with him, how often such things change, and who reads on. */
export type HandoverHistory = Omit<HandoverNote, 'type' | 'node'>

export type LinkedDetector<History> = Detector<History, object, ClusterFinding>

/** The accounts and the actors of a cluster in a sentence. */
export function inWords(members: readonly ClusterMember[]): string {
  const accounts = members.filter(({ isAccount }) => isAccount).length
  const actors = members.length - accounts
  const parts = [
    ...(accounts > 0 ? [`${accounts} account${accounts === 1 ? '' : 's'}`] : []),
    ...(actors > 0 ? [`${actors} actor${actors === 1 ? '' : 's'}`] : []),
  ]
  return parts.join(' and ')
}

/**
 * Families of ties that chance does not explain and that hold at least half of the members: what a few of them have in
 * common says nothing of the others.
 */
export function sureTies(
  { ties, members }: Pick<ClusterHistory, 'ties' | 'members'>,
  sure: number,
): TieEvidence[] {
  return ties.filter((tie) => tie.pValue <= sure && tie.members * 2 >= members.length)
}

/**
 * The rung that the ties of a cluster carry: one family of ties alone never sanctions, two warn, and a harder step needs
 * evidence of whose hand it is: his devices, or that he publishes for them. One verified identity is no second family,
 * since whoever shows it hides nothing: branches of a company have one.
 */
export function rungOf(ties: readonly TieEvidence[]): Recommendation {
  const hidden = ties.filter(({ family }) => family !== 'identities')
  if (hidden.length < 2) return 'watch'
  return hidden.some(({ family }) => family === 'devices' || family === 'operators') ? 'limit' : 'warn'
}

/**
 * The chance that what holds a cluster together is chance: that of its surest family, the choice among the families
 * paid for. The pairs within a family have paid for their own number already.
 */
export function clusterPValue(ties: readonly TieEvidence[]): number {
  const least = Math.min(1, ...ties.map(({ pValue }) => pValue))
  return Math.min(1, least * Math.max(1, ties.length))
}

/** The element of law that a family of ties shows. */
export function tieElement(tie: TieEvidence): Element {
  const { family, pairs, expected, pValue, sentence } = tie
  return {
    element: elementOf[family],
    test: testOf[family],
    observed: pairs,
    expected: Number(expected.toPrecision(4)),
    pValue,
    sentence,
  }
}

const elementOf: Readonly<Record<TieFamily, string>> = {
  'joint-action': 'false-traffic',
  texts: 'likeness',
  links: 'batch',
  devices: 'common-control',
  networks: 'common-control',
  identities: 'common-control',
  operators: 'common-control',
}
const byChance =
  'pairs that meet on more objects of different owners than a Poisson chance from both histories and the objects’ popularity, false discoveries controlled over all pairs'
const testOf: Readonly<Record<TieFamily, string>> = {
  'joint-action': byChance,
  texts: `${byChance}; texts are alike from a Jaccard of 0.7 on, or with three tenths of the shorter one in common passages`,
  links: byChance,
  devices: 'pairs on one device, Poisson against how many nodes the device has on the platform',
  networks: 'pairs in one network of at most fifty nodes, Poisson against how many the network has',
  identities: 'pairs with one verified identity',
  operators: 'pairs that one actor publishes for',
}

/** Settings that detectors over clusters share. */
export interface ClusterParams {
  readonly minMembers: number
  readonly minMembersTied: number
  readonly surePValue: number
}
export const clusterParams: ParamsSchema<ClusterParams> = {
  minMembers: {
    default: 5,
    min: 3,
    max: 1000,
    meaning: 'members of a cluster of which nothing shows who controls it, below which it is not judged',
  },
  minMembersTied: {
    default: 3,
    min: 2,
    max: 1000,
    meaning:
      'members below which it is not judged even where they share devices, networks, identities or operators',
  },
  surePValue: {
    default: 1e-4,
    min: 1e-12,
    max: 0.01,
    meaning: 'chance below which a family of ties counts as evidence',
  },
}

/** Whether a cluster is large enough to be judged; evidence of control lowers what is enough. */
export function isLargeEnough(size: number, ties: readonly TieEvidence[], params: ClusterParams): boolean {
  const hasControl = ties.some(({ family }) => tieFamilies[family] === 'control')
  return size >= (hasControl ? params.minMembersTied : params.minMembers)
}

/** What a detector over a cluster asks for; `telling` are the families of ties that make its offence. */
export function clusterConditions(
  history: ClusterHistory,
  params: ClusterParams,
  telling: readonly TieFamily[],
): Condition[] {
  const { members, ties } = history
  const sure = sureTies(history, params.surePValue)
  const hasControl = sure.some(({ family }) => tieFamilies[family] === 'control')
  return [
    atLeast('members', members.length, hasControl ? params.minMembersTied : params.minMembers),
    ...ties.flatMap(({ family, pValue, expected, members: tied }) => [
      atMost('tie', pValue, params.surePValue, { of: family, expected }),
      atLeast('tied-members', tied, Math.ceil(members.length / 2), { of: family }),
    ]),
    atLeast('tie-families', sure.filter(({ family }) => telling.includes(family)).length, 1),
  ]
}

/** The part of a verdict that names a cluster. */
export function clusterOf({ id, members }: ClusterHistory): NonNullable<ClusterFinding['cluster']> {
  return { id, size: members.length, members: members.slice(0, mostNamed).map((member) => member.id) }
}

const mostNamed = 200
