import type { BlockBuilder } from '../model/block'
import { detailCode, maxDetailBytes } from '../model/details'
import type { DetailName } from '../model/details'
import { actionCode, actionFields, entryCode, entryFields, kindCode, kinds } from '../model/event'
import type { Kind } from '../model/event'
import type { KeyedHash } from '../model/hash'
import type { DeadLetterReason } from './dead-letter'
import { earliestTimeMs, latestTimeMs, parseIsoTime } from './event-time'
import { absent, brokenText, fieldNumber, numeric, recordText, scratchText, texts, truth } from './fields'
import type { FieldName, FoundFields } from './fields'
import type { Names } from './names'
import { maxTextBytes, TextFold } from '../text/fold'
import { readNetwork } from './network'

/** Longest id of the contract, in bytes. */
export const maxIdBytes = 128

/** Whether a source may rule on verdicts: not at all, with nothing else beside it, or among events of all kinds. */
export type FeedbackPlace = 'none' | 'alone' | 'among-others'

export interface RowOptions {
  /** Where it is left out: alone where that is the kind of the source, among others where the source has no kind. */
  readonly feedback?: FeedbackPlace | undefined
  /** With it no id of a person comes into a block, only its pseudonym. */
  readonly names?: Names | undefined
  /** Why a policy cannot be put in force; undefined when it can. */
  readonly refusalOf?: PolicyCheck | undefined
}

/**
 * Writes the fields of one record into the next row of a block, checked against the contract: the one place that knows
 * what each field means, whatever format it came in.
 *
 * Names go into the block's dictionaries only with `keep`, once the event is admitted, so that a flood of refused
 * records leaves nothing behind.
 */
export class RowWriter {
  /**
   * A hash of all that the row says but for its event id: the same however the record was written, so that a producer
   * that sends an event again in another order of fields has sent the same event.
   */
  contentHash = 0
  /** Keyed hashes of the account, and of the content or the verdict that feedback speaks of. */
  private accountHigh = 0
  private accountLow = 0
  private contentHigh = 0
  private contentLow = 0
  private hasContent = false
  private contentField = contentId
  private readonly fold = new TextFold()
  private readonly foldHash: KeyedHash
  private readonly network = new Uint8Array(7)
  private readonly networkHash: KeyedHash
  private readonly defaultKind: number
  private readonly feedbackPlace: FeedbackPlace
  /** A hash in words, and the same two digits at a time. */
  private readonly digits = new Uint8Array(16)
  private readonly digitPairs = new Uint16Array(this.digits.buffer)

  constructor(
    private readonly found: FoundFields,
    private readonly builder: BlockBuilder,
    private readonly hash: KeyedHash,
    /** What a record is that does not say so itself. */
    kind?: Kind,
    private readonly options: RowOptions = {},
  ) {
    this.foldHash = hash.another()
    this.networkHash = hash.another()
    this.defaultKind = kind === undefined ? -1 : kindCode(kind)
    this.feedbackPlace = options.feedback ?? usualPlace(kind)
  }

  /**
   * Opens a row and fills it; gives the reason when the record is no event of the contract. The row is open either
   * way: the caller keeps or drops it.
   */
  write(): DeadLetterReason | undefined {
    const { found, hash } = this
    const row = this.builder.addRow()
    const { columns } = this.builder

    let kind = this.defaultKind
    if (found.types[kindField] !== absent) {
      if (!found.isText(kindField)) return 'wrong-type'
      kind = this.wordIn(kindWords, kindField)
      if (kind < 0) return 'unknown-kind'
    } else if (kind < 0) {
      return 'missing-field'
    }
    // Whatever a record says of itself: policies come from where policies are, and nothing else does.
    if ((kind === policy) !== (this.defaultKind === policy)) return 'misplaced-policy'
    if (this.feedbackPlace === (kind === feedback ? 'none' : 'alone')) return 'misplaced-feedback'
    columns.kind[row] = kind
    let content = kind

    let reason = this.hashId(eventId)
    if (reason !== undefined) return reason
    columns.idHigh[row] = hash.high
    columns.idLow[row] = hash.low

    const timeMs = this.timeOf(occurredAt)
    if (!(timeMs >= earliestTimeMs && timeMs <= latestTimeMs)) return this.reasonForNoTime()
    columns.timeMs[row] = timeMs
    content = stir(stir(content, timeMs | 0), (timeMs / 0x1_0000_0000) | 0)

    reason = this.hashId(actorId)
    if (reason !== undefined) return reason
    columns.actorHigh[row] = hash.high
    columns.actorLow[row] = hash.low
    content = stir(content, hash.low)

    reason = this.hashId(accountId)
    if (reason !== undefined) return reason
    this.accountHigh = hash.high
    this.accountLow = hash.low
    content = stir(content, hash.low)

    const isFeedback = kind === feedback
    this.contentField = isFeedback ? verdictId : contentId
    reason = this.hashId(this.contentField)
    this.hasContent = reason === undefined
    if (this.hasContent) {
      this.contentHigh = hash.high
      this.contentLow = hash.low
    } else if (reason !== 'missing-field' || isFeedback) {
      return reason
    }
    content = stir(content, this.hasContent ? hash.low : 0)

    reason = this.hashId(deviceId)
    if (reason !== undefined && reason !== 'missing-field') return reason
    const device = reason === undefined ? notZero(hash.low) : 0
    columns.device[row] = device
    content = stir(content, device)

    reason = this.hashText(userAgent)
    if (reason !== undefined && reason !== 'missing-field') return reason
    const agent = reason === undefined ? notZero(hash.low) : 0
    columns.agent[row] = agent
    content = stir(content, agent)

    let network = 0
    if (found.types[address] !== absent) {
      if (!found.isText(address)) return 'wrong-type'
      const length = readNetwork(
        found.bufferOf(address),
        found.starts[address]!,
        found.ends[address]!,
        this.network,
      )
      if (length > 0) network = this.networkHash.short(this.network, 0, length)
    }
    columns.network[row] = network
    content = stir(content, network)

    let createdS = 0
    if (found.types[actorCreatedAt] !== absent && !found.isEmpty(actorCreatedAt)) {
      const createdMs = this.timeOf(actorCreatedAt)
      if (Number.isNaN(createdMs)) return 'wrong-type'
      // A moment that cannot be is no reason to lose the event; its actor's age is unknown.
      const isPossible = createdMs >= earliestTimeMs && createdMs <= timeMs + dayMs
      if (isPossible) createdS = Math.floor(createdMs / 1000)
    }
    columns.createdS[row] = createdS
    this.contentHash = stir(content, createdS)
    return this.writeByKind(kind, row)
  }

  /** Names the event of the open row, its account and its content in the block. */
  keep(row: number): void {
    const { found, builder } = this
    const { columns } = builder
    builder.setId(found.bufferOf(eventId), found.starts[eventId]!, found.ends[eventId]!)
    columns.account[row] = builder.accounts.add(
      this.accountHigh,
      this.accountLow,
      found.bufferOf(accountId),
      found.starts[accountId]!,
      found.ends[accountId]!,
    )
    if (this.hasContent) {
      const field = this.contentField
      columns.content[row] = builder.contents.add(
        this.contentHigh,
        this.contentLow,
        found.bufferOf(field),
        found.starts[field]!,
        found.ends[field]!,
      )
    }
    if (this.options.names === undefined) this.keepDetail(actorDetail.field, actorDetail.code)
    else this.keepPseudonym(row, this.options.names)
    for (const { field, code } of detailsByKind[columns.kind[row]!]!) this.keepDetail(field, code)
  }

  /** The pseudonym of the actor where its id would stand, as 16 digits like everywhere. */
  private keepPseudonym(row: number, names: Names): void {
    const { found, builder, digits, digitPairs } = this
    const { columns } = builder
    const high = columns.actorHigh[row]!
    const low = columns.actorLow[row]!
    putDigits(digitPairs, high, low)
    builder.addDetail(actorDetail.code, digits, 0, digits.length)
    names.take(
      high,
      low,
      found.bufferOf(actorId),
      found.starts[actorId]!,
      found.ends[actorId]!,
      columns.timeMs[row]!,
    )
  }

  private keepDetail(field: number, code: number): void {
    const { found, builder } = this
    const type = found.types[field]!
    if (code === subjectDetail.code && this.options.names !== undefined && type !== absent) {
      // Two accounts of one identity are known by its hash; who that is, nobody here needs to find again.
      this.hash.update(found.bufferOf(field), found.starts[field]!, found.ends[field]!)
      putDigits(this.digitPairs, this.hash.high, this.hash.low)
      builder.addDetail(code, this.digits, 0, this.digits.length)
      return
    }
    if (type === texts) {
      for (const item of found.lists[field]!.slice(0, maxListItems)) {
        const bytes = textEncoder.encode(item)
        builder.addDetail(code, bytes, 0, bytes.length)
      }
    } else if (type === truth) {
      if (found.numbers[field] === 1) builder.addDetail(code, noBytes, 0, 0)
    } else if (type !== absent) {
      builder.addDetail(code, found.bufferOf(field), found.starts[field]!, found.ends[field]!)
    }
  }

  private writeByKind(kind: number, row: number): DeadLetterReason | undefined {
    const { found } = this
    const { columns } = this.builder

    const action = actionByKind[kind]
    if (action !== undefined) {
      const type = found.types[action.field]
      if (type === absent) return 'missing-field'
      if (!found.isText(action.field)) return 'wrong-type'
      const word = this.wordIn(action.words, action.field)
      if (word < 0) return 'unknown-value'
      columns.action[row] = action.codes[word]!
      this.stirContent(word)
    }

    const entry = entryByKind[kind]
    if (entry !== undefined && found.types[entry.field] !== absent) {
      if (!found.isText(entry.field)) return 'wrong-type'
      const word = this.wordIn(entry.words, entry.field)
      columns.entry[row] = word < 0 ? entry.unknownCode : entry.codes[word]!
      this.stirContent(word)
    }

    for (const { field, is } of detailsByKind[kind]!) {
      const reason = is === undefined ? undefined : this.checkDetail(field, is)
      if (reason !== undefined) return reason
    }

    switch (kind) {
      case click:
        return this.writeDwell(row)
      case impression:
        return this.writeCount(row)
      case forward:
        return found.types[text] === absent ? undefined : this.writeText(row)
      case comment:
      case post:
        return found.types[text] === absent ? 'missing-field' : this.writeText(row)
      case policy:
        return this.checkPolicy()
      default:
        return undefined
    }
  }

  /** Checks a field of which nothing but a detail is made. */
  private checkDetail(field: number, is: DetailType): DeadLetterReason | undefined {
    const { found } = this
    const type = found.types[field]!
    if (type === absent) return undefined
    if (is === truth) {
      if (type !== truth) return 'wrong-type'
      this.stirContent(found.numbers[field]!)
      return undefined
    }
    if (is === texts) {
      if (type !== texts) return 'wrong-type'
      for (const item of found.lists[field]!) {
        const bytes = textEncoder.encode(item)
        if (bytes.length > maxItemBytes) return 'field-too-large'
        this.hash.update(bytes, 0, bytes.length)
        this.stirContent(this.hash.low)
      }
      return undefined
    }
    const reason = this.hashText(field)
    if (reason === 'missing-field') return undefined
    this.stirContent(this.hash.low)
    return reason
  }

  private writeDwell(row: number): DeadLetterReason | undefined {
    const { found } = this
    if (found.types[dwellMs] === absent) return undefined
    if (found.types[dwellMs] !== numeric) return 'wrong-type'
    // Browsers measure in fractions of a millisecond; nothing is lost without them.
    const dwell = Math.floor(found.numbers[dwellMs]!)
    if (!(dwell >= 0 && dwell < 0xffffffff)) return 'impossible-number'
    this.builder.columns.dwellMs[row] = dwell
    this.stirContent(dwell)
    return undefined
  }

  private writeCount(row: number): DeadLetterReason | undefined {
    const { found } = this
    if (found.types[count] === absent) return 'missing-field'
    if (found.types[count] !== numeric) return 'wrong-type'
    const amount = found.numbers[count]!
    if (!(amount >= 0 && amount <= 0xffffffff) || !Number.isInteger(amount)) return 'impossible-number'
    this.builder.columns.amount[row] = amount
    this.stirContent(amount)
    return undefined
  }

  private writeText(row: number): DeadLetterReason | undefined {
    const { found, fold } = this
    if (!found.isText(text)) return 'wrong-type'
    const start = found.starts[text]!
    const end = found.ends[text]!
    if (end - start > maxTextBytes) return 'field-too-large'
    fold.fold(found.bufferOf(text), start, end)
    const { columns } = this.builder
    columns.textLength[row] = Math.min(fold.characters, 0xffff)
    // A text without letters is like no other.
    if (fold.length === 0) return undefined
    const hash = this.foldHash.short(fold.bytes, 0, fold.length)
    columns.text[row] = hash
    this.stirContent(hash)
    return undefined
  }

  private checkPolicy(): DeadLetterReason | undefined {
    const { found } = this
    const reason = this.hashUpTo(text, maxDetailBytes)
    if (reason !== undefined) return reason
    this.stirContent(this.hash.low)
    const approvers = found.types[approvedBy] === texts ? found.lists[approvedBy]! : []
    const refusal = this.options.refusalOf?.({
      version: this.textOf(accountId),
      document: this.textOf(text),
      approvedBy: [this.textOf(actorId), ...approvers],
    })
    return refusal === undefined ? undefined : 'bad-policy'
  }

  private textOf(field: number): string {
    const { found } = this
    return textDecoder.decode(found.bufferOf(field).subarray(found.starts[field], found.ends[field]))
  }

  private stirContent(word: number): void {
    this.contentHash = stir(this.contentHash, word)
  }

  /** Hashes an id; the reason tells apart an absent one, which many kinds may do without. */
  private hashId(field: number): DeadLetterReason | undefined {
    return this.hashUpTo(field, maxIdBytes)
  }

  private hashText(field: number): DeadLetterReason | undefined {
    return this.hashUpTo(field, maxTextBytes)
  }

  private hashUpTo(field: number, maxBytes: number): DeadLetterReason | undefined {
    const { found } = this
    const type = found.types[field]!
    if (type === absent) return 'missing-field'
    if (type === brokenText) return 'invalid-utf8'
    if (type !== recordText && type !== scratchText) return 'wrong-type'
    const start = found.starts[field]!
    const end = found.ends[field]!
    if (end === start) return 'missing-field'
    if (end - start > maxBytes) return 'field-too-large'
    this.hash.update(type === recordText ? found.bytes : found.scratch, start, end)
    return undefined
  }

  /** The moment in a field, in whole ms, or NaN. */
  private timeOf(field: number): number {
    const { found } = this
    if (found.types[field] === numeric) {
      const value = found.numbers[field]!
      return field === occurredAt && !Number.isInteger(value) ? NaN : value
    }
    if (!found.isText(field)) return NaN
    return parseIsoTime(found.bufferOf(field), found.starts[field]!, found.ends[field]!)
  }

  private reasonForNoTime(): DeadLetterReason {
    const { found } = this
    if (found.types[occurredAt] === absent) return 'missing-field'
    return found.types[occurredAt] === numeric || found.isText(occurredAt) ? 'impossible-time' : 'wrong-type'
  }

  /** The index of the word that a field holds, or -1. */
  private wordIn(words: readonly Uint8Array[], field: number): number {
    const { found } = this
    const bytes = found.bufferOf(field)
    const start = found.starts[field]!
    const length = found.ends[field]! - start
    for (let index = 0; index < words.length; index++) {
      const word = words[index]!
      if (word.length !== length) continue
      let same = 0
      while (same < length && bytes[start + same] === word[same]) same++
      if (same === length) return index
    }
    return -1
  }
}

function usualPlace(kind: Kind | undefined): FeedbackPlace {
  if (kind === 'feedback') return 'alone'
  return kind === undefined ? 'among-others' : 'none'
}

/** What a policy must be like to be put in force: see `policy/activation.ts`, which is above this folder. */
export type PolicyCheck = (written: {
  readonly version: string
  readonly document: string
  /** Who activates it, then who approved. */
  readonly approvedBy: readonly string[]
}) => string | undefined

const eventId = fieldNumber('eventId')
const occurredAt = fieldNumber('occurredAt')
const actorId = fieldNumber('actorId')
const accountId = fieldNumber('accountId')
const kindField = fieldNumber('kind')
const contentId = fieldNumber('contentId')
const deviceId = fieldNumber('deviceId')
const userAgent = fieldNumber('userAgent')
const address = fieldNumber('address')
const actorCreatedAt = fieldNumber('actorCreatedAt')
const text = fieldNumber('text')
const dwellMs = fieldNumber('dwellMs')
const count = fieldNumber('count')
const verdictId = fieldNumber('verdictId')
const approvedBy = fieldNumber('approvedBy')

const click = kindCode('click')
const forward = kindCode('forward')
const comment = kindCode('comment')
const post = kindCode('post')
const impression = kindCode('impression')
const feedback = kindCode('feedback')
const policy = kindCode('policy')
const dayMs = 86_400_000

const textEncoder = new TextEncoder()
const textDecoder = new TextDecoder()
const kindWords = kinds.map((kind) => textEncoder.encode(kind))

/** By kind: the field with the action, its words, and the code of each. */
const actionByKind = kinds.map((kind) => {
  const rule = actionFields[kind]
  if (rule === undefined) return undefined
  return {
    field: fieldNumber(rule.field as FieldName),
    words: rule.values.map((value) => textEncoder.encode(value)),
    codes: rule.values.map(actionCode),
  }
})

/** The same for the entry, and the code for a word that is not in the list. */
const entryByKind = kinds.map((kind) => {
  const rule = entryFields[kind]
  if (rule === undefined) return undefined
  return {
    field: fieldNumber(rule.field as FieldName),
    words: rule.values.map((value) => textEncoder.encode(value)),
    codes: rule.values.map(entryCode),
    unknownCode: rule.values.includes('unknown') ? entryCode('unknown') : 0,
  }
})

type DetailType = 'text' | typeof texts | typeof truth
interface DetailField {
  readonly field: number
  readonly code: number
  /** What it must be, where nothing else checks it. */
  readonly is?: DetailType
}

const detail = (name: FieldName, as: DetailName, is?: DetailType): DetailField => ({
  field: fieldNumber(name),
  code: detailCode(as),
  ...(is === undefined ? {} : { is }),
})
const actorDetail = detail('actorId', 'actor')
const textDetail = detail('text', 'text')
const subjectDetail = detail('subjectId', 'subject', 'text')
const detailsOf: Partial<Record<Kind, readonly DetailField[]>> = {
  forward: [textDetail],
  comment: [textDetail],
  post: [
    textDetail,
    detail('title', 'title', 'text'),
    detail('links', 'link', texts),
    detail('tags', 'tag', texts),
    detail('mediaHashes', 'media', texts),
    detail('original', 'original', truth),
  ],
  account: [
    subjectDetail,
    detail('category', 'category', 'text'),
    detail('name', 'name', 'text'),
    detail('declaredNetwork', 'declared-network', 'text'),
    detail('grade', 'grade', 'text'),
  ],
  policy: [textDetail, detail('approvedBy', 'approver', texts)],
}
/** By kind: what of an event is kept as it was written. */
const detailsByKind = kinds.map((kind) => detailsOf[kind] ?? [])
/** More links, tags or pictures tell no more of a post. */
const maxListItems = 64
const maxItemBytes = 2048
const noBytes = new Uint8Array(0)

/** Writes a hash as 16 hexadecimal digits, as `nodeIdOf` does in words. */
function putDigits(pairs: Uint16Array, high: number, low: number): void {
  pairs[0] = pairOf[high >>> 24]!
  pairs[1] = pairOf[(high >>> 16) & 255]!
  pairs[2] = pairOf[(high >>> 8) & 255]!
  pairs[3] = pairOf[high & 255]!
  pairs[4] = pairOf[low >>> 24]!
  pairs[5] = pairOf[(low >>> 16) & 255]!
  pairs[6] = pairOf[(low >>> 8) & 255]!
  pairs[7] = pairOf[low & 255]!
}

/** Every byte as its two digits, the first one in the lower half. */
const pairOf = Uint16Array.from({ length: 256 }, (_, byte) => {
  const [first, second] = byte.toString(16).padStart(2, '0')
  return first!.charCodeAt(0) | (second!.charCodeAt(0) << 8)
})

/** In a column of hashes 0 means that the event does not say. */
function notZero(hash: number): number {
  return hash === 0 ? 1 : hash
}

/** One step of a multiplicative hash: enough to tell contents apart, which nobody gains from confusing. */
function stir(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}
