import { FormatError } from './errors'

/**
 * The format of state as a whole: raised when a log, a checkpoint or a table changes so that code of before cannot go on with
 * it, or code of now with what code of before left. State of another format is refused wherever it is met.
 */
export const stateFormat = 11

/**
 * What whoever meets another version is told: which side is the older one, and that nothing was misread. `what` names it with
 * its article.
 */
export function otherVersion(
  what: string,
  { found, expected }: { readonly found: unknown; readonly expected: number },
): FormatError {
  const writer = typeof found === 'number' && found > expected ? 'a newer' : 'another'
  return new FormatError(
    `${what} version ${expected} was expected, got ${String(found)}: ${writer} assay has written it, and nothing of it was taken; ` +
      'use the assay that wrote it, on every instance, or judge the raw events anew with a state of its own ' +
      '(another --state folder, or another kafka.topicPrefix with checkpoints of its own)',
  )
}
