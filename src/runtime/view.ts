import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/**
 * A keyed reading of the stream: a pure fold over one partition of a log, its state, and what it appends elsewhere.
 * It sees no clock, no chance and no outside world, so that its state and its outputs are a function of its log.
 */
export interface View {
  /** Names its checkpoints, its metrics and, with the partition, itself as a source. */
  readonly name: string

  /** Takes one record of its log into the state and hands what follows from it to `emit`, in order. */
  fold(record: Uint8Array, emit: Emit): void

  save(out: SnapshotWriter): void
  load(from: SnapshotReader): void
}

/** Appends a record to the output with this number (its place in the list of the view's outputs). */
export type Emit = (output: number, record: Uint8Array) => void
