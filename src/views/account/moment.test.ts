import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { traitIndex, traits } from '../../model/traits'
import { Moment } from './moment'

const click = 1
const shortDwell = traitIndex('short-dwell')

describe('the moment', () => {
  it('is unknown while fewer than twenty accounts have been heard', () => {
    const moment = new Moment()
    hear(moment, { period: 1, from: 0, to: 18, share: 0.5 })
    moment.close(1)
    expect(moment.share(click, shortDwell)).toBeUndefined()
    hear(moment, { period: 2, from: 19, to: 19, share: 0.5 })
    moment.close(2)
    expect(moment.share(click, shortDwell)).toBeCloseTo(0.5, 1)
  })

  it('follows at once what changes for everybody', () => {
    //  period      1      2
    //  accounts   30     25        a holiday begins: the thirty of before say no more
    //  share     0.1    0.6
    const moment = new Moment()
    hear(moment, { period: 1, from: 0, to: 29, share: 0.1 })
    moment.close(1)
    expect(moment.share(click, shortDwell)).toBeCloseTo(0.1, 1)
    hear(moment, { period: 2, from: 30, to: 54, share: 0.6 })
    moment.close(2)
    expect(moment.share(click, shortDwell)).toBeCloseTo(0.6, 1)
  })

  it('is not moved by a few in a quiet hour, nor by their going on', () => {
    //  period      1     2  3  4 … 9
    //  accounts   30     3  3  3   3    the same three, and nobody else
    const moment = new Moment()
    hear(moment, { period: 1, from: 0, to: 29, share: 0 })
    moment.close(1)
    for (let period = 2; period < 10; period++) {
      hear(moment, { period, from: 100, to: 102, share: 1 })
      moment.close(period)
      expect(moment.share(click, shortDwell)).toBe(0)
    }
  })

  it('is a day long at most', () => {
    const moment = new Moment()
    hear(moment, { period: 1, from: 0, to: 29, share: 0.5 })
    moment.close(1)
    moment.close(144)
    expect(moment.share(click, shortDwell)).toBeCloseTo(0.5, 1)
    moment.close(145)
    expect(moment.share(click, shortDwell)).toBeUndefined()
  })

  it('goes on from a snapshot, and knows no order within a period', () => {
    const heard = [...Array(21).keys()].map((account) => ({ account, share: account / 21 }))
    const [moment, other] = [heard, [...heard].reverse()].map((voices) => {
      const one = new Moment()
      for (const { account, share } of voices) hear(one, { period: 1, from: account, to: account, share })
      one.close(1)
      const out = new SnapshotWriter()
      one.save(out)
      const restored = new Moment()
      restored.load(new SnapshotReader(out.parts().map((part) => part.slice())))
      expect(restored.share(click, shortDwell)).toBe(one.share(click, shortDwell))
      hear(restored, { period: 2, from: 50, to: 60, share: 0.9 })
      restored.close(2)
      return restored.share(click, shortDwell)
    })
    expect(moment).toBe(other)
    expect(moment).toBeGreaterThan(0.6)
  })
})

/** Lets a run of accounts show a share of short clicks. */
function hear(
  moment: Moment,
  { period, from, to, share }: { period: number; from: number; to: number; share: number },
): void {
  const carrying = traits.map((_, trait) => (trait === shortDwell ? 100 * share : 0))
  for (let account = from; account <= to; account++)
    moment.hear(account * 4 + click, { period, count: 100, traits: carrying })
}
