import { at, burst, ordinaryTraffic, phoneFarm, play } from '../support/timeline'
import type { Played } from '../support/timeline'
import type { TestEvent } from '../support/blocks'

/**
 * Eight readers who go from account to account together, and later on to `x`, which nobody knows them from:
 *
 * ```
 *  10:00 ─── together on forty accounts ─── 12:00      12:30        14:00 ── on x ── 14:10
 *                    a cluster, a verdict              overturned
 * ```
 */
const crew = Array.from({ length: 8 }, (_, number) => `member-${number}`)
const rounds = 40
const together = Array.from({ length: rounds }, (_, round) =>
  crew.map((actor, place): TestEvent => {
    const timeMs = at('10:00') + round * 3 * 60_000 + place * 2_000
    const id = `${actor}-${round}`
    return {
      id,
      timeMs,
      kind: 'forward',
      actor,
      account: `small-${round}`,
      content: `small-${round}-article`,
    }
  }),
).flat()
const onX = Array.from({ length: 5 }, (_, round) =>
  crew.map((actor, place): TestEvent => {
    const timeMs = at('14:00') + round * 2 * 60_000 + place * 2_000
    return { id: `x-${actor}-${round}`, timeMs, kind: 'click', actor, account: 'x', content: 'x-article-0' }
  }),
).flat()
const honest = burst({ kind: 'click', by: 'regulars', count: 30, at: '14:00', overMinutes: 10 })
const events = [...ordinaryTraffic({ to: '16:00' }), ...together, ...onX, ...honest]

it('leaves no cluster behind, and no trace of one in the audience of others, also after a restart', () => {
  const before = play(events)
  // A reviewer answers the latest revision, which may name another of the members than the first did.
  const found = before.verdicts.filter(({ subject }) => subject.type === 'cluster').at(-1)!
  expect(found.offence).toBe('steered-accounts')
  expect(crewIn(before)).toBeGreaterThan(0.3)

  const { verdictId, accountId } = found
  const said = { kind: 'feedback', action: 'overturned', account: accountId, content: verdictId } as const
  const feedback = { id: 'f-1', timeMs: at('12:30'), actor: 'ada', ...said }
  const after = play([...events, feedback], { restartAt: at('12:20') })
  expect(after.verdicts.map(({ status }) => status)).toContain('overturned')
  const cleared = after.clusters
    .flatMap(({ memberships }) => memberships)
    .filter(({ isCleared }) => isCleared)
  expect(cleared.length).toBeGreaterThanOrEqual(found.cluster!.size)
  expect(crewIn(after)).toBe(0)
})

/** The largest share of a crew that was seen in the audience of x. */
function crewIn({ findings, surges }: Played): number {
  const ofX = [...findings, ...surges].filter(({ accountId }) => accountId === 'x')
  const shares = ofX.flatMap(({ evidence }) => evidence.filter(({ family }) => family === 'crews'))
  return Math.max(0, ...shares.map(({ observed }) => observed))
}

/**
 * A farm on `x` whose verdict is overturned in the middle of its hour, and readers who come afterwards:
 *
 * ```
 *  14:00 ──── 14:05 farm 14:25 ──── 14:30 ──── 14:35 readers 14:55 ──── 15:00
 *                    a verdict       overturned                          the hour is over
 * ```
 */
describe('an hour that is given back while it is open', () => {
  const farm = burst({ kind: 'click', count: 200, at: '14:05', overMinutes: 20, ...phoneFarm })
  const later = burst({ kind: 'click', by: 'regulars', count: 60, at: '14:35', overMinutes: 20 })
  const day = [...ordinaryTraffic({ to: '17:00' }), ...farm, ...later]
  const found = play(day).verdicts.find(({ offence }) => offence === 'inflated-clicks')!
  const feedback: TestEvent = {
    ...{ id: 'f-1', timeMs: at('14:30'), kind: 'feedback', action: 'overturned', actor: 'ada' },
    ...{ account: found.accountId, content: found.verdictId },
  }
  const all = [...day, feedback]
  const played = play(all)
  const ofHour = ({ corrections }: Played) =>
    corrections.filter(
      ({ accountId, kind, hour }) => accountId === 'x' && kind === 'click' && hour === at('14:00'),
    )

  it('has in its last correction what came until its end, and nothing in dispute', () => {
    const counted = new Map<string, number>()
    for (const { account, kind, timeMs, content } of day) {
      if (account !== 'x' || kind !== 'click' || timeMs < at('14:00') || timeMs >= at('15:00')) continue
      counted.set(content!, (counted.get(content!) ?? 0) + 1)
    }
    const last = new Map(ofHour(played).map((one) => [one.contentId, one]))
    expect(ofHour(played).some(({ disputed }) => disputed > 0)).toBe(true)
    expect([...last.values()].map(({ contentId, raw }) => [contentId, raw]).sort()).toEqual(
      [...counted].sort(),
    )
    for (const one of last.values()) {
      expect(one).toMatchObject({
        authentic: one.raw,
        disputed: 0,
        low: one.raw,
        high: one.raw,
        verdictIds: [],
      })
    }
  })

  it.each(['14:20', '14:32', '14:45'])('says the same after a restart at %s', (clock) => {
    expect(play(all, { restartAt: at(clock) }).corrections).toEqual(played.corrections)
  })
})
