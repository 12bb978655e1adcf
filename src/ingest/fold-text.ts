import { codePointAt, sequenceLength } from './utf8'

/** Longest text of the contract, in bytes. */
export const maxTextBytes = 8192

/**
 * Folds a text to what stays the same when somebody copies it with small changes: NFKC, lower case, letters and digits
 * only; links and mentions, white space, punctuation, emoji and invisible characters are gone.
 *
 * A mention is `@` and up to 30 letters, digits, `_` or `-`, unless a Latin letter or digit stands before it (that is a
 * mail address); a link runs from `http://`, `https://` or a `www.` at the start of a word to the next character that
 * is white space or not ASCII.
 */
export class TextFold {
  /** The folded text in UTF-8 is `bytes[0, length)`. */
  readonly bytes = new Uint8Array(maxTextBytes * 3)
  length = 0
  characters = 0

  /** Folds valid UTF-8 of at most `maxTextBytes`. */
  fold(text: Uint8Array, start: number, end: number): void {
    const normalised = this.normaliseKnown(text, start, end)
    this.strip(normalised < 0 ? this.normaliseAny(text, start, end) : normalised)
  }

  /**
   * Writes ASCII and the letters of Chinese, Japanese, Korean, Western European and Cyrillic text in normal form, and
   * `nothing` for what is no letter; gives -1 when it meets a character that it does not know. The characters it
   * knows never combine with each other, so each can be looked at alone.
   */
  private normaliseKnown(text: Uint8Array, start: number, end: number): number {
    const { bytes } = this
    let to = 0
    for (let at = start; at < end;) {
      const first = text[at]!
      if (first < 0x80) {
        bytes[to++] = lowerAscii[first]!
        at++
        continue
      }
      const length = sequenceLength(text, at, end)
      const codePoint = codePointAt(text, at, length)
      if (isPlainLetter(codePoint)) {
        for (let i = 0; i < length; i++) bytes[to++] = text[at + i]!
      } else if (isNoLetter(codePoint)) {
        bytes[to++] = isSeveralMarks(codePoint) ? dot : nothing
      } else if (codePoint >= 0xff01 && codePoint <= 0xff5e) {
        // Full-width forms of ASCII.
        bytes[to++] = lowerAscii[codePoint - 0xfee0]!
      } else {
        const lower = lowerTwoByte(codePoint)
        if (lower === 0) return -1
        bytes[to++] = 0xc0 | (lower >> 6)
        bytes[to++] = 0x80 | (lower & 0x3f)
      }
      at += length
    }
    return to
  }

  /** The same for every text, by way of a string. */
  private normaliseAny(text: Uint8Array, start: number, end: number): number {
    // NFKC can make 18 characters of one, so the length is capped again.
    const plain = textDecoder
      .decode(text.subarray(start, end))
      .normalize('NFKC')
      .slice(0, maxTextBytes)
      .toLowerCase()
      .slice(0, maxTextBytes)
      .replace(notLetter, '\u0001')
    return textEncoder.encodeInto(plain, this.bytes).written
  }

  /** Takes links, mentions and everything that is no letter or digit out of the normalised text, in place. */
  private strip(end: number): void {
    const { bytes } = this
    let to = 0
    let characters = 0
    let before = nothing
    for (let at = 0; at < end;) {
      const byte = bytes[at]!
      if (byte === lowerH || byte === lowerW) {
        const linkEnd = this.linkEnd(at, end, before)
        if (linkEnd > at) {
          before = nothing
          at = linkEnd
          continue
        }
      }
      if (byte === atSign && !isWord[before]) {
        before = nothing
        at = this.mentionEnd(at + 1, end)
        continue
      }
      if (byte >= 0x80 || isWord[byte] === 1) {
        bytes[to++] = byte
        if ((byte & 0xc0) !== 0x80) characters++
      }
      before = byte
      at++
    }
    this.length = to
    this.characters = characters
  }

  private linkEnd(at: number, end: number, before: number): number {
    const { bytes } = this
    if (
      bytes[at] === lowerW ? !this.startsWith(www, at, end) || isWord[before] === 1 : !this.isScheme(at, end)
    ) {
      return at
    }
    let to = at
    while (to < end && bytes[to]! > 0x20 && bytes[to]! < 0x7f) to++
    return to
  }

  private isScheme(at: number, end: number): boolean {
    return this.startsWith(http, at, end) || this.startsWith(https, at, end)
  }

  private mentionEnd(at: number, end: number): number {
    const { bytes } = this
    let characters = 0
    let to = at
    for (; to < end; to++) {
      const byte = bytes[to]!
      if ((byte & 0xc0) === 0x80) continue
      if (byte < 0x80 && isWord[byte] === 0 && byte !== underscore && byte !== dash) break
      if (++characters > maxMentionCharacters) break
    }
    return to
  }

  private startsWith(prefix: Uint8Array, at: number, end: number): boolean {
    if (at + prefix.length > end) return false
    for (let i = 0; i < prefix.length; i++) if (this.bytes[at + i] !== prefix[i]) return false
    return true
  }
}

/** Stands for a character that is neither letter nor digit, so that a link or mention still ends there. */
const nothing = 1
const maxMentionCharacters = 30
const lowerH = 0x68
const lowerW = 0x77
const atSign = 0x40
const underscore = 0x5f
const dash = 0x2d
const dot = 0x2e
const textEncoder = new TextEncoder()
const textDecoder = new TextDecoder()
const http = textEncoder.encode('http://')
const https = textEncoder.encode('https://')
const www = textEncoder.encode('www.')
// ASCII stays for now: links and mentions are made of it.
const notLetter = /[^\p{L}\p{N}\u0000-\u007f]/gu

/** 1 for ASCII letters in lower case and digits. */
const isWord = new Uint8Array(256)
const lowerAscii = new Uint8Array(128)
for (let byte = 0; byte < 128; byte++) {
  const isUpper = byte >= 0x41 && byte <= 0x5a
  lowerAscii[byte] = isUpper ? byte + 0x20 : byte
  if ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a)) isWord[byte] = 1
}

/** Letters without case that are their own NFKC form: unified ideographs, kana, precomposed Hangul. */
function isPlainLetter(codePoint: number): boolean {
  return (
    (codePoint >= 0x4e00 && codePoint <= 0x9fff) ||
    (codePoint >= 0x3041 && codePoint <= 0x3096) ||
    (codePoint >= 0x30a1 && codePoint <= 0x30fa) ||
    (codePoint >= 0xac00 && codePoint <= 0xd7a3)
  )
}

/** Blocks in which there is no letter or digit, and nothing that NFKC turns into one. */
function isNoLetter(codePoint: number): boolean {
  return (
    // Zero-width characters, spaces, dashes, quotes, dots.
    (codePoint >= 0x2000 && codePoint <= 0x206f) ||
    // Chinese and Japanese punctuation; 々 and 〇 between them are letters.
    (codePoint >= 0x3000 && codePoint <= 0x3003) ||
    (codePoint >= 0x3008 && codePoint <= 0x301f) ||
    // Variation selectors, and emoji with their modifiers.
    (codePoint >= 0xfe00 && codePoint <= 0xfe0f) ||
    codePoint === 0xfeff ||
    (codePoint >= 0x2600 && codePoint <= 0x2775) ||
    (codePoint >= 0x2794 && codePoint <= 0x27bf) ||
    (codePoint >= 0x1f300 && codePoint <= 0x1faff)
  )
}

/** Leaders, the ellipsis and double marks, of which NFKC makes ASCII punctuation that can stand in a link. */
function isSeveralMarks(codePoint: number): boolean {
  return (
    (codePoint >= 0x2024 && codePoint <= 0x2026) ||
    codePoint === 0x203c ||
    (codePoint >= 0x2047 && codePoint <= 0x2049)
  )
}

/** The lower case of a Western European or Cyrillic letter that is its own NFKC form, or 0. */
function lowerTwoByte(codePoint: number): number {
  if (codePoint >= 0xc0 && codePoint <= 0xff && codePoint !== 0xd7 && codePoint !== 0xf7) {
    return codePoint <= 0xde ? codePoint + 0x20 : codePoint
  }
  if (codePoint >= 0x410 && codePoint <= 0x42f) return codePoint + 0x20
  if (codePoint >= 0x400 && codePoint <= 0x40f) return codePoint + 0x50
  return codePoint >= 0x430 && codePoint <= 0x45f ? codePoint : 0
}
