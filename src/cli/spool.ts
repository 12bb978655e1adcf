import { open } from 'node:fs/promises'
import { AppendFile } from '../log/append-file'
import { readSource } from '../log/source'
import { shorterThanBefore } from '../log/source-errors'
import { cutLines } from '../log/source-lines'
import { UsageError } from '../model/errors'
import type { RecordChunk } from '../model/record'
import type { RawSource } from '../runtime/intake'

/**
 * The standard input as a source that survives a crash: what comes through the pipe is safe in a file before it is
 * processed, and after a restart that file is read on before the pipe is.
 *
 * ```
 *  first run    pipe a b c d e f ✕            spool  a b c d e
 *  then         spool … d e, pipe g h i       spool  a b c d e g h i
 * ```
 */
export function spooled(
  source: RawSource,
  path: string,
  input: NodeJS.ReadableStream = process.stdin,
): RawSource {
  return {
    ...source,
    read: async function* (fromPosition: number): AsyncGenerator<RecordChunk> {
      const file = await AppendFile.open(path)
      try {
        await endLastLine(file)
        const kept = file.sizeBytes
        if (fromPosition > kept) throw shorterThanBefore(path, fromPosition, kept)
        if (fromPosition < kept) yield* readSource(path, { fromPosition })
        yield* cutLines(written(input, file), kept)
      } finally {
        await file.close()
      }
    },
  }
}

async function* written(input: NodeJS.ReadableStream, file: AppendFile): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of input) {
      const bytes = piece as Buffer
      if (file.sizeBytes === 0) checkText(bytes)
      await file.append([bytes])
      await file.flush()
      yield bytes
    }
  } catch (error) {
    // So ends a pipe that is closed from our side, when the process was asked to stop.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}

function checkText(beginning: Uint8Array): void {
  const isGzip = beginning[0] === 0x1f && beginning[1] === 0x8b
  const isAvro = Buffer.from(beginning.subarray(0, 4)).toString('latin1') === 'Obj\u0001'
  if (!isGzip && !isAvro) return
  throw new UsageError(
    isGzip
      ? 'the standard input should be JSON lines, but is compressed; pipe it through "gzip -dc", or name the file'
      : 'the standard input should be JSON lines, but is Avro; name the file instead',
  )
}

/** A producer that died in the middle of a line must not have it joined with the first line of the next one. */
async function endLastLine(file: AppendFile): Promise<void> {
  if (file.sizeBytes === 0) return
  const handle = await open(file.path, 'r')
  try {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, file.sizeBytes - 1)
    if (buffer[0] !== newline) await file.append([Uint8Array.of(newline)])
  } finally {
    await handle.close()
  }
}

const newline = 0x0a
