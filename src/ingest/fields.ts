/** The fields of the contract that become columns; a field's place here is its number. All others are skipped. */
export const fieldNames = [
  'eventId',
  'occurredAt',
  'actorId',
  'accountId',
  'kind',
  'contentId',
  'deviceId',
  'userAgent',
  'address',
  'actorCreatedAt',
  'action',
  'activity',
  'decision',
  'source',
  'referrer',
  'channel',
  'text',
  'dwellMs',
  'count',
  'verdictId',
  'title',
  'links',
  'tags',
  'mediaHashes',
  'original',
  'subjectId',
  'category',
  'name',
  'declaredNetwork',
  'grade',
  'approvedBy',
] as const
export type FieldName = (typeof fieldNames)[number]

export function fieldNumber(name: FieldName): number {
  return fieldNames.indexOf(name)
}

/** 1 for the fields that hold lists. */
export const isListField = Uint8Array.from(fieldNames, (name) =>
  Number(['links', 'tags', 'mediaHashes', 'approvedBy'].includes(name)),
)

/** A multiple of eight, so that all can be cleared eight at a time. */
const fieldPlaces = Math.ceil(fieldNames.length / 8) * 8

/** What stands in a field. Null counts as absent. */
export const absent = 0
/** Text that lies in the record as it is. */
export const recordText = 1
/** Text that was put together in `scratch`, from escapes or the symbol of an enum. */
export const scratchText = 2
/** The same, but with halves of surrogate pairs, which no UTF-8 can hold; U+FFFD stands for each. */
export const brokenText = 3
export const numeric = 4
/** An object, or a list of anything but texts: no field of ours takes one. */
export const other = 5
/** A truth value: 0 or 1 in `numbers`. */
export const truth = 6
/** A list of texts, in `lists`. Few records have one, so these are made. */
export const texts = 7

/**
 * The fields of one record, by number: what a decoder finds and a row is written from. Places instead of values, so
 * that nothing is allocated for a record, and a repeated field simply replaces the earlier one.
 */
export class FoundFields {
  bytes: Uint8Array = new Uint8Array(0)
  scratch = new Uint8Array(4096)
  scratchEnd = 0
  readonly types = new Uint8Array(fieldPlaces)
  private readonly eightTypes = new Float64Array(this.types.buffer)
  readonly starts = new Int32Array(fieldPlaces)
  readonly ends = new Int32Array(fieldPlaces)
  readonly numbers = new Float64Array(fieldPlaces)
  readonly lists: (readonly string[])[] = []

  /** Forgets the record before. */
  begin(bytes: Uint8Array): void {
    this.bytes = bytes
    this.scratchEnd = 0
    const { eightTypes } = this
    for (let eight = 0; eight < eightTypes.length; eight++) eightTypes[eight] = absent
  }

  setText(field: number, type: number, start: number, end: number): void {
    this.types[field] = type
    this.starts[field] = start
    this.ends[field] = end
  }

  setNumber(field: number, value: number): void {
    this.types[field] = numeric
    this.numbers[field] = value
  }

  setTruth(field: number, value: boolean): void {
    this.types[field] = truth
    this.numbers[field] = Number(value)
  }

  /** A list that must be one of texts; without any it counts as absent. */
  setList(field: number, items: readonly unknown[]): void {
    if (items.length === 0) {
      this.types[field] = absent
    } else if (items.every((item) => typeof item === 'string')) {
      this.types[field] = texts
      this.lists[field] = items
    } else {
      this.types[field] = other
    }
  }

  /** The buffer that the text of a field lies in; only for fields that hold text. */
  bufferOf(field: number): Uint8Array {
    return this.types[field] === recordText ? this.bytes : this.scratch
  }

  isText(field: number): boolean {
    const type = this.types[field]!
    return type >= recordText && type <= brokenText
  }

  /** Whether a field holds a text of no bytes. */
  isEmpty(field: number): boolean {
    return this.isText(field) && this.starts[field] === this.ends[field]
  }

  /** Makes room for so many more bytes in `scratch`. */
  reserveScratch(length: number): void {
    const needed = this.scratchEnd + length
    if (needed <= this.scratch.length) return
    const wider = new Uint8Array(Math.max(needed, this.scratch.length * 2))
    wider.set(this.scratch.subarray(0, this.scratchEnd))
    this.scratch = wider
  }
}
