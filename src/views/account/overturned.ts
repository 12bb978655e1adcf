import type { Mode, Offence } from '../../model/records'
import { offences } from '../../model/records'
import { verdictIdOf } from '../../model/verdict-id'
import { Generations } from '../../state/generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/**
 * Which series a verdict is about, and since when a person has said that there was nothing: what was known by then is
 * held against the series no more, so that it is neither found again nor kept from teaching its baseline. What is found
 * of a whole account has accounts for series.
 *
 * A verdict's id is made of what a finding says, so that whoever finds knows it before it is raised.
 */
export class Overturned {
  private readonly ids = new Generations({ stride: 4, spanMs: idSpanMs, cap: 200_000 })
  /** By series and offence. */
  private readonly sinceMs = new Map<string, number>()

  get evicted(): number {
    return this.ids.evicted
  }

  advance(nowMs: number): void {
    this.ids.advance(nowMs)
    for (const [key, atMs] of this.sinceMs) if (atMs < nowMs - longestWindowMs) this.sinceMs.delete(key)
  }

  /** Notes a finding, which may come to be a verdict. */
  remember(series: number, found: { mode: Mode; offence: Offence; subject: string; startMs: number }): void {
    const { high, low } = hashIn(verdictIdOf(found))
    const at = this.ids.touch(high, low)
    const { words } = this.ids.young
    words[at + 2] = series
    words[at + 3] = offences.indexOf(found.offence)
  }

  /** A verdict was overturned: gives the series that it was about, or -1 when it was about none, or is forgotten. */
  overturn(verdictId: string, atMs: number): number {
    if (!/^v-[0-9a-f]{32}$/.test(verdictId)) return -1
    const { high, low } = hashIn(verdictId)
    const at = this.ids.find(high, low)
    if (at < 0) return -1
    const { words } = this.ids.young
    const series = words[at + 2]!
    this.sinceMs.set(keyOf(series, offences[words[at + 3]!]!), atMs)
    return series
  }

  /** Whether what a window shows is what a person has looked at. */
  covers(series: number, offence: Offence, startMs: number): boolean {
    if (this.sinceMs.size === 0) return false
    const atMs = this.sinceMs.get(keyOf(series, offence))
    return atMs !== undefined && startMs < atMs
  }

  save(out: SnapshotWriter, name: string): void {
    this.ids.save(out, `${name}.ids`)
    out.value(`${name}.since`, [...this.sinceMs])
  }

  load(from: SnapshotReader, name: string): void {
    this.ids.load(from, `${name}.ids`)
    for (const [key, atMs] of from.value<[string, number][]>(`${name}.since`)) this.sinceMs.set(key, atMs)
  }
}

function keyOf(series: number, offence: Offence): string {
  return `${series}|${offence}`
}

/** The first 64 bits of an id. */
function hashIn(verdictId: string): { high: number; low: number } {
  return { high: parseInt(verdictId.slice(2, 10), 16), low: parseInt(verdictId.slice(10, 18), 16) }
}

/** The longest window that is judged, with the hour that may be open. */
const longestWindowMs = 25 * 3_600_000
/** Long after its last finding nothing of a series is kept in quarantine any more. */
const idSpanMs = 30 * 86_400_000
