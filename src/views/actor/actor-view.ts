import { BlockBuilder, markBlock, unknownDwell } from '../../model/block'
import type { Block } from '../../model/block'
import { actionCode, kindCode } from '../../model/event'
import { mix32, signed } from '../../model/hash'
import type { Emit, View } from '../../runtime/view'
import { Generations } from '../../state/generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { EpochBuffer } from '../../windows/epochs'
import type { Epoch } from '../../windows/epochs'
import { PendingRulings } from './pending-rulings'

/** The actor has read (clicked) something of this account before. */
export const hasRead = 1
/** The actor has never done anything with this account before. */
export const isFirstContact = 2

export interface ActorViewOptions {
  readonly partition: number
  readonly epochMs: number
  /** Most actors, and most pairs of actor and account, that one generation remembers. */
  readonly actorCap: number
  readonly pairCap: number
}

export const defaultActorViewOptions: ActorViewOptions = {
  partition: 0,
  epochMs: 10_000,
  actorCap: 2_000_000,
  pairCap: 4_000_000,
}

/**
 * Puts the stream in order and says of each event what is known of its actor: the first view an event meets, keyed by
 * actor, so that everything somebody did, on whichever account, is in one place.
 *
 * It takes blocks in any order, gives blocks of closed epochs in canonical order and without repeats, and fills three
 * columns: `breadth` (how many other accounts the actor had acted on), `visits` (how often the actor had done this to
 * this account since the day before, to 31) and `facts`. Of an unsubscription `dwellMs` is how long the actor had subscribed, to
 * five minutes, where that is known.
 */
export class ActorView implements View {
  readonly name = 'actor'
  private readonly epochs: EpochBuffer
  private readonly rulings: PendingRulings
  private readonly actors: Generations
  private readonly pairs: Generations
  private readonly out = new BlockBuilder()
  private sequence = 0
  /** Whether the end was told, and nothing came since. */
  private toldEnd = false

  constructor(private readonly options: ActorViewOptions = defaultActorViewOptions) {
    this.rulings = new PendingRulings(options.epochMs)
    this.epochs = new EpochBuffer(options.epochMs, [], (block, row) => {
      this.rulings.add(block, row, this.epochs.unbegunMs)
    })
    this.actors = new Generations({ stride: actorStride, spanMs: 30 * dayMs, cap: options.actorCap })
    this.pairs = new Generations({
      ...{ stride: pairStride, keyBits: pairKeyBits },
      ...{ spanMs: 7 * dayMs, cap: options.pairCap },
    })
  }

  fold(record: Uint8Array, emit: Emit): void {
    this.epochs.add(record)
    const { hasEnded } = this.epochs
    this.epochs.close(
      (epoch) => {
        if (epoch.begins) this.begin(epoch, emit)
        this.annotate(epoch, emit)
      },
      // What people decided at the end of the input may take effect in the last epoch, at its start.
      (startMs) => !this.epochs.isLast(startMs),
    )
    this.ruleBefore(this.epochs.closedMs, emit)
    if (hasEnded && this.rulings.hasFeedback && Number.isFinite(this.epochs.closedMs)) {
      const startMs = this.epochs.closeOneMore()
      this.rulings.bringForward(startMs)
      this.ruleBefore(startMs + this.options.epochMs, emit)
      this.toldEnd = false
    }
    if (hasEnded && !this.toldEnd) emit(0, markBlock(this.source, Number.POSITIVE_INFINITY).bytes)
    this.toldEnd = hasEnded
  }

  private get source(): string {
    return `actor/${this.options.partition}`
  }

  /** Event time up to which it has put the stream in order; null before the first epoch. */
  get asOfMs(): number | null {
    return this.epochs.asOfMs
  }

  /** What the view remembers and what fell out of it, for the books and the metrics. */
  get stats(): ActorViewStats {
    return {
      duplicates: this.epochs.duplicates + this.rulings.duplicates,
      late: this.epochs.late + this.rulings.outdated,
      waiting: this.epochs.openRows + this.rulings.size,
      actors: this.actors.size,
      pairs: this.pairs.size,
      evicted: this.actors.evicted + this.pairs.evicted,
      bytes: this.actors.byteLength + this.pairs.byteLength,
    }
  }

  save(out: SnapshotWriter): void {
    this.epochs.save(out, 'epochs')
    this.rulings.save(out)
    this.actors.save(out, 'actors')
    this.pairs.save(out, 'pairs')
    if (this.epochs.hasBegun) out.array('rows', this.out.openRows())
    out.value('sequence', this.sequence)
    out.value('toldEnd', this.toldEnd)
  }

  load(from: SnapshotReader): void {
    this.epochs.load(from, 'epochs')
    this.rulings.load(from)
    this.actors.load(from, 'actors')
    this.pairs.load(from, 'pairs')
    if (this.epochs.hasBegun) this.out.reopen(from.uint8('rows'))
    this.sequence = from.number('sequence')
    this.toldEnd = from.value<boolean>('toldEnd')
  }

  /** Gives the epochs before a moment in which nothing else happened than that people decided. */
  private ruleBefore(endMs: number, emit: Emit): void {
    for (let startMs = this.rulings.nextBefore(endMs); startMs !== undefined;) {
      this.rulings.take(startMs, this.out)
      this.send({ startMs, endMs: startMs + this.options.epochMs }, startMs + this.options.epochMs, emit)
      startMs = this.rulings.nextBefore(endMs)
    }
  }

  /** Does what belongs to the start of an epoch. */
  private begin({ startMs }: Epoch, emit: Emit): void {
    this.ruleBefore(startMs, emit)
    if (this.epochs.hasEnded && this.epochs.isLast(startMs)) this.rulings.bringForward(startMs)
    this.rulings.take(startMs, this.out)
    this.actors.advance(startMs)
    this.pairs.advance(startMs)
  }

  /**
   * Annotates a stretch of an epoch. A block is sent when it is full, and not because a stretch ends: where blocks are cut is a
   * matter of the rows of an epoch and not of how its rows came. Where rows lie close together it is full sooner, so that few
   * are left at the close of an epoch that has many.
   */
  private annotate(epoch: Epoch, emit: Emit): void {
    // A generation of pairs is a week, so that one in it is of the same day where it is of the same weekday.
    const weekday = Math.floor(epoch.startMs / dayMs) % 7
    for (let i = 0; i < epoch.rows; i++) {
      const block = epoch.blocks[epoch.block[i]!]!
      const row = this.out.copyRow(block, epoch.row[i]!)
      // Beyond the judged kinds an actor is an author, a feed or a reviewer, not a member of an audience.
      if (this.out.columns.kind[row]! <= lastJudgedKind) this.know(block, epoch.row[i]!, row, weekday)
      if (this.isFull) this.send(epoch, block.timeMs[epoch.row[i]!]!, emit)
    }
    if (epoch.ends) this.send(epoch, epoch.endMs, emit)
  }

  private get isFull(): boolean {
    const { out } = this
    if (out.isHeavy || out.rows === rowsPerBlock) return true
    if (out.rows !== rowsPerDenseBlock) return false
    const { timeMs } = out.columns
    return timeMs[rowsPerDenseBlock - 1]! - timeMs[0]! < this.options.epochMs / mostDenseBlocks
  }

  private know(block: Block, from: number, row: number, weekday: number): void {
    const { columns } = this.out
    const actorHigh = signed(block.actorHigh[from]!)
    const actorLow = signed(block.actorLow[from]!)
    const account = block.account[from]!
    const pairAt = this.pairs.touch(
      signed(mix32(actorHigh, block.accounts.hashHigh[account]!)),
      signed(mix32(actorLow, block.accounts.hashLow[account]!)),
    )
    const isNewPair = this.pairs.isNew
    const actorAt = this.actors.touch(actorHigh, actorLow)
    const actors = this.actors.young.words
    const accountsBefore = actors[actorAt + accountsWord]!
    if (isNewPair) actors[actorAt + accountsWord] = accountsBefore + 1
    columns.breadth[row] = Math.min(255, isNewPair ? accountsBefore : Math.max(0, accountsBefore - 1))

    const pairs = this.pairs.young.words
    const kind = columns.kind[row]!
    let known = pairs[pairAt + factsWord]!
    if (this.pairs.agedMs > 0 || (known & weekdayMask) !== weekday << weekdayShift) {
      known = (known & ~(weekdayMask | visitsMask)) | (weekday << weekdayShift)
    }
    const shift = kind * visitsBits
    const visits = (known >>> shift) & mostVisits
    columns.visits[row] = visits
    columns.facts[row] = (known & readBit ? hasRead : 0) | (isNewPair ? isFirstContact : 0)
    if (visits < mostVisits) known += 1 << shift
    if (kind === click) known |= readBit
    pairs[pairAt + factsWord] = known
    if (kind === subscription) this.knowStay(row, pairAt)
  }

  /** Remembers when a subscription began, and says of its end how long it lasted. */
  private knowStay(row: number, at: number): void {
    const { columns } = this.out
    const pairs = this.pairs.young.words
    const now = 1 + (Math.floor(columns.timeMs[row]! / staySlotMs) % staySlots)
    const since = (pairs[at + keyWord]! >>> 24) | ((pairs[at + factsWord]! >>> 24) << 8)
    const isStart = columns.action[row] === subscribe
    const kept = isStart ? now : 0
    pairs[at + keyWord] = (pairs[at + keyWord]! & 0xff_ffff) | (kept << 24)
    pairs[at + factsWord] = (pairs[at + factsWord]! & 0xff_ffff) | ((kept >>> 8) << 24)
    if (isStart || since === 0) return
    const slots = (now - since + staySlots) % staySlots
    columns.dwellMs[row] = Math.min(unknownDwell - 1, slots * staySlotMs)
  }

  /** Only the last block of an epoch moves the watermark over it; those before it, up to their last row. */
  private send(epoch: Pick<Epoch, 'startMs' | 'endMs'>, watermarkMs: number, emit: Emit): void {
    const record = this.out.pack({
      source: this.source,
      sequence: ++this.sequence,
      watermarkMs,
      fromPosition: epoch.startMs,
      toPosition: epoch.endMs,
    })
    emit(0, record)
  }
}

export interface ActorViewStats {
  readonly duplicates: number
  readonly late: number
  /** Rows of epochs that have not closed. */
  readonly waiting: number
  readonly actors: number
  readonly pairs: number
  readonly evicted: number
  readonly bytes: number
}

const dayMs = 86_400_000
/** Records: two words of key, then these. */
const actorStride = 3
const accountsWord = 2
/**
 * The visits of a day in five bits for each judged kind, the weekday that they are of in three, and whether the actor has read
 * the account; in the eight bits above these and in the eight above the key the slot of five minutes in which the actor
 * subscribed, its upper half here, counted round from 1, 0 where that is not known.
 *
 * Of eight million pairs, two have the same 56 bits of key once in 2,250 tables; one of them is then believed to have been met.
 */
const pairStride = 3
const pairKeyBits = 56
const keyWord = 1
const factsWord = 2
const visitsBits = 5
const mostVisits = 31
const visitsMask = 0xf_ffff
const weekdayShift = 20
const weekdayMask = 7 << weekdayShift
const readBit = 1 << 23
const rowsPerBlock = 4096
/** A block of so few rows is sent where an epoch at this pace gives more than so many. */
const rowsPerDenseBlock = 1024
const mostDenseBlocks = 8
/** How finely the beginning of a subscription is remembered; 16 bits then hold 227 days. */
export const staySlotMs = 300_000
const staySlots = 65_535
const click = kindCode('click')
const subscription = kindCode('subscription')
const subscribe = actionCode('subscribe')
const lastJudgedKind = kindCode('comment')
