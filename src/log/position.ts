/** Throws unless a log that ends at `end` can be read from there. */
export function checkPosition(from: number, end: number): void {
  if (Number.isSafeInteger(from) && from >= 0 && from <= end) return
  throw new RangeError(
    `a log with ${end} records can be read from 0 to ${end}, not from ${from}; ` +
      'a checkpoint beyond the end belongs to another log, or the log was cut',
  )
}
