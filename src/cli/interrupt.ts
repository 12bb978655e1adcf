import { exitCodes } from './exit-codes'

/**
 * Whether the process was asked to stop: the first SIGINT or SIGTERM asks politely, so that state is kept; the second
 * ends it at once, which a crash-safe state survives as well.
 */
export class Interrupt {
  isAsked = false
  private askedAtMs = 0

  /** `onAsked` wakes what waits for something that may never come, such as the next line of a pipe. */
  constructor(onAsked: () => void = () => undefined) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        const nowMs = performance.now()
        if (this.isAsked) {
          // One press of Ctrl-C comes from the terminal, and again from npm and whatever else started us.
          if (nowMs - this.askedAtMs > onePressMs) process.exit(exitCodes.interrupted)
          return
        }
        this.isAsked = true
        this.askedAtMs = nowMs
        onAsked()
      })
    }
  }
}

const onePressMs = 300
