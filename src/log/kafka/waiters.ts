/** Those who wait for something to happen, each no longer than it wants. */
export class Waiters {
  private waiting = new Set<() => void>()

  /** Resolves at the next `wakeAll`, or after so long. */
  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      this.waiting.add(wake)
    })
  }

  wakeAll(): void {
    for (const wake of [...this.waiting]) wake()
  }
}
