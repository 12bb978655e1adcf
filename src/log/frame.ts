import { crc32 } from 'node:zlib'
import { otherVersion } from '../model/formats'

/**
 * How records lie in a file of a log:
 *
 * ```
 *  header  40 bytes   magic, version, position of the first record; first position and bytes of the segment before
 *  frame   16 bytes   checksum, length, position, flushed; then the record, then zeros up to a multiple of 8
 *  frame   …
 * ```
 *
 * The checksum covers all of a frame behind itself. A frame carries its own position, so that one that lies in a wrong
 * place is found out, and how many bytes of the segment were flushed when it was written: what a later frame knows to
 * be flushed cannot be the torn end of a crash. All numbers are little-endian.
 */
export const headerBytes = 40
const frameBytes = 16
/** More than this, in one record or one append, is a mistake of the caller. */
export const maxAppendBytes = 1 << 30

const magic = 0x4c595341 // "ASYL"
const version = 1

export interface SegmentHeader {
  /** Position of the first record of this segment. */
  readonly first: number
  /** The same of the segment before, and the bytes it has; 0 and 0 when this is the first. */
  readonly previousFirst: number
  readonly previousBytes: number
}

export function writeHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(headerBytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(4, magic, true)
  view.setUint32(8, version, true)
  view.setBigUint64(16, BigInt(header.first), true)
  view.setBigUint64(24, BigInt(header.previousFirst), true)
  view.setBigUint64(32, BigInt(header.previousBytes), true)
  view.setUint32(0, crc32(bytes.subarray(4)), true)
  return bytes
}

/** What a header says, or in words why it is none; throws a `FormatError` where it is whole and of another version. */
export function readHeader(bytes: Uint8Array): SegmentHeader | string {
  const view = viewOf(bytes)
  if (bytes.length < headerBytes) return `a header has ${headerBytes} bytes, there are ${bytes.length}`
  if (view.getUint32(4, true) !== magic) return 'the file does not begin as a log segment'
  if (view.getUint32(0, true) !== crc32(bytes.subarray(4, headerBytes))) {
    return 'the checksum of the header does not match'
  }
  // Behind the checksum, so that a flipped bit is damage; it stays where it is in every version.
  if (view.getUint32(8, true) !== version) {
    throw otherVersion('a log segment of', { found: view.getUint32(8, true), expected: version })
  }
  return {
    first: Number(view.getBigUint64(16, true)),
    previousFirst: Number(view.getBigUint64(24, true)),
    previousBytes: Number(view.getBigUint64(32, true)),
  }
}

/** The buffers to write for these records, in order: the records themselves and what goes before and between them. */
export function frame(
  records: readonly Uint8Array[],
  { position, flushedBytes }: { position: number; flushedBytes: number },
): Uint8Array[] {
  // The padding of a record and the head of the next lie side by side, so that they are one buffer.
  const between = new Uint8Array(records.length * (frameBytes + 8))
  const view = new DataView(between.buffer)
  const buffers: Uint8Array[] = []
  let from = 0
  let at = 0
  records.forEach((record, index) => {
    const padding = paddedBytes(record.length) - record.length
    view.setUint32(at + 4, record.length, true)
    view.setUint32(at + 8, low(position + index), true)
    view.setUint32(at + 12, flushedBytes, true)
    const head = crc32(between.subarray(at + 4, at + frameBytes))
    const body = record.length === 0 ? head : crc32(record, head)
    view.setUint32(at, padding === 0 ? body : crc32(zeros.subarray(0, padding), body), true)
    buffers.push(between.subarray(from, at + frameBytes), record)
    from = at + frameBytes
    at = from + padding
  })
  buffers.push(between.subarray(from, at))
  return buffers
}

export type FrameOutcome =
  | { readonly kind: 'whole'; readonly record: Uint8Array; readonly nextAt: number }
  /** The bytes end before the frame does; `bytes` of it are needed to say more. */
  | { readonly kind: 'cut'; readonly bytes: number }
  | { readonly kind: 'damaged'; readonly what: string }

/** Reads the frame that begins at `at` and should hold the record of this position. The record is not copied. */
export function readFrame(bytes: Uint8Array, view: DataView, at: number, position: number): FrameOutcome {
  if (bytes.length - at < frameBytes) return { kind: 'cut', bytes: frameBytes }
  const length = view.getUint32(at + 4, true)
  if (view.getUint32(at + 8, true) !== low(position)) {
    return { kind: 'damaged', what: `record ${position} should be here and is not` }
  }
  if (length > maxAppendBytes) return { kind: 'damaged', what: `record ${position} has an impossible length` }
  const nextAt = at + frameBytes + paddedBytes(length)
  if (nextAt > bytes.length) return { kind: 'cut', bytes: nextAt - at }
  if (view.getUint32(at, true) !== crc32(bytes.subarray(at + 4, nextAt))) {
    return { kind: 'damaged', what: `the checksum of record ${position} does not match` }
  }
  return { kind: 'whole', record: bytes.subarray(at + frameBytes, at + frameBytes + length), nextAt }
}

/**
 * Whether a whole frame behind the start of these bytes knows that they had been flushed. The bytes begin at `offset`
 * of the segment, where the record of this position should be and is not.
 */
export function wasFlushed(
  bytes: Uint8Array,
  { offset, position }: { offset: number; position: number },
): boolean {
  const view = viewOf(bytes)
  const mostFrames = bytes.length / frameBytes
  for (let at = 8; at + frameBytes <= bytes.length; at += 8) {
    // Cheap looks first: nearly every place fails them, and only the rest cost a checksum.
    const flushedBytes = view.getUint32(at + 12, true)
    if (flushedBytes <= offset || flushedBytes > offset + at) continue
    const ahead = low(view.getUint32(at + 8, true) - low(position))
    if (ahead === 0 || ahead > mostFrames) continue
    if (readFrame(bytes, view, at, position + ahead).kind === 'whole') return true
  }
  return false
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Bytes that a record takes in a segment. */
export function storedBytes(record: Uint8Array): number {
  return frameBytes + paddedBytes(record.length)
}

/** Frames begin at multiples of 8, so that records do too and can be read where they lie. */
function paddedBytes(length: number): number {
  return Math.ceil(length / 8) * 8
}

function low(position: number): number {
  return position >>> 0
}

const zeros = new Uint8Array(8)
