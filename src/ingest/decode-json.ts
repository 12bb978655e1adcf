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
  private textStart = 0
  private textEnd = 0
  private viewedBytes: Uint8Array = new Uint8Array(0)
  private view: DataView = new DataView(new ArrayBuffer(0))
  /** By the number of a key, plus one: the key that followed it last time; at 0, the first key of a record. */
  private readonly following = new Uint8Array(fieldNames.length + 1)

  constructor(private readonly found: FoundFields) {}

  /**
   * Reads the record `bytes[start, end)` into the found fields; gives the reason when it is not an object. The byte at
   * `end` must be a newline: it stops every inner loop, so that none has to compare with `end`. And `paddingBytes` must
   * be there from `end` on, since texts are read four bytes at a time.
   */
  decode(bytes: Uint8Array, start: number, end: number): DeadLetterReason | undefined {
    const { found } = this
    found.begin(bytes)
    if (this.viewedBytes !== bytes) this.look(bytes)
    const { view } = this
    let at = skipSpace(bytes, start, end)
    if (bytes[at] !== openBrace) return this.reasonForNoObject(bytes, at, end)
    at = skipSpace(bytes, at + 1, end)
    if (bytes[at] === closeBrace) return endsAt(bytes, at + 1, end)

    let before = 0
    for (;;) {
      if (bytes[at] !== quote) return 'malformed-json'
      // A producer writes its fields in one order, so the key that followed last time mostly follows again.
      let field = this.following[before]!
      if (isKey(view, at + 1, field)) {
        at += keyLengths[field]! + 3
      } else {
        const keyStart = ++at
        at = plainEnd(view, at)
        if (bytes[at] === quote) {
          field = numberOfKey(bytes, keyStart, at)
        } else {
          at = this.readText(bytes, keyStart, at, end)
          if (at < 0) return this.reason
          field = numberOfKey(this.isScratch ? found.scratch : bytes, this.textStart, this.textEnd)
        }
        at++
        if (bytes[at] !== colon) {
          at = skipSpace(bytes, at, end)
          if (bytes[at] !== colon) return 'malformed-json'
        }
        at++
        if (field >= 0) this.following[before] = field
      }
      before = field + 1
      if (bytes[at]! <= space) at = skipSpace(bytes, at, end)

      const first = bytes[at]!
      if (first === quote) {
        const textStart = ++at
        at = plainEnd(view, at)
        if (bytes[at] === quote) {
          if (field >= 0) found.setText(field, recordText, textStart, at)
        } else {
          const scratchEnd = found.scratchEnd
          at = this.readText(bytes, textStart, at, end)
          if (at < 0) return this.reason
          if (field < 0) found.scratchEnd = scratchEnd
          else found.setText(field, this.textType(), this.textStart, this.textEnd)
        }
        at++
      } else if (isDigit(first) || first === minus) {
        at = this.readNumber(bytes, at, end)
        if (at < 0) return this.reason
        if (field >= 0) found.setNumber(field, this.number)
      } else {
        const valueStart = at
        at = this.skipValue(bytes, at, end, 2)
        if (at < 0) return this.reason
        if (field >= 0) this.setOther(field, first, valueStart, at)
      }

      let next = bytes[at]!
      if (next <= space) {
        at = skipSpace(bytes, at, end)
        next = bytes[at]!
      }
      if (next === closeBrace) return endsAt(bytes, at + 1, end)
      if (next !== comma) return 'malformed-json'
      at++
      if (bytes[at] !== quote) at = skipSpace(bytes, at, end)
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
    return endsAt(bytes, to, end) ?? 'not-an-object'
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
    let at = skipSpace(bytes, start, end)
    if (bytes[at] === close) return at + 1
    for (;;) {
      if (close === closeBrace) {
        if (bytes[at] !== quote) return this.refuse('malformed-json')
        at = this.skipValue(bytes, at, end, depth + 1)
        if (at < 0) return at
        at = skipSpace(bytes, at, end)
        if (bytes[at] !== colon) return this.refuse('malformed-json')
        at = skipSpace(bytes, at + 1, end)
      }
      at = this.skipValue(bytes, at, end, depth + 1)
      if (at < 0) return at
      at = skipSpace(bytes, at, end)
      if (bytes[at] === close) return at + 1
      if (bytes[at] !== comma) return this.refuse('malformed-json')
      at = skipSpace(bytes, at + 1, end)
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
    found.reserveScratch(end - start + 4)
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
    let digit = bytes[at]! - zero
    if (digit > 0) {
      // Nine digits fit into 32 bits, where a step costs a third; up to 15 digits every step is exact in any case.
      let whole = 0
      while (digit >= 0 && digit <= 9 && at - start < 9) {
        whole = (whole * 10 + digit) | 0
        digit = bytes[++at]! - zero
      }
      let value = whole
      if (digit >= 0 && digit <= 9) {
        let rest = 0
        let scale = 1
        const restStart = at
        while (digit >= 0 && digit <= 9 && at - restStart < 6) {
          rest = (rest * 10 + digit) | 0
          scale = (scale * 10) | 0
          digit = bytes[++at]! - zero
        }
        value = whole * scale + rest
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

  private refuse(reason: DeadLetterReason): -1 {
    this.reason = reason
    return -1
  }
}

/** The place of the next byte that is not white space, at most `end`. */
export function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end) {
    const byte = bytes[at]!
    if (byte !== space && byte !== tab && byte !== carriageReturn && byte !== newline) break
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
 * classic trick: `(x - 0x01…) & ~x & 0x80…` has a bit where x has a zero byte. A borrow can set false bits above the
 * first true one only, and the lowest one counts.
 */
function plainEnd(view: DataView, start: number): number {
  for (let at = start; ; at += 4) {
    const word = view.getInt32(at, true)
    const quotes = word ^ 0x22222222
    const backslashes = word ^ 0x5c5c5c5c
    const special =
      (((quotes - 0x01010101) & ~quotes) |
        ((backslashes - 0x01010101) & ~backslashes) |
        (word - 0x20202020) |
        word) &
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

/** Nothing but white space may follow the record. */
function endsAt(bytes: Uint8Array, at: number, end: number): DeadLetterReason | undefined {
  return skipSpace(bytes, at, end) === end ? undefined : 'malformed-json'
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

const keys = fieldNames.map((name) => textEncoder.encode(name))
const keyLengths = Uint8Array.from(keys, (key) => key.length)

/** Each key with the quote and the colon behind it as up to five words, and the bits of each word that count. */
const wordsPerKey = 5
const keyWords = new Int32Array(keys.length * wordsPerKey)
const keyMasks = new Int32Array(keys.length * wordsPerKey)
keys.forEach((key, field) => {
  const at = field * wordsPerKey * 4
  new Uint8Array(keyWords.buffer).set([...key, quote, colon], at)
  new Uint8Array(keyMasks.buffer).fill(0xff, at, at + key.length + 2)
})

/** Whether the key of a field, with quote and colon, begins at `at`. */
function isKey(view: DataView, at: number, field: number): boolean {
  const first = field * wordsPerKey
  for (let word = 0; word < wordsPerKey; word++) {
    const mask = keyMasks[first + word]!
    if (mask === 0) return true
    // Words are read beyond the key only after all before them were right, so never beyond the record's newline.
    if (((view.getInt32(at + word * 4, true) ^ keyWords[first + word]!) & mask) !== 0) return false
  }
  return true
}

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

/** The number of the field with this key, or -1. */
function numberOfKey(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return -1
  const field = keyTable[keyPlace(bytes, start, end)]! - 1
  if (field < 0) return -1
  const key = keys[field]!
  if (key.length !== end - start) return -1
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return -1
  return field
}
