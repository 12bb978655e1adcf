import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/**
 * Which of the events that are still in a window carry the trait of a crew because of whom, so that it can be taken off
 * them when a person finds that there is no crew. A ring of the latest, in order of arrival.
 */
export class CrewActs {
  private words = new Uint32Array(256 * stride)
  private first = 0
  private size = 0
  /** Acts that fell out although their window was open: they keep the trait. */
  evicted = 0

  /** `cap`: most acts that are kept. */
  constructor(private readonly cap = 1 << 20) {}

  get byteLength(): number {
    return this.words.byteLength
  }

  /** Notes an event that carries the trait; `isMadeByIt` when nothing else of it shows that it was made. */
  add(high: number, low: number, act: CrewAct): void {
    if (this.size === this.capacity) this.makeRoom()
    const at = ((this.first + this.size++) % this.capacity) * stride
    this.words[at] = high
    this.words[at + 1] = low
    this.words[at + 2] = act.series * 2 + Number(act.isMadeByIt)
    this.words[at + 3] = Math.floor(act.timeMs / minuteMs)
  }

  /** Gives every act of some actors, and forgets them. An actor is named by the two halves of its pseudonym. */
  take(actors: readonly (readonly [high: number, low: number])[], visit: (act: CrewAct) => void): void {
    const wanted = new Map<number, Set<number>>()
    for (const [high, low] of actors) wanted.set(low, (wanted.get(low) ?? new Set()).add(high))
    const kept = new Uint32Array(this.words.length)
    let count = 0
    this.forEach((at) => {
      const { words } = this
      if (wanted.get(words[at + 1]!)?.has(words[at]!) !== true) {
        kept.set(words.subarray(at, at + stride), count++ * stride)
        return
      }
      const series = Math.floor(words[at + 2]! / 2)
      visit({ series, isMadeByIt: words[at + 2]! % 2 === 1, timeMs: words[at + 3]! * minuteMs })
    })
    this.words = kept
    this.first = 0
    this.size = count
  }

  /** Forgets what lies before a moment, as far as it came before all that does not. */
  forgetBefore(timeMs: number): void {
    const minute = Math.floor(timeMs / minuteMs)
    while (this.size > 0 && this.words[this.first * stride + 3]! < minute) {
      this.first = (this.first + 1) % this.capacity
      this.size--
    }
  }

  save(out: SnapshotWriter): void {
    out.array('crews.acts', this.inOrder(this.size))
    out.value('crews.acts.evicted', this.evicted)
  }

  load(from: SnapshotReader): void {
    const saved = from.uint32('crews.acts')
    this.size = saved.length / stride
    this.words = new Uint32Array(Math.max(this.words.length, saved.length))
    this.words.set(saved)
    this.first = 0
    this.evicted = from.number('crews.acts.evicted')
  }

  private get capacity(): number {
    return this.words.length / stride
  }

  private makeRoom(): void {
    if (this.capacity < this.cap) {
      this.words = this.inOrder(Math.min(this.cap, 2 * this.capacity))
      this.first = 0
      return
    }
    this.first = (this.first + 1) % this.capacity
    this.size--
    this.evicted++
  }

  private inOrder(capacity: number): Uint32Array<ArrayBuffer> {
    const ordered = new Uint32Array(capacity * stride)
    let count = 0
    this.forEach((at) => {
      ordered.set(this.words.subarray(at, at + stride), count++ * stride)
    })
    return ordered
  }

  private forEach(visit: (at: number) => void): void {
    for (let i = 0; i < this.size; i++) visit(((this.first + i) % this.capacity) * stride)
  }
}

/** An event that carries the trait of a crew, to the minute. */
export interface CrewAct {
  readonly series: number
  readonly timeMs: number
  readonly isMadeByIt: boolean
}

const stride = 4
const minuteMs = 60_000
