import { blockOf } from '../../../test/support/blocks'
import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { ContentHours } from './content-hours'

describe('content hours', () => {
  it('count the contents of a series in the order of their ids, what has none under the empty name', () => {
    expect([...filled().of(5, new Set([1, 2, 9]))]).toEqual([
      [
        1,
        [
          { contentId: '', count: 1, suspicious: 0 },
          { contentId: 'a', count: 2, suspicious: 1 },
          { contentId: 'ö', count: 1, suspicious: 1 },
        ],
      ],
      [2, [{ contentId: 'a', count: 1, suspicious: 0 }]],
    ])
  })

  it('forget an hour whole', () => {
    const contents = filled()
    contents.forgetBefore(6)
    expect(contents.of(5, new Set([1])).size).toBe(0)
    expect(contents.of(6, new Set([1])).size).toBe(1)
  })

  it('count what they have no room for as on no content, and say how much that was', () => {
    const contents = new ContentHours(25, { inAll: 3, ofSeries: 1 })
    const at = (series: number) => ({ series, hour: 5 })
    for (const row of [1, 0, 1, 0]) contents.add(block, row, at(1), row === 0)
    expect(contents.add(block, 0, at(1), true)).toBe(3)
    expect(contents.of(5, new Set([1])).get(1)).toEqual([
      { contentId: '', count: 3, suspicious: 3 },
      { contentId: 'a', count: 2, suspicious: 0 },
    ])
    contents.add(block, 1, at(2), false)
    // Three in all, though the series has none yet.
    contents.add(block, 0, at(3), false)
    expect(contents.of(5, new Set([3])).get(3)).toEqual([{ contentId: '', count: 1, suspicious: 0 }])
    expect(contents.evicted).toBe(4)
  })

  it('are as full as they were after a snapshot', () => {
    const contents = new ContentHours(25, { inAll: 100, ofSeries: 1 })
    contents.add(block, 1, { series: 1, hour: 5 }, false)
    const out = new SnapshotWriter()
    contents.save(out)
    const again = new ContentHours(25, { inAll: 100, ofSeries: 1 })
    again.load(new SnapshotReader(out.parts().map((part) => part.slice())))
    again.add(block, 0, { series: 1, hour: 5 }, false)
    expect(
      again
        .of(5, new Set([1]))
        .get(1)!
        .map(({ contentId }) => contentId),
    ).toEqual(['', 'a'])
  })

  it('go on from a snapshot as if nothing had been', () => {
    const contents = filled()
    const out = new SnapshotWriter()
    contents.save(out)
    const again = new ContentHours(25)
    again.load(new SnapshotReader(out.parts().map((part) => part.slice())))
    for (const one of [contents, again]) {
      one.add(block, 1, { series: 1, hour: 6 }, true)
      one.add(block, 0, { series: 3, hour: 6 }, true)
    }
    for (const hour of [5, 6]) {
      const asked = new Set([1, 2, 3])
      expect([...again.of(hour, asked)]).toEqual([...contents.of(hour, asked)])
    }
  })
})

const block = blockOf([
  { id: '1', timeMs: 0, content: 'ö' },
  { id: '2', timeMs: 0, content: 'a' },
  { id: '3', timeMs: 0 },
])

function filled(): ContentHours {
  const contents = new ContentHours(25)
  contents.add(block, 0, { series: 1, hour: 5 }, true)
  contents.add(block, 1, { series: 1, hour: 5 }, false)
  contents.add(block, 1, { series: 1, hour: 5 }, true)
  contents.add(block, 1, { series: 2, hour: 5 }, false)
  contents.add(block, 2, { series: 1, hour: 5 }, false)
  contents.add(block, 0, { series: 1, hour: 6 }, false)
  return contents
}
