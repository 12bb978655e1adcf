import { createHash } from 'node:crypto'
import { isGraver } from '../../decide/ladder'
import { audienceParams } from '../../detectors/audience'
import { judgedKinds } from '../../model/event'
import type { Kind } from '../../model/event'
import type { RecordChunk } from '../../model/record'
import type { Correction, Verdict } from '../../model/records'
import { defaultPolicy } from '../../policy/policy'
import { balances } from '../../runtime/books'
import type { Books } from '../../runtime/books'
import type { RawSource } from '../../runtime/intake'
import { replay } from '../../runtime/replay'
import type { RealResult } from './result'
import { told } from './result'

/** A row of real data as an event of the contract. */
export interface RealEvent {
  readonly kind: Kind
  readonly eventId: string
  /** Milliseconds since 1970, or ISO 8601. */
  readonly occurredAt: number | string
  readonly actorId: string
  readonly accountId: string
  readonly contentId?: string
  readonly text?: string
}

export type RealEvents = AsyncIterable<RealEvent> | Iterable<RealEvent>

/** What became of a stream of real events. */
export interface Played {
  readonly events: number
  readonly accounts: number
  /** Accounts with enough events of one kind on a day to be judged at all: without any, silence means nothing. */
  readonly judgedAccounts: number
  readonly books: Books
  readonly verdicts: readonly Verdict[]
  readonly corrections: readonly Correction[]
}

/** Plays events through the whole pipeline under the default policy; each list is a raw partition in order of time. */
export async function play(partitions: readonly RealEvents[]): Promise<Played> {
  const census = new Census()
  const verdicts: Verdict[] = []
  const corrections: Correction[] = []
  const books = await replay({
    policy: defaultPolicy,
    key,
    sources: partitions.map((events, index) => sourceOf(`partition ${index}`, events, census)),
    onVerdict: (json) => verdicts.push(JSON.parse(decoder.decode(json)) as Verdict),
    onCorrection: (json) => corrections.push(JSON.parse(decoder.decode(json)) as Correction),
  })
  return {
    events: census.events,
    accounts: census.accounts,
    judgedAccounts: census.judgedAccounts,
    books,
    verdicts,
    corrections,
  }
}

/**
 * What is asked of every stream that nobody proved to be fraud: no account is sanctioned, at any time, and no record is
 * lost. Verdicts that only correct a number are told.
 */
export function organicFigures(set: string, played: Played, as = ''): RealResult[] {
  const { books, verdicts, corrections } = played
  const named = (figure: string): string => (as === '' ? figure : `${as}: ${figure}`)
  const sanctioned = accountsOf(
    verdicts.filter(({ recommendation }) => isGraver(recommendation, 'correct-count')),
  )
  const isWhole = balances(books) && books.read === played.events && books.waiting === 0
  return [
    {
      ...told(set, named('accounts at warn or above'), sanctioned.size),
      goal: '0',
      reached: sanctioned.size === 0,
    },
    told(set, named('accounts with a verdict'), accountsOf(verdicts).size),
    told(set, named('accounts with a correction'), accountsOf(corrections).size),
    told(
      set,
      named('accounts with enough events to be judged'),
      `${played.judgedAccounts} of ${played.accounts}`,
    ),
    { ...told(set, named('books'), booksInWords(books)), goal: 'balance', reached: isWhole },
  ]
}

/** An id from names that may be longer than the contract allows. */
export function idOf(...names: readonly string[]): string {
  const id = names.join(' ')
  return Buffer.byteLength(id) <= longestId ? id : createHash('sha256').update(id).digest('hex')
}

function sourceOf(name: string, events: RealEvents, census: Census): RawSource {
  return {
    name,
    async *read(): AsyncGenerator<RecordChunk> {
      let position = 0
      for await (const lines of batches(events, census)) {
        const bytes = encoder.encode(lines)
        const nextPosition = position + bytes.length
        yield { format: 'lines', bytes, position, nextPosition }
        position = nextPosition
      }
    },
  }
}

/** Lines of JSON, a thousand at a time. */
async function* batches(events: RealEvents, census: Census): AsyncGenerator<string> {
  let lines = ''
  let count = 0
  for await (const event of events) {
    census.note(event)
    lines += `${JSON.stringify(event)}\n`
    if (++count % eventsPerBatch !== 0) continue
    yield lines
    lines = ''
  }
  if (lines !== '') yield lines
}

/** Counts what was played, apart from the pipeline that is measured. */
class Census {
  events = 0
  private readonly owners = new Set<string>()
  private readonly judged = new Set<string>()
  private readonly ofDay = new Map<string, number>()

  get accounts(): number {
    return this.owners.size
  }

  get judgedAccounts(): number {
    return this.judged.size
  }

  note({ accountId, kind, occurredAt }: RealEvent): void {
    this.events++
    this.owners.add(accountId)
    if (!(judgedKinds as readonly Kind[]).includes(kind)) return
    const day = `${kind} ${Math.floor(new Date(occurredAt).getTime() / dayMs)} ${accountId}`
    const count = (this.ofDay.get(day) ?? 0) + 1
    this.ofDay.set(day, count)
    if (count >= audienceParams.minCount.default) this.judged.add(accountId)
  }
}

function accountsOf(about: readonly { readonly accountId: string }[]): Set<string> {
  return new Set(about.map(({ accountId }) => accountId))
}

function booksInWords({ read, counted, duplicates, tooLate, deadLettersByReason }: Books): string {
  const letters = Object.entries(deadLettersByReason).map(([reason, count]) => `${count} ${reason}`)
  const parts = [`${counted} counted`, `${duplicates} duplicates`, `${tooLate} too late`, ...letters]
  return `${read} read = ${parts.join(' + ')}`
}

/** Real data carry hashed ids already; a fixed key makes the figures the same for everybody. */
const key = createHash('sha256').update('assay: evaluation on real data').digest()
const longestId = 128
const eventsPerBatch = 1000
const dayMs = 86_400_000
const encoder = new TextEncoder()
const decoder = new TextDecoder()
