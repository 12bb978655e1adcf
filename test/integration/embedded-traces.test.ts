import { join } from 'node:path'
import { assay, simulated } from '../support/cli'
import { smallDay } from '../support/events'
import { attributesOf, OtlpReceiver } from '../support/otlp-receiver'
import type { SentSpan } from '../support/otlp-receiver'
import { difference, outputsIn } from '../support/outputs'
import { temporaryFolders } from '../support/temporary'

/** `run --embedded` with a collector of traces. */

jest.setTimeout(180_000)

const newFolder = temporaryFolders()

async function run(events: string, env: readonly string[]): Promise<string> {
  const state = join(newFolder(), 'state')
  const { code, stderr } = await assay(['run', '--embedded', '--state', state, events], {
    under: ['env', ...env],
  })
  if (code !== 0) throw new Error(`run ended with ${code}: ${stderr}`)
  return state
}

it('leads from each verdict to what was read, and changes no byte', async () => {
  const { events } = await simulated(smallDay)
  const receiver = await OtlpReceiver.start()
  const traced = await run(events, [
    `OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}`,
    'OTEL_BSP_SCHEDULE_DELAY=100',
  ])
  await receiver.close()
  const { spans } = receiver
  const plain = outputsIn(await run(events, ['-u', 'OTEL_EXPORTER_OTLP_ENDPOINT']))
  expect(difference(plain, outputsIn(traced), ['verdicts', 'corrections'])).toBe('')

  const named = spans.filter(({ name }) => name === 'publish verdict')
  const verdicts = plain.verdicts.toString().trimEnd().split('\n')
  expect(named.map((span) => attributesOf(span)['assay.verdict.id'])).toEqual(
    verdicts.map((line) => (JSON.parse(line) as { verdictId: string }).verdictId),
  )
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  for (const span of named) {
    expect(pathFrom(span, byId).join(' < ')).toMatch(
      /^publish verdict < append verdicts < fold decide < .* < fold actor < append events < intake$/,
    )
  }
})

/** The names of the spans from one up to the beginning of its trace. */
function pathFrom(span: SentSpan | undefined, spans: ReadonlyMap<string, SentSpan>): string[] {
  return span === undefined ? [] : [span.name, ...pathFrom(spans.get(span.parentSpanId ?? ''), spans)]
}
