import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/**
 * A keyed reading of the stream: a pure fold over a partition of a log, or of several, its state, and what it appends elsewhere.
 * It sees no clock, no chance and no outside world, so that its state and its outputs are a function of its log.
 */
export interface View {
  /** Names its checkpoints, its metrics and, with the partition, itself as a source. */
  readonly name: string

  /** Event time up to which it has closed its epochs, where it knows epochs; null before the first. */
  readonly asOfMs?: number | null

  /**
   * Takes one record into the state and hands what follows from it to `emit`, in order. The memory of the record is
   * somebody else's afterwards, so what it keeps of it are copies. A view with several logs is told which of them it comes
   * from, and what it emits must not depend on how their records come interleaved.
   */
  fold(record: Uint8Array, emit: Emit, input: number): void

  /**
   * The same in parts, of a view that is busy for long at some moments: between two of them what was emitted may go out. Nothing
   * else changes the view, and nobody stores it, until all of them are done.
   */
  foldInParts?(record: Uint8Array, emit: Emit, input: number): Iterator<void>

  save(out: SnapshotWriter): void
  load(from: SnapshotReader): void
}

/**
 * Appends a record to the output with this number (its place in the list of the view's outputs). What other views read is
 * the view's own memory again when this returns, so whoever keeps it copies it; a line of JSON is made for each and stays.
 */
export type Emit = (output: number, record: Uint8Array) => void
