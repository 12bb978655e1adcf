/** When to store a checkpoint: after some time, if anything happened, and never for more than a tenth of the time. */
export class Checkpoints {
  private hasNews = false
  private dueMs: number

  constructor(
    private readonly everyMs: number,
    private readonly tell: (sentence: string) => void,
  ) {
    this.dueMs = performance.now() + everyMs
  }

  /** Something happened that a checkpoint would hold. */
  note(): void {
    this.hasNews = true
  }

  /** The next one is due at once. */
  hurry(): void {
    this.dueMs = performance.now()
  }

  /** Without a checkpoint the work goes on, since a crash would only cost a longer replay; it is tried again. */
  async saveWhenDue(save: () => Promise<void>): Promise<void> {
    const startMs = performance.now()
    if (!this.hasNews || startMs < this.dueMs) return
    try {
      await save()
      this.hasNews = false
    } catch (error) {
      this.tell(`a checkpoint could not be stored and is tried again: ${(error as Error).message}`)
    }
    const endMs = performance.now()
    this.dueMs = endMs + Math.max(this.everyMs, 9 * (endMs - startMs))
  }
}
