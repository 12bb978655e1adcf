import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { commandOf, start } from '../../test/support/child'
import { numberedRecord } from '../../test/support/records'
import { temporaryFolders } from '../../test/support/temporary'
import { crc32 } from 'node:zlib'
import { FileLog, readWholeLog } from './file-log'
import { LogDamagedError, LogForgottenError } from './log-errors'

const newFolder = temporaryFolders()
const segmentName = (first: number) => `${String(first).padStart(20, '0')}.log`
const segmentsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name !== 'first.json')
    .sort()
const lastSegment = (folder: string) => join(folder, segmentsIn(folder).at(-1)!)
const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => numberedRecord(from + index))

/** A log with these batches of numbered records, flushed after each batch or not, left as a crash would leave it. */
async function crashedLog(
  batches: readonly { count: number; flush: boolean }[],
  segmentBytes?: number,
): Promise<{ folder: string; end: number; flushed: number }> {
  const folder = newFolder()
  const log = await FileLog.open(folder, segmentBytes === undefined ? {} : { segmentBytes })
  let flushed = 0
  for (const { count, flush } of batches) {
    await log.append(numbered(log.end, count))
    if (!flush) continue
    await log.flush()
    flushed = log.end
  }
  const end = log.end
  const copy = newFolder()
  // Closing flushes, a crash does not: go on with a copy of the files as they are.
  for (const name of segmentsIn(folder)) copyFileSync(join(folder, name), join(copy, name))
  await log.close()
  return { folder: copy, end, flushed }
}

/** Reads a log of numbered records to its end and resolves with how many there are. */
async function countNumbered(log: FileLog): Promise<number> {
  let position = 0
  for (;;) {
    const records = await log.read(position, 20_000)
    if (records.length === 0) return position
    for (const record of records) {
      // One expectation a record would take longer than all that is tested.
      if (Buffer.compare(record, numberedRecord(position)) !== 0)
        expect(record).toEqual(numberedRecord(position))
      position++
    }
  }
}

describe('what opening a log finds', () => {
  it('is everything that was there when it was closed, and appending goes on behind it', async () => {
    const folder = newFolder()
    const log = await FileLog.open(folder, { segmentBytes: 3000 })
    await log.append(numbered(0, 40))
    await log.append(numbered(40, 3))
    await log.close()

    const again = await FileLog.open(folder, { segmentBytes: 3000 })
    expect(again.repaired).toBeUndefined()
    expect(await again.append(numbered(43, 1))).toBe(43)
    expect(await countNumbered(again)).toBe(44)
    await again.close()
  })

  it('lies in segments named by the position of their first record', async () => {
    const folder = newFolder()
    const log = await FileLog.open(folder, { segmentBytes: 200 })
    for (let batch = 0; batch < 3; batch++) await log.append([new Uint8Array(60), new Uint8Array(60)])
    await log.close()
    expect(segmentsIn(folder)).toEqual([0, 2, 4].map(segmentName))
  })

  it('may be a record larger than a segment, which then has one of its own', async () => {
    const folder = newFolder()
    const log = await FileLog.open(folder, { segmentBytes: 100 })
    const large = [new Uint8Array(10).fill(1), new Uint8Array(9_000_001).fill(2), new Uint8Array(10).fill(3)]
    for (const record of large) await log.append([record])
    await log.close()
    const again = await FileLog.open(folder)
    const read = await again.read(0, Infinity)
    expect(read.map((record) => Buffer.compare(record, large[read.indexOf(record)]!))).toEqual([0, 0, 0])
    await again.close()
  })

  it('is read where it lies: records begin at multiples of 8, so that columns need no copy', async () => {
    const log = await FileLog.open(newFolder())
    await log.append(numbered(0, 50))
    for (let from = 0; from < 50; from += 7) {
      for (const record of await log.read(from, 2000)) expect(record.byteOffset % 8).toBe(0)
    }
    await log.close()
  })
})

describe('a torn end', () => {
  it('is cut off, and the report says what it cost', async () => {
    const { folder } = await crashedLog([{ count: 4, flush: false }])
    appendFileSync(lastSegment(folder), 'half a record')
    const log = await FileLog.open(folder)
    expect(log.repaired).toEqual({ segment: lastSegment(folder), bytes: 13 })
    expect(await countNumbered(log)).toBe(4)
    await log.close()
    const again = await FileLog.open(folder)
    expect(again.repaired).toBeUndefined()
    await again.close()
  })

  it('wherever the last segment is cut, the whole records before the cut stay and the log goes on', async () => {
    const batches = fc.array(fc.record({ count: fc.integer({ min: 1, max: 5 }), flush: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(), fc.constantFrom(500, 3000), async (appended, cut, segmentBytes) => {
        const { folder, end } = await crashedLog(appended, segmentBytes)
        const path = lastSegment(folder)
        const first = Number(basename(path, '.log'))
        truncateSync(path, cut % (statSync(path).size + 1))

        const log = await FileLog.open(folder, { segmentBytes })
        expect(log.end).toBeGreaterThanOrEqual(first)
        expect(log.end).toBeLessThanOrEqual(end)
        await log.append(numbered(log.end, 3))
        expect(await countNumbered(log)).toBe(log.end)
        await log.close()
        const again = await FileLog.open(folder, { segmentBytes })
        expect([again.repaired, again.end]).toEqual([undefined, log.end])
        await again.close()
      }),
      { numRuns: 60 },
    )
  })

  it('costs nothing that was flushed, whatever becomes of the bytes behind it', async () => {
    const batches = fc.array(fc.record({ count: fc.integer({ min: 1, max: 5 }), flush: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    })
    // A loss of power keeps what was flushed and any mix of new pages, zeros and nothing behind it.
    const fates = fc.array(fc.constantFrom('kept', 'zeros'), { minLength: 20, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(batches, fates, fc.nat(), async (appended, pages, cut) => {
        const { folder, flushed } = await crashedLog([...appended, { count: 1, flush: false }])
        const path = lastSegment(folder)
        const bytes = readFileSync(path)
        const safe = bytesOf(flushed)
        pages.forEach((fate, page) => {
          if (fate === 'zeros') bytes.subarray(Math.max(safe, page * 512), page * 512 + 512).fill(0)
        })
        writeFileSync(path, bytes.subarray(0, safe + (cut % (bytes.length - safe + 1))))

        const log = await FileLog.open(folder)
        expect(log.end).toBeGreaterThanOrEqual(flushed)
        expect(await countNumbered(log)).toBe(log.end)
        await log.close()
      }),
      { numRuns: 60 },
    )
  })

  it('of a segment that was being created is removed with it', async () => {
    const { folder } = await crashedLog([{ count: 3, flush: true }])
    for (const unborn of [new Uint8Array(0), new Uint8Array(17), new Uint8Array(40)]) {
      writeFileSync(join(folder, segmentName(3)), unborn)
      const log = await FileLog.open(folder)
      expect(log.repaired).toEqual({ segment: join(folder, segmentName(3)), bytes: unborn.length })
      expect([log.end, segmentsIn(folder)]).toEqual([3, [segmentName(0)]])
      await log.close()
    }
  })
})

describe('damage to what was flushed', () => {
  const segmentBytes = 2000
  const flushedLog = () =>
    crashedLog(
      Array.from({ length: 12 }, () => ({ count: 2, flush: true })),
      segmentBytes,
    )

  it('in the middle of the last segment is an error that names the place and what to do', async () => {
    const { folder } = await crashedLog([
      { count: 5, flush: true },
      { count: 5, flush: true },
    ])
    const bytes = readFileSync(lastSegment(folder))
    bytes[bytesOf(3) + 20]! ^= 4
    writeFileSync(lastSegment(folder), bytes)

    const error = await FileLog.open(folder).then(() => undefined, damageOf)
    expect(error).toMatchObject({ segment: lastSegment(folder), offset: bytesOf(3) })
    expect(error!.message).toMatch(/the checksum of record 3 does not match; put the file back from a copy/)
    expect(error!.message).toMatch(`cut it to ${bytesOf(3)} bytes`)
    expect(statSync(lastSegment(folder)).size).toBe(bytes.length)
  })

  it('in an older segment is an error when it is read, and the records before it can still be had', async () => {
    const { folder } = await flushedLog()
    const [first] = segmentsIn(folder)
    const bytes = readFileSync(join(folder, first!))
    bytes[bytesOf(2) + 17]! ^= 1
    writeFileSync(join(folder, first!), bytes)
    const log = await FileLog.open(folder)
    expect(await log.read(0, 10)).toEqual(numbered(0, 1))
    await expect(log.read(0, 10_000)).rejects.toThrow(LogDamagedError)
    await log.close()
  })

  it('does not let a segment go missing, at the front or in between', async () => {
    const { folder } = await flushedLog()
    const names = segmentsIn(folder)
    expect(names.length).toBeGreaterThan(3)
    for (const name of names.slice(0, -1)) {
      renameSync(join(folder, name), join(folder, 'away'))
      await expect(FileLog.open(folder)).rejects.toThrow(
        new RegExp(`${name}, is missing; put that file back`),
      )
      renameSync(join(folder, 'away'), join(folder, name))
    }
    await (await FileLog.open(folder)).close()
  })

  it('shows when an older segment has not the size it was left with', async () => {
    const { folder } = await flushedLog()
    const [first] = segmentsIn(folder)
    const { size } = statSync(join(folder, first!))
    truncateSync(join(folder, first!), size - 8)
    await expect(FileLog.open(folder)).rejects.toThrow(`it has ${size - 8} bytes and was left with ${size}`)
  })

  it('shows when a segment bears the name of another', async () => {
    const { folder } = await flushedLog()
    const path = lastSegment(folder)
    renameSync(path, join(folder, segmentName(999)))
    await expect(FileLog.open(folder)).rejects.toThrow(`give it back its name, ${basename(path)}`)
  })

  it('shows when a file is no segment, or one of another version', async () => {
    const { folder } = await crashedLog([{ count: 3, flush: true }])
    const bytes = readFileSync(lastSegment(folder))
    writeFileSync(lastSegment(folder), Buffer.concat([Buffer.from('ship'), Buffer.from('ship'), bytes]))
    await expect(FileLog.open(folder)).rejects.toThrow('the file does not begin as a log segment')
    bytes[8] = 2
    writeFileSync(lastSegment(folder), bytes)
    await expect(FileLog.open(folder)).rejects.toThrow(LogDamagedError)
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, crc32(bytes.subarray(4, 40)), true)
    writeFileSync(lastSegment(folder), bytes)
    await expect(FileLog.open(folder)).rejects.toThrow('version 1 was expected, got 2: a newer assay')
  })

  it('is found out whichever bit is flipped: an error, or the flip was in the last flush and is reported', async () => {
    const { folder } = await flushedLog()
    const names = segmentsIn(folder)
    const whole = await FileLog.open(folder, { segmentBytes })
    const end = whole.end
    await whole.close()
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (which, bit) => {
        const path = join(folder, names[which % names.length]!)
        const before = readFileSync(path)
        const bytes = Buffer.from(before)
        const at = bit % (bytes.length * 8)
        bytes[at >> 3]! ^= 1 << (at & 7)
        writeFileSync(path, bytes)
        let log: FileLog | undefined
        try {
          log = await FileLog.open(folder, { segmentBytes })
          expect(await countNumbered(log)).toBeGreaterThanOrEqual(end - 2)
          expect(log.repaired?.segment).toBe(lastSegment(folder))
        } catch (error) {
          expect(damageOf(error).segment).toBeDefined()
        } finally {
          await log?.close()
          writeFileSync(path, before)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('by a file that shrinks while the log is open is an error of the reader', async () => {
    const folder = newFolder()
    const log = await FileLog.open(folder)
    await log.append(numbered(0, 10))
    truncateSync(lastSegment(folder), 400)
    await expect(log.read(0, 100_000)).rejects.toThrow('the file should have')
    await log.close()
  })
})

it('only files named as segments are touched', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  mkdirSync(join(folder, 'folder'))
  const log = await FileLog.open(folder)
  await log.append(numbered(0, 1))
  await log.close()
  expect(segmentsIn(folder)).toEqual([segmentName(0), 'folder', 'notes.txt'])
})

it('an impossible size of segments or of an append is refused with what is possible', async () => {
  for (const segmentBytes of [39, 100.5, (1 << 30) + 1]) {
    await expect(FileLog.open(newFolder(), { segmentBytes })).rejects.toThrow(
      `segmentBytes must lie between 40 and 1073741824, got ${segmentBytes}; leave it out to use 64 MB`,
    )
  }
  for (const segmentBytes of [40, 1 << 30]) await (await FileLog.open(newFolder(), { segmentBytes })).close()
  const log = await FileLog.open(newFolder())
  const same = new Uint8Array(1 << 20)
  await expect(log.append(Array.from({ length: 1024 }, () => same))).rejects.toThrow('append in parts')
  expect(log.end).toBe(0)
  await log.close()
})

describe('a process that is killed while it appends', () => {
  it.each([400, 20_000, 64 << 20])(
    'loses nothing it had flushed, with segments of %i bytes',
    async (segmentBytes) => {
      const folder = newFolder()
      let least = 0
      for (let round = 0; round < 4; round++) {
        const child = start(commandOf('append-until-killed.ts', folder, String(segmentBytes)))
        await child.nextLine()
        await new Promise((resolve) => setTimeout(resolve, 7 + round * 31))
        child.process.kill('SIGKILL')
        await child.ended
        const said = JSON.parse(child.lines.at(-1)!) as { records: number }
        expect(said.records).toBeGreaterThan(least)
        const log = await FileLog.open(join(folder, 'log'), { segmentBytes })
        expect(log.end).toBeGreaterThanOrEqual(said.records)
        expect(await countNumbered(log)).toBe(log.end)
        least = log.end
        await log.close()
      }
    },
  )
})

describe('no room', () => {
  // The limit on the size of a file refuses writes as a full disk does, and needs no rights.
  it('refuses the append as a whole, keeps what is there and stays readable', async () => {
    const folder = newFolder()
    const command = commandOf('append-until-killed.ts', folder, String(64 << 20))
    const child = start(['bash', '-c', 'ulimit -f 100; exec "$@"', '-', ...command])
    await child.ended
    const said = JSON.parse(child.lines.at(-1)!) as { error: string; records: number; readable: number }
    expect(said.error).toMatch(/LogFullError: no room to append .*EFBIG.* nothing of this append was kept/)
    expect(said.records).toBeGreaterThan(100)
    expect(said.readable).toBe(said.records)
    const log = await FileLog.open(join(folder, 'log'))
    expect([log.repaired, log.end]).toEqual([undefined, said.records])
    expect(await countNumbered(log)).toBe(log.end)
    await log.close()
  })

  it('on a disk that is really full ends when there is room again', async () => {
    const folder = newFolder()
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'assay-test', folder])
    if (mounted.status !== 0) {
      console.log('skipped: a small disk can be mounted by root only')
      return
    }
    try {
      const log = await FileLog.open(join(folder, 'log'), { segmentBytes: 100_000 })
      const filling = async () => {
        for (;;) await log.append(numbered(log.end, 20))
      }
      await expect(filling()).rejects.toThrow(/no room to append .*ENOSPC/)
      const end = log.end
      expect(await countNumbered(log)).toBe(end)
      await expect(log.append([new Uint8Array(400_000)])).rejects.toThrow(/ENOSPC/)
      expect(log.end).toBe(end)

      spawnSync('mount', ['-o', 'remount,size=2m', folder])
      await log.append(numbered(end, 20))
      await log.close()
      const again = await FileLog.open(join(folder, 'log'))
      expect(again.repaired).toBeUndefined()
      expect(await countNumbered(again)).toBe(end + 20)
      await again.close()
    } finally {
      spawnSync('umount', [folder])
    }
  })
})

/** Where the numbered record with this position begins, in a log of one segment. */
function bytesOf(position: number): number {
  const stored = (record: Uint8Array) => 16 + Math.ceil(record.length / 8) * 8
  return numbered(0, position).reduce((sum, record) => sum + stored(record), 40)
}

function damageOf(error: unknown): LogDamagedError {
  if (error instanceof LogDamagedError) return error
  throw error
}

describe('what is older than a log is kept', () => {
  //  segments  0 … 9 │ 10 … 19 │ 20 … 29 │ 30 …
  //  before 25         gone      ^ stays, since 25 lies in it
  const long = (): Promise<{ folder: string; log: FileLog }> => filled(newFolder())
  async function filled(folder: string): Promise<{ folder: string; log: FileLog }> {
    const log = await FileLog.open(folder, { segmentBytes: 2_000 })
    while (segmentsIn(folder).length < 5) await log.append(numbered(log.end, 10))
    await log.flush()
    return { folder, log }
  }
  const never = { olderThanMs: 0 }
  const always = { olderThanMs: Date.now() + 3_600_000 }

  it('is let go segment by segment, behind a position, and all else stays through a restart', async () => {
    const { folder, log } = await long()
    const [, second, third] = segmentsIn(folder).map((name) => Number(name.slice(0, 20)))
    await log.forget({ before: third! + 1, ...always })
    expect(log.first).toBe(third)
    const { end } = log
    await expect(log.read(second!, 100)).rejects.toThrow(
      `begins with record ${third}: those before were older`,
    )
    expect(await log.read(third!, 1)).toEqual([numberedRecord(third!)])
    await log.close()
    const again = await FileLog.open(folder)
    expect([again.first, again.end]).toEqual([third, end])
    await again.append(numbered(end, 5))
    expect(await again.read(end, 1)).toEqual([numberedRecord(end)])
    await again.close()
    const rest: Uint8Array[] = []
    for await (const records of readWholeLog(folder, { isRestEnough: true })) rest.push(...records)
    expect(rest).toHaveLength(end + 5 - third!)
    await expect(readWholeLog(folder).next()).rejects.toThrow(LogForgottenError)
  })

  it('is nothing that is young, or that is needed, and never the last segment', async () => {
    const { folder, log } = await long()
    const before = segmentsIn(folder)
    await log.forget({ before: log.end, ...never })
    await log.forget({ before: 0, ...always })
    expect(segmentsIn(folder).slice(0, before.length)).toEqual(before)
    await log.forget({ before: log.end, ...always })
    expect(log.first).toBeLessThanOrEqual(log.end)
    expect(await log.read(log.end, 100)).toEqual([])
    await log.append(numbered(log.end, 3))
    expect(await countFrom(log)).toBe(log.end)
    await log.close()
  })

  it('may lie there still after a crash, and is removed when the log opens', async () => {
    const { folder, log } = await long()
    const names = segmentsIn(folder)
    const copy = newFolder()
    for (const name of names) copyFileSync(join(folder, name), join(copy, name))
    await log.forget({ before: Number(names[2]!.slice(0, 20)), ...always })
    copyFileSync(join(folder, 'first.json'), join(copy, 'first.json'))
    await log.close()
    const opened = await FileLog.open(copy)
    expect(opened.first).toBe(Number(names[2]!.slice(0, 20)))
    expect(existsSync(join(copy, names[1]!))).toBe(false)
    await opened.close()
  })

  it('is told from what was lost: a segment behind the mark, or the mark itself', async () => {
    const { folder, log } = await long()
    const names = segmentsIn(folder)
    await log.forget({ before: Number(names[2]!.slice(0, 20)), ...always })
    await log.close()
    renameSync(join(folder, names[2]!), join(folder, 'away'))
    await expect(FileLog.open(folder)).rejects.toThrow(new RegExp(`${names[2]!}, is missing`))
    renameSync(join(folder, 'away'), join(folder, names[2]!))
    for (const mark of ['{', 'x{"first":1}\n', '{"first":1}\nx']) {
      writeFileSync(join(folder, 'first.json'), mark)
      await expect(FileLog.open(folder)).rejects.toThrow(
        /does not say with which record the log begins; put the file back .* or write {"first":N} to it/,
      )
    }
    rmSync(join(folder, 'first.json'))
    mkdirSync(join(folder, 'first.json'))
    await expect(FileLog.open(folder)).rejects.toThrow('EISDIR')
  })

  it('is told from a log all of whose segments were lost', async () => {
    const { folder, log } = await long()
    await log.forget({ before: log.end, ...always })
    await log.close()
    const names = segmentsIn(folder)
    for (const name of names) rmSync(join(folder, name))
    await expect(FileLog.open(folder)).rejects.toThrow(
      new RegExp(
        `${names[0]!} is damaged at byte 0: it is missing, and all segments with it; put the files back`,
      ),
    )
  })

  it('is let go of a log that is open only', async () => {
    const { log } = await long()
    await log.close()
    await expect(log.forget({ before: log.end, ...always })).rejects.toThrow('is closed; open it again')
  })
})

describe('a log that is only read', () => {
  const all = async (folder: string): Promise<Uint8Array[]> => {
    const records: Uint8Array[] = []
    for await (const some of readWholeLog(folder)) records.push(...some)
    return records
  }

  it('gives all its records, of all its segments', async () => {
    const { folder } = await crashedLog(
      Array.from({ length: 4 }, () => ({ count: 10, flush: true })),
      2000,
    )
    expect(segmentsIn(folder).length).toBeGreaterThan(2)
    expect(await all(folder)).toEqual(numbered(0, 40))
  })

  it('is left as it is where its end is torn, and nothing is begun where there is none', async () => {
    const { folder } = await crashedLog([{ count: 4, flush: true }])
    appendFileSync(lastSegment(folder), 'half a record')
    const { size } = statSync(lastSegment(folder))
    await expect(all(folder)).rejects.toThrow(LogDamagedError)
    expect(statSync(lastSegment(folder)).size).toBe(size)
    const empty = newFolder()
    expect([await all(empty), readdirSync(empty)]).toEqual([[], []])
  })
})

async function countFrom(log: FileLog): Promise<number> {
  let position = log.first
  for (;;) {
    const records = await log.read(position, 20_000)
    if (records.length === 0) return position
    for (const record of records) expect(record).toEqual(numberedRecord(position++))
  }
}
