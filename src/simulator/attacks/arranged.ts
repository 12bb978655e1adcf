import type { JudgedKind } from '../../model/event'
import type { Burst, Deed, Strength } from '../burst'
import { reads } from '../doings'
import { hourMs, minuteMs } from '../season'
import type { Stage } from '../stage'
import { slogans } from '../texts'
import { article, habitsOf } from '../writing/articles'
import { camouflage, deedOf, offences } from './campaign'
import type { Crew } from './crew'
import { recruit, recruitAt, recruitAtHome } from './recruits'
import type { Tactics } from './tactics'
import { tactics } from './tactics'

/**
 * How an account that arranges its own campaign has to do with it. `priming`: the hired hold the link before the post is
 * out. `sisters`: all accounts of one operator are served, partly from the devices that they are run from. `premises`: a
 * part works at the place from which the account is run, each time as long after a post. `own-device`: on its phone.
 */
export const ties = ['priming', 'sisters', 'premises', 'own-device'] as const
/**
 * What a rival who frames does to look like the account itself: comes within seconds of each post, serves all accounts of
 * one operator, keeps to a steady delay and to the hours of the account, works in its operator's office, or all of it.
 */
export const imitations = ['reacting', 'sisters', 'schedule', 'office', 'everything'] as const

export type Arrangement =
  | { readonly by: 'owner'; readonly way: (typeof ties)[number] }
  | { readonly by: 'rival'; readonly way: (typeof imitations)[number] }

export type ArrangedOrder = Arrangement & { readonly kind: JudgedKind; readonly strength: Strength }

/** Plans engagement for every post of an account, or of all accounts of one operator, over two days. */
export function planArranged(stage: Stage, order: ArrangedOrder, crew?: Crew): Burst {
  const { by, way, kind, strength } = order
  const tactic = tactics[strength][0]!
  const isFamily = way === 'sisters' || way === 'everything'
  const accounts = Array.from({ length: isFamily ? sistersServed : 1 }, () => stage.takeAccount(0.25, 0.95))
  const operators = operatorsOf(stage, order, accounts)
  const posts = accounts.flatMap((account) => postsOf(stage, account, operators, isFamily ? 6 : 8))
  const hands = Math.max(16, Math.round(handsOfKind[kind] * tactic.size))
  const hired = crew?.hire(handsOfCrew) ?? recruit(stage, tactic, hands)
  const inside = insiders(stage, order, tactic, { accounts, operator: operators[0]!, hands })
  const serving: Serving = {
    stage,
    order,
    tactic,
    hired,
    inside,
    texts: slogans(tactic.wordings, stage.random),
  }
  const own = [...(crew === undefined ? hired : []), ...inside.flatMap(({ actors }) => actors)]
  return {
    attack: `${by === 'rival' ? 'framed' : 'arranged'}-${way}-${kind}`,
    campaign: stage.name,
    offence: offences[kind],
    strength,
    isSelfRun: by === 'owner' && way === 'own-device',
    ...(by === 'owner' ? { tie: way } : {}),
    ...(crew === undefined ? {} : { crew: crew.name }),
    accounts,
    accountLabel: by === 'rival' ? 'honest' : 'fraud',
    actors: own,
    actorLabel: 'fraud',
    deeds: [
      ...posts.flatMap(({ deeds }) => deeds),
      ...posts.flatMap((post, place) => serve(serving, post, place)),
      ...camouflage(stage, tactic, own),
    ],
    fronts: [],
  }
}

interface Post {
  readonly account: number
  readonly content: number
  readonly timeMs: number
  readonly deeds: readonly Deed[]
}

/** People who work from where an account is run; `share` of what it gets is theirs. */
interface Insiders {
  readonly account: number
  readonly actors: readonly number[]
  readonly share: number
}

interface Serving {
  readonly stage: Stage
  readonly order: ArrangedOrder
  readonly tactic: Tactics
  readonly hired: readonly number[]
  readonly inside: readonly Insiders[]
  readonly texts: readonly string[]
}

/** Who publishes: for a family one operator everywhere, beside each account's own. */
function operatorsOf(stage: Stage, { by, way }: ArrangedOrder, accounts: readonly number[]): number[] {
  const { crowd, networks, accounts: all } = stage.world
  const [first] = accounts.map((account) => all.operator[account]!)
  if (by === 'owner' && way === 'premises') {
    // A line of its own, from which nobody else comes.
    const line = { home: networks.add('home'), work: -1, carrier: -1, otherDevice: -1 }
    return [crowd.add({ ...crowd.person(first!), ...line })]
  }
  return [first!]
}

/** What an account publishes, and the honest readers that it has for it. */
function postsOf(stage: Stage, account: number, [operator]: readonly number[], count: number): Post[] {
  const { random, world } = stage
  const own = habitsOf(random)
  const gapMs = (stage.endMs - stage.warmUpEndMs - 2 * hourMs) / count
  const readers = stage.readersOf(account, 60)
  return Array.from({ length: count }, (_, place) => {
    const timeMs = Math.floor(stage.warmUpEndMs + hourMs + (place + random.between(0.1, 0.9)) * gapMs)
    const content = stage.newContent()
    // Of a family each account is also published from its own phone.
    const author = place % 2 === 0 ? operator! : world.accounts.operator[account]!
    const post: Deed = {
      kind: 'post',
      timeMs,
      account,
      actor: author,
      content,
      article: article(random, own),
    }
    const honest = random.sample(readers, Math.min(readers.length, 10)).flatMap((actor) => {
      const readMs = Math.floor(timeMs + 15_000 + random.exponential(40 * minuteMs))
      const follow = { forwards: 0.25, comments: 0.25, subscribes: 0.1 }
      return reads(stage, { timeMs: readMs, actor, account, content }, follow)
    })
    return { account, content, timeMs, deeds: [post, ...honest.filter((deed) => deed.timeMs < stage.endMs)] }
  })
}

function insiders(
  stage: Stage,
  { by, way, strength }: ArrangedOrder,
  tactic: Tactics,
  { accounts, operator, hands }: { accounts: readonly number[]; operator: number; hands: number },
): Insiders[] {
  const share = insideShare[strength]
  const count = Math.max(8, Math.round(hands * share))
  if (by === 'owner' && way === 'premises') {
    const { home } = stage.world.crowd.person(operator)
    return [{ account: accounts[0]!, actors: recruitAt(stage, tactic, home, count), share }]
  }
  if (by === 'owner' && way === 'own-device')
    return [{ account: accounts[0]!, actors: recruitAtHome(stage, tactic, accounts[0]!, count), share }]
  if (by === 'owner' && way === 'sisters')
    return accounts.map((account) => ({
      account,
      actors: recruitAtHome(stage, tactic, account, count),
      share,
    }))
  if (way === 'office' || way === 'everything') {
    const { work, home } = stage.world.crowd.person(operator)
    return accounts.map((account) => ({
      account,
      actors: recruitAt(stage, tactic, work >= 0 ? work : home, count),
      share,
    }))
  }
  return []
}

/** What one post gets: a part of the hired, and of those inside, in a burst that begins as the order says. */
function serve(serving: Serving, post: Post, place: number): Deed[] {
  const { stage, order, tactic, hired, inside, texts } = serving
  const { random } = stage
  const { account, content } = post
  const crowd = random.sample(hired, Math.ceil(hired.length * (order.strength === 'stealth' ? 0.65 : 0.5)))
  // The devices of one account serve the others of its operator.
  const near = inside.filter((one) => order.way !== 'sisters' || one.account !== account)
  const helpers = near.flatMap(({ actors, share }) =>
    random.sample(actors, Math.min(actors.length, Math.max(6, Math.ceil(crowd.length * share)))),
  )
  const beginsMs = post.timeMs + delayMs(stage, order)
  const primed = order.way === 'priming' && (order.strength === 'blatant' || place % 5 !== 4)
  const early = primed ? Math.max(4, Math.round(crowd.length * primedShare[order.strength])) : 0
  return [...helpers, ...crowd].flatMap((actor, number): Deed[] => {
    const afterMs =
      number - early < atOnce(order) ? random.between(0, 500) : random.exponential(spreadMs[order.strength])
    const timeMs = Math.floor(
      number < early ? post.timeMs - random.between(10_000, 10 * minuteMs) : beginsMs + afterMs,
    )
    if (timeMs >= stage.endMs) return []
    const deed = deedOf(stage, order.kind, tactic, { timeMs, actor, account, isBought: true }, texts)
    return [order.kind === 'subscription' ? deed : { ...deed, content }]
  })
}

/** How many come with the first of them: a rival's program that watches sends a dozen at once. */
function atOnce({ by, way }: ArrangedOrder): number {
  return by === 'rival' && (way === 'reacting' || way === 'everything') ? 12 : 1
}

/** From a post to the first of what was bought for it. */
function delayMs({ random }: Stage, { by, way }: ArrangedOrder): number {
  if (by === 'rival' && (way === 'reacting' || way === 'everything')) return random.between(800, 2_500)
  const isSteady = (by === 'owner' && way === 'premises') || way === 'schedule'
  return isSteady ? 90_000 * random.between(0.985, 1.015) : random.between(2, 40) * minuteMs
}

const sistersServed = 4
const handsOfCrew = 62
const handsOfKind: Readonly<Record<JudgedKind, number>> = {
  subscription: 130,
  click: 130,
  forward: 100,
  comment: 100,
}
const insideShare: Readonly<Record<Strength, number>> = { blatant: 0.3, moderate: 0.2, stealth: 0.12 }
const primedShare: Readonly<Record<Strength, number>> = { blatant: 0.4, moderate: 0.2, stealth: 0.12 }
const spreadMs: Readonly<Record<Strength, number>> = {
  blatant: 4 * minuteMs,
  moderate: 20 * minuteMs,
  stealth: minuteMs / 3,
}
