import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { CompressionCodecs, CompressionTypes } from 'kafkajs'
import {
  installCodecs,
  maxUncompressedBytes,
  uncompressLz4,
  uncompressXerial,
  uncompressZstd,
} from './codecs'

// What real brokers compress is read in test/integration/kafka-raw.test.ts; here are the limits and damage.

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const bytesOf = (...parts: (string | number[] | Buffer)[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  )
const word = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255]

/** A frame of LZ4 of blocks, each with whether it is plain. */
function lz4(...blocks: [Buffer, 'packed' | 'plain'][]): Buffer {
  const head = bytesOf(word(0x184d2204), [0x60, 0x40, 0x82])
  const framed = blocks.map(([block, kind]) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE((block.length | (kind === 'plain' ? 0x80000000 : 0)) >>> 0)
    return Buffer.concat([length, block])
  })
  return Buffer.concat([head, ...framed, Buffer.alloc(4)])
}

describe('lz4', () => {
  it('gives literals, copies, runs and plain blocks, also where a copy reaches into the block before', () => {
    const packed = lz4(
      // "abcd", then 4 + 2 bytes from 4 before; "x", then 4 + 15 + 3 bytes from 1 before; "end"
      [bytesOf([0x42], 'abcd', [4, 0], [0x1f], 'x', [1, 0, 3], [0x30], 'end'), 'packed'],
      [bytesOf('plain'), 'plain'],
      [bytesOf([0x01], [8, 0], [0x10], '!'), 'packed'],
    )
    expect(text(uncompressLz4(packed, 1000))).toBe(`abcdabcdab${'x'.repeat(23)}endplainendpl!`)
  })

  it('gives pieces of every length and from every distance', () => {
    const piece = fc.record({
      literal: fc.uint8Array({ minLength: 1, maxLength: 90 }),
      back: fc.nat(200),
      size: fc.integer({ min: 4, max: 300 }),
    })
    const more = (length: number) =>
      length < 15 ? [] : [...Array<number>(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255]
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const plain: number[] = []
        const packed: number[] = []
        for (const { literal, back, size } of pieces) {
          plain.push(...literal)
          const offset = 1 + (back % plain.length)
          for (let index = 0; index < size; index++) plain.push(plain[plain.length - offset]!)
          packed.push((Math.min(literal.length, 15) << 4) | Math.min(size - 4, 15), ...more(literal.length))
          packed.push(...literal, offset & 255, offset >> 8, ...more(size - 4))
        }
        const frame = lz4([bytesOf(packed, [0]), 'packed'])
        expect([...uncompressLz4(frame, plain.length)]).toEqual(plain)
      }),
      { numRuns: 300 },
    )
  })

  it('stops at the bytes allowed, however few it is packed in', () => {
    const bomb = lz4([bytesOf([0x1f], 'x', [1, 0], Array<number>(100_000).fill(255), [0], [0x00]), 'packed'])
    expect(() => uncompressLz4(bomb, 1 << 20)).toThrow('more than the 1048576 bytes allowed')
  })

  it('refuses copies from outside', () => {
    expect(() => uncompressLz4(lz4([bytesOf([0x10], 'a', [2, 0]), 'packed']), 100)).toThrow('outside')
    expect(() => uncompressLz4(lz4([bytesOf([0x10], 'a', [0, 0]), 'packed']), 100)).toThrow('outside')
  })
})

describe('snappy', () => {
  const block = bytesOf([6], [5 << 2], 'snappy')

  it('comes bare or in frames of several blocks', () => {
    const frame = bytesOf(
      [0x82],
      'SNAPPY',
      [0],
      [0, 0, 0, 1, 0, 0, 0, 1],
      [0, 0, 0, 8],
      block,
      [0, 0, 0, 8],
      block,
    )
    expect(text(uncompressXerial(block, 100))).toBe('snappy')
    expect(text(uncompressXerial(frame, 100))).toBe('snappysnappy')
    expect(() => uncompressXerial(frame, 11)).toThrow('more than the 5 allowed')
    expect(() => uncompressXerial(frame.subarray(0, -1), 100)).toThrow('ends within a block')
  })
})

describe('zstd', () => {
  const zstd = (...head: number[]) => bytesOf(word(0xfd2fb528), head)

  it('gives the bytes of a plain and of a run block', () => {
    // One segment of 9 bytes: "abcd" plain, then five times "x" as the last.
    const packed = bytesOf(zstd(0x20, 9), [4 << 3, 0, 0], 'abcd', [(5 << 3) | 3, 0, 0], 'x')
    expect(text(uncompressZstd(packed, 100))).toBe('abcdxxxxx')
    expect(() => uncompressZstd(packed, 8)).toThrow('claims 9 bytes, more than the 8 allowed')
  })

  it('refuses a window or a size beyond the limit before it allocates any', () => {
    expect(() => uncompressZstd(zstd(0x00, 0xa0, 1, 0, 0), 1 << 20)).toThrow('claims 1073741824 bytes')
    expect(() => uncompressZstd(zstd(0xe0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0), 1 << 20)).toThrow(
      'claims 4294967296 bytes',
    )
  })

  it('takes a frame with a window, the size of its content and a checksum', () => {
    const packed = bytesOf(zstd(0x44, 0, 0, 0), [(4 << 3) | 1, 0, 0], 'abcd', [1, 2, 3, 4])
    expect(text(uncompressZstd(packed, 1 << 20))).toBe('abcd')
    expect(() => uncompressZstd(packed.subarray(0, -1), 1 << 20)).toThrow('not one whole frame')
  })

  it('refuses whatever follows the frame: each one more could claim a gigabyte', () => {
    const one = bytesOf(zstd(0x00, 0), [(4 << 3) | 1, 0, 0], 'abcd')
    const claiming = bytesOf(zstd(0x00, 0xa0), [(4 << 3) | 1, 0, 0], 'abcd')
    expect(text(uncompressZstd(one, 1 << 20))).toBe('abcd')
    for (const rest of [claiming, one, bytesOf('x')]) {
      expect(() => uncompressZstd(bytesOf(one, rest), 1 << 20)).toThrow('not one whole frame')
    }
  })

  it('stops a run that goes beyond the limit although its window is small', () => {
    const runs = Array.from({ length: 20 }, (_, index) => [
      0x02 | (index === 19 ? 1 : 0),
      0,
      0x08,
      120,
    ]).flat()
    // Each block is a run of 64 kB in a window of 64 kB.
    expect(() => uncompressZstd(bytesOf(zstd(0x00, 6 << 3), runs), 1 << 18)).toThrow('more than')
  })
})

describe('damage', () => {
  it.each([
    [
      'lz4',
      uncompressLz4,
      lz4([bytesOf([0x42], 'abcd', [4, 0], [0x1f], 'x', [1, 0, 3], [0x30], 'end'), 'packed']),
    ],
    [
      'snappy',
      uncompressXerial,
      bytesOf([0x82], 'SNAPPY', [0], [0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0, 8], [6], [5 << 2], 'snappy'),
    ],
    [
      'zstd',
      uncompressZstd,
      bytesOf(word(0xfd2fb528), [0x20, 9], [4 << 3, 0, 0], 'abcd', [(5 << 3) | 3, 0, 0], 'x'),
    ],
  ])('of %s is an error or other bytes within the limit', (_name, uncompress, whole) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), (changes, cut) => {
        const damaged = Buffer.from(whole.subarray(0, whole.length - (cut % 3)))
        for (const [at, value] of changes) damaged[at % damaged.length] = value
        try {
          expect(uncompress(damaged, 10_000).length).toBeLessThanOrEqual(10_000)
        } catch (error) {
          expect((error as Error).message).not.toBe('')
          expect(error).not.toBeInstanceOf(TypeError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('gzip in kafkajs', () => {
  it('stops at the bytes allowed, and comes back as it was written', async () => {
    installCodecs()
    const codec = (
      CompressionCodecs[CompressionTypes.GZIP] as () => {
        compress(encoder: object): Promise<Buffer>
        decompress(packed: Buffer): Promise<Buffer>
      }
    )()
    const packed = await codec.compress({ buffer: Buffer.from('gzip') })
    expect(text(await codec.decompress(packed))).toBe('gzip')
    await expect(codec.decompress(gzipSync(Buffer.alloc(maxUncompressedBytes + 1)))).rejects.toThrow(
      'larger than',
    )
  })
})
