import { setTimeout as pause } from 'node:timers/promises'
import { UnreachableError } from '../model/errors'
import type { Checkpoint, CheckpointStore, StoredCheckpoint } from './checkpoint-store'

export interface PatienceOptions {
  /** A clock that only goes forward. */
  readonly clockMs: () => number
  readonly tell: (sentence: string) => void
  /** Told what became of every attempt to store one. */
  readonly onSave?: (name: string, isStored: boolean) => void
  /** For how long nothing may have been stored before somebody has to act. */
  readonly unsavedMs?: number
  /** How long a question is asked again while nobody answers. */
  readonly unansweredMs?: number
}

/**
 * A store that may be away for a while. What cannot be saved is told and let go: the checkpoint before it still holds,
 * and a restart only has more to do again. What cannot be read is waited for. Both have an end, and then throw.
 */
export class PatientCheckpointStore implements CheckpointStore {
  /** Since when a name has not been saved. */
  private readonly failing = new Map<string, number>()

  constructor(
    private readonly store: CheckpointStore,
    private readonly options: PatienceOptions,
  ) {}

  async save(name: string, checkpoint: Checkpoint, onTaken?: () => void): Promise<void> {
    const { clockMs, tell, onSave, unsavedMs = 300_000 } = this.options
    try {
      await this.store.save(name, checkpoint, onTaken)
      onSave?.(name, true)
      if (this.failing.delete(name)) tell(`checkpoints of ${name} are stored again`)
    } catch (error) {
      onSave?.(name, false)
      const sinceMs = this.failing.get(name)
      if (sinceMs === undefined) tell((error as Error).message)
      this.failing.set(name, sinceMs ?? clockMs())
      if (clockMs() - (sinceMs ?? clockMs()) >= unsavedMs) throw error
    }
  }

  async list(name: string): Promise<readonly StoredCheckpoint[]> {
    const stored = await this.answered(() => this.store.list(name))
    return stored.map((one) => ({ sequence: one.sequence, load: () => this.answered(() => one.load()) }))
  }

  private async answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const { clockMs, unansweredMs = 30_000 } = this.options
    const untilMs = clockMs() + unansweredMs
    for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 2_000)) {
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof UnreachableError) || clockMs() + pauseMs > untilMs) throw error
      }
      await pause(pauseMs)
    }
  }
}
