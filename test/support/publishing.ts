import type { DetailName } from '../../src/model/details'
import type { Action, JudgedKind } from '../../src/model/event'
import type { TestEvent } from './blocks'
import { seeded } from './seeded'
import { at } from './timeline'

/**
 * What an honest platform publishes in four days: a hundred and twenty papers, each with an editor, a device and a
 * network of its own, two texts a day that nobody else has, each with a link and a tag. The same on every call.
 */
export function ordinaryPapers(): TestEvent[] {
  const random = seeded(7)
  const events: TestEvent[] = []
  for (let paper = 0; paper < papers; paper++) {
    for (let number = 0; number < days * 2; number++) {
      const account = `paper-${paper}`
      const content = `${account}-${number}`
      const timeMs = at('06:00') + Math.floor(number / 2) * dayMs + Math.floor(random() * 14 * hourMs)
      const link = `https://${account}.example/${number}`
      const tag = `topic-${Math.floor(random() * 200)}`
      events.push(article({ account, content, timeMs, text: prose(content), link, tag }))
    }
  }
  return events
}

/** What their readers do: four hundred, who comment on and pass on what they like, each when it suits them. */
export function ordinaryReaders(): TestEvent[] {
  const random = seeded(8)
  return ordinaryPapers().flatMap((published) =>
    (['comment', 'forward'] as const).map((kind) => {
      const actor = `reader-${Math.floor(random() * readers)}`
      return deed({ kind, actor, on: published, afterMs: Math.floor(random() * 8 * hourMs) })
    }),
  )
}

/** A moment of a later day: `onDay(2, '09:00')`. */
export function onDay(day: number, clock: string): string {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return `${day * 24 + hours}:${String(minutes).padStart(2, '0')}`
}

/** So many words that no other name has. */
export function prose(name: string, words = 30): string {
  const seed = Buffer.from(name).reduce((sum, byte) => Math.imul(sum, 31) + byte, words)
  const random = seeded(seed)
  const word = (): string =>
    Array.from(
      { length: 2 + Math.floor(random() * 2) },
      () => syllables[Math.floor(random() * syllables.length)]!,
    ).join('')
  return Array.from({ length: words }, word).join(' ')
}

/** What an account publishes; who it is by and where is the account's own where left out. */
export interface Article {
  readonly account: string
  readonly timeMs: number
  readonly text: string
  readonly content?: string
  readonly title?: string
  readonly link?: string
  readonly tag?: string
  readonly media?: string
  readonly original?: boolean
  readonly by?: string
  readonly device?: string
  readonly network?: string
}

export function article(described: Article): TestEvent {
  const { account, timeMs, text, by = `editor-of-${account}`, content = `${account}-${timeMs}` } = described
  const { title, link, tag, media, original, device, network } = described
  return {
    ...{ kind: 'post', id: `post-${content}`, timeMs, account, content, text, actor: by },
    ...{ device: device ?? `device-of-${account}`, network: network ?? `network-of-${account}` },
    details: present({ title, link, tag, media, original: original === true ? 'true' : undefined }),
  }
}

/** What a reader does with something published, by a phone and from a home of its own where left out. */
export interface Deed {
  readonly kind: JudgedKind
  readonly actor: string
  readonly on: Pick<TestEvent, 'account' | 'content' | 'timeMs'>
  readonly afterMs?: number
  readonly text?: string
  readonly device?: string
  readonly network?: string
}

export function deed({ kind, actor, on, afterMs = 0, ...rest }: Deed): TestEvent {
  const timeMs = on.timeMs + afterMs
  const id = `${kind}-${actor}-${on.content ?? ''}-${timeMs}`
  const { account, content } = on
  return {
    ...(account === undefined ? {} : { account }),
    ...(content === undefined ? {} : { content }),
    ...(kind === 'comment' ? { text: prose(id, 6) } : {}),
    ...(kind === 'subscription' ? { action: 'subscribe' as const, entry: 'search' as const } : {}),
    ...{ kind, id, actor, timeMs, device: `phone-of-${actor}`, network: `home-of-${actor}` },
    ...rest,
  }
}

/** Something that happens to an account itself. */
export function happens(
  account: string,
  action: Action,
  clock: string,
  known: Partial<
    Record<'subject' | 'category' | 'name' | 'declared-network' | 'device' | 'network', string>
  > = {},
): TestEvent {
  const { device = `device-of-${account}`, network = `network-of-${account}`, ...details } = known
  const id = `${action}-${account}-${clock}`
  return {
    ...{ kind: 'account', id, timeMs: at(clock), account, action, actor: account, device, network },
    details: present(details),
  }
}

/**
 * What all of some do at each of eight turns, two minutes apart: at ten and at three on each of the four days.
 *
 * ```
 *  turn   0     1      2     3      4     5      6     7
 *         Mon 10 · 15  Tue 10 · 15  Wed 10 · 15  Thu 10 · 15
 * ```
 */
export function inTurns<Act extends TestEvent>(
  names: readonly string[],
  act: (name: string, at: { readonly turn: number; readonly timeMs: number }) => Act,
): Act[] {
  return turns.flatMap((startMs, turn) =>
    names.map((name, place) => act(name, { turn, timeMs: startMs + place * 120_000 })),
  )
}

/** Members `name-0` to `name-(count - 1)`. */
export function members(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${name}-${number}`)
}

function present(details: Partial<Record<DetailName, string | undefined>>): [DetailName, string][] {
  return Object.entries(details).filter((detail): detail is [DetailName, string] => detail[1] !== undefined)
}

const papers = 120
const days = 4
const turns = Array.from({ length: days }, (_, day) => [
  at(onDay(day, '10:00')),
  at(onDay(day, '15:00')),
]).flat()
const readers = 400
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const syllables =
  'ba be bi bo da de di do ka ke ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se si so ta te ti to'.split(
    ' ',
  )
