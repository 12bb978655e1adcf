import { idOf, organicFigures, play } from './play'
import type { RealEvent } from './play'
import { plantedAccount, plantedRobot } from './planted'

describe('playing real events', () => {
  it('says nothing of an audience, and keeps its books', async () => {
    const played = await play([audience()])
    expect(
      Object.fromEntries(organicFigures('a set', played).map(({ figure, value }) => [figure, value])),
    ).toEqual({
      'accounts at warn or above': 0,
      'accounts with a verdict': 0,
      'accounts with a correction': 0,
      'accounts with enough events to be judged': '30 of 30',
      books: '3600 read = 3600 counted + 0 duplicates + 0 too late',
    })
  })

  it('finds a robot among them, and sanctions nobody for it', async () => {
    const played = await play([audience(), plantedRobot({ startMs: startMs + 6 * hourMs, comments: 200 })])
    expect(new Set(played.verdicts.map(({ accountId }) => accountId))).toEqual(new Set([plantedAccount]))
    expect(new Set(played.corrections.map(({ accountId }) => accountId))).toEqual(new Set([plantedAccount]))
    const [sanctioned] = organicFigures('a set', played)
    expect(sanctioned).toMatchObject({ figure: 'accounts at warn or above', value: 0, reached: true })
  })

  it('reads partitions one after the other over years of silence', async () => {
    const later = audience().map((event) => ({
      ...event,
      eventId: `later ${event.eventId}`,
      occurredAt: Number(event.occurredAt) + 900 * 24 * hourMs,
    }))
    const { books } = await play([audience(), later])
    expect(books).toMatchObject({ read: 7200, counted: 7200, tooLate: 0, deadLetters: 0 })
  })

  it('balances to a repeated record', async () => {
    const events = audience()
    const played = await play([[events[0]!, ...events]])
    const books = organicFigures('a set', played).at(-1)
    expect(books).toMatchObject({
      value: '3601 read = 3600 counted + 1 duplicates + 0 too late',
      reached: true,
    })
  })
})

describe('an id from names', () => {
  it('is the names while it is short enough, and a hash of them from then on', () => {
    expect(idOf('#en.wikipedia', 'Norm')).toBe('#en.wikipedia Norm')
    expect(idOf('#zh.wikipedia', '页'.repeat(60))).toMatch(/^[0-9a-f]{64}$/)
  })
})

/** Twelve hours of 30 accounts, ten comments an hour each at no rhythm, by 900 actors who come again. */
function audience(): RealEvent[] {
  let state = 1
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  return Array.from({ length: 3600 }, (_, place) => ({
    kind: 'comment' as const,
    eventId: String(place),
    occurredAt: startMs + below(12 * hourMs),
    actorId: `actor ${below(900)}`,
    accountId: `account ${place % 30}`,
    text: `comment number ${place} of its own`,
  })).sort((a, b) => a.occurredAt - b.occurredAt)
}

const startMs = Date.UTC(2015, 8, 12)
const hourMs = 3_600_000
