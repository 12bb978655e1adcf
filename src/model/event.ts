/** The vocabulary of the contract: what an event may say, in the order in which blocks encode it. */

/** Every kind of event; its index here is its code in a block. Append only: logs on disk carry the codes. */
export const kinds = [
  'subscription',
  'click',
  'forward',
  'comment',
  'post',
  'impression',
  'account',
  'feedback',
  'policy',
] as const
export type Kind = (typeof kinds)[number]

/** The kinds whose numbers can be inflated, and are therefore judged; their codes are 0 to 3. */
export const judgedKinds = ['subscription', 'click', 'forward', 'comment'] as const
export type JudgedKind = (typeof judgedKinds)[number]

/** What a finding may be about: a judged kind, or what is counted apart from them and corrected in no number. */
export const seriesKinds = [...judgedKinds, 'unsubscription', 'impression'] as const
export type SeriesKind = (typeof seriesKinds)[number]
/**
 * The kinds by which people decide. They are few, they are never too late, they move no clock, and whoever only tells of
 * engagement must not be able to write them where it matters: see `ruling.ts`.
 */
export const rulingKinds = ['feedback', 'policy'] as const

/** What an event of a kind does; its index plus one is its code, 0 is an event without an action. */
export const actions = [
  'subscribe',
  'unsubscribe',
  'registered',
  'login',
  'transferred',
  'renamed',
  'closed',
  'confirmed',
  'overturned',
] as const
export type Action = (typeof actions)[number]

/**
 * The ways in which an actor can come to an event: a subscription's source, a click's referrer, a forward's channel.
 * The index plus one is the code, 0 is "not said".
 */
export const entries = [
  'search',
  'article',
  'qr-code',
  'advert',
  'recommendation',
  'import',
  'unknown',
  'feed',
  'chat',
  'direct',
  'external',
  'group',
  'timeline',
] as const
export type Entry = (typeof entries)[number]

/** Which entries a kind may name, and under which field. */
export const entryFields: Partial<Record<Kind, { field: string; values: readonly Entry[] }>> = {
  subscription: {
    field: 'source',
    values: ['search', 'article', 'qr-code', 'advert', 'recommendation', 'import', 'unknown'],
  },
  click: { field: 'referrer', values: ['feed', 'chat', 'search', 'direct', 'external', 'unknown'] },
  forward: { field: 'channel', values: ['chat', 'group', 'timeline', 'external'] },
}

/** Which actions a kind may name, and under which field; such a kind cannot do without. */
export const actionFields: Partial<Record<Kind, { field: string; values: readonly Action[] }>> = {
  subscription: { field: 'action', values: ['subscribe', 'unsubscribe'] },
  account: { field: 'activity', values: ['registered', 'login', 'transferred', 'renamed', 'closed'] },
  feedback: { field: 'decision', values: ['confirmed', 'overturned'] },
}

export function kindCode(kind: Kind): number {
  return kinds.indexOf(kind)
}

export function actionCode(action: Action): number {
  return actions.indexOf(action) + 1
}

export function entryCode(entry: Entry): number {
  return entries.indexOf(entry) + 1
}
