import { balances } from '../runtime/books'
import type { Books } from '../runtime/books'
import { exitCodes } from './exit-codes'
import { number, table } from './progress'

/** The books of a run for a person: what came in, and what became of it, to the last record. */
export function booksText(books: Books): string {
  const rows = [
    ['records read', number(books.read)],
    ['counted', number(books.counted)],
    ['duplicates', number(books.duplicates)],
    ['too late', number(books.tooLate)],
    ['dead letters', number(books.deadLetters)],
    ...Object.entries(books.deadLettersByReason).map(([reason, letters]) => [`  ${reason}`, number(letters)]),
    ...(books.waiting > 0 ? [['in open epochs', number(books.waiting)]] : []),
    ['verdicts, with revisions', number(books.verdicts)],
    ['corrections', number(books.corrections)],
  ]
  const verdict = balances(books) ? 'the books balance' : 'THE BOOKS DO NOT BALANCE: please report this'
  return `${table(rows)}${verdict}\n`
}

/** Tells the books on stderr and gives the exit code of the run: books that do not balance are a failure. */
export function tellBooks(books: Books, { json }: { json?: boolean }): number {
  const balanced = balances(books)
  process.stderr.write(json === true ? `${JSON.stringify({ ...books, balanced })}\n` : booksText(books))
  return balanced ? exitCodes.done : exitCodes.failed
}
