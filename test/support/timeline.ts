import type { Entry, JudgedKind } from '../../src/model/event'
import type { ClusterReport } from '../../src/model/cluster'
import type { EpochReport, Finding, Surge } from '../../src/model/finding'
import type { Correction, Verdict } from '../../src/model/records'
import { defaultPolicy } from '../../src/policy/policy'
import type { Policy } from '../../src/policy/policy'
import { connect } from '../../src/runtime/connect'
import { makeViews, stagesOf } from '../../src/runtime/stages'
import type { LogName, Stage, Views } from '../../src/runtime/stages'
import { SnapshotReader, SnapshotWriter } from '../../src/state/snapshot'
import { blockOf } from './blocks'
import type { TestEvent } from './blocks'
import { seeded } from './seeded'

/**
 * Plays a day on a small platform: what happens goes through the actor view, the account view and the decide view as it
 * does in production, and what they say comes back.
 *
 * ```
 *  play([...ordinaryTraffic(), ...burst({ kind: 'click', count: 300, at: '14:00', overMinutes: 20, devices: 6 })])
 *
 *  06:00 ─────────────────────────── 14:00 ─ 14:20 ──── 16:00
 *  eight accounts and their audience ···················
 *  x, a small one ·  ·   ·  ·   ·  · ████████   ·  ·   ·      300 clicks from 6 devices
 * ```
 */
export function play(events: readonly TestEvent[], options: PlayOptions = {}): Played {
  const { policy = defaultPolicy, restartAt, disorderMs } = options
  const output = new Output()
  let views = makeViews(policy, key)
  let put = connect(output.tapped(views), output.take)
  const arrivals = disorderMs === undefined ? [...events].sort((a, b) => a.timeMs - b.timeMs) : events
  let latestMs = Number.NEGATIVE_INFINITY
  for (let from = 0; from < arrivals.length; from += rowsPerBlock) {
    const rows = arrivals.slice(from, from + rowsPerBlock)
    latestMs = rows.reduce((latest, { timeMs }) => Math.max(latest, timeMs), latestMs)
    const isLast = from + rowsPerBlock >= arrivals.length
    if (restartAt !== undefined && latestMs >= restartAt) {
      views = restored(views, makeViews(policy, key))
      put = connect(output.tapped(views), output.take)
    }
    const watermarkMs = isLast ? Number.POSITIVE_INFINITY : latestMs - (disorderMs ?? 0)
    put('events', blockOf(rows, { watermarkMs }).bytes)
  }
  return output.played()
}

/** Only what is said of inflated numbers: that clicks came without impressions is another matter. */
export function playNumbers(events: readonly TestEvent[], options?: PlayOptions): Played {
  const played = play(events, options)
  return { ...played, verdicts: played.verdicts.filter(({ offence }) => offence.startsWith('inflated-')) }
}

export interface PlayOptions {
  readonly policy?: Policy
  /** The events arrive as they are given, each at most so far behind the latest; else in order. */
  readonly disorderMs?: number
  /** From this moment on, before every block: the state is saved, and other views go on from it. */
  readonly restartAt?: number
}

/** What came of it, in order. */
export interface Played {
  readonly reports: readonly EpochReport[]
  readonly clusters: readonly ClusterReport[]
  readonly findings: readonly Finding[]
  readonly verdicts: readonly Verdict[]
  readonly corrections: readonly Correction[]
  readonly surges: readonly Surge[]
}

/** A moment of the day that is played, '14:30'; hours beyond 24 are the days after. */
export function at(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return monday + hours * hourMs + minutes * minuteMs
}

/**
 * What an honest platform has at any time: eight accounts with an audience of eight hundred who know several of them,
 * read before they comment, have a phone each and a network at home or at one of two carriers; and the small account
 * `x` that bursts are made on. The same on every call.
 */
export function ordinaryTraffic({ from = '06:00', to = '16:00' } = {}): TestEvent[] {
  const random = seeded(1)
  const events: TestEvent[] = []
  for (let hourAt = at(from); hourAt < at(to); hourAt += hourMs) {
    for (const [account, perHour] of ordinaryAccounts) {
      for (const [kind, share] of ordinaryShares) {
        const count = Math.floor(perHour * share + random())
        for (let i = 0; i < count; i++) {
          const id = `${account}-${kind}-${hourAt}-${i}`
          const timeMs = hourAt + Math.floor(random() * hourMs)
          const actor = Math.floor(random() * regulars)
          const visit = { id, timeMs, account, content: `${account}-article-${i % 3}`, ...regular(actor) }
          events.push({ ...visit, ...deedOf(kind, id, random) })
          const readsBefore = kind !== 'click' && random() < 0.6
          if (readsBefore) {
            events.push({
              ...visit,
              ...deedOf('click', `${id}-read`, random),
              id: `${id}-read`,
              timeMs: timeMs - 1,
            })
          }
        }
      }
    }
  }
  return events.filter(({ timeMs }) => timeMs >= at(from))
}

/** Something out of the ordinary; what is left out is as with honest people. */
export interface Burst {
  readonly kind: JudgedKind
  readonly account?: string
  readonly count: number
  readonly at: string
  readonly overMinutes: number
  /** Strangers have done nothing on the platform before; regulars are of its ordinary audience. */
  readonly by?: 'strangers' | 'regulars'
  /** How many actors they are; one an event where left out. */
  readonly actors?: number
  /** How many devices they share; everybody has one where left out. */
  readonly devices?: number
  /** The one device that all of it comes from. */
  readonly device?: string
  /** How many networks they share; everybody is at home or with a carrier where left out. */
  readonly networks?: number
  /** All of it comes through the two carriers that ordinary people use too. */
  readonly isMobile?: boolean
  /** How long ago they registered. */
  readonly ageDays?: number
  readonly dwellMs?: number
  readonly entry?: Entry
  /** The one text that all of them write. */
  readonly text?: string
  /** At equal gaps, as a program does, and not whenever it suits people. */
  readonly isTimed?: boolean
}

/** What is hired by the thousand: a shelf of phones behind a few proxies, with accounts registered for the purpose. */
export const phoneFarm = { devices: 8, networks: 6, ageDays: 3 } as const

export function burst(described: Burst): TestEvent[] {
  const { kind, account = 'x', count, overMinutes, actors = count } = described
  const { dwellMs, entry, text, isTimed = false } = described
  const random = seeded(count + overMinutes)
  const spanMs = overMinutes * minuteMs
  return Array.from({ length: count }, (_, i) => {
    const id = `${account}-${kind}-burst-${described.at}-${i}`
    const share = isTimed ? i / count : random()
    const number = i % actors
    return {
      id,
      timeMs: at(described.at) + Math.floor(share * spanMs),
      account,
      content: `${account}-article-0`,
      ...member(number, described),
      ...deedOf(kind, id, random),
      ...(dwellMs === undefined ? {} : { dwellMs }),
      ...(entry === undefined ? {} : { entry }),
      ...(text === undefined ? {} : { text }),
    }
  })
}

/** Those who subscribed in such a burst leave again, a little later or much. */
export function leaving(described: Omit<Burst, 'kind'>, arrivals?: Omit<Burst, 'kind'>): TestEvent[] {
  const came = burst({ kind: 'subscription', ...(arrivals ?? described) })
  const times = burst({ kind: 'subscription', ...described }).map(({ timeMs }) => timeMs)
  return came.map((event, place) => ({
    ...event,
    id: `${event.id}-left`,
    timeMs: times[place]!,
    action: 'unsubscribe',
    // A way in says nothing of a way out.
    entry: 'unknown',
  }))
}

/** What the platform counts of these clicks, an hour after the other: `each` impressions for one from a feed or a search. */
export function impressionsOf(events: readonly TestEvent[], { each = 20, lateMs = 0 } = {}): TestEvent[] {
  const hours = new Map<string, { account: string; endMs: number; clicks: number }>()
  for (const { kind, entry, account = '', timeMs } of events) {
    if (kind !== 'click' || (entry !== 'feed' && entry !== 'search')) continue
    const endMs = (Math.floor(timeMs / hourMs) + 1) * hourMs - 1
    const hour = hours.get(`${account} ${endMs}`) ?? { account, endMs, clicks: 0 }
    hour.clicks++
    hours.set(`${account} ${endMs}`, hour)
  }
  return [...hours.values()].map(({ account, endMs, clicks }) => ({
    id: `shown-${account}-${endMs}-${each}-${lateMs}-${clicks}`,
    timeMs: endMs + lateMs,
    kind: 'impression',
    actor: 'feed-home',
    account,
    amount: Math.round(clicks * each),
  }))
}

/** The account publishes from a device: that is its operator's. */
export function post(account: string, device: string, clock: string): TestEvent {
  return { id: `post-${account}-${clock}`, timeMs: at(clock), kind: 'post', account, actor: account, device }
}

/** Verdicts as they stand: of each the latest revision, in short. */
export function standing(verdicts: readonly Verdict[]): string[] {
  const latest = new Map(verdicts.map((verdict) => [verdict.verdictId, verdict]))
  return [...latest.values()].map(
    ({ accountId, offence, recommendation, role }) => `${accountId}: ${offence}, ${recommendation}, ${role}`,
  )
}

/** The corrections of an account as they stand, added up. */
export function corrected(
  corrections: readonly Correction[],
  accountId = 'x',
): { raw: number; disputed: number } {
  const latest = new Map(
    corrections
      .filter((correction) => correction.accountId === accountId)
      .map((correction) => [`${correction.contentId}|${correction.kind}|${correction.hour}`, correction]),
  )
  let raw = 0
  let disputed = 0
  for (const correction of latest.values()) {
    raw += correction.raw
    disputed += correction.disputed
  }
  return { raw, disputed }
}

class Output {
  private readonly reports: EpochReport[] = []
  private readonly clusters: ClusterReport[] = []
  private readonly lines = new Map<LogName, unknown[]>()

  readonly take = (log: LogName, record: Uint8Array): void => {
    const lines = this.lines.get(log) ?? []
    lines.push(parsed(record))
    this.lines.set(log, lines)
  }

  /** The stages of some views, and one more that listens to what they tell each other. */
  tapped(views: Views): Stage[] {
    const listen = (reports: unknown[]): Stage['view'] => ({
      name: 'tap',
      fold: (record) => reports.push(parsed(record)),
      save: () => undefined,
      load: () => undefined,
    })
    return [
      ...stagesOf(views),
      { view: listen(this.reports), inputs: ['findings'], outputs: [] },
      { view: listen(this.clusters), inputs: ['clusters'], outputs: [] },
    ]
  }

  played(): Played {
    const { reports, clusters } = this
    return {
      reports,
      clusters,
      findings: reports.flatMap(({ findings }) => findings),
      verdicts: (this.lines.get('verdicts') ?? []) as Verdict[],
      corrections: (this.lines.get('corrections') ?? []) as Correction[],
      surges: ((this.lines.get('surges') ?? []) as Surge[]).filter((told) => 'kind' in told),
    }
  }
}

function restored(before: Views, after: Views): Views {
  for (const name of Object.keys(before) as (keyof Views)[]) {
    const out = new SnapshotWriter()
    before[name].save(out)
    after[name].load(new SnapshotReader(out.parts().map((part) => part.slice())))
  }
  return after
}

const key = new Uint8Array(16)

/** One of the ordinary audience: always the same phone, network and age. */
function regular(number: number): Partial<TestEvent> {
  const network = number % 5 < 2 ? `carrier-${number % 2}` : `home-${number % 160}`
  const ageDays = number % 33 === 0 ? 20 : 100 + number
  return {
    actor: `regular-${number}`,
    device: `phone-${number}`,
    network,
    agent: `browser-${number % 4}`,
    createdMs: monday - ageDays * dayMs,
  }
}

/** Somebody of a burst: by himself like anybody else, but for what is said of all of them. */
function member(number: number, described: Burst): Partial<TestEvent> {
  const {
    account = 'x',
    at: clock,
    by = 'strangers',
    devices,
    device,
    networks,
    isMobile = false,
    ageDays,
  } = described
  const name = `stranger-${account}-${clock}-${number}`
  const ownDevice = `phone-of-${name}`
  // Bursts of different moments are of different regulars.
  const likeAnybody = regular((number * 7 + at(clock) / minuteMs) % regulars)
  return {
    ...likeAnybody,
    ...(by === 'strangers' ? { actor: name, device: ownDevice } : {}),
    ...(devices === undefined ? {} : { device: `farm-${account}-${number % devices}` }),
    ...(device === undefined ? {} : { device }),
    ...(isMobile ? { network: `carrier-${number % 2}` } : {}),
    ...(networks === undefined ? {} : { network: `hired-${account}-${number % networks}` }),
    ...(ageDays === undefined ? {} : { createdMs: at(clock) - ageDays * dayMs }),
  }
}

/** What honest people do, told by kind. */
function deedOf(kind: JudgedKind, id: string, random: () => number): Partial<TestEvent> {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!
  switch (kind) {
    case 'click': {
      const dwellMs = random() < 0.08 ? 1500 : Math.floor(4000 * Math.exp(3 * random()))
      return { kind, dwellMs, entry: pick(['feed', 'feed', 'chat', 'search', 'feed', 'direct']) }
    }
    case 'subscription':
      return { kind, action: 'subscribe', entry: pick(['search', 'article', 'recommendation', 'qr-code']) }
    case 'forward':
      return { kind, entry: pick(['chat', 'group', 'timeline']) }
    case 'comment':
      return { kind, text: `what somebody thinks, ${id}` }
  }
}

function parsed(record: Uint8Array): unknown {
  return JSON.parse(textDecoder.decode(record))
}

const textDecoder = new TextDecoder()
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const monday = Date.UTC(2026, 0, 5)
const rowsPerBlock = 500
const regulars = 800
/** Events an hour. */
const ordinaryAccounts: readonly (readonly [string, number])[] = [
  ...Array.from({ length: 8 }, (_, i) => [`account-${i}`, 40 + 6 * i] as const),
  ['x', 8],
]
const ordinaryShares = [
  ['click', 0.5],
  ['subscription', 0.15],
  ['forward', 0.2],
  ['comment', 0.15],
] as const
