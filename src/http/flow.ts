import type { Kind } from '../model/event'
import type { Books } from '../runtime/books'

/** What came in so far and what waits: the numbers behind the metrics, as the console reads them. */
export interface FlowCounts {
  /** Event time up to which accounts are judged here; null where nobody here does. */
  readonly asOfMs: number | null
  readonly records: number
  readonly events: Readonly<Partial<Record<Kind, number>>>
  readonly duplicates: number
  readonly tooLate: number
  readonly deadLetters: number
  readonly deadLettersByReason: Readonly<Record<string, number>>
  readonly verdicts: number
  readonly corrections: number
  readonly tasks: readonly FlowTask[]
}

/** A part of the work that is done here, and how many records wait for it. */
export interface FlowTask {
  readonly name: string
  readonly lag: number
  readonly isReady: boolean
}

/** The flow by the books of a run. */
export function flowOf(
  books: Omit<Books, 'waiting'>,
  { asOfMs, tasks }: Pick<FlowCounts, 'asOfMs' | 'tasks'>,
): FlowCounts {
  const { read, countedByKind, duplicates, tooLate, deadLetters, deadLettersByReason } = books
  const { verdicts, corrections } = books
  return {
    ...{ asOfMs, records: read, events: countedByKind, duplicates, tooLate, deadLetters },
    ...{ deadLettersByReason, verdicts, corrections, tasks },
  }
}
