import { passText, planOf, takeNumber, takeText, walk } from './avro-plan'
import type { RecordPlan } from './avro-plan'
import { compileAvroSchema } from './avro-schema'
import type { ArrayNode, AvroNode, RecordNode, UnionNode } from './avro-schema'
import { maxRecordBytes } from '../model/record'
import type { DeadLetterReason } from './dead-letter'
import { absent, fieldNumber, isListField, other, recordText, scratchText } from './fields'
import type { FoundFields } from './fields'
import { isAscii, isUtf8 } from './utf8'

/** How many records, lists and maps may lie inside each other, the outermost record included. */
export const maxAvroDepth = 32
/** The most items of a list that take no byte; of all others there are no more than there are bytes. */
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
  /** For the root, or for each record of the union that it is. */
  private readonly plans: ReadonlyMap<RecordNode, RecordPlan>
  private bytes: Uint8Array = new Uint8Array(0)
  private view: DataView = new DataView(new ArrayBuffer(0))
  private at = 0
  private end = 0
  private number = 0
  /** Of a number of several bytes: its bits in zigzag form, 28 in each but the last part. */
  private low = 0
  private high = 0
  private top = 0
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
    const branches = this.root.type === 'union' ? this.root.branches : [this.root]
    const records = branches.filter((node) => node.type === 'record')
    this.plans = new Map(records.map((record) => [record, planOf(record)]))
  }

  /** Reads the record that begins at `start`; `end` is the end of the bytes that there are. */
  decode(bytes: Uint8Array, start: number, end: number): DeadLetterReason | undefined {
    this.found.begin(bytes)
    if (this.bytes !== bytes) this.look(bytes)
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
    return this.readByPlan(this.plans.get(node)!)
  }

  /**
   * Reads the fields of a record as its plan says. A field that is not what the plan expects, be it broken or only
   * written in an unusual way, is read once more from its first byte on by its node, which knows all cases.
   */
  private readByPlan({ actions, fields, emptyBytes, emptyRuns, nodes }: RecordPlan): boolean {
    const { bytes, view, end, found } = this
    const { types, starts, ends } = found
    let at = this.at
    for (let step = 0; step < actions.length; step++) {
      const field = fields[step]!
      const emptyByte = emptyBytes[step]!
      let action = actions[step]!
      let from = at
      if (emptyByte >= 0) {
        const branch = at < end ? bytes[at]! : noBranch
        if (branch === emptyByte) {
          at++
          // Of the fields that many kinds share most are empty: four at once.
          while (emptyRuns[step]! > 4 && at + 4 <= end && view.getInt32(at) === 0) {
            step += 4
            at += 4
          }
          continue
        }
        if (branch === 2 - emptyByte) from++
        else action = walk
      }
      if (action === takeText || action === passText) {
        // A length of one or two bytes in zigzag form, where an odd one is below 0.
        let length = from < end ? bytes[from++]! : noLength
        if (length >= 0x80) length = from < end ? (length & 0x7f) | (bytes[from++]! << 7) : noLength
        const textEnd = from + (length >> 1)
        if (length < 0x4000 && (length & 1) === 0 && textEnd <= end) {
          if (action === takeText) {
            if (!isAscii(view, from, textEnd) && !isUtf8(bytes, from, textEnd)) this.badTexts++
            types[field] = recordText
            starts[field] = from
            ends[field] = textEnd
          }
          at = textEnd
          continue
        }
      } else if (action === takeNumber) {
        this.at = from
        if (!this.readLong()) return false
        found.setNumber(field, this.number)
        at = this.at
        continue
      }
      this.at = at
      if (field < 0 ? !this.skip(nodes[step]!, 2) : !this.readField(field, nodes[step]!)) return false
      at = this.at
    }
    this.at = at
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
      case 'long':
        if (!this.readLong()) return false
        found.setNumber(field, node.unitsPerMs === 1 ? this.number : this.numberIn(node.unitsPerMs))
        return true
      case 'float':
      case 'double': {
        const bytes = node.type === 'float' ? 4 : 8
        if (this.end - this.at < bytes) return this.refuse('malformed-avro')
        const { view, at } = this
        found.setNumber(field, bytes === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true))
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
    // Of a record beyond the limit nothing is asked but where it ends.
    if (isListField[field] === 0 || this.at - start > maxRecordBytes) {
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
    const { scratch, scratchEnd } = found
    for (let index = 0; index < symbol.length; index++) scratch[scratchEnd + index] = symbol[index]!
    found.scratchEnd += symbol.length
    found.setText(field, scratchText, scratchEnd, found.scratchEnd)
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
    const leastBytes = item.leastBytes + (isKeyed ? 1 : 0)
    let total = 0
    for (;;) {
      if (!this.readLong()) return false
      const count = Math.abs(this.number)
      if (count === 0) return true
      total += count
      if (leastBytes === 0 && total > maxAvroItems) return this.refuse('malformed-avro')
      if (this.number < 0) {
        const length = this.readLength()
        if (length < 0) return false
        if (count * leastBytes > length) return this.refuse('malformed-avro')
        this.at += length
        continue
      }
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

  /** Reads a number in zigzag form; beyond 2^53 the nearest that there is, which is enough to refuse it. */
  private readLong(): boolean {
    const { bytes, end } = this
    const start = this.at
    // Most numbers are branches of unions, lengths and symbols: one byte, and 32-bit arithmetic.
    const first = start < end ? bytes[start]! : 0x80
    if (first < 0x80) {
      this.at = start + 1
      this.number = (first >>> 1) ^ -(first & 1)
      return true
    }
    // Four bytes are 28 bits, so that each part of a longer one stays in that arithmetic, too.
    let low = 0
    let high = 0
    let top = 0
    const last = Math.min(end, start + 10)
    for (let at = start, shift = 0; at < last; at++, shift += 7) {
      const byte = bytes[at]!
      if (shift < 28) low |= (byte & 0x7f) << shift
      else if (shift < 56) high |= (byte & 0x7f) << (shift - 28)
      else top |= (byte & 0x7f) << (shift - 56)
      if (byte < 0x80) {
        const above = (top * partSize + high) * partSize
        this.at = at + 1
        this.number = (low & 1) === 0 ? (above + low) / 2 : -(above + (low + 1)) / 2
        this.low = low
        this.high = high
        this.top = top
        return true
      }
    }
    return this.refuse('malformed-avro')
  }

  /**
   * The number just read in units of so many, rounded down. A moment in nanoseconds is beyond 2^53, so its parts are
   * divided one after the other; nothing before 1970 is a moment of the contract.
   */
  private numberIn(units: number): number {
    const { number, low, high, top } = this
    if (number <= Number.MAX_SAFE_INTEGER) return Math.floor(number / units)
    const divisor = units * 2
    const dividend = top * partSize + high
    const quotient = Math.floor(dividend / divisor)
    const rest = (dividend - quotient * divisor) * partSize + low
    return quotient * partSize + Math.floor(rest / divisor)
  }

  /** A view is made once for a buffer, and a buffer holds many records. */
  private look(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  private refuse(reason: DeadLetterReason): false {
    this.reason = reason
    return false
  }
}

/** Stands for a byte that is not there: no branch of two has this number, and no length is odd. */
const noBranch = 0xff
const noLength = 1
/** Four bytes of a long hold 28 bits. */
const partSize = 2 ** 28
const kindField = fieldNumber('kind')
const textDecoder = new TextDecoder()
