import { RecordTable } from './record-table'
import type { SnapshotReader, SnapshotWriter } from './snapshot'
import { SpanClock } from './span-clock'

/**
 * A record table that forgets by event time without a scan: a young and an old generation. What is touched moves to
 * the young one; when the span has passed, or the young one is full, the old one is dropped whole. So a record lives
 * at least one span after its latest touch and at most two, and memory has a cap.
 */
export class Generations {
  young: RecordTable
  private old: RecordTable
  private readonly clock: SpanClock
  /** How much earlier the old generation began than the young one. */
  private olderByMs = 0
  /** Whether the last `touch` met the key for the first time. */
  isNew = false
  /** How much earlier the generation began in which the last `touch` found the key: 0 unless it was the old one. */
  agedMs = 0
  /** Records dropped before their time, because the cap was reached; what had moved to the young generation was not. */
  evicted = 0
  /** Records of the old generation that have moved to the young one, and lie in both. */
  private moved = 0
  rotations = 0

  constructor(
    readonly options: {
      /** Words of a record, the two of its key included. */
      readonly stride: number
      /** Bits that a key is told by, 64 unless said; what is left of its second word is payload. */
      readonly keyBits?: number
      readonly spanMs: number
      /** Most records of one generation. */
      readonly cap: number
    },
  ) {
    this.clock = new SpanClock(options.spanMs)
    this.young = new RecordTable(options.stride, undefined, options.keyBits, options.cap)
    this.old = new RecordTable(options.stride, undefined, options.keyBits, options.cap)
  }

  get byteLength(): number {
    return this.young.byteLength + this.old.byteLength
  }

  /** Records in memory: one that has moved to the young generation counts twice. */
  get size(): number {
    return this.young.size + this.old.size
  }

  /** Where the record of a key lies in `young.words`, valid until the next touch. */
  touch(high: number, low: number): number {
    if (this.young.size >= this.options.cap && this.young.find(high, low) < 0)
      return this.touchAtCap(high, low)
    const before = this.young.size
    const at = this.young.add(high, low)
    this.isNew = false
    this.agedMs = 0
    if (this.young.size === before) return at
    const from = this.old.size === 0 ? -1 : this.old.find(high, low)
    if (from < 0) {
      this.isNew = true
      return at
    }
    this.agedMs = this.olderByMs
    this.moved++
    // The second word of the key may have payload above it.
    for (let word = 1; word < this.options.stride; word++) {
      this.young.words[at + word] = this.old.words[from + word]!
    }
    return at
  }

  /** The same for a key that may be missing: -1 then, and nothing is added. */
  find(high: number, low: number): number {
    const at = this.young.find(high, low)
    if (at < 0) return this.old.find(high, low) < 0 ? -1 : this.touch(high, low)
    this.isNew = false
    this.agedMs = 0
    return at
  }

  /** Where the record of a key lies, without touching it: it grows old as if nobody had looked. */
  peek(high: number, low: number): { readonly words: Uint32Array; readonly at: number } | undefined {
    const young = this.young.find(high, low)
    if (young >= 0) return { words: this.young.words, at: young }
    const old = this.old.find(high, low)
    return old >= 0 ? { words: this.old.words, at: old } : undefined
  }

  /** Lets event time pass; true when a generation was dropped. */
  advance(nowMs: number): boolean {
    const beforeMs = this.clock.startMs
    if (!this.clock.passes(nowMs)) return false
    this.rotate()
    this.olderByMs = this.clock.startMs - beforeMs
    return true
  }

  save(out: SnapshotWriter, name: string): void {
    this.young.save(out, `${name}.young`)
    this.old.save(out, `${name}.old`)
    const { olderByMs, evicted, moved, rotations } = this
    const { startMs } = this.clock
    out.value(`${name}.clock`, { startMs, olderByMs, evicted, moved, rotations })
  }

  load(from: SnapshotReader, name: string): void {
    this.young.load(from, `${name}.young`)
    this.old.load(from, `${name}.old`)
    const clock = from.value<{
      startMs: number | null
      olderByMs: number
      evicted: number
      /** Older snapshots lack it, and what had moved by then is counted with the next that are evicted. */
      moved?: number
      rotations: number
    }>(`${name}.clock`)
    this.clock.goOn(clock.startMs)
    this.olderByMs = clock.olderByMs
    this.evicted = clock.evicted
    this.moved = clock.moved ?? 0
    this.rotations = clock.rotations
  }

  private rotate(): void {
    const dropped = this.old
    this.old = this.young
    this.young = dropped
    this.young.restart(this.old.size)
    this.moved = 0
    this.rotations++
  }

  /** The cap is reached: the old generation goes before its time, all of it but what is touched. */
  private touchAtCap(high: number, low: number): number {
    const from = this.old.find(high, low)
    const kept = from < 0 ? undefined : this.old.words.slice(from, from + this.options.stride)
    this.isNew = kept === undefined
    this.agedMs = kept === undefined ? 0 : this.olderByMs
    this.evicted += this.old.size - this.moved - (kept === undefined ? 0 : 1)
    this.rotate()
    this.olderByMs = 0
    const at = this.young.add(high, low)
    if (kept !== undefined) this.young.words.set(kept.subarray(1), at + 1)
    return at
  }
}
