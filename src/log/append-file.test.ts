import { readdirSync, readFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { fileHandles } from '../../test/support/file-handles'
import { temporaryFolders } from '../../test/support/temporary'
import { AppendFile } from './append-file'
import { FileLog } from './file-log'
import { LogFullError, LogWriteError } from './log-errors'

const newFolder = temporaryFolders()
const newPath = () => join(newFolder(), 'file')
const bytes = (text: string) => new TextEncoder().encode(text)
const failure = (code: string) => Object.assign(new Error(`${code}: as if`), { code })

let handles: FileHandle
let writev: Writev
beforeAll(async () => {
  handles = await fileHandles()
  writev = Reflect.get(handles, 'writev')
})
afterEach(() => {
  jest.restoreAllMocks()
})

/** Writes through to the disk, but never more than so many bytes at once. */
function inBitesOf(bytes: number) {
  return function (this: FileHandle, buffers: readonly NodeJS.ArrayBufferView[], position?: number) {
    return writev.call(this, [Buffer.concat(buffers as Uint8Array[]).subarray(0, bytes)], position)
  }
}
type Writev = (
  this: FileHandle,
  buffers: readonly NodeJS.ArrayBufferView[],
  position?: number,
) => ReturnType<FileHandle['writev']>

describe('an append that fails', () => {
  it.each(['ENOSPC', 'EDQUOT', 'EFBIG'])('for want of room (%s) leaves the file as it was', async (code) => {
    const path = newPath()
    const file = await AppendFile.open(path)
    await file.append([bytes('before')])
    jest.spyOn(handles, 'writev').mockRejectedValueOnce(failure(code))
    await expect(file.append([bytes('lost')])).rejects.toThrow(LogFullError)
    expect([file.sizeBytes, readFileSync(path, 'utf8')]).toEqual([6, 'before'])
    await file.append([bytes(' after')])
    expect(readFileSync(path, 'utf8')).toBe('before after')
    await file.close()
  })

  it('halfway is taken back, and the error says what is kept and what to do', async () => {
    const path = newPath()
    const file = await AppendFile.open(path)
    await file.append([bytes('before')])
    jest.spyOn(handles, 'writev').mockImplementationOnce(inBitesOf(2)).mockRejectedValueOnce(failure('EIO'))
    const failing = file.append([bytes('lo'), bytes('st')])
    await expect(failing).rejects.toThrow(LogWriteError)
    await expect(failing).rejects.toThrow(
      /EIO.* nothing of this append was kept, the 6 bytes before it are whole/,
    )
    expect(readFileSync(path, 'utf8')).toBe('before')
    await file.close()
  })

  it('and cannot be taken back ends all writing; the log can still be read', async () => {
    const log = await FileLog.open(newFolder())
    await log.append([bytes('before')])
    jest.spyOn(handles, 'writev').mockRejectedValueOnce(failure('EIO'))
    jest.spyOn(handles, 'truncate').mockRejectedValueOnce(failure('EIO'))
    await expect(log.append([bytes('lost')])).rejects.toThrow('nor cut back to its last whole record')
    await expect(log.append([bytes('more')])).rejects.toThrow('nor cut back to its last whole record')
    expect((await log.read(0, 100)).map((record) => new TextDecoder().decode(record))).toEqual(['before'])
    await expect(log.close()).rejects.toThrow(LogWriteError)
  })
})

describe('a flush that fails', () => {
  it('is never tried again, since the system forgets what it could not write', async () => {
    const log = await FileLog.open(newFolder())
    await log.append([bytes('kept?')])
    jest.spyOn(handles, 'datasync').mockRejectedValueOnce(failure('EIO'))
    await expect(log.flush()).rejects.toThrow(/could not be flushed .*EIO.* start again, which reads back/)
    await expect(log.flush()).rejects.toThrow('could not be flushed')
    await expect(log.flush()).rejects.toMatchObject({ cause: failure('EIO') })
    await expect(log.append([bytes('more')])).rejects.toThrow('could not be flushed')
    expect(await log.read(0, 100)).toHaveLength(1)
    await expect(log.close()).rejects.toThrow(LogWriteError)
  })

  it('is not asked of the disk when there is nothing new', async () => {
    const file = await AppendFile.open(newPath())
    await file.append([bytes('a')])
    const datasync = jest.spyOn(handles, 'datasync')
    await file.flush()
    await file.flush()
    expect(datasync).toHaveBeenCalledTimes(1)
    expect(file.flushedBytes).toBe(1)
    await file.close()
  })
})

it('a segment is flushed before the next one begins, so that only the last one can have a torn end', async () => {
  const folder = newFolder()
  const log = await FileLog.open(folder, { segmentBytes: 100 })
  await log.append([bytes('a'.repeat(60))])
  const segmentsAtFlush: number[] = []
  const datasync: (this: FileHandle) => Promise<void> = Reflect.get(handles, 'datasync')
  jest.spyOn(handles, 'datasync').mockImplementation(function (this: FileHandle) {
    segmentsAtFlush.push(readdirSync(folder).length)
    return datasync.call(this)
  })
  await log.append([bytes('b')])
  // The full one, then the header of its successor.
  expect(segmentsAtFlush).toEqual([1, 2])
  await log.close()
})

it('a segment that cannot be begun leaves the log as it was, and the next append tries again', async () => {
  const log = await FileLog.open(newFolder(), { segmentBytes: 100 })
  await log.append([bytes('a'.repeat(60))])
  jest.spyOn(handles, 'writev').mockRejectedValueOnce(failure('ENOSPC'))
  await expect(log.append([bytes('b')])).rejects.toThrow(LogFullError)
  expect(log.end).toBe(1)
  expect(await log.append([bytes('c')])).toBe(1)
  expect(await log.read(1, 100)).toEqual([bytes('c')])
  await log.close()
})

it('a cut that is not known to be safe leaves no more to count as flushed than there is', async () => {
  const file = await AppendFile.open(newPath())
  await file.append([bytes('abcdef')])
  await file.flush()
  jest.spyOn(handles, 'sync').mockRejectedValueOnce(failure('EIO'))
  await expect(file.cut(2)).rejects.toThrow('EIO')
  expect([file.sizeBytes, file.flushedBytes]).toEqual([2, 2])
  await file.close()
})

it('a disk that takes no byte is not asked again and again', async () => {
  const file = await AppendFile.open(newPath())
  jest.spyOn(handles, 'writev').mockResolvedValue({ bytesWritten: 0, buffers: [] })
  await expect(file.append([bytes('a')])).rejects.toThrow('the system took no byte')
  await file.close()
})

it('buffers are written as a whole though the disk takes them in small bites', async () => {
  const path = newPath()
  const file = await AppendFile.open(path)
  jest.spyOn(handles, 'writev').mockImplementation(inBitesOf(3))
  await file.append([bytes('ab'), bytes(''), bytes('cdefg'), bytes('h'), bytes('ij')])
  expect([file.sizeBytes, readFileSync(path, 'utf8')]).toEqual([10, 'abcdefghij'])
  await file.close()
})
