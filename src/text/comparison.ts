import { maxTextBytes, TextFold } from './fold'
import { HashSet } from './hash-set'
import { Letters } from './letters'

/** How alike two texts are; both figures are the same whichever of the two is told first. */
export interface Likeness {
  /** Jaccard coefficient of the sets of grams, 0..1: shared by both among all of either. */
  readonly likeness: number
  /** Share of the shorter text's letters, 0..1, that lie in passages which the longer one has too. */
  readonly coverage: number
}

/** One text held against others, exactly. Its memory is used again for the next one. */
export class Comparison {
  readonly one: Letters
  private readonly other: Letters
  private readonly grams = new HashSet(maxTextBytes)
  private readonly passages = new HashSet(maxTextBytes)
  private hasPassages = false
  /** Of the last coverage, the share of that text in the longest stretch without a gap. */
  longestStretch = 0

  constructor(seed: number) {
    this.one = new Letters(seed)
    this.other = new Letters(seed)
  }

  /** Different grams of the one text; known after `takeGrams`. */
  get gramCount(): number {
    return this.grams.size
  }

  /** Takes the one text, folded. */
  take(bytes: Uint8Array, start: number, end: number): void {
    this.one.take(bytes, start, end)
    this.hasPassages = false
  }

  takeGrams(): void {
    this.one.takeGrams()
    this.grams.fill(this.one.grams, this.one.gramCount)
  }

  takePassages(): void {
    if (this.hasPassages) return
    this.one.takePassages()
    this.passages.fill(this.one.passages, this.one.passageCount)
    this.hasPassages = true
  }

  /** The grams of another folded text, until the next comparison. */
  gramsOf(bytes: Uint8Array, start: number, end: number): Pick<Letters, 'grams' | 'gramCount'> {
    this.other.take(bytes, start, end)
    this.other.takeGrams()
    return this.other
  }

  /**
   * Jaccard of the grams of the one and of another folded text, which has `gramCount` different grams. Where it is sure to be
   * less than asked for, something less is told.
   */
  likeness(bytes: Uint8Array, start: number, end: number, gramCount: number, least = 0): number {
    const { grams } = this
    const other = this.gramsOf(bytes, start, end)
    // The margin is for what division loses.
    const leastShared = ((grams.size + gramCount) * least) / (1 + least) - 1e-6
    const shared = grams.countShared(other.grams, other.gramCount, leastShared)
    const all = grams.size + gramCount - shared
    return all === 0 ? 0 : shared / all
  }

  /** Covered share of the shorter of the one and another folded text. */
  coverage(bytes: Uint8Array, start: number, end: number): number {
    const { one, other, passages } = this
    this.takePassages()
    other.take(bytes, start, end)
    other.takePassages()
    if (other.length < one.length) return this.coveredBy(passages, other)
    passages.countShared(other.passages, other.passageCount)
    const ofOne = this.coveredBy(passages, one, { isMet: true })
    // Of two texts of one length neither is the shorter.
    return other.length > one.length ? ofOne : Math.min(ofOne, this.coveredBy(passages, other))
  }

  /** Share of the letters that lie in a passage of the set or, if so asked, in one that the set was asked for last. */
  private coveredBy(set: HashSet, letters: Letters, { isMet } = { isMet: false }): number {
    const { passages, passageEnds, passageCount, length } = letters
    let count = 0
    let coveredTo = 0
    let stretch = 0
    let longest = 0
    for (let at = 0; at < passageCount; at++) {
      if (!(isMet ? set.wasMet(passages[at]!) : set.has(passages[at]!))) continue
      const end = passageEnds[at]!
      const more = end - Math.max(at, coveredTo)
      stretch = at > coveredTo ? more : stretch + more
      longest = Math.max(longest, stretch)
      count += more
      coveredTo = end
    }
    this.longestStretch = length === 0 ? 0 : longest / length
    return length === 0 ? 0 : count / length
  }
}

/**
 * How alike two texts are, folded and compared in full: for evidence and tests. Two texts of different script have
 * grams of different length and so a likeness of 0.
 */
export function likeness(a: string, b: string): Likeness {
  const fold = new TextFold()
  const comparison = new Comparison(0)
  const [first, second] = [folded(fold, a), folded(fold, b)]
  comparison.take(second, 0, second.length)
  comparison.takeGrams()
  const { gramCount } = comparison
  comparison.take(first, 0, first.length)
  comparison.takeGrams()
  return {
    likeness: comparison.likeness(second, 0, second.length, gramCount),
    coverage: comparison.coverage(second, 0, second.length),
  }
}

function folded(fold: TextFold, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > maxTextBytes) {
    throw new RangeError(`a text has at most ${maxTextBytes} bytes, this one has ${bytes.length}; cut it`)
  }
  fold.fold(bytes, 0, bytes.length)
  return fold.bytes.slice(0, fold.length)
}
