import type { ActFamily, NodeId, Note } from './acts'
import type {
  Cluster,
  ClusterEvent,
  Counts,
  Element,
  LogSpan,
  Offence,
  Recommendation,
  Role,
  Subject,
} from './records'

/** What holds two nodes together. Families of conduct come from what they did, families of control from who is behind. */
export const tieFamilies = {
  'joint-action': 'conduct',
  texts: 'conduct',
  links: 'conduct',
  devices: 'control',
  networks: 'control',
  identities: 'control',
  operators: 'control',
} as const
export type TieFamily = keyof typeof tieFamilies

/** Which family of ties an act on an object makes. */
export const tieFamilyOf: Readonly<Record<ActFamily, TieFamily>> = {
  subscription: 'joint-action',
  click: 'joint-action',
  forward: 'joint-action',
  comment: 'joint-action',
  text: 'texts',
  passage: 'texts',
  link: 'links',
  tag: 'links',
  topic: 'links',
}

/** Two nodes that acted on the same objects at the same time more often than chance brings about. */
export interface JointTie {
  readonly family: ActFamily
  /** Within which time of each other, in ms. */
  readonly withinMs: number
  readonly a: NodeId
  readonly b: NodeId
  readonly count: number
  readonly expected: number
  readonly pValue: number
  readonly fromMs: number
  readonly toMs: number
  /** Of texts, how some of those begin that both published. */
  readonly texts?: readonly string[]
}

/** What is known of a node when a tie names it. */
export interface NodeFacts {
  readonly node: NodeId
  /** The id by which the platform knows it. */
  readonly id: string
  readonly isAccount: boolean
  readonly device: number
  readonly network: number
  /** How many nodes this device and this network have, about. */
  readonly deviceNodes: number
  readonly networkNodes: number
  /** What it did before it was tied, so far as that is remembered; only with its first tie. */
  readonly acts?: readonly PastAct[]
}

export interface PastAct {
  readonly family: ActFamily
  /** The low half of the pseudonym of the account that it moved. */
  readonly owner: number
  readonly timeMs: number
}

/** An object on which many acted within a day, a good part of them tied to others. */
export interface HotObject {
  readonly family: ActFamily
  /** The tag, the link, or how the text begins. */
  readonly name: string
  /** Those of a sample of its actors that are tied, and the size of the sample; small objects are sampled whole. */
  readonly tied: readonly NodeId[]
  readonly sampled: number
  /** Share of tied nodes among all who act in this family. */
  readonly usualShare: number
  readonly fromMs: number
  /** Of a tag, the accounts that published with it and whose posts tied nodes forwarded or commented on: by whom. */
  readonly pushed: readonly Pushed[]
}

/** A public account and those of the tied nodes that acted on its posts. */
export interface Pushed {
  readonly node: NodeId
  readonly by: readonly NodeId[]
}

/** What the crew view tells the network view when an epoch has closed; a record of the tie log as JSON. */
export interface TieReport {
  readonly sequence: number
  /** End of the epoch; null at the end of the input. */
  readonly endMs: number | null
  /** How many nodes are active, from which the number of pairs follows. */
  readonly nodesActive: number
  readonly ties: readonly JointTie[]
  readonly nodes: readonly NodeFacts[]
  readonly hot: readonly HotObject[]
  readonly notes: readonly Note[]
}

/** Who belongs to which cluster from this epoch on. */
export interface Membership {
  readonly node: NodeId
  /** Null when it belongs to none any more. */
  readonly cluster: string | null
  readonly acts?: readonly PastAct[]
  /** It never did belong to one, as a person has found: what it did before counts against nobody. */
  readonly isCleared?: true
}

/** What happened to a cluster. */
export interface ClusterChange {
  readonly cluster: string
  readonly change: 'born' | 'grown' | 'shrunk' | 'merged' | 'split' | 'died'
  readonly size: number
  /** The cluster that it came from or went into. */
  readonly other?: string
}

/** What happened to a cluster so far, oldest first; of a long life the events that tell most. */
export interface ClusterEvents {
  readonly clusterId: string
  readonly events: readonly ClusterEvent[]
}

/** What the network view tells the account view and the decide view; a record of the cluster log as JSON. */
export interface ClusterReport {
  readonly source: string
  readonly sequence: number
  readonly endMs: number
  /** As of an epoch report; null at the end of the input. */
  readonly passedMs: number | null
  readonly memberships: readonly Membership[]
  readonly changes: readonly ClusterChange[]
  readonly findings: readonly ClusterFinding[]
  readonly exempt: readonly Exemption[]
}

/** What a detector says of a cluster, or of one account beside others. */
export interface ClusterFinding {
  readonly detector: string
  readonly detectorVersion: number
  readonly offence: Offence
  readonly subject: Subject
  readonly accountId: string
  readonly role: Role
  readonly recommendation: Recommendation
  readonly window: { readonly start: number; readonly end: number }
  readonly pValue: number
  readonly score: number
  readonly counts: Counts
  readonly cluster: Cluster | null
  readonly elements: readonly Element[]
  readonly texts: readonly string[]
  readonly eventIds: readonly string[]
  /** Where the ties of the window lie in the log; the view adds it to what a detector says. */
  readonly positions?: readonly LogSpan[]
  readonly exonerating: readonly string[]
  /** A fact that was looked up, and no statistical test: it neither costs nor earns anything of the budget. */
  readonly isFact?: true
  /** Until when its case waits for what may clear it, however long nothing new comes. */
  readonly waitsUntilMs?: number
  /** It takes back what was found before: the elements say why. */
  readonly clears?: true
}

/** Why something that looks like an offence is none, as exemptions say it. */
export const exemptionReasons = {
  declared: 'they belong to one network that is openly declared',
  form: 'their posts are one form that is filled in again and again, such as the score of a game',
  official: 'they pass on an official notice',
  credit: 'their posts say whose the text is: syndication with credit',
} as const
export type ExemptionReason = keyof typeof exemptionReasons

/** What looks like an offence and is none, and why. */
export interface Exemption {
  readonly offence: Offence
  readonly accountIds: readonly string[]
  readonly window: { readonly start: number; readonly end: number }
  readonly reason: string
}
