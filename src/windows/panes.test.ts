import fc from 'fast-check'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { PaneStore } from './panes'

const options = { paneMs: 1000, panes: 4, counters: 2 }

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

  it('counts like a table of every series and pane', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.nat(2))), (events) => {
        const panes = new PaneStore(options)
        const expected = new Map<string, number>()
        let pane = 0
        for (const [series, step] of events) {
          pane += step
          raise(panes, series, pane)
          expected.set(`${series} ${pane}`, (expected.get(`${series} ${pane}`) ?? 0) + 1)
        }
        for (let series = 0; series <= 30; series++) {
          for (let one = Math.max(0, pane - 3); one <= pane; one++) {
            expect(panes.count(series, one, 0)).toBe(expected.get(`${series} ${one}`) ?? 0)
          }
        }
      }),
    )
  })

  it('comes back from a snapshot', () => {
    const panes = new PaneStore(options)
    for (const series of [3, 7000, 3]) raise(panes, series, 9)
    const out = new SnapshotWriter()
    panes.save(out, 'p')
    const again = new PaneStore(options)
    again.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'p')
    raise(again, 3, 9)
    expect([again.count(3, 9, 0), again.count(7000, 9, 0), again.records]).toEqual([3, 1, 2])
    const seen: number[] = []
    again.forEach(9, (series) => seen.push(series))
    expect(seen).toEqual([3, 7000])
  })
})

function raise(panes: PaneStore, series: number, pane: number): void {
  const at = panes.open(series, pane)
  panes.ring(pane)[at + 1]!++
}

function sum(panes: PaneStore, series: number, range: { from: number; to: number }): number {
  const totals = new Float64Array(options.counters)
  panes.sum(series, range, totals)
  return totals[0]!
}
