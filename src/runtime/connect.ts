import type { Stage } from './stages'

/**
 * Stages connected in memory: what one emits, the readers of that log fold at once, in the order of the stages. The
 * same folds as on logs, for a replay, a back-test or a test, where the input itself is the log and a crash costs a new
 * start.
 *
 * Gives the door of each log: whoever takes a record there hands it to all that read it, or to `take` where none does.
 */
export function connect<Log extends string>(
  stages: readonly Stage<Log>[],
  take: (log: Log, record: Uint8Array) => void,
): (log: Log, record: Uint8Array) => void {
  const readers = new Map<Log, ((record: Uint8Array) => void)[]>()
  const put = (log: Log, record: Uint8Array): void => {
    const reading = readers.get(log)
    if (reading === undefined) take(log, record)
    else for (const read of reading) read(record)
  }
  for (const { view, inputs, outputs } of stages) {
    const emit = (output: number, record: Uint8Array): void => {
      put(outputs[output]!, record)
    }
    inputs.forEach((log, input) => {
      const reading = readers.get(log) ?? []
      reading.push((record) => {
        view.fold(record, emit, input)
      })
      readers.set(log, reading)
    })
  }
  return put
}
