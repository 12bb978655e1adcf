import { existsSync, renameSync, rmSync } from 'node:fs'

/** Puts a folder that was made aside where it belongs; when another process was first, theirs stays. */
export function putInPlace(aside: string, folder: string): void {
  try {
    renameSync(aside, folder)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}
