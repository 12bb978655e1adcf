import { deadLetterReasons } from '../ingest/dead-letter'
import type { Books as IngestBooks } from '../ingest/ingest'
import { kindCode } from '../model/event'
import { addBooks, addUp, balances } from './books'
import type { Books } from './books'
import type { Intake } from './intake'
import type { ViewStats } from './stages'

const books: Books = {
  read: 10,
  counted: 5,
  duplicates: 1,
  tooLate: 1,
  deadLetters: 2,
  deadLettersByReason: { 'too-deep': 2 },
  countedByKind: { click: 5 },
  waiting: 1,
  verdicts: 3,
  corrections: 4,
}

it('balances when everything that was read is somewhere', () => {
  expect(balances(books)).toBe(true)
})

it.each([{ counted: 4 }, { counted: 6 }, { deadLetters: 1 }, { waiting: 0 }])(
  'does not balance when something is lost or there twice: %o',
  (wrong) => {
    expect(balances({ ...books, ...wrong })).toBe(false)
  },
)

describe('the books of several partitions', () => {
  const none = Object.fromEntries(Object.keys(deadLetterReasons).map((reason) => [reason, 0]))
  const ingest = (described: Partial<IngestBooks>, letters: Partial<IngestBooks['deadLetters']> = {}) => ({
    ...{ read: 0, admitted: 0, duplicates: 0, tooLate: 0, ...described },
    deadLetters: { ...none, ...letters } as IngestBooks['deadLetters'],
  })
  const partitions = [
    ingest({ read: 20, admitted: 12, duplicates: 3, tooLate: 2 }, { 'too-deep': 2, empty: 1 }),
    ingest({ read: 7, admitted: 4, duplicates: 1, tooLate: 1 }, { empty: 1 }),
  ]
  const counted = new Array<number>(16).fill(0)
  counted[kindCode('click')] = 5
  counted[kindCode('comment')] = 2
  const stats = {
    actor: { duplicates: 1, late: 1, waiting: 2 },
    account: { counted, duplicates: 1, late: 1, waiting: 1 },
    decide: { verdicts: 3, corrections: 4 },
  } as unknown as ViewStats

  it('add up what became of their records and of the events behind them', () => {
    expect(addUp(partitions, stats)).toEqual({
      ...{ read: 27, counted: 7, duplicates: 6, tooLate: 5, deadLetters: 4, verdicts: 3, corrections: 4 },
      deadLettersByReason: { 'too-deep': 2, empty: 2 },
      countedByKind: { click: 5, comment: 2 },
    })
  })

  it('count as waiting what was admitted and not given, and what the views hold; so they balance', () => {
    //  16 admitted, 14 given: 2 in a block that is not full, 2 and 1 in epochs that have not closed
    const intake = { books: partitions, rowsGiven: 14 } as unknown as Intake
    expect(addBooks(intake, stats).waiting).toBe(5)
    expect(balances(addBooks(intake, stats))).toBe(true)
  })

  it('are those of the records alone where no view has told anything', () => {
    const intake = { books: partitions, rowsGiven: 14 } as unknown as Intake
    expect(addBooks(intake, {})).toMatchObject({
      ...{ read: 27, counted: 0, duplicates: 4, tooLate: 3, deadLetters: 4, waiting: 2 },
      ...{ countedByKind: {}, verdicts: 0, corrections: 0 },
    })
  })
})
