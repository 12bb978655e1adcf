import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import avro from 'avsc'
import fc from 'fast-check'
import { UnreachableError } from '../model/errors'
import { maxRecordBytes } from '../model/record'
import type { AvroChunk, RecordChunk } from '../model/record'
import { readSource } from './source'
import type { SourceOptions } from './source'
import { uncompressSnappy } from './source-snappy'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-source-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

/** Everything that a source gives; chunks are copied, since the next one overwrites them. */
async function read(path: string, options: SourceOptions = {}): Promise<RecordChunk[]> {
  const chunks: RecordChunk[] = []
  for await (const chunk of readSource(path, options)) chunks.push({ ...chunk, bytes: chunk.bytes.slice() })
  return chunks
}

function textOf(chunks: readonly RecordChunk[]): string {
  return Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()
}

/** Each chunk begins where the one before ends, and all but the last are whole lines. */
function expectInOrder(chunks: readonly RecordChunk[], fromPosition = 0): void {
  chunks.reduce((position, chunk, index) => {
    expect(chunk.position).toBe(position)
    if (chunk.format === 'lines' && index < chunks.length - 1) expect(chunk.bytes.at(-1)).toBe(0x0a)
    return chunk.nextPosition
  }, fromPosition)
}

/** Lines of every length, some longer than a read, with a torn one at the end. */
const lines =
  Array.from({ length: 3000 }, (_, index) => `{"n":${index},"x":"${'é'.repeat((index * 37) % 700)}"}\n`).join(
    '',
  ) +
  `${'y'.repeat(200_000)}\n`.repeat(9) +
  '{"torn"'

describe('a file of lines', () => {
  it('is given in whole lines, the last one as it is', async () => {
    const chunks = await read(await file('plain.ndjson', lines))
    expect(textOf(chunks)).toBe(lines)
    expectInOrder(chunks)
    expect(chunks.length).toBeGreaterThan(3)
  })

  it('is the same compressed, told by its first bytes whatever its name', async () => {
    for (const name of ['a.ndjson.gz', 'a.ndjson']) {
      const chunks = await read(await file(name, gzipSync(lines)))
      expect(textOf(chunks)).toBe(lines)
      expectInOrder(chunks)
    }
  })

  it('may be several compressed files, one behind the other', async () => {
    const path = await file('members.ndjson.gz', Buffer.concat([gzipSync('1\n2'), gzipSync('3\n4\n')]))
    expect(textOf(await read(path))).toBe('1\n23\n4\n')
  })

  it('may be filled up with zeros where it is compressed', async () => {
    const path = await file('padded.ndjson.gz', Buffer.concat([gzipSync('1\n'), Buffer.alloc(300_000)]))
    expect(textOf(await read(path))).toBe('1\n')
  })

  it('goes on where a chunk ended', async () => {
    for (const path of [await file('on.ndjson', lines), await file('on.ndjson.gz', gzipSync(lines))]) {
      for (const { nextPosition } of await read(path)) {
        const rest = await read(path, { fromPosition: nextPosition })
        expect(textOf(rest)).toBe(Buffer.from(lines).subarray(nextPosition).toString())
        expectInOrder(rest, nextPosition)
      }
    }
  })

  it('may be empty', async () => {
    expect(await read(await file('empty.ndjson', ''))).toEqual([])
    expect(await read(await file('empty.ndjson.gz', gzipSync('')))).toEqual([])
  })

  it('keeps only the beginning of a giant line, and goes on behind it', async () => {
    const giant = 'g'.repeat(5 << 20)
    for (const content of [`1\n${giant}\n2\n`, `1\n${giant}`]) {
      const chunks = await read(await file('giant.ndjson', content))
      expect(chunks[1]!.bytes.length).toBe(maxRecordBytes + 1)
      expect(chunks[1]!.position).toBe(2)
      expect(chunks.at(-1)!.nextPosition).toBe(content.length)
      expectInOrder(chunks.slice(0, 2))
      if (chunks.length > 2) expect(textOf(chunks.slice(2))).toBe('2\n')
    }
  })

  it('is uncompressed a little at a time, so that 1 GB from 1 MB does not fill the memory', async () => {
    const tenMegabytes = Buffer.alloc(10 << 20)
    const path = await file('bomb.ndjson.gz', Buffer.concat(Array<Buffer>(100).fill(gzipSync(tenMegabytes))))
    const before = process.memoryUsage().rss
    const chunks = await read(path)
    expect(chunks.map(({ nextPosition }) => nextPosition)).toEqual([1000 << 20])
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
  })
})

describe('a pipe', () => {
  const pieces = (...texts: (string | Uint8Array)[]): Readable =>
    Readable.from(texts.map((text) => Buffer.from(text as string)))

  it('is the standard input when it is called -', async () => {
    const chunks = await read('-', { standardInput: pieces('1\n2', '2', '2\n3\n', '4') })
    expect(textOf(chunks)).toBe('1\n222\n3\n4')
    expectInOrder(chunks)
  })

  it('may be compressed', async () => {
    const packed = gzipSync(lines)
    const standardInput = pieces(packed.subarray(0, 1000), packed.subarray(1000))
    expect(textOf(await read('-', { standardInput }))).toBe(lines)
  })

  it('goes on from a position, as it cannot be read again', async () => {
    const chunks = await read('-', { standardInput: pieces('1\n2\n'), fromPosition: 100 })
    expect(textOf(chunks)).toBe('1\n2\n')
    expectInOrder(chunks, 100)
  })

  it('may be empty', async () => {
    expect(await read('-', { standardInput: pieces() })).toEqual([])
  })

  it('may have a name', async () => {
    if (process.platform === 'win32') return
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const [chunks] = await Promise.all([read(path), writeFile(path, '1\n2\n')])
    expect(textOf(chunks)).toBe('1\n2\n')
  })
})

/** What the records of a container file look like, written with the codec and in blocks of a few. */
const schema = { type: 'record', name: 'Click', fields: [{ name: 'eventId', type: 'string' }] } as const

async function container(codec: string, events = 1000): Promise<Buffer> {
  const codecs = {
    null: (bytes: Buffer, done: (error: Error | null, packed: Buffer) => void) => {
      done(null, bytes)
    },
    deflate: (bytes: Buffer, done: (error: Error | null, packed: Buffer) => void) => {
      done(null, deflateRawSync(bytes))
    },
    snappy: (bytes: Buffer, done: (error: Error | null, packed: Buffer) => void) => {
      done(null, snappyBlock(bytes))
    },
  }
  const encoder = new avro.streams.BlockEncoder(schema as unknown as avro.Schema, {
    codec,
    codecs,
    blockSize: 2000,
    writeHeader: 'always' as never,
  })
  const parts: Buffer[] = []
  encoder.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise((resolve) => encoder.on('end', resolve))
  for (let index = 0; index < events; index++) encoder.write({ eventId: `event ${index}` })
  encoder.end()
  await ended
  return Buffer.concat(parts)
}

/** Snappy of a single literal, with the checksum that Avro adds. */
function snappyBlock(bytes: Buffer): Buffer {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(bytes))
  return Buffer.concat([
    Buffer.from([...varint(bytes.length), 62 << 2]),
    length24(bytes.length - 1),
    bytes,
    checksum,
  ])
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]
}

function length24(value: number): Buffer {
  const bytes = Buffer.alloc(3)
  bytes.writeUIntLE(value, 0, 3)
  return bytes
}

function eventIds(chunks: readonly RecordChunk[]): string[] {
  const type = avro.Type.forSchema(schema as unknown as avro.Schema)
  const ids: string[] = []
  for (const { bytes, count } of chunks as AvroChunk[]) {
    for (let at = 0, record = 0; record < count; record++) {
      const decoded: { value: unknown; offset: number } = type.decode(Buffer.from(bytes), at)
      ids.push((decoded.value as { eventId: string }).eventId)
      at = decoded.offset
    }
  }
  return ids
}

describe('an Avro container file', () => {
  const all = Array.from({ length: 1000 }, (_, index) => `event ${index}`)

  it.each(['null', 'deflate', 'snappy'])('is read in blocks, with the codec %s', async (codec) => {
    const chunks = await read(await file('x.avro', await container(codec)))
    expect(chunks.length).toBeGreaterThan(3)
    expectInOrder(chunks)
    expect(JSON.parse((chunks[0] as AvroChunk).schema)).toEqual(schema)
    expect(eventIds(chunks)).toEqual(all)
  })

  it('goes on with the block that holds the next record', async () => {
    const path = await file('on.avro', await container('deflate'))
    const chunks = await read(path)
    for (const [index, { position, nextPosition }] of chunks.entries()) {
      expect(eventIds(await read(path, { fromPosition: nextPosition }))).toEqual(all.slice(nextPosition))
      expect((await read(path, { fromPosition: position + 1 })).length).toBe(chunks.length - index)
    }
  })

  it('may be empty', async () => {
    expect(await read(await file('none.avro', await container('null', 0)))).toEqual([])
  })

  it('is refused with a sentence where it is cut, wherever that is', async () => {
    const whole = await container('null', 300)
    for (const length of [5, 50, 200, whole.length >> 1, whole.length - 17, whole.length - 1]) {
      const path = await file('cut.avro', whole.subarray(0, length))
      await expect(read(path)).rejects.toThrow(/should be an Avro object container file, but before byte \d+/)
    }
  })

  it('is refused where a block does not end in the marker', async () => {
    const whole = await container('null', 300)
    whole.set([whole.at(-1)! ^ 1], whole.length - 1)
    await expect(read(await file('marker.avro', whole))).rejects.toThrow('does not end in the marker')
  })

  it('is refused where a block claims too much, before anything is allocated for it', async () => {
    const whole = await container('null', 1)
    const header = whole.subarray(0, whole.indexOf('event 0') - 3)
    const claims = [[2, 0x80, 0x80, 0x80, 0x80, 0x80, 1], [1, 2, 0], [2, 1, 0], Array<number>(12).fill(0xff)]
    for (const claim of claims) {
      const path = await file('claim.avro', Buffer.concat([header, Buffer.from(claim)]))
      await expect(read(path)).rejects.toThrow(UnreachableError)
    }
  })

  it('is refused where a block would give more than 32 MB', async () => {
    const bomb = deflateRawSync(Buffer.alloc(40 << 20))
    const whole = await container('deflate', 1)
    const marker = whole.subarray(whole.length - 16)
    const header = whole.subarray(0, whole.indexOf(marker) + 16)
    const block = Buffer.concat([Buffer.from([2, ...varint(bomb.length * 2)]), bomb, marker])
    const path = await file('bomb.avro', Buffer.concat([header, block]))
    await expect(read(path)).rejects.toThrow('a block cannot be uncompressed')
  })

  it('is refused with a codec that nobody here knows', async () => {
    const other = Buffer.from(
      (await container('deflate', 1)).toString('latin1').replace('deflate', 'deflatf'),
      'latin1',
    )
    await expect(read(await file('codec.avro', other))).rejects.toThrow(
      'should use the codec null, deflate or snappy, but uses deflatf; write it anew',
    )
  })
})

/** A container file put together by hand: entries of its header, then blocks. */
function containerOf(header: Uint8Array, ...blocks: (readonly [count: number, bytes: Uint8Array])[]): Buffer {
  const framed = blocks.map(([count, bytes]) =>
    Buffer.concat([long(count), long(bytes.length), bytes, blockMarker]),
  )
  return Buffer.concat([Buffer.from('Obj\u0001'), header, blockMarker, ...framed])
}

const blockMarker = Buffer.alloc(16, 7)

function long(value: number): Buffer {
  return Buffer.from(varint(value < 0 ? -2 * value - 1 : 2 * value))
}

function entries(...pairs: (readonly [key: string, value: string])[]): Buffer {
  const text = (of: string): Buffer => Buffer.concat([long(Buffer.byteLength(of)), Buffer.from(of)])
  return Buffer.concat(pairs.flatMap((pair) => pair.map(text)))
}

describe('the header of an Avro container file', () => {
  const schemaEntry = ['avro.schema', '"string"'] as const
  const header = (...pairs: (readonly [key: string, value: string])[]): Buffer =>
    Buffer.concat([long(pairs.length), entries(...pairs), long(0)])
  const bytesIn = async (whole: Buffer): Promise<string> =>
    textOf(await read(await file('by-hand.avro', whole)))

  it('may come in several parts, of which some tell their size, and names no codec where there is none', async () => {
    const parts = Buffer.concat([
      long(1),
      entries(['x', 'y']),
      long(-1),
      long(21),
      entries(schemaEntry),
      long(0),
    ])
    expect(await bytesIn(containerOf(parts, [1, Buffer.from('abc')], [2, Buffer.from('def')]))).toBe('abcdef')
  })

  it('may have a thousand entries, of which one may have a megabyte', async () => {
    const many = Array.from({ length: 998 }, (_, index) => [`key ${index}`, ''] as const)
    const whole = header(schemaEntry, ['large', 'x'.repeat(1 << 20)], ...many)
    expect(await bytesIn(containerOf(whole, [1, Buffer.from('abc')]))).toBe('abc')
  })

  const packed = (codec: string, block: Uint8Array, count = 1): Buffer =>
    containerOf(header(schemaEntry, ['avro.codec', codec]), [count, block])
  it.each([
    ['no schema', containerOf(header(['x', 'y'])), 'before byte 10 its header names no schema'],
    [
      'too many entries',
      containerOf(header(...Array.from({ length: 1001 }, (_, index) => [`key ${index}`, ''] as const))),
      'its header has more than 1,000 entries',
    ],
    [
      'an entry that is too large',
      containerOf(header(schemaEntry, ['x', 'x'.repeat((1 << 20) + 1)])),
      'its header claims an entry of 1048577 bytes',
    ],
    [
      'an entry of less than nothing',
      containerOf(Buffer.concat([long(1), long(-3)])),
      'its header claims an entry of -3 bytes',
    ],
    [
      'a number that is too long',
      containerOf(Buffer.alloc(10, 0x80)),
      'before byte 14 a number is longer than ten bytes',
    ],
    [
      'a snappy block shorter than its checksum',
      packed('snappy', Buffer.of(1, 2, 3)),
      'a block cannot be uncompressed (a block is shorter than its checksum)',
    ],
    [
      'a snappy block of another checksum',
      packed('snappy', Buffer.of(1, 0, 7, 1, 2, 3, 4)),
      'a block cannot be uncompressed (a block differs from its checksum)',
    ],
    ['a negative count', packed('null', Buffer.of(1), -1), 'a block claims to hold -1 records in 1 bytes'],
  ])('is refused with a sentence where there is %s', async (_, whole, message) => {
    await expect(bytesIn(whole)).rejects.toThrow(message)
  })
})

it('reads blocks of an Avro container file that are larger than what is read at once, and passes over them', async () => {
  const sizes = [10, 3_000_000, 20, 1_500_000, 30]
  const blocks = sizes.map((size, index) => [2, new Uint8Array(size).fill(65 + index)] as const)
  const path = await file(
    'large.avro',
    containerOf(Buffer.concat([long(1), entries(['avro.schema', '"string"']), long(0)]), ...blocks),
  )
  for (let from = 0; from <= sizes.length; from++) {
    const chunks = await read(path, { fromPosition: 2 * from })
    expect(chunks.map(({ position, bytes }) => [position, bytes.length, bytes[0]])).toEqual(
      sizes.map((size, index) => [2 * index, size, 65 + index]).slice(from),
    )
  }
})

describe('a file that changes while it is read', () => {
  /** Reads a file, of which something is done after the first chunk. */
  async function readWith(path: string, meanwhile: () => Promise<void>): Promise<RecordChunk[]> {
    const chunks: RecordChunk[] = []
    for await (const chunk of readSource(path)) {
      chunks.push({ ...chunk, bytes: chunk.bytes.slice() })
      if (chunks.length === 1) await meanwhile()
    }
    return chunks
  }

  const line = `${'x'.repeat(99)}\n`
  /** Members that do not become shorter by being compressed. */
  const members = Array.from({ length: 6 }, () =>
    gzipSync(randomBytes(750_000).toString('base64').replace(/.{99}/g, '$&\n')),
  )
  const avroBlocks = Array.from({ length: 8 }, () => [1, randomBytes(700_000)] as const)
  const avroHeader = Buffer.concat([long(1), entries(['avro.schema', '"string"']), long(0)])

  it.each([
    ['lines, behind what was read', 'ndjson', Buffer.from(line.repeat(50_000)), 3_000_000],
    ['lines, before what was read', 'ndjson', Buffer.from(line.repeat(50_000)), 100],
    ['lines, to nothing', 'ndjson', Buffer.from(line.repeat(50_000)), 0],
    ['gzip, in a member', 'gz', Buffer.concat(members), 500_000],
    ['gzip, where a member ends', 'gz', Buffer.concat(members), members[0]!.length],
    ['Avro, in a block', 'avro', containerOf(avroHeader, ...avroBlocks), 2_000_000],
    [
      'Avro, where a block ends',
      'avro',
      containerOf(avroHeader, ...avroBlocks),
      containerOf(avroHeader, ...avroBlocks.slice(0, 4)).length,
    ],
  ])('is an error where it becomes shorter: %s', async (_, ending, content, left) => {
    const path = await file(`shorter.${ending}`, content)
    await expect(readWith(path, () => truncate(path, left))).rejects.toThrow(
      `${path} should keep what it holds while it is read, but had ${content.length} bytes and now has ${left}; give a file that nobody empties or writes anew meanwhile`,
    )
  })

  it('is an error where it grew first', async () => {
    const path = await file('grown.ndjson', line.repeat(20_000))
    const reading = readSource(path)
    let read = (await reading.next()).value!.nextPosition
    await appendFile(path, line.repeat(30_000))
    while (read < 4_000_000) read = (await reading.next()).value!.nextPosition
    await truncate(path, 2_500_000)
    await expect(async () => {
      while ((await reading.next()).done !== true);
    }).rejects.toThrow(/but had \d+ bytes and now has 2500000/)
  })

  it('is an error where it is written anew, and longer than before', async () => {
    const path = await file('anew.ndjson', line.repeat(50_000))
    const other = line.replace('x', 'y').repeat(60_000)
    await expect(readWith(path, () => writeFile(path, other))).rejects.toThrow(
      `${path} should keep what it holds while it is read, but begins otherwise than when it was opened; give a file`,
    )
  })

  it('is read to its new end where it grows', async () => {
    const path = await file('growing.ndjson', line.repeat(50_000))
    const chunks = await readWith(path, () => appendFile(path, line.repeat(30_000)))
    expect(chunks.at(-1)!.nextPosition).toBe(8_000_000)
    expectInOrder(chunks)
  })

  it('has no length that could be looked at where the system makes it up', async () => {
    if (process.platform !== 'linux') return
    expect(textOf(await read('/proc/self/status'))).toMatch(/^Pid:\t/m)
  })
})

describe('a source that cannot be read', () => {
  it.each([
    ['UTF-16', [0xff, 0xfe, 0x7b, 0], /begins as UTF-16; write it in UTF-8/],
    ['UTF-16 without a mark', [0x7b, 0, 0x22, 0], /as UTF-16; .* "iconv -f UTF-16LE -t UTF-8"/],
    ['UTF-16 without a mark, the other way round', [0, 0x7b, 0, 0x22], /as UTF-16; .* "iconv -f UTF-16BE/],
    ['UTF-32', [0xff, 0xfe, 0, 0], /begins as UTF-32; .* "iconv -f UTF-32 -t UTF-8"/],
    ['UTF-16, the other way round', [0xfe, 0xff, 0, 0x7b], /begins as UTF-16; write it in UTF-8/],
    ['zip', [0x50, 0x4b, 3, 4], /begins as zip; unpack it, or pipe it in, as with "unzip -p/],
    ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd], /begins as Zstandard; pipe it in, as with "zstdcat/],
    ['xz', [0xfd, 0x37, 0x7a, 0x58], /begins as xz; pipe it in, as with "xzcat/],
    ['bzip2', [0x42, 0x5a, 0x68, 0x39], /begins as bzip2; pipe it in, as with "bzcat/],
    [
      'Parquet',
      [0x50, 0x41, 0x52, 0x31],
      /begins as Parquet; write it as JSON lines or as an Avro container/,
    ],
  ])('is refused where it is %s, also from a pipe', async (_, begin, message) => {
    const bytes = Buffer.from([...begin, 1, 2, 3])
    const path = await file('foreign.ndjson', bytes)
    await expect(read(path)).rejects.toThrow(message)
    await expect(read('-', { standardInput: Readable.from([bytes]) })).rejects.toThrow(message)
    // What a pipe goes on with may begin as it likes.
    expect(textOf(await read('-', { standardInput: Readable.from([bytes]), fromPosition: 9 }))).toBe(
      bytes.toString(),
    )
  })

  it('is refused where it is Avro that comes through a pipe', async () => {
    const standardInput = Readable.from([await container('null')])
    await expect(read('-', { standardInput })).rejects.toThrow(/but begins as Avro; write it to a file/)
  })

  it('says what the system says where that cannot read it', async () => {
    if (process.platform !== 'linux') return
    // Nothing lies at the address 0.
    await expect(read('/proc/self/mem')).rejects.toThrow(/mem cannot be read \(EIO.*see what the system/)
  })

  it('says that it is empty where it is called Avro', async () => {
    await expect(read(await file('empty.avro', ''))).rejects.toThrow('but it is empty; give a file')
  })

  it('fails as its pipe does', async () => {
    // eslint-disable-next-line @typescript-eslint/require-await -- it only gives and fails
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from('1\n')
      throw Object.assign(new Error('gone'), { code: 'EIO' })
    }
    await expect(read('-', { standardInput: Readable.from(failing()) })).rejects.toThrow(
      'the standard input cannot be read (gone); see what the system says of it',
    )
  })

  it.each([
    [
      'does not exist',
      () => Promise.resolve(join(folder, 'nowhere.ndjson')),
      /there is none of that name; give an .ndjson/,
    ],
    ['is a folder', () => Promise.resolve(folder), /is a folder; name the files in it/],
    [
      'is called Avro but is none',
      () => file('no.avro', '{}\n'),
      /begins with the bytes 7b 7d 0a; give a file/,
    ],
    [
      'is cut off',
      () => file('cut.gz', gzipSync(lines).subarray(0, 5000)),
      /gzip up to its end, but is cut off at byte 5000; copy it again .* run the same command again/,
    ],
    [
      'was never written but is called .gz',
      () => file('empty.gz', ''),
      /gzip up to its end, but is cut off at byte 0; copy it again/,
    ],
    [
      'is damaged',
      () => file('bad.gz', damaged(gzipSync(lines))),
      /its bytes are damaged, as shows behind byte \d{4,} \(incorrect data check\); copy it again .* begin anew/,
    ],
    [
      'is compressed twice',
      () => file('twice.gz', gzipSync(gzipSync(lines))),
      /twice.gz, uncompressed, should hold JSON lines, but begins as gzip; uncompress it once/,
    ],
    [
      'is compressed UTF-16',
      () => file('utf16.gz', gzipSync(Buffer.from('{}', 'utf16le'))),
      /should hold JSON lines, but begins as UTF-16; .*-f UTF-16LE/,
    ],
    [
      'is compressed Avro',
      async () => file('x.avro.gz', gzipSync(await container('null'))),
      /should hold JSON lines, but begins as Avro; write it to a file and name that/,
    ],
    [
      'has a gap of zeros',
      () => file('gap.gz', Buffer.concat([gzipSync('1\n'), Buffer.alloc(300_000), gzipSync('2\n')])),
      /zeros stand from byte 22 on and more behind them; copy it/,
    ],
    [
      'has bytes in a block of no records',
      async () => file('none.avro', Buffer.concat([await container('null', 0), Buffer.of(0, 6, 1, 2, 3)])),
      /a block claims to hold 0 records in 3 bytes/,
    ],
  ])('%s: says so and what to do', async (_, makePath, message) => {
    const path = await makePath()
    await expect(read(path)).rejects.toThrow(UnreachableError)
    await expect(read(path)).rejects.toThrow(message)
  })

  it.each(['ndjson', 'ndjson.gz', 'avro'])(
    'is shorter than when it was left: says so (%s)',
    async (ending) => {
      const content = { ndjson: '1\n', 'ndjson.gz': gzipSync('1\n'), avro: await container('null', 1) }[
        ending
      ]!
      const path = await file(`short.${ending}`, content)
      await expect(read(path, { fromPosition: 3 })).rejects.toThrow(
        /was read up to (record )?3 before, but now/,
      )
    },
  )

  it('is closed when its reader stops early', async () => {
    if (process.platform !== 'linux') return
    const openFiles = (): number => readdirSync('/proc/self/fd').length
    const before = openFiles()
    for (const path of [await file('early.ndjson', lines), await file('early.ndjson.gz', gzipSync(lines))]) {
      for await (const chunk of readSource(path)) {
        expect(chunk.position).toBe(0)
        break
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(openFiles()).toBe(before)
  })
})

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy.fill(0, 2000, 2100)
  return copy
}

describe('snappy', () => {
  it('unpacks literals and copies, also ones that overlap what they write', () => {
    // "abc", then a copy of 9 from 3 back, near and far.
    const near = [12, 2 << 2, 0x61, 0x62, 0x63, 1 | ((9 - 4) << 2), 3]
    const far = [12, 2 << 2, 0x61, 0x62, 0x63, 2 | ((9 - 1) << 2), 3, 0]
    const farther = [12, 2 << 2, 0x61, 0x62, 0x63, 3 | ((9 - 1) << 2), 3, 0, 0, 0]
    for (const packed of [near, far, farther]) {
      expect(Buffer.from(uncompressSnappy(Uint8Array.from(packed), 100)).toString()).toBe('abcabcabcabc')
    }
  })

  it.each([
    ['nothing', []],
    ['a length without end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['a length beyond the limit', varint(101)],
    ['a literal beyond the bytes', [5, 4 << 2, 1, 2]],
    ['a literal beyond the length', [1, 4 << 2, 1, 2, 3, 4, 5]],
    ['a copy of nothing', [5, 0, 1, 1, 0]],
    ['a copy from before the beginning', [5, 0, 1, 1, 2]],
    ['a copy beyond the length', [3, 0, 1, 1, 1]],
    ['too few bytes', [5, 0, 1]],
  ])('refuses %s', (_, packed) => {
    expect(() => uncompressSnappy(Uint8Array.from(packed), 100)).toThrow()
  })

  it('unpacks pieces of every length and from every distance', () => {
    const piece = fc.record({
      literal: fc.uint8Array({ minLength: 1, maxLength: 70 }),
      back: fc.nat(200),
      size: fc.integer({ min: 1, max: 64 }),
    })
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const plain: number[] = []
        const packed: number[] = []
        for (const { literal, back, size } of pieces) {
          plain.push(...literal)
          packed.push(...(literal.length > 60 ? [60 << 2, literal.length - 1] : [(literal.length - 1) << 2]))
          packed.push(...literal)
          const offset = 1 + (back % plain.length)
          for (let index = 0; index < size; index++) plain.push(plain[plain.length - offset]!)
          const isNear = size >= 4 && size <= 11
          if (isNear) packed.push(1 | ((size - 4) << 2) | ((offset >> 8) << 5), offset & 255)
          else packed.push(2 | ((size - 1) << 2), offset & 255, offset >> 8)
        }
        const bytes = Uint8Array.from([...varint(plain.length), ...packed])
        expect([...uncompressSnappy(bytes, 5000)]).toEqual(plain)
      }),
      { numRuns: 300 },
    )
  })

  it('never takes more than it may, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (packed) => {
        try {
          expect(uncompressSnappy(packed, 100).length).toBeLessThanOrEqual(100)
        } catch (error) {
          expect(error).not.toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
