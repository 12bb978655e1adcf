import type { JudgedKind } from '../model/event'
import { judgedKinds } from '../model/event'
import type { Burst } from './burst'
import type { Fact } from './scribe'
import { hourMs } from './season'
import type { World } from './world'

/** How much of an account's number of an hour was honest and how much bought; repeats count once, `hour` is its start. */
export interface HourCount {
  readonly type: 'count'
  readonly accountId: string
  readonly kind: JudgedKind
  readonly hour: number
  readonly honest: number
  readonly fake: number
}

interface Tally {
  honest: number
  fake: number
}

/** Keeps the books of the accounts for which something was bought, by kind and hour. */
export class Ledger {
  private readonly tallies = new Map<number, Map<string, Tally>>()

  constructor(
    private readonly world: World,
    bursts: readonly Burst[],
  ) {
    for (const burst of bursts) {
      for (const deed of burst.deeds) {
        if (deed.kind !== 'impression' && deed.isBought) this.tallies.set(deed.account, new Map())
      }
    }
  }

  note(fact: Fact): void {
    if (!fact.isCounted) return
    const books = this.tallies.get(fact.account)
    if (!books) return
    const key = `${fact.kind} ${Math.floor(fact.timeMs / hourMs) * hourMs}`
    const tally = books.get(key) ?? { honest: 0, fake: 0 }
    if (fact.bought) tally.fake++
    else tally.honest++
    books.set(key, tally)
  }

  /** The hours in which something was bought, by account, kind and time. */
  counts(): readonly HourCount[] {
    return [...this.tallies].flatMap(([account, books]) =>
      judgedKinds.flatMap((kind) => attackedHours(this.world.names.account(account), kind, books)),
    )
  }
}

function attackedHours(accountId: string, kind: JudgedKind, books: ReadonlyMap<string, Tally>): HourCount[] {
  return [...books]
    .filter(([key, { fake }]) => fake > 0 && key.startsWith(`${kind} `))
    .map(([key, { honest, fake }]) =>
      hourCount(accountId, kind, Number(key.slice(kind.length + 1)), honest, fake),
    )
    .sort((left, right) => left.hour - right.hour)
}

function hourCount(
  accountId: string,
  kind: JudgedKind,
  hour: number,
  honest: number,
  fake: number,
): HourCount {
  return { type: 'count', accountId, kind, hour, honest, fake }
}
