import { headline } from '../decide/verdict'
import { rungs } from '../decide/ladder'
import type { Correction, Verdict } from '../model/records'
import { BadCursorError } from './standing'
import type {
  AccountStanding,
  AccountVerdict,
  Concern,
  CorrectionQuery,
  Page,
  PageQuery,
  VerdictQuery,
  VerdictSummary,
} from './standing'

/** A verdict as it is served: what lists show of it, and everything, as it was written. */
export interface ServedVerdict {
  readonly verdict: Verdict
  readonly summary: VerdictSummary
  readonly json: string
}

/** Ids longer than this, or of text that UTF-8 cannot hold, name nothing that is served. */
export const maxIdBytes = 256
/** How many verdicts an account, and how many verdict ids a cluster keeps; the oldest go. */
export const verdictsPerAccount = 200
export const verdictsPerCluster = 50
/** How many revisions of a verdict are kept, the highest. */
export const revisionsKept = 20
export const correctionsPerAccount = 5_000
export const newestKept = 50_000

/** The verdict in a line of the verdict log; undefined when there is none in it. */
export function readVerdict(line: Uint8Array, position: number): ServedVerdict | undefined {
  const json = textDecoder.decode(line)
  const verdict = parsed(json) as Verdict | undefined
  if (verdict === undefined || !isVerdict(verdict)) return undefined
  return { verdict, json, summary: summaryOf(verdict, position) }
}

/** The correction in a line of the correction log; undefined when there is none in it. */
export function readCorrection(line: Uint8Array): { correction: Correction; json: string } | undefined {
  const json = textDecoder.decode(line)
  const correction = parsed(json) as Correction | undefined
  return correction !== undefined && isCorrection(correction) ? { correction, json } : undefined
}

/** Whom a verdict concerns, each by the nearest concern. */
export function concernedBy({ subject, accountId, cluster }: Verdict): Map<string, Concern> {
  const concerned = new Map<string, Concern>([[accountId, 'account']])
  for (const member of cluster?.members ?? []) if (isId(member)) concerned.set(member, 'member')
  if (subject.type === 'account' || subject.type === 'actor') concerned.set(subject.id, 'subject')
  return concerned
}

/**
 * What the highest revision of a verdict says to an account that an earlier one concerned; undefined when it lets it go.
 * Of a cluster too large to be listed whole, those who were listed once still belong to it.
 */
export function concernNow(
  known: AccountVerdict,
  latest: Pick<ServedVerdict, 'verdict' | 'summary'>,
  accountId: string,
): AccountVerdict | undefined {
  const concern = concernedBy(latest.verdict).get(accountId)
  if (concern !== undefined) return { ...latest.summary, concern }
  const { cluster } = latest.verdict
  const isListedWhole = cluster === null || cluster === undefined || cluster.size <= cluster.members.length
  return isListedWhole ? undefined : { ...latest.summary, concern: known.concern }
}

/** What is recommended for an account at a moment, by the verdicts that concern it. */
export function standingFrom(
  accountId: string,
  verdicts: readonly AccountVerdict[],
  nowMs: number,
): AccountStanding {
  const inForce = verdicts
    .filter((verdict) => isInForce(verdict, nowMs))
    .sort((a, b) => gravityOf(b) - gravityOf(a) || b.position - a.position)
  const recommendation = inForce[0]?.recommendation ?? null
  const behindIt = inForce.filter((verdict) => verdict.recommendation === recommendation)
  return {
    accountId,
    recommendation,
    until: behindIt.length === 0 ? null : Math.max(...behindIt.map(({ expiresAt }) => expiresAt)),
    verdicts: inForce,
  }
}

/** The clusters that some verdicts name, but for those that were taken back. */
export function clusterIdsOf(verdicts: readonly AccountVerdict[]): Set<string> {
  const named = verdicts.filter((verdict) => !isTakenBack(verdict)).map(({ cluster }) => cluster?.id)
  return new Set(named.filter((id) => id !== undefined))
}

function isTakenBack({ status }: AccountVerdict): boolean {
  return status === 'cleared' || status === 'overturned'
}

function isInForce(verdict: AccountVerdict, nowMs: number): boolean {
  const { mode, expiresAt, concern, subject } = verdict
  if (mode !== 'live' || isTakenBack(verdict) || expiresAt <= nowMs) return false
  return concern === 'subject' || subject.type === 'cluster' || subject.type === 'content'
}

function gravityOf({ recommendation }: VerdictSummary): number {
  return rungs.indexOf(recommendation)
}

export function matches(
  verdict: VerdictSummary,
  { offence, recommendation, status, mode }: VerdictQuery,
): boolean {
  return (
    (offence === undefined || verdict.offence === offence) &&
    (recommendation === undefined || verdict.recommendation === recommendation) &&
    (status === undefined || verdict.status === status) &&
    (mode === undefined || verdict.mode === mode)
  )
}

/** A page of what has a position, newest first. */
export function pageByPosition<Item extends { readonly position: number }>(
  items: readonly Item[],
  { limit, cursor }: PageQuery,
): Page<Item> {
  const before = positionIn(cursor)
  const rest = items.filter(({ position }) => position < before).sort((a, b) => b.position - a.position)
  const page = rest.slice(0, limit)
  return { items: page, next: rest.length > limit ? positionCursor(page.at(-1)!.position) : null }
}

/** What tells a correction from the others of its account. */
export function correctionKey({ kind, hour, contentId }: Correction): string {
  return `${kind}|${hour}|${contentId ?? ''}`
}

/** The keys of the corrections on a page, out of all keys of an account; newest hour first. */
export function pageOfCorrections(keys: readonly string[], query: CorrectionQuery): Page<string> {
  const { kind, contentId, fromMs = -Infinity, toMs = Infinity, limit, cursor } = query
  const after = cursor === undefined ? undefined : partsOf(textIn(cursor))
  const rest = keys
    .map(partsOf)
    .filter((parts) => kind === undefined || parts.kind === kind)
    .filter((parts) => contentId === undefined || parts.contentId === contentId)
    .filter(({ hour }) => hour >= fromMs && hour < toMs)
    .filter((parts) => after === undefined || inOrder(parts, after) > 0)
    .sort(inOrder)
  const page = rest.slice(0, limit)
  return {
    items: page.map(({ key }) => key),
    next: rest.length > limit ? textCursor(page.at(-1)!.key) : null,
  }
}

interface CorrectionParts {
  readonly key: string
  readonly kind: string
  readonly hour: number
  readonly contentId: string
}

function partsOf(key: string): CorrectionParts {
  const match = /^([a-z]+)\|(-?\d+)\|(.*)$/s.exec(key)
  if (match === null) throw new BadCursorError()
  return { key, kind: match[1]!, hour: Number(match[2]), contentId: match[3]! }
}

function inOrder(a: CorrectionParts, b: CorrectionParts): number {
  return b.hour - a.hour || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}

export function positionCursor(position: number): string {
  return `p${position}`
}

/** The position that a cursor holds; beyond all without one. */
export function positionIn(cursor: string | undefined): number {
  if (cursor === undefined) return Infinity
  if (!/^p\d{1,15}$/.test(cursor)) throw new BadCursorError()
  return Number(cursor.slice(1))
}

function textCursor(text: string): string {
  return `k${Buffer.from(text).toString('base64url')}`
}

function textIn(cursor: string): string {
  const text = Buffer.from(cursor.slice(1), 'base64url').toString()
  if (textCursor(text) !== cursor) throw new BadCursorError()
  return text
}

export function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value === '') return false
  const bytes = Buffer.from(value)
  // A lone surrogate does not survive: two ids would share a key.
  return bytes.length <= maxIdBytes && bytes.toString() === value
}

function summaryOf(verdict: Verdict, position: number): VerdictSummary {
  const { verdictId, revision, status, offence, subject, accountId, role, recommendation, mode } = verdict
  const { score, qValue, window, detectedAt, expiresAt, counts, cluster } = verdict
  return {
    ...{ verdictId, revision, status, offence, subject, accountId, role, recommendation, mode },
    ...{ score, qValue, window, detectedAt, expiresAt, counts },
    cluster: cluster === null || cluster === undefined ? null : { id: cluster.id, size: cluster.size },
    headline: headline(verdict),
    position,
  }
}

function parsed(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** Whether everything is there that serving it rests on; what the log holds has been checked before it was written. */
function isVerdict(given: Verdict): boolean {
  const verdict: { readonly [Name in keyof Verdict]?: unknown } = given
  const subject = verdict.subject as { id?: unknown } | undefined
  const cluster = verdict.cluster as { id?: unknown; members?: unknown } | null | undefined
  return (
    isId(verdict.verdictId) &&
    isId(verdict.accountId) &&
    isId(subject?.id) &&
    [verdict.revision, verdict.detectedAt, verdict.expiresAt].every(Number.isSafeInteger) &&
    Array.isArray(verdict.elements) &&
    typeof verdict.counts === 'object' &&
    typeof verdict.offence === 'string' &&
    (cluster === null || cluster === undefined || (isId(cluster.id) && Array.isArray(cluster.members)))
  )
}

function isCorrection(given: Correction): boolean {
  const { accountId, contentId, kind, hour, raw, authentic, disputed } = given
  return (
    isId(accountId) &&
    (contentId === null || contentId === undefined || isId(contentId)) &&
    /^[a-z]+$/.test(kind) &&
    [hour, raw, authentic, disputed].every(Number.isSafeInteger)
  )
}

const textDecoder = new TextDecoder()
