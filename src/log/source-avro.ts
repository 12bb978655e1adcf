import { crc32, inflateRawSync } from 'node:zlib'
import { UnreachableError } from '../model/errors'
import type { AvroChunk } from '../model/record'
import type { SourceFile } from './source-file'
import { uncompressSnappy } from './source-snappy'

/** The most bytes of one block, compressed or not: a small file must not be able to fill the memory. */
export const maxBlockBytes = 32 << 20

/** Whether a file that begins with these bytes is an Avro object container. */
export function isAvroContainer(first: Uint8Array): boolean {
  return magic.every((byte, index) => first[index] === byte)
}

/**
 * The blocks of an Avro object container file, uncompressed, from the one that holds record number `fromPosition` on.
 *
 * Source: the Apache Avro specification, "Object Container Files".
 */
export async function* readAvroContainer(
  file: SourceFile,
  fromPosition: number,
): AsyncGenerator<AvroChunk, void, undefined> {
  const { name } = file
  const input = new ContainerReader(file)
  await input.take(magic.length)
  const metadata = await readMetadata(input)
  const schema = metadata.get('avro.schema')
  if (schema === undefined) throw input.damaged('its header names no schema')
  const uncompress = uncompressWith(metadata.get('avro.codec') ?? 'null', name)
  const marker = Uint8Array.from(await input.take(markerBytes))

  let position = 0
  while (!(await input.isAtEnd())) {
    const count = await input.takeLong()
    const length = await input.takeLong()
    // Records of which there are none leave no byte, so that what stands there would be lost without a word.
    const isClaimed = count > 0 || length === 0
    if (count < 0 || length < 0 || length > maxBlockBytes || !isClaimed) {
      throw input.damaged(`a block claims to hold ${count} records in ${length} bytes`)
    }
    const nextPosition = position + count
    let bytes: Uint8Array | undefined
    if (nextPosition > fromPosition) bytes = unpacked(await input.take(length), uncompress, input)
    else await input.skip(length)
    // The marker is looked at first: where it is wrong, so may be the block before it.
    const found = await input.take(markerBytes)
    if (!marker.every((byte, index) => found[index] === byte)) {
      throw input.damaged('a block does not end in the marker of the file')
    }
    if (bytes !== undefined) yield { format: 'avro', schema, bytes, count, position, nextPosition }
    position = nextPosition
  }
  if (position < fromPosition) {
    throw new UnreachableError(
      `${name} was read up to record ${fromPosition} before, but now holds ${position}; give the file that was read then, or begin anew with an empty state`,
    )
  }
}

const magic = [0x4f, 0x62, 0x6a, 0x01]
const markerBytes = 16
/** Blocks mostly have 64 KB: several to a read, of which each costs the same. */
const windowBytes = 1 << 20
/** The schema and a few words beside it. */
const maxMetadataBytes = 1 << 20
const textDecoder = new TextDecoder()

/** A map from text to bytes: blocks of so many entries each, ended by 0; a negative count is followed by a size. */
async function readMetadata(input: ContainerReader): Promise<Map<string, string>> {
  const metadata = new Map<string, string>()
  for (;;) {
    const count = await input.takeLong()
    if (count === 0) return metadata
    if (count < 0) await input.takeLong()
    for (let entry = 0; entry < Math.abs(count); entry++) {
      const key = textDecoder.decode(await input.take(await takeMetadataLength(input)))
      metadata.set(key, textDecoder.decode(await input.take(await takeMetadataLength(input))))
      if (metadata.size > 1000) throw input.damaged('its header has more than 1,000 entries')
    }
  }
}

async function takeMetadataLength(input: ContainerReader): Promise<number> {
  const length = await input.takeLong()
  if (length >= 0 && length <= maxMetadataBytes) return length
  throw input.damaged(`its header claims an entry of ${length} bytes`)
}

/** Memory of its own, of at most `maxBlockBytes`; throws when the bytes are not what the codec makes. */
type Uncompress = (packed: Uint8Array) => Uint8Array

function uncompressWith(codec: string, name: string): Uncompress {
  switch (codec) {
    case 'null':
      return (packed) => packed.slice()
    case 'deflate':
      return (packed) => inflateRawSync(packed, { maxOutputLength: maxBlockBytes })
    case 'snappy':
      return uncompressCheckedSnappy
    default:
      throw new UnreachableError(
        `${name} should use the codec null, deflate or snappy, but uses ${codec}; write it anew with one of these`,
      )
  }
}

/** Behind the compressed bytes stands the CRC-32 of the uncompressed ones, highest byte first. */
function uncompressCheckedSnappy(packed: Uint8Array): Uint8Array {
  if (packed.length < 4) throw new Error('a block is shorter than its checksum')
  const end = packed.length - 4
  const bytes = uncompressSnappy(packed.subarray(0, end), maxBlockBytes)
  const stored = new DataView(packed.buffer, packed.byteOffset + end, 4).getUint32(0)
  if (crc32(bytes) !== stored) throw new Error('a block differs from its checksum')
  return bytes
}

function unpacked(packed: Uint8Array, uncompress: Uncompress, input: ContainerReader): Uint8Array {
  try {
    return uncompress(packed)
  } catch (error) {
    throw input.damaged(`a block cannot be uncompressed (${error instanceof Error ? error.message : ''})`)
  }
}

/** A window on the file that moves on: whatever is taken is valid until the next is. */
class ContainerReader {
  private window = new Uint8Array(windowBytes)
  private start = 0
  private end = 0
  /** Where in the file the window ends. */
  private filePosition = 0

  constructor(private readonly file: SourceFile) {}

  async isAtEnd(): Promise<boolean> {
    return !(await this.has(1))
  }

  async take(length: number): Promise<Uint8Array> {
    if (!(await this.has(length))) throw this.damaged('it ends in the middle of a block')
    this.start += length
    return this.window.subarray(this.start - length, this.start)
  }

  async skip(length: number): Promise<void> {
    const inWindow = Math.min(length, this.end - this.start)
    this.start += inWindow
    this.filePosition += length - inWindow
    return Promise.resolve()
  }

  /** A number in Avro's zigzag form; beyond 2^53 only its size is right. */
  async takeLong(): Promise<number> {
    let value = 0
    let scale = 1
    for (let length = 0; length < 10; length++, scale *= 128) {
      const byte = (await this.take(1))[0]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    throw this.damaged('a number is longer than ten bytes')
  }

  damaged(what: string): UnreachableError {
    const at = this.filePosition - (this.end - this.start)
    return new UnreachableError(
      `${this.file.name} should be an Avro object container file, but before byte ${at} ${what}; copy it again from where it came from, or write it anew`,
    )
  }

  /** Whether so many bytes are there from `start` on; reads until they are in the window. */
  private async has(length: number): Promise<boolean> {
    if (this.end - this.start >= length) return true
    if (length > this.window.length - this.start) this.makeRoom(length)
    while (this.end - this.start < length) {
      const bytesRead = await this.file.read(this.window.subarray(this.end), this.filePosition)
      if (bytesRead === 0) return false
      this.end += bytesRead
      this.filePosition += bytesRead
    }
    return true
  }

  private makeRoom(length: number): void {
    const open = this.window.subarray(this.start, this.end)
    const window = length > this.window.length ? new Uint8Array(length * 2) : this.window
    window.set(open)
    this.window = window
    this.end = open.length
    this.start = 0
  }
}
