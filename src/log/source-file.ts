import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { becameShorter, unreadable } from './source-errors'

/**
 * A file that is read from any place, while others may write to it. It may grow, and is read to where it ends then. Where it
 * becomes shorter, as when somebody writes it anew or a rotation empties it, its end is not the end of what it held:
 *
 * ```
 *  opened    ──────────────────────────────■
 *  read      ───────────▶
 *  shorter   ─────────────────■            an error, since taking this for the end would lose the rest without a word
 * ```
 */
export class SourceFile {
  private constructor(
    private readonly handle: FileHandle,
    readonly name: string,
    /** The most bytes that it was known to have. */
    private longest: number,
  ) {}

  static async open(path: string): Promise<SourceFile> {
    try {
      const handle = await open(path, 'r')
      const { size } = await handle.stat()
      return new SourceFile(handle, path, size)
    } catch (error) {
      throw unreadable(path, error)
    }
  }

  /** Fills a buffer from a position on, as far as it can; gives the number of bytes, which is 0 at the end. */
  async read(into: Uint8Array, position: number): Promise<number> {
    try {
      const { bytesRead } = await this.handle.read(into, 0, into.length, position)
      if (bytesRead === 0) await this.checkLength()
      // What the system makes up as it is read, as in /proc, has no length.
      else if (this.longest > 0) this.longest = Math.max(this.longest, position + bytesRead)
      return bytesRead
    } catch (error) {
      throw unreadable(this.name, error)
    }
  }

  /** How many bytes it has now. */
  async length(): Promise<number> {
    const { size } = await this.handle.stat()
    return size
  }

  async close(): Promise<void> {
    await this.handle.close()
  }

  private async checkLength(): Promise<void> {
    const length = await this.length()
    if (length < this.longest) throw becameShorter(this.name, this.longest, length)
  }
}
