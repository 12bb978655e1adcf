import { mkdir, open, stat, type FileHandle } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Writes all buffers from `offset` on and resolves with their bytes: the system may take them in several bites. */
export async function writeAll(
  handle: FileHandle,
  buffers: readonly Uint8Array[],
  offset: number,
): Promise<number> {
  let left = buffers.filter((buffer) => buffer.length > 0)
  let written = 0
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, offset + written)
    if (bytesWritten === 0) throw new Error('the system took no byte')
    written += bytesWritten
    left = withoutFirst(left, bytesWritten)
  }
  return written
}

/** Fills the buffer from `offset` on; resolves with the bytes read, fewer only where the file ends. */
export async function readAll(handle: FileHandle, buffer: Uint8Array, offset: number): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const length = Math.min(buffer.length - filled, maxReadBytes)
    const { bytesRead } = await handle.read(buffer, filled, length, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/** Memory of its own, aligned for every typed array, filled with whatever was there. */
export function allocate(bytes: number): Uint8Array {
  // Not a Buffer: its `slice` would share memory where everybody expects a copy.
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
}

/** One call to the system reads at most 2 GiB. */
const maxReadBytes = 1 << 30

/** Creates a folder and those above it where they are missing, so that they survive a loss of power. */
export async function makeFolder(folder: string): Promise<void> {
  const path = resolve(folder)
  try {
    await makeOneFolder(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === dirname(path)) throw error
    // One above the other by ourselves: Node's `recursive` tries for ever where none can be made, as under /proc.
    await makeFolder(dirname(path))
    await makeOneFolder(path)
  }
}

async function makeOneFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    // It may be there already, and each system says so in its own way.
    if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return
    throw error
  }
  await flushFolder(dirname(path))
}

/** Makes the names in a folder survive a loss of power: a file that was created, renamed or removed in it. */
export async function flushFolder(folder: string): Promise<void> {
  // Windows has no such call and needs none.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function withoutFirst(buffers: Uint8Array[], bytes: number): Uint8Array[] {
  let index = 0
  let left = bytes
  while (index < buffers.length && buffers[index]!.length <= left) left -= buffers[index++]!.length
  const rest = buffers.slice(index)
  if (left > 0) rest[0] = rest[0]!.subarray(left)
  return rest
}
