import type { Correction, Verdict } from '../model/records'
import { keyPart, reasonOf, runScript } from './redis'
import type { RedisClient } from './redis'
import { applyScript, raiseScript } from './redis-standing-script'
import { StandingUnreachableError } from './standing'
import type {
  AccountStanding,
  AccountVerdict,
  ApplyOutcome,
  ClusterStanding,
  ClusterSummary,
  CorrectionQuery,
  Page,
  PageQuery,
  Standing,
  StandingBatch,
  StandingLog,
  StandingStats,
  Totals,
  VerdictQuery,
  VerdictSummary,
} from './standing'
import {
  clusterIdsOf,
  concernedBy,
  concernNow,
  correctionKey,
  correctionsPerAccount,
  isId,
} from './standing-records'
import { matches, newestKept, pageByPosition, pageOfCorrections, positionCursor } from './standing-records'
import { positionIn, readCorrection, readVerdict, standingFrom } from './standing-records'
import { revisionsKept, verdictsPerAccount, verdictsPerCluster } from './standing-records'

export interface RedisStandingOptions {
  /** Begins every key. Another log needs another one: what one log wrote must not pass for what another one did. */
  readonly namespace: string
  /** How long what was written last is kept; longer than any recommendation lasts. */
  readonly keepDays?: number
}

/**
 * The served copy in Redis. Everything lies in one of sixteen buckets, by the id it is asked for by: the keys of a bucket
 * share a slot of a cluster, so that one script writes all of a batch that belongs there together with the position
 * it leads to. A bucket that was lost, alone or with all others, is told by its position.
 *
 * ```
 *  NAMESPACE:{7}:at              positions in the logs
 *  NAMESPACE:{7}:v:VERDICT       revision, summary, JSON         NAMESPACE:{7}:newest             verdicts by position
 *  NAMESPACE:{7}:a:ACCOUNT       the verdicts that concern it
 *  NAMESPACE:{7}:c:ACCOUNT       corrections    …:h:ACCOUNT  their hours     …:t:ACCOUNT  their sums
 *  NAMESPACE:{7}:k:CLUSTER       position, JSON  …:kv:CLUSTER verdicts       …:newest-clusters   by position
 * ```
 */
export class RedisStanding implements Standing {
  readonly stats: StandingStats = { applied: 0, skipped: 0, behind: 0, unreachable: 0 }
  private readonly keepSeconds: number

  constructor(
    private readonly redis: RedisClient,
    private readonly options: RedisStandingOptions,
  ) {
    this.keepSeconds = (options.keepDays ?? 400) * 86_400
  }

  async apply(batch: StandingBatch): Promise<ApplyOutcome> {
    let skipped = 0
    let next = batch.from
    try {
      for (const part of this.partsOf(batch)) {
        const outcome = await this.write(batch.log, part)
        if (outcome.kind === 'behind') {
          this.stats.behind++
          return outcome
        }
        skipped += part.skipped
        next = outcome.next
        this.stats.applied += part.to - part.from - part.skipped
        this.stats.skipped += part.skipped
      }
      return { kind: 'applied', next, skipped }
    } catch (error) {
      this.stats.unreachable++
      return { kind: 'unreachable', reason: reasonOf(error) }
    }
  }

  async positionOf(log: StandingLog): Promise<number> {
    return Math.min(...(await this.positions(log)))
  }

  async startFrom(log: StandingLog, position: number): Promise<void> {
    await this.ask(() =>
      Promise.all(
        buckets.map((bucket) =>
          runScript(this.redis, raiseScript, { keys: [this.key(bucket, 'at')], args: [log, position] }),
        ),
      ),
    )
  }

  async verdict(verdictId: string): Promise<Verdict | undefined> {
    if (!isId(verdictId)) return undefined
    const json = await this.ask(() => this.redis.hget(this.keyOf('v', verdictId), 'json'))
    return json === null ? undefined : (JSON.parse(json) as Verdict)
  }

  async revisions(verdictId: string): Promise<readonly Verdict[]> {
    if (!isId(verdictId)) return []
    const fields = await this.ask(() => this.redis.hgetall(this.keyOf('v', verdictId)))
    return Object.entries(fields)
      .filter(([field]) => field === 'json' || field.startsWith('revision|'))
      .map(([, json]) => JSON.parse(json) as Verdict)
      .sort((one, other) => one.revision - other.revision)
  }

  async verdicts(query: VerdictQuery): Promise<Page<VerdictSummary>> {
    const found: VerdictSummary[] = []
    let before = positionIn(query.cursor)
    for (let scanned = 0; scanned < mostScanned; scanned += chunk) {
      const entries = await this.newestBefore(before, 'newest')
      for (const summary of await this.summaries(entries.map(({ id }) => id))) {
        if (summary.position >= before || !matches(summary, query)) continue
        if (found.length === query.limit) {
          return { items: found, next: positionCursor(found.at(-1)!.position) }
        }
        found.push(summary)
      }
      if (entries.length < chunk) return { items: found, next: null }
      before = entries.at(-1)!.position
    }
    return { items: found, next: positionCursor(before) }
  }

  async verdictsAfter(position: number, limit: number): Promise<readonly VerdictSummary[]> {
    // Buckets are written one by one; what is beyond the slowest of them could still get something before it.
    const complete = await this.positionOf('verdicts')
    const newest = await this.newestIn('newest', {
      highest: complete - 1,
      lowest: `(${position}`,
      limit,
    })
    const summaries = await this.summaries(newest.map(({ id }) => id))
    return summaries.filter((summary) => summary.position < complete).reverse()
  }

  async verdictsOf(accountId: string, page: PageQuery): Promise<Page<AccountVerdict>> {
    return pageByPosition(await this.concerning(accountId), page)
  }

  async standingOf(accountId: string, nowMs: number): Promise<AccountStanding> {
    return standingFrom(accountId, await this.concerning(accountId), nowMs)
  }

  async totalsOf(accountId: string): Promise<Totals> {
    if (!isId(accountId)) return {}
    const sums = await this.ask(() => this.redis.hgetall(this.keyOf('t', accountId)))
    const totals: Partial<Record<Correction['kind'], { raw: number; authentic: number; disputed: number }>> =
      {}
    for (const [field, sum] of Object.entries(sums)) {
      const [kind, name] = field.split('|') as [Correction['kind'], 'raw' | 'authentic' | 'disputed']
      const total = (totals[kind] ??= { raw: 0, authentic: 0, disputed: 0 })
      total[name] = Number(sum)
    }
    return totals
  }

  async correctionsOf(accountId: string, query: CorrectionQuery): Promise<Page<Correction>> {
    if (!isId(accountId)) return { items: [], next: null }
    const { fromMs = '-inf', toMs = '+inf' } = query
    const keys = await this.ask(() => this.redis.zrangebyscore(this.keyOf('h', accountId), fromMs, toMs))
    const { items, next } = pageOfCorrections(keys, query)
    if (items.length === 0) return { items: [], next }
    const rows = await this.ask(() => this.redis.hmget(this.keyOf('c', accountId), ...items))
    const corrections = rows
      .filter((row) => row !== null)
      .map((row) => JSON.parse(afterBars(row, 4)) as Correction)
    return { items: corrections, next }
  }

  async cluster(clusterId: string): Promise<ClusterStanding | undefined> {
    return isId(clusterId) ? (await this.clustersBy([clusterId]))[0] : undefined
  }

  async clusters({ limit, cursor }: PageQuery): Promise<Page<ClusterSummary>> {
    const entries = await this.newestBefore(positionIn(cursor), 'newest-clusters')
    const page = entries.slice(0, limit)
    return {
      items: (await this.clustersBy(page.map(({ id }) => id))).map(withoutMembers),
      next: entries.length > limit ? positionCursor(page.at(-1)!.position) : null,
    }
  }

  async clustersOf(accountId: string): Promise<readonly ClusterSummary[]> {
    const verdicts = [...(await this.concerning(accountId))].sort((a, b) => b.position - a.position)
    return (await this.clustersBy([...clusterIdsOf(verdicts)])).map(withoutMembers)
  }

  close(): Promise<void> {
    // Asked twice, the client would leave a timer behind.
    if (this.redis.status !== 'end') this.redis.disconnect()
    return Promise.resolve()
  }

  /** Cuts a batch so that no script holds up Redis for long. */
  private *partsOf({ log, from, records }: StandingBatch): Generator<Part> {
    let part = new Part(from)
    for (const [index, record] of records.entries()) {
      part.to = from + index + 1
      if (log === 'verdicts') this.addVerdict(part, record, from + index)
      else this.addCorrection(part, record, from + index)
      if (part.operations < operationsPerScript) continue
      yield part
      part = new Part(part.to)
    }
    // An empty batch asks whether everything is still there.
    if (part.to > part.from || records.length === 0) yield part
  }

  private addVerdict(part: Part, record: Uint8Array, position: number): void {
    const served = readVerdict(record, position)
    if (served === undefined) {
      part.skipped++
      return
    }
    const { verdict, summary, json } = served
    const { verdictId, revision, cluster, detectedAt } = verdict
    part.add(bucketOf(verdictId), {
      keys: [this.keyOf('v', verdictId)],
      args: ['verdict', verdictId, revision, position, JSON.stringify(summary), json],
    })
    for (const [accountId, concern] of concernedBy(verdict)) {
      const entry: AccountVerdict = { ...summary, concern }
      part.add(bucketOf(accountId), {
        keys: [this.keyOf('a', accountId)],
        args: ['concern', verdictId, revision, position, JSON.stringify(entry)],
      })
    }
    if (cluster === null || cluster === undefined) return
    const { id, size, members, history } = cluster
    part.add(bucketOf(id), {
      keys: [this.keyOf('k', id), this.keyOf('kv', id)],
      args: ['cluster', id, position, verdictId, JSON.stringify({ id, size, members, history, detectedAt })],
    })
  }

  private addCorrection(part: Part, record: Uint8Array, position: number): void {
    const read = readCorrection(record)
    if (read === undefined) {
      part.skipped++
      return
    }
    const { correction, json } = read
    const { accountId, hour, raw, authentic, disputed } = correction
    part.add(bucketOf(accountId), {
      keys: ['c', 'h', 't'].map((kind) => this.keyOf(kind, accountId)),
      args: ['correction', correctionKey(correction), hour, position, raw, authentic, disputed, json],
    })
  }

  private async write(
    log: StandingLog,
    part: Part,
  ): Promise<{ kind: 'applied'; next: number } | { kind: 'behind'; from: number }> {
    const answers = (await Promise.all(
      buckets.map((bucket) => {
        const { keys = [], args = [] } = part.byBucket.get(bucket) ?? {}
        return runScript(this.redis, applyScript, {
          keys: [...['at', 'newest', 'newest-clusters'].map((name) => this.key(bucket, name)), ...keys],
          args: [log, part.from, part.to, this.keepSeconds, ...caps, ...args],
        })
      }),
    )) as ['applied' | 'behind', number][]
    const lowest = Math.min(...answers.map(([, at]) => at))
    return answers.some(([kind]) => kind === 'behind')
      ? { kind: 'behind', from: lowest }
      : { kind: 'applied', next: lowest }
  }

  private async positions(log: StandingLog): Promise<number[]> {
    const values = await this.ask(() =>
      Promise.all(buckets.map((bucket) => this.redis.hget(this.key(bucket, 'at'), log))),
    )
    return values.map((value) => Number(value ?? 0))
  }

  private newestBefore(before: number, list: NewestList): Promise<Entry[]> {
    const highest = before === Infinity ? '+inf' : `(${before}`
    return this.newestIn(list, { highest, lowest: '-inf', limit: chunk })
  }

  /** The newest entries of a list between two positions, over all buckets. */
  private async newestIn(
    list: NewestList,
    { highest, lowest, limit }: { highest: string | number; lowest: string; limit: number },
  ): Promise<Entry[]> {
    const lists = await this.ask(() =>
      Promise.all(
        buckets.map((bucket) => {
          const key = this.key(bucket, list)
          return this.redis.zrevrangebyscore(key, highest, lowest, 'WITHSCORES', 'LIMIT', 0, limit)
        }),
      ),
    )
    return mergedNewest(lists, limit)
  }

  /** Newest first; those that were revised meanwhile are where they are now. */
  private async summaries(verdictIds: readonly string[]): Promise<VerdictSummary[]> {
    const texts = await this.ask(() =>
      Promise.all(verdictIds.map((id) => this.redis.hget(this.keyOf('v', id), 'summary'))),
    )
    const summaries = texts.filter((text) => text !== null).map((text) => JSON.parse(text) as VerdictSummary)
    return summaries.sort((a, b) => b.position - a.position)
  }

  private async concerning(accountId: string): Promise<readonly AccountVerdict[]> {
    if (!isId(accountId)) return []
    const entries = await this.ask(() => this.redis.hvals(this.keyOf('a', accountId)))
    const verdicts = entries.map((entry) => JSON.parse(afterBars(entry, 2)) as AccountVerdict)
    return (await Promise.all(verdicts.map((verdict) => this.asOfNow(verdict, accountId)))).filter(
      (verdict) => verdict !== undefined,
    )
  }

  /** A later revision need not have come to an account that it lets go; so the verdict itself is asked. */
  private async asOfNow(known: AccountVerdict, accountId: string): Promise<AccountVerdict | undefined> {
    if (known.concern === 'subject') return known
    const key = this.keyOf('v', known.verdictId)
    const revision = await this.ask(() => this.redis.hget(key, 'revision'))
    if (revision === null || Number(revision) <= known.revision) return known
    const [summary, json] = await this.ask(() => this.redis.hmget(key, 'summary', 'json'))
    if (typeof summary !== 'string' || typeof json !== 'string') return known
    const latest = { summary: JSON.parse(summary) as VerdictSummary, verdict: JSON.parse(json) as Verdict }
    return concernNow(known, latest, accountId)
  }

  private async clustersBy(ids: readonly string[]): Promise<ClusterStanding[]> {
    const found = await this.ask(() =>
      Promise.all(
        ids.map((id) =>
          Promise.all([
            this.redis.hget(this.keyOf('k', id), 'json'),
            this.redis.zrevrange(this.keyOf('kv', id), 0, -1),
          ]),
        ),
      ),
    )
    return found
      .filter(([json]) => json !== null)
      .map(([json, verdictIds]) => ({
        ...(JSON.parse(json!) as Omit<ClusterStanding, 'verdictIds'>),
        verdictIds,
      }))
  }

  private async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question()
    } catch (cause) {
      throw new StandingUnreachableError(
        `the copy in Redis cannot be read (${reasonOf(cause)}); it is there again when Redis answers`,
        { cause },
      )
    }
  }

  private key(bucket: number, name: string): string {
    return `${this.options.namespace}:{${bucket}}:${name}`
  }

  private keyOf(kind: string, id: string): string {
    return this.key(bucketOf(id), `${kind}:${keyPart(id)}`)
  }
}

/** Says what of the settings of Redis would lose parts of the copy unseen; nothing when all is well. */
export async function warningsOf(redis: RedisClient): Promise<readonly string[]> {
  const info = await redis.info('memory').catch(() => '')
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction'
  const isBounded = /^maxmemory:(?!0\b)/m.test(info)
  if (!isBounded || policy === 'noeviction') return []
  return [
    `Redis may throw away single keys (maxmemory-policy ${policy}), which nobody notices; set noeviction for the copy`,
  ]
}

const bucketCount = 16
const buckets = Array.from({ length: bucketCount }, (_, bucket) => bucket)
const caps = [
  ...[newestKept / bucketCount, verdictsPerAccount, verdictsPerCluster, correctionsPerAccount],
  revisionsKept,
]
const operationsPerScript = 2_000
/** Verdicts looked at at once, and at most for one page. */
const chunk = 200
const mostScanned = 1_000

type NewestList = 'newest' | 'newest-clusters'

interface Entry {
  readonly id: string
  readonly position: number
}

interface Operation {
  readonly keys: readonly string[]
  readonly args: readonly (string | number)[]
}

/** Records one after the other, as what the buckets have to do for them. */
class Part {
  to: number
  skipped = 0
  operations = 0
  readonly byBucket = new Map<number, { keys: string[]; args: (string | number)[] }>()

  constructor(readonly from: number) {
    this.to = from
  }

  add(bucket: number, { keys, args }: Operation): void {
    let all = this.byBucket.get(bucket)
    if (all === undefined) this.byBucket.set(bucket, (all = { keys: [], args: [] }))
    all.keys.push(...keys)
    all.args.push(...args)
    this.operations++
  }
}

/** The bucket of an id: FNV-1a, which every version must keep. */
function bucketOf(id: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % bucketCount
}

/** Lists of id, score, id, score … as one, highest first. */
function mergedNewest(lists: readonly (readonly string[])[], limit: number): Entry[] {
  const entries: Entry[] = []
  for (const list of lists) {
    for (let at = 0; at < list.length; at += 2) {
      entries.push({ id: list[at]!, position: Number(list[at + 1]) })
    }
  }
  return entries.sort((a, b) => b.position - a.position).slice(0, limit)
}

/** What follows the given number of bars. */
function afterBars(text: string, bars: number): string {
  let at = -1
  for (let bar = 0; bar < bars; bar++) at = text.indexOf('|', at + 1)
  return text.slice(at + 1)
}

function withoutMembers({ id, size, detectedAt, verdictIds }: ClusterStanding): ClusterSummary {
  return { id, size, detectedAt, verdictIds }
}
