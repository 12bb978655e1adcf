/** Runs asynchronous tasks one after the other, in the order they were handed in; a failed one stops none. */
export class InTurn {
  private last: Promise<unknown> = Promise.resolve()

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task)
    this.last = result.catch(() => undefined)
    return result
  }
}
