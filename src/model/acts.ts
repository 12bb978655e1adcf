import { align, alignedBytes, bytesIn, columnBytes, ColumnReader, noMemory, writeColumns } from './columns'
import type { ColumnArray, MakeColumn } from './columns'
import { Dictionary } from './dictionary'
import { otherVersion } from './formats'

/**
 * What somebody acted on. The families of an audience come first and have the codes of the judged kinds; then those of
 * an author. Append only: logs on disk carry the codes.
 */
export const actFamilies = [
  'subscription',
  'click',
  'forward',
  'comment',
  /** A text as a whole. */
  'text',
  /** Passages of a longer text: a spun copy, a quotation. */
  'passage',
  /** Links and pictures. */
  'link',
  'tag',
  /** What a tag is about, by whoever publishes, forwards or comments on it: for hotspots, and ties nobody. */
  'topic',
] as const
export type ActFamily = (typeof actFamilies)[number]

export function actFamilyCode(family: ActFamily): number {
  return actFamilies.indexOf(family)
}

/**
 * How far back joint acts count: whoever sells together does it for months, at long intervals where he is careful. A busy
 * platform fills the memory of acts long before; a quiet one shows its slow campaigns in a quarter of a year.
 */
export const actsReachMs = 90 * 86_400_000
/** From the first of the acts that a tie rests on to the last finding that knows of the tie. */
export const tiesReachMs = actsReachMs + 8 * 86_400_000

/**
 * Acts of one closed epoch, in order of event time, as columns: who acted on which object. What the trace view tells
 * the crew view; a record of the act log is one of these.
 *
 * ```
 *  header   48 bytes: magic, version, rows, sequence, end of the epoch, lengths of what follows
 *  columns  one typed array after the other, widest first
 *  actors   a dictionary: the 64-bit pseudonyms and ids that the `actor` column points to
 *  objects  the same for `object`; contents, templates, links, tags
 *  notes    what few rows have, as JSON
 * ```
 */
export interface Acts extends ActColumns {
  readonly sequence: number
  /** End of the epoch; infinite when the input is at its end. */
  readonly endMs: number
  readonly rows: number
  readonly actors: Dictionary
  readonly objects: Dictionary
  readonly notes: readonly Note[]
}

interface ActColumns {
  readonly timeMs: Float64Array
  /** 32-bit hash of the public account that the object belongs to; of an object without owner, its own. */
  readonly owner: Uint32Array
  /** Of how many distinct actors this object has seen within a day, about. */
  readonly popularity: Uint32Array
  /** Where the actor was: 32-bit keyed hashes, 0 where unknown. */
  readonly device: Uint32Array
  readonly network: Uint32Array
  readonly actor: Uint16Array
  readonly object: Uint16Array
  readonly family: Uint8Array
  /** 1 where the actor is a public account. */
  readonly isAccount: Uint8Array
}

/** A node is whoever acts, by the pseudonym of its id in hexadecimal: an actor, or a public account that publishes. */
export type NodeId = string

/** Something that happens seldom and is told as it is. */
export type Note =
  | AccountNote
  | CopyNote
  | CreditNote
  | OperatorNote
  | UnusedNote
  | UsedNote
  | HandoverNote
  | HandbackNote
  | PolicyNote
  | OverturnedNote

/** An event of a public account itself. */
export interface AccountNote {
  readonly type: 'account'
  readonly node: NodeId
  readonly accountId: string
  readonly activity: string
  readonly timeMs: number
  readonly eventId: string
  readonly device: number
  readonly network: number
  readonly subject?: string
  readonly category?: string
  readonly name?: string
  readonly declaredNetwork?: string
}

/** Another policy is in force, from the epoch in which this is told. */
export interface PolicyNote {
  readonly type: 'policy'
  /** The whole of it, as JSON. */
  readonly document: string
}

/** A person has looked at a verdict and found it wrong. */
export interface OverturnedNote {
  readonly type: 'overturned'
  readonly accountId: string
  readonly verdictId: string
  /** Start of the epoch in which this takes effect: what was known by then was looked at. */
  readonly timeMs: number
}

/** Somebody publishes for an account, for the first time in a while. */
export interface OperatorNote {
  readonly type: 'operator'
  readonly actor: NodeId
  readonly actorId: string
  readonly account: NodeId
  readonly accountId: string
}

/** An account that registered and that nobody has used for more than six months. */
export interface UnusedNote {
  readonly type: 'unused'
  readonly node: NodeId
  readonly accountId: string
  readonly registeredMs: number
  /** The event that says so. */
  readonly eventId: string
  /** From when on the stream has carried the use of accounts without a gap: the registration, or later. */
  readonly sinceMs: number
  readonly asOfMs: number
}

/** Somebody uses an account that was told to be unused. */
export interface UsedNote {
  readonly type: 'used'
  readonly node: NodeId
  readonly accountId: string
  readonly timeMs: number
  readonly eventId: string
}

/** What may change when an account changes hands: who and where its operator is, and how he goes about it. */
export const handFamilies = ['operator', 'device', 'place'] as const
export type HandFamily = (typeof handFamilies)[number]
export const habitFamilies = ['hours', 'tempo', 'texts'] as const
export type HabitFamily = (typeof habitFamilies)[number]

/** Another has run an account for a month, and none of those who ran it before has come back. */
export interface HandoverNote {
  readonly type: 'handover'
  readonly node: NodeId
  readonly accountId: string
  /** The first and the latest event of the new hand. */
  readonly eventIds: readonly string[]
  readonly before: Tenure
  readonly after: Tenure
  readonly hands: readonly HandChange[]
  readonly habits: readonly HabitChange[]
  readonly readers: Readers
}

/** For how long an account was seen to be run, and by how many acts. */
export interface Tenure {
  readonly fromMs: number
  readonly toMs: number
  readonly acts: number
}

export interface HandChange {
  readonly family: HandFamily
  /** Nothing of before comes back; false too where nothing is known. */
  readonly isChanged: boolean
  /** Something of before was seen again after the new hand came. */
  readonly isKept: boolean
  /** How often this changes for good within a month in an account of the platform, on the safe side. */
  readonly rate: number
}

export interface HabitChange {
  readonly family: HabitFamily
  /** The chance of a difference like this while one hand runs an account. */
  readonly pValue: number
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** Of a sample of those who read before, how many came back afterwards; and how many usually do. */
export interface Readers {
  readonly sampled: number
  readonly returned: number
  readonly usualShare: number
}

/** Somebody who ran an account before it changed hands is back. */
export interface HandbackNote {
  readonly type: 'handback'
  readonly node: NodeId
  readonly accountId: string
  readonly timeMs: number
  readonly eventId: string
}

/** A post that claims to be original, and an older one that it nearly copies. */
export interface CopyNote {
  readonly type: 'copy'
  readonly node: NodeId
  readonly accountId: string
  readonly contentId: string
  readonly eventId: string
  readonly timeMs: number
  /** The low half of the pseudonym of whoever published the older one. */
  readonly olderAuthor: number
  readonly olderMs: number
  /** Jaccard similarity of the two, and the share of the shorter one that the longer one holds. */
  readonly likeness: number
  readonly coverage: number
  readonly letters: number
  readonly text: string
}

/** A post that nearly copies an older one, and says whose it is, or passes on an official notice. */
export interface CreditNote {
  readonly type: 'credit'
  readonly accountId: string
  readonly template: string
  readonly timeMs: number
  readonly isOfOfficial?: true
}

/** The id of a node from the two halves of its pseudonym. */
export function nodeIdOf(high: number, low: number): NodeId {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}

/** The two halves of the hash that a node is named by. */
export function halvesOf(node: NodeId): { high: number; low: number } {
  return { high: parseInt(node.slice(0, 8), 16), low: parseInt(node.slice(8), 16) }
}

const maxActRows = 32_768

function columnsBy(make: MakeColumn): ActColumns {
  return {
    timeMs: make(Float64Array),
    owner: make(Uint32Array),
    popularity: make(Uint32Array),
    device: make(Uint32Array),
    network: make(Uint32Array),
    actor: make(Uint16Array),
    object: make(Uint16Array),
    family: make(Uint8Array),
    isAccount: make(Uint8Array),
  }
}

/** Collects the acts of an epoch and packs them; one serves a view for its whole life. */
export class ActBuilder {
  rows = 0
  readonly actors = new Dictionary()
  readonly objects = new Dictionary()
  readonly notes: Note[] = []
  columns = columnsBy((Width) => new Width(maxActRows))
  private memory = noMemory

  /** Packs the acts and empties the builder; the record is there until the next one is packed. */
  pack({ sequence, endMs }: { sequence: number; endMs: number }): Uint8Array {
    const { rows } = this
    const columns = Object.values(this.columns) as ColumnArray[]
    const notes = textEncoder.encode(JSON.stringify(this.notes))
    const actorsAt = align(headerBytes + columnBytes(columns, rows))
    const objectsAt = align(actorsAt + this.actors.byteLength)
    const notesAt = align(objectsAt + this.objects.byteLength)
    const bytes = bytesIn(this.memory, notesAt + notes.length)
    this.memory = bytes.buffer

    bytes.fill(0, 0, headerBytes)
    for (const end of [actorsAt, objectsAt, notesAt]) bytes.fill(0, end - 8, end)
    const head = new DataView(bytes.buffer)
    head.setUint32(0, magic, true)
    head.setUint32(4, version, true)
    head.setUint32(8, rows, true)
    head.setUint32(12, sequence, true)
    head.setFloat64(16, endMs, true)
    head.setUint32(24, this.actors.size, true)
    head.setUint32(28, this.objects.size, true)
    head.setUint32(32, notes.length, true)
    writeColumns(columns, rows, bytes, headerBytes)
    this.actors.write(bytes, actorsAt)
    this.objects.write(bytes, objectsAt)
    bytes.set(notes, notesAt)

    this.rows = 0
    this.actors.clear()
    this.objects.clear()
    this.notes.length = 0
    return bytes
  }
}

/** Reads acts from the bytes that a log stored. Throws when they are none of this version. */
export function readActs(stored: Uint8Array): Acts {
  const bytes = alignedBytes(stored)
  const memory = bytes.buffer as ArrayBuffer
  const head = new DataView(memory, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < headerBytes || head.getUint32(0, true) !== magic) {
    throw new Error(
      `acts begin with ASAC, these ${bytes.byteLength} bytes do not; the log is not one of acts`,
    )
  }
  if (head.getUint32(4, true) !== version) {
    throw otherVersion('a record of acts of', { found: head.getUint32(4, true), expected: version })
  }
  const rows = head.getUint32(8, true)
  const reader = new ColumnReader(memory, bytes.byteOffset + headerBytes, rows)
  const columns = columnsBy(reader.make)
  let at = align(reader.end - bytes.byteOffset)
  const actors = Dictionary.read(bytes, at, head.getUint32(24, true))
  at = align(at + actors.byteLength)
  const objects = Dictionary.read(bytes, at, head.getUint32(28, true))
  at = align(at + objects.byteLength)
  const notesEnd = at + head.getUint32(32, true)
  if (notesEnd !== bytes.byteLength) {
    throw new Error(
      `a record of acts should have ${notesEnd} bytes, it has ${bytes.byteLength}; the log is damaged`,
    )
  }
  const notes = textDecoder.decode(bytes.subarray(at))
  return Object.assign(columns, {
    rows,
    sequence: head.getUint32(12, true),
    endMs: head.getFloat64(16, true),
    actors,
    objects,
    notes: JSON.parse(notes) as Note[],
  })
}

const magic = 0x43415341 // "ASAC"
const version = 1
const headerBytes = 48
const textEncoder = new TextEncoder()
const textDecoder = new TextDecoder()
