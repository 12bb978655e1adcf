/** Stores something; it is told when what it stores may change again, where that is before all is stored. */
export type Save = (onTaken: () => void) => Promise<void>

/** Resolves when what is to be stored may change again; throws why it could not be stored, where that is known by then. */
export function taken(save: Save): Promise<void> {
  return new Promise((resolve, reject) => {
    save(resolve).then(resolve, reject)
  })
}

/**
 * When to store a checkpoint: after some time, if anything happened, and never for more than a twentieth of the time. Whoever
 * stores one goes on as soon as it has been taken; the next one begins when it is safe.
 */
export class Checkpoints {
  private hasNews = false
  private dueMs: number
  private isStoring = false
  /** Resolves when the latest is stored, or cannot be. */
  private stored: Promise<void> = Promise.resolve()
  private failure: Error | undefined

  constructor(private readonly everyMs: number) {
    this.dueMs = performance.now() + everyMs
  }

  /** Something happened that a checkpoint would hold. */
  note(): void {
    this.hasNews = true
  }

  /** Stores one when that is due; resolves when it has been taken. Throws why one could not be stored, that one or an earlier one. */
  async saveWhenDue(save: Save): Promise<void> {
    this.throwFailure()
    if (!this.hasNews || this.isStoring || performance.now() < this.dueMs) return
    await this.begin(save)
  }

  /** Stores one at once, if anything happened; resolves when it is stored. */
  async saveNow(save: Save): Promise<void> {
    await this.stored
    if (this.hasNews) await this.begin(save)
    await this.stored
    this.throwFailure()
  }

  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void> {
    return this.stored
  }

  private async begin(save: Save): Promise<void> {
    this.hasNews = false
    this.isStoring = true
    const startMs = performance.now()
    await taken((onTaken) => {
      this.stored = save(onTaken)
        .catch((error: unknown) => {
          this.failure = error as Error
        })
        .then(() => {
          const endMs = performance.now()
          this.dueMs = endMs + Math.max(this.everyMs, 19 * (endMs - startMs))
          this.isStoring = false
        })
      return this.stored
    })
    this.throwFailure()
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure
  }
}
