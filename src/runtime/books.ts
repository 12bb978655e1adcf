import { deadLetterReasons } from '../ingest/dead-letter'
import type { DeadLetterReason } from '../ingest/dead-letter'
import type { Books as IngestBooks } from '../ingest/ingest'
import { kinds } from '../model/event'
import type { Kind } from '../model/event'
import type { Views } from './replay'

/** What became of every record that was read: `read` is always the sum of the rest. */
export interface Books {
  readonly read: number
  readonly counted: number
  readonly duplicates: number
  readonly tooLate: number
  readonly deadLetters: number
  readonly deadLettersByReason: Readonly<Partial<Record<DeadLetterReason, number>>>
  readonly countedByKind: Readonly<Partial<Record<Kind, number>>>
  /** Admitted, and waiting in an epoch that has not closed. */
  readonly waiting: number
  readonly verdicts: number
  readonly corrections: number
}

/** The books of several raw partitions and of the views behind them. */
export function addBooks(ingests: readonly IngestBooks[], views: Views): Books {
  const sum = (of: (books: IngestBooks) => number): number => ingests.reduce((total, books) => total + of(books), 0)
  const byReason: Partial<Record<DeadLetterReason, number>> = {}
  for (const reason of Object.keys(deadLetterReasons) as DeadLetterReason[]) {
    const letters = sum(({ deadLetters }) => deadLetters[reason])
    if (letters > 0) byReason[reason] = letters
  }
  const byKind: Partial<Record<Kind, number>> = {}
  kinds.forEach((kind, code) => {
    const events = views.account.counted[code]!
    if (events > 0) byKind[kind] = events
  })
  const counted = Object.values(byKind).reduce((total, events) => total + events, 0)
  const duplicates = views.actor.stats.duplicates + views.account.stats.duplicates
  const late = views.actor.stats.late + views.account.stats.late
  return {
    read: sum(({ read }) => read),
    counted,
    duplicates: sum((books) => books.duplicates) + duplicates,
    tooLate: sum(({ tooLate }) => tooLate) + late,
    deadLetters: Object.values(byReason).reduce((total, letters) => total + letters, 0),
    deadLettersByReason: byReason,
    countedByKind: byKind,
    waiting: sum(({ admitted }) => admitted) - counted - duplicates - late,
    verdicts: views.decide.stats.verdicts,
    corrections: views.decide.stats.corrections,
  }
}

/** Whether nothing was lost on the way. */
export function balances({ read, counted, duplicates, tooLate, deadLetters, waiting }: Books): boolean {
  return read === counted + duplicates + tooLate + deadLetters + waiting
}
