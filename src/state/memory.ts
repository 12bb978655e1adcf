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

/** Whether memory of so many words is so large that it pays to give it back. */
export function isLarge(words: number): boolean {
  return words >= largeWords
}

/**
 * Gives memory back to the system at once, where it would wait for the collector, which sees little reason to come: it knows the
 * heap and not what lies outside. Whatever still looks into it finds it empty.
 */
export function giveBack(memory: Uint32Array<ArrayBuffer>): void {
  // Handed over to nobody.
  closedPort.postMessage(null, [memory.buffer])
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
