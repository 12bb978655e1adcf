import fc from 'fast-check'
import { BurstCounts } from './burst-counts'

describe('burst counts', () => {
  it('are the sum of the latest panes, as counting the events again would give it', () => {
    const steps = fc.array(
      fc.record({ series: fc.nat(3), ahead: fc.integer({ min: 0, max: 4 }), added: fc.nat(5) }),
    )
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (taken, panes) => {
        const counts = new BurstCounts(panes)
        const events: { series: number; pane: number }[] = []
        let pane = 1000
        for (const { series, ahead, added } of taken) {
          pane += ahead
          counts.add(series, pane, added)
          for (let i = 0; i < added; i++) events.push({ series, pane })
          for (const one of [0, 1, 2, 3]) {
            const expected = events.filter((event) => event.series === one && event.pane > pane - panes)
            expect(counts.count(one, pane)).toBe(expected.length)
          }
        }
      }),
    )
  })

  it('name the series of a round once, in the order of their first event', () => {
    const counts = new BurstCounts(10)
    for (const series of [7, 70_000, 7, 3]) counts.add(series, 1)
    expect(counts.touched).toEqual([7, 70_000, 3])
    counts.clearTouched()
    counts.add(3, 2)
    expect(counts.touched).toEqual([3])
    expect(counts.count(7, 2)).toBe(2)
  })
})
