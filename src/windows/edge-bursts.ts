import { mix32 } from '../model/hash'
import { SettingsError } from '../model/errors'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/** What can be set of a burst score. A tick is the slice of event time that the caller counts in, such as a minute. */
export interface BurstOptions {
  /** Cells in a row of a sketch. */
  readonly width: number
  /** Rows of a sketch. */
  readonly depth: number
  /** The share of the current count that is left a tick later. */
  readonly carry?: number
  /** The score from which on a count stays out of the history. */
  readonly quarantine?: number
}

/** Default and bounds of the options that have one; the defaults are those of the authors. */
export const burstOptions = {
  carry: { default: 0.5, min: 0, max: 0.99 },
  quarantine: { default: 1000, min: 1 },
} as const

/**
 * How unusual it is that a source meets a target this often now: the highest of three scores, of the edge, of its source
 * and of its target, each as `KeyBursts` gives it. A priority and no verdict: it sees floods within a tick or two in
 * constant time and memory, and neither what is slow nor who acts together.
 *
 * Source: Bhatia et al., "MIDAS: Microcluster-based detector of anomalies in edge streams" (AAAI 2020) and "Real-time
 * anomaly detection in edge streams" (2022), the variant with relations and filter (MIDAS-F).
 */
export class EdgeBursts {
  private readonly edges: KeyBursts
  private readonly sources: KeyBursts
  private readonly targets: KeyBursts

  constructor(readonly options: BurstOptions) {
    this.edges = new KeyBursts(options)
    this.sources = new KeyBursts(options)
    this.targets = new KeyBursts(options)
  }

  get byteLength(): number {
    return this.edges.byteLength + this.sources.byteLength + this.targets.byteLength
  }

  /** Counts one event, its ends given as 32-bit hashes, and gives its score. */
  score(source: number, target: number, tick: number): number {
    const ofEdge = this.edges.score(mix32(source, target), tick)
    const ofSource = this.sources.score(source, tick)
    const ofTarget = this.targets.score(target, tick)
    return Math.max(ofEdge, ofSource, ofTarget)
  }

  save(out: SnapshotWriter, name: string): void {
    this.edges.save(out, `${name}.edges`)
    this.sources.save(out, `${name}.sources`)
    this.targets.save(out, `${name}.targets`)
  }

  load(from: SnapshotReader, name: string): void {
    this.edges.load(from, `${name}.edges`)
    this.sources.load(from, `${name}.sources`)
    this.targets.load(from, `${name}.targets`)
  }
}

/**
 * How unusual the current count of a key is against the mean of its own past, for very many keys in fixed memory:
 * (observed - expected)² / expected, where more is observed than expected, else 0.
 *
 * ```
 *  tick       1     2     3     4      5
 *  events     2     2     2     80     80
 *  observed   2     3     3.5   81.8   120.9   what is of this tick, and half of what was observed a tick before
 *  expected   1     2     2.5   2.8    2.8     the mean over all past ticks; tick 4 was too high to enter it
 *  score      1     0.5   0.4   2198   4917
 * ```
 *
 * A count in quarantine leaves the mean as it was, so that a flood cannot teach its own level, and a rise that stays in
 * quarantine is never learnt. Below it a tick raises the mean by √(quarantine · expected) / ticks of history at most.
 * The first tick of a key is believed whatever comes, as one tick among all that were.
 *
 * Two things differ from the source. There a lull scores as high as a burst, so that every busy key is odd whenever a
 * tick begins. And there a mean may be anything above 0, so that the second event in a day is a surprise, and a key
 * without a past scores 0; here no less than one event a tick is expected, below which chi-square does not hold (Cochran,
 * "Some methods for strengthening the common χ² tests", 1954). So a score depends neither on the length of the history
 * of rare keys nor on how far collisions fill it, and a flood on a new key is seen at once.
 *
 * The observed count is never too low, and with probability 1 - e^-depth not too high by more than e / width of all
 * that is current. The mean has no such bound: keys that share a cell share its quarantine too.
 *
 * Keys are 32-bit hashes under a secret key; who can choose his hash can aim at a cell.
 */
export class KeyBursts {
  /** Of the last score: events of this tick, and what is left of those before. A field, so that nothing is allocated. */
  observed = 0
  /** Of the last score: the mean of what was observed in past ticks, or 1 where it is less. */
  expected = 0
  /** Records of `stride` numbers, row by row. */
  private readonly cells: Float32Array
  private readonly places: Uint32Array
  /** What is left of a count after so many ticks; nothing, beyond the end. */
  private readonly left: Float64Array
  private readonly carry: number
  private readonly quarantine: number
  private firstTick = Number.NaN
  /** Ticks since the first one: the length of the history. */
  private age = 0

  constructor(readonly options: BurstOptions) {
    const { width, depth } = options
    this.carry = options.carry ?? burstOptions.carry.default
    this.quarantine = options.quarantine ?? burstOptions.quarantine.default
    check('width', width, Number.isInteger(width) && width >= 1, 'a whole number from 1 on')
    check('depth', depth, Number.isInteger(depth) && depth >= 1, 'a whole number from 1 on')
    const { min, max } = burstOptions.carry
    check('carry', this.carry, this.carry >= min && this.carry <= max, `between ${min} and ${max}`)
    check(
      'quarantine',
      this.quarantine,
      this.quarantine >= burstOptions.quarantine.min,
      `${burstOptions.quarantine.min} or more`,
    )
    this.cells = new Float32Array(width * depth * stride)
    this.places = new Uint32Array(depth)
    this.left = powersOf(this.carry)
  }

  get byteLength(): number {
    return this.cells.byteLength + this.places.byteLength + this.left.byteLength
  }

  /**
   * Counts one event of a key and gives the score of the key with it. Ticks are whole numbers that grow; an event of an
   * earlier tick than the latest counts in the latest.
   */
  score(key: number, tick: number): number {
    this.passTo(tick)
    const { width, depth } = this.options
    const { cells, places, age } = this
    let observed = Number.POSITIVE_INFINITY
    let past = Number.POSITIVE_INFINITY
    for (let row = 0; row < depth; row++) {
      const at = (row * width + (mix32(key, row + 1) % width)) * stride
      places[row] = at
      if (cells[at + atAge] !== age) this.catchUp(at)
      const current = cells[at + atCurrent]! + 1
      cells[at + atCurrent] = current
      if (current < observed) observed = current
      if (cells[at + atPast]! < past) past = cells[at + atPast]!
    }
    const mean = age === 0 ? 0 : past / age
    const expected = mean > leastExpected ? mean : leastExpected
    const excess = observed - expected
    const score = excess > 0 ? (excess * excess) / expected : 0
    // What has no past is believed, or else nothing new could ever become usual.
    const isKeptOut = past > 0 && score >= this.quarantine ? 1 : 0
    for (let row = 0; row < depth; row++) cells[places[row]! + atKeptOut] = isKeptOut
    this.observed = observed
    this.expected = expected
    return score
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.cells`, this.cells)
    out.value(`${name}.firstTick`, Number.isNaN(this.firstTick) ? null : this.firstTick)
    out.value(`${name}.age`, this.age)
  }

  load(from: SnapshotReader, name: string): void {
    const cells = from.float32(`${name}.cells`)
    if (cells.length !== this.cells.length) {
      throw new Error(
        `the snapshot has ${cells.length} numbers of "${name}", not ${this.cells.length}; load it into the same shape`,
      )
    }
    this.cells.set(cells)
    this.firstTick = from.value<number | null>(`${name}.firstTick`) ?? Number.NaN
    this.age = from.number(`${name}.age`)
  }

  private passTo(tick: number): void {
    if (Number.isNaN(this.firstTick)) this.firstTick = tick
    if (tick - this.firstTick > this.age) this.age = tick - this.firstTick
  }

  /**
   * Brings a cell to the present in one step. At the end of every tick the current count enters the past and then
   * fades, or, in quarantine, the past grows by its own mean; over several ticks these are a geometric sum and a ratio,
   * so that no tick needs a pass over all cells.
   */
  private catchUp(at: number): void {
    const { cells, age } = this
    const ticks = age - cells[at + atAge]!
    const left = ticks < this.left.length ? this.left[ticks]! : 0
    const current = cells[at + atCurrent]!
    if (cells[at + atKeptOut] === 0) cells[at + atPast]! += (current * (1 - left)) / (1 - this.carry)
    else cells[at + atPast]! *= age / cells[at + atAge]!
    cells[at + atCurrent] = current * left
    cells[at + atAge] = age
  }
}

/** Events a tick. */
const leastExpected = 1

/** A cell: its current count, the sum of the past, the age at which both hold, and whether it is in quarantine. */
const stride = 4
const atCurrent = 0
const atPast = 1
const atAge = 2
const atKeptOut = 3

/** 1, carry, carry², … down to where a count is as good as gone. */
function powersOf(carry: number): Float64Array {
  const powers: number[] = []
  for (let power = 1; power > 2 ** -64; power *= carry) powers.push(power)
  return Float64Array.from(powers)
}

function check(name: string, value: number, isGood: boolean, wanted: string): void {
  if (!isGood) throw new SettingsError(`edge-bursts.${name} must be ${wanted}, got ${value}`)
}
