/**
 * Uncompresses one block of raw Snappy; throws when it is damaged or would give more than `maxBytes`.
 *
 * Source: google/snappy, format_description.txt.
 */
export function uncompressSnappy(bytes: Uint8Array, maxBytes: number): Uint8Array {
  // A Buffer is another class to the engine; see "inner loops" in `ingest/README.md`.
  const packed = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  const { length, start } = lengthOf(packed, maxBytes)
  // Four bytes are copied at once, so that up to three more are written; the next piece overwrites them.
  const plain = new Uint8Array(length + 3)
  const from = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const into = new DataView(plain.buffer)
  const end = packed.length
  let at = start
  let to = 0
  while (at < end) {
    const tag = packed[at++]!
    const type = tag & 3
    if (type === literal) {
      let size = (tag >> 2) + 1
      // The lengths 61 to 64 mean that the length stands in the next one to four bytes.
      if (size > 60) {
        const bytes = size - 60
        size = numberAt(packed, at, bytes) + 1
        at += bytes
      }
      if (size > end - at || size > length - to) throw new Error('a literal is too long')
      if (size > shortBytes || size + 3 > end - at) plain.set(packed.subarray(at, at + size), to)
      else for (let index = 0; index < size; index += 4) into.setInt32(to + index, from.getInt32(at + index))
      at += size
      to += size
      continue
    }
    let size = (tag >> 2) + 1
    let offset: number
    if (type === nearCopy) {
      size = ((tag >> 2) & 7) + 4
      offset = ((tag >> 5) << 8) | numberAt(packed, at, 1)
      at++
    } else if (type === farCopy) {
      offset = numberAt(packed, at, 2)
      at += 2
    } else {
      offset = numberAt(packed, at, 4)
      at += 4
    }
    if (offset === 0 || offset > to || size > length - to) throw new Error('a copy points outside')
    repeatBytes(into, offset, to, to + size)
    to += size
  }
  if (to !== length) throw new Error(`it claims ${length} bytes, but holds ${to}`)
  return plain.subarray(0, length)
}

/**
 * Fills the bytes from `start` to `end` with those that lie `offset` before each, and perhaps up to three more behind them. They may
 * overlap, which is how runs are packed.
 */
export function repeatBytes(bytes: DataView, offset: number, start: number, end: number): void {
  if (offset >= 4) for (let at = start; at < end; at += 4) bytes.setInt32(at, bytes.getInt32(at - offset))
  else for (let at = start; at < end; at++) bytes.setUint8(at, bytes.getUint8(at - offset))
}

/** The length that a block begins with, seven bits a byte, and where what follows begins. */
function lengthOf(packed: Uint8Array, maxBytes: number): { readonly length: number; readonly start: number } {
  let length = 0
  let at = 0
  for (let scale = 1; ; scale *= 128) {
    const part = numberAt(packed, at++, 1)
    length += (part & 0x7f) * scale
    if (length > maxBytes) throw new Error(`it claims ${length} bytes, more than the ${maxBytes} allowed`)
    if (part < 0x80) return { length, start: at }
  }
}

/** A number of so many bytes, lowest first. */
function numberAt(packed: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > packed.length) throw new Error('it ends too early')
  let value = 0
  for (let index = bytes - 1; index >= 0; index--) value = value * 256 + packed[at + index]!
  return value
}

/** To make a view on bytes costs as much as to copy so many one by one. */
export const shortBytes = 64
const literal = 0
const nearCopy = 1
const farCopy = 2
