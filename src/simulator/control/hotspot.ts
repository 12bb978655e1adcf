import type { Burst, Deed, Strength } from '../burst'
import { hourMs, minuteMs } from '../season'
import type { Stage } from '../stage'
import { remark } from '../texts'
import { scattered } from '../times'
import { article, mediaHash } from '../writing/articles'
import type { Article } from '../writing/articles'
import { personName, streetName } from '../writing/proper-names'
import { comings, equip, membersOf } from './members'
import type { Member } from './members'
import { alsoOf, secondOf } from './network'
import { ownPosts, posts } from './posting'

/** A tag, a link and a phrase, as somebody wants them to be seen everywhere. */
export interface Topic {
  readonly tag: string
  readonly link: string
  readonly phrase: string
}

export function topic(stage: Stage): Topic {
  const { random } = stage
  const who = random.chance(0.5) ? personName('zh', random) : streetName('zh', random)
  const tag = `${who}${random.pick(['回应争议', '新品首发', '名场面', '必须道歉', '太绝了', '最新通报', '加油'])}`
  return { tag, link: `https://${mediaHash(random)}.example/hot`, phrase: remark(random) }
}

/** An article of one's own about a topic: its tag for sure, its link and phrase as often as said. */
export function about(stage: Stage, member: Pick<Member, 'habits'>, of: Topic, share: number): Article {
  const { random } = stage
  const own = article(random, member.habits)
  return {
    ...own,
    tags: [of.tag, ...own.tags],
    text: random.chance(share) ? `#${of.tag}# ${own.text}\n${of.phrase}` : `#${of.tag}# ${own.text}`,
    links: random.chance(share) ? [of.link] : own.links,
  }
}

/**
 * A false hotspot: a network publishes about one topic within hours, each account in words of its own, and hired hands
 * forward and comment it with the tag; hardly anybody else takes it up.
 */
export function planHotspot(
  stage: Stage,
  order: {
    size: number
    hands: number
    strength: Strength
    hours: number
    /** How often the hands use the one phrase rather than words of their own. */
    phraseShare?: number
  },
): Burst {
  const { random } = stage
  const { size, strength, hours, phraseShare = 0.6 } = order
  const members = equip(stage, strength, size)
  const hands = Array.from({ length: order.hands }, () => stage.people.resident(stage.world.options.startMs))
  const span = stage.spanAt(10, hours)
  const of = topic(stage)
  const times = scattered(span, size * 3, random)
  const pushed = times.flatMap((timeMs, place): Deed[] => {
    const member = members[place % size]!
    const content = stage.newContent()
    const post = posts(member, timeMs, about(stage, member, of, Math.min(0.7, phraseShare + 0.1)), content)
    const helpers = random.sample(hands, Math.round(hands.length * random.between(0.2, 0.5)))
    return [
      post,
      ...helpers.map((actor) => helps(stage, actor, member.account, content, timeMs, of, phraseShare)),
    ]
  })
  const others = stage.anybody(random.poisson(6)).flatMap((actor): Deed[] => {
    const member = random.pick(members)
    const timeMs = Math.floor(random.between(span.startMs + hourMs, span.endMs))
    return [
      { kind: 'comment', timeMs, actor, account: member.account, text: `#${of.tag}# ${remark(random)}` },
    ]
  })
  const { accounts, actors } = membersOf(members)
  return {
    attack: `false-hotspot-${strength}`,
    campaign: stage.name,
    offence: 'false-hotspot',
    also: alsoOf(strength),
    strength,
    beginsMs: secondOf(times),
    accounts,
    actors: [...actors, ...hands],
    accountLabel: 'fraud',
    actorLabel: 'fraud',
    deeds: [
      ...comings(stage, strength, members),
      ...members.flatMap((member) => ownPosts(stage, member, 2 + random.below(5))),
      ...pushed,
      ...others,
    ],
    fronts: [],
  }
}

function helps(
  stage: Stage,
  actor: number,
  account: number,
  content: number,
  postedMs: number,
  { tag, phrase }: Topic,
  phraseShare: number,
): Deed {
  const { random } = stage
  const timeMs = Math.floor(postedMs + 20_000 + random.exponential(20 * minuteMs))
  const text = `#${tag}# ${random.chance(phraseShare) ? phrase : remark(random)}`
  const base = { timeMs, actor, account, content, isBought: true }
  return random.chance(0.6)
    ? { ...base, kind: 'forward', channel: 'timeline', text }
    : { ...base, kind: 'comment', text }
}
