import { promisify } from 'node:util'
import { gzip, unzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { CompressionCodecs, CompressionTypes } from 'kafkajs'
import { repeatBytes, shortBytes, uncompressSnappy } from '../source-snappy'

/** A batch that would become larger than this is not uncompressed: a few bytes can claim any size. */
export const maxUncompressedBytes = 32 << 20

/**
 * Lets kafkajs read batches of every codec that Kafka has, none of them beyond `maxUncompressedBytes`, and write gzip.
 * May be called again.
 */
export function installCodecs(): void {
  CompressionCodecs[CompressionTypes.GZIP] = codec(
    (packed) => unpackGzip(packed, { maxOutputLength: maxUncompressedBytes }),
    ({ buffer }) => packGzip(buffer),
  )
  CompressionCodecs[CompressionTypes.Snappy] = codec((packed) =>
    uncompressXerial(packed, maxUncompressedBytes),
  )
  CompressionCodecs[CompressionTypes.LZ4] = codec((packed) => uncompressLz4(packed, maxUncompressedBytes))
  CompressionCodecs[CompressionTypes.ZSTD] = codec((packed) => uncompressZstd(packed, maxUncompressedBytes))
}

function codec(
  uncompress: (packed: Buffer) => Uint8Array | Promise<Uint8Array>,
  compress: (encoder: { readonly buffer: Buffer }) => Promise<Buffer> = () => {
    throw new Error('assay writes gzip or uncompressed')
  },
) {
  return () => ({ compress, decompress: async (packed: Buffer) => asBuffer(await uncompress(packed)) })
}

const packGzip = promisify(gzip)
const unpackGzip = promisify<Buffer, object, Buffer>(unzip)

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/**
 * Snappy as Kafka's clients write it: blocks, each behind its length, in the framing of xerial's library for Java; some
 * clients write one bare block.
 */
export function uncompressXerial(packed: Uint8Array, maxBytes: number): Uint8Array {
  const view = viewOf(packed)
  const isFramed = xerialMagic.every((byte, index) => packed[index] === byte)
  if (!isFramed) return uncompressSnappy(packed, maxBytes)
  const blocks: Uint8Array[] = []
  let bytes = 0
  for (let at = xerialHeadBytes; at < packed.length;) {
    if (packed.length - at < 4) throw new Error('snappy: it ends within the length of a block')
    const length = view.getUint32(at)
    at += 4
    if (length > packed.length - at) throw new Error('snappy: it ends within a block')
    const block = uncompressSnappy(packed.subarray(at, at + length), maxBytes - bytes)
    blocks.push(block)
    bytes += block.length
    at += length
  }
  return Buffer.concat(blocks, bytes)
}

const xerialMagic = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]
/** The magic and two versions. */
const xerialHeadBytes = 16

/**
 * One LZ4 frame; its checksums are passed over, since Kafka's own protect what lies in them.
 *
 * Source: lz4/lz4, doc/lz4_Frame_format.md and doc/lz4_Block_format.md.
 */
export function uncompressLz4(packed: Uint8Array, maxBytes: number): Uint8Array {
  const view = viewOf(packed)
  if (packed.length < 7 || view.getUint32(0, true) !== lz4Magic)
    throw new Error('lz4: it does not begin as a frame')
  const flags = packed[4]!
  const hasSize = (flags & 0x08) !== 0
  if ((flags & 0x01) !== 0) throw new Error('lz4: it needs a dictionary, which Kafka does not use')
  const blockTrailerBytes = (flags & 0x10) !== 0 ? 4 : 0
  const output = new Growing(maxBytes)

  for (let at = hasSize ? 15 : 7; ;) {
    if (packed.length - at < 4) throw new Error('lz4: it ends before its end mark')
    const length = view.getUint32(at, true) & 0x7fffffff
    const isPlain = view.getUint32(at, true) >= 0x80000000
    at += 4
    if (length === 0) return output.bytes()
    if (length > packed.length - at) throw new Error('lz4: it ends within a block')
    const block = packed.subarray(at, at + length)
    if (isPlain) output.append(block, 0, block.length)
    else uncompressLz4Block(block, output)
    at += length + blockTrailerBytes
  }
}

const lz4Magic = 0x184d2204
/** A length of 15, and each byte of 255 that follows, means that there is more of it. */
const lengthGoesOn = 255

function uncompressLz4Block({ buffer, byteOffset, length }: Uint8Array, output: Growing): void {
  // A Buffer is another class to the engine; see "inner loops" in `ingest/README.md`.
  const block = new Uint8Array(buffer, byteOffset, length)
  let at = 0
  const rest = (): number => {
    let length = 0
    for (;;) {
      if (at >= block.length) throw new Error('lz4: a block ends within a length')
      const part = block[at++]!
      length += part
      if (part !== lengthGoesOn) return length
    }
  }
  while (at < block.length) {
    const token = block[at++]!
    const literals = token >> 4 === 15 ? 15 + rest() : token >> 4
    if (literals > block.length - at) throw new Error('lz4: a literal is too long')
    output.append(block, at, at + literals)
    at += literals
    if (at === block.length) return
    if (block.length - at < 2) throw new Error('lz4: a block ends within an offset')
    const offset = block[at]! + block[at + 1]! * 256
    at += 2
    output.repeat(offset, ((token & 15) === 15 ? 15 + rest() : token & 15) + 4)
  }
}

/**
 * One Zstandard frame, as every client of Kafka writes it. Its window is checked first, because the decoder allocates
 * whatever is claimed, and for each frame anew.
 *
 * Source: RFC 8878, section 3.1.1.
 */
export function uncompressZstd(packed: Uint8Array, maxBytes: number): Uint8Array {
  const { headBytes, windowBytes, hasChecksum } = zstdHead(packed)
  if (windowBytes > maxBytes)
    throw new Error(`zstd: it claims ${windowBytes} bytes, more than the ${maxBytes} allowed`)
  if (zstdBlocksEnd(packed, headBytes) + (hasChecksum ? 4 : 0) !== packed.length)
    throw new Error('zstd: it is not one whole frame')
  const pieces: Uint8Array[] = []
  let bytes = 0
  const stream = new Decompress((piece) => {
    bytes += piece.length
    if (bytes > maxBytes) throw new Error(`zstd: it holds more than the ${maxBytes} bytes allowed`)
    pieces.push(piece)
  })
  stream.push(packed, true)
  return Buffer.concat(pieces, bytes)
}

interface ZstdHead {
  readonly headBytes: number
  readonly windowBytes: number
  readonly hasChecksum: boolean
}

function zstdHead(packed: Uint8Array): ZstdHead {
  const view = viewOf(packed)
  if (packed.length < 6 || view.getUint32(0, true) !== zstdMagic)
    throw new Error('zstd: it does not begin as a frame')
  const descriptor = packed[4]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const hasChecksum = (descriptor & 0x04) !== 0
  const sizeAt = (isSingleSegment ? 5 : 6) + [0, 1, 2, 4][descriptor & 3]!
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!
  const headBytes = sizeAt + sizeBytes
  if (packed.length < headBytes) throw new Error('zstd: it ends within its head')
  if (!isSingleSegment) {
    const exponent = packed[5]! >> 3
    const base = 2 ** (10 + exponent)
    return { headBytes, hasChecksum, windowBytes: base + (base / 8) * (packed[5]! & 7) }
  }
  let size = sizeBytes === 2 ? 256 : 0
  for (let index = 0; index < sizeBytes; index++) size += packed[sizeAt + index]! * 256 ** index
  return { headBytes, hasChecksum, windowBytes: size }
}

/** Where the last block of a frame ends: each has three bytes that tell its length, and whether another follows. */
function zstdBlocksEnd(packed: Uint8Array, headBytes: number): number {
  for (let at = headBytes; ;) {
    if (packed.length - at < 3) throw new Error('zstd: it ends within a block')
    const head = packed[at]! | (packed[at + 1]! << 8) | (packed[at + 2]! << 16)
    const isRun = ((head >> 1) & 3) === 1
    at += 3 + (isRun ? 1 : head >> 3)
    if ((head & 1) !== 0) return at
  }
}

const zstdMagic = 0xfd2fb528

/** Bytes of which only the most is known. */
class Growing {
  private memory = new Uint8Array(1 << 16)
  private view = viewOf(this.memory)
  private length = 0

  constructor(private readonly maxBytes: number) {}

  append(bytes: Uint8Array, start: number, end: number): void {
    const from = this.length
    this.reserve(end - start)
    const { memory } = this
    if (end - start > shortBytes) memory.set(bytes.subarray(start, end), from)
    else for (let at = start, to = from; at < end; at++, to++) memory[to] = bytes[at]!
    this.length = from + end - start
  }

  /** Appends bytes that lie `offset` before the end; they may overlap what is written, which is how runs are packed. */
  repeat(offset: number, length: number): void {
    if (offset === 0 || offset > this.length) throw new Error('a copy points outside')
    this.reserve(length)
    repeatBytes(this.view, offset, this.length, this.length + length)
    this.length += length
  }

  bytes(): Uint8Array {
    return this.memory.subarray(0, this.length)
  }

  /** Makes room for so many bytes, and for the few that `repeatBytes` may write behind them. */
  private reserve(bytes: number): void {
    const needed = this.length + bytes
    if (needed > this.maxBytes) throw new Error(`it holds more than the ${this.maxBytes} bytes allowed`)
    if (needed + 3 <= this.memory.length) return
    const larger = new Uint8Array(Math.min(this.maxBytes, Math.max(needed, 2 * this.memory.length)) + 3)
    larger.set(this.bytes())
    this.memory = larger
    this.view = viewOf(larger)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
