/** Takes the ids of actors where blocks hold nothing but their pseudonyms, so that whoever may can find them again. */
export interface Names {
  /** The id `bytes[start, end)` of whoever acted at a time, and its pseudonym; `bytes` may change afterwards. */
  take(high: number, low: number, bytes: Uint8Array, start: number, end: number, timeMs: number): void

  /** Resolves when all ids taken so far are safe; before that no checkpoint of an ingest that gave them may be stored. */
  flush(): Promise<void>
}
