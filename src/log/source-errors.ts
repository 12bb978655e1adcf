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

/** What a person is told of compressed bytes that cannot be uncompressed, or of a failure on the way to them. */
export function damagedGzip(
  name: string,
  error: unknown,
  { takenBytes, givenBytes }: { readonly takenBytes: number; readonly givenBytes: number },
): UnreachableError {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown }
  if (code === 'Z_BUF_ERROR') return cutOff(name, givenBytes)
  if (code !== 'Z_DATA_ERROR') return unreadable(name, error)
  // What is wrong shows when it has been taken, which may be long after: a checksum stands at the end.
  return new UnreachableError(
    `${name} should be gzip, but its bytes are damaged, as shows behind byte ${takenBytes} (${String(message)}); copy it again from where it came from, and begin anew, with an empty state where there is one: what was read before it showed may be wrong`,
    { cause: error },
  )
}

/** What a person is told of a compressed file that ends too early. */
export function cutOff(name: string, bytes: number): UnreachableError {
  return new UnreachableError(
    `${name} should be gzip up to its end, but is cut off at byte ${bytes}; ${copyAgain}`,
  )
}

/** What a person is told of a compressed file that has zeros where something was, as after a crash of a disk. */
export function gapIn(name: string, fromByte: number): UnreachableError {
  return new UnreachableError(
    `${name} should be gzip up to its end, but zeros stand from byte ${fromByte} on and more behind them; ${copyAgain}`,
  )
}

/** What a person is told of a source that ends before the place up to which it was read. */
export function shorterThanBefore(name: string, fromPosition: number, size: number): UnreachableError {
  return new UnreachableError(
    `${name} was read up to ${fromPosition} before, but now ends at ${size}; give the file that was read then, or begin anew with an empty state`,
  )
}

/** What a person is told of a file that loses some of what it held while it is read. */
export function becameShorter(name: string, before: number, now: number): UnreachableError {
  return lostWhileRead(name, `had ${before} bytes and now has ${now}`)
}

/** The same of one that holds something else by now. */
export function writtenAnew(name: string): UnreachableError {
  return lostWhileRead(name, 'begins otherwise than when it was opened')
}

function lostWhileRead(name: string, what: string): UnreachableError {
  return new UnreachableError(
    `${name} should keep what it holds while it is read, but ${what}; give a file that nobody empties or writes anew meanwhile, such as a copy, and run the same command again`,
  )
}

/** What a person is told of a folder where a file of events should be. */
export function folderInPlace(path: string): UnreachableError {
  return new UnreachableError(
    `${path} should be a file of events, but is a folder; name the files in it, as in ${path}/*.ndjson`,
  )
}

/** Says how some bytes begin, for a message. */
export function beginsWith(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'it is empty'
  const numbers = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0'))
  return `begins with the bytes ${numbers.join(' ')}`
}

/**
 * What a file is that begins with these bytes, and what to do with it, where it holds neither lines nor anything that we
 * read; each of its lines would be a dead letter, and none would say why.
 */
export function foreignFormat(first: Uint8Array): string | undefined {
  const format = foreignFormats.find(({ begins }) => begins.every((byte, index) => first[index] === byte))
  return format === undefined ? undefined : `begins as ${format.name}; ${format.whatToDo}`
}

function inUtf8(encoding: string): string {
  return `write it in UTF-8, as with "iconv -f ${encoding} -t UTF-8"`
}

const foreignFormats = [
  { name: 'UTF-32', begins: [0xff, 0xfe, 0, 0], whatToDo: inUtf8('UTF-32') },
  { name: 'UTF-32', begins: [0, 0, 0xfe, 0xff], whatToDo: inUtf8('UTF-32') },
  { name: 'UTF-16', begins: [0xff, 0xfe], whatToDo: inUtf8('UTF-16') },
  { name: 'UTF-16', begins: [0xfe, 0xff], whatToDo: inUtf8('UTF-16') },
  // A brace without a mark before it.
  { name: 'UTF-16', begins: [0x7b, 0], whatToDo: inUtf8('UTF-16LE') },
  { name: 'UTF-16', begins: [0, 0x7b], whatToDo: inUtf8('UTF-16BE') },
  {
    name: 'gzip',
    begins: [0x1f, 0x8b],
    whatToDo: 'uncompress it once, as with "gzip -dc FILE | assay replay -"',
  },
  {
    name: 'Avro',
    begins: [0x4f, 0x62, 0x6a, 1],
    whatToDo: 'write it to a file and name that, since Avro is read from files alone and uncompressed',
  },
  {
    name: 'zip',
    begins: [0x50, 0x4b, 3, 4],
    whatToDo: 'unpack it, or pipe it in, as with "unzip -p FILE | assay replay -"',
  },
  {
    name: 'Zstandard',
    begins: [0x28, 0xb5, 0x2f, 0xfd],
    whatToDo: 'pipe it in, as with "zstdcat FILE | assay replay -"',
  },
  {
    name: 'xz',
    begins: [0xfd, 0x37, 0x7a, 0x58],
    whatToDo: 'pipe it in, as with "xzcat FILE | assay replay -"',
  },
  {
    name: 'bzip2',
    begins: [0x42, 0x5a, 0x68],
    whatToDo: 'pipe it in, as with "bzcat FILE | assay replay -"',
  },
  {
    name: 'Parquet',
    begins: [0x50, 0x41, 0x52, 0x31],
    whatToDo: 'write it as JSON lines or as an Avro container',
  },
] as const

const copyAgain = 'copy it again from where it came from, and run the same command again'

const explanations: Readonly<Record<string, readonly [what: string, whatToDo: string]>> = {
  ENOENT: [
    'should be a file, but there is none of that name',
    'give an .ndjson, .ndjson.gz or .avro file, or - for the standard input',
  ],
  EISDIR: ['should be a file, but is a folder', 'name a file in it'],
  EACCES: ['may not be read by this user', 'allow reading it, or run as a user who may'],
  EMFILE: [
    'cannot be opened, too many files are open',
    'give fewer files at once, or raise the limit (ulimit -n)',
  ],
}
