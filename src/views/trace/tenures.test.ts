import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { homogeneity, Tenures } from './tenures'
import type { OperatorAct, TenureNews } from './tenures'

const dayMs = 86_400_000

describe('who runs an account', () => {
  it('is another for good when nobody of before comes back within a month', () => {
    expect(newsOf('a'.repeat(60) + 'b'.repeat(40))).toEqual(['60 newcomer', '90 handover'])
  })

  it('is the two of them for a week, in which they hand over', () => {
    expect(newsOf('a'.repeat(60) + 'babab' + 'b'.repeat(40))).toEqual(['60 newcomer', '90 handover'])
  })

  it('is a team when one of before is back later', () => {
    expect(newsOf('a'.repeat(60) + 'b'.repeat(12) + 'a' + 'b'.repeat(60))).toEqual([
      '60 newcomer',
      '72 dismissed',
    ])
  })

  it('is the one of before again when he is back after all', () => {
    expect(newsOf('a'.repeat(60) + 'b'.repeat(40) + 'a')).toEqual([
      ...['60 newcomer', '90 handover', '100 handback'],
    ])
  })

  it('is nobody else while an account is getting known', () => {
    expect(newsOf('a'.repeat(20) + 'b'.repeat(80))).toEqual([])
  })

  it('is remembered the same when it was saved and loaded', () => {
    const days = 'a'.repeat(60) + 'b'.repeat(40)
    expect(newsOf(days, 75)).toEqual(newsOf(days))
  })

  it('brought his phone along when it came some days before him, and not when weeks before', () => {
    const handover = (phoneFrom: number): readonly boolean[] => {
      const tenures = new Tenures()
      let hands: readonly boolean[] = []
      for (let day = 0; day < 100; day++) {
        const news = tenures.act(1, 1, act(day, day < 60 ? 'a' : 'b', { device: day < phoneFrom ? 5 : 6 }))
        if (news?.kind === 'handover') hands = news.handover.hands.map(({ isChanged }) => isChanged)
      }
      return hands
    }
    //                         operator, device, place
    expect(handover(57)).toEqual([true, true, true])
    expect(handover(40)).toEqual([true, false, true])
  })

  it('says how many of a sample of readers came back', () => {
    const tenures = new Tenures()
    let returned = -1
    for (let day = 0; day < 100; day++) {
      for (let reader = 1; reader <= 10; reader++) {
        if (day < 60 || reader <= 4) tenures.read(1, 1, rowOf(reader * 1000, day * dayMs + reader), 0)
      }
      const news = tenures.act(1, 1, act(day, day < 60 ? 'a' : 'b'))
      if (news?.kind === 'handover') {
        expect(news.handover.readers).toMatchObject({ sampled: 10, usualShare: 1 })
        ;({ returned } = news.handover.readers)
      }
    }
    expect(returned).toBe(4)
  })
})

describe('the chance that two counts come from one distribution', () => {
  it('is that of chi-square', () => {
    // Both halves of two bins turned over: chi-square 10 of 1 degree, taken as 2: exp(-5).
    expect(homogeneity([15, 5], [5, 15])).toBeCloseTo(Math.exp(-5), 12)
    expect(homogeneity([10, 10], [10, 10])).toBe(1)
    // Three bins, 2 degrees: exp(-x / 2) exactly.
    expect(homogeneity([20, 10, 10], [10, 10, 20])).toBeCloseTo(Math.exp(-20 / 6), 12)
  })

  it('says nothing of a few', () => {
    expect(homogeneity([7, 0], [0, 7])).toBe(1)
  })
})

/** What is told of an account that is run once a day by whoever the letter of the day is, each from a place of his own. */
function newsOf(days: string, reloadedOn = -1): string[] {
  let tenures = new Tenures()
  return Array.from(days).flatMap((by, day) => {
    if (day === reloadedOn) tenures = reloaded(tenures)
    const news: TenureNews | undefined = tenures.act(1, 1, act(day, by))
    return news === undefined ? [] : [`${day} ${news.kind}`]
  })
}

function act(day: number, by: string, change: Partial<OperatorAct> = {}): OperatorAct {
  const who = by.charCodeAt(0)
  return {
    ...{ timeMs: day * dayMs + 3_600_000, operator: who, device: who + 100, network: who + 200 },
    ...{ isPost: true, letters: 50, textBytes: 60 },
    ...change,
  }
}

function reloaded(tenures: Tenures): Tenures {
  const out = new SnapshotWriter()
  tenures.save(out, 'tenures')
  const other = new Tenures()
  other.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'tenures')
  return other
}

function rowOf(actorLow: number, timeMs: number): { actorLow: Uint32Array; timeMs: Float64Array } {
  return { actorLow: Uint32Array.of(actorLow), timeMs: Float64Array.of(timeMs) }
}
