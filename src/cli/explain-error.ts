import { CommanderError } from 'commander'
import { LogDamagedError, LogFullError, LogGapError, LogWriteError } from '../log/log-errors'
import { AbandonedError } from '../runtime/embedded'
import { FolderLockedError } from '../store/folder-lock'
import { exitCodes } from './exit-codes'

/** What a person is told when a command fails, and the exit code for it. */
export interface Explanation {
  /** Empty where it has been said already. */
  readonly text: string
  readonly exitCode: number
}

/** A mistake that a person can mend is one sentence; anything else is a bug and shows its stack. */
export function explainError(error: unknown): Explanation {
  if (error instanceof CommanderError) {
    // Its message is printed already; help and version are no errors.
    return { text: '', exitCode: error.exitCode === 0 ? exitCodes.done : exitCodes.usage }
  }
  if (isOfTheSystem(error)) return explainSystem(error)
  if (!(error instanceof Error))
    return { text: `${String(error)}\n${pleaseReport}`, exitCode: exitCodes.failed }
  if ('exitCode' in error && typeof error.exitCode === 'number') {
    return { text: error.message, exitCode: error.exitCode }
  }
  if (sayWhatToDo.some((Kind) => error instanceof Kind) || isOfTheSystem(error.cause)) {
    const isFull = isOfTheSystem(error.cause) && systemErrors[error.cause.code ?? ''] === full
    return { text: `${error.message}${isFull ? fullMeans : ''}`, exitCode: exitCodes.failed }
  }
  return { text: `${error.stack ?? error.message}\n${pleaseReport}`, exitCode: exitCodes.failed }
}

const sayWhatToDo = [
  FolderLockedError,
  LogFullError,
  LogWriteError,
  LogDamagedError,
  LogGapError,
  AbandonedError,
]
const pleaseReport = 'this is a bug of assay; please report it with the lines above'

/** Of the operating system, raw. */
function isOfTheSystem(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'errno' in error && 'syscall' in error
}

function explainSystem({ code = '', message, path = 'a file' }: NodeJS.ErrnoException): Explanation {
  const [what, whatToDo, exitCode] = systemErrors[code] ?? [
    `could not be used (${message})`,
    'see what the system says of it',
    exitCodes.failed,
  ]
  return { text: `${path} ${what}; ${whatToDo}`, exitCode }
}

const full = [
  'could not be written, there is no room left',
  'free some space or raise the limit, then run the same command again',
  exitCodes.failed,
] as const

const fullMeans = '; nothing that was put out is lost, and then the same command can be run again'

const mayNot = [
  'may not be written by this user',
  'allow it, or name another place',
  exitCodes.unreachable,
] as const

const notUnderFile = [
  'is or lies under something that is no folder',
  'name another place',
  exitCodes.unreachable,
] as const

/** What is said of an error of the operating system, behind the name of the file. */
export const systemErrors: Readonly<
  Record<string, readonly [what: string, whatToDo: string, exitCode: number]>
> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  EACCES: mayNot,
  EPERM: mayNot,
  EROFS: mayNot,
  ENOENT: [
    'cannot be opened, its folder is missing',
    'create it, or name another place',
    exitCodes.unreachable,
  ],
  ENOTDIR: notUnderFile,
  EEXIST: notUnderFile,
  EISDIR: ['should be a file, but is a folder', 'name a file', exitCodes.unreachable],
  EMFILE: ['cannot be opened, too many files are open', 'raise the limit (ulimit -n)', exitCodes.failed],
}
