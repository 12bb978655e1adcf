import { withOneAlphabet } from './look-alikes'
import { firstIdeograph, lastIdeograph, simplifiedForms } from './simplified'

/** Longest text of the contract, in bytes. */
export const maxTextBytes = 8192

/**
 * Folds a text to what stays the same when somebody copies it with small changes: NFKC, lower case, simplified Chinese,
 * letters and digits only. Accents, links and mentions, white space, punctuation, emoji, also those in brackets, and
 * characters that show nothing are gone; of a #tag# the words stay. A word has one alphabet (`withOneAlphabet`), and a
 * digit between two Latin letters is the letter it looks like.
 *
 * A mention is `@` and up to 30 letters, digits, `_` or `-`, unless a Latin letter or digit stands before it (that is a
 * mail address); a link runs from `http://`, `https://` or a `www.` at the start of a word to the next character that
 * is white space or not ASCII; an emoji in brackets is 1 to 8 letters or digits between `[` and `]`.
 */
export class TextFold {
  /** The folded text in UTF-8 is `bytes[0, length)`. */
  readonly bytes = new Uint8Array(maxTextBytes * 3)
  length = 0
  characters = 0
  private readonly simplified = simplifiedForms()

  /** Folds valid UTF-8 of at most `maxTextBytes`. */
  fold(text: Uint8Array, start: number, end: number): void {
    const normalised = this.normaliseKnown(text, start, end)
    this.strip(normalised < 0 ? this.normaliseAny(text, start, end) : normalised)
  }

  /**
   * Writes ASCII and the letters of Chinese, Japanese, Korean, Western European and Cyrillic text in normal form, and
   * `nothing` for what is no letter; gives -1 when it meets a character that it does not know, or a word of two
   * alphabets. The characters it knows never combine with each other, so each can be looked at alone.
   */
  private normaliseKnown(text: Uint8Array, start: number, end: number): number {
    const { bytes, simplified } = this
    let to = 0
    let alphabets = 0
    for (let at = start; at < end;) {
      const first = text[at]!
      if (first < 0x80) {
        const byte = lowerAscii[first]!
        alphabets = (alphabets & staysInWord[byte]!) | isLatin[byte]!
        if (alphabets === twoAlphabets) return -1
        bytes[to++] = byte
        at++
        continue
      }
      if (first < 0xe0) {
        const lower = lowerTwoByte(((first & 0x1f) << 6) | (text[at + 1]! & 0x3f))
        at += 2
        if (lower === 0) return -1
        if (lower < 0x80) {
          alphabets |= latin
          bytes[to++] = lower
        } else {
          alphabets = lower < 0x400 ? 0 : alphabets | cyrillic
          bytes[to++] = 0xc0 | (lower >> 6)
          bytes[to++] = 0x80 | (lower & 0x3f)
        }
        if (alphabets === twoAlphabets) return -1
        continue
      }
      const isThree = first < 0xf0
      let codePoint = isThree
        ? ((first & 0x0f) << 12) | ((text[at + 1]! & 0x3f) << 6) | (text[at + 2]! & 0x3f)
        : ((first & 0x07) << 18) |
          ((text[at + 1]! & 0x3f) << 12) |
          ((text[at + 2]! & 0x3f) << 6) |
          (text[at + 3]! & 0x3f)
      at += isThree ? 3 : 4
      if (isPlainLetter(codePoint)) {
        if (codePoint >= 0x4e00 && codePoint <= lastIdeograph) {
          codePoint = simplified[codePoint - firstIdeograph]!
        }
        bytes[to++] = 0xe0 | (codePoint >> 12)
        bytes[to++] = 0x80 | ((codePoint >> 6) & 0x3f)
        bytes[to++] = 0x80 | (codePoint & 0x3f)
      } else if (isInvisible(codePoint)) {
        continue
      } else if (isNoLetter(codePoint)) {
        bytes[to++] = isSeveralMarks(codePoint) ? dot : nothing
      } else if (codePoint >= 0xff01 && codePoint <= 0xff5e) {
        // Full-width forms of ASCII.
        const byte = lowerAscii[codePoint - 0xfee0]!
        alphabets = (alphabets & staysInWord[byte]!) | isLatin[byte]!
        if (alphabets === twoAlphabets) return -1
        bytes[to++] = byte
        continue
      } else {
        return -1
      }
      alphabets = 0
    }
    return to
  }

  /** The same for every text, by way of a string. */
  private normaliseAny(text: Uint8Array, start: number, end: number): number {
    // NFKC can make 18 characters of one, so the length is capped again.
    const plain = textDecoder
      .decode(text.subarray(start, end))
      .replace(invisible, '')
      .normalize('NFKC')
      .slice(0, maxTextBytes)
      .toLowerCase()
      .slice(0, maxTextBytes)
      .replace(accented, (letter) => letter.normalize('NFD').charAt(0))
      .replace(mark, '')
      .replace(ideograph, (letter) =>
        String.fromCharCode(this.simplified[letter.charCodeAt(0) - firstIdeograph]!),
      )
    const words = withOneAlphabet(plain).replace(notLetter, '\u0001')
    return textEncoder.encodeInto(words, this.bytes).written
  }

  /** Takes links, mentions, emoji in brackets and all that is no letter or digit out of the text, in place. */
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
      if (byte === openBracket) {
        const emojiEnd = this.emojiEnd(at, end)
        if (emojiEnd > at) {
          before = nothing
          at = emojiEnd
          continue
        }
      }
      if (byte >= 0x80 || isWord[byte] === 1) {
        const isStandIn = letterLike[byte]! > 0 && isLatin[before] === latin && at + 1 < end
        bytes[to++] = isStandIn && isLatin[bytes[at + 1]!] === latin ? letterLike[byte]! : byte
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

  private emojiEnd(at: number, end: number): number {
    const { bytes } = this
    let characters = 0
    for (let to = at + 1; to < end; to++) {
      const byte = bytes[to]!
      if (byte === closeBracket) return characters > 0 ? to + 1 : at
      if ((byte & 0xc0) === 0x80) continue
      if ((byte < 0x80 && isWord[byte] === 0) || ++characters > maxEmojiCharacters) return at
    }
    return at
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
const maxEmojiCharacters = 8
const lowerH = 0x68
const lowerW = 0x77
const atSign = 0x40
const underscore = 0x5f
const dash = 0x2d
const dot = 0x2e
const openBracket = 0x5b
const closeBracket = 0x5d
const latin = 1
const cyrillic = 2
const twoAlphabets = latin | cyrillic
const textEncoder = new TextEncoder()
const textDecoder = new TextDecoder()
const http = textEncoder.encode('http://')
const https = textEncoder.encode('https://')
const www = textEncoder.encode('www.')
const invisible = /\p{Default_Ignorable_Code_Point}/gu
const mark = /\p{M}/gu
const accented = /[\u00c0-\u024f\u1e00-\u1eff]/g
const ideograph = /[\u3400-\u9fff]/g
// ASCII stays for now: links and mentions are made of it.
const notLetter = /[^\p{L}\p{N}\u0000-\u007f]/gu

/** 1 for ASCII letters in lower case and digits. */
const isWord = new Uint8Array(256)
/** `latin` for ASCII letters in lower case. */
const isLatin = new Uint8Array(256)
/** All bits where a word goes on. */
const staysInWord = new Uint8Array(256)
const lowerAscii = new Uint8Array(128)
for (let byte = 0; byte < 128; byte++) {
  const isUpper = byte >= 0x41 && byte <= 0x5a
  lowerAscii[byte] = isUpper ? byte + 0x20 : byte
  if (byte >= 0x61 && byte <= 0x7a) isLatin[byte] = latin
  if ((byte >= 0x30 && byte <= 0x39) || isLatin[byte] === latin) isWord[byte] = 1
  staysInWord[byte] = isWord[byte] === 1 ? 0xff : 0
}

/** The letter that a digit is written for inside a word: v1agra, fr0m. Only compared, never shown. */
const letterLike = new Uint8Array(256)
for (const [digit, letter] of ['0o', '1i', '3e', '4a', '5s', '7t']) {
  letterLike[digit!.charCodeAt(0)] = letter!.charCodeAt(0)
}

/** The letters from À to ÿ in lower case and without their accents. */
const withoutAccent = new Uint16Array(64)
for (let at = 0; at < 64; at++) {
  withoutAccent[at] = String.fromCharCode(0xc0 + at)
    .toLowerCase()
    .normalize('NFD')
    .charCodeAt(0)
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

/** Characters that show nothing: joiners, marks of direction, variation selectors. */
function isInvisible(codePoint: number): boolean {
  return (
    (codePoint >= 0x200b && codePoint <= 0x200f) ||
    (codePoint >= 0x202a && codePoint <= 0x202e) ||
    (codePoint >= 0x2060 && codePoint <= 0x206f) ||
    (codePoint >= 0xfe00 && codePoint <= 0xfe0f) ||
    codePoint === 0xfeff
  )
}

/** Blocks in which there is no letter or digit, and nothing that NFKC turns into one. */
function isNoLetter(codePoint: number): boolean {
  return (
    // Spaces, dashes, quotes, dots.
    (codePoint >= 0x2000 && codePoint <= 0x205f) ||
    // Chinese and Japanese punctuation; 々 and 〇 between them are letters.
    (codePoint >= 0x3000 && codePoint <= 0x3003) ||
    (codePoint >= 0x3008 && codePoint <= 0x301f) ||
    // Emoji with their modifiers.
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

/** The lower case of a Western European letter, without its accent, or of a Cyrillic one in normal form; or 0. */
function lowerTwoByte(codePoint: number): number {
  if (codePoint >= 0xc0 && codePoint <= 0xff && codePoint !== 0xd7 && codePoint !== 0xf7) {
    return withoutAccent[codePoint - 0xc0]!
  }
  if (codePoint >= 0x410 && codePoint <= 0x42f) return codePoint + 0x20
  if (codePoint >= 0x400 && codePoint <= 0x40f) return codePoint + 0x50
  return codePoint >= 0x430 && codePoint <= 0x45f ? codePoint : 0
}
