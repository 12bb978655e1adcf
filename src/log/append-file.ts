import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { writeAll } from './files'
import { LogFullError, LogWriteError } from './log-errors'

/**
 * A file that only grows: an append is there as a whole or leaves the file as it was. Calls must follow each other,
 * the next one after the last has settled.
 */
export class AppendFile {
  /** Why nothing may be written any more; a file that is read only needs no cure. */
  private failure: LogWriteError | undefined

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** Bytes of the file, all of them whole appends. */
    private bytes: number,
    /** Bytes known to survive a loss of power. */
    private safeBytes: number,
  ) {}

  /** Opens a file, or creates it empty where there is none. */
  static async open(path: string): Promise<AppendFile> {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644)
    const { size } = await handle.stat()
    return new AppendFile(path, handle, size, 0)
  }

  /** Creates a file; rejects when there is one. */
  static async create(path: string, mode = 0o644): Promise<AppendFile> {
    return new AppendFile(path, await open(path, 'wx', mode), 0, 0)
  }

  get sizeBytes(): number {
    return this.bytes
  }

  get flushedBytes(): number {
    return this.safeBytes
  }

  /** Writes the buffers one after the other at the end; rejects with nothing of them kept. */
  async append(buffers: readonly Uint8Array[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    try {
      this.bytes += await writeAll(this.handle, buffers, this.bytes)
    } catch (cause) {
      await this.takeBack(cause)
    }
  }

  /** Resolves when everything appended so far would survive a loss of power. */
  async flush(): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    if (this.safeBytes === this.bytes) return
    const bytes = this.bytes
    try {
      await this.handle.datasync()
      this.safeBytes = bytes
    } catch (cause) {
      // The system reports lost pages once and then calls them clean: a second try would succeed and mean nothing.
      this.failure = new LogWriteError(
        `${this.path} could not be flushed (${reason(cause)}): what was appended since the last flush may be lost; ` +
          'check the disk and start again, which reads back what is really there',
        { cause },
      )
      throw this.failure
    }
  }

  /** Cuts the file to its first `bytes` bytes, for good. */
  async cut(bytes: number): Promise<void> {
    await this.handle.truncate(bytes)
    this.bytes = bytes
    this.safeBytes = Math.min(this.safeBytes, bytes)
    await this.handle.sync()
    this.safeBytes = bytes
  }

  async close(): Promise<void> {
    await this.handle.close()
  }

  private async takeBack(cause: unknown): Promise<never> {
    try {
      await this.handle.truncate(this.bytes)
    } catch (truncateCause) {
      this.failure = new LogWriteError(
        `${this.path} could not be written (${reason(cause)}) nor cut back to its last whole record ` +
          `(${reason(truncateCause)}): the first ${this.bytes} bytes are whole and can still be read; ` +
          'check the disk and start again, which cuts the rest off',
        { cause },
      )
      throw this.failure
    }
    const kept = `nothing of this append was kept, the ${this.bytes} bytes before it are whole`
    if (isFull(cause)) {
      throw new LogFullError(
        `no room to append to ${this.path} (${reason(cause)}): ${kept}; free some space or raise the limit, ` +
          'then append again',
        { cause },
      )
    }
    throw new LogWriteError(
      `${this.path} could not be written (${reason(cause)}): ${kept}; check the disk, then append again`,
      { cause },
    )
  }
}

function isFull(cause: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((cause as NodeJS.ErrnoException).code ?? '')
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
