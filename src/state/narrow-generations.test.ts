import fc from 'fast-check'
import { mix32 } from '../model/hash'
import { Generations } from './generations'
import { NarrowGenerations } from './narrow-generations'
import { SnapshotReader, SnapshotWriter } from './snapshot'

const options = { payload: 1, spanMs: 1000, cap: 40, keyBits: 36 }

/** What was done to a table: a key that was touched, or time that passed; mostly so seldom that the cap is reached before. */
const deeds = fc.array(
  fc.oneof({ weight: 60, arbitrary: fc.nat(120) }, { weight: 1, arbitrary: fc.constant('a span') }),
  // Without it nearly all are of ten or fewer.
  { maxLength: 400, size: 'max' },
)

describe('narrow generations', () => {
  it('know and forget the same keys as generations do, and keep a payload with each', () => {
    fc.assert(
      fc.property(deeds, (done) => {
        const narrow = new NarrowGenerations(options)
        const wide = new Generations({ stride: 3, spanMs: 1000, cap: 40 })
        let nowMs = 0
        for (const deed of done) {
          if (typeof deed === 'string') nowMs += 1000
          narrow.advance(nowMs)
          wide.advance(nowMs)
          if (typeof deed === 'string') continue
          const [high, low] = keyOf(deed)
          const at = narrow.touch(high, low)
          const from = wide.touch(high, low)
          expect(narrow.isNew).toBe(wide.isNew)
          expect(narrow.evicted).toBe(wide.evicted)
          expect(narrow.words[at + 1]).toBe(wide.young.words[from + 2])
          narrow.words[at + 1]!++
          wide.young.words[from + 2]!++
        }
      }),
    )
  })

  it('grow past the room they began with and lose nothing', () => {
    const narrow = new NarrowGenerations({ ...options, cap: 1_000_000 })
    for (let key = 0; key < 300_000; key++) {
      const at = narrow.touch(...keyOf(key))
      narrow.words[at + 1] = key
      if (!narrow.isNew) throw new Error(`${key} is taken for another`)
    }
    expect(narrow.size).toBe(300_000)
    const lost = Array.from({ length: 300_000 }, (_, key) => key).filter(
      (key) => narrow.words[narrow.touch(...keyOf(key)) + 1] !== key,
    )
    expect(lost).toEqual([])
    // A word and a payload each, at three fifths of the places or more.
    expect(narrow.byteLength).toBeLessThan((300_000 * 8) / 0.6)
  })

  it('drop the older half when the cap is reached, and count it', () => {
    const narrow = new NarrowGenerations(options)
    for (let key = 0; key < 100; key++) narrow.touch(...keyOf(key))
    //  0 … 39 dropped, 40 … 79 old, 80 … 99 young
    expect([narrow.evicted, narrow.size]).toEqual([40, 60])
    narrow.touch(...keyOf(0))
    expect(narrow.isNew).toBe(true)
    narrow.touch(...keyOf(40))
    expect(narrow.isNew).toBe(false)
  })

  it('come back from a snapshot and go on alike', () => {
    //  at 0.5 s   keys 0 … 59; at 1.5 s they are old
    const whole = new NarrowGenerations({ ...options, cap: 100 })
    whole.advance(500)
    for (let key = 0; key < 60; key++) {
      const at = whole.touch(...keyOf(key))
      whole.words[at + 1] = key
    }
    const out = new SnapshotWriter()
    whole.save(out, 'table')
    const restored = new NarrowGenerations({ ...options, cap: 100 })
    restored.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'table')
    for (const one of [whole, restored]) one.advance(1500)
    const known = [whole, restored].map((one) =>
      Array.from({ length: 80 }, (_, key) => {
        const at = one.touch(...keyOf(key))
        return one.isNew ? 'new' : one.words[at + 1]
      }),
    )
    expect(known[1]).toEqual(known[0])
    expect(known[0]!.slice(58, 62)).toEqual([58, 59, 'new', 'new'])
  })
})

function keyOf(key: number): [high: number, low: number] {
  return [mix32(key, 1), mix32(key, 2)]
}
