import { deadLetterReasons } from '../ingest/dead-letter'
import type { DeadLetterReason } from '../ingest/dead-letter'
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
export function addBooks(intake: Intake, { actor, account, decide }: ViewStats): Books {
  const ingests = intake.books
  const sum = (of: (books: (typeof ingests)[number]) => number): number =>
    ingests.reduce((total, books) => total + of(books), 0)
  const byReason: Partial<Record<DeadLetterReason, number>> = {}
  for (const reason of Object.keys(deadLetterReasons) as DeadLetterReason[]) {
    const letters = sum(({ deadLetters }) => deadLetters[reason])
    if (letters > 0) byReason[reason] = letters
  }
  const byKind: Partial<Record<Kind, number>> = {}
  kinds.forEach((kind, code) => {
    const events = account.counted[code]!
    if (events > 0) byKind[kind] = events
  })
  const counted = Object.values(byKind).reduce((total, events) => total + events, 0)
  const duplicates = actor.duplicates + account.duplicates
  const late = actor.late + account.late
  return {
    read: sum(({ read }) => read),
    counted,
    duplicates: sum((books) => books.duplicates) + duplicates,
    tooLate: sum(({ tooLate }) => tooLate) + late,
    deadLetters: Object.values(byReason).reduce((total, letters) => total + letters, 0),
    deadLettersByReason: byReason,
    countedByKind: byKind,
    waiting: sum(({ admitted }) => admitted) - intake.rowsGiven + actor.waiting + account.waiting,
    verdicts: decide.verdicts,
    corrections: decide.corrections,
  }
}

/** Whether nothing was lost on the way, and nothing counted twice. */
export function balances({ read, counted, duplicates, tooLate, deadLetters, waiting }: Books): boolean {
  return read === counted + duplicates + tooLate + deadLetters + waiting
}
