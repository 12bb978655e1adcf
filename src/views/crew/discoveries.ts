import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import type { ActRing } from './act-ring'
import type { Hash64, JointPair } from './joint-actions'
import type { PairTest } from './pair-test'
import { tempoCount, temposMs } from './act-ring'

/**
 * Which tested pairs are told: the step-up procedure of Benjamini and Hochberg, over a stream. A pair's p-value is
 * multiplied with the number of hypotheses (pairs of active actors, times tempos); with R pairs told and waiting ones
 * sorted, the first i of them are told for the largest i for which the i-th is at most q (R + i).
 *
 * At every moment all pairs told have p <= q (R + i) / m, which Blanchard and Roquain, "Two simple sufficient conditions
 * for FDR control" (2008), call self-consistent: under independence or positive dependence the expected share of false
 * ones is at most q. It does not cover that a pair is tested again while its count grows, which the count's tail outweighs
 * after a step or two, nor that R counts the pairs of the last one or two horizons only.
 *
 * Source: Benjamini and Hochberg, "Controlling the false discovery rate" (1995).
 */
export class Discoveries {
  /** Pairs that were told of the same hypotheses elsewhere. */
  elsewhere = 0
  /** Waiting pairs dropped because there were too many. */
  evicted = 0
  private waiting = new Map<string, Candidate>()
  private again = new Map<string, JointPair>()
  /** Pairs told in this horizon and in the one before. */
  private young = 0
  private old = 0
  private startMs = Number.NEGATIVE_INFINITY
  /** Whether a pair has come to wait since pairs were last told. */
  private isChanged = false

  constructor(private readonly options: { readonly horizonMs: number; readonly falseDiscoveries: number }) {}

  /** Pairs told in this horizon and in the one before. */
  get told(): number {
    return this.young + this.old
  }

  /** Takes the result of a test. `toldCount` is the count that the pair was told with before, or 0. */
  consider(
    test: PairTest,
    ring: ActRing,
    {
      key,
      leastCount,
      toldCount,
      hypotheses,
    }: {
      readonly key: string
      readonly leastCount: number
      readonly toldCount: number
      readonly hypotheses: number
    },
  ): void {
    const weighed = Array.from(test.pValues, (p, tempo) =>
      test.counts[tempo]! < leastCount ? Number.POSITIVE_INFINITY : p * hypotheses,
    )
    const best = Math.min(...weighed)
    if (toldCount > 0) {
      const tempo = this.tempoOf(weighed, this.told + this.elsewhere)
      if (tempo < 0 || test.counts[tempo]! < 2 * toldCount) return
      this.again.set(key, pairOf(test, ring, tempo))
      return
    }
    if (best > this.options.falseDiscoveries * mostWaiting) {
      this.waiting.delete(key)
      return
    }
    const pairs = weighed.map((_, tempo) => pairOf(test, ring, tempo))
    this.isChanged = true
    this.waiting.set(key, { key, best, weighed, pairs })
  }

  /** The pairs that may be told now: those that are told again, then the new ones by their chance. */
  accept(): Told[] {
    const told = [...this.again].map(([key, pair]): Told => ({ key, pair }))
    this.again.clear()
    if (!this.isChanged) return told
    this.isChanged = false
    const sorted = [...this.waiting.values()].sort(
      (one, other) => one.best - other.best || compare(one, other),
    )
    const before = this.told + this.elsewhere
    let accepted = 0
    sorted.forEach(({ best }, index) => {
      if (best <= this.options.falseDiscoveries * (before + index + 1)) accepted = index + 1
    })
    this.young += accepted
    for (const { key, weighed, pairs } of sorted.slice(0, accepted)) {
      this.waiting.delete(key)
      told.push({ key, pair: pairs[this.tempoOf(weighed, before + accepted)]! })
    }
    for (const { key } of sorted.slice(accepted).slice(mostWaiting)) {
      this.waiting.delete(key)
      this.evicted++
    }
    return told
  }

  /** Lets event time pass: what waits is forgotten with the acts that it rests on. */
  advance(nowMs: number): void {
    const { horizonMs } = this.options
    const startMs = Math.floor(nowMs / horizonMs) * horizonMs
    if (startMs <= this.startMs) return
    if (this.startMs !== Number.NEGATIVE_INFINITY) {
      this.old = startMs === this.startMs + horizonMs ? this.young : 0
      this.young = 0
    }
    this.startMs = startMs
    for (const [key, { pairs }] of this.waiting) {
      if (pairs.at(-1)!.toMs < nowMs - horizonMs) this.waiting.delete(key)
    }
  }

  save(out: SnapshotWriter, name: string): void {
    const { young, old, startMs, evicted, isChanged, elsewhere } = this
    // JSON has no infinity; a chance that was not tested is null.
    out.value(name, {
      waiting: [...this.waiting.values()],
      young,
      old,
      startMs,
      evicted,
      isChanged,
      elsewhere,
    })
  }

  load(from: SnapshotReader, name: string): void {
    const saved = from.value<{
      waiting: (Omit<Candidate, 'weighed'> & { weighed: (number | null)[] })[]
      young: number
      old: number
      startMs: number | null
      evicted: number
      isChanged: boolean
      elsewhere: number
    }>(name)
    this.waiting = new Map(
      saved.waiting.map((candidate) => [
        candidate.key,
        { ...candidate, weighed: candidate.weighed.map((value) => value ?? Number.POSITIVE_INFINITY) },
      ]),
    )
    this.young = saved.young
    this.old = saved.old
    this.startMs = saved.startMs ?? Number.NEGATIVE_INFINITY
    this.evicted = saved.evicted
    this.isChanged = saved.isChanged
    this.elsewhere = saved.elsewhere
  }

  /** The shortest tempo that is significant by itself, or -1. */
  private tempoOf(weighed: readonly number[], told: number): number {
    return weighed.findIndex((value) => value <= this.options.falseDiscoveries * Math.max(1, told))
  }
}

interface Told {
  readonly key: string
  readonly pair: JointPair
}

interface Candidate {
  readonly key: string
  /** The least of `weighed`: by tempo, the chance times the number of hypotheses. */
  readonly best: number
  readonly weighed: readonly number[]
  readonly pairs: readonly JointPair[]
}

function pairOf(
  { family, a, b, shared, counts, means, pValues }: PairTest,
  ring: ActRing,
  tempo: number,
): JointPair {
  const tempoMs = temposMs[tempo]!
  const within = shared.filter(({ gapMs }) => gapMs <= tempoMs)
  return {
    family,
    tempoMs,
    ...inOrder(ring.actorAt(a), ring.actorAt(b)),
    count: counts[tempo]!,
    expected: means[tempo]!,
    pValue: Math.min(1, pValues[tempo]! * tempoCount),
    fromMs: within.reduce((least, { earlier }) => Math.min(least, ring.timeAt(earlier)), Infinity),
    toMs: within.reduce((most, { later }) => Math.max(most, ring.timeAt(later)), 0),
    objects: within.slice(0, 3).map(({ later }) => ring.objectAt(later)),
  }
}

function inOrder(one: Hash64, other: Hash64): { readonly a: Hash64; readonly b: Hash64 } {
  const isFirst = one.high < other.high || (one.high === other.high && one.low < other.low)
  return isFirst ? { a: one, b: other } : { a: other, b: one }
}

function compare(one: Candidate, other: Candidate): number {
  return one.key < other.key ? -1 : one.key > other.key ? 1 : 0
}

/** So many pairs may wait for others to be told; by chance alone a hundredth as many do. */
const mostWaiting = 16_384
