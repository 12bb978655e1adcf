import type { Random } from './random'

/** The longest that a record is on its way, repeats included. */
export const longestDelayMs = 45_000

/** The longest between a record and its exact repeat. */
export const longestRepeatMs = 30_000

/** The longest that a storm repeats a record after its first arrival. */
export const longestStormMs = 250_000

const stormPauseMs = 16_000
const repeatShare = 0.004

/**
 * Carries records from the clients to the log: each takes its time, some are sent twice. What goes in by event time
 * comes out by arrival, slice by slice, and only what is still on its way is held.
 */
export class Wire {
  /** The share of records that a faulty gateway keeps sending; 0 on an ordinary day. */
  stormShare = 0
  private readonly slices: Slice[] = []
  private readonly shelf: Shelf = { buffer: undefined }
  private first = 0

  /** `storms` decides which records a storm repeats, apart from the senders' own chances. */
  constructor(
    private readonly startMs: number,
    private readonly sliceMs: number,
    private readonly storms: Random,
  ) {}

  /**
   * Sends a record, given as one character a byte. `random` is the sender's own, so that one sender's delays leave the
   * others' alone.
   */
  send(timeMs: number, record: string, random: Random): void {
    const delay = delayMs(random)
    this.arrive(timeMs + delay, record)
    if (this.stormShare > 0 && this.storms.chance(this.stormShare)) this.storm(timeMs + delay, record)
    if (!random.chance(repeatShare)) return
    const repeat = Math.min(random.between(200, longestRepeatMs), longestDelayMs - delay)
    this.arrive(timeMs + delay + repeat, record)
  }

  /** Whether anything is still on its way. */
  isBusy(): boolean {
    return this.slices.length > 0
  }

  /** Takes out the records of the next slice in the order of their arrival. */
  *deliver(): Generator<Buffer> {
    const slice = this.slices.shift()
    this.first++
    if (!slice) return
    yield* slice.inOrder()
    slice.leave()
  }

  // A gateway that hears no answer sends again after a pause, until somebody restarts it.
  private storm(firstMs: number, record: string): void {
    const times = 3 + this.storms.below(12)
    for (let time = 1; time <= times; time++) {
      this.arrive(firstMs + time * stormPauseMs + this.storms.uniform() * 1_000, record)
    }
  }

  private arrive(arrivalMs: number, record: string): void {
    const sinceStartMs = arrivalMs - this.startMs
    const number = Math.floor(sinceStartMs / this.sliceMs)
    while (this.slices.length <= number - this.first) this.slices.push(new Slice(this.shelf))
    this.slices[number - this.first]!.add(Math.floor(sinceStartMs - number * this.sliceMs), record)
  }
}

/** Most records of a slice; a number holds an arrival and a place below it. */
const places = 0x80_0000

const chunkBytes = 128 * 1024

/** Where a slice that is done leaves its buffer for the next to grow into; new memory costs more than writing to it. */
interface Shelf {
  buffer: Buffer | undefined
}

/**
 * The records that arrive within one slice of time, as bytes outside the heap: a string a record would be moved by the
 * garbage collector again and again before it is its turn.
 */
class Slice {
  private readonly keys: number[] = []
  private readonly ends: number[] = []
  private bytes: Buffer = Buffer.allocUnsafe(64 * 1024)
  private used = 0

  constructor(private readonly shelf: Shelf) {}

  add(arrivalMs: number, record: string): void {
    if (this.used + record.length > this.bytes.length) this.grow(record.length)
    this.keys.push(arrivalMs * places + this.keys.length)
    this.used += this.bytes.write(record, this.used, 'latin1')
    this.ends.push(this.used)
  }

  *inOrder(): Generator<Buffer> {
    let chunk = Buffer.allocUnsafe(chunkBytes)
    let filled = 0
    for (const key of Float64Array.from(this.keys).sort()) {
      const place = key % places
      const start = place === 0 ? 0 : this.ends[place - 1]!
      const end = this.ends[place]!
      if (filled + end - start > chunk.length) {
        yield chunk.subarray(0, filled)
        chunk = Buffer.allocUnsafe(Math.max(chunkBytes, end - start))
        filled = 0
      }
      filled += this.bytes.copy(chunk, filled, start, end)
    }
    if (filled > 0) yield chunk.subarray(0, filled)
  }

  /** Leaves its buffer to the next; the slice is of no use afterwards. */
  leave(): void {
    this.shelf.buffer = this.bytes
  }

  private grow(least: number): void {
    const needed = Math.max(this.bytes.length * 2, this.used + least)
    const kept = this.shelf.buffer
    const larger = kept && kept.length >= needed ? kept : Buffer.allocUnsafe(needed)
    if (larger === kept) this.shelf.buffer = undefined
    this.bytes.copy(larger, 0, 0, this.used)
    this.bytes = larger
  }
}

// Most records arrive within a second or two; a phone in a tunnel sends late.
function delayMs(random: Random): number {
  const way = random.uniform()
  if (way < 0.92) return 40 + random.exponential(600)
  if (way < 0.99) return random.between(500, 12_000)
  return random.between(10_000, longestDelayMs)
}
