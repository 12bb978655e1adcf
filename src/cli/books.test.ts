import type { Books } from '../runtime/books'
import { booksText, tellBooks } from './books'

const books: Books = {
  read: 1200,
  counted: 1000,
  duplicates: 100,
  tooLate: 50,
  deadLetters: 30,
  deadLettersByReason: { 'malformed-json': 20, 'too-deep': 10 },
  countedByKind: { click: 1000 },
  waiting: 20,
  verdicts: 3,
  corrections: 4,
}

afterEach(() => {
  jest.restoreAllMocks()
})

function told(
  what: Books,
  options: { json?: boolean; deadLetters?: string },
): { text: string; exitCode: number } {
  let text = ''
  jest.spyOn(process.stderr, 'write').mockImplementation((piece) => {
    text += String(piece)
    return true
  })
  return { exitCode: tellBooks(what, options), text }
}

it('shows what came in and what became of it, and that it adds up', () => {
  expect(booksText(books)).toBe(
    [
      'records read              1,200',
      'counted                   1,000',
      'duplicates                  100',
      'too late                     50',
      'dead letters                 30',
      '  malformed-json             20',
      '  too-deep                   10',
      'in open epochs               20',
      'verdicts, with revisions      3',
      'corrections                   4',
      'the books balance',
      '',
    ].join('\n'),
  )
})

it('fails the run when they do not', () => {
  const { text, exitCode } = told({ ...books, counted: 999 }, {})
  expect(exitCode).toBe(1)
  expect(text).toContain('THE BOOKS DO NOT BALANCE: please report this')
  expect(told(books, {}).exitCode).toBe(0)
})

it('says the same as JSON', () => {
  const { text } = told(books, { json: true })
  expect(JSON.parse(text)).toEqual({ ...books, balanced: true })
})

it('says where to look when records could not be read', () => {
  const none = { ...books, deadLetters: 0, deadLettersByReason: {} }
  const refused = { ...books, counted: 0, waiting: 0 }
  expect(told({ ...none, read: 1170 }, {}).text.trimEnd()).toMatch(/the books balance$/)
  expect(told(books, { deadLetters: 'letters.ndjson' }).text).toContain(
    '\nassay: "assay dead-letters list letters.ndjson" says which records could not be read, and why\n',
  )
  expect(told({ ...refused, read: 180 }, {}).text).toContain(
    '\nassay: nothing was counted; name a file with --dead-letters to see which records could not be read',
  )
})
