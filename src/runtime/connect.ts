import type { View } from './view'

/**
 * Views chained in memory: what one emits the next folds at once. The same folds as on logs, for a replay, a back-test
 * or a test, where the input itself is the log and a crash costs a new start.
 */
export function chain(
  [first, ...rest]: readonly [View, ...View[]],
  last: (output: number, record: Uint8Array) => void,
): (record: Uint8Array) => void {
  const [second, ...others] = rest
  if (second === undefined) {
    return (record) => {
      first.fold(record, last)
    }
  }
  const next = chain([second, ...others], last)
  return (record) => {
    first.fold(record, (_output, out) => {
      next(out)
    })
  }
}
