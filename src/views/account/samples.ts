import { eventIdOf } from '../../model/block'
import type { Block } from '../../model/block'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/**
 * A few suspicious events of each series, for the evidence of a verdict: of the last day, those with the smallest id
 * hashes, which is a random choice that does not depend on the order of arrival.
 */
export class Samples {
  private readonly bySeries = new Map<number, Sample[]>()

  add(series: number, block: Block, row: number): void {
    const timeMs = block.timeMs[row]!
    const hash = block.idHigh[row]!
    let samples = this.bySeries.get(series)
    if (samples === undefined) {
      samples = []
      this.bySeries.set(series, samples)
    }
    if (samples.length === samplesKept) {
      const oldest = samples.findIndex((sample) => sample.timeMs < timeMs - keptMs)
      const place = oldest >= 0 ? oldest : samples.length - 1
      if (oldest < 0 && samples[place]!.hash <= hash) return
      samples.splice(place, 1)
    }
    const at = samples.findIndex((sample) => sample.hash > hash)
    samples.splice(at < 0 ? samples.length : at, 0, { timeMs, hash, eventId: eventIdOf(block, row) })
  }

  /** Event ids from within a window, at most twenty, in order of time. */
  within(series: number, { start, end }: { start: number; end: number }): string[] {
    const samples = this.bySeries.get(series) ?? []
    return samples
      .filter(({ timeMs }) => timeMs >= start && timeMs < end)
      .sort((a, b) => a.timeMs - b.timeMs || a.hash - b.hash)
      .map(({ eventId }) => eventId)
  }

  /** Forgets series whose latest sample is older than a day. */
  forgetBefore(timeMs: number): void {
    for (const [series, samples] of this.bySeries) {
      if (samples.every((sample) => sample.timeMs < timeMs)) this.bySeries.delete(series)
    }
  }

  save(out: SnapshotWriter): void {
    out.value('samples', [...this.bySeries])
  }

  load(from: SnapshotReader): void {
    for (const [series, samples] of from.value<[number, Sample[]][]>('samples')) {
      this.bySeries.set(series, samples)
    }
  }
}

interface Sample {
  readonly timeMs: number
  readonly hash: number
  readonly eventId: string
}

/** As many as a verdict may name. */
const samplesKept = 20
const keptMs = 86_400_000
