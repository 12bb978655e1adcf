import { declareMetrics } from '../telemetry/metrics'
import { openTraces } from './open-traces'

const mockLoaded: string[] = []
jest.mock(
  '../telemetry/otlp-traces.js',
  () => {
    mockLoaded.push('otlp-traces')
    return jest.requireActual<object>('../telemetry/otlp-traces')
  },
  { virtual: true },
)

it('loads what sends traces only where the settings say where to', async () => {
  const metrics = declareMetrics()
  expect(await openTraces({ serviceName: 'assay' }, metrics)).toBeUndefined()
  expect(mockLoaded).toEqual([])
  expect((await metrics.spans.get()).values.map(({ value }) => value)).toEqual([0, 0, 0])
  const traces = await openTraces({ serviceName: 'assay', tracesUrl: 'http://127.0.0.1:9' }, metrics)
  expect(mockLoaded).toEqual(['otlp-traces'])
  const outcomes = (await metrics.spans.get()).values.map(({ labels }) => labels.outcome)
  expect(outcomes).toEqual(['made', 'sent', 'failed'])
  await traces!.stop()
})
