import type { Burst, Deed, SimulatedOffence, Strength } from '../burst'
import type { Stage } from '../stage'
import { forwardText, remark } from '../texts'
import { dayMs, hourMs, minuteMs } from '../season'
import { article } from '../writing/articles'
import type { CopyKind } from '../writing/copies'
import { copyOf } from '../writing/copies'
import type { Member } from './members'
import { comings, equip, membersOf, pickOther } from './members'
import { fewReaders, ownPosts, posts } from './posting'

/** How far the copies of a batch lie apart. */
export const staggers = { now: minuteMs, '1h': hourMs, '24h': dayMs } as const
export type Stagger = keyof typeof staggers

/** A network of public accounts under one operator that publish copies of one text in batches. */
export interface NetworkOrder {
  readonly copies: CopyKind
  readonly size: number
  readonly stagger: Stagger
  /** The share of a member's posts that are its own, 0 to 0.95. */
  readonly ownShare: number
  readonly strength: Strength
  /** How many batches; each is another text. */
  readonly batches: number
  /** The members forward and comment each other's posts, and the same posts of others. */
  readonly isChatty: boolean
  /** By which results are told apart; made of the order where it is missing. */
  readonly attack?: string
}

export function planNetwork(stage: Stage, order: NetworkOrder): Burst {
  const { copies, size, stagger, ownShare, strength, isChatty } = order
  const members = equip(stage, strength, size)
  const batches = planBatches(stage, order, members)
  const copied = batches.flatMap((batch) => batch.deeds)
  const own = members.flatMap((member) => ownPosts(stage, member, ownCount(batches.length, ownShare)))
  return {
    attack: order.attack ?? `network-${strength}-${copies}-${size}-${stagger}-${Math.round(ownShare * 100)}`,
    campaign: stage.name,
    offence: 'batch-homogeneous-posting',
    also: alsoOf(strength),
    strength,
    beginsMs: batches[0]!.times[1]!,
    ...membersOf(members),
    accountLabel: 'fraud',
    actorLabel: 'fraud',
    deeds: [
      ...comings(stage, strength, members),
      ...copied,
      ...own,
      ...(isChatty ? batches.flatMap((batch) => chatter(stage, members, batch)) : []),
    ],
    fronts: [],
  }
}

/** Accounts under one control that publish nothing alike, but forward and comment the same within minutes of each other. */
export function planSteered(
  stage: Stage,
  order: { size: number; strength: Strength; occasions: number; lagMs?: number },
): Burst {
  const { random } = stage
  const { size, strength, occasions, lagMs } = order
  const members = equip(stage, strength, size)
  const marches = Array.from({ length: occasions }, (_, turn) => {
    const span = {
      startMs: stage.warmUpEndMs,
      endMs: Math.max(stage.warmUpEndMs + hourMs, stage.endMs - 3 * hourMs),
    }
    const timeMs = span.startMs + ((turn + random.uniform()) / occasions) * (span.endMs - span.startMs)
    return engageTogether(stage, members, random.pick(largeAccounts(stage)), timeMs, lagMs)
  })
  return {
    attack: `steered-${strength}-${size}`,
    campaign: stage.name,
    offence: 'steered-accounts',
    ...(strength === 'blatant' ? { also: ['bulk-registration' as const] } : {}),
    strength,
    beginsMs: Math.floor(secondOf(marches[0]!.map(({ timeMs }) => timeMs))),
    ...membersOf(members),
    accountLabel: 'fraud',
    actorLabel: 'fraud',
    deeds: [
      ...comings(stage, strength, members),
      ...members.flatMap((member) => ownPosts(stage, member, 2 + random.below(6))),
      ...marches.flat(),
    ],
    fronts: [],
  }
}

/** What a network under one control is guilty of besides its main offence. */
export function alsoOf(strength: Strength): readonly SimulatedOffence[] {
  return strength === 'blatant' ? ['steered-accounts', 'bulk-registration'] : ['steered-accounts']
}

export function secondOf(times: readonly number[]): number {
  return [...times].sort((left, right) => left - right)[1] ?? times[0] ?? 0
}

interface Batch {
  readonly deeds: readonly Deed[]
  readonly times: readonly number[]
  readonly published: readonly {
    readonly account: number
    readonly content: number
    readonly timeMs: number
  }[]
}

// Each batch begins in a stretch of its own, so that they lie over the whole run and the last one still ends within it.
function planBatches(stage: Stage, order: NetworkOrder, members: readonly Member[]): Batch[] {
  const { random } = stage
  const spanMs = staggers[order.stagger]
  const lastMs = Math.max(stage.warmUpEndMs + hourMs, stage.endMs - spanMs - hourMs)
  const stretchMs = (lastMs - stage.warmUpEndMs) / order.batches
  return Array.from({ length: order.batches }, (_, turn) => {
    const startMs = stage.warmUpEndMs + (turn + random.uniform()) * stretchMs
    return planBatch(stage, order, members, { startMs, spanMs })
  })
}

function planBatch(
  stage: Stage,
  { copies }: NetworkOrder,
  members: readonly Member[],
  { startMs, spanMs }: { startMs: number; spanMs: number },
): Batch {
  const { random } = stage
  const source = article(random, copies === 'translated' ? { language: 'zh' } : {})
  // Now and then one is left out; a batch has at least three.
  const taking = random.sample(members, Math.max(3, members.length - random.poisson(0.08 * members.length)))
  const published = taking.map((member, place) => ({
    member,
    account: member.account,
    content: stage.newContent(),
    timeMs: Math.floor(startMs + (place === 0 ? 0 : random.uniform() * spanMs)),
  }))
  return {
    times: published.map(({ timeMs }) => timeMs).sort((left, right) => left - right),
    published,
    deeds: published.flatMap(({ member, account, content, timeMs }, place) => [
      posts(member, timeMs, place === 0 ? source : copyOf(source, copies, random), content),
      ...fewReaders(stage, account, content, timeMs, 1.5),
    ]),
  }
}

/** So many own articles that they are the share of all that the member publishes. */
function ownCount(copies: number, ownShare: number): number {
  return Math.round((copies * ownShare) / (1 - ownShare))
}

// Members push each other's posts, and now and then a post of somebody large.
function chatter(stage: Stage, members: readonly Member[], { published }: Batch): Deed[] {
  const { random } = stage
  const pushed = published.flatMap(({ account, content, timeMs }) =>
    random.sample(members, Math.ceil(members.length * 0.4)).flatMap((member) => {
      if (member.account === account) return []
      const laterMs = timeMs + minuteMs + random.exponential(15 * minuteMs)
      return [engages(stage, member, { account, content, timeMs: laterMs })]
    }),
  )
  const stranger = random.pick(largeAccounts(stage))
  const togetherMs = pickOther(published, published[0], random)!.timeMs + random.between(0, 2 * hourMs)
  return [...pushed, ...engageTogether(stage, members, stranger, togetherMs)]
}

// Within minutes of each other, most of them, unless said otherwise.
function engageTogether(
  stage: Stage,
  members: readonly Member[],
  account: number,
  timeMs: number,
  lagMs = 8 * minuteMs,
): Deed[] {
  const { random } = stage
  return members
    .filter(() => random.chance(0.85))
    .map((member) => engages(stage, member, { account, timeMs: timeMs + random.exponential(lagMs) }))
}

function engages(
  stage: Stage,
  { actor }: Member,
  { account, content, timeMs }: { account: number; content?: number; timeMs: number },
): Deed {
  const { random } = stage
  const base = {
    actor,
    account,
    timeMs: Math.floor(timeMs),
    isBought: true,
    ...(content === undefined ? {} : { content }),
  }
  return random.chance(0.6)
    ? { ...base, kind: 'forward', channel: 'timeline', text: forwardText(random) }
    : { ...base, kind: 'comment', text: remark(random) }
}

function largeAccounts(stage: Stage): number[] {
  const { ranked } = stage.world.accounts
  return [...ranked.subarray(0, Math.max(3, Math.floor(ranked.length / 10)))]
}
