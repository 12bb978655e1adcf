import { habitFamilies, handFamilies } from '../../model/acts'
import type { HabitChange, HabitFamily, HandChange, HandFamily, Readers, Tenure } from '../../model/acts'
import type { Columns } from '../../model/block'
import { Generations } from '../../state/generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { CountMin } from '../../windows/count-min'
import { binomialUpperTail } from '../../windows/tails'

/** Something that whoever runs an account does with it: publishes, logs in. */
export interface OperatorAct {
  readonly timeMs: number
  /** Keyed hashes; 0 where unknown. */
  readonly operator: number
  readonly device: number
  readonly network: number
  readonly isPost: boolean
  /** Of a post: letters of its folded text, and bytes of the text as it was written. */
  readonly letters: number
  readonly textBytes: number
}

/** Another has run an account for a month, as far as it was measured; who it is and which events say so comes from elsewhere. */
export interface Handover {
  readonly before: Tenure
  readonly after: Tenure
  readonly hands: readonly HandChange[]
  readonly habits: readonly HabitChange[]
  readonly readers: Readers
}

/** Where an account stands: not yet known for long enough, run by those who are known, or by somebody new beside them. */
export type TenureSoFar =
  | { readonly phase: 'learning' | 'known'; readonly known: Tenure }
  | { readonly phase: 'newcomer'; readonly known: Tenure; readonly handover: Handover }

/** What an act tells: that a new hand has come, that it was nothing, that it has stayed, or that a former one is back. */
export type TenureNews =
  | { readonly kind: 'newcomer' }
  | { readonly kind: 'dismissed' }
  | { readonly kind: 'handover'; readonly handover: Handover }
  | { readonly kind: 'handback' }

/**
 * Who runs each account, from where and in which way, month by month. An account is compared with itself: what was known
 * of it before a window of a month with what is seen within. The windows of all accounts together say how often honest
 * accounts change, so that a change in one of them has a chance.
 *
 * ```
 *            known                     window, a month
 *  operator  a  a  a   a  a  a  a  a │ b   b  b   b  b    nobody of before comes back: changed for good
 *  device    p  p  p   p  p  q  q  q │ q   r  q   r  r    q is of before, and comes back: kept
 *                                    └ begins with the newcomer, or a month after the last one began
 * ```
 *
 * Where somebody new comes, the window begins with him. It ends early when one who was known before acts after the first
 * week, in which the two may hand over: then he is one of a team, or stood in for somebody, and is known from there on.
 */
export class Tenures {
  private readonly table: Generations
  private month = 0
  /** How many accounts are run from a network, about: each counts once a month, and months fade by half. */
  private readonly onNetwork = new CountMin({ width: 65_536, depth: 3 })
  /** Windows that ran to their end, and in how many of them each changed for good. */
  private readonly windows = { all: 0, operator: 0, device: 0, place: 0 }
  /** Windows with one hand throughout: how surprising habits were, as the sum of -ln p; exponential with mean 1 in theory. */
  private readonly unrest: Record<HabitFamily, { windows: number; sum: number }> = {
    hours: { windows: 0, sum: 0 },
    tempo: { windows: 0, sum: 0 },
    texts: { windows: 0, sum: 0 },
  }

  constructor(cap = mostAccounts) {
    this.table = new Generations({ stride, spanMs: 60 * dayMs, cap })
  }

  get byteLength(): number {
    return this.table.byteLength + this.onNetwork.byteLength
  }

  get evicted(): number {
    return this.table.evicted
  }

  advance(nowMs: number): void {
    this.table.advance(nowMs)
    const month = Math.floor(nowMs / (windowS * 1000))
    if (month > this.month) this.onNetwork.scale(0.5)
    this.month = month
  }

  /** Notes that somebody runs an account. */
  act(high: number, low: number, act: OperatorAct): TenureNews | undefined {
    const at = this.table.touch(high, low)
    const { words } = this.table.young
    const nowS = Math.floor(act.timeMs / 1000)
    if (this.table.isNew) {
      words[at + knownFromWord] = nowS
      words[at + paneStartWord] = nowS
    }
    const isBack = this.isFormer(words, at, act.operator, nowS)
    const news = this.run(words, at, act, nowS)
    return isBack ? { kind: 'handback' } : news
  }

  /** Notes that somebody reads or answers an account, as a row tells. */
  read(
    high: number,
    low: number,
    { actorLow, timeMs }: Pick<Columns, 'actorLow' | 'timeMs'>,
    row: number,
  ): void {
    const at = this.table.find(high, low)
    if (at < 0) return
    const { words } = this.table.young
    const reader = actorLow[row]! || 1
    if (words[at + phaseWord] !== newcomerPhase) {
      const nowS = Math.floor(timeMs[row]! / 1000)
      if (nowS >= words[at + paneStartWord]! + paneS) turnPane(words, at, nowS)
      sample(words, at + readersWord, reader)
    }
    const place = placeOf(words, at + formerReadersWord, sampled, reader)
    if (place >= 0) words[at + returnedWord]! |= 1 << place
  }

  /** How far an account is on the way to a handover, and changes nothing; undefined of one that nobody was seen to run. */
  standingOf(high: number, low: number): TenureSoFar | undefined {
    const found = this.table.peek(high, low)
    if (found === undefined) return undefined
    const { words, at } = found
    const known = tenureOf(words, at, knownEra)
    const phase = words[at + phaseWord]!
    if (phase === learningPhase) return { phase: 'learning', known }
    if (phase !== newcomerPhase) return { phase: 'known', known }
    const { hands, habits } = this.changesOf(words, at)
    return { phase: 'newcomer', known, handover: this.handoverOf(words, at, hands, habits) }
  }

  save(out: SnapshotWriter, name: string): void {
    this.table.save(out, name)
    this.onNetwork.save(out, `${name}.networks`)
    out.value(`${name}.usual`, { month: this.month, windows: this.windows, unrest: this.unrest })
  }

  load(from: SnapshotReader, name: string): void {
    this.table.load(from, name)
    this.onNetwork.load(from, `${name}.networks`)
    const saved = from.value<Usual>(`${name}.usual`)
    this.month = saved.month
    Object.assign(this.windows, saved.windows)
    Object.assign(this.unrest, saved.unrest)
  }

  private run(words: Uint32Array, at: number, act: OperatorAct, nowS: number): TenureNews | undefined {
    const phase = words[at + phaseWord]!
    if (phase === learningPhase) {
      this.learn(words, at + knownWord, act, nowS)
      words[at + knownToWord] = nowS
      const isKnown =
        nowS - words[at + knownFromWord]! >= learnS && words[at + knownWord + actsAt]! >= leastActs
      if (isKnown) words[at + phaseWord] = restPhase
      return undefined
    }
    const isKnown = placeOf(words, at + knownWord + valuesAt.operator, mostValues, act.operator) >= 0
    if (phase === newcomerPhase && isKnown) {
      // In the first days the two may hand over to each other.
      if (nowS - words[at + windowFromWord]! <= togetherS) {
        this.learn(words, at + knownWord, act, nowS)
        words[at + knownToWord] = nowS
        return undefined
      }
      this.endWindow(words, at, restPhase)
      this.see(words, at, act, nowS)
      return { kind: 'dismissed' }
    }
    if (phase !== newcomerPhase && !isKnown && act.operator !== 0) {
      this.welcome(words, at, nowS)
      this.see(words, at, act, nowS)
      return { kind: 'newcomer' }
    }
    if (phase === restPhase) this.beginWindow(words, at, routinePhase, nowS)
    this.see(words, at, act, nowS)
    return this.isDue(words, at, nowS) ? this.conclude(words, at) : undefined
  }

  /** The window of a newcomer begins; a phone or a place that came some days before him came with him. */
  private welcome(words: Uint32Array, at: number, nowS: number): void {
    const brought = words[at + phaseWord] === routinePhase ? broughtAlong(words, at, nowS) : []
    if (words[at + phaseWord] === routinePhase) this.endWindow(words, at, restPhase)
    this.beginWindow(words, at, newcomerPhase, nowS)
    for (const { family, firstS, seen, values } of brought) {
      const change = at + changesWord + handFamilies.indexOf(family) * changeWords
      words[change + firstAtWord] = firstS
      words[change + seenWord] = seen
      for (const value of values) {
        forget(words, at + knownWord + valuesAt[family], valuesOf[family], value)
        remember(words, at + windowWord + valuesAt[family], valuesOf[family], value)
      }
    }
  }

  private beginWindow(words: Uint32Array, at: number, phase: number, nowS: number): void {
    words[at + phaseWord] = phase
    words[at + windowFromWord] = nowS
    words.fill(0, at + windowWord, at + windowWord + eraWords)
    words.fill(0, at + changesWord, at + changesWord + 3 * changeWords)
    if (phase === newcomerPhase) turnPane(words, at, nowS)
  }

  /** Takes an act into the open window. */
  private see(words: Uint32Array, at: number, act: OperatorAct, nowS: number): void {
    if (words[at + phaseWord] === restPhase) {
      this.learn(words, at + knownWord, act, nowS)
      words[at + knownToWord] = nowS
      return
    }
    handFamilies.forEach((family, index) => {
      const value = this.valueOf(act, family)
      if (value === 0) return
      const change = at + changesWord + index * changeWords
      if (placeOf(words, at + knownWord + valuesAt[family], valuesOf[family], value) >= 0) {
        words[change + keptAtWord] = nowS
        return
      }
      if (words[change + firstAtWord] === 0) words[change + firstAtWord] = nowS
      words[change + seenWord]!++
    })
    this.learn(words, at + windowWord, act, nowS)
    words[at + windowToWord] = nowS
  }

  private isDue(words: Uint32Array, at: number, nowS: number): boolean {
    const ageS = nowS - words[at + windowFromWord]!
    return ageS >= windowS && words[at + windowWord + actsAt]! >= leastActs
  }

  /** Ends a window that ran to its end: it counts for what is usual, and may be a handover. */
  private conclude(words: Uint32Array, at: number): TenureNews | undefined {
    const isNewcomer = words[at + phaseWord] === newcomerPhase
    const { hands, habits } = this.changesOf(words, at)
    const isHandover = isNewcomer && hands[0]!.isChanged
    const handover = isHandover ? this.handoverOf(words, at, hands, habits) : undefined
    this.windows.all++
    for (const { family, isChanged } of hands) if (isChanged) this.windows[family]++
    if (!isNewcomer) {
      for (const { family, pValue } of habits) {
        this.unrest[family].windows++
        this.unrest[family].sum -= Math.log(pValue)
      }
    }
    const former = words.slice(at + knownWord, at + knownWord + mostValues)
    this.endWindow(words, at, restPhase)
    if (handover === undefined) return isNewcomer ? { kind: 'dismissed' } : undefined
    words.set(former, at + formerWord)
    words[at + formerSinceWord] = words[at + knownToWord]!
    // Whoever is known from now on is the new hand alone.
    words.fill(0, at + knownWord, at + knownWord + eraWords)
    words.set(words.subarray(at + windowWord, at + windowWord + eraWords), at + knownWord)
    words[at + knownFromWord] = words[at + windowFromWord]!
    return { kind: 'handover', handover }
  }

  /** What changed in the open window, each hand and habit by itself. */
  private changesOf(words: Uint32Array, at: number): { hands: HandChange[]; habits: HabitChange[] } {
    return {
      hands: handFamilies.map((family, index) => this.handChange(words, at, family, index)),
      habits: habitFamilies.map((family) => habitChange(words, at, family)),
    }
  }

  private handoverOf(
    words: Uint32Array,
    at: number,
    hands: readonly HandChange[],
    habits: readonly HabitChange[],
  ): Handover {
    return {
      before: tenureOf(words, at, knownEra),
      after: tenureOf(words, at, windowEra),
      hands: hands.map((hand) => ({ ...hand, rate: this.rateOf(hand.family) })),
      habits: habits.map((habit) => ({ ...habit, pValue: this.calibrated(habit) })),
      readers: readersOf(words, at),
    }
  }

  private handChange(words: Uint32Array, at: number, family: HandFamily, index: number): HandChange {
    const change = at + changesWord + index * changeWords
    const firstS = words[change + firstAtWord]!
    const isNewcomer = words[at + phaseWord] === newcomerPhase
    const isKept = words[change + keptAtWord]! > firstS + (isNewcomer ? togetherS : 0)
    const wasKnown = words[at + knownWord + valuesAt[family]]! !== 0
    const operatorS = words[at + changesWord + firstAtWord]!
    const isTogether = Math.abs(firstS - operatorS) <= togetherS || family === 'operator'
    // Outside a newcomer's window there is nobody to change together with.
    const isInTime = !isNewcomer || isTogether
    const isSure = firstS > 0 && words[change + seenWord]! >= leastSeen
    return { family, isChanged: isSure && wasKnown && !isKept && isInTime, isKept, rate: 1 }
  }

  /** The upper end of the rate, at about 95 of 100: with none in n windows the rule of three. */
  private rateOf(family: HandFamily): number {
    const { all } = this.windows
    const seen = this.windows[family]
    return all < leastWindows ? 1 : Math.min(1, (seen + 1 + 2 * Math.sqrt(seen + 1)) / all)
  }

  /**
   * The chance of a habit's change while one hand runs an account. Posts of one author are not independent draws, so that
   * the theoretical chance is too small; by how much is seen in the windows in which nobody came: where -ln p should have
   * the mean 1 and has the mean m, p is taken to the power of 1 / m.
   */
  private calibrated({ family, pValue }: HabitChange): number {
    const { windows, sum } = this.unrest[family]
    if (windows < leastWindows) return 1
    const unrest = Math.max(1, (sum / windows) * (1 + 2 / Math.sqrt(windows)))
    return Math.max(leastChance, pValue ** (1 / unrest))
  }

  /** What the window has seen is known from now on; older habits count half. */
  private endWindow(words: Uint32Array, at: number, phase: number): void {
    const known = at + knownWord
    const seen = at + windowWord
    for (const family of handFamilies) {
      for (let place = valuesOf[family] - 1; place >= 0; place--) {
        const value = words[seen + valuesAt[family] + place]!
        if (value !== 0) remember(words, known + valuesAt[family], valuesOf[family], value)
      }
    }
    for (let word = countsAt; word < eraWords; word++) {
      words[known + word] = (words[known + word]! >>> 1) + words[seen + word]!
    }
    words[at + knownToWord] = Math.max(words[at + knownToWord]!, words[at + windowToWord]!)
    // Acts and days fade together, so that the tempo stays what it is.
    const spanS = words[at + knownToWord]! - words[at + knownFromWord]!
    const windowSpanS = words[at + windowToWord]! - words[at + windowFromWord]!
    words[at + knownFromWord] =
      words[at + knownToWord]! - Math.max(0, Math.floor((spanS - windowSpanS) / 2)) - windowSpanS
    words[at + phaseWord] = phase
  }

  private learn(words: Uint32Array, era: number, act: OperatorAct, nowS: number): void {
    for (const family of handFamilies) {
      const value = this.valueOf(act, family)
      if (value === 0) continue
      const isNew = remember(words, era + valuesAt[family], valuesOf[family], value)
      if (isNew && family === 'place') this.onNetwork.add(value)
    }
    words[era + actsAt]!++
    const slot = Math.floor(nowS / slotS)
    // What is done within three hours is one occasion.
    if (words[era + slotAt] !== slot) words[era + hoursAt + (slot % hourBins)]!++
    words[era + slotAt] = slot
    if (!act.isPost) return
    words[era + postsAt]!++
    words[era + textsAt + textBin(act)]!++
  }

  /** A network from which many accounts are run is a carrier's or an office's, and says nothing of who it is. */
  private valueOf(act: OperatorAct, family: HandFamily): number {
    if (family === 'operator') return act.operator
    if (family === 'device') return act.device
    return this.onNetwork.estimate(act.network) > mostOnNetwork ? 0 : act.network
  }

  private isFormer(words: Uint32Array, at: number, operator: number, nowS: number): boolean {
    const sinceS = words[at + formerSinceWord]!
    if (sinceS === 0) return false
    const isBack = operator !== 0 && placeOf(words, at + formerWord, mostValues, operator) >= 0
    if (isBack || nowS - sinceS > formerS) words[at + formerSinceWord] = 0
    return isBack
  }
}

/** For how long an account was run in an era, and by how many acts. */
function tenureOf(words: Uint32Array, at: number, { from, to, era }: typeof knownEra): Tenure {
  return {
    fromMs: words[at + from]! * 1000,
    toMs: words[at + to]! * 1000,
    acts: words[at + era + actsAt]!,
  }
}

interface Usual {
  readonly month: number
  readonly windows: Tenures['windows']
  readonly unrest: Tenures['unrest']
}

/** What an open window has seen for the first time within the last days, device and place. */
function broughtAlong(
  words: Uint32Array,
  at: number,
  nowS: number,
): { family: HandFamily; firstS: number; seen: number; values: number[] }[] {
  return handFamilies.flatMap((family, index) => {
    const change = at + changesWord + index * changeWords
    const firstS = words[change + firstAtWord]!
    if (firstS === 0 || nowS - firstS > togetherS) return []
    const from = at + windowWord + valuesAt[family]
    const values = [...words.subarray(from, from + valuesOf[family])].filter(
      (value) =>
        value !== 0 && placeOf(words, at + knownWord + valuesAt[family], valuesOf[family], value) < 0,
    )
    return [{ family, firstS, seen: words[change + seenWord]!, values }]
  })
}

function habitChange(words: Uint32Array, at: number, family: HabitFamily): HabitChange {
  const counts = (era: number, from: number, length: number): number[] => [
    ...words.subarray(at + era + from, at + era + from + length),
  ]
  if (family === 'tempo') return tempoChange(words, at)
  const [from, length] = family === 'hours' ? [hoursAt, hourBins] : [textsAt, textBins]
  const before = counts(knownWord, from, length)
  const after = counts(windowWord, from, length)
  return { family, pValue: homogeneity(before, after), before, after }
}

/** Posts a day, before and after, and the chance that a binomial split of all posts by days is as uneven. */
function tempoChange(words: Uint32Array, at: number): HabitChange {
  const beforeS = Math.max(1, words[at + knownToWord]! - words[at + knownFromWord]!)
  const afterS = Math.max(1, words[at + windowToWord]! - words[at + windowFromWord]!)
  const [before, after] = [words[at + knownWord + postsAt]!, words[at + windowWord + postsAt]!]
  const share = afterS / (beforeS + afterS)
  const all = before + after
  const more = binomialUpperTail(after, { trials: all, probability: share })
  const fewer = binomialUpperTail(before, { trials: all, probability: 1 - share })
  const perDay = (posts: number, spanS: number): number => Number(((posts * 86_400) / spanS).toPrecision(3))
  return {
    family: 'tempo',
    pValue: all === 0 ? 1 : Math.min(1, 2 * Math.min(more, fewer)),
    before: [perDay(before, beforeS)],
    after: [perDay(after, afterS)],
  }
}

/**
 * The chance that two counts over the same bins come from one distribution: Pearson's chi-square, by the closed form for
 * an even number of degrees of freedom, one more than there are where that is odd, which makes it larger.
 */
export function homogeneity(one: readonly number[], other: readonly number[]): number {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
  const [ones, others] = [sum(one), sum(other)]
  if (ones < leastCompared || others < leastCompared) return 1
  let square = 0
  let bins = 0
  one.forEach((count, bin) => {
    const both = count + other[bin]!
    if (both === 0) return
    bins++
    const expected = (both * ones) / (ones + others)
    square += ((count - expected) ** 2 * (ones + others)) / (expected * others)
  })
  const half = Math.ceil((bins - 1) / 2)
  let term = Math.exp(-square / 2)
  let tail = half === 0 ? 1 : 0
  for (let k = 0; k < half; k++) {
    tail += term
    term *= square / 2 / (k + 1)
  }
  return Math.min(1, Math.max(1e-300, tail))
}

/** Letters in four steps, in a script of long words or of short ones. */
function textBin({ letters, textBytes }: OperatorAct): number {
  const length = letters < 40 ? 0 : letters < 120 ? 1 : letters < 360 ? 2 : 3
  return length * 2 + Number(textBytes > 2 * letters)
}

/** The latest sample of readers is the one to come back, and a new one begins. */
function turnPane(words: Uint32Array, at: number, nowS: number): void {
  let next = 0
  for (let place = 0; place < sampled; place++) if (words[at + readersWord + place] !== 0) next++
  const former = sizeOfSample(words, at)
  if (former > 0) {
    words[at + usualReturnedWord]! += bitCount(words[at + returnedWord]!)
    words[at + usualSampledWord]! += former
  }
  if (next >= leastReaders || former === 0) {
    words.copyWithin(at + formerReadersWord, at + readersWord, at + readersWord + sampled)
  }
  words.fill(0, at + readersWord, at + readersWord + sampled)
  words[at + returnedWord] = 0
  words[at + paneStartWord] = nowS
}

function readersOf(words: Uint32Array, at: number): Readers {
  const usual = words[at + usualSampledWord]!
  return {
    sampled: sizeOfSample(words, at),
    returned: bitCount(words[at + returnedWord]!),
    usualShare: usual === 0 ? 0 : words[at + usualReturnedWord]! / usual,
  }
}

function sizeOfSample(words: Uint32Array, at: number): number {
  let size = 0
  for (let place = 0; place < sampled; place++) if (words[at + formerReadersWord + place] !== 0) size++
  return size
}

/** Keeps those with the lowest hashes, in order: a sample of distinct readers, whoever comes how often. */
function sample(words: Uint32Array, from: number, reader: number): void {
  const last = from + sampled - 1
  if (words[last] !== 0 && reader >= words[last]!) return
  let place = 0
  while (place < sampled && words[from + place]! !== 0 && words[from + place]! < reader) place++
  if (words[from + place] === reader) return
  words.copyWithin(from + place + 1, from + place, last)
  words[from + place] = reader
}

/** Puts a value first, and lets go of the one that was not seen for longest; says whether it is new. */
function remember(words: Uint32Array, from: number, length: number, value: number): boolean {
  const place = placeOf(words, from, length, value)
  words.copyWithin(from + 1, from, from + (place < 0 ? length - 1 : place))
  words[from] = value
  return place < 0
}

function forget(words: Uint32Array, from: number, length: number, value: number): void {
  const place = placeOf(words, from, length, value)
  if (place < 0) return
  words.copyWithin(from + place, from + place + 1, from + length)
  words[from + length - 1] = 0
}

function placeOf(words: Uint32Array, from: number, length: number, value: number): number {
  for (let place = 0; place < length; place++) if (words[from + place] === value) return place
  return -1
}

function bitCount(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}

const dayMs = 86_400_000
const dayS = 86_400
/** A month: few stand in for somebody for longer. */
const windowS = 30 * dayS
const learnS = 30 * dayS
const leastActs = 8
/** What is asked for before an account can be handed over, and of whoever comes: days and acts. */
export const leastTenure = { knownDays: learnS / dayS, newcomerDays: windowS / dayS, acts: leastActs }
/** How far apart the parts of one change may lie. */
const togetherS = 7 * dayS
/** How often something new must have been seen to be there for good. */
const leastSeen = 4
const leastWindows = 30
const leastCompared = 8
const leastChance = 1e-6
/** A network with more than eight accounts is nobody's own; what fades by half each month adds up to twice the accounts. */
const mostOnNetwork = 16
const paneS = 14 * dayS
const leastReaders = 8
/** How long a former hand that is back says that nothing was handed over. */
const formerS = 180 * dayS
const mostAccounts = 150_000

// The phases of an account.
const learningPhase = 0
const restPhase = 1
const routinePhase = 2
const newcomerPhase = 3

const slotS = 3 * 3600
const hourBins = 8
const textBins = 8
const sampled = 16
const mostValues = 4
const valuesOf: Readonly<Record<HandFamily, number>> = { operator: mostValues, device: 4, place: 6 }

// The words of an era: values of each family, then counts that fade, then the last occasion.
const valuesAt: Readonly<Record<HandFamily, number>> = { operator: 0, device: 4, place: 8 }
const countsAt = 14
const actsAt = countsAt
const postsAt = actsAt + 1
const hoursAt = postsAt + 1
const textsAt = hoursAt + hourBins
const eraWords = textsAt + textBins
/** Beside the counts, since it does not fade. */
const slotAt = eraWords
const eraStride = eraWords + 1

// The words of a change: when something new came, how often it was seen, when something of before was seen last.
const firstAtWord = 0
const seenWord = 1
const keptAtWord = 2
const changeWords = 3

// The words of an account, after its key.
const phaseWord = 2
const knownFromWord = 3
const knownToWord = 4
const windowFromWord = 5
const windowToWord = 6
const paneStartWord = 7
const returnedWord = 8
const usualReturnedWord = 9
const usualSampledWord = 10
const formerSinceWord = 11
const formerWord = 12
const knownWord = formerWord + mostValues
const windowWord = knownWord + eraStride
const knownEra = { from: knownFromWord, to: knownToWord, era: knownWord }
const windowEra = { from: windowFromWord, to: windowToWord, era: windowWord }
const changesWord = windowWord + eraStride
const readersWord = changesWord + 3 * changeWords
const formerReadersWord = readersWord + sampled
const stride = formerReadersWord + sampled
