import { letGo, widened } from '../state/memory'
import { RecordTable } from '../state/record-table'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { addAuthor, authorWords, countAuthors } from './authors'
import { BandIndex } from './band-index'
import { bandCount } from './fingerprints'

/**
 * Templates of one generation: the facts of each, its first text, and indices from keys to the templates that have
 * them. It only grows, and is dropped whole. A template is known by its place, 0 and up in the order of arrival.
 */
export class Shelf {
  size = 0
  /** Words of a template, `factWords` each, at the places that `fact` names. */
  facts = new Uint32Array(initialTemplates * factWords)
  firstMs = new Float64Array(initialTemplates)
  latestMs = new Float64Array(initialTemplates)
  /** First texts, folded, one after the other. */
  texts = new Uint8Array(initialTemplates * 128)
  /** Two words a template: the number of the search that it was last met by, and how many keys they share; no state. */
  private meetings = new Uint32Array(initialTemplates * 2)
  private textBytes = 0
  private readonly bands = new BandIndex()
  /** Passages of the long texts, three words each: key, place of its template, the one before it in its slot, counted from 1. */
  private passages = new Uint32Array(initialTemplates * passageWords)
  private passageCount = 0
  /** The latest passage of each slot; there are at least as many slots as passages. */
  private heads = new Uint32Array(initialTemplates)
  /** Counts of authors, of the templates that have more than the first; the first is no count and says that there is none. */
  private authors = new Uint32Array(initialTemplates * authorWords)
  private authorsEnd = authorWords
  private readonly byContent = new RecordTable(3)

  /** Bytes that the templates take, without what is allocated ahead. */
  get usedBytes(): number {
    return this.size * templateBytes + this.textBytes + this.authorsEnd * 4 + this.passageCount * passageBytes
  }

  get byteLength(): number {
    return this.arrays.reduce(
      (sum, array) => sum + array.byteLength,
      this.byContent.byteLength + this.bands.byteLength,
    )
  }

  private get arrays(): (Uint8Array | Uint32Array | Float64Array)[] {
    const { facts, firstMs, latestMs, texts, meetings, passages, heads, authors } = this
    return [facts, firstMs, latestMs, texts, meetings, passages, heads, authors]
  }

  /** Where the facts of a template lie in `facts`. */
  at(place: number): number {
    return place * factWords
  }

  /** The place of the latest template with this content, or -1. */
  find(contentHigh: number, contentLow: number): number {
    const at = this.byContent.find(contentHigh, contentLow)
    return at < 0 ? -1 : this.byContent.words[at + 2]!
  }

  /** Adds a template with a text and its band keys, if it has any, and gives its place; its other facts are zero. */
  add(
    contentHigh: number,
    contentLow: number,
    text: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
    bandKeys: Uint32Array | undefined,
  ): number {
    const { bytes, start, end } = text
    const place = this.size++
    if (place >= this.firstMs.length) this.growTemplates()
    const at = place * factWords
    const length = end - start
    this.facts[at + fact.contentHigh] = contentHigh
    this.facts[at + fact.contentLow] = contentLow
    this.facts[at + fact.textStart] = this.textBytes
    this.facts[at + fact.textLength] = length
    this.facts[at + fact.passageStart] = this.passageCount
    while (this.textBytes + length > this.texts.length) this.texts = grown(this.texts)
    for (let i = 0; i < length; i++) this.texts[this.textBytes + i] = bytes[start + i]!
    this.textBytes += length
    this.bands.add(bandKeys)
    this.remember(place)
    return place
  }

  /** Adds a passage to the template that was added last. */
  addPassage(key: number): void {
    const passage = this.passageCount++
    if (passage >= this.heads.length) this.growPassages()
    this.passages[passage * passageWords] = key
    this.passages[passage * passageWords + 1] = this.size - 1
    this.chain(passage)
  }

  /** How many passages of a template are kept. */
  passagesOf(place: number): number {
    const isLast = place + 1 === this.size
    const end = isLast ? this.passageCount : this.facts[this.at(place + 1) + fact.passageStart]!
    return end - this.facts[this.at(place) + fact.passageStart]!
  }

  /** Moves a template from another shelf to this one, by its band keys, and gives its place here; there it is dead. */
  takeOver(from: Shelf, place: number, bandKeys: Uint32Array | undefined): number {
    const source = from.at(place)
    const { facts } = from
    const start = facts[source + fact.textStart]!
    const end = start + facts[source + fact.textLength]!
    const [high, low] = [facts[source + fact.contentHigh]!, facts[source + fact.contentLow]!]
    const to = this.add(high, low, { bytes: from.texts, start, end }, bandKeys)
    const passageStart = facts[source + fact.passageStart]!
    const count = from.passagesOf(place)
    for (let i = 0; i < count; i++) this.addPassage(from.passages[(passageStart + i) * passageWords]!)
    const target = this.at(to)
    for (let word = fact.templateHigh; word < factWords; word++) {
      this.facts[target + word] = facts[source + word]!
    }
    const authorsAt = facts[source + fact.authorsAt]!
    if (authorsAt !== 0) {
      const here = this.roomForAuthors()
      this.facts[target + fact.authorsAt] = here
      this.authors.set(from.authors.subarray(authorsAt, authorsAt + authorWords), here)
    }
    this.firstMs[to] = from.firstMs[place]!
    this.latestMs[to] = from.latestMs[place]!
    from.latestMs[place] = Number.NEGATIVE_INFINITY
    return to
  }

  /** Counts an author of a template, whose first author is among its facts. */
  countAuthor(place: number, author: number): void {
    const at = this.at(place)
    const firstAuthor = this.facts[at + fact.firstAuthor]!
    let authorsAt = this.facts[at + fact.authorsAt]!
    if (authorsAt === 0) {
      // Most templates have one text, and most others one author.
      if (author === firstAuthor) return
      authorsAt = this.facts[at + fact.authorsAt] = this.roomForAuthors()
      addAuthor(this.authors, authorsAt, firstAuthor)
    }
    addAuthor(this.authors, authorsAt, author)
  }

  /** How many different authors a template has. */
  authorsOf(place: number): number {
    const authorsAt = this.facts[this.at(place) + fact.authorsAt]!
    return authorsAt === 0 ? 1 : countAuthors(this.authors, authorsAt)
  }

  /** How many templates have a passage, counted up to a limit. */
  countPassage(key: number, limit: number): number {
    const { passages } = this
    let count = 0
    for (let link = this.heads[this.slotOf(key)]!; link !== 0 && count < limit;) {
      const at = (link - 1) * passageWords
      if (passages[at] === key) count++
      link = passages[at + 2]!
    }
    return count
  }

  /**
   * Writes the places of templates that share any band key with a search into `places` from `met` on, each once, and gives
   * the new number of places. A search has a number of its own.
   */
  collectByBands(keys: Uint32Array, search: number, places: Uint32Array, met: number): number {
    const count = this.bands.collect(keys, longestLook, sharing)
    for (let i = 0; i < count; i++) met = this.meet(sharing[i]!, search, places, met)
    return met
  }

  /** The same for the first `count` passages. */
  collectByPassages(
    keys: Uint32Array,
    count: number,
    search: number,
    places: Uint32Array,
    met: number,
  ): number {
    const { passages } = this
    for (let i = 0; i < count; i++) {
      const key = keys[i]!
      let seen = 0
      for (let link = this.heads[this.slotOf(key)]!; link !== 0;) {
        const at = (link - 1) * passageWords
        link = passages[at + 2]!
        if (passages[at] !== key) continue
        if (++seen > longestLook) break
        met = this.meet(passages[at + 1]!, search, places, met)
      }
    }
    return met
  }

  /** How many keys the latest search shared with a template that it met. */
  sharedKeys(place: number): number {
    return this.meetings[place * 2 + 1]!
  }

  /** Nobody looks into it any more: its memory is given back. */
  end(): void {
    for (const array of this.arrays) letGo(array)
    this.bands.end()
    this.byContent.end()
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.facts`, this.facts.subarray(0, this.size * factWords))
    out.array(`${name}.firstMs`, this.firstMs.subarray(0, this.size))
    out.array(`${name}.latestMs`, this.latestMs.subarray(0, this.size))
    out.array(`${name}.texts`, this.texts.subarray(0, this.textBytes))
    out.array(`${name}.passages`, this.passages.subarray(0, this.passageCount * passageWords))
    out.array(`${name}.authors`, this.authors.subarray(0, this.authorsEnd))
    this.bands.save(out, `${name}.bands`)
  }

  /** Loads into an empty shelf. Chains and the table by content are built again; their order is that of arrival. */
  load(from: SnapshotReader, name: string): void {
    const facts = from.uint32(`${name}.facts`)
    const texts = from.uint8(`${name}.texts`)
    const passages = from.uint32(`${name}.passages`)
    const authors = from.uint32(`${name}.authors`)
    this.size = facts.length / factWords
    this.textBytes = texts.length
    this.passageCount = passages.length / passageWords
    this.authorsEnd = authors.length
    while (this.firstMs.length < this.size) this.growTemplates()
    while (this.texts.length < this.textBytes) this.texts = grown(this.texts)
    while (this.authors.length < this.authorsEnd) this.authors = grown(this.authors)
    this.facts.set(facts)
    this.firstMs.set(from.float64(`${name}.firstMs`))
    this.latestMs.set(from.float64(`${name}.latestMs`))
    this.texts.set(texts)
    this.authors.set(authors)
    while (this.heads.length < this.passageCount) this.growPassages()
    this.passages.set(passages)
    this.rechain(this.passageCount)
    this.bands.load(from, `${name}.bands`)
    for (let place = 0; place < this.size; place++) this.remember(place)
  }

  /** Notes that a search has met a template by one key more, and the template itself if it is the first. */
  private meet(place: number, search: number, places: Uint32Array, met: number): number {
    const { meetings } = this
    const meeting = place * 2
    if (meetings[meeting] === search) {
      meetings[meeting + 1]!++
      return met
    }
    if (met === places.length) return met
    meetings[meeting] = search
    meetings[meeting + 1] = 1
    places[met] = place
    return met + 1
  }

  private remember(place: number): void {
    const at = this.at(place)
    const found = this.byContent.add(this.facts[at + fact.contentHigh]!, this.facts[at + fact.contentLow]!)
    this.byContent.words[found + 2] = place
  }

  private roomForAuthors(): number {
    const at = this.authorsEnd
    this.authorsEnd += authorWords
    if (this.authorsEnd > this.authors.length) this.authors = grown(this.authors)
    return at
  }

  private chain(passage: number): void {
    const at = passage * passageWords
    const slot = this.slotOf(this.passages[at]!)
    this.passages[at + 2] = this.heads[slot]!
    this.heads[slot] = passage + 1
  }

  private rechain(passages: number): void {
    this.heads.fill(0)
    for (let passage = 0; passage < passages; passage++) this.chain(passage)
  }

  private slotOf(key: number): number {
    return (Math.imul(key, 0x9e3779b1) >>> 3) & (this.heads.length - 1)
  }

  private growTemplates(): void {
    this.facts = grown(this.facts, factWords)
    this.firstMs = grown(this.firstMs)
    this.latestMs = grown(this.latestMs)
    this.meetings = grown(this.meetings, 2)
  }

  private growPassages(): void {
    const passages = this.heads.length
    this.heads = widened(this.heads, passages * 2)
    this.passages = widened(this.passages, this.passages.length * 2)
    this.rechain(Math.min(passages, this.passageCount))
  }
}

/** Where each fact of a template lies; those from `templateHigh` on move with it, `authorsAt` to its place there. */
export const fact = {
  contentHigh: 0,
  contentLow: 1,
  textStart: 2,
  textLength: 3,
  passageStart: 4,
  templateHigh: 5,
  templateLow: 6,
  texts: 7,
  firstAuthor: 8,
  /** 0 for a text that belongs only with texts of the same letters, and has no keys. */
  gramCount: 9,
  authorsAt: 10,
} as const

const factWords = fact.authorsAt + 1
/** Facts, two times, two words of a search, the table by content at its usual load; and its band keys, some ten bytes each. */
export const templateBytes = factWords * 4 + 24 + 20 + bandCount * 10
const passageWords = 3
/** A passage and its slot. */
export const passageBytes = (passageWords + 1) * 4
const initialTemplates = 64
/** Entries of one key that a search looks at, the latest first: what more texts share is language. */
const longestLook = 64
/** Of the search at hand, a template for each key that it shares. */
const sharing = new Uint32Array(bandCount * longestLook)

function grown<T extends Uint8Array | Uint32Array | Float64Array>(array: T, record = 1): T {
  return widened(array, Math.ceil((array.length / record) * growth) * record)
}
const growth = 1.5
