import { open, type FileHandle } from 'node:fs/promises'

/** What all file handles share, so that a test can watch what is asked of the disk, or let it fail. */
export async function fileHandles(): Promise<FileHandle> {
  const handle = await open(__filename, 'r')
  await handle.close()
  return Object.getPrototypeOf(handle) as FileHandle
}
