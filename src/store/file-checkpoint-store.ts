import { createHash, randomUUID } from 'node:crypto'
import { open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { allocate, flushFolder, makeFolder, readAll, writeAll } from '../log/files'
import { checkNameAndSequence, keptCheckpoints } from './checkpoint-store'
import type { Checkpoint, CheckpointStore, LoadOutcome, StoredCheckpoint } from './checkpoint-store'

/**
 * Checkpoints in a folder, one file each, written aside and renamed when safe. A file:
 *
 * ```
 *  16 bytes   "ASYC", version, bytes of the directory, 0
 *  directory  JSON: name, sequence and the length of each part
 *  parts      one after the other
 *  32 bytes   SHA-256 of everything before
 * ```
 */
export class FileCheckpointStore implements CheckpointStore {
  private constructor(private readonly folder: string) {}

  /**
   * Opens the store in a folder, or begins one, and removes what a crash left half written. Where several processes share
   * the folder, what another one is writing now is left alone.
   */
  static async open(
    folder: string,
    { isShared = false }: { readonly isShared?: boolean } = {},
  ): Promise<FileCheckpointStore> {
    await makeFolder(folder)
    const youngest = isShared ? Date.now() - abandonedMs : Number.POSITIVE_INFINITY
    for (const name of await readdir(folder)) {
      if (!name.endsWith(asideEnding)) continue
      const path = join(folder, name)
      const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? { mtimeMs: Number.POSITIVE_INFINITY }
      // Gone already, when another process has just renamed or removed it.
      if (mtimeMs < youngest) await unlink(path).catch(() => undefined)
    }
    return new FileCheckpointStore(folder)
  }

  async save(name: string, checkpoint: Checkpoint, onTaken?: () => void): Promise<void> {
    checkNameAndSequence(name, checkpoint.sequence)
    const path = this.pathOf(name, checkpoint.sequence)
    // Two processes may store the same checkpoint, when one of them has not noticed yet that it lost its task.
    const aside = `${path}.${randomUUID()}${asideEnding}`
    try {
      await writeCheckpoint(aside, { name, ...checkpoint }, onTaken)
      await rename(aside, path)
      await flushFolder(this.folder)
    } catch (cause) {
      await unlink(aside).catch(() => undefined)
      throw new Error(
        `checkpoint ${path} could not be stored (${(cause as Error).message}): the ones before it are kept; ` +
          'free some space or check the disk, then save again',
        { cause },
      )
    }
    await this.removeOld(name, checkpoint.sequence)
  }

  async list(name: string): Promise<readonly StoredCheckpoint[]> {
    checkNameAndSequence(name)
    const sequences = await this.sequencesOf(name)
    return sequences.map((sequence) => ({
      sequence,
      load: () => loadCheckpoint(this.pathOf(name, sequence), { name, sequence }),
    }))
  }

  /** Newest first. */
  private async sequencesOf(name: string): Promise<number[]> {
    const sequences: number[] = []
    for (const file of await readdir(this.folder)) {
      const match = namePattern.exec(file)
      if (match !== null && match[1] === name) sequences.push(Number(match[2]))
    }
    return sequences.sort((a, b) => b - a)
  }

  private async removeOld(name: string, sequence: number): Promise<void> {
    // Newer ones than that just saved were skipped as broken; they must not push out what works.
    const older = (await this.sequencesOf(name)).filter((other) => other <= sequence)
    for (const old of older.slice(keptCheckpoints)) {
      // The checkpoint is safe whether or not an old one goes; the next save tries again.
      await unlink(this.pathOf(name, old)).catch(() => undefined)
    }
  }

  private pathOf(name: string, sequence: number): string {
    return join(this.folder, `${name}.${String(sequence).padStart(20, '0')}.checkpoint`)
  }
}

const namePattern = /^(.+)\.(\d{20})\.checkpoint$/
const asideEnding = '.part'
/** Nobody writes for so long at one checkpoint. */
const abandonedMs = 3_600_000
const magic = 0x43595341 // "ASYC"
const version = 1
const headBytes = 16
const digestBytes = 32
const sliceBytes = 4 << 20

interface Directory {
  readonly name: string
  readonly sequence: number
  readonly lengths: readonly number[]
}

async function writeCheckpoint(
  path: string,
  { name, sequence, parts }: Checkpoint & { readonly name: string },
  onTaken: (() => void) | undefined,
): Promise<void> {
  const directory: Directory = { name, sequence, lengths: parts.map((part) => part.length) }
  const text = Buffer.from(JSON.stringify(directory))
  const head = new Uint8Array(headBytes)
  const view = new DataView(head.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, version, true)
  view.setUint32(8, text.length, true)
  const hash = createHash('sha256')
  const handle = await open(path, 'w', 0o644)
  try {
    let at = 0
    for (const slice of slices([head, text, ...parts])) {
      // The disk takes a slice while we digest it, and no slice holds up the rest of the process for long.
      const writing = writeAll(handle, slice, at)
      for (const buffer of slice) hash.update(buffer)
      at += await writing
    }
    await writeAll(handle, [hash.digest()], at)
    // The system has all of it; that the disk has too may take seconds, where others write as well.
    onTaken?.()
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function loadCheckpoint(
  path: string,
  expected: { name: string; sequence: number },
): Promise<LoadOutcome> {
  try {
    const handle = await open(path, 'r')
    try {
      return { kind: 'loaded', checkpoint: await readCheckpoint(handle, expected) }
    } finally {
      await handle.close()
    }
  } catch (cause) {
    return { kind: 'broken', reason: `checkpoint ${path} cannot be used: ${(cause as Error).message}` }
  }
}

async function readCheckpoint(
  handle: FileHandle,
  expected: { name: string; sequence: number },
): Promise<Checkpoint> {
  const { size } = await handle.stat()
  const hash = createHash('sha256')
  let at = 0
  const next = async (bytes: number): Promise<Uint8Array> => {
    // Checked before it is allocated: a broken length must not ask for more memory than the file has bytes.
    if (bytes > size - at) throw new Error(`it ends early, at byte ${size}`)
    const buffer = allocate(bytes)
    for (const [slice] of slices([buffer])) {
      if ((await readAll(handle, slice!, at)) < slice!.length) throw new Error(`it ends early, at byte ${at}`)
      hash.update(slice!)
      at += slice!.length
    }
    return buffer
  }

  const head = await next(headBytes)
  const view = new DataView(head.buffer)
  if (view.getUint32(0, true) !== magic) throw new Error('it does not begin as a checkpoint')
  if (view.getUint32(4, true) !== version) {
    throw new Error(
      `version ${version} was expected, got ${view.getUint32(4, true)}; use the assay that wrote it`,
    )
  }
  const { name, sequence, lengths } = readDirectory(await next(view.getUint32(8, true)))
  const parts: Uint8Array[] = []
  for (const length of lengths) parts.push(await next(length))
  const digest = hash.digest()
  const stored = allocate(digestBytes)
  const filled = await readAll(handle, stored, at)
  if (filled < digestBytes || size !== at + digestBytes)
    throw new Error(`it should have ${at + digestBytes} bytes, not ${size}`)
  if (!digest.equals(stored))
    throw new Error('its bytes are not those that were written, the SHA-256 differs')
  if (name !== expected.name || sequence !== expected.sequence) {
    throw new Error(`it is that of "${name}" at ${sequence} under another name`)
  }
  return { sequence, parts }
}

function readDirectory(text: Uint8Array): Directory {
  try {
    const directory = JSON.parse(Buffer.from(text).toString()) as Directory
    if (directory.lengths.every((length) => Number.isSafeInteger(length) && length >= 0)) return directory
  } catch {
    // The sentence below says it all.
  }
  throw new Error('its directory cannot be read')
}

/** The same bytes in groups of at most 4 MB: enough for a disk to be quick, little enough to hold nothing up. */
function* slices(buffers: readonly Uint8Array[]): Generator<Uint8Array[]> {
  let group: Uint8Array[] = []
  let bytes = 0
  for (const buffer of buffers) {
    for (let at = 0; at < buffer.length;) {
      const piece = buffer.subarray(at, at + sliceBytes - bytes)
      group.push(piece)
      bytes += piece.length
      at += piece.length
      if (bytes < sliceBytes) continue
      yield group
      group = []
      bytes = 0
    }
  }
  if (group.length > 0) yield group
}
