import type { ActBuilder, AccountNote } from '../../model/acts'
import { nodeIdOf } from '../../model/acts'
import { eventIdOf } from '../../model/block'
import type { Block } from '../../model/block'
import { detailCode, DetailReader } from '../../model/details'
import { actionCode, actions } from '../../model/event'
import { signed } from '../../model/hash'
import { Generations } from '../../state/generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import type { Known } from './nearest'
import { Tenures } from './tenures'
import type { TenureNews } from './tenures'
import { UnusedAccounts } from './unused-accounts'

/**
 * Who has registered public accounts, who runs them, and which of them nobody uses: what is said of an account, and what
 * is done with it, goes on as notes where it is news.
 */
export class AccountUses {
  /** By account, the first event of somebody who is new to it and may be there for good. */
  private readonly newcomers = new Map<string, string>()
  newcomersForgotten = 0
  private readonly unused = new UnusedAccounts()
  private readonly tenures = new Tenures()
  /** Accounts of exempt categories, by the low half of their pseudonym. */
  private readonly officials = new Generations({ stride: 2, spanMs: 90 * dayMs, cap: 100_000 })
  private readonly detail = new DetailReader()

  /** `notes`: where the notes go. */
  constructor(private readonly notes: ActBuilder['notes']) {}

  /** How many accounts have registered that nobody has used. */
  get unusedCount(): number {
    return this.unused.count
  }

  get evicted(): number {
    const { unused, tenures, officials } = this
    return unused.evicted + tenures.evicted + officials.evicted + this.newcomersForgotten
  }

  get byteLength(): number {
    return this.unused.byteLength + this.tenures.byteLength + this.officials.byteLength
  }

  /** Lets event time pass; what nobody has used for so long that it is news is noted. */
  advance(timeMs: number): void {
    this.officials.advance(timeMs)
    this.tenures.advance(timeMs)
    this.unused.advance(timeMs, ({ high, low, ...account }, sinceMs, asOfMs) => {
      this.notes.push({ type: 'unused', node: nodeIdOf(high, low), ...account, sinceMs, asOfMs })
    })
  }

  /** What is known of one account: since when nobody has used it, or who runs it. */
  of(high: number, low: number, nowMs: number): Pick<Known, 'unused' | 'silentForMs' | 'tenure'> {
    return {
      unused: this.unused.unusedSince(high, low),
      silentForMs: this.unused.silentForMs(nowMs),
      tenure: this.tenures.standingOf(high, low),
    }
  }

  isOfficial(author: number): boolean {
    return this.officials.find(author, author) >= 0
  }

  /** A reader acts on an account, which is use of it by whoever registered it. */
  read(block: Block, row: number): void {
    const owner = block.account[row]!
    const { accounts, actorHigh, actorLow } = block
    const high = signed(accounts.hashHigh[owner]!)
    const low = signed(accounts.hashLow[owner]!)
    this.tenures.read(high, low, block, row)
    if (this.unused.count === 0) return
    const told = this.unused.act(high, low, signed(actorHigh[row]!), signed(actorLow[row]!))
    if (told !== undefined) this.noteUsed(block, row, told.accountId)
  }

  /** An account is run by somebody: it is in use, and has him, his device and his network. */
  use(block: Block, row: number, as: 'login' | 'post'): void {
    const named = block.account[row]!
    const [high, low] = [block.accounts.hashHigh[named]!, block.accounts.hashLow[named]!]
    const told = this.unused.use(high, low, as, block.timeMs[row]!)
    if (told !== undefined) this.noteUsed(block, row, told.accountId)
    const isPost = as === 'post'
    const textBytes =
      isPost && this.detail.find(block, row, textDetail) ? this.detail.end - this.detail.start : 0
    const news = this.tenures.act(high, low, {
      timeMs: block.timeMs[row]!,
      operator: block.actorLow[row]!,
      device: block.device[row]!,
      network: block.network[row]!,
      isPost,
      letters: block.textLength[row]!,
      textBytes,
    })
    if (news !== undefined) this.noteTenure(block, row, news)
  }

  /** Notes what the platform says of an account; who of `exemptCategories` it is, is remembered. */
  note(block: Block, row: number, exemptCategories: readonly string[]): void {
    this.noteActivity(block, row)
    const named = block.account[row]!
    const note: Omit<AccountNote, SaidOfAccounts> & { [Said in SaidOfAccounts]?: string } = {
      type: 'account',
      node: nodeIdOf(block.accounts.hashHigh[named]!, block.accounts.hashLow[named]!),
      accountId: block.accounts.text(named),
      activity: actions[block.action[row]! - 1]!,
      timeMs: block.timeMs[row]!,
      eventId: eventIdOf(block, row),
      device: block.device[row]!,
      network: block.network[row]!,
    }
    for (const [said, code] of saidOfAccounts) {
      if (this.detail.find(block, row, code)) note[said] = this.detail.text()
    }
    if (note.category !== undefined && exemptCategories.includes(note.category)) {
      const low = block.accounts.hashLow[named]!
      this.officials.touch(low, low)
    }
    this.notes.push(note)
  }

  save(out: SnapshotWriter): void {
    this.unused.save(out, 'unused')
    this.tenures.save(out, 'tenures')
    this.officials.save(out, 'officials')
    out.value('newcomers', [...this.newcomers])
  }

  load(from: SnapshotReader): void {
    this.unused.load(from, 'unused')
    this.tenures.load(from, 'tenures')
    this.officials.load(from, 'officials')
    for (const [account, eventId] of from.value<[string, string][]>('newcomers')) {
      this.newcomers.set(account, eventId)
    }
  }

  private noteTenure(block: Block, row: number, news: TenureNews): void {
    const named = block.account[row]!
    const node = nodeIdOf(block.accounts.hashHigh[named]!, block.accounts.hashLow[named]!)
    const accountId = block.accounts.text(named)
    const eventId = eventIdOf(block, row)
    if (news.kind === 'newcomer') {
      this.newcomers.set(node, eventId)
      if (this.newcomers.size <= mostNewcomers) return
      const [oldest] = this.newcomers.keys()
      this.newcomers.delete(oldest!)
      this.newcomersForgotten++
      return
    }
    if (news.kind === 'handback') {
      this.notes.push({ type: 'handback', node, accountId, timeMs: block.timeMs[row]!, eventId })
    }
    if (news.kind === 'handover') {
      const first = this.newcomers.get(node)
      const eventIds = first === undefined ? [eventId] : [first, eventId]
      this.notes.push({ type: 'handover', node, accountId, eventIds, ...news.handover })
    }
    this.newcomers.delete(node)
  }

  private noteUsed(block: Block, row: number, accountId: string): void {
    const named = block.account[row]!
    this.notes.push({
      type: 'used',
      node: nodeIdOf(block.accounts.hashHigh[named]!, block.accounts.hashLow[named]!),
      ...{ accountId, timeMs: block.timeMs[row]!, eventId: eventIdOf(block, row) },
    })
  }

  /** What the platform does to an account, such as closing it, is no use of it. */
  private noteActivity(block: Block, row: number): void {
    const named = block.account[row]!
    const [high, low] = [block.accounts.hashHigh[named]!, block.accounts.hashLow[named]!]
    switch (block.action[row]!) {
      case registered:
        this.unused.register(
          { high, low, registeredMs: block.timeMs[row]! },
          { high: block.actorHigh[row]!, low: block.actorLow[row]! },
          {
            accountId: block.accounts.bytesOf(named),
            eventId: block.idBytes.subarray(block.idOffsets[row], block.idOffsets[row + 1]),
          },
        )
        return
      case closed:
        this.unused.drop(high, low)
        return
      case transferred: {
        const told = this.unused.drop(high, low)
        if (told !== undefined) this.noteUsed(block, row, told.accountId)
        return
      }
      default:
        this.use(block, row, 'login')
    }
  }
}

const dayMs = 86_400_000
const mostNewcomers = 50_000
const registered = actionCode('registered')
const closed = actionCode('closed')
const transferred = actionCode('transferred')
const textDetail = detailCode('text')
/** What an event of an account may say of it, and by which detail. */
const saidOfAccounts = [
  ['subject', detailCode('subject')],
  ['category', detailCode('category')],
  ['name', detailCode('name')],
  ['declaredNetwork', detailCode('declared-network')],
] as const
type SaidOfAccounts = (typeof saidOfAccounts)[number][0]
