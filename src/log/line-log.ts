import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { AppendFile } from './append-file'
import { flushFolder, makeFolder } from './files'
import { UnreachableError } from '../model/errors'
import { InTurn } from './in-turn'

/** An append-only text, one JSON object a line, for what people and other programs read. */
export interface LineLog {
  /** Whole lines so far. */
  readonly count: number
  /** Whether the reader at the other end has gone; what is appended from then on goes nowhere. */
  readonly abandoned: boolean
  /** What opening had to cut off behind the last whole line; undefined when there was nothing. */
  readonly repaired: { readonly path: string; readonly bytes: number } | undefined

  /** Appends the lines in order, all or none of them. A line must not contain a line break. */
  append(lines: readonly string[]): Promise<void>

  /** Lines from a number on, as they stand when the reading begins; the first line has number 0. */
  readLines(from: number): AsyncIterable<string>

  /** Resolves when everything appended so far would survive a loss of power, as far as that can be had. */
  flush(): Promise<void>

  close(): Promise<void>
}

/** Opens a text file, or what a path of `-` means: the standard output. Pipes and devices are written, never read. */
export async function openLineLog(path: string): Promise<LineLog> {
  if (path === '-') return new StreamLineLog(process.stdout, 'the standard output')
  const there = await stat(path).catch(() => undefined)
  if (there === undefined || there.isFile()) return FileLineLog.open(path)
  if (there.isDirectory()) {
    throw new UnreachableError(`${path} should be a file to write to, but is a folder; name a file`)
  }
  return new StreamLineLog(createWriteStream(path), path)
}

class FileLineLog implements LineLog {
  readonly abandoned = false
  private readonly inTurn = new InTurn()
  private closed = false

  private constructor(
    private readonly file: AppendFile,
    public count: number,
    readonly repaired: LineLog['repaired'],
  ) {}

  static async open(path: string): Promise<FileLineLog> {
    await makeFolder(dirname(path))
    const file = await AppendFile.open(path)
    try {
      const { lines, bytes } = await countLines(path)
      const torn = file.sizeBytes - bytes
      if (torn > 0) await file.cut(bytes)
      await file.flush()
      await flushFolder(dirname(path))
      return new FileLineLog(file, lines, torn > 0 ? { path, bytes: torn } : undefined)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  append(lines: readonly string[]): Promise<void> {
    return this.inTurn.run(async () => {
      this.checkOpen()
      if (lines.length === 0) return
      await this.file.append([textOf(lines)])
      this.count += lines.length
    })
  }

  async *readLines(from: number): AsyncIterable<string> {
    this.checkOpen()
    if (!Number.isSafeInteger(from) || from < 0 || from > this.count) {
      throw new RangeError(`${this.file.path} can be read from line 0 to ${this.count}, not from ${from}`)
    }
    const end = this.file.sizeBytes
    if (end === 0) return
    let number = 0
    let rest: Buffer[] = []
    for await (const chunk of createReadStream(this.file.path, { end: end - 1, highWaterMark: chunkBytes })) {
      const bytes = chunk as Buffer
      let at = 0
      for (let lineEnd = bytes.indexOf(lineBreak); lineEnd >= 0; lineEnd = bytes.indexOf(lineBreak, at)) {
        if (number >= from) yield Buffer.concat([...rest, bytes.subarray(at, lineEnd)]).toString()
        rest = []
        number++
        at = lineEnd + 1
      }
      if (at < bytes.length && number >= from) rest.push(bytes.subarray(at))
    }
  }

  flush(): Promise<void> {
    return this.inTurn.run(async () => {
      this.checkOpen()
      await this.file.flush()
    })
  }

  close(): Promise<void> {
    return this.inTurn.run(async () => {
      if (this.closed) return
      this.closed = true
      try {
        await this.file.flush()
      } finally {
        await this.file.close()
      }
    })
  }

  private checkOpen(): void {
    if (this.closed) throw new Error(`${this.file.path} is closed; open it again`)
  }
}

/** Lines to a pipe, a terminal or a device: it begins at 0, keeps nothing, and ends quietly when its reader goes. */
export class StreamLineLog implements LineLog {
  readonly repaired = undefined
  count = 0
  abandoned = false
  private failure: Error | undefined

  constructor(
    private readonly stream: Writable,
    private readonly name: string,
  ) {
    // Without a listener the first error would end the process; `head` closing its end is no error at all.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') this.abandoned = true
      else this.failure = error
    })
  }

  async append(lines: readonly string[]): Promise<void> {
    const text = textOf(lines)
    if (this.failure !== undefined) throw this.failed(this.failure)
    if (this.abandoned || lines.length === 0) return
    const error = await new Promise<Error | null | undefined>((resolve) => {
      this.stream.write(text, resolve)
    })
    if (error === null || error === undefined) {
      this.count += lines.length
      return
    }
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw this.failed(error)
    this.abandoned = true
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- it fails at the first line that is asked for
  async *readLines(): AsyncIterable<string> {
    throw new Error(`${this.name} cannot be read back; write to a file to continue a run from it`)
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  /** Waits for what was written; the standard output stays open, since others write there too. */
  async close(): Promise<void> {
    if (this.stream === process.stdout) return
    await new Promise<void>((resolve) => {
      if (this.stream.destroyed) resolve()
      else this.stream.end(resolve)
    })
  }

  private failed(cause: Error): Error {
    return new Error(`${this.name} could not be written (${cause.message}); check who reads it`, { cause })
  }
}

const lineBreak = 10
const chunkBytes = 1 << 20

function textOf(lines: readonly string[]): Uint8Array {
  const broken = lines.find((line) => line.includes('\n'))
  if (broken !== undefined) {
    throw new TypeError(`a line must not contain a line break, got ${JSON.stringify(broken.slice(0, 80))}`)
  }
  return Buffer.from(lines.join('\n') + '\n')
}

/** Whole lines of a file and the bytes they take. */
async function countLines(path: string): Promise<{ lines: number; bytes: number }> {
  let lines = 0
  let bytes = 0
  let read = 0
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    const text = chunk as Buffer
    for (let at = text.indexOf(lineBreak); at >= 0; at = text.indexOf(lineBreak, at + 1)) {
      lines++
      bytes = read + at + 1
    }
    read += text.length
  }
  return { lines, bytes }
}
