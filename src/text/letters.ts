import { mix32 } from '../model/hash'
import { maxTextBytes } from './fold'

/**
 * A passage is a run of letters that weigh this much: 16 letters of an alphabet, or 8 of Chinese, Japanese or Korean,
 * which weigh two. Running text carries some 2 bits a letter once the letters before are known (Shannon, "Prediction
 * and entropy of printed English", 1951), Chinese twice that a character, so a passage carries about 32 bits: among
 * millions of texts nobody writes it a second time by chance, unless it is a phrase of the language.
 */
export const passageWeight = 16

/**
 * The letters of one folded text, and the hashes of its parts: grams, which say what it is made of, and passages, which
 * say what was taken over word for word. One is filled again and again; nothing is allocated for a text.
 */
export class Letters {
  readonly codes = new Uint32Array(maxTextBytes)
  length = 0
  /** Letters counted as for a passage. */
  weight = 0
  /** Hashes of all 2-grams where over a third of the letters are Chinese, Japanese or Korean, else of all 4-grams. */
  readonly grams = new Uint32Array(maxTextBytes)
  gramCount = 0
  /** Hash and end of the passage that begins at each of the first `passageCount` letters. */
  readonly passages = new Uint32Array(maxTextBytes)
  readonly passageEnds = new Uint32Array(maxTextBytes)
  passageCount = 0

  constructor(private readonly seed: number) {}

  /** Takes the letters of a folded text: UTF-8 in `bytes[start, end)`. */
  take(bytes: Uint8Array, start: number, end: number): void {
    const { codes } = this
    let length = 0
    let wide = 0
    for (let at = start; at < end;) {
      const first = bytes[at]!
      let code = first
      if (first < 0x80) {
        at++
      } else if (first < 0xe0) {
        code = ((first & 0x1f) << 6) | (bytes[at + 1]! & 0x3f)
        at += 2
      } else if (first < 0xf0) {
        code = ((first & 0x0f) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f)
        at += 3
      } else {
        const high = ((first & 0x07) << 6) | (bytes[at + 1]! & 0x3f)
        code = (high << 12) | ((bytes[at + 2]! & 0x3f) << 6) | (bytes[at + 3]! & 0x3f)
        at += 4
      }
      if (isWide(code)) wide++
      codes[length++] = code
    }
    this.length = length
    this.weight = length + wide
    this.gramCount = 0
    this.passageCount = 0
    this.hasTwoGrams = wide * 3 > length
  }

  /** Fills `grams`. A text too short for one is a gram by itself. */
  takeGrams(): void {
    const { codes, grams, length, hasTwoGrams } = this
    const seed = hasTwoGrams ? this.seed : ~this.seed
    if (length < (hasTwoGrams ? 2 : 4)) {
      let whole = mix32(seed, length)
      for (let at = 0; at < length; at++) whole = mix32(whole, codes[at]!)
      grams[0] = whole
      this.gramCount = length === 0 ? 0 : 1
      return
    }
    for (let at = 0; at + 1 < length; at++) grams[at] = mix32(codes[at]! ^ seed, codes[at + 1]!)
    this.gramCount = length - 1
    if (hasTwoGrams) return
    for (let at = 0; at + 3 < length; at++) grams[at] = mix32(grams[at]!, grams[at + 2]!)
    this.gramCount = length - 3
  }

  /** Fills `passages`, by a hash that rolls along the text. */
  takePassages(): void {
    const { codes, passages, passageEnds, length, seed } = this
    let count = 0
    let hash = 0
    let weight = 0
    let end = 0
    for (let start = 0; start < length; start++) {
      while (weight < passageWeight && end < length) {
        const code = codes[end++]!
        hash = (Math.imul(hash, base) + code) | 0
        weight += isWide(code) ? 2 : 1
      }
      if (weight < passageWeight) break
      passages[count] = mix32(hash ^ seed, end - start)
      passageEnds[count++] = end
      const code = codes[start]!
      hash = (hash - Math.imul(code, powers[end - start - 1]!)) | 0
      weight -= isWide(code) ? 2 : 1
    }
    this.passageCount = count
  }

  private hasTwoGrams = false
}

/** From the radicals to the last syllable of Hangul, and the planes of rare ideographs. */
function isWide(code: number): boolean {
  return (code >= 0x2e80 && code <= 0xd7a3) || code >= 0x20000
}

const base = 0x2c1b3c6d
const powers = new Int32Array(passageWeight)
powers[0] = 1
for (let at = 1; at < powers.length; at++) powers[at] = Math.imul(powers[at - 1]!, base)
