/** When to store a checkpoint: after some time, if anything happened, and never for more than a twentieth of the time. */
export class Checkpoints {
  private hasNews = false
  private dueMs: number

  constructor(private readonly everyMs: number) {
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

  async saveWhenDue(save: () => Promise<void>): Promise<void> {
    const startMs = performance.now()
    if (!this.hasNews || startMs < this.dueMs) return
    this.hasNews = false
    await save()
    const endMs = performance.now()
    this.dueMs = endMs + Math.max(this.everyMs, 19 * (endMs - startMs))
  }
}
