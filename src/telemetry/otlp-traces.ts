import { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Context, Link, SpanContext, Span as OtelSpan, Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Span, SpanOptions, TraceParent, Traces } from '../runtime/traces'

export interface OtlpTracesOptions {
  /** What takes OTLP over HTTP; `/v1/traces` is added. */
  readonly url: string
  readonly serviceName: string
  readonly version: string
  /** Tells this process from the others of its service. */
  readonly instanceId: string
  readonly tell: (sentence: string) => void
  /** Told how many spans were made, sent or failed to be sent. */
  readonly onSpans: (outcome: 'made' | 'sent' | 'failed', count: number) => void
}

/**
 * Sends spans by OTLP over HTTP, in batches and beside the work: nobody waits for them, and when they do not arrive, the
 * first failure is told, later ones are counted, and what does not fit the queue is dropped. Sampling, headers, the size
 * of the queue and all else come from the variables that OpenTelemetry names (`OTEL_TRACES_SAMPLER`, …).
 */
export class OtlpTraces implements Traces {
  private readonly provider: BasicTracerProvider
  private readonly tracer: Tracer

  constructor(private readonly options: OtlpTracesOptions) {
    const { serviceName, version, instanceId, tell } = options
    // What the library finds wrong in its variables it says now; later only what `Deliveries` says.
    diag.setLogger(
      { error: tell, warn: tell, info: () => undefined, debug: () => undefined, verbose: () => undefined },
      DiagLogLevel.WARN,
    )
    this.provider = new BasicTracerProvider({
      resource: resourceFromAttributes({
        'service.name': serviceName,
        'service.version': version,
        'service.instance.id': instanceId,
      }),
      spanProcessors: [new BatchSpanProcessor(watched(options))],
    })
    this.tracer = this.provider.getTracer('assay', version)
    diag.disable()
  }

  nowMs(): number {
    return performance.timeOrigin + performance.now()
  }

  begin(name: string, options: SpanOptions = {}): Span {
    const { parent, links = [], kind, attributes = {}, startMs = this.nowMs() } = options
    const span = this.tracer.startSpan(
      name,
      { kind: kinds[kind ?? 'internal'], links: linksTo(links), attributes, startTime: startMs },
      contextOf(parent),
    )
    return new Told(span, this)
  }

  /** Ends a span; called by the span itself. */
  end(span: OtelSpan): void {
    if (span.isRecording()) this.options.onSpans('made', 1)
    span.end(this.nowMs())
  }

  /** Sends what is left, and waits no longer for that than two seconds. */
  async stop(): Promise<void> {
    const sent = this.provider.shutdown().catch(() => undefined)
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, stopMs).unref())])
  }
}

class Told implements Span {
  readonly traceParent: TraceParent

  constructor(
    private readonly span: OtelSpan,
    private readonly traces: OtlpTraces,
  ) {
    this.traceParent = traceParentOf(span.spanContext())
  }

  end(attributes: SpanOptions['attributes'] = {}): void {
    this.span.setAttributes(attributes)
    this.traces.end(this.span)
  }

  fail(): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR })
    this.traces.end(this.span)
  }
}

/** The exporter, with what becomes of its batches counted, and told when that changes. */
function watched({ url, tell, onSpans }: OtlpTracesOptions): SpanExporter {
  const exporter = new OTLPTraceExporter({ url: `${url.replace(/\/$/, '')}/v1/traces` })
  let isFailing = false
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        const { error } = result
        onSpans(error === undefined ? 'sent' : 'failed', spans.length)
        if (error !== undefined && !isFailing) {
          tell(
            `traces do not reach ${url} (${reasonOf(error)}); nothing waits for them, and what fails is counted`,
          )
        }
        if (error === undefined && isFailing) tell(`traces reach ${url} again`)
        isFailing = error !== undefined
        done(result)
      })
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}

/** An answer that refuses has no more than its status to say; a connection that fails has a code. */
function reasonOf(error: Error): string {
  const { code } = error as { readonly code?: unknown }
  return (
    [error.message, ...(typeof code === 'string' ? [code] : [])].find((text) => text !== '') ?? error.name
  )
}

const kinds = {
  internal: SpanKind.INTERNAL,
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
} as const

function linksTo(parents: Iterable<TraceParent>): Link[] {
  const links: Link[] = []
  for (const parent of parents) {
    const context = spanContextOf(parent)
    if (context !== undefined) links.push({ context })
  }
  return links
}

function contextOf(parent: TraceParent | undefined): Context {
  const span = parent === undefined ? undefined : spanContextOf(parent)
  return span === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, span)
}

function traceParentOf({ traceId, spanId, traceFlags }: SpanContext): TraceParent {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** What is no header of version 00 leads to nothing. */
function spanContextOf(parent: TraceParent): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(parent) ?? []
  const context = {
    traceId: traceId ?? '',
    spanId: spanId ?? '',
    traceFlags: Number.parseInt(flags ?? '0', 16),
    isRemote: true,
  }
  return trace.isSpanContextValid(context) ? context : undefined
}

const stopMs = 2_000
