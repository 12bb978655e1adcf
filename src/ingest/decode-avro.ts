import { compileAvroSchema } from './avro-schema'
import type { ArrayNode, AvroNode, UnionNode } from './avro-schema'
import type { DeadLetterReason } from './dead-letter'
import { absent, fieldNumber, isListField, other, recordText, scratchText } from './fields'
import type { FoundFields } from './fields'
import { isUtf8 } from './utf8'

/** How many records, lists and maps may lie inside each other, the outermost record included. */
export const maxAvroDepth = 32
/** The most items of a list or map; no event of the contract comes near. */
export const maxAvroItems = 4096

/**
 * Finds the fields of an event in Avro's binary form: any writer's schema will do whose fields have the names of the
 * contract. The schema is compiled once; what it holds beside our fields is passed over.
 *
 * A record is trusted in nothing: each length and count is held against the bytes that are left before anything is
 * done with it, and depth has a limit, since eight bytes can claim a list of 2^40 items.
 */
export class AvroDecoder {
  /** Where the last record ended; -1 when that cannot be told, as the bytes did not follow the schema. */
  recordEnd = 0
  private readonly root: AvroNode
  private bytes: Uint8Array = new Uint8Array(0)
  private at = 0
  private end = 0
  private number = 0
  /** Why the last reading function gave false. */
  private reason: DeadLetterReason = 'malformed-avro'
  /** Texts of the record that are not UTF-8; what follows them can still be read. */
  private badTexts = 0

  /** Throws when the schema is none, or not one of records with fields. */
  constructor(
    schemaJson: string,
    private readonly found: FoundFields,
  ) {
    this.root = compileAvroSchema(schemaJson)
  }

  /** Reads the record that begins at `start`; `end` is the end of the bytes that there are. */
  decode(bytes: Uint8Array, start: number, end: number): DeadLetterReason | undefined {
    this.found.begin(bytes)
    this.bytes = bytes
    this.at = start
    this.end = end
    this.badTexts = 0
    this.recordEnd = -1
    if (!this.readRoot()) return this.reason
    this.recordEnd = this.at
    return this.badTexts > 0 ? 'invalid-utf8' : undefined
  }

  /** A record, or a union of records where a file holds several kinds. */
  private readRoot(): boolean {
    const node = this.root.type === 'union' ? this.branchOf(this.root) : this.root
    if (node === undefined) return false
    if (node.type !== 'record') return this.skip(node, 1)
    if (node.kindSymbol !== undefined) this.setSymbol(kindField, node.kindSymbol)
    for (const { field, node: value } of node.fields) {
      if (field < 0 ? !this.skip(value, 2) : !this.readField(field, value)) return false
    }
    return true
  }

  private readField(field: number, declared: AvroNode): boolean {
    const { found } = this
    const node = declared.type === 'union' ? this.branchOf(declared) : declared
    if (node === undefined) return false
    switch (node.type) {
      case 'null':
        // The kind that the record's name tells stays where the field is empty.
        if (field !== kindField) found.types[field] = absent
        return true
      case 'string': {
        const length = this.readLength()
        if (length < 0) return false
        if (!isUtf8(this.bytes, this.at, this.at + length)) this.badTexts++
        found.setText(field, recordText, this.at, this.at + length)
        this.at += length
        return true
      }
      case 'enum': {
        if (!this.readLong()) return false
        const symbol = node.symbols[this.number]
        if (symbol === undefined) return this.refuse('malformed-avro')
        this.setSymbol(field, symbol)
        return true
      }
      case 'int':
      case 'long': {
        const start = this.at
        if (!this.readLong()) return false
        const { unitsPerMs } = node
        found.setNumber(field, unitsPerMs === 1 ? this.number : this.millisecondsAt(start, unitsPerMs))
        return true
      }
      case 'float':
      case 'double': {
        const bytes = node.type === 'float' ? 4 : 8
        if (this.end - this.at < bytes) return this.refuse('malformed-avro')
        const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, bytes)
        found.setNumber(field, bytes === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true))
        this.at += bytes
        return true
      }
      case 'boolean':
        if (this.end <= this.at) return this.refuse('malformed-avro')
        found.setTruth(field, this.bytes[this.at++] === 1)
        return true
      case 'array':
        return this.readList(field, node)
      case 'bytes':
      case 'fixed':
      case 'map':
      case 'record':
      case 'union':
        found.types[field] = other
        return this.skip(node, 2)
    }
  }

  /** Passes over a list, which limits it, and then reads its texts; a list of anything else is none of ours. */
  private readList(field: number, node: ArrayNode): boolean {
    const { found } = this
    const start = this.at
    if (!this.skip(node, 2)) return false
    if (isListField[field] === 0) {
      found.types[field] = other
      return true
    }
    const end = this.at
    const items: string[] = []
    let isOfTexts = true
    this.at = start
    while (this.readLong() && this.number !== 0) {
      const count = Math.abs(this.number)
      if (this.number < 0 && !this.readLong()) return false
      for (let index = 0; index < count; index++) {
        // Some writers take every item for one that may be null.
        const item = node.items.type === 'union' ? this.branchOf(node.items) : node.items
        if (item === undefined) return false
        if (item.type !== 'string') {
          isOfTexts = false
          if (!this.skip(item, 3)) return false
          continue
        }
        // A block that tells its size has been passed over unseen.
        const length = this.readLength()
        if (length < 0) return false
        if (!isUtf8(this.bytes, this.at, this.at + length)) this.badTexts++
        items.push(textDecoder.decode(this.bytes.subarray(this.at, this.at + length)))
        this.at += length
      }
    }
    this.at = end
    if (isOfTexts) found.setList(field, items)
    else found.types[field] = other
    return true
  }

  private setSymbol(field: number, symbol: Uint8Array): void {
    const { found } = this
    found.reserveScratch(symbol.length)
    found.scratch.set(symbol, found.scratchEnd)
    found.setText(field, scratchText, found.scratchEnd, found.scratchEnd + symbol.length)
    found.scratchEnd += symbol.length
  }

  private branchOf(union: UnionNode): AvroNode | undefined {
    if (!this.readLong()) return undefined
    const branch = union.branches[this.number]
    if (branch === undefined) this.reason = 'malformed-avro'
    return branch
  }

  /** Passes over a value; false when that is not possible. `depth` is the one that it has if others can lie in it. */
  private skip(node: AvroNode, depth: number): boolean {
    switch (node.type) {
      case 'null':
        return true
      case 'boolean':
        return this.skipBytes(1)
      case 'int':
      case 'long':
      case 'enum':
        return this.readLong()
      case 'float':
        return this.skipBytes(4)
      case 'double':
        return this.skipBytes(8)
      case 'string':
      case 'bytes': {
        const length = this.readLength()
        return length >= 0 && this.skipBytes(length)
      }
      case 'fixed':
        return this.skipBytes(node.leastBytes)
      case 'union': {
        const branch = this.branchOf(node)
        return branch !== undefined && this.skip(branch, depth)
      }
      case 'record':
        if (depth > maxAvroDepth) return this.refuse('too-deep')
        return node.fields.every((field) => this.skip(field.node, depth + 1))
      case 'array':
        return this.skipItems(node.items, depth, false)
      case 'map':
        return this.skipItems(node.values, depth, true)
    }
  }

  /** Blocks of so many items each, ended by 0; a negative count is followed by the size of its block in bytes. */
  private skipItems(item: AvroNode, depth: number, isKeyed: boolean): boolean {
    if (depth > maxAvroDepth) return this.refuse('too-deep')
    let total = 0
    for (;;) {
      if (!this.readLong()) return false
      const count = Math.abs(this.number)
      if (count === 0) return true
      total += count
      if (total > maxAvroItems) return this.refuse('malformed-avro')
      if (this.number < 0) {
        const length = this.readLength()
        if (length < 0 || !this.skipBytes(length)) return false
        continue
      }
      const leastBytes = item.leastBytes + (isKeyed ? 1 : 0)
      if (count * leastBytes > this.end - this.at) return this.refuse('malformed-avro')
      // Items of no bytes at all are passed already, however many they are.
      if (leastBytes === 0) continue
      for (let index = 0; index < count; index++) {
        if (isKeyed) {
          const length = this.readLength()
          if (length < 0 || !this.skipBytes(length)) return false
        }
        if (!this.skip(item, depth + 1)) return false
      }
    }
  }

  private skipBytes(length: number): boolean {
    if (length > this.end - this.at) return this.refuse('malformed-avro')
    this.at += length
    return true
  }

  /** A length that the bytes left can hold, or -1. */
  private readLength(): number {
    if (!this.readLong()) return -1
    if (this.number >= 0 && this.number <= this.end - this.at) return this.number
    this.refuse('malformed-avro')
    return -1
  }

  /** Reads a number in zigzag form; beyond 2^53 only its size is right, which is all that is needed to refuse it. */
  private readLong(): boolean {
    const { bytes, end } = this
    let { at } = this
    // Most numbers are branches of unions, lengths and symbols: one byte, and 32-bit arithmetic.
    const first = at < end ? bytes[at]! : 0x80
    if (first < 0x80) {
      this.at = at + 1
      this.number = (first >>> 1) ^ -(first & 1)
      return true
    }
    let value = 0
    let scale = 1
    for (const last = at + 10; at < end && at < last; scale *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        this.at = at
        this.number = value % 2 === 0 ? value / 2 : -(value + 1) / 2
        return true
      }
    }
    return this.refuse('malformed-avro')
  }

  /**
   * The moment in the long that begins at `start` and has just been read, in whole ms. It is divided in two halves, since
   * nanoseconds of today lie beyond 2^53.
   */
  private millisecondsAt(start: number, unitsPerMs: number): number {
    let low = 0
    let high = 0
    for (let at = start, scale = 1; at < this.at; at++, scale *= 128) {
      const bits = this.bytes[at]! & 0x7f
      if (scale < lowHalf) low += bits * scale
      else high += bits * (scale / lowHalf)
    }
    // The lowest bit is the sign.
    const units = lowHalf / 2
    const rest = Math.floor(((high % unitsPerMs) * units + (low >>> 1)) / unitsPerMs)
    const millis = Math.floor(high / unitsPerMs) * units + rest
    return (low & 1) === 0 ? millis : -millis - 1
  }

  private refuse(reason: DeadLetterReason): false {
    this.reason = reason
    return false
  }
}

const kindField = fieldNumber('kind')
/** Four bytes of a long hold 28 bits. */
const lowHalf = 2 ** 28
const textDecoder = new TextDecoder()
