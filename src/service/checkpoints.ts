/** Stores something; it is told when what it stores may change again, where that is before all is stored. */
export type Save = (onTaken: () => void) => Promise<void>

/** Resolves when what is to be stored may change again; throws why it could not be stored, where that is known by then. */
export function taken(save: Save): Promise<void> {
  return new Promise((resolve, reject) => {
    save(resolve).then(resolve, reject)
  })
}

/**
 * When to store a checkpoint: after some time, if anything happened. Whoever stores one goes on as soon as it has been taken;
 * the next one begins when it is safe.
 *
 * Until one has been taken its owner stands still, for no more than a twentieth of the time. Only what two in a row took
 * counts for that: one alone may have met a busy disk or a group that assigned anew, and were it to put off the next for
 * minutes, a crash would cost them. Where the owner can tell when nobody waits for him, one may come a fifth of the time early
 * for such a moment, and is late by the whole time at most.
 */
export class Checkpoints {
  private hasNews = false
  /** Before this its owner would stand still for more than a twentieth of the time. */
  private restedMs = Number.NEGATIVE_INFINITY
  /** For how long the owner stood still the last time. */
  private stoodMs = 0
  private dueMs: number
  private isStoring = false
  /** Resolves when the latest is stored, or cannot be. */
  private stored: Promise<void> = Promise.resolve()
  private failure: Error | undefined

  constructor(
    private readonly everyMs: number,
    private readonly isCalm?: () => boolean,
  ) {
    this.dueMs = performance.now() + everyMs
  }

  /** Something happened that a checkpoint would hold. */
  note(): void {
    this.hasNews = true
  }

  /** Stores one when that is due; resolves when it has been taken. Throws why one could not be stored, that one or an earlier one. */
  async saveWhenDue(save: Save): Promise<void> {
    this.throwFailure()
    if (!this.hasNews || this.isStoring || !this.isDue(performance.now())) return
    await this.begin(save)
  }

  private isDue(nowMs: number): boolean {
    const { everyMs, restedMs } = this
    const dueMs = Math.max(this.dueMs, restedMs)
    if (this.isCalm === undefined) return nowMs >= dueMs
    if (nowMs >= dueMs + everyMs) return true
    return nowMs >= dueMs - everyMs / 5 && nowMs >= restedMs && this.isCalm()
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
          this.dueMs = performance.now() + this.everyMs
          this.isStoring = false
        })
      return this.stored
    })
    const takenMs = performance.now()
    const stoodMs = takenMs - startMs
    this.restedMs = takenMs + 19 * Math.min(stoodMs, this.stoodMs)
    this.stoodMs = stoodMs
    this.throwFailure()
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure
  }
}
