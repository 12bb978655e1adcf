/**
 * Uncompresses one block of raw Snappy; throws when it is damaged or would give more than `maxBytes`.
 *
 * Source: google/snappy, format_description.txt.
 */
export function uncompressSnappy(packed: Uint8Array, maxBytes: number): Uint8Array {
  let at = 0
  const byte = (): number => {
    if (at >= packed.length) throw new Error('it ends too early')
    return packed[at++]!
  }
  /** A number of so many bytes, lowest first. */
  const number = (bytes: number): number => {
    let value = 0
    for (let index = 0, scale = 1; index < bytes; index++, scale *= 256) value += byte() * scale
    return value
  }

  let length = 0
  for (let scale = 1; ; scale *= 128) {
    const part = byte()
    length += (part & 0x7f) * scale
    if (part < 0x80) break
    if (length > maxBytes) break
  }
  if (length > maxBytes) throw new Error(`it claims ${length} bytes, more than the ${maxBytes} allowed`)

  const plain = new Uint8Array(length)
  let to = 0
  while (at < packed.length) {
    const tag = byte()
    const high = tag >> 2
    if ((tag & 3) === literal) {
      // The lengths 61 to 64 mean that the length stands in the next one to four bytes.
      const size = (high < 60 ? high : number(high - 59)) + 1
      if (size > packed.length - at || size > length - to) throw new Error('a literal is too long')
      plain.set(packed.subarray(at, at + size), to)
      at += size
      to += size
      continue
    }
    let size = high + 1
    let offset: number
    if ((tag & 3) === nearCopy) {
      size = (high & 7) + 4
      offset = (high >> 3) * 256 + byte()
    } else {
      offset = number((tag & 3) === farCopy ? 2 : 4)
    }
    if (offset === 0 || offset > to || size > length - to) throw new Error('a copy points outside')
    // Byte by byte, since a copy may overlap what it writes: that is how runs are packed.
    for (const end = to + size; to < end; to++) plain[to] = plain[to - offset]!
  }
  if (to !== length) throw new Error(`it claims ${length} bytes, but holds ${to}`)
  return plain
}

const literal = 0
const nearCopy = 1
const farCopy = 2
