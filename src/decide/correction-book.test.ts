import { disputed, hour } from '../../test/support/findings'
import { undisputed } from '../model/finding'
import type { HourCounts } from '../model/finding'
import { CorrectionBook } from './correction-book'

describe('a correction book', () => {
  it('gives a correction of each content, on the strength of the verdicts', () => {
    const told = new CorrectionBook().correct(hourOf(14, { a: 100, '': 7 }), ['v-1', 'v-2'])
    expect(told).toEqual([
      { ...about(14, 'a'), ...disputed(100), verdictIds: ['v-1', 'v-2'] },
      // What belongs to no content is told under none.
      { ...about(14, null), ...disputed(7), verdictIds: ['v-1', 'v-2'] },
    ])
  })

  it('gives an hour back when nothing else speaks against it, and keeps what another verdict disputes', () => {
    //  hour       14         15           16
    //  verdicts   v-1        v-1, v-2     v-2        v-1 was wrong
    const book = new CorrectionBook()
    book.correct(hourOf(14), ['v-1'])
    book.correct(hourOf(15), ['v-1', 'v-2'])
    book.correct(hourOf(16), ['v-2'])
    expect(book.withdraw('v-1')).toEqual([
      { ...about(14, 'a'), ...undisputed(120), verdictIds: [] },
      { ...about(15, 'a'), ...disputed(100), verdictIds: ['v-2'] },
    ])
    expect(book.withdraw('v-1')).toEqual([])
    expect(book.withdraw('v-2').map((one) => [one.hour, one.disputed])).toEqual([
      [hour(15), 0],
      [hour(16), 0],
    ])
  })

  it('tells what an hour that was given back grows by, until it is over', () => {
    //  content   a     b          b grows, then both do, then the hour is over
    const book = new CorrectionBook()
    book.correct(hourOf(14, { a: 100, b: 10 }), ['v-1'])
    expect(book.follow(hourOf(14, { a: 100, b: 11 }))).toEqual([])
    book.withdraw('v-1')
    expect(book.follow(hourOf(14, { a: 100, b: 11 }))).toEqual([
      { ...about(14, 'b'), ...undisputed(31), verdictIds: [] },
    ])
    expect(book.follow(hourOf(14, { a: 100, b: 11 }))).toEqual([])
    book.endHours(hour(15))
    expect(book.follow(hourOf(14, { a: 101, b: 12 }))).toHaveLength(2)
    book.endHours(hour(15) + 1)
    expect(book.follow(hourOf(14, { a: 200, b: 20 }))).toEqual([])
  })

  it('keeps hours of other accounts and kinds apart, and an hour that is disputed again is no longer given back', () => {
    const book = new CorrectionBook()
    const [mine, theirs] = [hourOf(14), { ...hourOf(14), accountId: 'y' }]
    const forwards: HourCounts = { ...hourOf(14), kind: 'forward' }
    book.correct(mine, ['v-1'])
    book.correct(theirs, ['v-2'])
    book.correct(forwards, ['v-3'])
    book.withdraw('v-1')
    for (const other of [theirs, forwards]) expect(book.follow(other)).toEqual([])
    book.correct(mine, ['v-4'])
    expect(book.follow(hourOf(14, { a: 300 }))).toEqual([])
    expect(book.withdraw('v-4')).toMatchObject([{ accountId: 'x', kind: 'click', raw: 120 }])
  })

  it('forgets the oldest when it is full, and counts it', () => {
    //  of two: 14, 15, 14 again, 16: so 15 is the oldest
    const book = new CorrectionBook(2)
    for (const at of [14, 15, 14, 16]) book.correct(hourOf(at), ['v-1'])
    expect(book.evicted).toBe(1)
    expect(book.withdraw('v-1').map((one) => one.hour)).toEqual([hour(14), hour(16)])
  })

  it('goes on from its state', () => {
    const book = new CorrectionBook(1)
    for (const [at, verdictId] of [
      [13, 'v-0'],
      [14, 'v-1'],
      [15, 'v-2'],
    ] as const) {
      if (at === 15) book.withdraw('v-1')
      book.correct(hourOf(at), [verdictId])
    }
    const again = new CorrectionBook(1)
    again.restore(JSON.parse(JSON.stringify(book.state())) as ReturnType<CorrectionBook['state']>)
    expect(again.evicted).toBe(1)
    expect(again.follow(hourOf(14, { a: 300 }))).toMatchObject([{ raw: 320, disputed: 0 }])
    expect(again.withdraw('v-2')).toMatchObject([{ hour: hour(15), disputed: 0 }])
  })
})

/** The counts of an hour of `x`: of each content so many made clicks and 20 honest ones. */
function hourOf(at: number, made: Readonly<Record<string, number>> = { a: 100 }): HourCounts {
  const contents = Object.entries(made).map(([contentId, count]) => ({ contentId, counts: disputed(count) }))
  return { accountId: 'x', kind: 'click', hour: hour(at), contents }
}

function about(at: number, contentId: string | null): object {
  return { accountId: 'x', contentId, kind: 'click', hour: hour(at) }
}
