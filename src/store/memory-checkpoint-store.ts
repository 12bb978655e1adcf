import { checkNameAndSequence, keptCheckpoints } from './checkpoint-store'
import type { Checkpoint, CheckpointStore, LoadOutcome, StoredCheckpoint } from './checkpoint-store'

/** Checkpoints that live as long as their process: for tests and for runs that nobody resumes. */
export class MemoryCheckpointStore implements CheckpointStore {
  private readonly byName = new Map<string, Checkpoint[]>()

  save(name: string, checkpoint: Checkpoint): Promise<void> {
    return new Promise((resolve) => {
      checkNameAndSequence(name, checkpoint.sequence)
      const others = (this.byName.get(name) ?? []).filter(({ sequence }) => sequence !== checkpoint.sequence)
      const newestFirst = [...others, copyOf(checkpoint)].sort((a, b) => b.sequence - a.sequence)
      const older = newestFirst.filter(({ sequence }) => sequence <= checkpoint.sequence)
      const gone = new Set(older.slice(keptCheckpoints))
      this.byName.set(
        name,
        newestFirst.filter((stored) => !gone.has(stored)),
      )
      resolve()
    })
  }

  list(name: string): Promise<readonly StoredCheckpoint[]> {
    return new Promise((resolve) => {
      checkNameAndSequence(name)
      const stored = this.byName.get(name) ?? []
      resolve(
        stored.map((checkpoint) => ({
          sequence: checkpoint.sequence,
          load: () => Promise.resolve<LoadOutcome>({ kind: 'loaded', checkpoint: copyOf(checkpoint) }),
        })),
      )
    })
  }
}

function copyOf({ sequence, parts }: Checkpoint): Checkpoint {
  return { sequence, parts: parts.map((part) => new Uint8Array(part)) }
}
