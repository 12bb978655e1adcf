import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { OtlpTraces } from '../../src/telemetry/otlp-traces'

// Sends a small tree of spans to an address; prints as JSON what became of it, and the spans as the serializer
// of the library writes them. A process of its own, since the library imports what it sends with in a way that jest
// cannot follow.

const [url = ''] = process.argv.slice(2)
const told: string[] = []
const counts = { made: 0, sent: 0, failed: 0 }
const written: unknown[] = []
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own "this" below
const exportSpans = OTLPTraceExporter.prototype.export
OTLPTraceExporter.prototype.export = function (this: OTLPTraceExporter, spans, done) {
  written.push(JSON.parse(Buffer.from(JsonTraceSerializer.serializeRequest(spans)!).toString()))
  exportSpans.call(this, spans, done)
}

const traces = new OtlpTraces({
  ...{ url, serviceName: 'assay-test', version: '1.2.3', instanceId: 'i-1' },
  tell: (sentence) => told.push(sentence),
  onSpans: (outcome, count) => (counts[outcome] += count),
})

//  intake ─┬─ read      other
//          └─ fold ┄┄┄┄┄┄┘ a link
const other = traces.begin('other')
const intake = traces.begin('intake')
traces.begin('read', { parent: intake.traceParent, kind: 'consumer' }).end({ 'kafka.offset': 7 })
const startMs = traces.nowMs() - 1_000
const links = [other.traceParent!, 'no header']
traces.begin('fold', { parent: intake.traceParent, links, startMs }).fail()
intake.end()
traces.begin('never ended')

void traces.stop().then(() => {
  const heads = { intake: intake.traceParent, other: other.traceParent }
  // What the library would still try is given up, as the service does.
  process.stdout.write(`${JSON.stringify({ told, counts, written, heads })}\n`, () => process.exit())
})
