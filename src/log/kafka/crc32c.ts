/**
 * CRC-32 of Castagnoli, which Kafka checks batches by. Eight bytes at a time: a step a byte waits for the step before it.
 *
 * Source: RFC 3720, appendix B.4; "slicing-by-8" after M. Kounavis and F. Berry, Intel, 2005.
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1
  let at = 0
  for (const whole = bytes.length - 7; at < whole; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc =
      tables[0x700 + (low & 0xff)]! ^
      tables[0x600 + ((low >>> 8) & 0xff)]! ^
      tables[0x500 + ((low >>> 16) & 0xff)]! ^
      tables[0x400 + (low >>> 24)]! ^
      tables[0x300 + bytes[at + 4]!]! ^
      tables[0x200 + bytes[at + 5]!]! ^
      tables[0x100 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!
  return ~crc >>> 0
}

const polynomial = 0x82f63b78

/** What a byte does to the sum, then the same with one to seven zeros behind it. */
const tables = new Int32Array(8 * 256)
for (let byte = 0; byte < 256; byte++) {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (polynomial & -(sum & 1))
  tables[byte] = sum
}
for (let place = 256; place < tables.length; place++) {
  const before = tables[place - 256]!
  tables[place] = (before >>> 8) ^ tables[before & 0xff]!
}
