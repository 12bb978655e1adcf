import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until something is so; `what` is the sentence that says what should be. A machine may be slow. */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  what: string,
  timeoutMs = 60_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`${what} by now`)
    await sleep(200)
  }
}

/** Tries again until it holds, and fails as the last try did. */
export async function tryUntil(attempt: () => Promise<void> | void, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    try {
      await attempt()
      return
    } catch (error) {
      if (performance.now() > deadlineMs) throw error
    }
    await sleep(100)
  }
}
