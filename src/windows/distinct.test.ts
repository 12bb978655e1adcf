import fc from 'fast-check'
import { mix32 } from '../model/hash'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { Distinct } from './distinct'

const options = { exactUpTo: 32, precision: 10 }

describe('Distinct', () => {
  it('counts a few keys exactly', () => {
    const distinct = filled([5, 7, 5, 0, 7, 0xffff_ffff])
    expect(distinct.count).toBe(4)
    expect(distinct.isExact).toBe(true)
    expect(distinct.relativeError).toBe(0)
    expect(distinct.byteLength).toBe(32 * 4)
  })

  it('is exact up to its limit and a sketch beyond', () => {
    const distinct = filled(keysFrom(0, 32))
    expect([distinct.isExact, distinct.count]).toEqual([true, 32])
    distinct.add(mix32(32, 5))
    expect(distinct.isExact).toBe(false)
    expect(distinct.relativeError).toBeCloseTo(0.0325, 4)
    expect(distinct.byteLength).toBe(32 * 4 + 1024)
    expect(Math.abs(distinct.count - 33)).toBeLessThanOrEqual(2)
  })

  it('keeps the error that it states, from tens to a hundred thousand', () => {
    for (const size of [50, 200, 1000, 4000, 100_000]) {
      const errors = Array.from({ length: size > 10_000 ? 4 : 60 }, (_, sample) => {
        return filled(keysFrom(sample * size, size)).count / size - 1
      })
      const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)
      // Up to 1.3 times: the spread of a spread that is found from 60 samples, and up to twice from 4.
      const allowed = errors.length === 60 ? 1.3 : 2
      expect(deviation).toBeLessThan(allowed * filled(keysFrom(0, 100)).relativeError)
    }
  })

  it('is a function of the set: order, repeats and parts do not matter', () => {
    const lists = fc.array(fc.nat(2000), { maxLength: 120 })
    fc.assert(
      fc.property(lists, lists, (left, right) => {
        const merged = filled(left)
        merged.merge(filled(right))
        const whole = filled([...right, ...left, ...left].reverse())
        expect(merged.count).toBe(whole.count)
        expect(merged.isExact).toBe(whole.isExact)
        const other = filled(right)
        other.merge(filled(left))
        expect(other.count).toBe(whole.count)
      }),
    )
  })

  it('is the same sketch whichever way two were merged, or one with a few keys', () => {
    for (const [left, right] of [
      [100, 100],
      [100, 5],
    ] as const) {
      const [one, other] = [filled(keysFrom(0, left)), filled(keysFrom(80, right))]
      one.merge(other)
      other.merge(filled(keysFrom(0, left)))
      const whole = filled([...keysFrom(0, left), ...keysFrom(80, right)])
      for (const merged of [one, other]) expect(registersOf(merged)).toEqual(registersOf(whole))
    }
  })

  it('counts by the definition of its source, also where registers are full', () => {
    //  4 + 28 bits: a register is full at 29
    for (const registers of [
      [29, 29, 29, 29, 28, 28, 28, 28, 28, 28, 28, 28, 27, 27, 27, 27],
      [29, 29, 29, 29, 29, 29, 29, 29, 29, 29, 29, 29, 29, 29, 29, 28],
      [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 5],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ]) {
      const out = new SnapshotWriter()
      out.array('distinct.keys', new Uint32Array(0))
      out.array('distinct.registers', Uint8Array.from(registers))
      const distinct = new Distinct({ exactUpTo: 0, precision: 4 })
      distinct.load(new SnapshotReader(out.parts()), 'distinct')
      const exact = countByDefinition(registers, 28)
      expect(Math.abs(distinct.count - exact)).toBeLessThanOrEqual(0.5 + 1e-9 * exact)
    }
  })

  it('fills a register no further than a key has bits', () => {
    const full = Array.from({ length: 1 << 20 }, (_, key) => key).find((key) => mix32(key, 1) << 16 === 0)!
    const distinct = new Distinct({ exactUpTo: 0, precision: 16 })
    distinct.add(full)
    expect(registersOf(distinct).filter((rank) => rank > 0)).toEqual([17])
  })

  it('never shrinks when a key is added', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { maxLength: 300 }), (list) => {
        const distinct = new Distinct({ exactUpTo: 0, precision: 6 })
        let before = 0
        for (const key of list) {
          distinct.add(key)
          expect(distinct.count).toBeGreaterThanOrEqual(before)
          before = distinct.count
        }
      }),
    )
  })

  it('comes back from a snapshot as it was', () => {
    for (const size of [0, 10, 5000]) {
      const out = new SnapshotWriter()
      const distinct = filled(keysFrom(0, size))
      distinct.save(out, 'distinct')
      const restored = new Distinct(options)
      restored.load(new SnapshotReader(out.parts()), 'distinct')
      for (const key of keysFrom(size, 100)) {
        distinct.add(key)
        restored.add(key)
      }
      expect([restored.count, restored.isExact]).toEqual([distinct.count, distinct.isExact])
    }
  })

  it('refuses what it cannot do', () => {
    expect(() => new Distinct({ exactUpTo: 8, precision: 3 })).toThrow('between 4 and 16, got 3')
    expect(() => new Distinct({ exactUpTo: 8, precision: 17 })).toThrow('between 4 and 16, got 17')
    for (const precision of [4, 16]) expect(new Distinct({ exactUpTo: 8, precision }).count).toBe(0)
    expect(() => {
      filled([]).merge(new Distinct({ exactUpTo: 32, precision: 12 }))
    }).toThrow('one precision, got 10 and 12')
  })
})

function filled(keys: readonly number[]): Distinct {
  const distinct = new Distinct(options)
  for (const key of keys) distinct.add(key)
  return distinct
}

function registersOf(distinct: Distinct): number[] {
  const out = new SnapshotWriter()
  distinct.save(out, 'distinct')
  return [...new SnapshotReader(out.parts()).uint8('distinct.registers')]
}

/** Formulas 20 to 22 of Ertl (2017) as they stand there, with so many bits behind the register. */
function countByDefinition(registers: readonly number[], bits: number): number {
  const size = registers.length
  const share = (rank: number): number => registers.filter((one) => one === rank).length / size
  const terms = Array.from({ length: 60 }, (_, index) => index + 1)
  const sum = (term: (k: number) => number): number => terms.reduce((all, k) => all + term(k), 0)
  const empty = share(0)
  const sigma = empty + sum((k) => empty ** (2 ** k) * 2 ** (k - 1))
  const open = 1 - share(bits + 1)
  const tau = (1 - open - sum((k) => (1 - open ** (2 ** -k)) ** 2 * 2 ** -k)) / 3
  const between = sum((k) => (k <= bits ? share(k) * 2 ** -k : 0))
  return size / (2 * Math.LN2 * (sigma + between + tau * 2 ** -bits))
}

/** Different keys that look like hashes. */
function keysFrom(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => mix32(start + at, 5))
}
