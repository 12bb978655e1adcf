import { declareMetrics } from '../../src/telemetry/metrics'
import { code, page, table } from './markdown'

interface Declared {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly constructor: { readonly name: string }
}

export function metricsPage(): string {
  const metrics = declareMetrics().registry.getMetricsAsArray() as unknown as readonly Declared[]
  return page(
    'Metrics',
    'At `/metrics` of the service, and in the file that `--metrics` names. Each instance tells of what it owns, so that ' +
      'the sum over all instances is the whole. An id never is a label.',
    table(
      ['metric', 'type', 'labels', 'meaning'],
      metrics.map((metric) => [
        code(metric.name),
        metric.constructor.name.toLowerCase(),
        metric.labelNames.map(code).join(', '),
        metric.help,
      ]),
    ),
  )
}
