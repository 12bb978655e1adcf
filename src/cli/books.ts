import { balances } from '../runtime/books'
import type { Books } from '../runtime/books'
import { printable } from '../explain/name'
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

/**
 * Tells the books on stderr, and where to look when records could not be read; gives the exit code of the run: books that
 * do not balance are a failure.
 */
export function tellBooks(
  books: Books,
  { json, deadLetters }: { readonly json?: boolean; readonly deadLetters?: string },
): number {
  const balanced = balances(books)
  process.stderr.write(
    json === true
      ? `${JSON.stringify({ ...books, balanced })}\n`
      : `${booksText(books)}${whereToLook(books, deadLetters)}`,
  )
  return balanced ? exitCodes.done : exitCodes.failed
}

function whereToLook({ deadLetters: letters, counted, waiting }: Books, file: string | undefined): string {
  if (letters === 0) return ''
  const nothing = counted + waiting === 0 ? 'nothing was counted; ' : ''
  const where =
    file === undefined
      ? 'name a file with --dead-letters to see'
      : `"assay dead-letters list ${printable(file)}" says`
  return `assay: ${nothing}${where} which records could not be read, and why\n`
}
