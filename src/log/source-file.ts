import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { becameShorter, unreadable, writtenAnew } from './source-errors'

/**
 * A file that is read from any place, while others may write to it. It may grow, and is read to where it ends then. Where it
 * becomes shorter or is written anew, as by a rotation that empties it, its end is not the end of what it held:
 *
 * ```
 *  opened    ──────────────────────────────■
 *  read      ───────────▶
 *  shorter   ─────────────────■            an error, since taking this for the end would lose the rest without a word
 *  anew      ═══════════════════════════════════■            an error where it begins otherwise than it did
 * ```
 */
export class SourceFile {
  private constructor(
    private readonly handle: FileHandle,
    readonly name: string,
    /** Its first bytes, as they were when it was opened: all of them, where it has so few. */
    readonly beginning: Uint8Array,
    /** The most bytes that it was known to have. */
    private longest: number,
  ) {}

  static async open(path: string): Promise<SourceFile> {
    let handle: FileHandle | undefined
    try {
      handle = await open(path, 'r')
      const { size } = await handle.stat()
      return new SourceFile(handle, path, await firstBytes(handle, beginningBytes), size)
    } catch (error) {
      await handle?.close()
      throw unreadable(path, error)
    }
  }

  /** Fills a buffer from a position on, as far as it can; gives the number of bytes, which is 0 at the end. */
  async read(into: Uint8Array, position: number): Promise<number> {
    try {
      const { bytesRead } = await this.handle.read(into, 0, into.length, position)
      // What the system makes up as it is read, as in /proc, has no length.
      if (this.longest === 0) return bytesRead
      if (bytesRead === 0) await this.checkEnd()
      else this.longest = Math.max(this.longest, position + bytesRead)
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

  private async checkEnd(): Promise<void> {
    const length = await this.length()
    if (length < this.longest) throw becameShorter(this.name, this.longest, length)
    const beginning = await firstBytes(this.handle, this.beginning.length)
    if (Buffer.compare(beginning, this.beginning) !== 0) throw writtenAnew(this.name)
  }
}

/** So many bytes hold the time of an event, or what makes a compressed file differ from another. */
const beginningBytes = 4096

async function firstBytes(handle: FileHandle, most: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(most)
  const { bytesRead } = await handle.read(buffer, 0, most, 0)
  return buffer.subarray(0, bytesRead)
}
