/**
 * Errors that a person can mend: each message says what was expected, what came and what to do. The command line
 * prints the message alone and ends with `exitCode`; every other error is a bug and keeps its stack.
 */
abstract class HelpfulError extends Error {
  abstract readonly exitCode: number
}

/** Something that is needed cannot be reached or read: a file, a broker, a registry. */
export class UnreachableError extends HelpfulError {
  override readonly name = 'UnreachableError'
  readonly exitCode = 69
}

/** A setting is unknown, impossible or contradicts another one. */
export class SettingsError extends HelpfulError {
  override readonly name = 'SettingsError'
  readonly exitCode = 78
}

/** State or a log was written by another version of assay, which must go on with it. */
export class FormatError extends HelpfulError {
  override readonly name = 'FormatError'
  readonly exitCode = 78
}

/** A command was called in a way that it does not understand. */
export class UsageError extends HelpfulError {
  override readonly name = 'UsageError'
  readonly exitCode = 2
}
