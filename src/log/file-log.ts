import { open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppendFile } from './append-file'
import { allocate, flushFolder, makeFolder, readAll } from './files'
import { frame, headerBytes, maxAppendBytes, readHeader, storedBytes, wasFlushed, writeHeader } from './frame'
import type { SegmentHeader } from './frame'
import { InTurn } from './in-turn'
import type { Log } from './log'
import { LogDamagedError, LogForgottenError } from './log-errors'
import { checkPosition } from './position'
import { Segment } from './segment'

export interface FileLogOptions {
  /** A segment that an append would make larger than this is followed by a new one. */
  readonly segmentBytes?: number
}

/** What opening a log cut off: the torn end of something that was never flushed. */
export interface Repair {
  readonly segment: string
  readonly bytes: number
}

/**
 * A log in a folder of append-only files. What was flushed survives a crash and a loss of power; of what was not, the
 * whole records are kept. Damage to what was flushed is an error and never skipped. For one process at a time.
 */
export class FileLog implements Log {
  private readonly inTurn = new InTurn()
  private closed = false

  private constructor(
    private readonly folder: string,
    private readonly segmentBytes: number,
    /** In order; only the last one grows. */
    private readonly segments: Segment[],
    private file: AppendFile,
    private next: number,
    /** What opening had to cut off; undefined when everything was whole. */
    readonly repaired: Repair | undefined,
  ) {}

  /**
   * Opens the log in a folder, or begins one. Of the segments only the last is read as a whole, and a torn end cut
   * off. Rejects with a `LogDamagedError` when a segment is missing or lacks what was flushed.
   */
  static async open(folder: string, { segmentBytes = 64 << 20 }: FileLogOptions = {}): Promise<FileLog> {
    if (!Number.isSafeInteger(segmentBytes) || segmentBytes < headerBytes || segmentBytes > maxAppendBytes) {
      throw new RangeError(
        `segmentBytes must lie between ${headerBytes} and ${maxAppendBytes}, got ${segmentBytes}; ` +
          'leave it out to use 64 MB',
      )
    }
    await makeFolder(folder)
    const segments = await findSegments(folder)
    const unborn = await removeUnborn(folder, segments)
    const first = await firstKept(folder)
    // A crash may have come between the mark and the removal of what lies before it.
    while (segments.length > 1 && segments[1]!.first <= first) await unlink(segments.shift()!.path)
    await checkChain(folder, segments, first)
    const last = segments.at(-1)
    if (last === undefined) {
      const begun = await createSegment(folder, { first: 0, previousFirst: 0, previousBytes: 0 })
      return new FileLog(folder, segmentBytes, [begun.segment], begun.file, 0, unborn)
    }
    const file = await AppendFile.open(last.path)
    try {
      const { end, repair } = await repairEnd(last, file)
      // What a killed process wrote may still be on its way to the disk; from here on it counts as flushed.
      await file.flush()
      await flushFolder(folder)
      return new FileLog(folder, segmentBytes, segments, file, end, repair ?? unborn)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Position of the first record that is still there. */
  get first(): number {
    return this.segments[0]!.first
  }

  get end(): number {
    return this.next
  }

  /**
   * Lets go of whole segments all of whose records lie before a position and are older than a moment, by when they were
   * written. The last one stays, and is followed by a new one once it was begun before that moment, so that it is let
   * go in its turn. Resolves when what remains would survive a loss of power.
   */
  forget({ before, olderThanMs }: { readonly before: number; readonly olderThanMs: number }): Promise<void> {
    return this.inTurn.run(async () => {
      this.checkOpen()
      const last = this.segments.at(-1)!
      const { birthtimeMs } = await stat(last.path)
      // Some file systems do not know it.
      const isOld = birthtimeMs > 0 && birthtimeMs < olderThanMs
      if (isOld && this.file.sizeBytes > headerBytes) await this.beginSegment()
      let gone = 0
      for (; gone + 1 < this.segments.length; gone++) {
        if (this.segments[gone + 1]!.first > before) break
        if ((await stat(this.segments[gone]!.path)).mtimeMs >= olderThanMs) break
      }
      if (gone === 0) return
      await markFirst(this.folder, this.segments[gone]!.first)
      for (const segment of this.segments.splice(0, gone)) await unlink(segment.path)
      await flushFolder(this.folder)
    })
  }

  append(records: readonly Uint8Array[]): Promise<number> {
    return this.inTurn.run(async () => {
      this.checkOpen()
      const bytes = records.reduce((sum, record) => sum + storedBytes(record), 0)
      if (bytes > maxAppendBytes) {
        throw new RangeError(
          `one append takes at most ${maxAppendBytes} bytes, got ${bytes}; append in parts`,
        )
      }
      const position = this.next
      if (records.length === 0) return position
      const usedBytes = this.file.sizeBytes
      if (usedBytes > headerBytes && usedBytes + bytes > this.segmentBytes) await this.beginSegment()
      const at = this.file.sizeBytes
      await this.file.append(frame(records, { position, flushedBytes: this.file.flushedBytes }))
      const segment = this.segments.at(-1)!
      segment.note(records, { position, at })
      segment.bytes = this.file.sizeBytes
      this.next = position + records.length
      return position
    })
  }

  async read(from: number, maxBytes: number): Promise<readonly Uint8Array[]> {
    this.checkOpen()
    const end = this.next
    checkPosition(from, end)
    if (from < this.first) throw new LogForgottenError(this.folder, this.first)
    const records: Uint8Array[] = []
    let leftBytes = maxBytes
    let position = from
    while (position < end) {
      const number = this.segmentOf(position)
      const until = Math.min(end, this.segments[number + 1]?.first ?? end)
      const had = records.length
      position = await this.segments[number]!.collect(records, { from: position, until, maxBytes: leftBytes })
      if (position < until) break
      for (let index = had; index < records.length; index++) leftBytes -= records[index]!.length
    }
    return records
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

  private async beginSegment(): Promise<void> {
    // Everything before the last segment is flushed: that is why damage there can never be a torn end.
    await this.file.flush()
    const full = this.file
    const { segment, file } = await createSegment(this.folder, {
      first: this.next,
      previousFirst: this.segments.at(-1)!.first,
      previousBytes: full.sizeBytes,
    })
    this.segments.push(segment)
    this.file = file
    await full.close()
  }

  /** Number of the segment that holds a position. */
  private segmentOf(position: number): number {
    let low = 0
    let high = this.segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.segments[middle]!.first <= position) low = middle
      else high = middle - 1
    }
    return low
  }

  private checkOpen(): void {
    if (this.closed) throw new Error(`the log in ${this.folder} is closed; open it again`)
  }
}

/**
 * All records of the log in a folder, some at a time, for who only reads: nothing is repaired or created. Throws a
 * `LogDamagedError` at the first byte that is not as it was written, a torn end included, and before all others a
 * `LogForgottenError` when it does not begin with its first record, unless the rest is wanted too.
 */
export async function* readWholeLog(
  folder: string,
  { isRestEnough = false }: { readonly isRestEnough?: boolean } = {},
): AsyncGenerator<readonly Uint8Array[]> {
  const segments = await findSegments(folder)
  await checkChain(folder, segments, await firstKept(folder))
  const [first] = segments
  if (!isRestEnough && first !== undefined && first.first > 0)
    throw new LogForgottenError(folder, first.first)
  for (const segment of segments) yield* segment.batches()
}

const namePattern = /^(\d{20})\.log$/

function pathOf(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(20, '0')}.log`)
}

async function findSegments(folder: string): Promise<Segment[]> {
  const names = (await readdir(folder)).filter((name) => namePattern.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return new Segment(path, Number(namePattern.exec(name)![1]), (await stat(path)).size)
    }),
  )
}

/**
 * Takes a last segment off the list whose creation was interrupted. Its header is flushed before anything else is
 * written, so that it holds no record.
 */
async function removeUnborn(folder: string, segments: Segment[]): Promise<Repair | undefined> {
  const last = segments.at(-1)
  if (last === undefined || last.bytes > headerBytes) return undefined
  const header = await headerOf(last)
  const born = last.bytes === headerBytes && header.some((byte) => byte !== 0)
  if (born) return undefined
  await unlink(last.path)
  await flushFolder(folder)
  segments.pop()
  return { segment: last.path, bytes: last.bytes }
}

/** The file that says with which record a log begins, where it has let go of any. */
const firstFile = 'first.json'

/** Position before which records may have been let go; 0 where none were. */
async function firstKept(folder: string): Promise<number> {
  const path = join(folder, firstFile)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return 0
  const first = /^\{"first":(\d{1,15})\}\n$/.exec(text)?.[1]
  if (first !== undefined) return Number(first)
  throw new LogDamagedError(
    path,
    0,
    'it does not say with which record the log begins',
    'put the file back from a copy, or write {"first":N} to it with the number in the name of the first segment',
  )
}

/** Says with which record the log begins, before anything is let go: so that nothing else may be missing. */
async function markFirst(folder: string, first: number): Promise<void> {
  const path = join(folder, firstFile)
  const handle = await open(`${path}.part`, 'w')
  try {
    await handle.writeFile(`{"first":${first}}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${path}.part`, path)
  await flushFolder(folder)
}

/**
 * Throws unless each segment follows on the one before: a header names its neighbour and that one's size. What lies
 * before the first record that is kept may be gone.
 */
async function checkChain(folder: string, segments: readonly Segment[], firstRecord: number): Promise<void> {
  if (segments.length === 0 && firstRecord > 0) {
    throw new LogDamagedError(
      pathOf(folder, firstRecord),
      0,
      'it is missing, and all segments with it',
      'put the files back from a copy; without one, the log can only be begun anew in an empty folder',
    )
  }
  let previous: Segment | undefined
  for (const segment of segments) {
    const header = readHeader(await headerOf(segment))
    if (typeof header === 'string') throw segment.damage({ position: segment.first, at: 0 }, header)
    if (header.first !== segment.first) {
      throw new LogDamagedError(
        segment.path,
        0,
        `it begins with record ${header.first}`,
        `give it back its name, ${basename(pathOf('', header.first))}`,
      )
    }
    const mayBegin = previous === undefined && segment.first > 0 && segment.first <= firstRecord
    const follows = header.previousFirst === (previous?.first ?? 0)
    if (!mayBegin && (!follows || (previous === undefined && segment.first !== 0))) {
      throw new LogDamagedError(
        segment.path,
        0,
        `the segment before it, ${basename(pathOf('', header.previousFirst))}, is missing`,
        'put that file back from a copy; without one, the log can only be begun anew in an empty folder',
      )
    }
    if (!mayBegin && header.previousBytes !== (previous?.bytes ?? 0)) {
      throw new LogDamagedError(
        previous?.path ?? segment.path,
        Math.min(previous?.bytes ?? 0, header.previousBytes),
        `it has ${previous?.bytes ?? 0} bytes and was left with ${header.previousBytes}`,
        'put the file back from a copy',
      )
    }
    previous = segment
  }
}

/** Finds the end of the last segment; what follows the last whole record is cut off, unless it had been flushed. */
async function repairEnd(last: Segment, file: AppendFile): Promise<{ end: number; repair?: Repair }> {
  const handle = await open(last.path, 'r')
  try {
    const start = { position: last.first, at: headerBytes }
    const stop = await last.walk(handle, start, Infinity, () => true)
    if (stop.kind === 'enough') throw new Error('a walk that takes all ended early')
    if (stop.kind === 'end') return { end: stop.place.position }
    const { position, at } = stop.place
    const rest = allocate(last.bytes - at)
    await readAll(handle, rest, at)
    if (wasFlushed(rest, { offset: at, position })) throw last.damage(stop.place, stop.what)
    await file.cut(at)
    last.bytes = at
    return { end: position, repair: { segment: last.path, bytes: rest.length } }
  } finally {
    await handle.close()
  }
}

async function createSegment(
  folder: string,
  header: SegmentHeader,
): Promise<{ segment: Segment; file: AppendFile }> {
  const path = pathOf(folder, header.first)
  const file = await AppendFile.create(path)
  try {
    await file.append([writeHeader(header)])
    await file.flush()
    await flushFolder(folder)
    return { segment: new Segment(path, header.first, headerBytes), file }
  } catch (error) {
    // Without it the log is as it was, and the next append may try again.
    await file.close()
    await unlink(path)
    throw error
  }
}

async function headerOf(segment: Segment): Promise<Uint8Array> {
  const handle = await open(segment.path, 'r')
  try {
    const bytes = new Uint8Array(headerBytes)
    return bytes.subarray(0, await readAll(handle, bytes, 0))
  } finally {
    await handle.close()
  }
}
