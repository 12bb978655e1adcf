import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/**
 * The same job as a good engineer would write it in an afternoon: JSON.parse, objects, Maps and Sets. Per account and
 * kind it keeps the events of the last day, knows who shares devices, networks and texts, and judges the same windows
 * at the same moments by fixed thresholds. It has no calibration, no corrections and no recovery; it is here so that
 * the cost of a stream in plain objects stands beside that of one in columns.
 */
export async function runIdiomatic(path: string): Promise<{ events: number; flagged: ReadonlySet<string> }> {
  const watch = new Watch()
  let events = 0
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line === '') continue
    events++
    watch.take(JSON.parse(line) as EventRecord)
  }
  watch.judgeHour()
  return { events, flagged: watch.flagged }
}

interface EventRecord {
  readonly kind: string
  readonly eventId: string
  readonly occurredAt: number | string
  readonly actorId: string
  readonly accountId: string
  readonly deviceId?: string | null
  readonly address?: string | null
  readonly text?: string | null
  readonly dwellMs?: number | null
  readonly actorCreatedAt?: number | string | null
}

interface Seen {
  readonly timeMs: number
  readonly isShared: boolean
  readonly isDense: boolean
  readonly isYoung: boolean
  readonly isShort: boolean
  readonly isNewcomer: boolean
  readonly isCopied: boolean
  readonly isRegular: boolean
}

interface Series {
  readonly account: string
  events: Seen[]
  lastMs: number
  lastGapMs: number
  judgedAt: number
}

class Watch {
  readonly flagged = new Set<string>()
  private readonly series = new Map<string, Series>()
  private readonly accountsOf = new Map<string, Set<string>>()
  private readonly actorsAt = new Map<string, Set<string>>()
  private readonly eventsAt = new Map<string, number>()
  private readonly volumes = new Map<string, number>()
  private readonly networks = new Map<string, number>()
  private ids = new Set<string>()
  private olderIds = new Set<string>()
  private total = 0
  private minute = 0
  private hour = 0

  take(event: EventRecord): void {
    const timeMs = timeOf(event.occurredAt)
    this.passTime(timeMs)
    if (this.ids.has(event.eventId) || this.olderIds.has(event.eventId)) return
    this.ids.add(event.eventId)
    if (!judged.has(event.kind)) return
    const key = `${event.accountId}|${event.kind}`
    let series = this.series.get(key)
    if (series === undefined) {
      series = { account: event.accountId, events: [], lastMs: 0, lastGapMs: 0, judgedAt: 0 }
      this.series.set(key, series)
    }
    series.events.push(this.look(event, timeMs, series))
    this.judgeBurst(series, timeMs)
  }

  judgeHour(): void {
    for (const series of this.series.values()) {
      series.events = series.events.filter(({ timeMs }) => timeMs > this.hour * hourMs - 24 * hourMs)
      for (const hours of [1, 6, 24]) this.judge(series, (this.hour + 1 - hours) * hourMs)
    }
  }

  private passTime(timeMs: number): void {
    if (Math.floor(timeMs / 60_000) > this.minute) {
      this.minute = Math.floor(timeMs / 60_000)
      this.olderIds = this.ids
      this.ids = new Set()
    }
    if (Math.floor(timeMs / hourMs) > this.hour) {
      if (this.hour > 0) this.judgeHour()
      this.hour = Math.floor(timeMs / hourMs)
    }
  }

  private look(event: EventRecord, timeMs: number, series: Series): Seen {
    const { accountId, actorId, deviceId, address, text } = event
    const volume = (this.volumes.get(accountId) ?? 0) + 1
    this.volumes.set(accountId, volume)
    this.total++
    const accounts = setAt(this.accountsOf, actorId)
    const isNewcomer = accounts.size <= 1
    accounts.add(accountId)

    const network = address?.split('.').slice(0, 3).join('.')
    let isDense = false
    if (network !== undefined) {
      const actors = setAt(this.actorsAt, `${accountId}|n|${network}`).add(actorId).size
      const count = (this.eventsAt.get(`${accountId}|${network}`) ?? 0) + 1
      this.eventsAt.set(`${accountId}|${network}`, count)
      const everywhere = (this.networks.get(network) ?? 0) + 1
      this.networks.set(network, everywhere)
      isDense = actors >= 4 && count > 5 + (4 * volume * (everywhere - count)) / (this.total - volume + 1)
    }
    const gapMs = timeMs - series.lastMs
    const isRegular = gapMs > 20 && Math.abs(gapMs - series.lastGapMs) < 0.1 * series.lastGapMs
    series.lastMs = timeMs
    series.lastGapMs = gapMs
    return {
      timeMs,
      isShared:
        typeof deviceId === 'string' &&
        setAt(this.actorsAt, `${accountId}|d|${deviceId}`).add(actorId).size >= 3,
      isDense,
      isYoung:
        (typeof event.actorCreatedAt === 'number' || typeof event.actorCreatedAt === 'string') &&
        timeMs - timeOf(event.actorCreatedAt) < 60 * 24 * hourMs,
      isShort: typeof event.dwellMs === 'number' && event.dwellMs < 3000,
      isNewcomer,
      isCopied:
        typeof text === 'string' &&
        text.length >= 12 &&
        setAt(this.actorsAt, `${accountId}|t|${text.normalize('NFKC').toLowerCase()}`).add(actorId).size >= 3,
      isRegular,
    }
  }

  private judgeBurst(series: Series, timeMs: number): void {
    const startMs = timeMs - 600_000
    let count = 0
    for (let i = series.events.length - 1; i >= 0 && series.events[i]!.timeMs > startMs; i--) count++
    if (count < 30 || count < series.judgedAt * 1.25) return
    series.judgedAt = count
    this.judge(series, startMs)
  }

  private judge(series: Series, startMs: number): void {
    const window = series.events.filter(({ timeMs }) => timeMs > startMs)
    if (window.length < 30) return
    const share = (of: (seen: Seen) => boolean): number => window.filter(of).length / window.length
    const hard = [
      share((seen) => seen.isShared),
      share((seen) => seen.isDense),
      share((seen) => seen.isRegular),
    ]
    const soft = [
      share((seen) => seen.isYoung),
      share((seen) => seen.isShort),
      share((seen) => seen.isNewcomer),
      share((seen) => seen.isCopied),
    ]
    if (Math.max(...hard) > 0.4 && hard.concat(soft).filter((one) => one > 0.4).length >= 2) {
      this.flagged.add(series.account)
    }
  }
}

function setAt(map: Map<string, Set<string>>, key: string): Set<string> {
  let set = map.get(key)
  if (set === undefined) {
    set = new Set()
    map.set(key, set)
  }
  return set
}

function timeOf(value: number | string): number {
  return typeof value === 'number' ? value : Date.parse(value)
}

const hourMs = 3_600_000
const judged = new Set(['subscription', 'click', 'forward', 'comment'])
