import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/**
 * The same job as a good engineer would write it in an afternoon: JSON.parse, objects, Maps and Sets. It sees the same
 * traits of an event, counts them by account and kind in the same minutes and hours, and judges the same windows at the
 * same moments, by fixed shares instead of what is usual. It has no order within an epoch, no calibration, no
 * corrections and no recovery: it is here so that the cost of a stream in plain objects stands beside that of one in
 * columns, and so that both can be seen to find the same accounts.
 */
export async function runIdiomatic(path: string): Promise<{ events: number; flagged: ReadonlySet<string> }> {
  const watch = new Watch()
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line !== '') watch.take(JSON.parse(line) as EventRecord)
  }
  watch.judgeHour()
  return { events: watch.events, flagged: watch.flagged }
}

interface EventRecord {
  readonly kind: string
  readonly eventId: string
  readonly occurredAt: number | string
  readonly actorId: string
  readonly accountId: string
  readonly deviceId?: string
  readonly address?: string
  readonly userAgent?: string
  readonly actorCreatedAt?: number | string
  readonly text?: string
  readonly dwellMs?: number
  readonly action?: string
  readonly source?: string
  readonly referrer?: string
  readonly channel?: string
}

type Trait = (typeof hard)[number] | (typeof soft)[number]
const hard = ['shared-device', 'dense-network', 'regular-gap'] as const
const soft = [
  'young',
  'newcomer',
  'short-dwell',
  'unread',
  'repeated',
  'shared-text',
  'no-entry',
  'dense-agent',
] as const

/** What one account and kind had in one minute or hour. */
interface Pane {
  events: number
  readonly traits: Map<Trait, number>
}

interface Series {
  readonly account: Account
  readonly minutes: Map<number, Pane>
  readonly hours: Map<number, Pane>
  lastMs: number
  lastGapMs: number
  judgedCount: number
}

interface Origin {
  events: number
  readonly actors: Set<string>
}

interface Account {
  readonly id: string
  events: number
  /** Where its events of the day came from: devices, networks, programs and texts. */
  readonly origins: Map<string, Origin>
}

interface Actor {
  readonly accounts: Set<string>
  readonly read: Set<string>
  /** Visits of the day, by account and kind. */
  readonly visits: Map<string, number>
}

class Watch {
  events = 0
  readonly flagged = new Set<string>()
  private readonly accounts = new Map<string, Account>()
  private readonly actors = new Map<string, Actor>()
  private readonly series = new Map<string, Series>()
  private readonly platform = new Map<string, number>()
  private ids = new Set<string>()
  private olderIds = new Set<string>()
  private touched = new Set<Series>()
  private clockMs = 0

  take(event: EventRecord): void {
    const timeMs = timeOf(event.occurredAt)
    if (timeMs < this.clockMs - disorderMs) return
    this.passTime(timeMs)
    if (this.ids.has(event.eventId) || this.olderIds.has(event.eventId)) return
    this.ids.add(event.eventId)
    this.events++
    if (!judged.has(event.kind) || event.action === 'unsubscribe' || event.source === 'import') return
    const account = at(this.accounts, event.accountId, () => ({
      id: event.accountId,
      events: 0,
      origins: new Map<string, Origin>(),
    }))
    const series = at(this.series, `${event.accountId}|${event.kind}`, () => ({
      account,
      minutes: new Map<number, Pane>(),
      hours: new Map<number, Pane>(),
      lastMs: 0,
      lastGapMs: 0,
      judgedCount: 0,
    }))
    const traits = this.traitsOf(event, timeMs, series)
    for (const [panes, paneMs] of [
      [series.minutes, minuteMs],
      [series.hours, hourMs],
    ] as const) {
      const pane = at(panes, Math.floor(timeMs / paneMs), () => ({
        events: 0,
        traits: new Map<Trait, number>(),
      }))
      pane.events++
      for (const trait of traits) pane.traits.set(trait, (pane.traits.get(trait) ?? 0) + 1)
    }
    this.touched.add(series)
  }

  judgeHour(): void {
    const hour = Math.floor(this.clockMs / hourMs)
    for (const series of this.series.values()) {
      if (!series.hours.has(hour)) continue
      for (const hours of [1, 6, 24]) this.judge(series, sumOf(series.hours, hour - hours + 1, hour))
      for (const old of series.hours.keys()) if (old <= hour - 25) series.hours.delete(old)
    }
  }

  private passTime(timeMs: number): void {
    if (timeMs <= this.clockMs) return
    const passes = (spanMs: number): boolean =>
      Math.floor(timeMs / spanMs) > Math.floor(this.clockMs / spanMs)
    if (passes(epochMs)) this.judgeBursts()
    if (passes(2 * minuteMs)) {
      this.olderIds = this.ids
      this.ids = new Set()
    }
    if (passes(hourMs)) this.judgeHour()
    if (passes(24 * hourMs)) {
      for (const account of this.accounts.values()) account.origins.clear()
      for (const actor of this.actors.values()) actor.visits.clear()
      this.platform.clear()
    }
    this.clockMs = timeMs
  }

  private traitsOf(event: EventRecord, timeMs: number, series: Series): Trait[] {
    const { actorId, accountId, kind, deviceId, text, dwellMs } = event
    const traits: Trait[] = []
    const actor = at(this.actors, actorId, () => ({
      accounts: new Set<string>(),
      read: new Set<string>(),
      visits: new Map<string, number>(),
    }))
    actor.accounts.add(accountId)
    if (actor.accounts.size <= 2) traits.push('newcomer')
    if (kind === 'click') actor.read.add(accountId)
    else if (!actor.read.has(accountId)) traits.push('unread')
    const visits = (actor.visits.get(`${accountId}|${kind}`) ?? 0) + 1
    actor.visits.set(`${accountId}|${kind}`, visits)
    if (visits > 3) traits.push('repeated')
    if (event.actorCreatedAt !== undefined && timeMs - timeOf(event.actorCreatedAt) < 60 * 24 * hourMs)
      traits.push('young')
    if (dwellMs !== undefined && dwellMs < 3000) traits.push('short-dwell')
    const entry = event.source ?? event.referrer ?? event.channel
    if (kind !== 'comment' && (entry === undefined || entry === 'unknown' || entry === 'direct'))
      traits.push('no-entry')

    const gapMs = timeMs - series.lastMs
    if (gapMs > 20 && Math.abs(gapMs - series.lastGapMs) <= 0.1 * series.lastGapMs) traits.push('regular-gap')
    series.lastMs = timeMs
    series.lastGapMs = gapMs

    const { account } = series
    account.events++
    const network = event.address === undefined ? undefined : networkOf(event.address)
    if (network !== undefined && this.isDense(account, network, actorId)) traits.push('dense-network')
    if (event.userAgent !== undefined && this.isDense(account, event.userAgent, actorId))
      traits.push('dense-agent')
    if (deviceId !== undefined && meet(account, deviceId, actorId).actors.size >= 3)
      traits.push('shared-device')
    if (text !== undefined && text.length >= 12) {
      if (meet(account, text.normalize('NFKC').toLowerCase(), actorId).actors.size >= 3)
        traits.push('shared-text')
    }
    return traits
  }

  /** Whether an account has far more from an origin than the rest of the platform would let one expect. */
  private isDense(account: Account, name: string, actor: string): boolean {
    const origin = meet(account, name, actor)
    const everywhere = (this.platform.get(name) ?? 0) + 1
    this.platform.set(name, everywhere)
    const expected = ((everywhere - origin.events) / Math.max(1, this.events)) * account.events
    return origin.actors.size >= 4 && origin.events > 5 + 4 * expected
  }

  private judgeBursts(): void {
    const minute = Math.floor(this.clockMs / minuteMs)
    for (const series of this.touched) {
      for (const old of series.minutes.keys()) if (old <= minute - 10) series.minutes.delete(old)
      const window = sumOf(series.minutes, minute - 9, minute)
      if (window.events < series.judgedCount / 2) series.judgedCount = 0
      if (window.events < leastCount || window.events < series.judgedCount * 1.25) continue
      series.judgedCount = window.events
      this.judge(series, window)
    }
    this.touched = new Set()
  }

  private judge(series: Series, { events, traits }: Pane): void {
    if (events < leastCount) return
    const isTelling = (trait: Trait): boolean => (traits.get(trait) ?? 0) > tellingShare * events
    const telling = [...hard, ...soft].filter(isTelling)
    if (telling.length >= 2 && hard.some(isTelling)) this.flagged.add(series.account.id)
  }
}

function sumOf(panes: ReadonlyMap<number, Pane>, from: number, to: number): Pane {
  const sum: Pane = { events: 0, traits: new Map() }
  for (let number = from; number <= to; number++) {
    const pane = panes.get(number)
    if (pane === undefined) continue
    sum.events += pane.events
    for (const [trait, count] of pane.traits) sum.traits.set(trait, (sum.traits.get(trait) ?? 0) + count)
  }
  return sum
}

/** Notes one more event of an account from an origin. */
function meet(account: Account, name: string, actor: string): Origin {
  const origin = at(account.origins, name, () => ({ events: 0, actors: new Set<string>() }))
  origin.events++
  origin.actors.add(actor)
  return origin
}

function at<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

/** The /24 or /48 of an address. */
function networkOf(address: string): string {
  const mark = address.includes(':') ? ':' : '.'
  return address.split(mark).slice(0, 3).join(mark)
}

function timeOf(value: number | string): number {
  return typeof value === 'number' ? value : Date.parse(value)
}

const epochMs = 10_000
const minuteMs = 60_000
const hourMs = 3_600_000
const disorderMs = 60_000
const leastCount = 30
/** From this share of a window on a trait counts against it. */
const tellingShare = 0.4
const judged = new Set(['subscription', 'click', 'forward', 'comment'])
