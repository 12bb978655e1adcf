import { randomUUID } from 'node:crypto'
import type { ServiceSettings } from '../settings/service-settings'
import type { Metrics } from '../telemetry/metrics'
import type { OtlpTraces } from '../telemetry/otlp-traces'
import { packageVersion } from './package-version'
import { tell } from './tell'

/** Opens what traces go through, where the settings say where to. Nothing of it is loaded where they do not. */
export async function openTraces(
  { tracesUrl: url, serviceName }: ServiceSettings['telemetry'],
  { spans }: Pick<Metrics, 'spans'>,
): Promise<OtlpTraces | undefined> {
  // Also where none are sent, so that a dashboard shows that it is none.
  for (const outcome of ['made', 'sent', 'failed']) spans.inc({ outcome }, 0)
  if (url === undefined) return undefined
  const { OtlpTraces } = await import('../telemetry/otlp-traces.js')
  return new OtlpTraces({
    ...{ url, serviceName, version: packageVersion(), instanceId: randomUUID(), tell },
    onSpans: (outcome, count) => {
      spans.inc({ outcome }, count)
    },
  })
}
