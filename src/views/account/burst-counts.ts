import { widened } from '../../state/memory'

/**
 * How many events each series had in the latest panes, as one running number: what a judgement after every epoch asks
 * of every series that had an event in it. A series' panes, their total and its mark lie side by side, so that a look
 * costs one cache line. It holds nothing that the panes do not, and is filled from them after a restart.
 */
export class BurstCounts {
  /** The series that had an event since the last `clearTouched`, in the order of their first. */
  readonly touched: number[] = []
  private words: Uint32Array
  /** What a series' mark is when it is among the touched ones; never 0. */
  private round = 1
  private readonly stride: number

  constructor(private readonly panes: number) {
    this.stride = panes + firstPaneWord
    this.words = new Uint32Array(1024 * this.stride)
  }

  get byteLength(): number {
    return this.words.byteLength
  }

  /** Counts events of a series in a pane, which is not older than any that it had an event in. */
  add(series: number, pane: number, events = 1): void {
    const at = this.moveTo(series, pane)
    const { words } = this
    words[at + totalWord]! += events
    words[at + firstPaneWord + (pane % this.panes)]! += events
    if (words[at + markWord] === this.round) return
    words[at + markWord] = this.round
    this.touched.push(series)
  }

  /** Notes again that a series, which has been counted, had an event since the last `clearTouched`. */
  touch(series: number): void {
    this.words[series * this.stride + markWord] = this.round
    this.touched.push(series)
  }

  /** Events of a series in the panes that end with this one. */
  count(series: number, pane: number): number {
    return this.words[this.moveTo(series, pane) + totalWord]!
  }

  clearTouched(): void {
    this.touched.length = 0
    this.round++
  }

  /** Where the words of a series lie, after it has forgotten what is too old for a window that ends with this pane. */
  private moveTo(series: number, pane: number): number {
    const at = series * this.stride
    if (at >= this.words.length)
      this.words = widened(this.words, Math.max(at + this.stride, Math.ceil(this.words.length * 1.25)))
    const { words, panes } = this
    const latest = words[at + latestWord]!
    if (pane <= latest) return at
    words[at + latestWord] = pane
    const passed = Math.min(panes, pane - latest)
    for (let forgotten = pane - passed + 1; forgotten <= pane; forgotten++) {
      const place = at + firstPaneWord + (forgotten % panes)
      words[at + totalWord]! -= words[place]!
      words[place] = 0
    }
    return at
  }
}

/** The latest pane, the sum of all, the round in which the series was touched last; then the panes. */
const latestWord = 0
const totalWord = 1
const markWord = 2
const firstPaneWord = 3
