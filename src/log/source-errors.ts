import { UnreachableError } from '../model/errors'

/** What a person is told when a source cannot be read; an error that tells it already stays as it is. */
export function unreadable(name: string, error: unknown): UnreachableError {
  if (error instanceof UnreachableError) return error
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown }
  const [what, whatToDo] = explanations[String(code)] ?? [
    `cannot be read (${String(message)})`,
    'see what the system says of it',
  ]
  return new UnreachableError(`${name} ${what}; ${whatToDo}`, { cause: error })
}

/** Says how some bytes begin, for a message. */
export function beginsWith(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'it is empty'
  const numbers = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0'))
  return `begins with the bytes ${numbers.join(' ')}`
}

const damaged = 'copy it again from where it came from; what lies before the damage has been read'

const explanations: Readonly<Record<string, readonly [what: string, whatToDo: string]>> = {
  ENOENT: [
    'should be a file of events, but there is none of that name',
    'give an .ndjson, .ndjson.gz or .avro file, or - for the standard input',
  ],
  EACCES: ['may not be read by this user', 'allow reading it, or run as a user who may'],
  EMFILE: [
    'cannot be opened, too many files are open',
    'give fewer files at once, or raise the limit (ulimit -n)',
  ],
  Z_BUF_ERROR: ['should be gzip up to its end, but is cut off', damaged],
  Z_DATA_ERROR: ['should be gzip, but its bytes are damaged', damaged],
}
