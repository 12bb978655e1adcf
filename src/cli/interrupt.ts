/**
 * Whether the process was asked to stop: the first SIGINT or SIGTERM asks politely, so that state is kept; the second
 * ends it at once, which a crash-safe state survives as well.
 */
export class Interrupt {
  isAsked = false

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (this.isAsked) process.exit(interruptedCode)
        this.isAsked = true
      })
    }
  }
}

const interruptedCode = 130
