import { MessageChannel } from 'node:worker_threads'

/**
 * Memory for so many words, in zeros that are promised and not yet written. A large one is longer: what is behind those words is
 * room to grow, since what is never touched is never given by the system.
 *
 * It is longer than glibc takes from a heap of its own (32 MB): there it would be cut from what others left, written over as a
 * whole, and kept when it is given back.
 */
export function roomFor(words: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(isLarge(words) ? Math.max(words * roomAhead, leastRoom) : words)
}

/** Zeros in an array of a kind; behind a large one there is room, which `widened` takes. */
export function zeros<T extends Numbers>(kind: KindOf<T>, length: number): T {
  return new kind(roomFor(Math.ceil((length * kind.BYTES_PER_ELEMENT) / 4)).buffer, 0, length)
}

/**
 * A longer array that begins with another one, with zeros behind. It is the same memory where that has room, else that is given
 * back: whoever asks has no use for the shorter one any more.
 */
export function widened<T extends Numbers>(array: T, length: number): T {
  const { buffer, byteOffset, BYTES_PER_ELEMENT } = array
  const kind = array.constructor as KindOf<T>
  if (byteOffset === 0 && length * BYTES_PER_ELEMENT <= buffer.byteLength) {
    return new kind(buffer as ArrayBuffer, 0, length)
  }
  const wider = zeros(kind, length)
  wider.set(array)
  letGo(array)
  return wider
}

/** Gives the memory of an array back, if it is large; for arrays in memory of their own that nobody looks into any more. */
export function letGo(array: Numbers): void {
  if (isLarge(array.buffer.byteLength / 4)) giveBack(array)
}

/** Whether memory of so many words is so large that it pays to give it back. */
export function isLarge(words: number): boolean {
  return words >= largeWords
}

/**
 * Gives memory back to the system at once, where it would wait for the collector, which sees little reason to come: it knows the
 * heap and not what lies outside. Whatever still looks into it finds it empty.
 */
export function giveBack({ buffer }: Numbers): void {
  // Handed over to nobody.
  closedPort.postMessage(null, [buffer as ArrayBuffer])
}

/** Arrays of which tables are made. */
type Numbers = Uint8Array | Uint32Array | Float32Array | Float64Array
interface KindOf<T extends Numbers> {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T
}

const largeWords = 1 << 18
const roomAhead = 4
const leastRoom = (33 << 20) / 4

const closedPort = closed()

function closed(): MessageChannel['port1'] {
  const { port1 } = new MessageChannel()
  port1.close()
  return port1
}
