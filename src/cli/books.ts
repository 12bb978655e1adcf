import { balances } from '../runtime/books'
import type { Books } from '../runtime/books'
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

export function tellBooks(books: Books, { json }: { json?: boolean }): void {
  process.stderr.write(
    json === true ? `${JSON.stringify({ ...books, balanced: balances(books) })}\n` : booksText(books),
  )
}
