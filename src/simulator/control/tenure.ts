import { profile } from '../accounts'
import type { Deed } from '../burst'
import { reads } from '../doings'
import { dayMs, hourMs, zoneOffsetMs } from '../season'
import type { Stage } from '../stage'
import type { Span } from '../times'
import type { Occasion } from '../writing/articles'
import { article, habitsOf } from '../writing/articles'

/** How somebody runs an account. */
export interface Style {
  readonly postsPerDay: number
  /** The local hour about which he is at work. */
  readonly hour: number
  readonly occasion: Occasion
}

/** A style of somebody's own. */
export function styleOf(stage: Stage): Style {
  const { random } = stage
  const language = random.chance(0.75) ? ('zh' as const) : ('en' as const)
  return {
    postsPerDay: Math.min(2, Math.max(0.4, random.logNormal(0.8, 0.4))),
    hour: 8 + random.below(14),
    occasion: { ...habitsOf(random), language, length: 2 + random.below(9) },
  }
}

/** Somebody of those who have long been there. */
export function somebody(stage: Stage): number {
  return stage.people.resident(stage.world.options.startMs)
}

/** What somebody does for an account within a span: he publishes, and logs in now and then. */
export function runs(stage: Stage, account: number, actor: number, span: Span, style: Style): Deed[] {
  const { random } = stage
  const days = Math.max(0, (span.endMs - span.startMs) / dayMs)
  const moments = (perDay: number): number[] =>
    Array.from({ length: random.poisson(perDay * days) }, () => momentOf(stage, span, style.hour))
  const posts = moments(style.postsPerDay).map((timeMs): Deed => {
    const text = article(random, { ...style.occasion, length: lengthOf(stage, style) })
    return { kind: 'post', timeMs, actor, account, article: text }
  })
  const logins = moments(0.35).map((timeMs): Deed => ({
    kind: 'account',
    timeMs,
    actor,
    account,
    activity: 'login',
    profile: '',
  }))
  return [...posts, ...logins].filter(({ timeMs }) => timeMs >= span.startMs && timeMs < span.endMs)
}

/** The readers of an account, two dozen who come back every other week and a few who come by. */
export function audienceOf(stage: Stage, account: number, span: Span): Deed[] {
  const { random } = stage
  const regulars = stage.anybody(24)
  const days = (span.endMs - span.startMs) / dayMs
  return Array.from({ length: random.poisson(1.8 * days) }, () => {
    const actor = random.chance(0.8) ? random.pick(regulars) : stage.anybody(1)[0]!
    return reads(stage, { timeMs: Math.floor(random.between(span.startMs, span.endMs)), actor, account })
  }).flat()
}

export function activity(account: number, actor: number, timeMs: number, what: string, said = ''): Deed {
  return { kind: 'account', timeMs: Math.floor(timeMs), actor, account, activity: what, profile: said }
}

/** An account registers; gives its number with the deed. */
export function registration(stage: Stage, actor: number, timeMs: number): { account: number; deed: Deed } {
  const account = stage.newAccount()
  return { account, deed: activity(account, actor, timeMs, 'registered', profile(stage.random)) }
}

export function wholeSpan(stage: Stage): Span {
  return { startMs: stage.warmUpEndMs, endMs: stage.endMs }
}

// On some day of the span, about an hour of the day, a few hours more or less.
function momentOf(stage: Stage, { startMs, endMs }: Span, hour: number): number {
  const { random } = stage
  const day = Math.floor(random.between(startMs, endMs) / dayMs)
  const local = hour + 2.2 * random.normal()
  return Math.floor(day * dayMs - zoneOffsetMs + (((local % 24) + 24) % 24) * hourMs)
}

function lengthOf({ random }: Stage, { occasion }: Style): number {
  return Math.max(1, (occasion.length ?? 5) + random.below(3) - 1)
}
