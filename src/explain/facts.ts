import type { HabitFamily, HandFamily } from '../model/acts'
import { controlSentences } from '../decide/control-sentences'
import type { ControlTest } from '../model/control'
import { recommendations } from '../model/records'
import type { Element, Recommendation } from '../model/records'
import { shares, traits } from '../model/traits'
import type { ShareName, SignName, TraitName } from '../model/traits'

/**
 * What an element of a verdict was tested by, read from its test and its sentence, so that it can be told in any
 * language and checked step by step.
 */
export type ElementFact =
  | { readonly kind: 'trait-share'; readonly trait: TraitName }
  | { readonly kind: 'sign-share'; readonly sign: ShareName }
  | { readonly kind: 'number' }
  | { readonly kind: 'operator-events' }
  /** Out of how many posts or accounts, where the test counts any. */
  | { readonly kind: 'control'; readonly test: ControlTest; readonly outOf: number }
  | ConductFact<'joint-acts'>
  | ConductFact<'joint-texts'>
  | ConductFact<'joint-links'>
  | PlaceFact<'shared-devices'>
  | PlaceFact<'shared-networks'>
  | PlaceFact<'shared-identities'>
  | PlaceFact<'shared-operators'>
  | { readonly kind: 'common-texts' }
  | { readonly kind: 'registrations'; readonly origin: Origin }
  | { readonly kind: 'registrations-sharing'; readonly what: Origin }
  | { readonly kind: 'hotspot-share'; readonly members: number; readonly of: number; readonly size: number }
  | { readonly kind: 'pushed-accounts'; readonly least: number; readonly members: number }
  | {
      readonly kind: 'text-likeness'
      readonly contentId: string
      readonly olderAccountId: string
      readonly minutes: number
    }
  | { readonly kind: 'repeated-copies'; readonly victims: number }
  | {
      readonly kind: 'common-mark'
      readonly closedAccountId: string
      readonly days: number
      readonly mark: Mark
    }
  | CustodyFact
  | DecidedFact

/** Of an account that nobody uses, and of one that changes hands. Days are those of UTC+8, such as 2026-03-01. */
type CustodyFact =
  | { readonly kind: 'registered'; readonly on: string }
  /** `since` is there where the stream has a gap after the registration. */
  | {
      readonly kind: 'no-login'
      readonly since: string | undefined
      readonly until: string
      readonly days: number
    }
  | { readonly kind: 'no-use' }
  | { readonly kind: 'coverage' }
  | { readonly kind: 'notice'; readonly until: string }
  | ChangedHand
  | { readonly kind: 'changed-habit'; readonly habit: HabitFamily }
  | { readonly kind: 'same-audience'; readonly sampled: number }
  | { readonly kind: 'not-declared'; readonly until: string }
  | Clearing

/** Another publishes for an account, or it is run on other devices or from other networks: since when, and until when not. */
interface ChangedHand {
  readonly kind: 'changed-hand'
  readonly hand: HandFamily
  readonly from: string
  readonly to: string
  readonly acts: number
  readonly formerActs: number
  readonly formerTo: string
}

/** What takes such a verdict back. */
type Clearing = ClearingBy<'used'> | ClearingBy<'handed-back'> | ClearingBy<'declared'>
interface ClearingBy<Kind extends string> {
  readonly kind: Kind
  readonly on: string
}

/** What people and the policy had to say where it was decided. */
type DecidedFact =
  | { readonly kind: 'overturned' }
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'highest-of-account'; readonly highest: Recommendation }
  | { readonly kind: 'precision'; readonly detector: string }
  | { readonly kind: 'quota'; readonly rung: Recommendation }

/** What members of a cluster did together: how many of them, within which time, how often in the median pair. */
interface ConductFact<Kind extends string> {
  readonly kind: Kind
  readonly members: number
  readonly within: Span
  readonly times: number
  readonly byChance: string
  /** The kinds of acts, where they are several. */
  readonly acts: readonly string[]
}
export type Span = 'minute' | 'ten-minutes' | 'hour' | 'day'

/** What members of a cluster have in common: how many of them, and how many such places. */
interface PlaceFact<Kind extends string> {
  readonly kind: Kind
  readonly members: number
  readonly places: number
}
export type Origin = 'device' | 'identity' | 'network' | 'name'

/** What an account has in common with a closed one. */
export type Mark =
  | { readonly what: 'identity' | 'device' | 'network' }
  | { readonly what: 'name'; readonly name: string; readonly closedName: string }
  | { readonly what: 'texts'; readonly texts: number }

/** What speaks for the account, read from its sentence. */
export type Exoneration =
  | {
      readonly kind: 'usual-sign'
      readonly sign: SignName
      readonly observed: string
      readonly usual: string
    }
  | { readonly kind: 'no-operator-events' }
  | {
      readonly kind: 'no-control'
      readonly test: ControlTest
      readonly observed: number
      readonly outOf: number
    }
  | { readonly kind: 'usual-number' }
  | { readonly kind: 'declared-members'; readonly members: number }
  | { readonly kind: 'nothing-shared'; readonly what: 'devices' | 'networks' | 'identities' | 'operators' }
  | { readonly kind: 'only-members'; readonly accounts: number; readonly actors: number }
  | { readonly kind: 'others-too'; readonly others: number }
  | { readonly kind: 'pushed-unasked' }
  | { readonly kind: 'nothing-else-shared' }
  | { readonly kind: 'first-unknown' }
  | { readonly kind: 'common-mark-of-many'; readonly closedAccountId: string; readonly mark: Mark }
  | { readonly kind: 'sent-by-anybody' }
  | { readonly kind: 'kept-hand'; readonly hand: HandFamily }
  | { readonly kind: 'same-habit'; readonly habit: HabitFamily }
  | Clearing

/** The fact behind an element; undefined where the detector is not known here. */
export function factOf({ element, test, sentence }: Element): ElementFact | undefined {
  const share = /^share of ([a-z-]+), beta-binomial /.exec(test)
  if (share !== null) return shareOf(share[1]!)
  const origin = /^accounts registered from one (device|identity|network) within a day, /.exec(test)
  if (origin !== null) return { kind: 'registrations', origin: origin[1] as Origin }
  const what = /^accounts among them with one (device|identity|network|name)$/.exec(test)
  if (what !== null) return { kind: 'registrations-sharing', what: what[1] as Origin }
  const closed = /^what the account has in common with (.*), closed (\d+) days before it registered$/s.exec(
    test,
  )
  if (closed !== null) {
    const mark = markOf(sentence)?.mark
    const [, closedAccountId = '', days] = closed
    return mark === undefined ? undefined : { kind: 'common-mark', closedAccountId, days: Number(days), mark }
  }
  if (test.startsWith('pairs that meet on more objects ')) return conductOf(element, sentence)
  for (const [beginning, kind] of places) if (test.startsWith(beginning)) return placeOf(kind, sentence)
  const hand = /^(operator|device|place): changed for good /.exec(test)
  if (hand !== null) return changedHandOf(hand[1] as HandFamily, sentence)
  const control = controlTestNames.find((name) => controlSentences[name].how === test)
  if (control !== undefined) {
    const [, outOf = '0'] = / (\d+) (?:posts|other accounts)\b/.exec(sentence) ?? []
    return { kind: 'control', test: control, outOf: Number(outOf) }
  }
  return plainFacts.find(([beginning]) => test.startsWith(beginning))?.[1](sentence)
}

/** The fact behind a sentence that speaks for the account; undefined where the detector is not known here. */
export function exonerationOf(sentence: string): Exoneration | undefined {
  for (const sign of [...traits, ...shares]) {
    const meaning = sign.meaning.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const usual = new RegExp(`^(.+ %) of them ${meaning}, which is usual \\(about (.+ %)\\)\\.$`).exec(
      sentence,
    )
    if (usual !== null) {
      return { kind: 'usual-sign', sign: sign.name, observed: usual[1]!, usual: usual[2]! }
    }
  }
  const ofMany = / Many others have that as well\.$/
  if (ofMany.test(sentence)) {
    const common = markOf(sentence.replace(ofMany, ''))
    return common === undefined ? undefined : { kind: 'common-mark-of-many', ...common }
  }
  const clearing = clearingOf(sentence)
  if (clearing !== undefined) return clearing
  for (const [pattern, read] of exonerations) {
    const found = pattern.exec(sentence)
    if (found !== null) return read(found)
  }
  return undefined
}

const plainFacts: readonly (readonly [
  beginning: string,
  read: (sentence: string) => ElementFact | undefined,
])[] = [
  ['upper tail against the seasonal baseline', () => ({ kind: 'number' })],
  ["events from a device that the account's operator publishes from", () => ({ kind: 'operator-events' })],
  ['different texts that two members both published', () => ({ kind: 'common-texts' })],
  [
    'share of one cluster among those who acted on it',
    (sentence) => {
      const found =
        /^(\d+) of (\d+) who brought up .* belong to one cluster of (\d+) that acts together\.$/s.exec(
          sentence,
        )
      if (found === null) return undefined
      const [members, of, size] = found.slice(1).map(Number) as [number, number, number]
      return { kind: 'hotspot-share', members, of, size }
    },
  ],
  [
    'accounts that published it and on whose posts',
    (sentence) => {
      const found = / and on the posts of each at least (\d+) of these (\d+) acted\.$/.exec(sentence)
      if (found === null) return undefined
      return { kind: 'pushed-accounts', least: Number(found[1]), members: Number(found[2]) }
    },
  ],
  [
    'Jaccard similarity of letter groups',
    (sentence) => {
      const found =
        /^The post (.*) claims to be original; \d+ % of it is in a post of (.*) from (\d+) minutes before\.$/s.exec(
          sentence,
        )
      if (found === null) return undefined
      const [, contentId = '', olderAccountId = '', minutes] = found
      return { kind: 'text-likeness', contentId, olderAccountId, minutes: Number(minutes) }
    },
  ],
  [
    'such posts of the account within thirty days',
    (sentence) => {
      const victims = / with texts of (\d+) other accounts?\.$/.exec(sentence)
      return victims === null ? undefined : { kind: 'repeated-copies', victims: Number(victims[1]) }
    },
  ],
  [
    'the event that says so',
    reading(/^It was registered on (\S+) \(UTC\+8\)\.$/, (on) => ({ kind: 'registered', on })),
  ],
  [
    'logins and other activity of the account in the stream',
    (sentence) => {
      const found =
        /^From (?:its registration|(\S+)) on.* there is no login.* until (\S+), for (\d+) days\.$/.exec(
          sentence,
        )
      if (found === null) return undefined
      const [, since, until = '', days] = found
      return { kind: 'no-login', since, until, days: Number(days) }
    },
  ],
  ['posts of the account, and acts on it by whoever registered it', () => ({ kind: 'no-use' })],
  ['gaps of 36 hours without logins or without posts', () => ({ kind: 'coverage' })],
  [
    'days of notice of the policy',
    reading(/ until (\S+) \(UTC\+8\) clears this; /, (until) => ({ kind: 'notice', until })),
  ],
  ['occasions by three hours of the day', () => ({ kind: 'changed-habit', habit: 'hours' })],
  ['posts a day, binomial', () => ({ kind: 'changed-habit', habit: 'tempo' })],
  ['posts by length and script', () => ({ kind: 'changed-habit', habit: 'texts' })],
  [
    'of a sample of those who read before',
    reading(/^Of (\d+) who read it before, /, (sampled) => ({
      kind: 'same-audience',
      sampled: Number(sampled),
    })),
  ],
  ['a transferred activity of the account', (sentence) => clearingOf(sentence) ?? notDeclared(sentence)],
  ['a login, a post or another act by whoever runs the account', (sentence) => clearingOf(sentence)],
  ['an act by one of those who ran the account before', (sentence) => clearingOf(sentence)],
  [
    'decision of a person',
    (sentence) => ({ kind: sentence.startsWith('Confirmed by ') ? 'confirmed' : 'overturned' }),
  ],
  [
    'highest of its grade and category',
    reading(/^The policy recommends no more than (\S+) for /, (rung) =>
      isRung(rung) ? { kind: 'highest-of-account', highest: rung } : undefined,
    ),
  ],
  [
    'precision by review',
    reading(/ of what (\S+) says to be right; /, (detector) => ({ kind: 'precision', detector })),
  ],
  [
    'quota of the day',
    reading(/^\d+ verdicts have reached (\S+) on this day, /, (rung) =>
      isRung(rung) ? { kind: 'quota', rung } : undefined,
    ),
  ],
]

const notDeclared = reading(/ A declaration until (\S+) \(UTC\+8\), or /, (until) => ({
  kind: 'not-declared',
  until,
}))

/** Reads one word of a sentence. */
function reading(
  pattern: RegExp,
  read: (word: string) => ElementFact | undefined,
): (sentence: string) => ElementFact | undefined {
  return (sentence) => {
    const found = pattern.exec(sentence)
    return found === null ? undefined : read(found[1]!)
  }
}

const controlTestNames = Object.keys(controlSentences) as ControlTest[]

function noControl(test: ControlTest, observed: string | undefined, outOf: string | undefined): Exoneration {
  return { kind: 'no-control', test, observed: Number(observed ?? 0), outOf: Number(outOf ?? 0) }
}

const exonerations: readonly (readonly [RegExp, (found: RegExpExecArray) => Exoneration])[] = [
  [/^None of it came from a device of the account's own operator\.$/, () => ({ kind: 'no-operator-events' })],
  [
    /^Made events came before the post was published on (\d+) of its latest (\d+) posts, /,
    ([, observed, outOf]) => noControl('before-publication', observed, outOf),
  ],
  [
    /^(?:None|No more than (\d+)) of it came from devices that sister accounts are run from\.$/,
    ([, observed]) => noControl('sister-devices', observed, undefined),
  ],
  [
    /^(?:None|No more than (\d+)) of it came from a network that is the operator's alone\.$/,
    ([, observed]) => noControl('operator-network', observed, undefined),
  ],
  [
    /^Made events began at no steady time behind its posts \((\d+) of (\d+) alike\)\.$/,
    ([, observed, outOf]) => noControl('repeat-timing', observed, outOf),
  ],
  [
    /^Made events came within three seconds on (\d+) of its latest (\d+) posts, which is usual\.$/,
    ([, observed, outOf]) => noControl('within-seconds', observed, outOf),
  ],
  [
    /^The crew in its audience moved (\d+) other accounts, of which (\d+) have the same operator\.$/,
    ([, outOf, observed]) => noControl('sister-crew', observed, outOf),
  ],
  [/^The number as such is not unusual for this account\.$/, () => ({ kind: 'usual-number' })],
  [
    /^(\d+) of them belong to a network that is openly declared\.$/,
    ([, members]) => ({ kind: 'declared-members', members: Number(members) }),
  ],
  [
    /^They share (devices|networks|verified identities|operators) no more than others do\.$/,
    ([, what]) => ({
      kind: 'nothing-shared',
      what: what === 'verified identities' ? 'identities' : (what as 'devices' | 'networks' | 'operators'),
    }),
  ],
  [
    /^It is about (?:(\d+) accounts?)?(?: and )?(?:(\d+) actors?)?; who only took part once is not among them\.$/,
    ([, accounts = '0', actors = '0']) => ({
      kind: 'only-members',
      accounts: Number(accounts),
      actors: Number(actors),
    }),
  ],
  [
    /^(\d+) others brought it up who do not belong to the cluster\.$/,
    ([, others]) => ({ kind: 'others-too', others: Number(others) }),
  ],
  [/^Whoever is pushed need not have asked for it: /, () => ({ kind: 'pushed-unasked' })],
  [/^They have nothing else in common\.$/, () => ({ kind: 'nothing-else-shared' })],
  [/^Whether the older post was the first anywhere is not known: /, () => ({ kind: 'first-unknown' })],
  [/^Anybody can send an account subscribers and take them away; /, () => ({ kind: 'sent-by-anybody' })],
  [/^Some of those who ran it before still do\.$/, () => ({ kind: 'kept-hand', hand: 'operator' })],
  [/^It is still run on a device of before\.$/, () => ({ kind: 'kept-hand', hand: 'device' })],
  [/^It is still run from a network of before\.$/, () => ({ kind: 'kept-hand', hand: 'place' })],
  [/^The hours at which it is run are what they were, /, () => ({ kind: 'same-habit', habit: 'hours' })],
  [/^It publishes as often as before, /, () => ({ kind: 'same-habit', habit: 'tempo' })],
  [
    /^Its texts are as long as before and in the same script, /,
    () => ({ kind: 'same-habit', habit: 'texts' }),
  ],
]

const clearings: readonly (readonly [Clearing['kind'], RegExp])[] = [
  ['used', /^It was used on (\S+) \(UTC\+8\)\.$/],
  ['handed-back', /^Whoever ran it before was back on (\S+) \(UTC\+8\)\.$/],
  ['declared', /^Its transfer was declared on (\S+) \(UTC\+8\)\.$/],
]

function clearingOf(sentence: string): Clearing | undefined {
  for (const [kind, pattern] of clearings) {
    const on = pattern.exec(sentence)?.[1]
    if (on !== undefined) return { kind, on }
  }
  return undefined
}

function changedHandOf(hand: HandFamily, sentence: string): ChangedHand | undefined {
  const found =
    / from (\S+) on, in (\d+) acts until (\S+); none of those of before \((\d+) acts, until (\S+)\) was seen again\.$/.exec(
      sentence,
    )
  if (found === null) return undefined
  const [, from = '', acts, to = '', formerActs, formerTo = ''] = found
  return {
    kind: 'changed-hand',
    ...{ hand, from, to, formerTo },
    ...{ acts: Number(acts), formerActs: Number(formerActs) },
  }
}

const places = [
  ['pairs on one device, ', 'shared-devices'],
  ['pairs in one network ', 'shared-networks'],
  ['pairs with one verified identity', 'shared-identities'],
  ['pairs that one actor publishes for', 'shared-operators'],
] as const

function placeOf(kind: (typeof places)[number][1], sentence: string): ElementFact | undefined {
  const found = /^(\d+) of them share (\d+) /.exec(sentence)
  return found === null ? undefined : { kind, members: Number(found[1]), places: Number(found[2]) }
}

function conductOf(element: string, sentence: string): ElementFact | undefined {
  const kind = conductKinds[element]
  const found =
    /^(\d+) of them, in \d+ pairs, .* within (a minute|ten minutes|an hour|a day) of each other, (\d+) times in the median pair, where chance explains (\S+)\.$/.exec(
      sentence,
    )
  if (kind === undefined || found === null) return undefined
  const acts = /acted on the same accounts \(([a-z, ]+)\)/.exec(sentence)?.[1]?.split(', ') ?? []
  const [, members, within, times, byChance = ''] = found
  return { kind, members: Number(members), within: spans[within!]!, times: Number(times), byChance, acts }
}

const conductKinds: Readonly<Partial<Record<string, 'joint-acts' | 'joint-texts' | 'joint-links'>>> = {
  'false-traffic': 'joint-acts',
  likeness: 'joint-texts',
  batch: 'joint-links',
}
const spans: Readonly<Record<string, Span>> = {
  'a minute': 'minute',
  'ten minutes': 'ten-minutes',
  'an hour': 'hour',
  'a day': 'day',
}

function markOf(sentence: string): { closedAccountId: string; mark: Mark } | undefined {
  for (const [what, pattern] of simpleMarks) {
    const found = pattern.exec(sentence)
    if (found !== null) return { closedAccountId: found[1]!, mark: { what } }
  }
  const name = /^Its name “(.*)” is like “(.*)”, that of (.*)\.$/s.exec(sentence)
  if (name !== null) {
    const [, own = '', closedName = '', closedAccountId = ''] = name
    return { closedAccountId, mark: { what: 'name', name: own, closedName } }
  }
  const texts = /^It published (\d+) texts of (.*) again, within a day of each\.$/s.exec(sentence)
  if (texts === null) return undefined
  return { closedAccountId: texts[2]!, mark: { what: 'texts', texts: Number(texts[1]) } }
}

const simpleMarks = [
  ['identity', /^It has the verified identity of (.*), which was closed\.$/s],
  ['device', /^It was registered on the device of (.*)\.$/s],
  ['network', /^It was registered in the network of (.*)\.$/s],
] as const

function shareOf(name: string): ElementFact | undefined {
  const trait = traits.find((one) => one.name === name)
  if (trait !== undefined) return { kind: 'trait-share', trait: trait.name }
  const sign = shares.find((one) => one.name === name)
  return sign === undefined ? undefined : { kind: 'sign-share', sign: sign.name }
}

function isRung(name: string): name is Recommendation {
  return (recommendations as readonly string[]).includes(name)
}
