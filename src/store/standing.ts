import type {
  ClusterEvent,
  Correction,
  Mode,
  Offence,
  Recommendation,
  Status,
  Verdict,
} from '../model/records'

/**
 * The served copy of what the logs say: keyed reads for the API and for enforcement services. It decides nothing and
 * may be lost at any time; whoever writes it is told from where to write it again.
 */
export interface Standing extends StandingReader, StandingWriter {
  close(): Promise<void>
}

/** The logs that the copy is made of: what the decide view puts out, each record at a position of its own from 0 on. */
export const standingLogs = ['verdicts', 'corrections'] as const
export type StandingLog = (typeof standingLogs)[number]

/** Records of one log that are safe in it already, in order; the first has the position `from`. */
export interface StandingBatch {
  readonly log: StandingLog
  readonly from: number
  /** One JSON line each, as they came out of the pipeline. */
  readonly records: readonly Uint8Array[]
}

export interface StandingWriter {
  /**
   * Serves the records of a batch from now on. Never throws for a store that is lost, slow or behind: the outcome says
   * what to do. A batch may come again, in whole or in part, and from a writer that fell asleep: what is newer stays.
   */
  apply(batch: StandingBatch): Promise<ApplyOutcome>

  /**
   * The position in a log that everything before is served of; 0 when nothing is. Beyond the end of the log it is the copy
   * of another log, which needs a namespace of its own. Throws a `StandingUnreachableError` when nobody answers.
   */
  positionOf(log: StandingLog): Promise<number>

  /** Says that nothing before a position will come any more, since the log no longer holds it. */
  startFrom(log: StandingLog, position: number): Promise<void>

  /** What became of the records and of the batches, since this was opened. */
  readonly stats: Readonly<StandingStats>
}

export interface StandingStats {
  applied: number
  skipped: number
  behind: number
  unreachable: number
}

export type ApplyOutcome =
  /** Everything before `next` is served. `skipped` records of the batch were no record of that log. */
  | { readonly kind: 'applied'; readonly next: number; readonly skipped: number }
  /** The copy lost something, or never had it: go on from `from`. Nothing of this batch is counted as served. */
  | { readonly kind: 'behind'; readonly from: number }
  /** It is not known what was served: apply the same batch again after a pause. */
  | { readonly kind: 'unreachable'; readonly reason: string }

/** Every method throws a `StandingUnreachableError` when the store does not answer, and is empty for an unknown id. */
export interface StandingReader {
  /** The highest revision of a verdict. */
  verdict(verdictId: string): Promise<Verdict | undefined>

  /** The revisions of a verdict that are kept, at most the twenty highest, in order; none of an unknown one. */
  revisions(verdictId: string): Promise<readonly Verdict[]>

  /** The newest verdicts, each by its highest revision. A page may be short, or empty, and yet have a next one. */
  verdicts(query: VerdictQuery): Promise<Page<VerdictSummary>>

  /** Those that came after a position in the verdict log, oldest first; at most `limit`, the newest. */
  verdictsAfter(position: number, limit: number): Promise<readonly VerdictSummary[]>

  /** The verdicts that name an account, or list it in their cluster; newest first. */
  verdictsOf(accountId: string, page: PageQuery): Promise<Page<AccountVerdict>>

  /** What is recommended for an account at a moment, and on which verdicts that rests. */
  standingOf(accountId: string, nowMs: number): Promise<AccountStanding>

  /** The sums of all corrections of an account that are served, by kind. */
  totalsOf(accountId: string): Promise<Totals>

  /** The corrections of an account, newest hour first. */
  correctionsOf(accountId: string, query: CorrectionQuery): Promise<Page<Correction>>

  cluster(clusterId: string): Promise<ClusterStanding | undefined>

  /** The clusters that a verdict named last, newest first. */
  clusters(page: PageQuery): Promise<Page<ClusterSummary>>

  /** The clusters that list an account among their members, but for those whose verdicts were taken back. */
  clustersOf(accountId: string): Promise<readonly ClusterSummary[]>
}

export interface PageQuery {
  readonly limit: number
  /** What the page before gave as `next`. */
  readonly cursor?: string | undefined
}

export interface Page<Item> {
  readonly items: readonly Item[]
  /** The cursor of the next page; null behind the last. */
  readonly next: string | null
}

export interface VerdictQuery extends PageQuery {
  readonly offence?: Offence | undefined
  readonly recommendation?: Recommendation | undefined
  readonly status?: Status | undefined
  readonly mode?: Mode | undefined
}

export interface CorrectionQuery extends PageQuery {
  readonly kind?: Correction['kind'] | undefined
  /** The first hour, and the hour before which the range ends; event time. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly contentId?: string | undefined
}

/** A verdict without what only its readers in person need. */
export interface VerdictSummary extends Pick<
  Verdict,
  | 'verdictId'
  | 'revision'
  | 'status'
  | 'offence'
  | 'subject'
  | 'accountId'
  | 'role'
  | 'recommendation'
  | 'mode'
  | 'score'
  | 'qValue'
  | 'window'
  | 'detectedAt'
  | 'expiresAt'
  | 'counts'
> {
  readonly cluster: { readonly id: string; readonly size: number } | null
  /** What was found and why, in a sentence or two. */
  readonly headline: string
  /** Where it stands in the verdict log. */
  readonly position: number
}

/**
 * How a verdict concerns an account: it is its subject, it is listed in the cluster, or it is only the public account
 * that the verdict names. What is recommended is meant for the subject; where that is a cluster or a content, for whom it
 * names and lists.
 */
export type Concern = 'subject' | 'member' | 'account'
export type AccountVerdict = VerdictSummary & { readonly concern: Concern }

export interface AccountStanding {
  readonly accountId: string
  /** The gravest live recommendation that is in force; null when there is none. */
  readonly recommendation: Recommendation | null
  /** When the last of the verdicts behind it expires; null when there is none. */
  readonly until: number | null
  /** The verdicts in force, gravest first. */
  readonly verdicts: readonly AccountVerdict[]
}

export type Totals = Readonly<Partial<Record<Correction['kind'], Verdict['counts']>>>

export interface ClusterStanding {
  readonly id: string
  readonly size: number
  /** At most 200. */
  readonly members: readonly string[]
  /** What happened to it until the latest verdict that named it, where ties hold it together. */
  readonly history?: readonly ClusterEvent[] | null
  /** Event time of the latest verdict that named it. */
  readonly detectedAt: number
  /** The verdicts that named it, newest first, at most 50. */
  readonly verdictIds: readonly string[]
}

/** A cluster as lists show it. */
export type ClusterSummary = Omit<ClusterStanding, 'members' | 'history'>

/** The store of the served copy does not answer; the pipeline goes on without it. */
export class StandingUnreachableError extends Error {
  override readonly name = 'StandingUnreachableError'
}

/** A cursor that no page gave out. */
export class BadCursorError extends Error {
  override readonly name = 'BadCursorError'

  constructor() {
    super('a cursor is what the page before gave as "next"; leave it out to begin with the first page')
  }
}
