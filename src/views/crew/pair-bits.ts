import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { SpanClock } from '../../state/span-clock'

/**
 * Which keys were seen once: two bits each in one word, of a young and an old generation, so that a look costs one cache
 * line. It may say yes for a key that was not seen, which costs its caller a look too many; an eighth of the bits of a
 * generation is set at most, then the old one goes before its time.
 *
 * Source: a Bloom filter (1970) of one hash, in generations as in Chang, Feng and Li, "Approximate caches" (2004).
 */
export class PairBits {
  /** Keys forgotten before their time, because too many bits were set. */
  evicted = 0
  private words: Uint32Array
  /** What was looked at last; kept, so that the engine does not leave the look out. */
  looked = 0
  private youngCount = 0
  private oldCount = 0
  private readonly clock: SpanClock

  constructor(
    readonly options: {
      /** Of one generation; a power of two. */ readonly bits: number
      readonly spanMs: number
    },
  ) {
    this.clock = new SpanClock(options.spanMs)
    this.words = new Uint32Array(options.bits / keysPerWord)
  }

  get byteLength(): number {
    return this.words.byteLength
  }

  /** Brings the words of the first `count` keys near, all at once: asked for one by one, each would wait for its own. */
  look(keys: Uint32Array, count: number): void {
    const { words } = this
    const mask = this.options.bits - 1
    let all = 0
    for (let at = 0; at < count; at++) all |= words[(keys[at]! & mask) >>> 4]!
    this.looked = all
  }

  /** Notes a key; true when it, or one of its place, was seen before. */
  seenBefore(key: number): boolean {
    const place = key & (this.options.bits - 1)
    const at = place >>> 4
    const young = 1 << ((place & 15) << 1)
    const word = this.words[at]!
    if ((word & young) !== 0) return true
    this.words[at] = word | young
    if (++this.youngCount >= this.options.bits / 8) {
      this.evicted += this.oldCount
      this.rotate()
    }
    return (word & (young << 1)) !== 0
  }

  advance(nowMs: number): void {
    if (this.clock.passes(nowMs)) this.rotate()
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.words`, this.words)
    const { youngCount, oldCount, evicted } = this
    const { startMs } = this.clock
    out.value(`${name}.clock`, { youngCount, oldCount, startMs, evicted })
  }

  load(from: SnapshotReader, name: string): void {
    this.words = from.uint32(`${name}.words`)
    const clock = from.value<{
      youngCount: number
      oldCount: number
      startMs: number | null
      evicted: number
    }>(`${name}.clock`)
    this.youngCount = clock.youngCount
    this.oldCount = clock.oldCount
    this.clock.goOn(clock.startMs)
    this.evicted = clock.evicted
  }

  private rotate(): void {
    const { words } = this
    for (let at = 0; at < words.length; at++) words[at] = (words[at]! & everyYoungBit) << 1
    this.oldCount = this.youngCount
    this.youngCount = 0
  }
}

const keysPerWord = 16
const everyYoungBit = 0x55555555
