import type { JudgedKind, SeriesKind } from '../model/event'
import { tiesReachMs } from '../model/acts'
import { offences } from '../model/records'
import type { Counts, Mode, Offence, Recommendation, Role, Status } from '../model/records'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/** An open verdict: what has been published of it, and when its last evidence came. */
export interface Case {
  readonly verdictId: string
  readonly offence: Offence
  /** The kind of event whose number is in dispute; none where no number is. */
  readonly kind?: SeriesKind
  readonly mode: Mode
  readonly qValue: number
  revision: number
  status: Status
  startMs: number
  lastMs: number
  /** The moment before which it is cleared by what may clear it, though nothing new comes. */
  readonly waitsUntilMs?: number
  counts: Counts
  /** Of the cluster that it is about, where it is about one. */
  members?: number
  recommendation: Recommendation
  role: Role
}

/** What a case is known by: the mode of its detector, the offence, and whom it is about. */
export function caseKey({
  mode,
  offence,
  subject,
}: {
  mode: Mode
  offence: Offence
  subject: string
}): string {
  return `${mode}|${offence}|${subject}`
}

/**
 * The open cases by their key, and of those that are over what the next one on the same subject has to respect: that it
 * begins where the last one ended, and that what a person has looked at and found to be nothing is no evidence.
 */
export class CaseBook {
  private readonly open = new Map<string, Case>()
  /** When the last case of linked accounts ended: the next one begins there, or it had the same id. */
  private readonly ended = new Map<string, number>()
  private readonly overturned = new Map<string, Overturned>()

  get(key: string): Case | undefined {
    return this.open.get(key)
  }

  put(key: string, opened: Case): void {
    this.open.set(key, opened)
  }

  /** What a case rests on was taken back by what had found it. */
  clear(key: string, atMs: number): void {
    this.open.delete(key)
    this.ended.set(key, atMs)
  }

  /** A person found a verdict to be wrong: its case ends, and all that was known by then was looked at. */
  overturn(
    key: string,
    { verdictId, kind, atMs }: { verdictId: string; kind: SeriesKind | undefined; atMs: number },
  ): void {
    if (this.open.get(key)?.verdictId === verdictId) this.open.delete(key)
    this.overturned.set(key, kind === undefined ? { atMs } : { atMs, kind })
  }

  /**
   * Whether evidence that reaches back to a time says nothing new: a person has looked at it. A case from since then rests on
   * nothing from before; one from before is of other evidence, which stands.
   */
  isOverruled(key: string, startMs: number): boolean {
    const lookedAtMs = this.overturned.get(key)?.atMs ?? -Infinity
    const open = this.open.get(key)
    return startMs < lookedAtMs && (open === undefined || open.startMs >= lookedAtMs)
  }

  /** Where a case begins whose evidence reaches back to a time. */
  beginning(key: string, startMs: number): number {
    return Math.max(startMs, this.ended.get(key) ?? startMs)
  }

  /** The live cases that count against the numbers of one kind of an account, of whichever offence. */
  against({ accountId, kind }: { accountId: string; kind: JudgedKind }): Case[] {
    const cases = offences.map((offence) =>
      this.open.get(caseKey({ mode: 'live', offence, subject: accountId })),
    )
    return cases.filter((open) => open !== undefined).filter((open) => open.kind === kind)
  }

  /** Up to when the numbers of one kind of an account were given back to it. */
  givenBackMs({ accountId, kind }: { accountId: string; kind: JudgedKind }): number {
    if (this.overturned.size === 0) return -Infinity
    const of = offences.map((offence) =>
      this.overturned.get(caseKey({ mode: 'live', offence, subject: accountId })),
    )
    return Math.max(-Infinity, ...of.filter((one) => one?.kind === kind).map((one) => one!.atMs))
  }

  /** Ends the cases of which nothing was heard for so long, and forgets what no case can ask for any more. */
  advance(nowMs: number, caseMs: number): void {
    for (const [key, { lastMs, kind, waitsUntilMs = 0 }] of this.open) {
      // What clears it at the last moment is told a little later.
      if (lastMs > nowMs - caseMs || waitsUntilMs > nowMs - tellingMs) continue
      this.open.delete(key)
      // Numbers have windows of a day at most; ties reach back to before the case ended.
      if (kind === undefined) this.ended.set(key, lastMs)
    }
    for (const [key, lastMs] of this.ended) if (lastMs <= nowMs - tiesReachMs) this.ended.delete(key)
    for (const [key, { atMs }] of this.overturned) {
      if (atMs <= nowMs - longestAppealMs) this.overturned.delete(key)
    }
  }

  save(out: SnapshotWriter): void {
    out.value('cases', [...this.open])
    out.value('ended', [...this.ended])
    out.value('overturned', [...this.overturned])
  }

  load(from: SnapshotReader): void {
    for (const [key, open] of from.value<[string, Case][]>('cases')) this.open.set(key, open)
    for (const [key, endedMs] of from.value<[string, number][]>('ended')) this.ended.set(key, endedMs)
    for (const [key, one] of from.value<[string, Overturned][]>('overturned')) this.overturned.set(key, one)
  }
}

/** Until when all that was known of a case was looked at by a person and found to be nothing. */
interface Overturned {
  readonly atMs: number
  readonly kind?: SeriesKind
}

const dayMs = 86_400_000
const tellingMs = 3_600_000
/** As long as rules may be appealed against; what a fact says begins with the registration of the account. */
const longestAppealMs = 400 * dayMs
