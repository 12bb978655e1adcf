import { createReadStream, fstatSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UnreachableError } from '../model/errors'
import type { RecordChunk } from '../model/record'
import { isAvroContainer, readAvroContainer } from './source-avro'
import {
  beginsWith,
  cutOff,
  damagedGzip,
  folderInPlace,
  foreignFormat,
  gapIn,
  shorterThanBefore,
  unreadable,
} from './source-errors'
import { SourceFile } from './source-file'
import { cutLines } from './source-lines'

export interface SourceOptions {
  /** Where to read on: the `nextPosition` of the last chunk that was taken. */
  readonly fromPosition?: number
  /** What `-` reads instead of the standard input of the process. */
  readonly standardInput?: Readable
}

/**
 * The records of a raw source, about 1 MB at a time: a file of JSON lines, plain or compressed with gzip, or an Avro
 * object container file; `-` is the standard input. The first bytes tell the format, not the name.
 *
 * Positions are bytes of the text (uncompressed) for lines, and numbers of records for Avro. A plain file is entered at
 * the byte, a compressed one is read again up to there, of an Avro file whole blocks are passed over. A pipe cannot be
 * read again: what comes is taken to follow the position.
 */
export async function* readSource(
  path: string,
  { fromPosition = 0, standardInput }: SourceOptions = {},
): AsyncGenerator<RecordChunk, void, undefined> {
  if (path === '-') {
    // Asked for only here: even a look at the standard input opens it.
    yield* readPipe(standardInput ?? ownInput(), { name: 'the standard input', fromPosition })
    return
  }
  if (!(await isRegularFile(path))) {
    yield* readPipe(createReadStream(path), { name: path, fromPosition })
    return
  }
  const file = await SourceFile.open(path)
  try {
    const first = file.beginning
    if (isGzip(first)) {
      const text = readCompressed(readPlain(file, 0), path)
      yield* cutLines(withoutBeginning(text, { name: path, fromPosition }), fromPosition)
    } else if (isAvroContainer(first)) {
      yield* readAvroContainer(file, fromPosition)
    } else if (path.endsWith('.avro')) {
      throw new UnreachableError(
        `${path} should be an Avro object container file and begin with "Obj", but ${beginsWith(first)}; give a file that an Avro writer has closed, or name it .ndjson if it holds JSON lines`,
      )
    } else if (path.endsWith('.gz') && first.length < gzipMark.length) {
      throw cutOff(path, first.length)
    } else {
      refuseForeign(path, first)
      yield* cutLines(readPlain(file, fromPosition), fromPosition)
    }
  } finally {
    await file.close()
  }
}

/** Where a source is read from, and what its errors call it. */
interface From {
  readonly name: string
  readonly fromPosition: number
}

const pieceBytes = 1 << 20

/** Whether a path can be read from any place; a pipe or a device cannot. */
async function isRegularFile(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  if (found.isDirectory()) throw folderInPlace(path)
  return found.isFile()
}

/** The standard input of the process. A folder in its place would seem to be empty. */
function ownInput(): Readable {
  if (fstatSync(0).isDirectory()) {
    throw new UnreachableError(
      'the standard input should be events, but is a folder; name the files in it, or pipe them in, as with "cat FOLDER/*.ndjson | assay replay -"',
    )
  }
  return process.stdin
}

function refuseForeign(name: string, first: Uint8Array): void {
  const foreign = foreignFormat(first)
  if (foreign !== undefined) throw new UnreachableError(`${name} should hold JSON lines, but ${foreign}`)
}

function isGzip(first: Uint8Array): boolean {
  return gzipMark.every((byte, index) => first[index] === byte)
}

const gzipMark = [0x1f, 0x8b]

/** The bytes of a file from a position on; each piece is overwritten by the next. */
async function* readPlain(file: SourceFile, fromPosition: number): AsyncGenerator<Uint8Array> {
  const length = await file.length()
  if (fromPosition > length) throw shorterThanBefore(file.name, fromPosition, length)
  const buffer = new Uint8Array(pieceBytes)
  for (let at = fromPosition; ;) {
    const bytesRead = await file.read(buffer, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** The uncompressed bytes, a little at a time whatever the ratio, so that a small file cannot fill the memory. */
async function* readCompressed(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const output = createGunzip({ chunkSize: pieceBytes / 4 })
  const packed = new PackedPieces(input)
  // The failure of either side comes out of the loop below.
  pipeline(Readable.from(packed.all(), { objectMode: false }), output, () => undefined)
  let isFirst = true
  try {
    for await (const piece of output) {
      if (isFirst) refuseForeign(`${name}, uncompressed,`, piece as Uint8Array)
      isFirst = false
      yield piece as Uint8Array
    }
    // Zeros may fill up the end, and at the first one it stops: whatever came behind them would be lost without a word.
    while ((await packed.next()) !== undefined);
    if (packed.contentBytes > output.bytesWritten) throw gapIn(name, output.bytesWritten)
  } catch (error) {
    throw damagedGzip(name, error, { takenBytes: output.bytesWritten, givenBytes: packed.bytes })
  } finally {
    // Not only the way through the decompression: a reader may stop early.
    packed.letGo()
  }
}

/** Compressed bytes on their way, which know where the last of them stood that is not zero. */
class PackedPieces {
  bytes = 0
  /** How many of them there are up to there. */
  contentBytes = 0
  private readonly pieces: AsyncIterator<Uint8Array>

  constructor(input: AsyncIterable<Uint8Array>) {
    this.pieces = input[Symbol.asyncIterator]()
  }

  async next(): Promise<Uint8Array | undefined> {
    const given = await this.pieces.next()
    if (given.done === true) return undefined
    // The next piece may be written over this one, which has yet to be uncompressed.
    const piece = new Uint8Array(given.value)
    const last = piece.findLastIndex((byte) => byte !== 0)
    if (last >= 0) this.contentBytes = this.bytes + last + 1
    this.bytes += piece.length
    return piece
  }

  async *all(): AsyncGenerator<Uint8Array> {
    for (let piece = await this.next(); piece !== undefined; piece = await this.next()) yield piece
  }

  /** Nobody waits for it: a pipe that gives nothing more would keep whoever does. */
  letGo(): void {
    void this.pieces.return?.()
  }
}

async function* withoutBeginning(
  pieces: AsyncIterable<Uint8Array>,
  { name, fromPosition }: From,
): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const piece of pieces) {
    const skipped = Math.min(piece.length, Math.max(0, fromPosition - at))
    at += piece.length
    if (skipped < piece.length) yield piece.subarray(skipped)
  }
  if (at < fromPosition) throw shorterThanBefore(name, fromPosition, at)
}

async function* readPipe(input: Readable, { name, fromPosition }: From): AsyncGenerator<RecordChunk> {
  const pieces = piecesOf(input, name)
  const beginning = await pieces.next()
  if (beginning.done === true) return
  const all = joined(beginning.value, pieces)
  if (isGzip(beginning.value)) {
    yield* cutLines(readCompressed(all, name), fromPosition)
    return
  }
  if (fromPosition === 0) refuseForeign(name, beginning.value)
  yield* cutLines(all, fromPosition)
}

async function* piecesOf(input: Readable, name: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of input) yield piece as Uint8Array
  } catch (error) {
    throw unreadable(name, error)
  }
}

async function* joined(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}
