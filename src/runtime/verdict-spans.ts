import type { Verdict } from '../model/records'
import type { SpanAttributes, TraceParent, Traces } from './traces'

/** Puts verdicts out, each in a span of its own by which it can be found. */
export async function inVerdictSpans(
  traces: Traces,
  verdicts: readonly Verdict[],
  {
    parents,
    attributes = {},
  }: { readonly parents: readonly (TraceParent | undefined)[]; readonly attributes?: SpanAttributes },
  put: (traceParents: readonly (TraceParent | undefined)[]) => Promise<unknown>,
): Promise<void> {
  const spans = verdicts.map((verdict, place) =>
    traces.begin('publish verdict', {
      parent: parents[place],
      kind: 'producer',
      attributes: {
        ...attributes,
        'assay.verdict.id': verdict.verdictId,
        'assay.verdict.revision': verdict.revision,
        'assay.verdict.offence': verdict.offence,
        'assay.verdict.status': verdict.status,
        'assay.verdict.recommendation': verdict.recommendation,
        'assay.verdict.mode': verdict.mode,
        'assay.detector': verdict.detector,
      },
    }),
  )
  try {
    await put(spans.map(({ traceParent }) => traceParent))
  } catch (error) {
    for (const span of spans) span.fail()
    throw error
  }
  for (const span of spans) span.end()
}
