import { BlockBuilder, unplaced } from '../model/block'
import type { Block } from '../model/block'
import { UnreachableError } from '../model/errors'
import type { Kind } from '../model/event'
import { isRuling } from '../model/ruling'
import { KeyedHash } from '../model/hash'
import { maxRecordBytes } from '../model/record'
import type { AvroChunk, LineChunk, RecordChunk } from '../model/record'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { Admission, aheadOfOthersMs } from './admit'
import { deadLetterReasons } from './dead-letter'
import type { DeadLetter, DeadLetterReason } from './dead-letter'
import { AvroDecoder } from './decode-avro'
import { JsonDecoder, paddingBytes, skipBlanks } from './decode-json'
import { FoundFields } from './fields'
import { formOf } from './frame'
import type { RecordForm, TopicRecord } from './frame'
import type { Names } from './names'
import { noSchemas } from './registry'
import type { Schemas } from './registry'
import { RowWriter } from './row'
import type { FeedbackPlace, PolicyCheck } from './row'

export interface IngestOptions {
  /** Names the raw partition in blocks, dead letters and metrics. */
  readonly source: string
  /** The secret of all hashes: the same in every ingest of one installation, and from run to run. */
  readonly key: Uint8Array
  /** What a record is that does not say so itself: the default of its topic. */
  readonly kind?: Kind
  /** Whether feedback is taken from here; see `FeedbackPlace` for what holds where it is left out. */
  readonly feedback?: FeedbackPlace
  /** How far an event may lie behind the youngest one of the partition and still count. */
  readonly disorderMs?: number
  readonly rowsPerBlock?: number
  /** Cuts a block early when its events span so much time: for a slow live stream; a replay does without. */
  readonly blockSpanMs?: number
  /** Most event ids that one of the two generations remembers; about 20 bytes each. */
  readonly idCap?: number
  /** The schemas that records of a topic name; resolved before such records are pushed. */
  readonly schemas?: Schemas
  /** Why a policy cannot be put in force; only a source of kind `policy` has any. */
  readonly refusalOf?: PolicyCheck
  readonly onDeadLetter?: (letter: DeadLetter) => void
  /** Takes the ids of actors, of which the blocks then hold pseudonyms alone; flush it before a snapshot is stored. */
  readonly names?: Names
}

/** What became of every record; `read` is always the sum of all others. */
export interface Books {
  readonly read: number
  readonly admitted: number
  readonly duplicates: number
  readonly tooLate: number
  readonly deadLetters: Readonly<Record<DeadLetterReason, number>>
}

/**
 * The way of one raw partition from bytes to blocks: decode, admit, pack. Blocks, dead letters and books are a function
 * of the records, their order and the options; no clock is read, and where a chunk ends changes nothing.
 */
export class Ingest {
  private readonly options: Required<Omit<IngestOptions, 'kind' | 'feedback' | 'names'>>
  private readonly builder = new BlockBuilder()
  private readonly found = new FoundFields()
  private readonly json: JsonDecoder
  /** One for each schema met; a source has one, or a few over the years. */
  private readonly avro = new Map<string, AvroDecoder>()
  private readonly row: RowWriter
  private readonly admission: Admission
  private counts = emptyBooks()
  private sequence = 0
  /** Where the next block begins, and where its last row ends. */
  private fromPosition = 0
  private toPosition = 0
  private nextPosition = 0
  /** The clock when the block got its first row. */
  private blockStartMs = 0
  /** Records far ahead of the clock, which the next ones will prove right or wrong. */
  private waiting: WaitingRecord[] = []
  private blocks: Block[] = []
  /** Memory of blocks that were given back. */
  private readonly spare: ArrayBuffer[] = []
  private readonly record: CurrentRecord = {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    frameBytes: 0,
    position: 0,
    nextPosition: 0,
    appendTimeMs: undefined,
    schema: undefined,
  }
  /** The last line of a source, with the newline that the decoder needs. */
  private padded = new Uint8Array(4096)

  constructor(options: IngestOptions) {
    const { kind, feedback, names, ...rest } = options
    this.options = { ...defaults, ...rest }
    this.json = new JsonDecoder(this.found)
    this.row = new RowWriter(this.found, this.builder, new KeyedHash(options.key), kind, {
      feedback,
      names,
      refusalOf: this.options.refusalOf,
    })
    this.admission = new Admission(this.options)
  }

  get books(): Books {
    return this.counts
  }

  /** Where to read on: all before it is in the blocks, in the books or in the snapshot. */
  get position(): number {
    return this.nextPosition
  }

  get watermarkMs(): number {
    return this.admission.watermarkMs
  }

  get lateByHour(): Admission['lateByHour'] {
    return this.admission.lateByHour
  }

  get forgottenIds(): number {
    return this.admission.forgottenIds
  }

  /**
   * Takes a stretch of the source and gives the blocks that it filled. What lies before `position` has been taken
   * before and is passed over, so that a source may be read again from any earlier place.
   */
  pushChunk(chunk: RecordChunk): readonly Block[] {
    if (chunk.format === 'lines') this.takeLines(chunk)
    else this.takeContainerBlock(chunk)
    this.nextPosition = Math.max(this.nextPosition, chunk.nextPosition)
    return this.takeBlocks()
  }

  /**
   * Takes one record as a topic delivers it, JSON or framed; its append time, where known, tells what is ahead of its
   * time.
   */
  push(
    value: TopicRecord['value'],
    place: {
      readonly position: number
      readonly nextPosition?: number
      readonly appendTimeMs?: number
      readonly headers?: TopicRecord['headers']
    },
  ): readonly Block[] {
    if (place.position < this.nextPosition) return noBlocks
    const { record } = this
    const bytes = value ?? noBytes
    record.position = place.position
    record.nextPosition = place.nextPosition ?? place.position + 1
    record.appendTimeMs = place.appendTimeMs
    record.schema = undefined
    this.padRecord(bytes)
    const form = formOf({ value, headers: place.headers })
    switch (form.kind) {
      case 'json':
        this.takeJson()
        break
      case 'framed':
        this.takeFramed(form)
        break
      case 'dead-letter':
        this.putAside(form.reason, record)
        break
    }
    this.nextPosition = record.nextPosition
    return this.takeBlocks()
  }

  /** Puts a record aside that could not even be read, so that the books know of it. */
  refuse(reason: DeadLetterReason, { position }: { readonly position: number }): readonly Block[] {
    if (position < this.nextPosition) return noBlocks
    const { record } = this
    this.padRecord(noBytes)
    record.position = position
    record.nextPosition = position + 1
    this.putAside(reason, record)
    this.nextPosition = record.nextPosition
    return this.takeBlocks()
  }

  /** Gives the rows that wait for their block to fill, so that they need not wait longer than somebody wants. */
  flush(): readonly Block[] {
    if (this.builder.rows > 0) this.cut()
    return this.takeBlocks()
  }

  /**
   * The source has come to its end: decides on the records that still wait, and gives the last rows and a final mark,
   * a block without rows whose watermark closes the pane of the youngest event.
   */
  end(): readonly Block[] {
    this.decideAllWaiting()
    if (this.builder.rows > 0) this.cut()
    if (this.admission.clockMs === Number.NEGATIVE_INFINITY) return this.takeBlocks()
    this.admission.close()
    this.toPosition = this.nextPosition
    this.cut()
    return this.takeBlocks()
  }

  /** The whole state, the unpacked rows included: an ingest that restores it goes on to the same bytes. */
  snapshot(): Uint8Array {
    const out = new SnapshotWriter()
    this.save(out)
    return joinParts(out.parts())
  }

  /** Puts an ingest with the same options into the state of a snapshot; throws when it is of another source. */
  restore(bytes: Uint8Array): void {
    this.load(new SnapshotReader(splitParts(bytes)))
  }

  save(out: SnapshotWriter): void {
    out.value('ingest', {
      source: this.options.source,
      books: this.counts,
      sequence: this.sequence,
      fromPosition: this.fromPosition,
      toPosition: this.toPosition,
      nextPosition: this.nextPosition,
      blockStartMs: this.blockStartMs,
      waiting: this.waiting.map(({ frameBytes, position, nextPosition, timeMs, schema = null }) => {
        return { frameBytes, position, nextPosition, timeMs, schema }
      }),
    } satisfies SavedIngest)
    this.waiting.forEach(({ bytes }, index) => {
      out.array(`ingest.waiting.${index}`, bytes)
    })
    out.array('ingest.rows', this.builder.openRows())
    this.admission.save(out, 'ingest.admission')
  }

  load(from: SnapshotReader): void {
    const saved = from.value<SavedIngest>('ingest')
    if (saved.source !== this.options.source) {
      throw new Error(
        `a snapshot of source "${this.options.source}" was expected, this is one of "${saved.source}"; restore each source from its own`,
      )
    }
    this.counts = { ...saved.books, deadLetters: { ...noDeadLetters(), ...saved.books.deadLetters } }
    this.sequence = saved.sequence
    this.fromPosition = saved.fromPosition
    this.toPosition = saved.toPosition
    this.nextPosition = saved.nextPosition
    this.blockStartMs = saved.blockStartMs ?? Number.NEGATIVE_INFINITY
    this.waiting = saved.waiting.map((record, index) => ({
      ...record,
      frameBytes: record.frameBytes ?? 0,
      schema: record.schema ?? undefined,
      bytes: from.uint8(`ingest.waiting.${index}`),
    }))
    while (this.builder.rows > 0) this.builder.dropRow()
    this.builder.accounts.clear()
    this.builder.contents.clear()
    this.builder.reopen(from.uint8('ingest.rows'))
    this.admission.load(from, 'ingest.admission')
  }

  /** Takes the memory of a block again, which nobody has a use for any more; the next ones are written over it. */
  giveBack(block: Block): void {
    if (this.spare.length < mostSpare) this.spare.push(block.bytes.buffer as ArrayBuffer)
  }

  private takeBlocks(): readonly Block[] {
    if (this.blocks.length === 0) return noBlocks
    const { blocks } = this
    this.blocks = []
    return blocks
  }

  private takeLines(chunk: LineChunk): void {
    const { record } = this
    const { position } = chunk
    const { buffer, byteOffset, byteLength } = chunk.bytes
    // One class for all bytes keeps the inner loops fast; but a Buffer finds a newline three times as fast.
    const bytes = new Uint8Array(buffer, byteOffset, byteLength)
    const searchable = Buffer.from(buffer, byteOffset, byteLength)
    let at = position === 0 && startsWithByteOrderMark(bytes) ? 3 : 0
    if (position < this.nextPosition) at = Math.max(at, this.nextPosition - position)
    // Up to here a line is whole and has its padding, and the decoder finds its end; searched for one by one, ends cost more.
    const lastEnd = searchable.lastIndexOf(newline, -paddingBytes)
    while (at < bytes.length) {
      const isAhead = at <= lastEnd
      let found = isAhead ? decodeSafely(this.json, bytes, at, lastEnd, true) : undefined
      const isFound = isAhead && found === undefined
      const newlineAt = isFound ? this.json.recordEnd : searchable.indexOf(newline, at)
      const end = newlineAt < 0 ? bytes.length : newlineAt
      if (isAhead) {
        record.bytes = bytes
        record.start = at
        record.end = end
        record.frameBytes = 0
      } else {
        this.padRecord(bytes.subarray(at, end))
      }
      record.schema = undefined
      record.appendTimeMs = undefined
      record.position = position + at
      record.nextPosition = newlineAt < 0 ? chunk.nextPosition : position + end + 1
      if (end - at > maxRecordBytes) {
        this.putAside('record-too-large', record)
      } else if (isFound || skipBlanks(record.bytes, record.start, record.end) < record.end) {
        if (!isAhead) found = decodeSafely(this.json, record.bytes, record.start, record.end)
        this.takeFound(found)
      }
      at = end + 1
    }
  }

  private takeContainerBlock({ bytes: chunkBytes, schema, count, position }: AvroChunk): void {
    const { record } = this
    const decoder = this.avroDecoder(schema)
    const bytes = new Uint8Array(chunkBytes.buffer, chunkBytes.byteOffset, chunkBytes.byteLength)
    let at = 0
    for (let index = 0; index < count; index++) {
      const reason = decodeSafely(decoder, bytes, at)
      // A record without a byte holds no event, and a block could claim any number of them.
      const isLost = decoder.recordEnd <= at
      record.bytes = bytes
      record.start = at
      record.end = isLost ? bytes.length : decoder.recordEnd
      record.frameBytes = 0
      record.position = position + index
      record.nextPosition = position + index + 1
      record.appendTimeMs = undefined
      record.schema = schema
      at = record.end
      if (isLost) {
        this.putRestAside(reason, count - index)
        return
      }
      if (record.position < this.nextPosition) continue
      if (record.end - record.start > maxRecordBytes) this.putAside('record-too-large', record)
      else this.takeFound(reason)
    }
    if (at === bytes.length || position + count <= this.nextPosition) return
    // The last record may have been taken anew from among those that waited.
    record.bytes = bytes
    record.position = position + count - 1
    record.start = at
    record.end = bytes.length
    this.putAside('malformed-avro', record)
  }

  /**
   * The records of a container block follow each other without a mark between them, so behind a broken one none can
   * be found: they are all put aside in one letter. A count is not believed beyond a record a byte.
   */
  private putRestAside(reason: DeadLetterReason | undefined, claimed: number): void {
    const { record } = this
    const isKnown = record.nextPosition - 1 + claimed <= this.nextPosition
    if (isKnown) return
    const bytesLeft = Math.max(1, record.end - record.start)
    this.putAside(reason ?? 'malformed-avro', record, Math.min(claimed, bytesLeft))
  }

  private avroDecoder(schema: string): AvroDecoder {
    let decoder = this.avro.get(schema)
    if (decoder === undefined) {
      if (this.avro.size >= maxSchemas) this.avro.clear()
      decoder = this.newAvroDecoder(schema)
      this.avro.set(schema, decoder)
    }
    return decoder
  }

  private newAvroDecoder(schema: string): AvroDecoder {
    try {
      return new AvroDecoder(schema, this.found)
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error
      // One of several files, perhaps.
      throw new UnreachableError(`${this.options.source}: ${error.message}`, { cause: error })
    }
  }

  /** Copies a record to where it ends in a newline and the padding that the decoder needs. */
  private padRecord(bytes: Uint8Array): void {
    if (bytes.length + paddingBytes > this.padded.length) this.padded = new Uint8Array(bytes.length * 2)
    this.padded.set(bytes)
    this.padded[bytes.length] = newline
    this.record.bytes = this.padded
    this.record.start = 0
    this.record.end = bytes.length
    this.record.frameBytes = 0
  }

  /** A record whose schema is named before it or in a header; its letter holds the frame as well. */
  private takeFramed({ schema, frameBytes }: RecordForm & { kind: 'framed' }): void {
    const outcome = this.options.schemas.of(schema)
    this.record.frameBytes = frameBytes
    switch (outcome.kind) {
      case 'json':
        this.takeJson()
        break
      case 'avro':
        this.record.schema = outcome.text
        this.takeAvro(outcome.text)
        break
      case 'unknown-schema':
      case 'schema-unavailable':
      case 'unsupported-schema':
        this.putAside(outcome.kind, this.record)
        break
    }
  }

  /** One record of Avro, which must fill its bytes. */
  private takeAvro(schema: string): void {
    const { bytes, start, end, frameBytes } = this.record
    if (end - start > maxRecordBytes) {
      this.putAside('record-too-large', this.record)
      return
    }
    const decoder = this.avroDecoder(schema)
    const reason = decodeSafely(decoder, bytes, start + frameBytes, end)
    this.takeFound(reason ?? (decoder.recordEnd === end ? undefined : 'malformed-avro'))
  }

  private takeJson(): void {
    const { bytes, start, end, frameBytes } = this.record
    // What is too large is not even looked at.
    if (end - start > maxRecordBytes) this.putAside('record-too-large', this.record)
    else this.takeFound(decodeSafely(this.json, bytes, start + frameBytes, end))
  }

  /** Goes on with a record whose fields have been found, unless there is a reason why not. */
  private takeFound(found: DeadLetterReason | undefined): void {
    const { rows } = this.builder
    const reason = found ?? this.writeSafely()
    if (reason === undefined) {
      this.settle(rows)
      return
    }
    if (this.builder.rows > rows) this.builder.dropRow()
    this.putAside(reason, this.record)
  }

  /** A bug that one strange record brings to light must not stop all the others. */
  private writeSafely(): DeadLetterReason | undefined {
    try {
      return this.row.write()
    } catch {
      return 'decoder-failed'
    }
  }

  /** Decides on the event in the open row. */
  private settle(row: number): void {
    const { admission, record, builder } = this
    const { columns } = builder
    const timeMs = columns.timeMs[row]!
    const isOfPeople = isRuling(columns.kind[row]!)
    if (record.appendTimeMs === undefined) {
      // Rulings are seldom, so that of two of them each is far ahead of the other; and they move no clock.
      if (!isOfPeople && admission.isAhead(timeMs)) {
        builder.dropRow()
        this.wait(timeMs)
        return
      }
    } else if (timeMs > record.appendTimeMs + aheadOfAppendMs) {
      builder.dropRow()
      this.putAside('ahead-of-time', record)
      return
    }
    // The clock has not moved on after all; a late record says nothing about that.
    if (!isOfPeople && this.waiting.length > 0 && timeMs >= admission.watermarkMs) this.putAllWaitingAside()

    const { contentHash } = this.row
    const idHigh = columns.idHigh[row]!
    const idLow = columns.idLow[row]!
    const admittance = isOfPeople
      ? admission.admitRuling(idHigh, idLow, contentHash)
      : admission.admit(timeMs, idHigh, idLow, contentHash)
    if (admittance === 'admitted') {
      this.counts.read++
      this.counts.admitted++
      this.row.keep(row)
      columns.place[row] = this.placeOf(record.position)
      this.toPosition = Math.max(this.toPosition, record.nextPosition)
      this.cutWhenFull(row)
      return
    }
    builder.dropRow()
    if (admittance === 'id-collision') {
      this.putAside('id-collision', record)
      return
    }
    this.counts.read++
    if (admittance === 'duplicate') this.counts.duplicates++
    else this.counts.tooLate++
  }

  /** One that had to wait for others comes behind them, and so has no place among them. */
  private placeOf(position: number): number {
    return position < this.toPosition ? unplaced : Math.min(position - this.fromPosition, unplaced)
  }

  private cutWhenFull(row: number): void {
    const { rowsPerBlock, blockSpanMs } = this.options
    const { clockMs } = this.admission
    if (row === 0) this.blockStartMs = clockMs
    const isFull = row + 1 >= rowsPerBlock || this.builder.isHeavy
    if (isFull || clockMs - this.blockStartMs >= blockSpanMs) this.cut()
  }

  private cut(): void {
    const { fromPosition, toPosition } = this
    this.sequence++
    const header = {
      source: this.options.source,
      sequence: this.sequence,
      watermarkMs: this.admission.watermarkMs,
      fromPosition,
      toPosition,
    }
    this.blocks.push(this.builder.finish(header, this.spare.pop()))
    this.fromPosition = toPosition
  }

  /** One letter, which may stand for several records that cannot be told apart. */
  private putAside(reason: DeadLetterReason, record: CurrentRecord, records = 1): void {
    this.counts.read += records
    this.counts.deadLetters[reason] += records
    const { bytes, start, end, position } = record
    const { source, onDeadLetter } = this.options
    onDeadLetter({
      reason,
      source,
      position,
      bytes: bytes.slice(start, Math.min(end, start + maxRecordBytes)),
    })
  }

  /**
   * Holds the current record back. In a replay nothing but the other records tells whether a time far ahead of them is
   * a gap in the stream or one bad clock, so it waits for those that follow:
   *
   * ```
   *  clock   ·················· +24 h ··················
   *  x x x x                            w x              an ordinary record follows: w is put aside
   *  x x x x                            w w w w w w w w  nothing else follows: the gap is real
   * ```
   */
  private wait(timeMs: number): void {
    const { bytes, start, end, frameBytes, position, nextPosition, schema } = this.record
    const copy = new Uint8Array(end - start + paddingBytes)
    copy.set(bytes.subarray(start, end))
    copy[end - start] = newline
    this.waiting.push({ bytes: copy, frameBytes, position, nextPosition, timeMs, schema })
    while (this.waiting.length >= enoughWaiting) this.decideOldestWaiting()
  }

  /**
   * Believes the oldest record that waits unless most of the others lie a day and more before it: then it is the one
   * that is alone. Once it is believed the others are judged anew, against it.
   */
  private decideOldestWaiting(): void {
    const oldest = this.waiting.shift()!
    const others = this.waiting
    const before = others.filter(({ timeMs }) => timeMs < oldest.timeMs - aheadOfOthersMs).length
    if (before * 2 > others.length) {
      this.putAside('ahead-of-time', this.asCurrent(oldest))
      return
    }
    this.waiting = []
    this.admission.believe(oldest.timeMs)
    for (const record of [oldest, ...others]) this.takeAgain(record)
  }

  /** At the end nothing follows, so only at the very start of a source, when there is no clock yet, one is believed. */
  private decideAllWaiting(): void {
    while (this.waiting.length > 0 && this.admission.clockMs === Number.NEGATIVE_INFINITY) {
      this.decideOldestWaiting()
    }
    this.putAllWaitingAside()
  }

  private putAllWaitingAside(): void {
    const { waiting } = this
    this.waiting = []
    for (const record of waiting) this.putAside('ahead-of-time', this.asCurrent(record))
  }

  private asCurrent(record: WaitingRecord): CurrentRecord {
    const { bytes, frameBytes, position, nextPosition, schema } = record
    const end = bytes.length - paddingBytes
    return { bytes, start: 0, end, frameBytes, position, nextPosition, appendTimeMs: undefined, schema }
  }

  private takeAgain(record: WaitingRecord): void {
    const current = Object.assign(this.record, this.asCurrent(record))
    if (current.schema === undefined) this.takeJson()
    else this.takeAvro(current.schema)
  }
}

interface CurrentRecord {
  bytes: Uint8Array
  start: number
  end: number
  /** How many bytes before the event itself name its schema. */
  frameBytes: number
  position: number
  nextPosition: number
  appendTimeMs: number | undefined
  /** Of a record in Avro. */
  schema: string | undefined
}

/** A record in memory of its own, with a newline and padding behind it. */
interface WaitingRecord {
  readonly bytes: Uint8Array
  readonly frameBytes: number
  readonly position: number
  readonly nextPosition: number
  readonly timeMs: number
  readonly schema: string | undefined
}

interface SavedIngest {
  readonly source: string
  readonly books: Books
  readonly sequence: number
  readonly fromPosition: number
  readonly toPosition: number
  readonly nextPosition: number
  readonly blockStartMs: number | null
  readonly waiting: readonly (Omit<WaitingRecord, 'bytes' | 'frameBytes' | 'schema'> & {
    readonly schema: string | null
    /** Snapshots from before records had frames lack it. */
    readonly frameBytes?: number
  })[]
}

type MutableBooks = { -readonly [Key in keyof Books]: Books[Key] } & {
  deadLetters: Record<DeadLetterReason, number>
}

const defaults = {
  disorderMs: 60_000,
  rowsPerBlock: 1000,
  blockSpanMs: Number.POSITIVE_INFINITY,
  idCap: 4_000_000,
  schemas: noSchemas,
  refusalOf: () => undefined,
  onDeadLetter: () => undefined,
}

const noBlocks: readonly Block[] = []
/** A stretch of a source is of a few blocks, and as many wait at a time. */
const mostSpare = 8
const noBytes = new Uint8Array(0)
const newline = 0x0a
/** The contract: more than this after its append time is ahead of its time. */
const aheadOfAppendMs = 300_000
const maxSchemas = 100
/** So many records in a row that lie ahead of the clock prove that time has moved on. */
const enoughWaiting = 8

/** A bug that one strange record brings to light must not stop all the others. */
function decodeSafely(
  decoder: JsonDecoder | AvroDecoder,
  bytes: Uint8Array,
  start: number,
  end = bytes.length,
  isLine = false,
): DeadLetterReason | undefined {
  try {
    return decoder.decode(bytes, start, end, isLine)
  } catch {
    return 'decoder-failed'
  }
}

function startsWithByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

function noDeadLetters(): Record<DeadLetterReason, number> {
  const reasons = Object.keys(deadLetterReasons) as DeadLetterReason[]
  return Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<DeadLetterReason, number>
}

function emptyBooks(): MutableBooks {
  return { read: 0, admitted: 0, duplicates: 0, tooLate: 0, deadLetters: noDeadLetters() }
}

/** The number of parts and the length of each, then the parts. */
function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(new Uint32Array([parts.length, ...parts.map((part) => part.length)]).buffer)
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, head.length))
  let at = 0
  for (const part of [head, ...parts]) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function splitParts(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = bytes.length < 4 ? 0 : view.getUint32(0, true)
  let at = 4 + count * 4
  if (count === 0 || at > bytes.length) throw cutOff(bytes.length)
  const parts = Array.from({ length: count }, (_, index) => {
    const start = at
    at += view.getUint32(4 + index * 4, true)
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(start, at)
  })
  if (at !== bytes.length) throw cutOff(bytes.length)
  return parts
}

function cutOff(length: number): Error {
  return new Error(`a snapshot of an ingest was expected, these ${length} bytes are none or are cut off`)
}
