import { partitionName } from './kafka/topic-partition'

/** There is no room for an append: nothing of it was kept, everything before it was, and it may be tried again. */
export class LogFullError extends Error {
  override readonly name = 'LogFullError'
}

/** A log could not write or flush. The message says whether it may be tried again or must be opened anew. */
export class LogWriteError extends Error {
  override readonly name = 'LogWriteError'
}

/** Something that was safely stored is no longer what was written. Never skipped: a person must decide. */
export class LogDamagedError extends Error {
  override readonly name = 'LogDamagedError'

  constructor(
    /** Path of the file that is damaged, or the one that a missing file should precede. */
    readonly segment: string,
    /** Byte in the segment from which on nothing can be trusted. */
    readonly offset: number,
    what: string,
    whatToDo: string,
  ) {
    super(`log segment ${segment} is damaged at byte ${offset}: ${what}; ${whatToDo}`)
  }
}

/** What was asked for has been let go, since it was older than the log keeps. */
export class LogForgottenError extends Error {
  override readonly name = 'LogForgottenError'

  constructor(
    readonly folder: string,
    /** The first record that is still there. */
    readonly first: number,
  ) {
    super(
      `the log in ${folder} begins with record ${first}: those before were older than its retention and were removed`,
    )
  }
}

/** The log lacks records: `found` came where `expected` should have. Nothing is skipped; a person must decide. */
export class LogGapError extends Error {
  override readonly name = 'LogGapError'

  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly expected: number,
    readonly found: number,
  ) {
    super(
      `log gap in ${partitionName({ topic, partition })}: record ${expected} was expected, ${found} came; ` +
        `${found - expected} records are lost, most likely to the retention of the topic: ` +
        'restore the view from a later checkpoint, or empty its state and the logs behind it',
    )
  }
}
