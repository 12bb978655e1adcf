import type { Burst, Deed, Strength } from '../burst'
import { dayMs } from '../season'
import type { OpenStage } from '../scenarios/scenario'
import type { Stage } from '../stage'
import type { Span } from '../times'
import type { Style } from './tenure'
import { activity, audienceOf, runs, somebody, styleOf, wholeSpan } from './tenure'

/** An account is sold, and nobody says so. How much of it shows depends on the care of the buyer. */
export function planTransfer(stage: Stage, strength: Strength): Burst {
  const { account, cutMs, seller, style } = someAccount(stage)
  const buyer = somebody(stage)
  const { overlapDays, changed } = care[strength]
  const overlapMs = stage.random.between(0, overlapDays) * dayMs
  const span = wholeSpan(stage)
  return {
    ...nothing,
    attack: `undeclared-transfer-${strength}`,
    campaign: stage.name,
    offence: 'undeclared-transfer',
    strength,
    // For good, that is, after a month.
    beginsMs: Math.floor(cutMs + overlapMs),
    accounts: [account],
    accountLabel: 'fraud',
    actors: [seller, buyer],
    actorLabel: 'fraud',
    deeds: [
      ...audienceOf(stage, account, span),
      ...runs(stage, account, seller, { ...span, endMs: cutMs + overlapMs }, style),
      ...runs(stage, account, buyer, { ...span, startMs: cutMs }, changed(style, stage)),
    ],
  }
}

/** How a buyer goes about it: for how long the seller helps, and how much of the seller's ways he keeps. */
const care: Readonly<
  Record<Strength, { overlapDays: number; changed: (style: Style, stage: Stage) => Style }>
> = {
  // At once, another day's work, and four times as much.
  blatant: {
    overlapDays: 0,
    changed: (style, stage) => ({
      ...styleOf(stage),
      hour: style.hour + 9,
      postsPerDay: 4 * style.postsPerDay,
    }),
  },
  // Within days, in the buyer's own way, whatever that is.
  moderate: { overlapDays: 4, changed: (style, stage) => ({ ...styleOf(stage), hour: style.hour + 5 }) },
  // Within a week or two, and the buyer goes on as the seller did.
  stealth: { overlapDays: 12, changed: (style) => ({ ...style, postsPerDay: 1.2 * style.postsPerDay }) },
}

/** What looks like it and is none. */
export function planHonestChanges(open: OpenStage, each: number): Burst[] {
  return Object.entries(honestChanges).flatMap(([name, plan]) =>
    Array.from({ length: each }, (_, turn) => {
      const stage = open(`${name}-${turn}`)
      const owned = someAccount(stage)
      return {
        ...nothing,
        attack: name,
        campaign: stage.name,
        offence: 'undeclared-transfer' as const,
        accounts: [owned.account],
        accountLabel: 'honest' as const,
        actors: [owned.seller],
        actorLabel: 'honest' as const,
        deeds: [...audienceOf(stage, owned.account, wholeSpan(stage)), ...plan(stage, owned)],
      }
    }),
  )
}

interface Owned {
  readonly account: number
  readonly seller: number
  readonly style: Style
  /** When something changes. */
  readonly cutMs: number
}

const honestChanges: Readonly<Record<string, (stage: Stage, owned: Owned) => Deed[]>> = {
  'declared-transfer': (stage, owned) => [
    ...succession(stage, owned, somebody(stage), otherWay(owned.style, stage)),
    activity(owned.account, owned.seller, owned.cutMs - 5 * dayMs, 'transferred'),
  ],
  // Three weeks, in his own way and from his own home.
  'holiday-replacement': (stage, { account, seller, style, cutMs }) => {
    const [before, , after] = parts(stage, cutMs, cutMs + 21 * dayMs)
    const away = { startMs: cutMs, endMs: cutMs + 21 * dayMs }
    return [
      ...runs(stage, account, seller, before, style),
      ...runs(stage, account, somebody(stage), away, otherWay(style, stage)),
      ...runs(stage, account, seller, after, style),
    ]
  },
  'new-phone': (stage, owned) => {
    const { crowd } = stage.world
    return succession(
      stage,
      owned,
      crowd.changed(owned.seller, { device: crowd.newDevice(), otherDevice: -1 }),
      owned.style,
    )
  },
  // Another home, another phone, and another day.
  'move-abroad': (stage, owned) => {
    const { crowd, networks } = stage.world
    const there = crowd.changed(owned.seller, {
      ...{ device: crowd.newDevice(), otherDevice: -1 },
      ...{ home: networks.add('home', 'US'), work: -1, carrier: networks.add('carrier', 'US') },
    })
    return succession(stage, owned, there, { ...owned.style, hour: owned.style.hour + 12 })
  },
  // Three editors; one of them goes, and another comes.
  'team-of-editors': (stage, { account, seller, style, cutMs }) => {
    const [before, , after] = parts(stage, cutMs, cutMs)
    const shared = { ...style, postsPerDay: style.postsPerDay / 2 }
    return [
      ...runs(stage, account, seller, before, shared),
      ...runs(stage, account, somebody(stage), after, otherWay(shared, stage)),
      ...[1, 2].flatMap(() => runs(stage, account, somebody(stage), wholeSpan(stage), shared)),
    ]
  },
  // An agency does more and more of it, for six weeks.
  'gradual-agency': (stage, { account, seller, style, cutMs }) => {
    const agent = somebody(stage)
    const own = otherWay(style, stage)
    const [before, , after] = parts(stage, cutMs, cutMs + 42 * dayMs)
    const weeks = Array.from({ length: 6 }, (_, week) => ({
      share: (week + 1) / 7,
      span: { startMs: cutMs + week * 7 * dayMs, endMs: cutMs + (week + 1) * 7 * dayMs },
    }))
    return [
      ...runs(stage, account, seller, before, style),
      ...weeks.flatMap(({ share, span }) => [
        ...runs(stage, account, seller, span, { ...style, postsPerDay: style.postsPerDay * (1 - share) }),
        ...runs(stage, account, agent, span, { ...own, postsPerDay: own.postsPerDay * share }),
      ]),
      ...runs(stage, account, agent, after, own),
    ]
  },
  // The only editor leaves, another takes his desk.
  'new-editor-at-the-desk': (stage, owned) => {
    const { crowd, networks } = stage.world
    const desk = networks.add('office')
    const [one, other] = [owned.seller, somebody(stage)].map((actor) =>
      crowd.changed(actor, { home: desk, work: desk }),
    )
    return succession(stage, { ...owned, seller: one! }, other!, otherWay(owned.style, stage))
  },
}

/** One runs it up to the cut, and another from there on. */
function succession(
  stage: Stage,
  { account, seller, style, cutMs }: Owned,
  next: number,
  way: Style,
): Deed[] {
  const [before, , after] = parts(stage, cutMs, cutMs)
  return [...runs(stage, account, seller, before, style), ...runs(stage, account, next, after, way)]
}

function otherWay(style: Style, stage: Stage): Style {
  return { ...styleOf(stage), hour: style.hour + 5 }
}

/** An account with somebody who runs it, and a moment between the seventieth and the hundred and tenth day. */
function someAccount(stage: Stage): Owned {
  const { random, world } = stage
  const cutMs = world.options.startMs + (stage.endMs - world.options.startMs) * random.between(0.37, 0.58)
  return { account: stage.newAccount(), seller: somebody(stage), style: styleOf(stage), cutMs }
}

function parts(stage: Stage, fromMs: number, toMs: number): [Span, Span, Span] {
  const { startMs, endMs } = wholeSpan(stage)
  return [
    { startMs, endMs: fromMs },
    { startMs: fromMs, endMs: toMs },
    { startMs: toMs, endMs },
  ]
}

const nothing = { fronts: [] } as const
