import { setTimeout as pause } from 'node:timers/promises'
import { compileAvroSchema } from './avro-schema'
import { schemasNamedIn } from './frame'
import type { SchemaRef, TopicRecord } from './frame'

/** What a schema registry says when it is asked for a schema. */
export type RegistryAnswer =
  | { readonly kind: 'schema'; readonly type: string; readonly text: string; readonly hasReferences: boolean }
  | { readonly kind: 'unknown' }
  /** It did not answer, or not as a registry does; `why` holds no secret. */
  | { readonly kind: 'unreachable'; readonly why: string }

/** A schema registry. It never throws, and answers within a time limit of its own. */
export interface Registry {
  schemaOf(schema: SchemaRef): Promise<RegistryAnswer>
}

/** What came of a schema; what is no schema is the reason of the dead letter. */
export type SchemaOutcome =
  | { readonly kind: 'avro'; readonly text: string }
  | { readonly kind: 'json' }
  | { readonly kind: 'unknown-schema' | 'schema-unavailable' | 'unsupported-schema' }

/** Where an ingest finds a schema without waiting. */
export interface Schemas {
  of(schema: SchemaRef): SchemaOutcome
}

export interface SchemaResolverOptions {
  readonly registry: Registry
  /** A clock that only goes forward. */
  readonly clockMs: () => number
  /** How long a record waits for its schema while the registry does not answer. */
  readonly waitMs: number
  /** How long it counts that the registry did not know a schema, or could not be asked. */
  readonly unknownMs: number
  /** Told when the registry cannot be reached, and when it can again. */
  readonly tell?: (sentence: string) => void
}

/**
 * Knows schemas, so that decoding need not wait. Before records go into an ingest, whoever reads them asks what is
 * `missing` and lets that partition wait until `resolve` is done; other partitions go on.
 *
 * A schema is asked for once, whoever needs it, one at a time. While the registry does not answer, it is asked again
 * with growing pauses until the wait is over; then records that need the schema become dead letters, which can be
 * replayed. Records that name many unknown schemas cost the registry no more than a hundred questions per `unknownMs`,
 * and stop nobody: what is not asked for then counts as unknown.
 */
export class SchemaResolver implements Schemas {
  /** A schema never changes under its number. */
  private readonly known = new Map<SchemaRef, SchemaOutcome>()
  /** Apart from those known, so that names made up at random push none of them out. */
  private readonly failed = new Map<SchemaRef, Failed>()
  private readonly underway = new Map<SchemaRef, Promise<void>>()
  private readonly closing = new AbortController()
  private lastTurn: Promise<unknown> = Promise.resolve()
  private unknownsLeft = maxUnknown
  private unknownsAgainMs = Number.NEGATIVE_INFINITY
  private unreachableSinceMs: number | undefined
  private pauseMs = firstPauseMs
  private nextAskMs = Number.NEGATIVE_INFINITY

  constructor(private readonly options: SchemaResolverOptions) {}

  /** The schemas that these records name and that must be resolved first. */
  missing(records: Iterable<TopicRecord>): SchemaRef[] {
    const nowMs = this.options.clockMs()
    const isMissing = (schema: SchemaRef): boolean => {
      if (this.known.has(schema)) return false
      const failed = this.failed.get(schema)
      return failed === undefined ? this.withoutAsking() === undefined : failed.untilMs <= nowMs
    }
    return [...schemasNamedIn(records)].filter(isMissing)
  }

  /** True when all have an outcome; false when the resolver was closed before. It never throws. */
  async resolve(schemas: readonly SchemaRef[]): Promise<boolean> {
    await Promise.all(schemas.map((schema) => this.settled(schema)))
    return !this.isClosed
  }

  /** The outcome that was found last. */
  of(schema: SchemaRef): SchemaOutcome {
    return this.known.get(schema) ?? this.failed.get(schema)?.outcome ?? this.withoutAsking() ?? unavailable
  }

  /** Since when the registry has not answered, for as long as it does not. */
  get outageSinceMs(): number | undefined {
    return this.unreachableSinceMs
  }

  /** Ends all waiting. */
  close(): void {
    this.closing.abort()
  }

  private get isClosed(): boolean {
    return this.closing.signal.aborted
  }

  private settled(schema: SchemaRef): Promise<void> {
    let settling = this.underway.get(schema)
    if (settling === undefined) {
      settling = this.settle(schema).finally(() => this.underway.delete(schema))
      this.underway.set(schema, settling)
    }
    return settling
  }

  private async settle(schema: SchemaRef): Promise<void> {
    const untilMs = this.options.clockMs() + this.options.waitMs
    let isSettled = false
    while (!isSettled && !this.isClosed) isSettled = await this.inTurn(() => this.ask(schema, untilMs))
  }

  /** One question at a time: while one hangs or fails, others would only add to it. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(work)
    this.lastTurn = turn.catch(() => undefined)
    return turn
  }

  /** Whether there is an outcome now. */
  private async ask(schema: SchemaRef, untilMs: number): Promise<boolean> {
    const { clockMs, registry } = this.options
    await this.rest(Math.min(this.nextAskMs, untilMs))
    if (this.isClosed) return false
    const settled = this.withoutAsking() ?? (this.isOver(untilMs) ? unavailable : undefined)
    if (settled !== undefined) {
      this.noteFailure(schema, settled)
      return true
    }
    const answer = await registry.schemaOf(schema)
    switch (answer.kind) {
      case 'unreachable':
        this.noteOutage(answer.why)
        if (clockMs() < untilMs) return false
        this.noteFailure(schema, unavailable)
        return true
      case 'schema':
        this.noteReached()
        this.failed.delete(schema)
        put(this.known, schema, outcomeOf(answer))
        return true
      case 'unknown':
        this.noteReached()
        this.unknownsLeft--
        this.noteFailure(schema, unknown)
        return true
    }
  }

  /** Whether a wait is over before the registry is to be asked again. */
  private isOver(untilMs: number): boolean {
    const nowMs = this.options.clockMs()
    return this.unreachableSinceMs !== undefined && nowMs >= untilMs && nowMs < this.nextAskMs
  }

  /** What counts for every schema that is not known, for as long as the registry is better left alone. */
  private withoutAsking(): SchemaOutcome | undefined {
    const { clockMs, waitMs, unknownMs } = this.options
    const nowMs = clockMs()
    const { unreachableSinceMs } = this
    if (unreachableSinceMs !== undefined) {
      // Given up; now and then one question finds out whether it is back.
      return nowMs - unreachableSinceMs >= waitMs && nowMs < this.nextAskMs ? unavailable : undefined
    }
    if (nowMs >= this.unknownsAgainMs) {
      this.unknownsAgainMs = nowMs + unknownMs
      this.unknownsLeft = maxUnknown
    }
    return this.unknownsLeft > 0 ? undefined : unknown
  }

  private noteOutage(why: string): void {
    const { clockMs, waitMs, tell } = this.options
    this.nextAskMs = clockMs() + this.pauseMs
    this.pauseMs = Math.min(this.pauseMs * 2, lastPauseMs)
    if (this.unreachableSinceMs !== undefined) return
    this.unreachableSinceMs = clockMs()
    tell?.(
      `the schema registry cannot be asked: ${why}; partitions that need a new schema wait up to ${waitMs / 1000} s, the others go on`,
    )
  }

  private noteReached(): void {
    if (this.unreachableSinceMs !== undefined) this.options.tell?.('the schema registry answers again')
    this.unreachableSinceMs = undefined
    this.pauseMs = firstPauseMs
    this.nextAskMs = Number.NEGATIVE_INFINITY
  }

  private noteFailure(schema: SchemaRef, outcome: SchemaOutcome): void {
    put(this.failed, schema, { outcome, untilMs: this.options.clockMs() + this.options.unknownMs })
  }

  /** A timer may wake before its time: whoever went on then would ask once more than is due. */
  private async rest(untilMs: number): Promise<void> {
    const { clockMs } = this.options
    const { signal } = this.closing
    // Having given up, nobody waits for the next question.
    while (clockMs() < untilMs && !signal.aborted && this.withoutAsking() === undefined) {
      await pause(untilMs - clockMs(), undefined, { signal }).catch(() => undefined)
    }
  }
}

/** Without a registry no schema is known. */
export const noSchemas: Schemas = { of: () => unknown }

interface Failed {
  readonly outcome: SchemaOutcome
  /** When it is asked for again. */
  readonly untilMs: number
}

/** Puts it in as the newest, and lets the oldest go where there are too many. */
function put<T>(map: Map<SchemaRef, T>, schema: SchemaRef, value: T): void {
  map.delete(schema)
  map.set(schema, value)
  if (map.size > maxKept) map.delete(map.keys().next().value!)
}

/** A schema is made ready once, and what no event can be read with is told apart here, before any record comes. */
function outcomeOf({ type, text, hasReferences }: RegistryAnswer & { kind: 'schema' }): SchemaOutcome {
  if (type === 'JSON') return { kind: 'json' }
  if (type !== 'AVRO' || hasReferences) return unsupported
  try {
    compileAvroSchema(text)
    return { kind: 'avro', text }
  } catch {
    return unsupported
  }
}

const unknown: SchemaOutcome = { kind: 'unknown-schema' }
const unavailable: SchemaOutcome = { kind: 'schema-unavailable' }
const unsupported: SchemaOutcome = { kind: 'unsupported-schema' }

const maxUnknown = 100
const maxKept = 10_000
const firstPauseMs = 250
const lastPauseMs = 5000
