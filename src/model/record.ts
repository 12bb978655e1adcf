/** Largest record of the contract, in bytes. */
export const maxRecordBytes = 262_144

/**
 * A stretch of a raw source: whole records in one buffer, and where they stand. The buffer is the reader's own again
 * when the next stretch is asked for, so whoever keeps a part of it copies that part.
 */
export type RecordChunk = LineChunk | AvroChunk

/** Records of JSON, one a line; the last line may lack its newline, at the end of a source. */
export interface LineChunk {
  readonly format: 'lines'
  readonly bytes: Uint8Array
  /** Position of the first byte in the source, which is also the position of the first record. */
  readonly position: number
  /** Where to read on after this stretch. */
  readonly nextPosition: number
}

/** One block of an Avro object container file, uncompressed: records in the writer's schema, one after the other. */
export interface AvroChunk {
  readonly format: 'avro'
  readonly bytes: Uint8Array
  /** The writer's schema, as JSON. */
  readonly schema: string
  /** How many records the block claims to hold. */
  readonly count: number
  /** Number of the first record in the file, counted from 0. */
  readonly position: number
  readonly nextPosition: number
}
