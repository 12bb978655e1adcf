/** The state of something at one moment, as named by what it has seen. */
export interface Checkpoint {
  /** Grows from one checkpoint of a name to the next: the log position that the state has folded up to. */
  readonly sequence: number
  readonly parts: readonly Uint8Array[]
}

/** A checkpoint that is stored, before anybody has looked whether it is whole. */
export interface StoredCheckpoint {
  readonly sequence: number

  /** The checkpoint, every byte verified, in memory of its own; or in words why it cannot be used. */
  load(): Promise<LoadOutcome>
}

export type LoadOutcome =
  | { readonly kind: 'loaded'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'broken'; readonly reason: string }

/** Keeps the newest checkpoints of each name through crashes. */
export interface CheckpointStore {
  /**
   * Stores a checkpoint; when it resolves, it survives a loss of power, and until then the ones before it do. The
   * parts must not change meanwhile, or until `onTaken` is told: a store that has a copy before all is safe tells it then.
   * Older ones than the newest three go.
   */
  save(name: string, checkpoint: Checkpoint, onTaken?: () => void): Promise<void>

  /** The stored checkpoints of a name, newest first. */
  list(name: string): Promise<readonly StoredCheckpoint[]>
}

/** How many checkpoints of a name are kept: one to use, one if that is broken, one for a bad day. */
export const keptCheckpoints = 3

/**
 * The newest checkpoint of a name that is whole, or none; beside it, in words, what was skipped to get to it. An empty
 * result with something skipped is no fresh start: state was lost, and who calls must decide.
 */
export async function newestWhole(
  store: CheckpointStore,
  name: string,
): Promise<{ readonly checkpoint: Checkpoint | undefined; readonly skipped: readonly string[] }> {
  const skipped: string[] = []
  for (const stored of await store.list(name)) {
    const outcome = await stored.load()
    if (outcome.kind === 'loaded') return { checkpoint: outcome.checkpoint, skipped }
    skipped.push(outcome.reason)
  }
  return { checkpoint: undefined, skipped }
}

/** Throws unless a name can stand in a file name and a key everywhere, and a sequence is a whole number. */
export function checkNameAndSequence(name: string, sequence = 0): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) {
    throw new RangeError(
      `a checkpoint is named with up to 100 of a–z, 0–9, ".", "_" and "-", got "${name}"; for example "account-0"`,
    )
  }
  if (!Number.isSafeInteger(sequence) || sequence < 0) {
    throw new RangeError(`the sequence of a checkpoint is a whole number from 0 on, got ${sequence}`)
  }
}
