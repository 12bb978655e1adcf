import { balances } from './books'
import type { Books } from './books'

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
