/**
 * Reads the network of an address into `target`: of IPv4 the first 24 bits, of IPv6 the first 48, which is what one
 * household, office or carrier gateway shares; an IPv4 address written as IPv6 counts as IPv4. Gives the number of
 * bytes written (4 or 7), or 0 when the text is no address. The first byte tells the two families apart.
 */
export function readNetwork(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  const length = end - start
  // The longest form is an IPv6 address that ends in an IPv4 one.
  if (length < 2 || length > 45) return 0
  if (readIpv4(bytes, start, end, octets)) return writeIpv4(octets, target)
  return readIpv6(bytes, start, end, target)
}

const colon = 0x3a
const dot = 0x2e
const zero = 0x30
// Reused, so that nothing is allocated for an address; nothing in them outlives a call.
const octets = new Uint8Array(4)
const groups = new Uint16Array(8)

function writeIpv4(from: Uint8Array, target: Uint8Array): number {
  target[0] = 4
  target[1] = from[0]!
  target[2] = from[1]!
  target[3] = from[2]!
  return 4
}

/** Four decimal numbers up to 255 with no needless zero in front, which some readers take for octal. */
function readIpv4(bytes: Uint8Array, start: number, end: number, target: Uint8Array): boolean {
  let at = start
  for (let part = 0; part < 4; part++) {
    if (part > 0 && (at >= end || bytes[at++] !== dot)) return false
    const from = at
    let value = 0
    while (at < end && at - from < 3) {
      const digit = bytes[at]! - zero
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      at++
    }
    if (at === from || value > 255 || (at - from > 1 && bytes[from] === zero)) return false
    target[part] = value
  }
  return at === end
}

function readIpv6(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let count = 0
  // Number of groups before `::`, or -1 while there was none.
  let gapAt = -1
  let at = start
  if (bytes[at] === colon) {
    if (bytes[at + 1] !== colon) return 0
    gapAt = 0
    at += 2
  }
  while (at < end) {
    if (count === 8) return 0
    const from = at
    let value = 0
    for (; at < end && at - from < 4; at++) {
      const digit = hexDigit(bytes[at]!)
      if (digit < 0) break
      value = value * 16 + digit
    }
    if (at < end && bytes[at] === dot) {
      // The last 32 bits in the form of IPv4.
      if (count > 6 || !readIpv4(bytes, from, end, octets)) return 0
      groups[count++] = (octets[0]! << 8) | octets[1]!
      groups[count++] = (octets[2]! << 8) | octets[3]!
      break
    }
    if (at === from) return 0
    groups[count++] = value
    if (at === end) break
    if (bytes[at] !== colon) return 0
    at++
    if (at === end) return 0
    if (bytes[at] === colon) {
      if (gapAt >= 0) return 0
      gapAt = count
      at++
    }
  }
  if (gapAt < 0 ? count !== 8 : count === 8) return 0
  if (gapAt >= 0) {
    const moved = count - gapAt
    for (let i = 1; i <= moved; i++) groups[8 - i] = groups[count - i]!
    for (let i = gapAt; i < 8 - moved; i++) groups[i] = 0
  }
  return isMappedIpv4() ? writeMapped(target) : writeIpv6(target)
}

/** `::ffff:a.b.c.d`, in whichever notation. */
function isMappedIpv4(): boolean {
  for (let i = 0; i < 5; i++) if (groups[i] !== 0) return false
  return groups[5] === 0xffff
}

function writeMapped(target: Uint8Array): number {
  octets[0] = groups[6]! >> 8
  octets[1] = groups[6]! & 0xff
  octets[2] = groups[7]! >> 8
  return writeIpv4(octets, target)
}

function writeIpv6(target: Uint8Array): number {
  target[0] = 6
  for (let i = 0; i < 3; i++) {
    target[1 + 2 * i] = groups[i]! >> 8
    target[2 + 2 * i] = groups[i]! & 0xff
  }
  return 7
}

function hexDigit(byte: number): number {
  if (byte >= zero && byte <= zero + 9) return byte - zero
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
