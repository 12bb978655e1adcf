import { Comparison } from '../../text/comparison'
import { bandCount, bandKeys } from '../../text/fingerprints'
import { maxTextBytes, TextFold } from '../../text/fold'
import { NearCopies, nearCopiesOptions } from '../../text/near-copies'
import { BandIndex } from '../../text/band-index'

/** One text of somebody, in order of time where `timeMs` matters. */
export interface WrittenText {
  readonly author: string
  readonly timeMs: number
  readonly text: string
}

/** A folded text beside what it was made of. */
interface Folded {
  readonly bytes: Uint8Array
  readonly characters: number
}

/**
 * All pairs of texts whose Jaccard of grams is at least `minLikeness`, by the index and the comparison of the engine,
 * but with every text of so many folded characters in the index. Gives the numbers of both; the later one is first.
 */
export function* alikePairs(
  texts: readonly string[],
  { minLikeness, minCharacters = 1 }: { readonly minLikeness: number; readonly minCharacters?: number },
): Generator<readonly [later: number, earlier: number]> {
  const index = new BandIndex()
  const comparison = new Comparison(0)
  const keys = new Uint32Array(bandCount)
  const places = new Uint32Array(texts.length * bandCount)
  const indexed: { readonly number: number; readonly bytes: Uint8Array; readonly gramCount: number }[] = []
  for (const [number, text] of texts.entries()) {
    const { bytes, characters } = foldedOf(text)
    if (characters < minCharacters) continue
    comparison.take(bytes, 0, bytes.length)
    comparison.takeGrams()
    bandKeys(comparison.one.grams, comparison.one.gramCount, keys)
    const met = index.collect(keys, Infinity, places)
    for (const place of new Set(places.subarray(0, met))) {
      const earlier = indexed[place]!
      const likeness = comparison.likeness(earlier.bytes, 0, earlier.bytes.length, earlier.gramCount)
      if (likeness >= minLikeness) yield [number, earlier.number]
    }
    index.add(keys)
    indexed.push({ number, bytes, gramCount: comparison.gramCount })
  }
}

/** What a stream of texts gives: which of them are near-copies of others' texts, and who shares how many templates. */
export interface SharedTemplates {
  readonly texts: number
  /** By author: texts, and those with another author's text of the same template within a day, before or after. */
  readonly byAuthor: ReadonlyMap<string, { readonly texts: number; readonly copies: number }>
  readonly pairs: readonly SharingPair[]
}

export interface SharingPair {
  readonly authors: readonly [string, string]
  /** Texts of one of them that follow within a day of a text by the other of the same template. */
  readonly copies: number
  /** Different templates among those. */
  readonly templates: number
}

/** Places texts in order of time with the engine as it is set, those with at least so many folded characters. */
export function sharedTemplates(
  written: readonly WrittenText[],
  options: { readonly minCharacters: number },
): SharedTemplates {
  const copies = new NearCopies({ key: new Uint8Array(8), ...nearCopiesOptions })
  const fold = new TextFold()
  const encoder = new TextEncoder()
  const byAuthor = new Map<string, { texts: number; copies: number }>()
  const templates = new Map<string, { author: string; timeMs: number; isCopy: boolean }[]>()
  const shared = new Map<
    string,
    { authors: readonly [string, string]; copies: number; templates: Set<string> }
  >()
  let texts = 0
  for (const { author, timeMs, text } of written) {
    const bytes = encoder.encode(text).subarray(0, maxTextBytes)
    fold.fold(bytes, 0, bytes.length)
    if (fold.characters < options.minCharacters) continue
    texts++
    const { templateHigh, templateLow } = copies.see(fold, hashOf(author), timeMs)
    const template = `${templateHigh} ${templateLow}`
    const mine = valueOf(byAuthor, author, () => ({ texts: 0, copies: 0 }))
    mine.texts++
    const recent = valueOf(templates, template, () => []).filter((other) => timeMs - other.timeMs <= dayMs)
    const entry = { author, timeMs, isCopy: false }
    for (const other of recent) {
      if (other.author === author) continue
      for (const copy of [entry, other]) {
        if (!copy.isCopy) byAuthor.get(copy.author)!.copies++
        copy.isCopy = true
      }
    }
    for (const other of new Set(recent.map((text) => text.author))) {
      if (other === author) continue
      const authors: readonly [string, string] = author < other ? [author, other] : [other, author]
      const pair = valueOf(shared, authors.join('\n'), () => ({ authors, copies: 0, templates: new Set() }))
      pair.copies++
      pair.templates.add(template)
    }
    templates.set(template, [...recent, entry])
  }
  const pairs = Array.from(shared.values(), (pair) => ({
    ...pair,
    templates: pair.templates.size,
  }))
  return { texts, byAuthor, pairs }
}

/** Authors in a pair that is as asked. */
export function pairedAuthors(
  { pairs }: SharedTemplates,
  isAsked: (pair: SharingPair) => boolean,
): Set<string> {
  return new Set(pairs.filter(isAsked).flatMap(({ authors }) => authors))
}

/** A share in percent with one decimal. */
export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Number(((100 * part) / whole).toFixed(1))} %`
}

const dayMs = 86_400_000
const folder = new TextFold()

function foldedOf(text: string): Folded {
  const bytes = new TextEncoder().encode(text).subarray(0, maxTextBytes)
  folder.fold(bytes, 0, bytes.length)
  return { bytes: folder.bytes.slice(0, folder.length), characters: folder.characters }
}

function valueOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}

function hashOf(author: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < author.length; at++) hash = Math.imul(hash ^ author.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
