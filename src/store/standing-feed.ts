import type { StandingLog, StandingWriter } from './standing'

/** The log that is served, as far as it is safe. */
export interface FeedInput {
  /** The first position that it still holds. */
  readonly start?: number
  readonly end: number
  read(from: number, maxBytes: number): Promise<readonly Uint8Array[]>
}

/**
 * Keeps the served copy where its log is. However long the copy is away, nothing here waits for it or fails: a step that
 * did not reach it says so, and the next one goes on from where the copy stands then, from the beginning if it is empty.
 */
export class StandingFeed {
  /** Why the last step did not get through; undefined when it did. */
  problem: string | undefined
  /** Everything before it is served; undefined until the copy has been asked. */
  position: number | undefined
  readonly stats = { rebuilt: 0 }

  constructor(
    private readonly standing: StandingWriter,
    private readonly log: StandingLog,
    private readonly input: FeedInput,
  ) {}

  /** How many records the log is ahead of the copy. */
  get lag(): number {
    return Math.max(0, this.input.end - (this.position ?? 0))
  }

  /**
   * Hands over what the log holds next, up to some bytes of it; with nothing new it looks whether the copy is still whole.
   * True when there is more to hand over at once; after false, wait a moment.
   */
  async step(maxBytes = 1_048_576): Promise<boolean> {
    try {
      this.position ??= await this.begin()
    } catch (error) {
      return this.failed((error as Error).message)
    }
    if (this.position > this.input.end) return this.failed(beyondEnd(this.position, this.input.end))
    const from = this.position
    const records = from < this.input.end ? await this.input.read(from, maxBytes) : []
    const outcome = await this.standing.apply({ log: this.log, from, records })
    switch (outcome.kind) {
      case 'applied':
        this.problem = undefined
        this.position = outcome.next
        return outcome.next < this.input.end && outcome.next > from
      case 'behind':
        this.stats.rebuilt++
        this.position = undefined
        return true
      case 'unreachable':
        return this.failed(outcome.reason)
    }
  }

  private async begin(): Promise<number> {
    const { start = 0 } = this.input
    const position = await this.standing.positionOf(this.log)
    if (position >= start) return position
    await this.standing.startFrom(this.log, start)
    return start
  }

  private failed(problem: string): false {
    this.problem = problem
    return false
  }
}

function beyondEnd(position: number, end: number): string {
  return (
    `the copy has served the log up to ${position}, but it ends at ${end}: it is the copy of another log; ` +
    'give this one a namespace of its own, or wait until the log has its end again'
  )
}
