/**
 * Names as they lie in a page before it is sealed, one after the other: the pseudonym (8 bytes), the length of the id
 * (1 byte), the id.
 */
const headBytes = 9
/** Longest id of the contract is 128 bytes; one byte holds its length. */
const longestEntry = headBytes + 0xff

/** Collects names for a page without allocating for one. */
export class NamePage {
  private bytes = new Uint8Array(4096)
  private length = 0

  get byteLength(): number {
    return this.length
  }

  add(high: number, low: number, source: Uint8Array, start: number, end: number): void {
    if (this.length + longestEntry > this.bytes.length) this.grow()
    const { bytes } = this
    let at = this.length
    at = putWord(bytes, at, high)
    at = putWord(bytes, at, low)
    bytes[at++] = end - start
    for (let from = start; from < end; from++) bytes[at++] = source[from]!
    this.length = at
  }

  /** What was collected; valid until the next `add` or `clear`. */
  get plain(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  clear(): void {
    // Ids are not left lying in memory for longer than they are needed.
    this.bytes.fill(0, 0, this.length)
    this.length = 0
  }

  private grow(): void {
    const wider = new Uint8Array(this.bytes.length * 2)
    wider.set(this.plain)
    this.bytes.fill(0)
    this.bytes = wider
  }
}

/** A name as it lies in an opened page. */
export interface Name {
  readonly high: number
  readonly low: number
  /** The platform's id, as it came. */
  readonly id: Uint8Array
}

/** Goes through the names of an opened page. */
export function* namesIn(plain: Uint8Array): Generator<Name> {
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength)
  for (let at = 0; at + headBytes <= plain.length;) {
    const end = at + headBytes + plain[at + 8]!
    yield {
      high: view.getUint32(at, true),
      low: view.getUint32(at + 4, true),
      id: plain.subarray(at + headBytes, end),
    }
    at = end
  }
}

function putWord(bytes: Uint8Array, at: number, word: number): number {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
  return at + 4
}
