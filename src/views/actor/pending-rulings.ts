import { BlockBuilder, readBlock } from '../../model/block'
import type { Block } from '../../model/block'
import { detailCode } from '../../model/details'
import { kindCode } from '../../model/event'
import { isLater, rulingOf } from '../../model/ruling'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/**
 * Rulings on their way to the epoch in which they take effect: that in which they were decided or, when that has closed,
 * the earliest that is open. They are few, so each waits as a block of its own row.
 *
 * ```
 *  decided      09:59:03   10:00:07          next month
 *  it is now               10:00:10 ─┐           │
 *  takes effect            10:00:10 ◄┘ ◄── both  └── waits
 * ```
 */
export class PendingRulings {
  /** In the order in which they take effect. */
  private waiting: Pending[] = []
  /** When the policy that is in force was decided; an older one that comes later changes nothing. */
  private latestPolicy: { readonly timeMs: number; readonly eventId: string } | undefined
  private readonly single = new BlockBuilder()
  /** Repeats among those that wait, policies that a later one was ahead of, and rulings that found no room. */
  duplicates = 0
  outdated = 0

  constructor(private readonly epochMs: number) {}

  get size(): number {
    return this.waiting.length
  }

  /** Takes the ruling in a row of a block; `closedMs` is where the open epochs begin. */
  add(block: Block, row: number, closedMs: number): void {
    const timeMs = block.timeMs[row]!
    const isRepeat = this.waiting.some(
      (one) => one.block.idHigh[0] === block.idHigh[row] && one.block.idLow[0] === block.idLow[row],
    )
    if (isRepeat || this.waiting.length >= mostWaiting) {
      if (isRepeat) this.duplicates++
      else this.outdated++
      return
    }
    const startMs = Math.max(Math.floor(timeMs / this.epochMs) * this.epochMs, closedMs)
    this.single.copyRow(block, row)
    const own = this.single.finish({
      source: '',
      sequence: 0,
      watermarkMs: 0,
      fromPosition: 0,
      toPosition: 0,
    })
    this.waiting.push({ startMs, block: own })
    this.waiting.sort(inOrder)
  }

  /** The first epoch before a moment in which something takes effect. */
  nextBefore(endMs: number): number | undefined {
    const [first] = this.waiting
    return first !== undefined && first.startMs < endMs ? first.startMs : undefined
  }

  /** Whether feedback waits for an epoch that may never come, when the input has ended. */
  get hasFeedback(): boolean {
    return this.waiting.some(({ block }) => block.kind[0] === feedback)
  }

  /** Brings all feedback forward to an epoch: at the end of the input, nothing follows that it could wait for. */
  bringForward(startMs: number): void {
    this.waiting = this.waiting
      .map((one) =>
        one.block.kind[0] === feedback ? { ...one, startMs: Math.min(startMs, one.startMs) } : one,
      )
      .sort(inOrder)
  }

  /** Writes the rulings of an epoch into a block, each at the start of it, with the time at which it was decided. */
  take(startMs: number, out: BlockBuilder): void {
    for (let first = this.waiting[0]; first?.startMs === startMs; first = this.waiting[0]) {
      this.waiting.shift()
      const { block } = first
      if (block.kind[0] === policy) {
        const { timeMs, eventId } = rulingOf(block, 0)
        if (this.latestPolicy !== undefined && !isLater({ timeMs, eventId }, this.latestPolicy)) {
          this.outdated++
          continue
        }
        this.latestPolicy = { timeMs, eventId }
      }
      const row = out.copyRow(block, 0)
      const decided = textEncoder.encode(String(block.timeMs[0]!))
      out.addDetail(occurredAt, decided, 0, decided.length)
      out.columns.timeMs[row] = startMs
    }
  }

  save(out: SnapshotWriter): void {
    out.value('rulings', {
      starts: this.waiting.map(({ startMs }) => startMs),
      latestPolicy: this.latestPolicy ?? null,
      duplicates: this.duplicates,
      outdated: this.outdated,
    })
    this.waiting.forEach(({ block }, index) => {
      out.array(`rulings.${index}`, block.bytes)
    })
  }

  load(from: SnapshotReader): void {
    const saved = from.value<SavedRulings>('rulings')
    this.waiting = saved.starts.map((startMs, index) => ({
      startMs,
      block: readBlock(from.uint8(`rulings.${index}`)),
    }))
    this.latestPolicy = saved.latestPolicy ?? undefined
    this.duplicates = saved.duplicates
    this.outdated = saved.outdated
  }
}

interface Pending {
  readonly startMs: number
  /** One row. */
  readonly block: Block
}

interface SavedRulings {
  readonly starts: readonly number[]
  readonly latestPolicy: { readonly timeMs: number; readonly eventId: string } | null
  readonly duplicates: number
  readonly outdated: number
}

/** By the epoch, then as all rows of an epoch: by time and id. */
function inOrder(one: Pending, other: Pending): number {
  return (
    one.startMs - other.startMs ||
    one.block.timeMs[0]! - other.block.timeMs[0]! ||
    one.block.idHigh[0]! - other.block.idHigh[0]! ||
    one.block.idLow[0]! - other.block.idLow[0]!
  )
}

/** Decisions for the future are few; a flood of them must not fill the memory. */
const mostWaiting = 10_000
const feedback = kindCode('feedback')
const policy = kindCode('policy')
const occurredAt = detailCode('occurred-at')
const textEncoder = new TextEncoder()
