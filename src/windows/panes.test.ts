import fc from 'fast-check'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { PaneStore } from './panes'

const options = { paneMs: 1000, panes: 4, counters: 2, wholeCounters: 0 }

describe('a pane store', () => {
  it('sums the panes of a window and forgets those that fall out of the ring', () => {
    //  pane       0  1  2  3  4
    //  series 5   2  ·  1  ·  1        a ring of four: opening pane 4 forgets pane 0
    const panes = new PaneStore(options)
    for (const pane of [0, 0, 2]) raise(panes, 5, pane)
    expect(sum(panes, 5, { from: 0, to: 3 })).toBe(3)
    raise(panes, 5, 4)
    expect(sum(panes, 5, { from: 0, to: 4 })).toBe(2)
    expect(panes.find(5, 0)).toBe(-1)
    expect(panes.count(5, 2, 0)).toBe(1)
    expect(panes.records).toBe(2)
  })

  it('counts like a table of every series, pane and counter', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.nat(2), fc.nat(1)), { size: '+1' }), (events) => {
        const panes = new PaneStore(options)
        const expected = new Map<string, number>()
        let pane = 0
        for (const [series, step, counter] of events) {
          pane += step
          raise(panes, series, pane, counter)
          const place = `${series} ${pane} ${counter}`
          expected.set(place, (expected.get(place) ?? 0) + 1)
        }
        const first = Math.max(0, pane - 3)
        for (let series = 0; series <= 31; series++) {
          // One word more than there are counters, which stays as it was.
          const totals = [0, 0, 0]
          for (let one = first; one <= pane; one++) {
            for (const counter of [0, 1]) {
              const count = expected.get(`${series} ${one} ${counter}`) ?? 0
              expect(panes.count(series, one, counter)).toBe(count)
              totals[counter]! += count
            }
          }
          const summed = new Float64Array(3)
          panes.sum(series, { from: 0, to: pane }, summed)
          expect([...summed]).toEqual(totals)
        }
      }),
    )
  })

  it('keeps thousands of series in a pane apart, pane after pane', () => {
    //  pane     0        1    …   8        9          a ring of four, so each place is used three times
    //  series   0…4095   0…       0…       none
    const panes = new PaneStore(options)
    const before = panes.byteLength
    const all = Array.from({ length: 4096 }, (_, series) => series)
    for (let pane = 0; pane < 9; pane++) {
      for (const series of [...all, ...all]) raise(panes, series, pane, 1)
      expect(panes.records).toBe(4096 * Math.min(4, pane + 1))
    }
    for (const series of all) expect(panes.count(series, 8, 1)).toBe(2)
    expect(visited(panes, 8)).toEqual(all)
    // Two words a record and one a place of the index, four bytes each, and no more than twice that.
    const least = 4 * (4 * 4096 * 2 + 4 * 4096)
    expect(panes.byteLength).toBeGreaterThanOrEqual(least)
    expect(panes.byteLength).toBeLessThan(2 * least + before)
  })

  it('counts beyond what a byte holds, beside those that do not and after a snapshot', () => {
    const panes = new PaneStore({ ...options, counters: 3, wholeCounters: 1 })
    const expected = new Map<number, number[]>()
    for (let pane = 0; pane < 9; pane++) {
      for (let series = 0; series < 50; series++) {
        const at = panes.open(series, pane)
        const counts = [series * 9, series % 3 === 0 ? 1 : series * 1000, 2 ** 31 + series]
        counts.forEach((count, counter) => {
          if (counter < 2) panes.pane(pane).add(at, counter, count)
          else panes.pane(pane).set(at, counter, count)
        })
        expected.set(series, counts)
      }
    }
    const out = new SnapshotWriter()
    panes.save(out, 'p')
    const again = new PaneStore(panes.options)
    again.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'p')
    for (const store of [panes, again]) {
      for (const [series, counts] of expected) {
        expect([0, 1, 2].map((counter) => store.count(series, 8, counter))).toEqual(counts)
        const summed = new Float64Array(3)
        store.sum(series, { from: 7, to: 8 }, summed)
        expect([...summed]).toEqual(counts.map((count) => 2 * count))
      }
      expect(visited(store, 8)).toEqual([...expected.keys()])
    }
  })

  it('has nothing of panes that were not opened or are gone, nor of series that nothing is known of', () => {
    const panes = new PaneStore(options)
    for (const pane of [2, 6]) raise(panes, 5, pane)
    for (const pane of [-2, -1, 0, 2, 3]) {
      expect([panes.find(5, pane), visited(panes, pane)]).toEqual([-1, []])
    }
    expect([panes.find(6, 6), panes.find(100_000, 6)]).toEqual([-1, -1])
  })

  it('tells in which pane a moment lies', () => {
    const panes = new PaneStore(options)
    expect([0, 999, 1000, 2500].map((timeMs) => panes.paneAt(timeMs))).toEqual([0, 0, 1, 2])
  })

  it('comes back from a snapshot', () => {
    const panes = new PaneStore(options)
    for (const series of [3, 1024, 7000, 3]) raise(panes, series, 8)
    raise(panes, 5, 9, 1)
    const out = new SnapshotWriter()
    panes.save(out, 'p')
    const again = new PaneStore(options)
    again.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'p')
    raise(again, 3, 8)
    raise(again, 3, 9)
    expect([3, 1024, 7000].map((series) => again.count(series, 8, 0))).toEqual([3, 1, 1])
    expect([again.count(3, 9, 0), again.count(5, 9, 1), again.records]).toEqual([1, 1, 5])
    expect(visited(again, 8)).toEqual([3, 1024, 7000])
  })
})

function raise(panes: PaneStore, series: number, pane: number, counter = 0): void {
  const at = panes.open(series, pane)
  panes.pane(pane).add(at, counter, 1)
}

function visited(panes: PaneStore, pane: number): number[] {
  const seen: number[] = []
  panes.forEach(pane, (series, at) => {
    expect(panes.find(series, pane)).toBe(at)
    seen.push(series)
  })
  return seen
}

function sum(panes: PaneStore, series: number, range: { from: number; to: number }): number {
  const totals = new Float64Array(options.counters)
  panes.sum(series, range, totals)
  return totals[0]!
}
