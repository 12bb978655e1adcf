import fc from 'fast-check'
import { Generations } from './generations'
import { RecordTable } from './record-table'
import { SnapshotReader, SnapshotWriter } from './snapshot'

/** Not the one whose hash would be 0: it is kept as the one whose hash is 1. */
const keys = fc.array(fc.tuple(fc.nat(50), fc.nat(50)).filter(([high, low]) => high !== 0 || low !== 0))

describe('a record table', () => {
  it('counts like a Map', () => {
    fc.assert(
      fc.property(keys, (touched) => {
        const table = new RecordTable(3, 1)
        const expected = new Map<string, number>()
        for (const [high, low] of touched) {
          const at = table.add(high, low)
          table.words[at + 2]!++
          const key = `${high} ${low}`
          expected.set(key, (expected.get(key) ?? 0) + 1)
        }
        const found = new Map<string, number>()
        table.forEach((at) => found.set(table.keyAt(at).join(' '), table.words[at + 2]!))
        expect(found).toEqual(expected)
        expect(table.size).toBe(expected.size)
      }),
    )
  })

  it('finds what was added and nothing else, also after it has grown', () => {
    const table = new RecordTable(2, 1)
    for (let i = 1; i <= 1000; i++) table.add(i, i * 7)
    for (let i = 1; i <= 1000; i++) expect(table.find(i, i * 7)).toBeGreaterThanOrEqual(0)
    expect(table.find(5, 5)).toBe(-1)
  })

  it('does so where it is large, from one end of its memory to the other', () => {
    //  keys that are small numbers are spread; those with one hash, at the end of it, get more slots behind the last
    const table = new RecordTable(3, 1)
    const keyOf = (i: number): [high: number, low: number] =>
      i % 400 === 0 ? [i, (0xf174d0af ^ Math.imul(i, 0x85ebca6b)) >>> 0] : [i, i * 7]
    for (let i = 1; i <= 400_000; i++) {
      const at = table.add(...keyOf(i))
      table.words[at + 2] = i
    }
    expect(table.size).toBe(400_000)
    const wrong = Array.from({ length: 400_000 }, (_, place) => place + 1).filter(
      (i) => table.words[table.find(...keyOf(i)) + 2] !== i,
    )
    expect(wrong).toEqual([])
    expect(table.find(5, 5)).toBe(-1)
    expect(table.byteLength).toBeLessThan((400_000 * 12) / 0.7)
  })

  it('spreads keys of two equal words', () => {
    const table = new RecordTable(2, 1)
    for (let i = 1; i <= 1000; i++) table.add(i, i)
    const hashes = new Set(Array.from({ length: 1000 }, (_, i) => table.words[table.find(i + 1, i + 1)]))
    expect(hashes.size).toBe(1000)
  })

  it('keeps its records in the order of their hashes', () => {
    const table = new RecordTable(2, 1)
    for (let i = 1; i <= 1000; i++) table.add(i, i * 7)
    const hashes: number[] = []
    table.forEach((at) => hashes.push(table.words[at]!))
    expect(hashes).toEqual([...hashes].sort((a, b) => a - b))
    expect(hashes).toHaveLength(1000)
  })

  it('leaves what is above the bits of a key to the payload', () => {
    const table = new RecordTable(2, 1, 56)
    for (let i = 1; i <= 1000; i++) {
      const at = table.add(i, i * 7)
      table.words[at + 1]! |= (i & 0xff) << 24
    }
    const found = Array.from({ length: 1000 }, (_, place) => table.find(place + 1, (place + 1) * 7))
    expect(found.map((at) => table.words[at + 1]! >>> 24)).toEqual(
      Array.from({ length: 1000 }, (_, place) => (place + 1) & 0xff),
    )
    expect(table.find(0xff000001, 7)).toBe(found[0])
    expect(table.keyAt(found[4]!)).toEqual([5, 35])
  })

  it('grows to the slots for its most records and not beyond; whoever puts in more has room as well', () => {
    //  slots  1,205 … 1.25 × … 36,000 for 30,600 records, the most that are ever in it
    const most = 30_600
    const table = new RecordTable(2, undefined, undefined, most)
    for (let i = 1; i <= most; i++) table.add(i, i * 7)
    expect(table.words.length / table.stride).toBeLessThan(most / 0.85 + 64)
    for (let i = most + 1; i <= 2 * most; i++) table.add(i, i * 7)
    expect(table.size).toBe(2 * most)
    expect(
      Array.from({ length: 2 * most }, (_, i) => table.find(i + 1, (i + 1) * 7)).every((at) => at >= 0),
    ).toBe(true)
  })
})

describe('generations', () => {
  const options = { stride: 3, spanMs: 1000, cap: 100 }

  it('remember what was touched for one span at least and two at most', () => {
    //  0        1000       2000       3000
    //  a        a          ·          a is new again
    const table = new Generations(options)
    table.advance(0)
    write(table, 1, 7)
    table.advance(1000)
    expect(read(table, 1)).toBe(7)
    expect(table.isNew).toBe(false)
    table.advance(2000)
    table.advance(3000)
    table.touch(1, 1)
    expect(table.isNew).toBe(true)
    expect(table.evicted).toBe(0)
  })

  it('stay under their cap in a flood of new keys, and count what they drop', () => {
    const table = new Generations(options)
    for (let i = 1; i <= 10_000; i++) table.touch(i, i)
    expect(table.size).toBeLessThanOrEqual(202)
    expect(table.evicted).toBe(10_000 - table.size)
  })

  it('do not count what is met again and again in a flood of others', () => {
    //  1 … 50 after every 50 others: they move to the young generation each time, and only others are dropped
    const table = new Generations(options)
    for (let i = 1; i <= 50; i++) table.touch(i, i)
    for (let i = 51; i <= 5000; i++) {
      table.touch(i, i)
      if (i % 50 === 0)
        for (let known = 1; known <= 50; known++) expect(table.find(known, known)).not.toBe(-1)
    }
    const others = Array.from({ length: 4950 }, (_, i) => i + 51)
    expect(table.evicted).toBe(others.filter((i) => table.peek(i, i) === undefined).length)
  })

  it('keep the newcomer that went over the cap', () => {
    const table = new Generations(options)
    for (let i = 1; i <= 101; i++) write(table, i, i)
    expect(read(table, 101)).toBe(101)
    expect(table.isNew).toBe(false)
    expect(read(table, 100)).toBe(100)
  })

  it('keep what is looked for at the cap, with its age, and drop the rest of its generation', () => {
    //  0                  1000                 at the cap
    //  1 and 2            0 … 99 but for these 1
    const table = new Generations(options)
    table.advance(0)
    write(table, 1, 7)
    write(table, 2, 8)
    table.advance(1000)
    for (let i = 101; i <= 200; i++) write(table, i, i)
    const at = table.find(1, 1)
    expect([table.young.words[at + 2], table.isNew, table.agedMs]).toEqual([7, false, 1000])
    expect(table.find(2, 2)).toBe(-1)
    expect(table.evicted).toBe(1)
  })

  it('know and forget like Maps under any touches, looks and spans, across snapshots', () => {
    const kind = fc.constantFrom('touch', 'touch', 'find', 'span', 'saved')
    const deed = fc.record({ key: fc.nat(60), kind })
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 300 }), fc.integer({ min: 1, max: 25 }), (deeds, cap) => {
        let table = new Generations({ ...options, cap })
        const model = { young: new Map<number, number>(), old: new Map<number, number>(), evicted: 0 }
        const rotate = (): void => {
          model.old = model.young
          model.young = new Map()
        }
        let nowMs = 0
        table.advance(nowMs)
        deeds.forEach(({ key, kind }, number) => {
          if (kind === 'span') {
            table.advance((nowMs += options.spanMs))
            rotate()
          } else if (kind === 'saved') {
            table = throughSnapshot(table, new Generations({ ...options, cap }))
          } else {
            const known = model.young.get(key) ?? model.old.get(key)
            const at = kind === 'find' ? table.find(key, key) : table.touch(key, key)
            expect(at < 0).toBe(kind === 'find' && known === undefined)
            if (at < 0) return
            expect(table.isNew).toBe(known === undefined)
            expect(table.young.words[at + 2]).toBe(known ?? 0)
            table.young.words[at + 2] = number + 1
            if (!model.young.has(key)) {
              model.old.delete(key)
              if (model.young.size >= cap) {
                model.evicted += model.old.size
                rotate()
              }
            }
            model.young.set(key, number + 1)
          }
          expect(table.evicted).toBe(model.evicted)
          // What was touched leaves a copy in the old generation, which is counted as well.
          expect(table.size).toBeGreaterThanOrEqual(model.young.size + model.old.size)
        })
      }),
      { numRuns: 2000 },
    )
  })

  it('come back from a snapshot', () => {
    const table = new Generations(options)
    table.advance(0)
    write(table, 1, 3)
    table.advance(1500)
    const out = new SnapshotWriter()
    table.save(out, 't')
    const again = new Generations(options)
    again.load(new SnapshotReader(out.parts().map((part) => part.slice())), 't')
    expect(read(again, 1)).toBe(3)
    expect(again.advance(1900)).toBe(false)
    expect(again.advance(2000)).toBe(true)
  })
})

describe('a snapshot', () => {
  it('says what it lacks', () => {
    const out = new SnapshotWriter()
    out.array('numbers', new Uint32Array([1, 2]))
    const [directory, numbers] = out.parts()
    expect(() => new SnapshotReader([directory!, numbers!.subarray(1)])).toThrow(
      '2 numbers of "numbers", got 7 bytes',
    )
    const reader = new SnapshotReader(out.parts())
    expect(() => reader.uint32('other')).toThrow('lacks the Uint32Array "other"')
    expect(() => reader.value('words')).toThrow('lacks "words"')
  })
})

function throughSnapshot(table: Generations, into: Generations): Generations {
  const out = new SnapshotWriter()
  table.save(out, 't')
  into.load(new SnapshotReader(out.parts().map((part) => part.slice())), 't')
  return into
}

/** Touching first: the touch may replace the words. */
function write(table: Generations, key: number, value: number): void {
  const at = table.touch(key, key)
  table.young.words[at + 2] = value
}

function read(table: Generations, key: number): number {
  const at = table.touch(key, key)
  return table.young.words[at + 2]!
}
