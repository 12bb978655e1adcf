import { KeyedHash, mix32 } from '../model/hash'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { Comparison } from './comparison'
import { bandCount, bandKeys, winnow } from './fingerprints'
import { maxTextBytes } from './fold'
import type { TextFold } from './fold'
import { passageWeight } from './letters'
import { fact, passageBytes, Shelf, templateBytes } from './shelf'

export interface NearCopiesOptions {
  /** Eight bytes: strangers who do not know them cannot write texts that meet in the index. */
  readonly key: Uint8Array
  /** A template is forgotten this long after its latest text. */
  readonly spanMs: number
  /** Most templates of one generation; there are two. */
  readonly templateCap: number
  /** Most bytes that the templates of one generation may take, their texts and keys included. */
  readonly byteCap: number
  /** From this Jaccard of grams on, a text belongs to a template. */
  readonly minLikeness: number
  /** From this covered share of the shorter text on, a long text belongs to a template. */
  readonly minCoverage: number
}

export const nearCopiesOptions = {
  spanMs: 86_400_000,
  templateCap: 500_000,
  byteCap: 400_000_000,
  minLikeness: 0.7,
  minCoverage: 0.3,
} as const

/** Where a text was placed; the same object for every text, so copy what is to be kept. */
export interface Placement {
  /** The template's id, stable over runs: made of its first text and first time. Zero for a text without letters. */
  templateHigh: number
  templateLow: number
  /**
   * The template that `likeness` and `coverage` speak of: its own, or of a new one the nearest that was rejected, so
   * that many small likenesses can add up elsewhere. Zero when nothing was near.
   */
  nearHigh: number
  nearLow: number
  /** Who published that one's first text, and when. */
  nearAuthor: number
  nearMs: number
  /** Whether the text is the first of its template. */
  isNew: boolean
  /** Whether the text is shorter than a passage: language, which belongs only with texts of the same letters. */
  isStock: boolean
  /** Jaccard of the grams of this text and the near template's first, 0..1. */
  likeness: number
  /**
   * Share of the shorter of those two texts that lies in common passages, 0..1. Texts of less than eight passages are
   * compared by grams alone; theirs is 0, or 1 for the very same letters.
   */
  coverage: number
  /** Of that, what lies in the longest common stretch: a quotation is one stretch, a spun copy many. */
  stretch: number
  /** Texts of the template up to now, this one included. */
  texts: number
  /** Different authors of them: exact up to 8, beyond that within 13 %. */
  authors: number
  firstMs: number
  firstAuthor: number
}

/**
 * Places one text after the other, in order of event time, with the earlier text that it nearly copies.
 *
 * A template is the first text of its kind; a later one belongs to it when it is like that first text itself, so that a
 * chain of small changes cannot drift from one subject to another. Candidates come from an index and are then compared
 * in full: by grams (2 letters of Chinese, 4 of Latin), and long ones, which may be spun, reordered or embedded, by
 * passages. Memory has a cap; what is put aside before its time is counted.
 */
export class NearCopies {
  /** Templates put aside before their time, because a cap was reached. */
  evicted = 0
  private young = new Shelf()
  private old = new Shelf()
  private startMs = Number.NEGATIVE_INFINITY
  private nowMs = Number.NEGATIVE_INFINITY
  private search = 0
  private readonly hash: KeyedHash
  private readonly comparison: Comparison
  private readonly keys = new Uint32Array(bandCount)
  private readonly chosen = new Uint32Array(maxTextBytes)
  private readonly places = new Uint32Array(mostCandidates)
  /** Of a crowd of candidates, how many share each number of keys. */
  private readonly withKeys = new Uint32Array(bandCount + 1)
  private readonly placement: Placement = {
    templateHigh: 0,
    templateLow: 0,
    nearHigh: 0,
    nearLow: 0,
    nearAuthor: 0,
    nearMs: 0,
    isNew: false,
    isStock: false,
    likeness: 0,
    coverage: 0,
    stretch: 0,
    texts: 0,
    authors: 0,
    firstMs: 0,
    firstAuthor: 0,
  }
  /** The nearest template so far to the text at hand. */
  private shelf = this.young
  private place = -1
  private likeness = 0
  private coverage = 0
  private stretch = 0
  private metYoung = 0

  constructor(private readonly options: NearCopiesOptions) {
    this.hash = new KeyedHash(options.key)
    this.hash.update(seedName, 0, seedName.length)
    this.comparison = new Comparison(this.hash.low)
  }

  /** Templates in memory. */
  get size(): number {
    return this.young.size + this.old.size
  }

  get byteLength(): number {
    return this.young.byteLength + this.old.byteLength
  }

  /** Lets event time pass; what is a span old is forgotten. */
  advance(timeMs: number): void {
    const { spanMs } = this.options
    this.nowMs = Math.max(this.nowMs, timeMs)
    const startMs = Math.floor(this.nowMs / spanMs) * spanMs
    if (startMs <= this.startMs) return
    if (startMs > this.startMs + spanMs) {
      this.young.end()
      this.young = new Shelf()
    }
    this.startMs = startMs
    this.rotate().end()
  }

  /**
   * Places a folded text by an author, a 32-bit hash; the placement is used again for the next text. Where only its
   * template is asked for, the nearest one of a new text is not looked for, which saves most of the work.
   */
  see(
    fold: TextFold,
    author: number,
    timeMs: number,
    { needsNearest = true }: { readonly needsNearest?: boolean } = {},
  ): Placement {
    this.advance(timeMs)
    const { comparison, placement, hash, options } = this
    const { bytes, length } = fold
    this.place = -1
    this.likeness = 0
    this.coverage = 0
    this.stretch = 0
    hash.update(bytes, 0, length)
    const { high, low } = hash
    comparison.take(bytes, 0, length)
    placement.isStock = comparison.one.weight < passageWeight
    if (this.findSame(high, low)) {
      this.likeness = 1
      this.coverage = 1
      this.stretch = 1
    } else if (!placement.isStock) {
      // Where passages can make a member, it may be of a text that is little like it by grams.
      this.findAlike(needsNearest || options.minCoverage <= 1 ? 0 : options.minLikeness)
    }
    placement.likeness = this.likeness
    placement.coverage = this.coverage
    placement.stretch = this.stretch
    const near = this.place < 0 ? undefined : this.shelf.facts
    const nearAt = this.shelf.at(this.place)
    placement.nearHigh = near?.[nearAt + fact.templateHigh] ?? 0
    placement.nearLow = near?.[nearAt + fact.templateLow] ?? 0
    placement.nearAuthor = near?.[nearAt + fact.firstAuthor] ?? 0
    placement.nearMs = this.place < 0 ? 0 : this.shelf.firstMs[this.place]!
    const belongs = this.likeness >= options.minLikeness || this.coverage >= options.minCoverage
    placement.isNew = !belongs && length > 0
    if (length === 0) return withoutLetters(placement)
    if (!belongs) this.begin(fold, high, low, author)
    else if (this.shelf === this.old) this.bringForward()
    this.join(author)
    return placement
  }

  /** The folded first text of a template, a copy, while it is in memory. Looks through all: for evidence, not per text. */
  firstText(templateHigh: number, templateLow: number): string | undefined {
    for (const shelf of [this.young, this.old]) {
      for (let place = 0; place < shelf.size; place++) {
        const at = shelf.at(place)
        const isIt =
          shelf.facts[at + fact.templateHigh] === templateHigh &&
          shelf.facts[at + fact.templateLow] === templateLow
        if (!isIt || !this.isLive(shelf, place)) continue
        const start = shelf.facts[at + fact.textStart]!
        return textDecoder.decode(shelf.texts.subarray(start, start + shelf.facts[at + fact.textLength]!))
      }
    }
    return undefined
  }

  save(out: SnapshotWriter, name: string): void {
    this.young.save(out, `${name}.young`)
    this.old.save(out, `${name}.old`)
    out.value(`${name}.clock`, { startMs: this.startMs, nowMs: this.nowMs, evicted: this.evicted })
  }

  load(from: SnapshotReader, name: string): void {
    this.young = new Shelf()
    this.young.load(from, `${name}.young`)
    this.old = new Shelf()
    this.old.load(from, `${name}.old`)
    const clock = from.value<{ startMs: number | null; nowMs: number | null; evicted: number }>(
      `${name}.clock`,
    )
    this.startMs = clock.startMs ?? Number.NEGATIVE_INFINITY
    this.nowMs = clock.nowMs ?? Number.NEGATIVE_INFINITY
    this.evicted = clock.evicted
    this.search = 0
  }

  /** Looks for a template whose first text has the very same letters. */
  private findSame(high: number, low: number): boolean {
    for (const shelf of [this.young, this.old]) {
      const place = shelf.find(high, low)
      if (place < 0 || !this.isLive(shelf, place)) continue
      this.shelf = shelf
      this.place = place
      return true
    }
    return false
  }

  /** Looks for the template that the text is most like, by grams and, if it is long, by passages; below a likeness for none. */
  private findAlike(leastLikeness: number): void {
    const { comparison, keys, options } = this
    comparison.takeGrams()
    bandKeys(comparison.one.grams, comparison.one.gramCount, keys)
    const search = this.nextSearch()
    this.metYoung = this.young.collectByBands(keys, search, this.places, 0)
    const { old } = this
    const met = old.size === 0 ? this.metYoung : old.collectByBands(keys, search, this.places, this.metYoung)
    this.findByGrams(met, leastLikeness)
    if (comparison.one.weight < longWeight || leastLikeness > 0) return
    if (this.place >= 0) {
      this.coverage = this.coverageOf(this.shelf, this.place)
      this.stretch = comparison.longestStretch
    }
    if (this.likeness < options.minLikeness) this.findByPassages()
  }

  private nextSearch(): number {
    return (this.search = (this.search + 1) >>> 0)
  }

  /** Writes the templates that share a passage into `places`: those of the young shelf up to `metYoung`, then the old. */
  private meetByPassages(keys: Uint32Array, count: number): number {
    const search = this.nextSearch()
    this.metYoung = this.young.collectByPassages(keys, count, search, this.places, 0)
    if (this.old.size === 0) return this.metYoung
    return this.old.collectByPassages(keys, count, search, this.places, this.metYoung)
  }

  private findByGrams(met: number, leastLikeness: number): void {
    const { comparison, places } = this
    const mine = comparison.gramCount
    const leastKeys = this.leastKeys(met)
    for (let i = 0; i < met; i++) {
      const shelf = i < this.metYoung ? this.young : this.old
      const place = places[i]!
      if (shelf.sharedKeys(place) < leastKeys || !this.isLive(shelf, place)) continue
      const theirs = shelf.facts[shelf.at(place) + fact.gramCount]!
      // Even if the smaller set lay wholly in the larger.
      const most = Math.min(mine, theirs) / Math.max(mine, theirs)
      if (most <= this.likeness || most < leastLikeness) continue
      const likeness = this.likenessOf(shelf, place, Math.max(this.likeness, leastLikeness))
      if (likeness <= this.likeness) continue
      this.likeness = likeness
      this.shelf = shelf
      this.place = place
    }
  }

  /** How many keys a template must share to be compared, so that a crowd of candidates cannot take all time. */
  private leastKeys(met: number): number {
    if (met <= gramComparisons) return 0
    const { withKeys } = this
    withKeys.fill(0)
    for (let i = 0; i < met; i++) {
      const shelf = i < this.metYoung ? this.young : this.old
      withKeys[Math.min(bandCount, shelf.sharedKeys(this.places[i]!))]!++
    }
    let least = bandCount
    let candidates = withKeys[least]!
    while (least > 1 && candidates + withKeys[least - 1]! <= gramComparisons) {
      candidates += withKeys[--least]!
    }
    return least
  }

  /** Of the templates that share most passages, takes the one that covers most, where it covers more than the nearest. */
  private findByPassages(): void {
    const { comparison, places } = this
    comparison.takePassages()
    // Both sides are winnowed alike, so that any common stretch of a window's length still has a passage in both.
    const count = winnow(comparison.one.passages, comparison.one.passageCount, this.chosen)
    const met = this.meetByPassages(this.chosen, count)
    for (let comparisons = 0; comparisons < longComparisons; comparisons++) {
      let next = -1
      let most = leastPassages - 1
      for (let i = 0; i < met; i++) {
        if (places[i] === compared) continue
        const shared = (i < this.metYoung ? this.young : this.old).sharedKeys(places[i]!)
        if (shared <= most) continue
        most = shared
        next = i
      }
      if (next < 0) return
      const shelf = next < this.metYoung ? this.young : this.old
      const place = places[next]!
      places[next] = compared
      // The nearest by grams was held against it before.
      const isNearest = shelf === this.shelf && place === this.place
      if (isNearest || !this.isLive(shelf, place)) continue
      const coverage = this.coverageOf(shelf, place)
      if (coverage <= this.coverage) continue
      this.coverage = coverage
      this.stretch = this.comparison.longestStretch
      this.likeness = this.likenessOf(shelf, place, 0)
      this.shelf = shelf
      this.place = place
    }
  }

  /** How like a template the text is by grams; of one that is less like it than asked for, something less. */
  private likenessOf(shelf: Shelf, place: number, least: number): number {
    const at = shelf.at(place)
    const start = shelf.facts[at + fact.textStart]!
    const end = start + shelf.facts[at + fact.textLength]!
    return this.comparison.likeness(shelf.texts, start, end, shelf.facts[at + fact.gramCount]!, least)
  }

  private coverageOf(shelf: Shelf, place: number): number {
    const start = shelf.facts[shelf.at(place) + fact.textStart]!
    const end = start + shelf.facts[shelf.at(place) + fact.textLength]!
    return this.comparison.coverage(shelf.texts, start, end)
  }

  /** Makes a template of the text at hand. */
  private begin(fold: TextFold, high: number, low: number, author: number): void {
    const { comparison, keys, chosen, placement, nowMs } = this
    let passages = 0
    if (comparison.one.weight >= longWeight) {
      comparison.takePassages()
      passages = winnow(comparison.one.passages, comparison.one.passageCount, chosen)
    }
    this.makeRoom(fold.length + passages * passageBytes)?.end()
    const shelf = this.young
    const text = { bytes: fold.bytes, start: 0, end: fold.length }
    const place = shelf.add(high, low, text, placement.isStock ? undefined : keys)
    const at = shelf.at(place)
    shelf.firstMs[place] = nowMs
    const firstS = Math.floor(nowMs / 1000)
    shelf.facts[at + fact.templateHigh] = mix32(high, firstS)
    // Never both zero, which says that there is no template.
    shelf.facts[at + fact.templateLow] = mix32(low, nowMs - firstS * 1000) || 1
    shelf.facts[at + fact.firstAuthor] = author
    this.shelf = shelf
    this.place = place
    if (placement.isStock) return
    shelf.facts[at + fact.gramCount] = comparison.gramCount
    for (let i = 0; i < passages; i++) {
      // A passage that many have is a phrase of the language.
      if (shelf.countPassage(chosen[i]!, commonPassage) < commonPassage) shelf.addPassage(chosen[i]!)
    }
  }

  /** Counts the text at hand among those of its template and tells what is known of it. */
  private join(author: number): void {
    const { shelf, place, placement } = this
    const { facts } = shelf
    const at = shelf.at(place)
    shelf.latestMs[place] = this.nowMs
    facts[at + fact.texts]!++
    shelf.countAuthor(place, author)
    placement.templateHigh = facts[at + fact.templateHigh]!
    placement.templateLow = facts[at + fact.templateLow]!
    placement.texts = facts[at + fact.texts]!
    placement.authors = shelf.authorsOf(place)
    placement.firstMs = shelf.firstMs[place]!
    placement.firstAuthor = facts[at + fact.firstAuthor]!
  }

  /** A template of the old shelf that was met again lives on. */
  private bringForward(): void {
    const { shelf, place } = this
    const at = shelf.at(place)
    const latestMs = shelf.latestMs[place]!
    // It is not lost, should its shelf go to make room.
    shelf.latestMs[place] = Number.NEGATIVE_INFINITY
    const dropped = this.makeRoom(shelf.facts[at + fact.textLength]! + shelf.passagesOf(place) * passageBytes)
    shelf.latestMs[place] = latestMs
    this.place = this.young.takeOver(shelf, place, this.bandKeysOf(shelf, place))
    dropped?.end()
    this.shelf = this.young
  }

  /** The keys of a template, made again from its text: of an entry alone they could not be told. */
  private bandKeysOf(shelf: Shelf, place: number): Uint32Array | undefined {
    const at = shelf.at(place)
    if (shelf.facts[at + fact.gramCount] === 0) return undefined
    const start = shelf.facts[at + fact.textStart]!
    const { grams, gramCount } = this.comparison.gramsOf(
      shelf.texts,
      start,
      start + shelf.facts[at + fact.textLength]!,
    )
    bandKeys(grams, gramCount, this.keys)
    return this.keys
  }

  /** Gives the shelf that went to make room, for whoever still takes something from it. */
  private makeRoom(bytes: number): Shelf | undefined {
    const { young, options } = this
    const isFull =
      young.size >= options.templateCap || young.usedBytes + bytes + templateBytes > options.byteCap
    if (!isFull || young.size === 0) return undefined
    for (let place = 0; place < this.old.size; place++) if (this.isLive(this.old, place)) this.evicted++
    return this.rotate()
  }

  /** Gives the shelf that is dropped. */
  private rotate(): Shelf {
    const dropped = this.old
    this.old = this.young
    this.young = new Shelf()
    return dropped
  }

  private isLive(shelf: Shelf, place: number): boolean {
    return this.nowMs - shelf.latestMs[place]! <= this.options.spanMs
  }
}

/** Of a text without letters nothing is known. */
function withoutLetters(placement: Placement): Placement {
  placement.templateHigh = 0
  placement.templateLow = 0
  placement.nearHigh = 0
  placement.nearLow = 0
  placement.nearAuthor = 0
  placement.nearMs = 0
  placement.texts = 0
  placement.authors = 0
  placement.firstMs = 0
  placement.firstAuthor = 0
  return placement
}

const textDecoder = new TextDecoder()
const seedName = new TextEncoder().encode('near-copies')
/** From this weight on, a text is kept and looked for by passages too: one passage is less than an eighth of it. */
const longWeight = passageWeight * 8
const mostCandidates = 1024
/** Candidates that are compared by grams, those that share most keys: a near-copy shares six of twenty-four. */
const gramComparisons = 16
/** Passages in common that make a long text worth a comparison, and how many are compared at most. */
const leastPassages = 2
const longComparisons = 4
const commonPassage = 8
/** Stands in a list of places for one that was dealt with. */
const compared = 0xffff_ffff
