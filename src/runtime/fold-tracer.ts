import type { Span, TraceParent, Traces } from './traces'
import type { View } from './view'

/**
 * Tells the folds of a view as spans: one for each step that closed an epoch or put something out, which is one an epoch
 * while the view keeps up, and one for all the epochs of a step while it catches up. The record with which the last of
 * them closed is its parent, and what came before that without closing any is linked.
 *
 * ```
 *  records   a  b  c  d │ e  f             epochs close at d and at f
 *  spans              ▔▔▔     ▔▔▔          the first led to by d, linked to a, b, c; the second by f, linked to e
 * ```
 */
export class FoldTracer {
  private asOfMs: number | null
  private records = 0
  /** What led to the records that no span has told of. */
  private readonly waiting = new Set<TraceParent>()
  private step: Step | undefined

  constructor(
    private readonly view: View,
    private readonly traces: Traces,
  ) {
    this.asOfMs = this.viewIsAtMs
  }

  /** A step begins: what led to its records is known, as far as it was told. */
  begin(parents: readonly (TraceParent | undefined)[]): void {
    this.step = { parents, startMs: this.traces.nowMs(), atMs: this.viewIsAtMs, put: 0, closing: undefined }
  }

  /** The next record of the step has been folded; so much of the step waits to be appended. */
  folded(index: number, put: number): void {
    const step = this.step!
    this.records++
    const parent = step.parents[index]
    const atMs = this.viewIsAtMs
    if (atMs !== step.atMs || put > step.put) {
      step.atMs = atMs
      step.put = put
      step.closing = index
    }
    if (parent !== undefined && this.waiting.size < mostLinks) this.waiting.add(parent)
  }

  /** The step has folded all it read: the span of it, which has ended, if there is something to tell. */
  end(): Span | undefined {
    const step = this.step!
    if (step.closing === undefined) return undefined
    const parent = step.parents[step.closing]
    if (parent !== undefined) this.waiting.delete(parent)
    const span = this.traces.begin(`fold ${this.view.name}`, {
      ...{ parent, links: this.waiting, startMs: step.startMs, kind: 'consumer' },
      attributes: {
        'assay.view': this.view.name,
        'assay.records': this.records,
        'assay.event_time.from': this.asOfMs ?? undefined,
        'assay.event_time.to': step.atMs ?? undefined,
      },
    })
    span.end()
    this.asOfMs = step.atMs
    this.records = 0
    this.waiting.clear()
    return span
  }

  private get viewIsAtMs(): number | null {
    return this.view.asOfMs ?? null
  }
}

interface Step {
  readonly parents: readonly (TraceParent | undefined)[]
  readonly startMs: number
  atMs: number | null
  put: number
  /** The last record that closed an epoch or put something out. */
  closing: number | undefined
}

/** More would tell nobody more. */
const mostLinks = 32
