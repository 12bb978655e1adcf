import fc from 'fast-check'
import { mix32 } from '../model/hash'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { EdgeBursts, KeyBursts } from './edge-bursts'

const shape = { width: 1024, depth: 4 }
const key = 77
const day = 1440

describe('KeyBursts', () => {
  it('holds what is now against the mean of the past, which a flood does not enter', () => {
    const bursts = new KeyBursts(shape)
    const told = [2, 2, 2, 80, 80].map((events, tick) => {
      const score = play(bursts, tick, events)
      return [bursts.observed, bursts.expected, score].map((figure) => figure.toFixed(1)).join(' ')
    })
    //  tick     1          2          3          4 flood         5
    expect(told).toEqual(['2.0 1.0 1.0', '3.0 2.0 0.5', '3.5 2.5 0.4', '81.8 2.8 2198.1', '120.9 2.8 4917.8'])
  })

  it.each([1, 30, 3000])(
    'finds %i events in every tick usual, from the first to the last of a tick',
    (events) => {
      const bursts = new KeyBursts(shape)
      let highest = 0
      for (let tick = 0; tick < 200; tick++) {
        for (let event = 0; event < events; event++) {
          const score = bursts.score(key, tick)
          // Until then the first tick, which had nothing before it, still lowers the mean.
          if (tick >= 100) highest = Math.max(highest, score)
        }
      }
      expect(highest).toBeLessThan(1)
    },
  )

  it('sees a flood on a key that it has never met', () => {
    const bursts = aged(day)
    expect(play(bursts, day, 1)).toBe(0)
    expect(play(bursts, day, 99)).toBe(99 ** 2)
  })

  it('finds a single event usual, however rare its key', () => {
    const bursts = new KeyBursts(shape)
    const scores = [0, 1000, 5000, 5001].map((tick) => bursts.score(key, tick))
    //                           the half of the event before is still there
    expect(scores).toEqual([0, 0, 0, 0.25])
  })

  it('takes a lull for no burst', () => {
    const bursts = new KeyBursts(shape)
    for (let tick = 0; tick < 50; tick++) play(bursts, tick, 1000)
    expect(bursts.score(key, 60)).toBe(0)
  })

  it('does not learn the level of an attacker, however long he keeps it up', () => {
    const filtered = new KeyBursts(shape)
    const trusting = new KeyBursts({ ...shape, quarantine: Number.MAX_VALUE })
    for (const bursts of [filtered, trusting]) {
      for (let tick = 0; tick < day; tick++) play(bursts, tick, 2)
    }
    const atFirst = play(filtered, day, 200)
    play(trusting, day, 200)
    const before = filtered.expected
    for (let tick = day + 1; tick < 2 * day; tick++) {
      play(filtered, tick, 200)
      play(trusting, tick, 200)
    }
    expect(filtered.expected).toBeCloseTo(before, 2)
    expect(play(filtered, 2 * day, 200)).toBeGreaterThan(atFirst)
    expect(trusting.expected).toBeGreaterThan(100)
    expect(play(trusting, 2 * day, 200)).toBeLessThan(1000)
  })

  it('learns by bounded steps from an attacker who stays just below the quarantine', () => {
    const bursts = new KeyBursts(shape)
    for (let tick = 0; tick < day; tick++) play(bursts, tick, 2)
    const before = bursts.expected
    for (let tick = day; tick < day + 60; tick++) {
      const { expected } = bursts
      while (bursts.score(key, tick) < 900);
      expect(bursts.expected - expected).toBeLessThanOrEqual(Math.sqrt(1000 * bursts.expected) / tick)
    }
    // An hour of it makes 4 a tick be 7.
    expect(before).toBeCloseTo(4, 1)
    expect(bursts.expected).toBeLessThan(7)
  })

  it('believes the first tick of a new key as one of all ticks', () => {
    const bursts = aged(100)
    play(bursts, 100, 1000)
    bursts.score(key, 101)
    expect(bursts.expected).toBeCloseTo(1000 / 101)
  })

  it('counts what comes late in the latest tick', () => {
    const late = new KeyBursts(shape)
    const punctual = new KeyBursts(shape)
    expect([10, 12, 11, 12].map((tick) => late.score(key, tick))).toEqual(
      [10, 12, 12, 12].map((tick) => punctual.score(key, tick)),
    )
  })

  it('does not care when the ticks began to be counted', () => {
    fc.assert(
      fc.property(streams, fc.nat(30_000_000), (stream, start) => {
        const here = new KeyBursts(shape)
        const there = new KeyBursts(shape)
        for (const [of, tick] of stream) expect(there.score(of, tick + start)).toBe(here.score(of, tick))
      }),
    )
  })

  it('gives what exact counts that pass every tick one by one would give', () => {
    const options = fc.record({
      carry: fc.constantFrom(0, 0.5, 0.9),
      quarantine: fc.constantFrom(1, 20, 1000),
    })
    fc.assert(
      fc.property(streams, options, (stream, { carry, quarantine }) => {
        const bursts = new KeyBursts({ ...shape, carry, quarantine })
        const exact = new ExactBursts({ carry, quarantine })
        for (const [of, tick] of stream) {
          const score = exact.score(of, tick)
          // Next to the quarantine the rounding of the one may fall on the other side.
          fc.pre(Math.abs(score - quarantine) > 1e-3 * quarantine)
          expect(Math.abs(bursts.score(of, tick) - score)).toBeLessThanOrEqual(1e-4 * (1 + score))
        }
      }),
    )
  })

  it('observes never too few, and too many by more than e / width of all for no more than e^-depth of the keys', () => {
    const bursts = new KeyBursts({ width: 256, depth: 4 })
    const truth = new Map<number, number>()
    let total = 0
    for (let rank = 1; rank <= 20_000; rank++) {
      const count = Math.ceil(2000 / rank)
      truth.set(mix32(rank, 99), count)
      for (let event = 0; event < count; event++) bursts.score(mix32(rank, 99), 0)
      total += count
    }
    let tooLow = 0
    let tooHigh = 0
    let asked = 0
    for (const [of, count] of truth) {
      bursts.score(of, 0)
      // Asking counts too: one event of this key, and one of each that was asked before.
      asked++
      if (bursts.observed < count + 1) tooLow++
      if (bursts.observed > count + 1 + (Math.E / 256) * (total + asked)) tooHigh++
    }
    expect(tooLow).toBe(0)
    expect(tooHigh / truth.size).toBeLessThan(Math.exp(-4))
  })

  it('takes the least of its rows for the past, so that few keys share that of others', () => {
    //  40 keys in rows of 64 cells: of one row half of them share a cell, of all four few
    const bursts = new KeyBursts({ width: 64, depth: 4 })
    const keys = Array.from({ length: 40 }, (_, rank) => mix32(rank, 99))
    for (let tick = 0; tick < 50; tick++)
      for (const of of keys) for (let n = 0; n < 3; n++) bursts.score(of, tick)
    const shared = keys.filter((of) => {
      bursts.score(of, 50)
      return bursts.expected > 6
    })
    expect(shared.length / keys.length).toBeLessThan(0.2)
  })

  it('observes never too few in a single row', () => {
    const bursts = new KeyBursts({ width: 16, depth: 1 })
    for (let of = 0; of < 20; of++) {
      for (let event = 1; event <= 5; event++) bursts.score(of, 0)
      expect(bursts.observed).toBeGreaterThanOrEqual(5)
      expect(bursts.observed).toBeLessThanOrEqual(100)
    }
  })

  it('keeps out of the past what scores as high as the quarantine, and nothing below', () => {
    //  tick       0   1    2          nothing is left of a tick in the next
    //  events     1   11   1          score of tick 1: 10² / 1
    const expectedAfter = (quarantine: number): number => {
      const bursts = new KeyBursts({ ...shape, carry: 0, quarantine })
      for (const [tick, events] of [1, 11, 1].entries()) play(bursts, tick, events)
      return bursts.expected
    }
    expect(expectedAfter(100)).toBe(1)
    expect(expectedAfter(101)).toBe(6)
  })

  it('goes on after a restart as if nothing had happened', () => {
    fc.assert(
      fc.property(streams, streams, (early, late) => {
        const narrow = { width: 8, depth: 2 }
        const unbroken = new KeyBursts(narrow)
        for (const [of, tick] of early) unbroken.score(of, tick)
        const restored = new KeyBursts(narrow)
        restored.load(new SnapshotReader(savedParts(unbroken)), 'bursts')
        for (const [of, tick] of late) expect(restored.score(of, tick)).toBe(unbroken.score(of, tick))
        expect(bytesOf(restored)).toBe(bytesOf(unbroken))
      }),
    )
  })

  it('refuses a snapshot of another shape', () => {
    const parts = savedParts(new KeyBursts({ width: 8, depth: 2 }))
    expect(() => {
      new KeyBursts({ width: 16, depth: 2 }).load(new SnapshotReader(parts), 'bursts')
    }).toThrow('64 numbers of "bursts", not 128')
  })

  it.each([
    [{ width: 0 }, 'edge-bursts.width must be a whole number from 1 on, got 0'],
    [{ depth: 0 }, 'edge-bursts.depth must be a whole number from 1 on, got 0'],
    [{ depth: 1.5 }, 'edge-bursts.depth must be a whole number from 1 on, got 1.5'],
    [{ carry: -0.1 }, 'edge-bursts.carry must be between 0 and 0.99, got -0.1'],
    [{ carry: 1 }, 'edge-bursts.carry must be between 0 and 0.99, got 1'],
    [{ quarantine: 0 }, 'edge-bursts.quarantine must be 1 or more, got 0'],
  ])('refuses %j', (wrong, message) => {
    expect(() => new KeyBursts({ ...shape, ...wrong })).toThrow(message)
  })

  it('takes the least and the most that it may be set to, and takes no more memory than it says', () => {
    //  one cell of four numbers of four bytes, its place, and what is left of a count after no tick
    expect(new KeyBursts({ width: 1, depth: 1, carry: 0, quarantine: 1 }).byteLength).toBe(16 + 4 + 8)
    expect(play(new KeyBursts({ ...shape, carry: 0.99 }), 0, 3)).toBe(4)
  })
})

describe('EdgeBursts', () => {
  const people = Array.from({ length: 50 }, (_, person) => mix32(person, 5))
  const posts = Array.from({ length: 50 }, (_, post) => mix32(post, 6))
  /** Fifty people, of whom each meets another post in every tick, and each post another person. */
  const ordinary = (bursts: EdgeBursts, ticks: number): number => {
    let highest = 0
    for (let tick = 0; tick < ticks; tick++) {
      people.forEach((person, place) => {
        const score = bursts.score(person, posts[(place + tick) % posts.length]!, tick)
        highest = Math.max(highest, score)
      })
    }
    return highest
  }

  it('finds nothing in ordinary traffic', () => {
    expect(ordinary(new EdgeBursts(shape), 100)).toBeLessThan(1)
  })

  it.each([
    ['one source meets one target again and again', () => [people[0]!, posts[0]!]],
    ['one source meets ever new targets', (event: number) => [people[0]!, mix32(event, 7)]],
    ['ever new sources meet one target', (event: number) => [mix32(event, 8), posts[0]!]],
  ])('sees it when %s', (_, edgeOf) => {
    const bursts = new EdgeBursts(shape)
    ordinary(bursts, 100)
    let score = 0
    for (let event = 0; event < 200; event++) {
      const [source, target] = edgeOf(event)
      score = bursts.score(source!, target!, 100)
    }
    expect(score).toBeGreaterThan(10_000)
  })

  it('does not see what is spread over sources, targets and time', () => {
    const bursts = new EdgeBursts(shape)
    ordinary(bursts, 100)
    // One more event every fifth tick, of a source that is new each time.
    const drip = Array.from({ length: 40 }, (_, event) =>
      bursts.score(mix32(event, 9), posts[0]!, 100 + 5 * event),
    )
    expect(Math.max(...drip)).toBeLessThan(1)
  })

  it('tells the directions of an edge apart', () => {
    const bursts = new EdgeBursts({ ...shape, quarantine: 100 })
    for (let event = 0; event < 50; event++) bursts.score(1, 2, 0)
    expect(bursts.score(2, 1, 0)).toBe(0)
  })

  it('goes on after a restart as if nothing had happened', () => {
    const unbroken = new EdgeBursts(shape)
    ordinary(unbroken, 20)
    const restored = new EdgeBursts(shape)
    restored.load(new SnapshotReader(savedParts(unbroken)), 'bursts')
    for (let event = 0; event < 100; event++) {
      const edge = [people[event % 3]!, posts[event % 2]!, 20 + (event >> 4)] as const
      expect(restored.score(...edge)).toBe(unbroken.score(...edge))
    }
    expect(bytesOf(restored)).toBe(bytesOf(unbroken))
  })

  it('says how large it is, and stays so', () => {
    const bursts = new EdgeBursts(shape)
    const before = bursts.byteLength
    // Three sketches of cells of four numbers of four bytes.
    expect(before).toBeGreaterThanOrEqual(3 * 1024 * 4 * 16)
    expect(before).toBeLessThan(3 * 1024 * 4 * 16 + 4096)
    ordinary(bursts, 100)
    expect(bursts.byteLength).toBe(before)
  })
})

/** Few keys, so that they come again, in ticks that grow and leave some out. */
const streams = fc
  .array(fc.tuple(fc.nat(5), fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 9)), { maxLength: 200 })
  .map((steps) => {
    let tick = 0
    return steps.map(([of, ticks]): [number, number] => [of, (tick += ticks)])
  })

/** The same rule with exact counts, every key brought to the end of every tick. */
class ExactBursts {
  private readonly counts = new Map<number, { current: number; past: number; isKeptOut: boolean }>()
  private first: number | undefined
  private tick = 0

  constructor(readonly options: { readonly carry: number; readonly quarantine: number }) {}

  score(of: number, tick: number): number {
    this.first ??= this.tick = tick
    for (; this.tick < tick; this.tick++) this.endTick(this.tick - this.first)
    const count = this.counts.get(of) ?? { current: 0, past: 0, isKeptOut: false }
    this.counts.set(of, count)
    count.current++
    const expected = Math.max(1, tick === this.first ? 0 : count.past / (tick - this.first))
    const score = Math.max(0, count.current - expected) ** 2 / expected
    count.isKeptOut = count.past > 0 && score >= this.options.quarantine
    return score
  }

  private endTick(age: number): void {
    for (const count of this.counts.values()) {
      count.past += count.isKeptOut ? count.past / age : count.current
      count.current *= this.options.carry
    }
  }
}

/** Events of the key in one tick; gives the score of the last. */
function play(bursts: KeyBursts, tick: number, events: number): number {
  let score = 0
  for (let event = 0; event < events; event++) score = bursts.score(key, tick)
  return score
}

/** With a history of so many ticks, in which the key does not occur. */
function aged(ticks: number): KeyBursts {
  const bursts = new KeyBursts(shape)
  for (let tick = 0; tick <= ticks; tick++) bursts.score(key + 1, tick)
  return bursts
}

function savedParts(bursts: KeyBursts | EdgeBursts): Uint8Array[] {
  const out = new SnapshotWriter()
  bursts.save(out, 'bursts')
  return out.parts()
}

function bytesOf(bursts: KeyBursts | EdgeBursts): string {
  return Buffer.concat(savedParts(bursts)).toString('latin1')
}
