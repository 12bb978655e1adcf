import { BlockBuilder, markBlock, unknownDwell } from '../../model/block'
import type { Block } from '../../model/block'
import { actionCode, kindCode } from '../../model/event'
import { mix32 } from '../../model/hash'
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
 * this account since the day before) and `facts`. Of an unsubscription `dwellMs` is how long the actor had subscribed, to
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
      this.rulings.add(block, row, this.epochs.closedMs)
    })
    this.actors = new Generations({ stride: actorStride, spanMs: 30 * dayMs, cap: options.actorCap })
    this.pairs = new Generations({ stride: pairStride, spanMs: 7 * dayMs, cap: options.pairCap })
  }

  fold(record: Uint8Array, emit: Emit): void {
    this.epochs.add(record)
    const { hasEnded } = this.epochs
    this.epochs.close((epoch) => {
      this.ruleBefore(epoch.startMs, emit)
      if (hasEnded && this.epochs.isLast(epoch.startMs)) this.rulings.bringForward(epoch.startMs)
      this.rulings.take(epoch.startMs, this.out)
      this.annotate(epoch, emit)
    })
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
    out.value('sequence', this.sequence)
    out.value('toldEnd', this.toldEnd)
  }

  load(from: SnapshotReader): void {
    this.epochs.load(from, 'epochs')
    this.rulings.load(from)
    this.actors.load(from, 'actors')
    this.pairs.load(from, 'pairs')
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

  private annotate(epoch: Epoch, emit: Emit): void {
    this.actors.advance(epoch.startMs)
    this.pairs.advance(epoch.startMs)
    const day = Math.floor(epoch.startMs / dayMs)
    for (let i = 0; i < epoch.rows; i++) {
      const block = epoch.blocks[epoch.block[i]!]!
      const row = this.out.copyRow(block, epoch.row[i]!)
      // Beyond the judged kinds an actor is an author, a feed or a reviewer, not a member of an audience.
      if (this.out.columns.kind[row]! <= lastJudgedKind) this.know(block, epoch.row[i]!, row, day)
      if (this.out.rows === rowsPerBlock || this.out.isHeavy) this.send(epoch, epoch.startMs, emit)
    }
    this.send(epoch, epoch.endMs, emit)
  }

  private know(block: Block, from: number, row: number, day: number): void {
    const { columns } = this.out
    const actorHigh = block.actorHigh[from]!
    const actorLow = block.actorLow[from]!
    const account = block.account[from]!
    const pairAt = this.pairs.touch(
      mix32(actorHigh, block.accounts.hashHigh[account]!),
      mix32(actorLow, block.accounts.hashLow[account]!),
    )
    const isNewPair = this.pairs.isNew
    const actorAt = this.actors.touch(actorHigh, actorLow)
    const actors = this.actors.young.words
    const accountsBefore = actors[actorAt + accountsWord]!
    if (isNewPair) actors[actorAt + accountsWord] = accountsBefore + 1
    columns.breadth[row] = Math.min(255, isNewPair ? accountsBefore : Math.max(0, accountsBefore - 1))

    const pairs = this.pairs.young.words
    const kind = columns.kind[row]!
    if (((pairs[pairAt + dayWord]! >>> 1) & 0x7fff) !== day) {
      pairs[pairAt + dayWord] = (pairs[pairAt + dayWord]! & 0xffff_0001) | (day << 1)
      pairs[pairAt + visitsWord] = 0
    }
    const shift = kind * 8
    const visits = (pairs[pairAt + visitsWord]! >>> shift) & 0xff
    columns.visits[row] = visits
    if (visits < 255) pairs[pairAt + visitsWord]! += 1 << shift
    columns.facts[row] = (pairs[pairAt + dayWord]! & 1 ? hasRead : 0) | (isNewPair ? isFirstContact : 0)
    if (kind === click) pairs[pairAt + dayWord]! |= 1
    if (kind === subscription) this.knowStay(row, pairAt + dayWord)
  }

  /** Remembers when a subscription began, and says of its end how long it lasted. */
  private knowStay(row: number, at: number): void {
    const { columns } = this.out
    const pairs = this.pairs.young.words
    const now = 1 + (Math.floor(columns.timeMs[row]! / staySlotMs) % staySlots)
    const since = pairs[at]! >>> 16
    const isStart = columns.action[row] === subscribe
    pairs[at] = (pairs[at]! & 0xffff) | (isStart ? now << 16 : 0)
    if (isStart || since === 0) return
    const slots = (now - since + staySlots) % staySlots
    columns.dwellMs[row] = Math.min(unknownDwell - 1, slots * staySlotMs)
  }

  /** Only the last block of an epoch moves the watermark over it. */
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
const pairStride = 4
/** Visits of the day, a byte for each judged kind. */
const visitsWord = 2
/**
 * In the lowest bit whether the actor has read the account; then in 15 bits the day that the visits are of; then in 16
 * the slot of five minutes in which the actor subscribed, counted round from 1, 0 where that is not known.
 */
const dayWord = 3
const rowsPerBlock = 4096
/** How finely the beginning of a subscription is remembered; 16 bits then hold 227 days. */
export const staySlotMs = 300_000
const staySlots = 65_535
const click = kindCode('click')
const subscription = kindCode('subscription')
const subscribe = actionCode('subscribe')
const lastJudgedKind = kindCode('comment')
