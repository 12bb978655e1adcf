/**
 * One partition of an ordered, append-only log of binary records: the only thing that views share. In memory, in a
 * folder of files, or a partition of a topic; the code above cannot tell which.
 */
export interface Log {
  /**
   * Position that the next appended record will get; the first record of a log has position 0. All records below it
   * can be read; those of an append under way count when it resolves.
   */
  readonly end: number

  /**
   * Appends the records in order, all or none of them, and resolves with the position of the first when the log has
   * taken them. The log may keep the arrays, so they must not change afterwards.
   */
  append(records: readonly Uint8Array[]): Promise<number>

  /**
   * Records from a position on, in order: at least one where there is one, and then as many as fit `maxBytes`. An
   * empty list means that the position is the end. The records may share memory and must not be changed.
   */
  read(from: number, maxBytes: number): Promise<readonly Uint8Array[]>

  /** Resolves when everything appended so far would survive a loss of power. */
  flush(): Promise<void>

  /** Flushes and lets go of files and connections. The log cannot be used afterwards. */
  close(): Promise<void>
}
