import { RecordTable } from '../state/record-table'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { authorWords } from './authors'
import { maxTextBytes } from './fold'

/**
 * Templates of one generation: the facts of each, its first text, and an index from keys to the templates that have
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
  /** Three words an entry: key, place of its template, the entry before it in its slot, counted from 1. */
  private index = new Uint32Array(initialTemplates * 16 * entryWords)
  private entries = 0
  /** The latest entry of each slot; there are at least as many slots as entries. */
  private heads = new Uint32Array(initialTemplates * 16)
  /**
   * Eight bits a slot, one for each eighth of the keys that belong there, set where its chain has such a key. Most keys of
   * a text are nobody else's, and this tells so from a sixteenth of the memory that the chains lie in.
   */
  private marks = new Uint8Array(initialTemplates * 16)
  private readonly byContent = new RecordTable(3)

  /** Bytes that the templates take, without what is allocated ahead. */
  get usedBytes(): number {
    return this.size * templateBytes + this.textBytes + this.entries * entryBytes
  }

  get byteLength(): number {
    const { facts, firstMs, latestMs, texts, meetings, index, heads, marks } = this
    return [facts, firstMs, latestMs, texts, meetings, index, heads, marks].reduce(
      (sum, array) => sum + array.byteLength,
      this.byContent.byteLength,
    )
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

  /** Adds a template with a text and gives its place; its other facts are zero. */
  add(contentHigh: number, contentLow: number, text: Uint8Array, start: number, end: number): number {
    const place = this.size++
    if (place >= this.firstMs.length) this.growTemplates()
    const at = place * factWords
    const length = end - start
    this.facts[at + fact.contentHigh] = contentHigh
    this.facts[at + fact.contentLow] = contentLow
    this.facts[at + fact.textStart] = this.textBytes
    this.facts[at + fact.textLength] = length
    this.facts[at + fact.keyStart] = this.entries
    while (this.textBytes + length > this.texts.length) this.texts = doubled(this.texts)
    for (let i = 0; i < length; i++) this.texts[this.textBytes + i] = text[start + i]!
    this.textBytes += length
    this.remember(place)
    return place
  }

  /** Adds a key to the template that was added last. */
  addKey(key: number): void {
    const entry = this.entries++
    if (entry >= this.heads.length) this.growIndex()
    this.index[entry * entryWords] = key
    this.index[entry * entryWords + 1] = this.size - 1
    this.facts[this.at(this.size - 1) + fact.keyCount]!++
    this.chain(entry)
  }

  /** Moves a template from another shelf to this one and gives its place here; there it is dead. */
  takeOver(from: Shelf, place: number): number {
    const source = from.at(place)
    const { facts } = from
    const textStart = facts[source + fact.textStart]!
    const to = this.add(
      facts[source + fact.contentHigh]!,
      facts[source + fact.contentLow]!,
      from.texts,
      textStart,
      textStart + facts[source + fact.textLength]!,
    )
    const keyStart = facts[source + fact.keyStart]!
    const keyCount = facts[source + fact.keyCount]!
    for (let i = 0; i < keyCount; i++) this.addKey(from.index[(keyStart + i) * entryWords]!)
    const target = this.at(to)
    for (let word = fact.templateHigh; word < factWords; word++) {
      this.facts[target + word] = facts[source + word]!
    }
    this.firstMs[to] = from.firstMs[place]!
    this.latestMs[to] = from.latestMs[place]!
    from.latestMs[place] = Number.NEGATIVE_INFINITY
    return to
  }

  /** How many entries have a key, counted up to a limit. */
  countKey(key: number, limit: number): number {
    const { index } = this
    let count = 0
    for (let link = this.linkOf(key); link !== 0 && count < limit;) {
      const at = (link - 1) * entryWords
      if (index[at] === key) count++
      link = index[at + 2]!
    }
    return count
  }

  /**
   * Writes the places of templates that share any of the first `count` keys with a search into `places` from `met` on,
   * each once, and gives the new number of places. A search has a number of its own; of one key it looks at no more than
   * the `longest` latest entries.
   */
  collect(
    keys: Uint32Array,
    count: number,
    search: number,
    places: Uint32Array,
    met: number,
    longest = longestLook,
  ): number {
    const { index, meetings } = this
    // All slots first: none waits for another one's memory.
    let found = 0
    for (let i = 0; i < count; i++) {
      const link = this.linkOf(keys[i]!)
      if (link === 0) continue
      links[found] = link
      linked[found++] = keys[i]!
    }
    for (let i = 0; i < found; i++) {
      const key = linked[i]!
      let seen = 0
      for (let link = links[i]!; link !== 0;) {
        const at = (link - 1) * entryWords
        link = index[at + 2]!
        if (index[at] !== key) continue
        if (++seen > longest) break
        const place = index[at + 1]!
        const meeting = place * 2
        if (meetings[meeting] === search) {
          meetings[meeting + 1]!++
        } else if (met < places.length) {
          meetings[meeting] = search
          meetings[meeting + 1] = 1
          places[met++] = place
        }
      }
    }
    return met
  }

  /** How many keys the latest search shared with a template that it met. */
  sharedKeys(place: number): number {
    return this.meetings[place * 2 + 1]!
  }

  save(out: SnapshotWriter, name: string): void {
    out.array(`${name}.facts`, this.facts.subarray(0, this.size * factWords))
    out.array(`${name}.firstMs`, this.firstMs.subarray(0, this.size))
    out.array(`${name}.latestMs`, this.latestMs.subarray(0, this.size))
    out.array(`${name}.texts`, this.texts.subarray(0, this.textBytes))
    out.array(`${name}.index`, this.index.subarray(0, this.entries * entryWords))
  }

  /** Loads into an empty shelf. Chains and the table by content are built again; their order is that of arrival. */
  load(from: SnapshotReader, name: string): void {
    const facts = from.uint32(`${name}.facts`)
    const texts = from.uint8(`${name}.texts`)
    const index = from.uint32(`${name}.index`)
    this.size = facts.length / factWords
    this.textBytes = texts.length
    this.entries = index.length / entryWords
    while (this.firstMs.length < this.size) this.growTemplates()
    while (this.texts.length < this.textBytes) this.texts = doubled(this.texts)
    this.facts.set(facts)
    this.firstMs.set(from.float64(`${name}.firstMs`))
    this.latestMs.set(from.float64(`${name}.latestMs`))
    this.texts.set(texts)
    while (this.heads.length < this.entries) this.growIndex()
    this.index.set(index)
    this.rechain(this.entries)
    for (let place = 0; place < this.size; place++) this.remember(place)
  }

  private remember(place: number): void {
    const at = this.at(place)
    const found = this.byContent.add(this.facts[at + fact.contentHigh]!, this.facts[at + fact.contentLow]!)
    this.byContent.words[found + 2] = place
  }

  private chain(entry: number): void {
    const at = entry * entryWords
    const hash = hashOf(this.index[at]!)
    const slot = hash & (this.heads.length - 1)
    this.index[at + 2] = this.heads[slot]!
    this.heads[slot] = entry + 1
    this.marks[slot]! |= 1 << (hash >>> markShift)
  }

  private rechain(entries: number): void {
    this.heads.fill(0)
    this.marks.fill(0)
    for (let entry = 0; entry < entries; entry++) this.chain(entry)
  }

  /** The latest entry of a key's slot, counted from 1; 0 where the slot has none of the key's eighth. */
  private linkOf(key: number): number {
    const hash = hashOf(key)
    const slot = hash & (this.heads.length - 1)
    return (this.marks[slot]! & (1 << (hash >>> markShift))) === 0 ? 0 : this.heads[slot]!
  }

  private growTemplates(): void {
    this.facts = doubled(this.facts)
    this.firstMs = doubled(this.firstMs)
    this.latestMs = doubled(this.latestMs)
    this.meetings = doubled(this.meetings)
  }

  private growIndex(): void {
    const entries = this.heads.length
    this.index = doubled(this.index)
    this.heads = new Uint32Array(entries * 2)
    this.marks = new Uint8Array(entries * 2)
    this.rechain(Math.min(entries, this.entries))
  }
}

/** Where each fact of a template lies; those from `templateHigh` on move with it as they are. */
export const fact = {
  contentHigh: 0,
  contentLow: 1,
  textStart: 2,
  textLength: 3,
  keyStart: 4,
  keyCount: 5,
  templateHigh: 6,
  templateLow: 7,
  texts: 8,
  firstAuthor: 9,
  gramCount: 10,
  isStock: 11,
  authors: 12,
} as const

const factWords = fact.authors + authorWords
/** Facts, two times, two words of a search and the table by content at its usual load. */
export const templateBytes = factWords * 4 + 24 + 20
const entryWords = 3
/** An entry and its slot. */
export const entryBytes = (entryWords + 1) * 4
const initialTemplates = 64
/** Entries of one key that a search looks at, the latest first: what more texts share is language. */
const longestLook = 64
/** Of the search at hand: the keys that may be there, and the latest entry of the slot of each. */
const linked = new Uint32Array(maxTextBytes)
const links = new Uint32Array(maxTextBytes)

/** 26 bits, those that choose the slot last, and the eighth first. */
function hashOf(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> 3
}
const markShift = 26

function doubled<T extends Uint8Array | Uint32Array | Float64Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(array.length * 2)
  larger.set(array)
  return larger
}
