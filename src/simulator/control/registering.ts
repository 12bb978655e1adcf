import { nameIn, profile, subjectId } from '../accounts'
import type { Burst } from '../burst'
import { draw } from '../random'
import { dayMs, hourMs } from '../season'
import type { Stage } from '../stage'
import { scattered } from '../times'
import { popularAgents } from '../user-agents'
import { habitsOf } from '../writing/articles'
import { copyOf } from '../writing/copies'
import type { Member } from './members'
import { closes, membersOf, registers } from './members'
import { ownPosts, posts } from './posting'
import { secondOf } from './network'

/** How many in what time, and how much they share. */
export interface RegistrationOrder {
  readonly size: number
  readonly hours: number
  readonly perDevice?: number
  readonly perSubject?: number
  readonly lineCount?: number
  readonly isNamedAlike?: boolean
}

/** Many accounts that are registered from one place within hours: a few phones, a line or two, a few identities. */
export function planRegistrations(stage: Stage, order: RegistrationOrder): Burst {
  const { random, world } = stage
  const { size, hours, perDevice = 12, perSubject = 5, lineCount = 2, isNamedAlike = true } = order
  const lines = Array.from({ length: lineCount }, (_, line) =>
    line % 2 === 0 ? world.networks.add('hosting') : world.networks.add('home'),
  )
  const devices = Array.from({ length: Math.ceil(size / perDevice) }, () => world.crowd.newDevice())
  const subjects = Array.from({ length: Math.ceil(size / perSubject) }, () => subjectId(random))
  const span = stage.spanAnywhere(hours)
  const times = scattered(span, size, random)
  const stem = nameIn(profile(random))
  const members = times.map((timeMs, place): Member => {
    const createdAtMs = Math.floor(timeMs - random.between(0, 2 * dayMs))
    const actor = world.crowd.add({
      createdAtMs,
      device: devices[place % devices.length]!,
      otherDevice: -1,
      home: random.pick(lines),
      work: -1,
      carrier: -1,
      agent: draw(popularAgents, random),
    })
    const name = `${isNamedAlike ? stem : nameIn(profile(random))}${random.below(10_000)}`
    const subject = subjects[place % subjects.length]!
    return {
      account: stage.newAccount(),
      actor,
      profile: profile(random, { subject, name }),
      habits: habitsOf(random),
    }
  })
  return {
    attack: `bulk-registration-${size}`,
    campaign: stage.name,
    offence: 'bulk-registration',
    strength: 'moderate',
    beginsMs: secondOf(times),
    ...membersOf(members),
    accountLabel: 'fraud',
    actorLabel: 'fraud',
    deeds: members.flatMap((member, place) => [
      registers(member, times[place]!),
      // A third are put to use at once; the rest are kept for sale.
      ...(random.chance(0.3)
        ? ownPosts(stage, member, 1, { startMs: times[place]! + 60_000, endMs: stage.endMs })
        : []),
    ]),
    fronts: [],
  }
}

/** By what a closed account that is back can be known: its identity, its phone, or nothing but what it publishes. */
export const traces = ['subject', 'device', 'content'] as const
export type Trace = (typeof traces)[number]

/** An account publishes, is closed, and another goes on where it ended. The first one's label names no offence. */
export function planReincarnation(stage: Stage, trace: Trace): Burst[] {
  const { random, world } = stage
  const closedMs = stage.warmUpEndMs + random.between(0.3, 0.5) * (stage.endMs - stage.warmUpEndMs)
  const backMs = closedMs + random.between(1, 20) * hourMs
  const subject = subjectId(random)
  const habits = habitsOf(random)
  const firstActor = stage.people.resident(world.options.startMs)
  const nextActor = stage.people.newcomer(backMs - 0.5 * hourMs)
  const first: Member = {
    account: stage.newAccount(),
    actor: firstActor,
    profile: profile(random, { subject }),
    habits,
  }
  const name = nameIn(first.profile)
  const next: Member = {
    account: stage.newAccount(),
    actor: trace === 'device' ? sameHands(stage, firstActor, nextActor) : nextActor,
    profile: profile(random, {
      name: `${name}${random.pick(['2', '新号', '呀', '_new', '回来了'])}`,
      ...(trace === 'subject' ? { subject } : {}),
    }),
    habits,
  }
  const before = ownPosts(stage, first, 10, { startMs: world.options.startMs + hourMs, endMs: closedMs })
  const again = before
    .filter(() => random.chance(trace === 'content' ? 0.8 : 0.4))
    .flatMap((deed) => (deed.kind === 'post' ? [deed.article] : []))
    .map((old) => {
      const timeMs = random.between(backMs + 60_000, stage.endMs)
      return posts(next, timeMs, copyOf(old, random.chance(0.5) ? 'exact' : 'folded', random))
    })
  const base = {
    attack: `reincarnated-by-${trace}`,
    campaign: stage.name,
    strength: trace === 'subject' ? ('blatant' as const) : ('moderate' as const),
    accountLabel: 'fraud' as const,
    actorLabel: 'fraud' as const,
    fronts: [],
  }
  return [
    {
      ...base,
      offence: 'reincarnated-account',
      beginsMs: Math.floor(backMs),
      ...membersOf([next]),
      deeds: [
        registers(next, backMs),
        ...again,
        ...ownPosts(stage, next, 5, { startMs: backMs + hourMs, endMs: stage.endMs }),
      ],
    },
    {
      ...base,
      attack: 'closed-before',
      offence: null,
      ...membersOf([first]),
      deeds: [registers(first, world.options.startMs + 0.5 * hourMs), ...before, closes(first, closedMs)],
    },
  ]
}

// A new actor on the phone and the line of the first.
function sameHands(stage: Stage, first: number, next: number): number {
  const { crowd } = stage.world
  return crowd.add({ ...crowd.person(first), createdAtMs: crowd.person(next).createdAtMs })
}
