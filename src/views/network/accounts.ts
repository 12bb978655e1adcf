import type { AccountNote, CopyNote, NodeId } from '../../model/acts'
import type { JointTie } from '../../model/cluster'
import type { CopyHistory, RegistrationHistory, ReturnHistory } from '../../detectors/linked'

/** What is known of a public account, from what happened to it. */
export interface AccountFacts {
  readonly node: NodeId
  readonly accountId: string
  subject?: string
  category?: string
  name?: string
  declaredNetwork?: string
  device: number
  network: number
  operators: string[]
  registeredMs?: number
  closedMs?: number
}

/**
 * Public accounts and what became of them: who registered where and when, who was closed, who publishes for whom, and
 * who copied whom. In the order in which they are first heard of; the one unheard of for longest goes when there are too
 * many.
 */
export class Accounts {
  private readonly byNode = new Map<NodeId, AccountFacts>()
  /** From the low half of a pseudonym, for those who know no more. */
  /** By operator, the account that he publishes for, or that they are several. */
  private readonly operated = new Map<NodeId, NodeId>()
  private readonly byLow = new Map<number, NodeId>()
  /** Those that were closed and are known still. */
  private readonly closed = new Set<NodeId>()
  /** Registrations of the last day by origin. */
  private readonly registrations = new Map<string, Origin>()
  /** Of each sort of origin, how many ever brought accounts, anew after a day without any; and how many, three at most. */
  private readonly usual: Record<RegistrationHistory['origin'], { origins: number; accounts: number }> = {
    device: { origins: 0, accounts: 0 },
    identity: { origins: 0, accounts: 0 },
    network: { origins: 0, accounts: 0 },
  }
  private readonly copies = new Map<string, Copy[]>()
  evicted = 0

  get(node: NodeId): AccountFacts | undefined {
    return this.byNode.get(node)
  }

  get size(): number {
    return this.byNode.size
  }

  /** Notes that somebody publishes for an account. */
  operate(account: NodeId, accountId: string, operator: NodeId): void {
    const facts = this.reach(account, accountId)
    if (!facts.operators.includes(operator)) facts.operators = [...facts.operators.slice(-3), operator]
    const known = this.operated.get(operator)
    this.operated.set(operator, known === undefined || known === account ? account : several)
  }

  /** The account that somebody publishes for, if it is one and no more: what he does it does. */
  accountOf(operator: NodeId): AccountFacts | undefined {
    const account = this.operated.get(operator)
    return account === undefined || account === several ? undefined : this.byNode.get(account)
  }

  /** Notes what happened to an account; gives what that makes suspicious, of a declared network no registration. */
  happen(note: AccountNote): { registrations: RegistrationHistory[]; returns: ReturnHistory[] } {
    const facts = this.reach(note.node, note.accountId)
    for (const field of ['subject', 'category', 'name', 'declaredNetwork'] as const) {
      if (note[field] !== undefined) facts[field] = note[field]
    }
    // Whoever closes an account may be a reviewer, at a desk of his own.
    if (note.device !== 0 && note.activity !== 'closed') facts.device = note.device
    if (note.network !== 0 && note.activity !== 'closed') facts.network = note.network
    if (note.activity === 'closed') {
      facts.closedMs = note.timeMs
      this.closed.add(note.node)
    }
    if (note.activity !== 'registered') return { registrations: [], returns: [] }
    facts.registeredMs = note.timeMs
    // What is openly declared is registered by the row as well, and hides nothing by it.
    const registrations = facts.declaredNetwork === undefined ? this.register(note) : []
    return { registrations, returns: this.returnsAs(note, facts) }
  }

  /** Notes a copy; nothing when whoever published the older one is not known or is the same hand. */
  copy(note: CopyNote): CopyHistory | undefined {
    const olderNode = this.byLow.get(note.olderAuthor)
    const older = olderNode === undefined ? undefined : this.byNode.get(olderNode)
    const own = this.byNode.get(note.node)
    if (older === undefined || own === undefined || older === own) return undefined
    if (isOneHand(older, own)) return undefined
    const known = (this.copies.get(note.accountId) ?? []).filter(
      ({ timeMs }) => timeMs > note.timeMs - 30 * dayMs,
    )
    const alike = Math.max(note.likeness, note.coverage)
    known.push({ timeMs: note.timeMs, olderAccountId: older.accountId, alike })
    this.copies.set(note.accountId, known.slice(-100))
    const { accountId, contentId, eventId, timeMs, olderMs, likeness, coverage, letters, text } = note
    return {
      ...{ accountId, contentId, eventId, timeMs, olderMs, likeness, coverage, letters, text },
      olderAccountId: older.accountId,
      copies: known.map((copy) => copy.alike),
      victims: new Set(known.map((copy) => copy.olderAccountId)).size,
    }
  }

  /** What speaks for it that one of two accounts that publish the same is the other one, which was closed, come back. */
  returnOf({ a, b, count, pValue }: JointTie): ReturnHistory | undefined {
    const [one, other] = [this.byNode.get(a), this.byNode.get(b)]
    if (one === undefined || other === undefined) return undefined
    const [closed, back] = one.closedMs === undefined ? [other, one] : [one, other]
    if (closed.closedMs === undefined || back.registeredMs === undefined) return undefined
    if (back.registeredMs < closed.closedMs) return undefined
    const sentence = `It published ${count} texts of ${closed.accountId} again, within a day of each.`
    return {
      accountId: back.accountId,
      closedAccountId: closed.accountId,
      closedMs: closed.closedMs,
      registeredMs: back.registeredMs,
      eventIds: [],
      compared: this.closed.size,
      marks: [...this.marksOf(closed, back), { what: 'texts', pValue, sentence }],
    }
  }

  /** An account by the id that the platform gives it; looks at all of them. */
  named(accountId: string): AccountFacts | undefined {
    for (const facts of this.byNode.values()) if (facts.accountId === accountId) return facts
    return undefined
  }

  /** What is remembered against an account: its copies, the origins that it registered from, closed accounts like it. */
  about(facts: AccountFacts): {
    readonly copies: readonly Pick<Copy, 'alike' | 'timeMs'>[]
    readonly registrations: readonly RegistrationHistory[]
    readonly returns: readonly ReturnHistory[]
  } {
    const { accountId, registeredMs } = facts
    const origins = [...this.registrations.values()].filter(({ notes }) =>
      notes.some((note) => note.accountId === accountId),
    )
    return {
      copies: this.copies.get(accountId) ?? [],
      registrations: origins.map((origin) => this.registrationOf(origin)),
      returns:
        registeredMs === undefined
          ? []
          : this.returnsAs({ ...facts, timeMs: registeredMs, eventId: '' }, facts),
    }
  }

  save(): SavedAccounts {
    return {
      accounts: [...this.byNode.values()],
      registrations: [...this.registrations],
      copies: [...this.copies],
      operated: [...this.operated],
      usual: this.usual,
      evicted: this.evicted,
    }
  }

  load(saved: SavedAccounts): void {
    for (const facts of saved.accounts) {
      this.byNode.set(facts.node, facts)
      this.byLow.set(lowOf(facts.node), facts.node)
      if (facts.closedMs !== undefined) this.closed.add(facts.node)
    }
    for (const [key, origin] of saved.registrations) this.registrations.set(key, origin)
    for (const [accountId, copies] of saved.copies) this.copies.set(accountId, [...copies])
    for (const [operator, account] of saved.operated) this.operated.set(operator, account)
    Object.assign(this.usual, saved.usual)
    this.evicted = saved.evicted
  }

  /** Forgets what is older than what is looked back to. */
  expire(nowMs: number): void {
    for (const [key, { notes }] of this.registrations) {
      if (notes.at(-1)!.timeMs <= nowMs - dayMs) this.registrations.delete(key)
    }
    for (const [accountId, copies] of this.copies) {
      if (copies.at(-1)!.timeMs <= nowMs - 30 * dayMs) this.copies.delete(accountId)
    }
  }

  private reach(node: NodeId, accountId: string): AccountFacts {
    let facts = this.byNode.get(node)
    if (facts === undefined) {
      facts = { node, accountId, device: 0, network: 0, operators: [] }
      if (this.byNode.size >= mostAccounts) {
        const [oldest] = this.byNode.keys()
        for (const operator of this.byNode.get(oldest!)!.operators) this.operated.delete(operator)
        this.byNode.delete(oldest!)
        this.byLow.delete(lowOf(oldest!))
        this.closed.delete(oldest!)
        this.evicted++
      }
      this.byNode.set(node, facts)
      this.byLow.set(lowOf(node), node)
    }
    return facts
  }

  private register(note: AccountNote): RegistrationHistory[] {
    const found: RegistrationHistory[] = []
    for (const [what, value] of originsOf(note)) {
      const origin = this.originOf(`${what} ${value}`, what, note)
      const notes = origin.notes.filter(({ timeMs }) => timeMs > note.timeMs - dayMs)
      origin.notes = [...notes, note].slice(-mostRegistrations)
      // Beyond that, whoever registers in bulk would teach us that it is usual.
      if (origin.notes.length <= leastRegistrations) this.usual[what].accounts++
      if (!isNews(origin)) continue
      origin.told = origin.notes.length
      found.push(this.registrationOf(origin))
    }
    return found
  }

  private registrationOf({ firstAccountId, what, notes }: Origin): RegistrationHistory {
    return {
      id: `r-${firstAccountId}`,
      origin: what,
      accountIds: notes.map(({ accountId }) => accountId),
      eventIds: notes.map(({ eventId }) => eventId),
      window: { start: notes[0]!.timeMs, end: notes.at(-1)!.timeMs + 1 },
      expected: this.usual[what].accounts / this.usual[what].origins,
      sharing: sharingOf(notes, what),
    }
  }

  private originOf(key: string, what: RegistrationHistory['origin'], note: AccountNote): Origin {
    let origin = this.registrations.get(key)
    if (origin === undefined) {
      if (this.registrations.size >= mostOrigins) {
        const [oldest] = this.registrations.keys()
        this.registrations.delete(oldest!)
        this.evicted++
      }
      origin = { firstAccountId: note.accountId, what, notes: [], told: 0 }
      this.registrations.set(key, origin)
      this.usual[what].origins++
    }
    return origin
  }

  private returnsAs(
    note: Parameters<Accounts['marksOf']>[1] & Pick<AccountNote, 'accountId' | 'timeMs' | 'eventId'>,
    facts: AccountFacts,
  ): ReturnHistory[] {
    const found: ReturnHistory[] = []
    for (const node of this.closed) {
      const closed = this.byNode.get(node)!
      if (closed.closedMs === undefined || closed === facts || closed.closedMs > note.timeMs) continue
      if (note.timeMs - closed.closedMs > 180 * dayMs) continue
      const marks = this.marksOf(closed, note)
      if (marks.length === 0) continue
      found.push({
        accountId: note.accountId,
        closedAccountId: closed.accountId,
        closedMs: closed.closedMs,
        registeredMs: note.timeMs,
        eventIds: [note.eventId],
        compared: this.closed.size,
        marks,
      })
    }
    return found
  }

  /** What an account has in common with one that was closed, and how many others have it. */
  private marksOf(
    closed: AccountFacts,
    note: Pick<AccountFacts, 'node' | 'subject' | 'name' | 'device' | 'network'>,
  ): ReturnHistory['marks'][number][] {
    const all = Math.max(2, this.byNode.size)
    const marks: ReturnHistory['marks'][number][] = []
    const add = (what: ReturnHistory['marks'][number]['what'], pValue: number, sentence: string): void => {
      marks.push({ what, pValue: Math.min(1, pValue), sentence })
    }
    /** The share of accounts that have it beside the two, and a tenth of one that may have it unseen. */
    const shareOf = (has: (facts: AccountFacts) => boolean): number => {
      let count = 0.1
      for (const facts of this.byNode.values()) {
        if (facts.node !== note.node && facts !== closed && has(facts)) count++
      }
      return count / all
    }
    if (closed.subject !== undefined && closed.subject === note.subject) {
      // Two persons have one verified identity only where one was taken for somebody else, who may be anybody.
      add(
        'identity',
        mistakenIdentities / all,
        `It has the verified identity of ${closed.accountId}, which was closed.`,
      )
    }
    if (closed.device !== 0 && closed.device === note.device) {
      const share = shareOf(({ device }) => device === note.device)
      add('device', share, `It was registered on the device of ${closed.accountId}.`)
    }
    if (closed.network !== 0 && closed.network === note.network) {
      const share = shareOf(({ network }) => network === note.network)
      add('network', share, `It was registered in the network of ${closed.accountId}.`)
    }
    if (closed.name !== undefined && note.name !== undefined && areNamesAlike(closed.name, note.name)) {
      const share = shareOf(({ name }) => name !== undefined && areNamesAlike(name, closed.name!))
      add('name', share, `Its name “${note.name}” is like “${closed.name}”, that of ${closed.accountId}.`)
    }
    return marks
  }
}

export interface SavedAccounts {
  readonly operated: readonly (readonly [NodeId, NodeId])[]
  readonly accounts: readonly AccountFacts[]
  readonly registrations: readonly (readonly [string, Origin])[]
  readonly copies: readonly (readonly [string, readonly Copy[]])[]
  readonly usual: Accounts['usual']
  readonly evicted: number
}

/** When an account copied whom, and how much of it was alike. */
interface Copy {
  readonly timeMs: number
  readonly olderAccountId: string
  readonly alike: number
}

/** What came from one device, identity or network within the last day, and how many they were when they were told last. */
interface Origin {
  readonly firstAccountId: string
  readonly what: RegistrationHistory['origin']
  notes: AccountNote[]
  told: number
}

/** While they are few each one is worth a look, later every quarter more. */
function isNews({ notes, told }: Origin): boolean {
  if (notes.length < leastRegistrations) return false
  return notes.length <= fewRegistrations || notes.length >= 1.25 * told || notes.length < told
}

function isOneHand(a: AccountFacts, b: AccountFacts): boolean {
  return (
    (a.declaredNetwork !== undefined && a.declaredNetwork === b.declaredNetwork) ||
    (a.subject !== undefined && a.subject === b.subject) ||
    a.operators.some((operator) => b.operators.includes(operator))
  )
}

function* originsOf(note: AccountNote): Generator<[what: RegistrationHistory['origin'], value: string]> {
  if (note.device !== 0) yield ['device', String(note.device)]
  if (note.subject !== undefined) yield ['identity', note.subject]
  if (note.network !== 0) yield ['network', String(note.network)]
}

/** What else accounts from one origin have in common: how many have the most frequent one. */
function sharingOf(
  notes: readonly AccountNote[],
  origin: RegistrationHistory['origin'],
): RegistrationHistory['sharing'] {
  const most = (valueOf: (note: AccountNote) => string | undefined): number => {
    const counts = new Map<string, number>()
    for (const note of notes) {
      const value = valueOf(note)
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    return Math.max(0, ...counts.values())
  }
  const sharing = [
    { what: 'device' as const, accounts: most(({ device }) => (device === 0 ? undefined : String(device))) },
    { what: 'identity' as const, accounts: most(({ subject }) => subject) },
    {
      what: 'network' as const,
      accounts: most(({ network }) => (network === 0 ? undefined : String(network))),
    },
    {
      what: 'name' as const,
      accounts: most(({ name }) => (name === undefined ? undefined : patternOf(name))),
    },
  ]
  // A device is in its network anyhow: the two are one thing to have in common.
  const isPlace = (what: string): boolean => what === 'device' || what === 'network'
  return sharing.filter(
    ({ what, accounts }) => accounts > 1 && what !== origin && !(isPlace(origin) && isPlace(what)),
  )
}

/** A name or a text with its figures made alike, so that "Lucky Cat 17" and "Lucky Cat 52" are one pattern. */
export function patternOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{N}+/gu, '0')
    .trim()
}

/**
 * Whether two names are the same but for case, spaces, digits and one letter in five, or one is the other with something
 * added at its end, such as "new account".
 */
export function areNamesAlike(one: string, other: string): boolean {
  const lettersOf = (name: string): string[] =>
    Array.from(name.normalize('NFKC').toLowerCase().matchAll(/\p{L}/gu), ([letter]) => letter)
  const [a, b] = [lettersOf(one), lettersOf(other)]
  const longest = Math.max(a.length, b.length)
  if (longest < 2) return false
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (short.length >= 2 && short.every((letter, place) => letter === long[place])) return true
  return editDistance(a, b) <= Math.floor(longest / 5)
}

/** Levenshtein's distance. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let before = Array.from({ length: b.length + 1 }, (_, index) => index)
  a.forEach((letter, i) => {
    const row = [i + 1]
    b.forEach((other, j) => {
      row.push(Math.min(before[j + 1]! + 1, row[j]! + 1, before[j]! + Number(letter !== other)))
    })
    before = row
  })
  return before.at(-1)!
}

function lowOf(node: NodeId): number {
  return Number.parseInt(node.slice(8), 16)
}

const dayMs = 86_400_000
/** Stands for more accounts than one. */
const several = ''
const mostAccounts = 500_000
const mostRegistrations = 1000
const mostOrigins = 200_000
/** Verified identities that are somebody else's: one in a thousand, on the safe side. */
const mistakenIdentities = 1e-3
const leastRegistrations = 3
const fewRegistrations = 20
