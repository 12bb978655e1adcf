import { deadLetterReasons } from '../ingest/dead-letter'
import type { DeadLetterReason } from '../ingest/dead-letter'
import type { Books as IngestBooks } from '../ingest/ingest'
import { kinds } from '../model/event'
import type { Kind } from '../model/event'
import type { Intake } from './intake'
import type { ViewStats } from './stages'

/** What became of every record that was read, each counted where it is: so they balance only if nothing was lost. */
export interface Books {
  readonly read: number
  readonly counted: number
  readonly duplicates: number
  readonly tooLate: number
  readonly deadLetters: number
  readonly deadLettersByReason: Readonly<Partial<Record<DeadLetterReason, number>>>
  readonly countedByKind: Readonly<Partial<Record<Kind, number>>>
  /** Admitted, and on its way: in a block that is not full, or in an epoch that has not closed. */
  readonly waiting: number
  readonly verdicts: number
  readonly corrections: number
}

/** The books of several raw partitions and of the views behind them. */
export function addBooks(intake: Intake, stats: Partial<ViewStats>): Books {
  const admitted = intake.books.reduce((total, books) => total + books.admitted, 0)
  return {
    ...addUp(intake.books, stats),
    waiting: admitted - intake.rowsGiven + (stats.actor?.waiting ?? 0) + (stats.account?.waiting ?? 0),
  }
}

/** What became of the records of some raw partitions, and of the events that these views have had. */
export function addUp(
  ingests: readonly IngestBooks[],
  { actor, account, decide }: Partial<ViewStats>,
): Omit<Books, 'waiting'> {
  const sum = (of: (books: IngestBooks) => number): number =>
    ingests.reduce((total, books) => total + of(books), 0)
  const byReason: Partial<Record<DeadLetterReason, number>> = {}
  for (const reason of Object.keys(deadLetterReasons) as DeadLetterReason[]) {
    const letters = sum(({ deadLetters }) => deadLetters[reason])
    if (letters > 0) byReason[reason] = letters
  }
  const byKind: Partial<Record<Kind, number>> = {}
  kinds.forEach((kind, code) => {
    const events = account?.counted[code] ?? 0
    if (events > 0) byKind[kind] = events
  })
  const total = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((all, count) => all + count, 0)
  return {
    read: sum(({ read }) => read),
    counted: total(byKind),
    duplicates: sum((books) => books.duplicates) + (actor?.duplicates ?? 0) + (account?.duplicates ?? 0),
    tooLate: sum(({ tooLate }) => tooLate) + (actor?.late ?? 0) + (account?.late ?? 0),
    deadLetters: total(byReason),
    deadLettersByReason: byReason,
    countedByKind: byKind,
    verdicts: decide?.verdicts ?? 0,
    corrections: decide?.corrections ?? 0,
  }
}

/** Whether nothing was lost on the way, and nothing counted twice. */
export function balances({ read, counted, duplicates, tooLate, deadLetters, waiting }: Books): boolean {
  return read === counted + duplicates + tooLate + deadLetters + waiting
}
