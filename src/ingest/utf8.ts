/**
 * Length of the UTF-8 sequence that begins at `at`, or 0 when none does: overlong forms, surrogates, code points
 * beyond the last one and stray continuation bytes are refused, as the standard asks.
 */
export function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!
  if (first < 0x80) return 1
  if (first < 0xc2) return 0
  if (first < 0xe0) return at + 1 < end && isContinuation(bytes[at + 1]!) ? 2 : 0
  if (first < 0xf0) {
    if (at + 2 >= end) return 0
    const second = bytes[at + 1]!
    if (first === 0xe0 && second < 0xa0) return 0
    if (first === 0xed && second > 0x9f) return 0
    return isContinuation(second) && isContinuation(bytes[at + 2]!) ? 3 : 0
  }
  if (first > 0xf4 || at + 3 >= end) return 0
  const second = bytes[at + 1]!
  if (first === 0xf0 && second < 0x90) return 0
  if (first === 0xf4 && second > 0x8f) return 0
  return isContinuation(second) && isContinuation(bytes[at + 2]!) && isContinuation(bytes[at + 3]!) ? 4 : 0
}

/** Whether `bytes[start, end)` is UTF-8 from beginning to end. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    if (bytes[at]! < 0x80) {
      at++
      continue
    }
    const length = sequenceLength(bytes, at, end)
    if (length === 0) return false
    at += length
  }
  return true
}

/** Whether the bytes from `start` to `end` are ASCII, looked at four at a time. */
export function isAscii(view: DataView, start: number, end: number): boolean {
  const last = end - 4
  if (start > last) {
    for (let at = start; at < end; at++) if (view.getUint8(at) >= 0x80) return false
    return true
  }
  // The last four overlap the four before them where the length is no multiple of four.
  let bits = view.getInt32(last)
  for (let at = start; at < last; at += 4) bits |= view.getInt32(at)
  return (bits & 0x80808080) === 0
}

/** The code point of the valid sequence of `length` bytes at `at`. */
export function codePointAt(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at]!
  if (length === 1) return first
  if (length === 2) return ((first & 0x1f) << 6) | (bytes[at + 1]! & 0x3f)
  if (length === 3) {
    return ((first & 0x0f) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f)
  }
  return (
    ((first & 0x07) << 18) |
    ((bytes[at + 1]! & 0x3f) << 12) |
    ((bytes[at + 2]! & 0x3f) << 6) |
    (bytes[at + 3]! & 0x3f)
  )
}

/** Writes a code point at `at` and gives the place after it; the target must have four bytes left. */
export function writeCodePoint(target: Uint8Array, at: number, codePoint: number): number {
  if (codePoint < 0x80) {
    target[at] = codePoint
    return at + 1
  }
  if (codePoint < 0x800) {
    target[at] = 0xc0 | (codePoint >> 6)
    target[at + 1] = 0x80 | (codePoint & 0x3f)
    return at + 2
  }
  if (codePoint < 0x10000) {
    target[at] = 0xe0 | (codePoint >> 12)
    target[at + 1] = 0x80 | ((codePoint >> 6) & 0x3f)
    target[at + 2] = 0x80 | (codePoint & 0x3f)
    return at + 3
  }
  target[at] = 0xf0 | (codePoint >> 18)
  target[at + 1] = 0x80 | ((codePoint >> 12) & 0x3f)
  target[at + 2] = 0x80 | ((codePoint >> 6) & 0x3f)
  target[at + 3] = 0x80 | (codePoint & 0x3f)
  return at + 4
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}
