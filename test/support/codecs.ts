import { CompressionCodecs, CompressionTypes } from 'kafkajs'

/**
 * Lets kafkajs write batches of the codecs that assay only reads. They are packed in the plainest way that brokers
 * take; what producers really pack with them is tried where brokers pack it.
 */
export function writeEveryCodec(): void {
  const codecs = CompressionCodecs as Record<number, () => { decompress(packed: Buffer): Promise<Buffer> }>
  for (const [type, pack] of packs) {
    const reader = codecs[type]!()
    const codec = {
      decompress: (packed: Buffer) => reader.decompress(packed),
      compress: ({ buffer }: { readonly buffer: Buffer }) => Promise.resolve(pack(buffer)),
    }
    codecs[type] = () => codec
  }
}

const packs = [
  [CompressionTypes.Snappy, packSnappy],
  [CompressionTypes.LZ4, packLz4],
  [CompressionTypes.ZSTD, packZstd],
] as const

/** Xerial's framing around one block of literals. */
function packSnappy(bytes: Buffer): Buffer {
  const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  const length: number[] = []
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  const literals = inPieces(bytes, 60).map((piece) =>
    Buffer.concat([Buffer.of((piece.length - 1) << 2), piece]),
  )
  const block = Buffer.concat([Buffer.from(length), ...literals])
  const blockLength = Buffer.alloc(4)
  blockLength.writeInt32BE(block.length)
  return Buffer.concat([magic, blockLength, block])
}

/** A frame of plain blocks; the last byte of its head is a checksum of the two before. */
function packLz4(bytes: Buffer): Buffer {
  const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
  const blocks = inPieces(bytes, 65_536).map((piece) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(0x80000000 + piece.length)
    return Buffer.concat([length, piece])
  })
  return Buffer.concat([head, ...blocks, Buffer.alloc(4)])
}

/** A frame of raw blocks with its size in four bytes. */
function packZstd(bytes: Buffer): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0])
  head.writeUInt32LE(bytes.length, 5)
  const pieces = inPieces(bytes, 65_536)
  const blocks = pieces.map((piece, index) => {
    const blockHead = Buffer.alloc(3)
    blockHead.writeUIntLE((piece.length << 3) | (index === pieces.length - 1 ? 1 : 0), 0, 3)
    return Buffer.concat([blockHead, piece])
  })
  return Buffer.concat([head, ...blocks])
}

function inPieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}
