import { tiesReachMs } from '../model/acts'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { CaseBook, caseKey } from './case-book'
import type { Case } from './case-book'

const caseMs = 86_400_000
const longestAppealMs = 400 * 86_400_000
const linked = caseKey({ mode: 'live', offence: 'steered-accounts', subject: 'c-1' })
const clicks = caseKey({ mode: 'live', offence: 'inflated-clicks', subject: 'x' })

describe('the case book', () => {
  it('begins the next case on linked accounts where the last one ended, for as long as ties reach back', () => {
    //  0 put … caseMs over, ended as of 0       1 the next begins here at the earliest       long after: forgotten
    const book = new CaseBook()
    book.put(linked, caseOf({ startMs: -5, lastMs: 100 }))
    book.advance(99 + caseMs, caseMs)
    expect(book.get(linked)).toBeDefined()
    expect(book.beginning(linked, 20)).toBe(20)
    book.advance(100 + caseMs, caseMs)
    expect(book.get(linked)).toBeUndefined()
    expect([20, 200].map((startMs) => book.beginning(linked, startMs))).toEqual([100, 200])
    book.advance(99 + tiesReachMs, caseMs)
    expect(restored(book).beginning(linked, 20)).toBe(100)
    book.advance(100 + tiesReachMs, caseMs)
    expect(book.beginning(linked, 20)).toBe(20)
  })

  it('begins one on a number with its window, whenever the last one ended', () => {
    const book = new CaseBook()
    book.put(clicks, caseOf({ kind: 'click', startMs: 0, lastMs: 100 }))
    book.advance(100 + caseMs, caseMs)
    expect(book.get(clicks)).toBeUndefined()
    expect(book.beginning(clicks, 20)).toBe(20)
  })

  it('begins one where the last was taken back', () => {
    const book = new CaseBook()
    book.put(linked, caseOf({ startMs: 0, lastMs: 100 }))
    book.clear(linked, 300)
    expect(book.get(linked)).toBeUndefined()
    expect(restored(book).beginning(linked, 20)).toBe(300)
  })

  it('ends no case that waits for what may clear it', () => {
    const book = new CaseBook()
    const waitsUntilMs = 10 * caseMs
    book.put(linked, caseOf({ startMs: 0, lastMs: 0, waitsUntilMs }))
    // What clears it at the last moment is told within the hour.
    const toldByMs = waitsUntilMs + 3_600_000
    book.advance(toldByMs - 1, caseMs)
    expect(book.get(linked)).toBeDefined()
    book.advance(toldByMs, caseMs)
    expect(book.get(linked)).toBeUndefined()
  })

  it.each([
    [clicks, 'click'],
    [linked, undefined],
  ] as const)(
    'knows what a person has looked at, for as long as rules may be appealed against: %s',
    (key, kind) => {
      const book = new CaseBook()
      book.put(key, caseOf({ ...(kind === undefined ? {} : { kind }), startMs: 0, lastMs: 0 }))
      book.overturn(key, { verdictId: 'v-1', kind, atMs: 1000 })
      expect(book.get(key)).toBeUndefined()
      expect([999, 1000].map((startMs) => restored(book).isOverruled(key, startMs))).toEqual([true, false])
      book.advance(999 + longestAppealMs, caseMs)
      expect(book.isOverruled(key, 999)).toBe(true)
      book.advance(1000 + longestAppealMs, caseMs)
      expect(book.isOverruled(key, 999)).toBe(false)
    },
  )

  it('leaves another case of the same key open, which rests on what it began with', () => {
    const book = new CaseBook()
    book.put(clicks, caseOf({ verdictId: 'v-2', kind: 'click', startMs: 999, lastMs: 999 }))
    book.overturn(clicks, { verdictId: 'v-1', kind: 'click', atMs: 1000 })
    expect(book.get(clicks)).toBeDefined()
    expect(book.isOverruled(clicks, 500)).toBe(false)
    book.put(clicks, caseOf({ verdictId: 'v-3', kind: 'click', startMs: 1000, lastMs: 1000 }))
    expect(book.isOverruled(clicks, 500)).toBe(true)
  })

  it('gives back the numbers of one kind of one account, and none for a verdict that is about none', () => {
    const book = new CaseBook()
    const given = (): number[] =>
      [
        { accountId: 'x', kind: 'click' } as const,
        { accountId: 'x', kind: 'forward' } as const,
        { accountId: 'y', kind: 'click' } as const,
      ].map((series) => book.givenBackMs(series))
    expect(given()).toEqual([-Infinity, -Infinity, -Infinity])
    book.overturn(caseKey({ mode: 'live', offence: 'dormant-account', subject: 'x' }), {
      ...{ verdictId: 'v-0', kind: undefined, atMs: 3000 },
    })
    expect(given()).toEqual([-Infinity, -Infinity, -Infinity])
    book.overturn(clicks, { verdictId: 'v-1', kind: 'click', atMs: 1000 })
    book.overturn(caseKey({ mode: 'live', offence: 'manipulated-click-through', subject: 'x' }), {
      ...{ verdictId: 'v-2', kind: 'click', atMs: 2000 },
    })
    book.overturn(caseKey({ mode: 'shadow', offence: 'inflated-clicks', subject: 'y' }), {
      ...{ verdictId: 'v-3', kind: 'click', atMs: 2000 },
    })
    expect(given()).toEqual([2000, -Infinity, -Infinity])
  })

  it('holds against a number the live cases of its kind and account', () => {
    const book = new CaseBook()
    const put = (mode: Case['mode'], offence: Case['offence'], kind: NonNullable<Case['kind']>): void => {
      book.put(caseKey({ mode, offence, subject: 'x' }), caseOf({ verdictId: `${mode} ${offence}`, kind }))
    }
    put('live', 'inflated-clicks', 'click')
    put('live', 'manipulated-click-through', 'click')
    put('live', 'inflated-forwards', 'forward')
    put('shadow', 'inflated-clicks', 'click')
    const against = (accountId: string): string[] =>
      book.against({ accountId, kind: 'click' }).map(({ verdictId }) => verdictId)
    expect(against('x')).toEqual(['live inflated-clicks', 'live manipulated-click-through'])
    expect(against('y')).toEqual([])
  })
})

function caseOf(described: Partial<Case>): Case {
  return {
    ...{
      verdictId: 'v-1',
      offence: 'inflated-clicks',
      mode: 'live',
      qValue: 0,
      revision: 1,
      status: 'raised',
    },
    ...{ startMs: 0, lastMs: 0, recommendation: 'correct-count', role: 'beneficiary' },
    counts: { raw: 120, authentic: 20, disputed: 100 },
    ...described,
  }
}

function restored(book: CaseBook): CaseBook {
  const out = new SnapshotWriter()
  book.save(out)
  const other = new CaseBook()
  other.load(new SnapshotReader(out.parts()))
  return other
}
