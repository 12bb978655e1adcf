import { Random } from './random'
import { hourMs } from './season'
import { burst, contagious, scattered, steady, towardsTheEnd, withTheSeason } from './times'

const span = { startMs: Date.UTC(2024, 2, 3, 16), endMs: Date.UTC(2024, 2, 3, 16) + 24 * hourMs }
const paces = { burst, contagious, scattered, steady, towardsTheEnd, withTheSeason }

/** The share of the moments that lies before a share of the span. */
function before(times: readonly number[], share: number): number {
  const limitMs = span.startMs + share * (span.endMs - span.startMs)
  return times.filter((timeMs) => timeMs < limitMs).length / times.length
}

describe('a pace', () => {
  it.each(Object.entries(paces))('%s keeps to its span, its count and the order of time', (_, pace) => {
    const times = pace(span, 500, new Random(1, 'pace'))
    expect(times).toHaveLength(500)
    expect(times).toEqual([...times].sort((left, right) => left - right))
    expect(times[0]).toBeGreaterThanOrEqual(span.startMs)
    expect(times[499]).toBeLessThan(span.endMs)
  })

  it('has its shape', () => {
    const of = (pace: typeof burst): number[] => pace(span, 2_000, new Random(1, 'shape'))
    expect(before(of(burst), 0.25)).toBeGreaterThan(0.5)
    expect(before(of(towardsTheEnd), 0.5)).toBeLessThan(0.3)
    expect(before(of(contagious), 0.4)).toBeLessThan(0.15)
    expect(before(of(scattered), 0.5)).toBeCloseTo(0.5, 1)
    expect(before(of(withTheSeason), 6 / 24)).toBeLessThan(0.08)
  })
})
