import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { commandOf, start } from '../../test/support/child'
import { attributesOf, OtlpReceiver } from '../../test/support/otlp-receiver'
import { until } from '../../test/support/waiting'
import { OtlpTraces } from './otlp-traces'

afterEach(() => {
  for (const name of ['OTEL_TRACES_SAMPLER', 'OTEL_BSP_SCHEDULE_DELAY'])
    Reflect.deleteProperty(process.env, name)
  jest.restoreAllMocks()
})

interface Sent {
  readonly told: readonly string[]
  readonly counts: Readonly<Record<'made' | 'sent' | 'failed', number>>
  readonly written: readonly unknown[]
  readonly heads: Readonly<Record<'intake' | 'other', string>>
}

/** What became of the spans of `send-spans.ts`, whose process has ended. */
async function sentTo(url: string): Promise<Sent> {
  const child = start(commandOf('send-spans.ts', url))
  await child.ended
  return JSON.parse(child.lines[0]!) as Sent
}

describe('over HTTP', () => {
  let receiver: OtlpReceiver

  beforeEach(async () => {
    receiver = await OtlpReceiver.start()
  })
  afterEach(() => receiver.close())

  it('sends a tree of spans, as the library writes them', async () => {
    const { counts, told, written, heads } = await sentTo(`${receiver.url}/`)
    expect(receiver.requests).toEqual(written)
    const byName = Object.fromEntries(receiver.spans.map((span) => [span.name, span]))
    const { intake, read, fold } = byName
    expect(Object.keys(byName)).toEqual(['read', 'fold', 'intake'])
    expect(heads.intake).toBe(`00-${intake!.traceId}-${intake!.spanId}-01`)
    expect([intake, read, fold].map((span) => span!.parentSpanId)).toEqual([
      undefined,
      intake!.spanId,
      intake!.spanId,
    ])
    expect([attributesOf(read!), read!.kind]).toEqual([{ 'kafka.offset': 7 }, 5])
    expect(fold!.links.map(({ spanId }) => spanId)).toEqual([heads.other.split('-')[2]])
    expect(fold!.status).toEqual({ code: 2 })
    expect(BigInt(fold!.endTimeUnixNano) - BigInt(fold!.startTimeUnixNano)).toBeGreaterThan(999_000_000n)
    expect(attributesOf(receiver.requests[0]!.resourceSpans[0]!.resource)).toMatchObject({
      ...{ 'service.name': 'assay-test', 'service.version': '1.2.3', 'service.instance.id': 'i-1' },
    })
    expect([counts, told]).toEqual([{ made: 3, sent: 3, failed: 0 }, []])
  })

  it('waits for nobody at its end, whether what takes spans answers, refuses them or is not there', async () => {
    receiver.status = undefined
    const gone = await OtlpReceiver.start()
    const urlOfGone = gone.url
    await gone.close()
    const refusing = await OtlpReceiver.start()
    refusing.status = 403
    const [silent, refused, unreachable] = await Promise.all(
      [receiver.url, refusing.url, urlOfGone].map(sentTo),
    )
    expect(silent!.counts).toMatchObject({ made: 3, sent: 0 })
    expect(unreachable!.counts).toMatchObject({ made: 3, sent: 0 })
    expect(refused!.counts).toEqual({ made: 3, sent: 0, failed: 3 })
    expect(refused!.told).toEqual([
      expect.stringMatching(/^traces do not reach http:\S+ \(.+\); nothing waits/),
    ])
    await refusing.close()
  })
})

/** Traces whose batches are answered by the test, what they tell, and how many spans came to what. */
function tracesAnswered(answer: () => Error | undefined) {
  process.env['OTEL_BSP_SCHEDULE_DELAY'] = '1'
  const spans: ReadableSpan[] = []
  jest.spyOn(OTLPTraceExporter.prototype, 'export').mockImplementation((batch, done) => {
    spans.push(...batch)
    const error = answer()
    // The names of these codes are in a package that is not ours to import.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
    done(error === undefined ? { code: 0 } : { code: 1, error })
  })
  const told: string[] = []
  const counts = { made: 0, sent: 0, failed: 0 }
  const traces = new OtlpTraces({
    ...{ url: 'http://collector:4318', serviceName: 'assay', version: '1.2.3', instanceId: 'i-1' },
    tell: (sentence) => told.push(sentence),
    onSpans: (outcome, count) => (counts[outcome] += count),
  })
  return { traces, spans, told, counts }
}

it('goes on with the trace of another process, and begins one where that is not to be read', async () => {
  const { traces, spans } = tracesAnswered(() => undefined)
  const traceId = 'a'.repeat(32)
  const parent = `00-${traceId}-${'b'.repeat(16)}-01`
  const bad = ['', 'x', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, `${parent}-more`]
  for (const one of [parent, ...bad]) traces.begin('fold', { parent: one }).end()
  // One that was not sampled where it began is not sampled here.
  traces.begin('left out', { parent: parent.replace(/1$/, '0') }).end()
  await traces.stop()
  const [first, ...others] = spans
  expect(first!.spanContext().traceId).toBe(traceId)
  expect(first!.parentSpanContext).toMatchObject({ traceId, spanId: 'b'.repeat(16) })
  expect(others.map((span) => span.parentSpanContext)).toEqual(bad.map(() => undefined))
})

it('counts what does not arrive, tells it once, and tells when it arrives again', async () => {
  let answer: Error | undefined = new Error('connect ECONNREFUSED')
  const { traces, told, counts } = tracesAnswered(() => answer)
  traces.begin('one').end()
  await until(() => counts.failed === 1, 'the first span should have failed')
  traces.begin('two').end()
  await until(() => counts.failed === 2, 'the second span should have failed')
  const outage =
    'traces do not reach http://collector:4318 (connect ECONNREFUSED); nothing waits for them, and what fails is counted'
  expect(told).toEqual([outage])
  answer = undefined
  traces.begin('three').end()
  await until(() => counts.sent === 1, 'the third span should have been sent')
  expect(told).toEqual([outage, 'traces reach http://collector:4318 again'])
  expect(counts).toEqual({ made: 3, sent: 1, failed: 2 })
  await traces.stop()
})

it('says what is wrong with the variables that the library reads', () => {
  process.env['OTEL_TRACES_SAMPLER'] = 'some'
  const { told } = tracesAnswered(() => undefined)
  expect(told).toEqual([expect.stringMatching(/OTEL_TRACES_SAMPLER value "some" invalid/)])
})
