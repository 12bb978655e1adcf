import fc from 'fast-check'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { HeavyHitters } from './heavy-hitters'

describe('HeavyHitters', () => {
  it('counts exactly while there are no more keys than it can hold', () => {
    expect(filled(3, [5, 7, 5, 9, 5, 7]).top()).toEqual([
      { key: 5, count: 3, overCount: 0 },
      { key: 7, count: 2, overCount: 0 },
      { key: 9, count: 1, overCount: 0 },
    ])
  })

  it('lets the rarest give way to a newcomer, which takes over its count as possible', () => {
    //  5 5 5 7 7 9 | 4     of capacity 3: 9 was seen once and goes, 4 was seen once and perhaps once before
    expect(filled(3, [5, 5, 5, 7, 7, 9, 4]).top()).toEqual([
      { key: 5, count: 3, overCount: 0 },
      { key: 4, count: 2, overCount: 1 },
      { key: 7, count: 2, overCount: 0 },
    ])
  })

  it('lets the smallest key give way where all are equally rare', () => {
    //  7 5 9 | 4     each was seen once: 5 goes
    expect(filled(3, [7, 5, 9, 4]).top()).toEqual([
      { key: 4, count: 2, overCount: 1 },
      { key: 7, count: 1, overCount: 0 },
      { key: 9, count: 1, overCount: 0 },
    ])
  })

  it('keeps of two streams no more keys than of one, and says how often the others may have been seen', () => {
    //  1 1 1 2 2 and 3 3 3 3 4: whoever saw a key not at all may have seen it as often as its rarest
    const merged = filled(2, [1, 1, 1, 2, 2])
    merged.merge(filled(2, [3, 3, 3, 3, 4]))
    expect(merged.top()).toEqual([
      { key: 3, count: 6, overCount: 2 },
      { key: 1, count: 4, overCount: 1 },
    ])
    expect([merged.total, merged.maxOverCount]).toEqual([10, 4])
  })

  it('holds every key of more than its share, and no count is further off than it says', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 12 }), (keys, capacity) => {
        const hitters = filled(capacity, keys)
        const truth = countsOf(keys)
        const kept = new Map(hitters.top().map((hitter) => [hitter.key, hitter]))
        expect(hitters.total).toBe(keys.length)
        expect(hitters.maxOverCount).toBeLessThanOrEqual(keys.length / capacity)
        for (const [key, count] of truth) {
          const hitter = kept.get(key)
          if (hitter === undefined) {
            expect(count).toBeLessThanOrEqual(hitters.maxOverCount)
            continue
          }
          expect(hitter.count).toBeGreaterThanOrEqual(count)
          expect(hitter.count - hitter.overCount).toBeLessThanOrEqual(count)
          expect(hitter.overCount).toBeLessThanOrEqual(keys.length / capacity)
        }
      }),
    )
  })

  it('says after a merge what is true of both streams', () => {
    fc.assert(
      fc.property(
        streams,
        streams,
        streams,
        fc.integer({ min: 1, max: 12 }),
        (left, right, later, capacity) => {
          const merged = filled(capacity, left)
          merged.merge(filled(capacity, right))
          for (const key of later) merged.add(key)
          const truth = countsOf([...left, ...right, ...later])
          const kept = new Map(merged.top().map((hitter) => [hitter.key, hitter]))
          expect(merged.total).toBe(left.length + right.length + later.length)
          for (const [key, count] of truth) {
            const hitter = kept.get(key)
            expect(hitter?.count ?? merged.maxOverCount).toBeGreaterThanOrEqual(count)
            if (hitter !== undefined) expect(hitter.count - hitter.overCount).toBeLessThanOrEqual(count)
          }
        },
      ),
    )
  })

  it('merges the same way round and the other', () => {
    fc.assert(
      fc.property(streams, streams, (left, right) => {
        const one = filled(6, left)
        one.merge(filled(6, right))
        const other = filled(6, right)
        other.merge(filled(6, left))
        expect(one.top()).toEqual(other.top())
      }),
    )
  })

  it('goes on after a restart as if nothing had happened', () => {
    fc.assert(
      fc.property(streams, streams, (early, late) => {
        const unbroken = filled(5, early)
        const out = new SnapshotWriter()
        unbroken.save(out, 'hitters')
        const restored = new HeavyHitters({ capacity: 5 })
        restored.load(new SnapshotReader(out.parts()), 'hitters')
        for (const key of late) {
          unbroken.add(key)
          restored.add(key)
        }
        expect(restored.top()).toEqual(unbroken.top())
        expect(restored.total).toBe(unbroken.total)
      }),
    )
  })

  it('takes weights, and nothing for nothing', () => {
    const hitters = new HeavyHitters({ capacity: 2 })
    hitters.add(5, 10)
    hitters.add(7, 0)
    hitters.add(7, -3)
    hitters.add(7, Number.NaN)
    expect(hitters.top()).toEqual([{ key: 5, count: 10, overCount: 0 }])
    expect([hitters.total, hitters.maxOverCount]).toEqual([10, 0])
    for (const [key, count] of [
      [7, 4],
      [9, 2],
    ] as const)
      hitters.add(key, count)
    //  9 takes over the 4 of 7
    expect(hitters.top()).toEqual([
      { key: 5, count: 10, overCount: 0 },
      { key: 9, count: 6, overCount: 4 },
    ])
    expect(hitters.top(1)).toHaveLength(1)
    expect([hitters.total, hitters.maxOverCount]).toEqual([16, 6])
  })
})

/** A few keys come often, many now and then. */
const streams = fc.array(fc.oneof(fc.nat(4), fc.nat(4), fc.nat(60)), { maxLength: 300 })

function filled(capacity: number, keys: readonly number[]): HeavyHitters {
  const hitters = new HeavyHitters({ capacity })
  for (const key of keys) hitters.add(key)
  return hitters
}

function countsOf(keys: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
