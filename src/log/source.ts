import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UnreachableError } from '../model/errors'
import type { RecordChunk } from '../model/record'
import { isAvroContainer, readAvroContainer } from './source-avro'
import { beginsWith, foreignFormat, gapIn, shorterThanBefore, unreadable } from './source-errors'
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
    yield* readPipe(standardInput ?? process.stdin, { name: 'the standard input', fromPosition })
    return
  }
  if (!(await isRegularFile(path))) {
    yield* readPipe(createReadStream(path), { name: path, fromPosition })
    return
  }
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    const first = await firstBytes(handle)
    const from = { name: path, fromPosition }
    if (isGzip(first)) {
      const pieces = readCompressed(createReadStream(path), path)
      yield* cutLines(withoutBeginning(pieces, from), fromPosition)
    } else if (isAvroContainer(first)) {
      yield* readAvroContainer(handle, from)
    } else if (path.endsWith('.avro')) {
      throw new UnreachableError(
        `${path} should be an Avro object container file and begin with "Obj", but ${beginsWith(first)}; give a file that an Avro writer has closed, or name it .ndjson if it holds JSON lines`,
      )
    } else {
      refuseForeign(path, first)
      yield* cutLines(readPlain(handle, from), fromPosition)
    }
  } finally {
    await handle.close()
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
  if (found.isDirectory()) {
    throw new UnreachableError(
      `${path} should be a file of events, but is a folder; name the files in it, as in ${path}/*.ndjson`,
    )
  }
  return found.isFile()
}

async function firstBytes(handle: FileHandle): Promise<Uint8Array> {
  const buffer = new Uint8Array(4)
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0)
  return buffer.subarray(0, bytesRead)
}

function refuseForeign(name: string, first: Uint8Array): void {
  const foreign = foreignFormat(first)
  if (foreign !== undefined) throw new UnreachableError(`${name} should hold JSON lines, but ${foreign}`)
}

function isGzip(first: Uint8Array): boolean {
  return first[0] === 0x1f && first[1] === 0x8b
}

/** The bytes of a file from a position on; each piece is overwritten by the next. */
async function* readPlain(handle: FileHandle, { name, fromPosition }: From): AsyncGenerator<Uint8Array> {
  const { size } = await handle.stat()
  if (fromPosition > size) throw shorterThanBefore(name, fromPosition, size)
  const buffer = new Uint8Array(pieceBytes)
  for (let at = fromPosition; ;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at).catch((error: unknown) => {
      throw unreadable(name, error)
    })
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** The uncompressed bytes, a little at a time whatever the ratio, so that a small file cannot fill the memory. */
async function* readCompressed(input: Readable, name: string): AsyncGenerator<Uint8Array> {
  const output = createGunzip({ chunkSize: pieceBytes / 4 })
  const packed = new PackedPieces(input)
  // The failure of either side comes out of the loop below.
  pipeline(Readable.from(packed.all(), { objectMode: false }), output, () => undefined)
  try {
    for await (const piece of output) yield piece as Uint8Array
    // Zeros may fill up the end, and at the first one it stops: whatever came behind them would be lost without a word.
    while ((await packed.next()) !== undefined);
    if (packed.contentBytes > output.bytesWritten) throw gapIn(name)
  } catch (error) {
    throw unreadable(name, error)
  } finally {
    // Not only the way through the decompression: a reader may stop early.
    input.destroy()
  }
}

/** Compressed bytes on their way, which know where the last of them stood that is not zero. */
class PackedPieces {
  /** How many bytes there are up to there. */
  contentBytes = 0
  private bytes = 0
  private readonly pieces: AsyncIterator<unknown>

  constructor(input: Readable) {
    this.pieces = input[Symbol.asyncIterator]()
  }

  async next(): Promise<Uint8Array | undefined> {
    const given = await this.pieces.next()
    if (given.done === true) return undefined
    const piece = given.value as Uint8Array
    const last = piece.findLastIndex((byte) => byte !== 0)
    if (last >= 0) this.contentBytes = this.bytes + last + 1
    this.bytes += piece.length
    return piece
  }

  async *all(): AsyncGenerator<Uint8Array> {
    for (let piece = await this.next(); piece !== undefined; piece = await this.next()) yield piece
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
  if (fromPosition === 0) refuseForeign(name, beginning.value)
  const all = joined(beginning.value, pieces)
  const text = isGzip(beginning.value) ? readCompressed(Readable.from(all, { objectMode: false }), name) : all
  yield* cutLines(text, fromPosition)
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
