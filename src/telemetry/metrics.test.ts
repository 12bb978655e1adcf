import { Ingest } from '../ingest/ingest'
import { addUp } from '../runtime/books'
import { declareMetrics, forgetOwned, observeCounted, observeSources } from './metrics'

const key = Buffer.alloc(16, 1)

function sourceOf(source: string, lines: readonly string[]) {
  const ingest = new Ingest({ source, key })
  lines.forEach((line, position) => ingest.push(Buffer.from(line), { position }))
  return { source, books: ingest.books, watermarkMs: ingest.watermarkMs, isHalted: false }
}

function seriesOf(text: string, name: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(name))
}

describe('metrics of what is owned', () => {
  it('end with it: a partition that goes to another instance leaves no series, so that no rate counts it twice', async () => {
    const metrics = declareMetrics()
    observeSources(metrics, [sourceOf('clicks/0', ['no event', '[]']), sourceOf('clicks/1', ['no event'])])
    expect(seriesOf(await metrics.registry.metrics(), 'assay_records_read_total')).toEqual([
      'assay_records_read_total{source="clicks/0"} 2',
      'assay_records_read_total{source="clicks/1"} 1',
    ])
    forgetOwned(metrics)
    observeSources(metrics, [sourceOf('clicks/1', ['no event', '[]'])])
    const text = await metrics.registry.metrics()
    expect(seriesOf(text, 'assay_records_read_total')).toEqual([
      'assay_records_read_total{source="clicks/1"} 2',
    ])
    expect(seriesOf(text, 'assay_dead_letters_total')).toEqual([
      'assay_dead_letters_total{source="clicks/1",reason="malformed-json"} 1',
      'assay_dead_letters_total{source="clicks/1",reason="not-an-object"} 1',
    ])
  })

  it('are gone, and not 0, where they have no labels: they would seem to rise when the task comes back', async () => {
    const metrics = declareMetrics()
    observeCounted(metrics, { ...addUp([], {}), corrections: 7 })
    expect(seriesOf(await metrics.registry.metrics(), 'assay_corrections_total')).toEqual([
      'assay_corrections_total 7',
    ])
    forgetOwned(metrics)
    expect(seriesOf(await metrics.registry.metrics(), 'assay_corrections_total')).toEqual([])
  })
})

it('has a help text for every metric, and names that say what they count', async () => {
  for (const { name, help, type } of await declareMetrics().registry.getMetricsAsJSON()) {
    expect(name).toMatch(/^assay_[a-z_]+$/)
    expect(help).toMatch(/[.;]$/)
    expect(name.endsWith('_total')).toBe(String(type) === 'counter')
  }
})
