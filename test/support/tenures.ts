import type { TestEvent } from './blocks'
import { article, deed, members, onDay, prose } from './publishing'
import { seeded } from './seeded'
import { at } from './timeline'

/** Who runs an account, from where and in which way; what is left out is as the account was always run. */
export interface Hand {
  readonly by?: string
  readonly device?: string
  readonly network?: string
  /** UTC. */
  readonly hour?: number
  readonly words?: number
  readonly everyDays?: number
}

/** Somebody else: another name, phone and home, another time of the day, and longer texts. */
export const another: Hand = {
  ...{ by: 'another', device: 'another-phone', network: 'another-home' },
  ...{ hour: 15, words: 90 },
}

/** What a hand does for an account from one day up to another: a post every other day, about its hour. */
export function runs(account: string, from: number, to: number, hand: Hand = {}): TestEvent[] {
  const { by = `${account}-owner`, device = `${account}-phone`, network = `${account}-home` } = hand
  const { hour = 6, words = 20, everyDays = 2 } = hand
  const random = seeded(account.length + from + hour)
  const events: TestEvent[] = []
  for (let day = from; day < to; day += everyDays) {
    const timeMs = at(
      onDay(Math.floor(day), `${hour + Math.floor(random() * 3)}:${Math.floor(random() * 60)}`),
    )
    const text = prose(`${account} ${by} ${day}`, words - 3 + Math.floor(random() * 6))
    const content = `${account}-${by}-${day}`
    events.push(article({ account, content, timeMs, by, device, network, text }))
  }
  return events
}

/** Twelve readers of an account, each of whom comes every other week from one day up to another. */
export function readers(account: string, from: number, to: number, name = 'reader'): TestEvent[] {
  return members(`${name}-of-${account}`, 12).flatMap((actor, place) => {
    const events: TestEvent[] = []
    for (let day = from + place; day < to; day += 14) {
      const timeMs = at(onDay(day, `${8 + place}:15`))
      events.push(deed({ kind: 'click', actor, on: { account, content: `${account}-any`, timeMs } }))
    }
    return events
  })
}

/** Two dozen accounts that nothing happens to: how often things change where nothing is wrong. */
export function settledAccounts(days: number): TestEvent[] {
  return members('paper', 24).flatMap((account, place) =>
    runs(account, place % 3, days, { hour: 2 + (place % 18), words: 15 + 2 * place, everyDays: 3 }),
  )
}
