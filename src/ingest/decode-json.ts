import type { DeadLetterReason } from './dead-letter'
import {
  absent,
  brokenText,
  fieldNames,
  fieldNumber,
  isListField,
  other,
  recordText,
  scratchText,
} from './fields'
import type { FoundFields } from './fields'
import { sequenceLength, writeCodePoint } from './utf8'

/** How many objects and lists may lie inside each other, the record itself included. */
export const maxJsonDepth = 16
/** So many readable bytes must follow a record, its newline included. */
export const paddingBytes = 4

/**
 * Finds the fields of an event in one line of JSON, in a single pass over its bytes and without making a string or an
 * object. It is strict: what `JSON.parse` refuses is refused, and so is a line that is not UTF-8.
 */
export class JsonDecoder {
  /** Why the last reading function gave -1. */
  private reason: DeadLetterReason = 'malformed-json'
  private number = 0
  /** Whether the last text read was put together in `scratch`, and whether it holds half of a surrogate pair. */
  private isScratch = false
  private isBroken = false
  /** Where the last line ended. */
  recordEnd = 0
  private isLine = false
  private textStart = 0
  private textEnd = 0
  private viewedBytes: Uint8Array = new Uint8Array(0)
  private view: DataView = new DataView(new ArrayBuffer(0))
  /** Which keys follow which, as records before this one had it. */
  private readonly keys = new KeyOrder()

  constructor(private readonly found: FoundFields) {}

  /**
   * Reads the record `bytes[start, end)` into the found fields; gives the reason when it is not an object. The byte at
   * `end` must be a newline: it stops every inner loop, so that none has to compare with `end`. And `paddingBytes` must
   * be there from `end` on, since texts are read four bytes at a time.
   *
   * A line ends at its first newline, wherever that is, so that nobody has to look for it before: `end` may be any
   * later one, and `recordEnd` says where it was, unless there is a reason.
   */
  decode(bytes: Uint8Array, start: number, end: number, isLine = false): DeadLetterReason | undefined {
    this.isLine = isLine
    const { found, keys } = this
    found.begin(bytes)
    if (this.viewedBytes !== bytes) this.look(bytes)
    const { view } = this
    let at = this.skipSpace(bytes, start, end)
    if (bytes[at] !== openBrace) return this.reasonForNoObject(bytes, at, end)
    at = this.skipSpace(bytes, at + 1, end)
    if (bytes[at] === closeBrace) return this.endsAt(bytes, at + 1, end)

    let key = recordStart
    for (;;) {
      if (bytes[at] !== quote) return 'malformed-json'
      const before = key
      key = keys.after(before, view, at + 1)
      if (key !== unknownKey) {
        at += keys.width(key)
      } else {
        const keyStart = ++at
        at = plainEnd(view, at)
        if (bytes[at] === quote) {
          key = keys.learn(before, bytes, keyStart, at)
        } else {
          at = this.readText(bytes, keyStart, at, end)
          if (at < 0) return this.reason
          key = keys.numberOf(this.isScratch ? found.scratch : bytes, this.textStart, this.textEnd)
        }
        at++
        if (bytes[at] !== colon) {
          at = this.skipSpace(bytes, at, end)
          if (bytes[at] !== colon) return 'malformed-json'
        }
        at++
      }
      const isField = key < fieldNames.length
      if (bytes[at]! <= space) at = this.skipSpace(bytes, at, end)

      const first = bytes[at]!
      if (first === quote) {
        const textStart = ++at
        at = plainEnd(view, at)
        if (bytes[at] === quote) {
          if (isField) found.setText(key, recordText, textStart, at)
        } else {
          const scratchEnd = found.scratchEnd
          at = this.readText(bytes, textStart, at, end)
          if (at < 0) return this.reason
          if (isField) found.setText(key, this.textType(), this.textStart, this.textEnd)
          else found.scratchEnd = scratchEnd
        }
        at++
      } else if (isDigit(first) || first === minus) {
        at = this.readNumber(bytes, at, end)
        if (at < 0) return this.reason
        if (isField) found.setNumber(key, this.number)
      } else {
        const valueStart = at
        at = this.skipValue(bytes, at, end, 2)
        if (at < 0) return this.reason
        if (isField) this.setOther(key, first, valueStart, at)
      }

      let next = bytes[at]!
      if (next <= space) {
        at = this.skipSpace(bytes, at, end)
        next = bytes[at]!
      }
      if (next === closeBrace) return this.endsAt(bytes, at + 1, end)
      if (next !== comma) return 'malformed-json'
      at++
      if (bytes[at] !== quote) at = this.skipSpace(bytes, at, end)
    }
  }

  /** Sets a field to a value that is no text and no number and lies in `bytes[start, end)`. */
  private setOther(field: number, first: number, start: number, end: number): void {
    const { found } = this
    if (first === lowerN) found.types[field] = absent
    else if (first === lowerT || first === lowerF) found.setTruth(field, first === lowerT)
    else if (first === openBracket && isListField[field] === 1) {
      const json = textDecoder.decode(found.bytes.subarray(start, end))
      found.setList(field, JSON.parse(json) as unknown[])
    } else found.types[field] = other
  }

  /** A view is made once for a buffer: making one costs as much as reading half a record. */
  private look(bytes: Uint8Array): void {
    this.viewedBytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  private textType(): number {
    return this.isBroken ? brokenText : this.isScratch ? scratchText : recordText
  }

  private reasonForNoObject(bytes: Uint8Array, at: number, end: number): DeadLetterReason {
    const to = this.skipValue(bytes, at, end, 1)
    if (to < 0) return this.reason
    return this.endsAt(bytes, to, end) ?? 'not-an-object'
  }

  /** The place after any value, or -1; `depth` is the depth that the value has if it is an object or a list. */
  private skipValue(bytes: Uint8Array, start: number, end: number, depth: number): number {
    const first = bytes[start]!
    if (first === quote) {
      let at = start + 1
      while (plain[bytes[at]!] === 1) at++
      if (bytes[at] === quote) return at + 1
      const { scratchEnd } = this.found
      at = this.readText(bytes, start + 1, at, end)
      this.found.scratchEnd = scratchEnd
      return at < 0 ? at : at + 1
    }
    if (isDigit(first) || first === minus) return this.readNumber(bytes, start, end)
    if (first === openBrace) return this.skipMembers(bytes, start + 1, end, depth, closeBrace)
    if (first === openBracket) return this.skipMembers(bytes, start + 1, end, depth, closeBracket)
    for (const word of literals) {
      if (word[0] === first && startsWith(bytes, word, start, end)) return start + word.length
    }
    return this.refuse('malformed-json')
  }

  private skipMembers(bytes: Uint8Array, start: number, end: number, depth: number, close: number): number {
    if (depth > maxJsonDepth) return this.refuse('too-deep')
    let at = this.skipSpace(bytes, start, end)
    if (bytes[at] === close) return at + 1
    for (;;) {
      if (close === closeBrace) {
        if (bytes[at] !== quote) return this.refuse('malformed-json')
        at = this.skipValue(bytes, at, end, depth + 1)
        if (at < 0) return at
        at = this.skipSpace(bytes, at, end)
        if (bytes[at] !== colon) return this.refuse('malformed-json')
        at = this.skipSpace(bytes, at + 1, end)
      }
      at = this.skipValue(bytes, at, end, depth + 1)
      if (at < 0) return at
      at = this.skipSpace(bytes, at, end)
      if (bytes[at] === close) return at + 1
      if (bytes[at] !== comma) return this.refuse('malformed-json')
      at = this.skipSpace(bytes, at + 1, end)
    }
  }

  /**
   * Reads on in a text that began at `start` and was plain up to `at`; gives the place of the closing quote, or -1.
   * Text without escapes is only checked and stays where it is.
   */
  private readText(bytes: Uint8Array, start: number, at: number, end: number): number {
    this.isScratch = false
    this.isBroken = false
    for (;;) {
      const byte = bytes[at]!
      if (plain[byte] === 1) {
        at++
      } else if (byte === quote) {
        this.textStart = start
        this.textEnd = at
        return at
      } else if (byte === backslash) {
        return this.unescape(bytes, start, at, end)
      } else if (byte < space) {
        return this.refuse('malformed-json')
      } else {
        const length = sequenceLength(bytes, at, end)
        if (length === 0) return this.refuse('invalid-utf8')
        at += length
      }
    }
  }

  /** The same for a text with an escape at `at`; the whole text is put together in `scratch`. */
  private unescape(bytes: Uint8Array, start: number, at: number, end: number): number {
    const { found } = this
    // An escape is never shorter than what it stands for, but for a broken one: six bytes that become three.
    found.reserveScratch((this.isLine ? bytes.indexOf(newline, at) : end) - start + 4)
    const { scratch } = found
    let to = found.scratchEnd
    this.isScratch = true
    this.textStart = to
    for (let from = start; from < at; from++) scratch[to++] = bytes[from]!
    for (;;) {
      const byte = bytes[at]!
      if (plain[byte] === 1) {
        scratch[to++] = byte
        at++
      } else if (byte === quote) {
        this.textEnd = to
        found.scratchEnd = to
        return at
      } else if (byte === backslash) {
        const escape = bytes[at + 1]!
        if (escape !== lowerU) {
          const meant = escapes[escape]!
          if (meant === 0) return this.refuse('malformed-json')
          scratch[to++] = meant
          at += 2
          continue
        }
        let codePoint = hexUnit(bytes, at + 2)
        if (codePoint < 0) return this.refuse('malformed-json')
        at += 6
        if (codePoint >= 0xd800 && codePoint <= 0xdfff) {
          const second = bytes[at] === backslash && bytes[at + 1] === lowerU ? hexUnit(bytes, at + 2) : -1
          if (codePoint < 0xdc00 && second >= 0xdc00 && second <= 0xdfff) {
            codePoint = 0x10000 + ((codePoint - 0xd800) << 10) + (second - 0xdc00)
            at += 6
          } else {
            codePoint = 0xfffd
            this.isBroken = true
          }
        }
        to = writeCodePoint(scratch, to, codePoint)
      } else if (byte < space) {
        return this.refuse('malformed-json')
      } else {
        const length = sequenceLength(bytes, at, end)
        if (length === 0) return this.refuse('invalid-utf8')
        for (let i = 0; i < length; i++) scratch[to++] = bytes[at++]!
      }
    }
  }

  /** Reads a number into `number` and gives the place after it, or -1 when it is none of JSON's grammar. */
  private readNumber(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    if (bytes[at]! > zero) {
      // Four digits at a time up to twelve, then one by one; up to 15 every step is exact.
      const { view } = this
      let value = 0
      while (at - start < 12) {
        const four = fourDigits(view.getInt32(at, true))
        if (four < 0) break
        value = value * 10_000 + four
        at += 4
      }
      let digit = bytes[at]! - zero
      while (digit >= 0 && digit <= 9 && at - start < 15) {
        value = value * 10 + digit
        digit = bytes[++at]! - zero
      }
      const next = digit + zero
      if ((digit < 0 || digit > 9) && next !== dot && (next | 0x20) !== lowerE) {
        this.number = value
        return at
      }
    }
    return this.readAnyNumber(bytes, start, end)
  }

  private readAnyNumber(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    if (bytes[at] === minus) at++
    const whole = at
    at = skipDigits(bytes, at)
    if (at === whole || (at - whole > 1 && bytes[whole] === zero)) return this.refuse('malformed-json')
    if (bytes[at] === dot) {
      const fraction = ++at
      at = skipDigits(bytes, at)
      if (at === fraction) return this.refuse('malformed-json')
    }
    if ((bytes[at]! | 0x20) === lowerE) {
      at++
      if (bytes[at] === minus || bytes[at] === plus) at++
      const exponent = at
      at = skipDigits(bytes, at)
      if (at === exponent) return this.refuse('malformed-json')
    }
    if (at > end) return this.refuse('malformed-json')
    this.number = Number(textDecoder.decode(bytes.subarray(start, at)))
    return at
  }

  /** The place of the next byte that is not white space, at most `end`; in a line a newline is none. */
  private skipSpace(bytes: Uint8Array, start: number, end: number): number {
    let at = skipBlanks(bytes, start, end)
    while (!this.isLine && at < end && bytes[at] === newline) at = skipBlanks(bytes, at + 1, end)
    return at
  }

  /** Nothing but white space may follow the record. */
  private endsAt(bytes: Uint8Array, start: number, end: number): DeadLetterReason | undefined {
    const at = this.skipSpace(bytes, start, end)
    this.recordEnd = at
    return (this.isLine ? bytes[at] === newline : at === end) ? undefined : 'malformed-json'
  }

  private refuse(reason: DeadLetterReason): -1 {
    this.reason = reason
    return -1
  }
}

/** The place of the next byte that is not white space within a line, at most `end`. */
export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end) {
    const byte = bytes[at]!
    if (byte !== space && byte !== tab && byte !== carriageReturn) break
    at++
  }
  return at
}

const tab = 0x09
const newline = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const quote = 0x22
const plus = 0x2b
const comma = 0x2c
const minus = 0x2d
const dot = 0x2e
const zero = 0x30
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const lowerE = 0x65
const lowerF = 0x66
const lowerN = 0x6e
const lowerT = 0x74
const lowerU = 0x75
const openBrace = 0x7b
const closeBrace = 0x7d
const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()
const literals = ['true', 'false', 'null'].map((word) => textEncoder.encode(word))

/**
 * The place of the first byte from `start` on that does not stand for itself in a text. Tests four bytes at once by the
 * classic trick: `(x - 0x01…) & ~x & 0x80…` has a bit where x has a zero byte; `~x` is left out, since where it matters
 * the byte is none of ASCII and counts anyway. A borrow can set false bits above the first true one only, and the lowest one counts.
 */
function plainEnd(view: DataView, start: number): number {
  for (let at = start; ; at += 4) {
    const word = view.getInt32(at, true)
    const special =
      (((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101) | (word - 0x20202020) | word) &
      0x80808080
    if (special !== 0) return at + ((31 - Math.clz32(special & -special)) >> 3)
  }
}

/** 1 for the bytes that stand for themselves in a text: ASCII but for control characters, quote and backslash. */
const plain = new Uint8Array(256)
for (let byte = 0x20; byte < 0x80; byte++) if (byte !== quote && byte !== backslash) plain[byte] = 1

/** What the letter after a backslash stands for; 0 where it may not follow one. */
const escapes = new Uint8Array(256)
for (const [letter, meant] of Object.entries({
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
})) {
  escapes[letter.charCodeAt(0)] = meant.charCodeAt(0)
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9
}

function skipDigits(bytes: Uint8Array, start: number): number {
  let at = start
  while (isDigit(bytes[at]!)) at++
  return at
}

/** The UTF-16 unit that four hexadecimal digits name, or -1. */
function hexUnit(bytes: Uint8Array, start: number): number {
  let unit = 0
  for (let at = start; at < start + 4; at++) {
    const byte = bytes[at]!
    let digit = byte - zero
    if (digit < 0 || digit > 9) {
      digit = (byte | 0x20) - 0x57
      if (digit < 10 || digit > 15) return -1
    }
    unit = unit * 16 + digit
  }
  return unit
}

function startsWith(bytes: Uint8Array, word: Uint8Array, start: number, end: number): boolean {
  if (start + word.length > end) return false
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false
  return true
}

/** What four digits mean, the first of them in the lowest byte, or -1. */
function fourDigits(word: number): number {
  if (((word & 0xf0f0f0f0) ^ 0x30303030) !== 0 || (((word + 0x06060606) & 0xf0f0f0f0) ^ 0x30303030) !== 0)
    return -1
  const ones = word & 0x0f0f0f0f
  const pairs = (ones * 10 + (ones >>> 8)) & 0x00ff00ff
  return (pairs & 0xff) * 100 + (pairs >>> 16)
}

/**
 * Knows keys by the ones before them: a producer writes its fields in an order, in which an event has some and lacks
 * others, so that few keys follow each. The contract's keys have the numbers of their fields; a few more are learnt from the
 * records, so that fields that nobody reads are passed over as fast.
 */
class KeyOrder {
  /** Of each key a few that followed it, and `unknownKey` behind the last. */
  private readonly followers = new Uint8Array((recordStart + 1) * (mostFollowers + 1)).fill(unknownKey)
  /** The one of them that the next one to be learnt takes the place of. */
  private readonly turns = new Uint8Array(recordStart + 1)
  /** Each key with the quote and the colon behind it as up to five words; the last one may overlap the one before it. */
  private readonly words = new Int32Array(mostKeys * wordsPerKey)
  /** Their lengths in bytes. */
  private readonly lengths = new Uint8Array(mostKeys)
  private readonly learnt: Uint8Array[] = []

  constructor() {
    fieldKeys.forEach((key, number) => {
      this.set(number, key)
    })
  }

  /** The key whose first byte is at `at`, where it is one of those that followed the one before it; else `unknownKey`. */
  after(before: number, view: DataView, at: number): number {
    const { followers, words, lengths } = this
    const first = view.getInt32(at, true)
    for (let turn = before * (mostFollowers + 1); ; turn++) {
      const key = followers[turn]!
      if (key === unknownKey) return key
      let word = key * wordsPerKey
      if (words[word] !== first) continue
      // A word is read only after all before it were right, so never beyond the record's newline.
      const last = lengths[key]! - 4
      let offset = 4
      while (offset < last && view.getInt32(at + offset, true) === words[++word]) offset += 4
      if (offset >= last && view.getInt32(at + last, true) === words[++word]) return key
    }
  }

  /** How many bytes a key takes with both quotes and the colon. */
  width(key: number): number {
    return this.lengths[key]! + 1
  }

  /** The number of a key that stands between quotes and came after another, which is remembered. */
  learn(before: number, bytes: Uint8Array, start: number, end: number): number {
    let key = this.numberOf(bytes, start, end)
    if (bytes[end + 1] !== colon) return key
    if (key === unknownKey) {
      if (end - start < 2 || end - start > mostKeyBytes || this.learnt.length === mostLearnt) return key
      key = fieldKeys.length + this.learnt.push(bytes.slice(start, end)) - 1
      this.set(key, this.learnt.at(-1)!)
    }
    this.followers[before * (mostFollowers + 1) + this.turns[before]!] = key
    this.turns[before] = (this.turns[before]! + 1) % mostFollowers
    return key
  }

  /** The number of a key, or `unknownKey`. */
  numberOf(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return unknownKey
    const field = keyTable[keyPlace(bytes, start, end)]! - 1
    if (field >= 0 && isSame(fieldKeys[field]!, bytes, start, end)) return field
    const learnt = this.learnt.findIndex((key) => isSame(key, bytes, start, end))
    return learnt < 0 ? unknownKey : fieldKeys.length + learnt
  }

  private set(number: number, key: Uint8Array): void {
    const quoted = new DataView(Uint8Array.of(...key, quote, colon).buffer)
    const last = quoted.byteLength - 4
    let word = number * wordsPerKey
    for (let offset = 0; offset < last; offset += 4) this.words[word++] = quoted.getInt32(offset, true)
    this.words[word] = quoted.getInt32(last, true)
    // The first word is compared by itself, so the last one of a key of two letters stands there twice.
    if (last === 0) this.words[word + 1] = this.words[word]!
    this.lengths[number] = quoted.byteLength
  }
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false
  return true
}

const fieldKeys = fieldNames.map((name) => textEncoder.encode(name))
const mostFollowers = 4
/** With quote and colon, five words. */
const mostKeyBytes = 18
const wordsPerKey = 5
const mostLearnt = 32
const mostKeys = fieldKeys.length + mostLearnt
/** What stands for every key without a number of its own, and for the beginning of a record. */
const unknownKey = mostKeys
const recordStart = mostKeys + 1

/**
 * Field numbers plus one by a small hash of a key. The table is built so that no two of our keys share a place, so one
 * comparison tells whether a key is ours.
 */
const keyTable = buildKeyTable()

function keyPlace(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  return (length + bytes[start]! * 6 + bytes[end - 1]! + bytes[start + (length >> 1)]! * 5) & 127
}

function buildKeyTable(): Uint8Array {
  const table = new Uint8Array(128)
  for (const name of fieldNames) {
    const key = textEncoder.encode(name)
    const place = keyPlace(key, 0, key.length)
    if (table[place] !== 0)
      throw new Error(`the fields ${name} and ${fieldNames[table[place]! - 1]} share a place`)
    table[place] = fieldNumber(name) + 1
  }
  return table
}
