import type { ControlHistory } from '../../detectors/control'
import type { AudienceHistory, Reference } from '../../detectors/detector'
import { judgedKinds } from '../../model/event'
import type { JudgedKind } from '../../model/event'
import { traitIndex } from '../../model/traits'
import type { PaneStore } from '../../windows/panes'
import type { WindowSums } from './control-history'
import { kindsJudged, networksCounter, premisesCounter, sisterCounter } from './measures'
import type { Samples } from './samples'
import type { SeriesStates } from './series-states'

/** The panes `[from, to]`, and the event time that they stand for. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly window: { readonly start: number; readonly end: number }
}

/** What is known of every series beyond the sums of a window. */
export interface Known {
  readonly states: SeriesStates
  readonly samples: Samples
  readonly reference: (series: number, trait: number) => Reference | undefined
  readonly control: (series: number, sums: WindowSums) => ControlHistory
}

/** What was measured of a series in a window, and what few windows get as far as being asked for. */
export class WindowHistory implements AudienceHistory {
  readonly accountId: string
  readonly kind: JudgedKind
  readonly count: number
  readonly traits: ArrayLike<number>

  constructor(
    private readonly series: number,
    private readonly span: Span,
    measured: Pick<AudienceHistory, 'accountId' | 'count' | 'traits'>,
    private readonly panes: PaneStore,
    private readonly known: Known,
  ) {
    this.accountId = measured.accountId
    this.kind = judgedKinds[series % kindsJudged]!
    this.count = measured.count
    this.traits = measured.traits
  }

  get window(): Span['window'] {
    return this.span.window
  }

  get denseNetworks(): number {
    let bits = 0
    for (let pane = this.span.from; pane <= this.span.to; pane++) {
      bits |= this.panes.count(this.series, pane, networksCounter)
    }
    let count = 0
    for (let rest = bits; rest !== 0; rest &= rest - 1) count++
    return count
  }

  get control(): ControlHistory {
    return this.known.control(this.series, {
      made: this.traits[madeTrait]!,
      sisterDevices: this.sumOf(sisterCounter),
      operatorNetwork: this.sumOf(premisesCounter),
    })
  }

  private sumOf(counter: number): number {
    let sum = 0
    for (let pane = this.span.from; pane <= this.span.to; pane++) {
      sum += this.panes.count(this.series, pane, counter)
    }
    return sum
  }

  reference(trait: number): Reference | undefined {
    return this.known.reference(this.series, trait)
  }

  get surprise(): AudienceHistory['surprise'] {
    return this.known.states.surprise(this.series, this.count, this.window)
  }

  get eventIds(): readonly string[] {
    return this.known.samples.within(this.series, this.window)
  }
}

const madeTrait = traitIndex('made')
