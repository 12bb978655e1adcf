import type { Deed } from '../burst'
import { minuteMs } from '../season'
import type { Stage } from '../stage'
import { withTheSeason } from '../times'
import type { Span } from '../times'
import type { Article, Occasion } from '../writing/articles'
import { article } from '../writing/articles'
import { reads } from '../doings'
import type { Member } from './members'

/** A member publishes; the content has a number, so that others can turn to it. */
export function posts(
  { account, actor }: Pick<Member, 'account' | 'actor'>,
  timeMs: number,
  text: Article,
  content?: number,
): Deed {
  const deed = { kind: 'post' as const, timeMs: Math.floor(timeMs), actor, account, article: text }
  return content === undefined ? deed : { ...deed, content }
}

/** So many articles of a member's own, at the hours at which people publish. */
export function ownPosts(
  stage: Stage,
  member: Member,
  count: number,
  span: Span = { startMs: stage.warmUpEndMs, endMs: stage.endMs },
  occasion: Occasion = {},
): Deed[] {
  return withTheSeason(span, count, stage.random).map((timeMs) =>
    posts(member, timeMs, article(stage.random, { ...member.habits, ...occasion })),
  )
}

/** The few who come across a small account's post. */
export function fewReaders(
  stage: Stage,
  account: number,
  content: number,
  timeMs: number,
  mean: number,
): Deed[] {
  const { random } = stage
  return stage.anybody(random.poisson(mean)).flatMap((actor) =>
    reads(
      stage,
      {
        timeMs: Math.floor(timeMs + minuteMs + random.exponential(120 * minuteMs)),
        actor,
        account,
        content,
      },
      { forwards: 0.04, comments: 0.03, subscribes: 0.02 },
    ),
  )
}
