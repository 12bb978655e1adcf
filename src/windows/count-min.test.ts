import fc from 'fast-check'
import { mix32 } from '../model/hash'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { CountMin } from './count-min'

const shape = { width: 256, depth: 4 }

describe('CountMin', () => {
  it('counts a few keys exactly, and shares of them', () => {
    const sketch = filled([7, 7, 9, 7])
    expect([7, 9, 8].map((key) => sketch.estimate(key))).toEqual([3, 1, 0])
    expect(sketch.share(7)).toBe(0.75)
    expect(sketch.total).toBe(4)
  })

  it('has no share of nothing', () => {
    expect(new CountMin(shape).share(7)).toBe(0)
  })

  it('is never too low, and too high by more than epsilon of the total for no more than delta of the keys', () => {
    // 20,000 keys, the first often and the last hardly ever: a hundred times as many as there are cells in a row.
    const truth = new Map<number, number>()
    const sketch = new CountMin(shape)
    for (let rank = 1; rank <= 20_000; rank++) {
      const key = mix32(rank, 99)
      const count = Math.ceil(20_000 / rank)
      truth.set(key, (truth.get(key) ?? 0) + count)
      sketch.add(key, count)
    }
    let tooLow = 0
    let tooHigh = 0
    for (const [key, count] of truth) {
      if (sketch.estimate(key) < count) tooLow++
      if (sketch.estimate(key) > count + sketch.epsilon * sketch.total) tooHigh++
    }
    expect(tooLow).toBe(0)
    expect(tooHigh / truth.size).toBeLessThan(sketch.delta)
  })

  it('states how far off it may be, how rarely it is further, and its bytes', () => {
    const sketch = new CountMin(shape)
    expect(sketch.epsilon).toBeCloseTo(0.0106, 4)
    expect(sketch.delta).toBeCloseTo(0.0183, 4)
    expect(sketch.byteLength).toBe(256 * 4 * 8)
  })

  it('does not care for order, and merges to what one sketch of all would be', () => {
    fc.assert(
      fc.property(keys, keys, (left, right) => {
        const merged = filled(left)
        merged.merge(filled(right))
        expect(bytesOf(merged)).toBe(bytesOf(filled([...right, ...left].reverse())))
      }),
    )
  })

  it('fades by a factor', () => {
    const sketch = filled([7, 7, 7, 7, 9, 9])
    sketch.scale(0.5)
    expect([sketch.estimate(7), sketch.estimate(9), sketch.total]).toEqual([2, 1, 3])
  })

  it('comes back from a snapshot as it was', () => {
    fc.assert(
      fc.property(keys, (list) => {
        const out = new SnapshotWriter()
        const sketch = filled(list)
        sketch.save(out, 'sketch')
        const restored = new CountMin(shape)
        restored.load(new SnapshotReader(out.parts()), 'sketch')
        expect(bytesOf(restored)).toBe(bytesOf(sketch))
        expect(restored.total).toBe(sketch.total)
      }),
    )
  })

  it('refuses to merge with another shape', () => {
    expect(() => {
      new CountMin(shape).merge(new CountMin({ width: 128, depth: 4 }))
    }).toThrow('256 by 4 differs from 128 by 4; build both with the same width and depth')
    expect(() => {
      new CountMin(shape).merge(new CountMin({ width: 256, depth: 3 }))
    }).toThrow('256 by 4 differs from 256 by 3')
  })

  it('refuses a width that no bits of a hash stand for', () => {
    expect(() => new CountMin({ width: 100, depth: 4 })).toThrow('must be a power of two, got 100')
  })
})

const keys = fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 500 })

function filled(list: readonly number[]): CountMin {
  const sketch = new CountMin(shape)
  for (const key of list) sketch.add(key)
  return sketch
}

function bytesOf(sketch: CountMin): string {
  const out = new SnapshotWriter()
  sketch.save(out, 'sketch')
  return Buffer.concat(out.parts()).toString('latin1')
}
