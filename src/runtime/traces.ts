/** Where a span stands among all, as the header `traceparent` of W3C's Trace Context says it. */
export type TraceParent = string

/**
 * What a span may say of its work, and what that means. Nothing else goes out with it: no id of a person, an account or
 * a content, and no text.
 */
export const spanAttributes = {
  'assay.view': 'the view that folds, or the task that stores a checkpoint',
  'assay.log': 'the log that is appended to',
  'assay.records': 'how many records were read, folded or appended; of a fold, since its last span',
  'assay.bytes': 'how many bytes they have',
  'assay.event_time.from': 'event time, in ms since 1970, that a view had come to before the fold',
  'assay.event_time.to': 'event time that it has come to with it: `detectedAt` of the verdicts that follow',
  'assay.verdict.id': '`verdictId`',
  'assay.verdict.revision': '`revision`',
  'assay.verdict.offence': '`offence`',
  'assay.verdict.status': '`status`',
  'assay.verdict.recommendation': '`recommendation`',
  'assay.verdict.mode': '`mode`',
  'assay.detector': 'the detector that found it',
  'messaging.system.name': '`kafka`',
  'messaging.destination.name': 'the topic',
  'messaging.destination.partition.id': 'its partition',
  'messaging.batch.message_count': 'how many messages there are',
  'kafka.offset': 'the offset of the first of them',
} as const

export type SpanAttributes = { readonly [name in keyof typeof spanAttributes]?: string | number | undefined }

export interface SpanOptions {
  /** What led to it; without it, it is the beginning of a trace. */
  readonly parent?: TraceParent | undefined
  /** What led to it as well. */
  readonly links?: Iterable<TraceParent>
  readonly kind?: 'consumer' | 'producer'
  readonly attributes?: SpanAttributes
  /** When it began, by `nowMs`; without it, now. */
  readonly startMs?: number
}

/** A piece of work that takes time. One that is never ended is never told. */
export interface Span {
  /** Goes along with what comes of the work; undefined where no traces are kept. */
  readonly traceParent: TraceParent | undefined
  end(attributes?: SpanAttributes): void
  /** Ends it as one that failed; what the error says is left out, since it may name somebody. */
  fail(): void
}

/** Takes the spans of this process. It never throws and never waits, and nothing may depend on what becomes of them. */
export interface Traces {
  /** Ms since 1970, finer than a millisecond, by the clock of all spans of this process. */
  nowMs(): number
  begin(name: string, options?: SpanOptions): Span
}

const nothing: Span = {
  traceParent: undefined,
  end: () => undefined,
  fail: () => undefined,
}

/** Keeps none. */
export const noTraces: Traces = {
  nowMs: () => 0,
  begin: () => nothing,
}

/** Does a piece of work in a span of its own. */
export async function spanOf<Result>(
  traces: Traces,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const span = traces.begin(name, options)
  try {
    const result = await work(span)
    span.end()
    return result
  } catch (error) {
    span.fail()
    throw error
  }
}
