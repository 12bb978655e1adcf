import { createCipheriv } from 'node:crypto'
import zlib from 'node:zlib'
import { frame, readFrame, readHeader, storedBytes, viewOf, wasFlushed, writeHeader } from './frame'

const record = (...bytes: number[]) => Uint8Array.from(bytes)
const framed = (position: number, flushedBytes: number, ...records: Uint8Array[]) =>
  new Uint8Array(Buffer.concat(frame(records, { position, flushedBytes })))

describe('a frame', () => {
  it('gives back its record, and where the next one begins', () => {
    const bytes = framed(7, 0, record(1, 2, 3), record(), record(4, 5, 6, 7, 8, 9, 10, 11))
    const view = viewOf(bytes)
    expect(readFrame(bytes, view, 0, 7)).toEqual({ kind: 'whole', record: record(1, 2, 3), nextAt: 24 })
    expect(readFrame(bytes, view, 24, 8)).toEqual({ kind: 'whole', record: record(), nextAt: 40 })
    expect(readFrame(bytes, view, 40, 9)).toMatchObject({ kind: 'whole', nextAt: 64 })
    expect(bytes.length).toBe(64)
  })

  it('takes as many bytes as said beforehand', () => {
    for (let length = 0; length < 20; length++) {
      expect(framed(0, 0, new Uint8Array(length)).length).toBe(storedBytes(new Uint8Array(length)))
    }
  })

  it('knows its place beyond four thousand million records', () => {
    const position = 2 ** 40 + 5
    const bytes = framed(position, 0, record(1))
    expect(readFrame(bytes, viewOf(bytes), 0, position).kind).toBe('whole')
    expect(readFrame(bytes, viewOf(bytes), 0, position + 1).kind).toBe('damaged')
  })

  it('is not taken for one when all is zero, as a disk may leave it', () => {
    const zeros = new Uint8Array(64)
    expect(readFrame(zeros, viewOf(zeros), 0, 0).kind).toBe('damaged')
  })

  it('says what is wrong with it', () => {
    const bytes = framed(7, 0, record(1))
    const view = viewOf(bytes)
    const what = (position: number) => readFrame(bytes, view, 0, position)
    expect(what(8)).toEqual({ kind: 'damaged', what: 'record 8 should be here and is not' })
    view.setUint32(4, 1 << 30, true)
    expect(what(7)).toEqual({ kind: 'cut', bytes: 16 + (1 << 30) })
    view.setUint32(4, (1 << 30) + 1, true)
    expect(what(7)).toEqual({ kind: 'damaged', what: 'record 7 has an impossible length' })
  })

  it('that is cut says how much of it is needed', () => {
    const bytes = framed(0, 0, record(1, 2, 3))
    const cut = (length: number) => readFrame(bytes.subarray(0, length), viewOf(bytes), 0, 0)
    expect(cut(15)).toEqual({ kind: 'cut', bytes: 16 })
    expect(cut(23)).toEqual({ kind: 'cut', bytes: 24 })
  })
})

describe('what lies behind a record that is not whole', () => {
  it('shows that it had been flushed when a later frame says so', () => {
    //        0        24       48
    //  flushed 0      0        24      the last was written when 24 bytes were safe
    const bytes = new Uint8Array([...framed(0, 0, record(1), record(2)), ...framed(2, 24, record(3))])
    expect(wasFlushed(bytes, { offset: 0, position: 0 })).toBe(true)
    expect(wasFlushed(bytes.subarray(24), { offset: 24, position: 1 })).toBe(false)
  })

  it('shows it by a frame without a record too, and by one that was written when all before it was safe', () => {
    const behind = (...frames: Uint8Array[]) =>
      new Uint8Array(Buffer.concat([framed(0, 0, record(1)), ...frames]))
    expect(wasFlushed(behind(framed(1, 24, record())), { offset: 0, position: 0 })).toBe(true)
  })

  it.each([
    ['is that record itself', framed(0, 24, record(2))],
    ['claims more than lies before it', framed(1, 25, record(2))],
    ['is damaged as well', framed(1, 24, record(2)).with(20, 3)],
  ])('shows nothing by a frame that %s', (_, behind) => {
    const bytes = new Uint8Array(Buffer.concat([framed(0, 0, record(1)), behind]))
    expect(wasFlushed(bytes, { offset: 0, position: 0 })).toBe(false)
  })

  it('is searched with few checksums, however long and whatever it is', () => {
    const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
      Buffer.alloc(16 << 20),
    )
    const checksums = jest.spyOn(zlib, 'crc32')
    expect(wasFlushed(noise, { offset: 4096, position: 1000 })).toBe(false)
    const looked = checksums.mock.calls.reduce((bytes, [data]) => bytes + Buffer.byteLength(data), 0)
    checksums.mockRestore()
    expect(looked).toBeLessThan(noise.length)
  })
})

describe('a header', () => {
  it('names its segment and the one before', () => {
    const header = { first: 2 ** 45, previousFirst: 2 ** 44 + 1, previousBytes: 67_108_872 }
    expect(readHeader(writeHeader(header))).toEqual(header)
  })

  it('says what is wrong with it', () => {
    const bytes = writeHeader({ first: 0, previousFirst: 0, previousBytes: 0 })
    expect(readHeader(bytes.subarray(0, 39))).toBe('a header has 40 bytes, there are 39')
    bytes[39] = 1
    expect(readHeader(bytes)).toBe('the checksum of the header does not match')
  })
})
