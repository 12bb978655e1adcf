import fc from 'fast-check'
import { mix32 } from '../../model/hash'
import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { isSampled, levelOf, ObjectSample } from './object-sample'

const dayMs = 86_400_000
const click = 1

describe('the sample of acts on objects', () => {
  it('keeps every actor of a rare object, each once', () => {
    const sample = sampleOf(64)
    const kept = [1, 2, 3, 2, 1, 4].map((actor) => keeps(sample, 7, actor))
    expect(kept).toEqual([true, true, true, false, false, true])
    expect(sample).toMatchObject({ kept: 4, repeated: 2, thinned: 0 })
  })

  it('keeps few of a popular object, and counts it about right', () => {
    const sample = sampleOf(64)
    for (let actor = 0; actor < 100_000; actor++) keeps(sample, 7, actor)
    // 64 × (1 + log2(100,000 / 64) / 2) = 403
    expect(sample.kept).toBeGreaterThan(300)
    expect(sample.kept).toBeLessThan(500)
    expect(sample.others).toBeGreaterThan(60_000)
    expect(sample.others).toBeLessThan(150_000)
  })

  it('is not made to thin out an object by one actor who repeats himself', () => {
    const sample = sampleOf(4)
    for (let time = 0; time < 1000; time++) keeps(sample, 7, 1, time)
    expect([2, 3].map((actor) => keeps(sample, 7, actor))).toEqual([true, true])
  })

  it('keeps the same actors on every popular object', () => {
    const sample = sampleOf(64)
    // Until both are at level 4, the acts differ; from then on the same actors pass.
    for (let actor = 0; actor < 1000; actor++) for (const object of [7, 8]) keeps(sample, object, actor)
    const late = Array.from({ length: 300 }, (_, index) => 1000 + index)
    expect(late.filter((actor) => keeps(sample, 7, actor))).toEqual(
      late.filter((actor) => keeps(sample, 8, actor)),
    )
  })

  it('keeps families of one object apart', () => {
    const sample = sampleOf(64)
    expect(sample.keeps(click, 7, 7, 1, 1, 0)).toBe(true)
    expect(sample.keeps(2, 7, 7, 1, 1, 0)).toBe(true)
  })

  it('keeps more of an object again, day by day, when it has cooled down', () => {
    const sample = sampleOf(16)
    for (let actor = 0; actor < 1000; actor++) keeps(sample, 7, actor)
    const kept = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((day) => {
      sample.advance(day * dayMs)
      const before = sample.kept
      for (let actor = 0; actor < 4; actor++) keeps(sample, 7, day * 10_000 + actor, day * dayMs)
      return sample.kept - before
    })
    expect(kept[0]).toBeLessThan(2)
    expect(kept.at(-1)).toBe(4)
  })

  it('counts an actor again when he comes back after the span', () => {
    const sample = sampleOf(64)
    sample.advance(0)
    keeps(sample, 7, 1, 0)
    expect(keeps(sample, 7, 1, dayMs - 1)).toBe(false)
    sample.advance(dayMs)
    sample.advance(2 * dayMs)
    sample.advance(3 * dayMs)
    expect(keeps(sample, 7, 1, 3 * dayMs)).toBe(true)
  })

  it('goes on from a snapshot as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(40)), { maxLength: 200 }), fc.nat(200), (acts, cut) => {
        const whole = sampleOf(4)
        const first = sampleOf(4)
        const second = sampleOf(4)
        const play = (sample: ObjectSample, from: number, to: number): boolean[] =>
          acts.slice(from, to).map(([object, actor]) => keeps(sample, object, actor))
        const expected = play(whole, 0, acts.length)
        const got = play(first, 0, cut)
        const out = new SnapshotWriter()
        first.save(out, 's')
        second.load(new SnapshotReader(out.parts().map((part) => part.slice())), 's')
        expect([...got, ...play(second, cut, acts.length)]).toEqual(expected)
        expect([second.kept, second.thinned, second.repeated]).toEqual([
          whole.kept,
          whole.thinned,
          whole.repeated,
        ])
      }),
    )
  })
})

describe('levels', () => {
  it('rise when an object doubles', () => {
    expect([0, 63, 64, 127, 128, 255, 256].map((others) => levelOf(others, 64))).toEqual([
      0, 0, 1, 1, 2, 2, 3,
    ])
    expect(levelOf(1e9, Number.POSITIVE_INFINITY)).toBe(0)
  })

  it('halve the actors, and hold those of all higher levels', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 15 }), (actor, level) => {
        if (isSampled(actor, level)) expect(isSampled(actor, level - 1)).toBe(true)
      }),
    )
    const at3 = Array.from({ length: 80_000 }, (_, actor) => isSampled(mix32(actor, 9), 3)).filter(
      Boolean,
    ).length
    expect(at3).toBeGreaterThan(9_500)
    expect(at3).toBeLessThan(10_500)
  })
})

function sampleOf(kept: number): ObjectSample {
  return new ObjectSample({ keptPerObject: Array<number>(8).fill(kept) })
}

function keeps(sample: ObjectSample, object: number, actor: number, timeMs = 0): boolean {
  return sample.keeps(click, mix32(object, 1), mix32(object, 2), mix32(actor, 3), mix32(actor, 4), timeMs)
}
