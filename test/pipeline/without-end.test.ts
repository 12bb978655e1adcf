import { changesOf } from '../../src/explain/changes'
import { defaultPolicy } from '../../src/policy/policy'
import { at, burst, corrected, ordinaryTraffic, play, playNumbers, post, standing } from '../support/timeline'
import type { Burst } from '../support/timeline'
import type { TestEvent } from '../support/blocks'

/**
 * A few aged accounts with a phone and a home each, on a small account that draws eight events an hour, on the second day:
 *
 * ```
 *  Mon 00:00 ── 24:00       Tue 10:00 ────────────── 14:00 ▇▇▇▇▇▇ 15:00
 *  a click an hour          eight accounts and x ·  ·      two, a hundred times each
 * ```
 */
const quietDay = Array.from({ length: 24 }, (_, hour) =>
  burst({ kind: 'click', account: 'account-0', by: 'regulars', count: 1, at: `${hour}:30`, overMinutes: 20 }),
).flat()
const tuesday = ordinaryTraffic({ from: '34:00', to: '40:00' })
const ordinary = [...quietDay, ...tuesday]
const tireless = (described: Pick<Burst, 'kind' | 'count' | 'actors'> & Partial<Burst>): TestEvent[] =>
  burst({ at: '38:05', overMinutes: 50, ...described })

describe('a few who act without end', () => {
  it.each([
    { kind: 'click', actors: 1, each: 80 },
    { kind: 'click', actors: 2, each: 100 },
    { kind: 'click', actors: 8, each: 100 },
    { kind: 'forward', actors: 2, each: 100 },
    { kind: 'forward', actors: 8, each: 100 },
  ] as const)('count as often as a person may come: $actors × $each $kind', ({ kind, actors, each }) => {
    const { verdicts, corrections } = playNumbers([
      ...ordinary,
      ...tireless({ kind, actors, count: actors * each }),
    ])
    expect(standing(verdicts)).toEqual([`x: inflated-${kind}s, correct-count, beneficiary`])
    const beyond = actors * (each - 24)
    expect(corrected(corrections).disputed).toBeGreaterThan(0.95 * beyond)
    expect(corrected(corrections).disputed).toBeLessThanOrEqual(beyond)
  })

  it('never lead further, also where the phone of its operator has five names', () => {
    //  x publishes from x-phone; a family of six reads it there, and a stranger comes without end
    const family = tireless({ kind: 'click', count: 6, actors: 6, device: 'x-phone' })
    const { verdicts } = playNumbers([
      ...ordinary,
      post('x', 'x-phone', '34:30'),
      ...family,
      ...tireless({ kind: 'click', count: 200, actors: 2, at: '38:06' }),
    ])
    expect(standing(verdicts)).toEqual(['x: inflated-clicks, correct-count, beneficiary'])
    const verdict = verdicts.at(-1)!
    expect(verdict.elements.map(({ element }) => element)).toEqual(['false-traffic', 'unusual-number'])
    expect(verdict.elements[0]!.sentence).toContain('beyond the twenty-fourth by the same actor')
    const changes = changesOf(verdict, { policy: defaultPolicy, earlier: [] }).map(({ kind }) => kind)
    expect(changes).toContain('smaller-share')
    expect(changes).not.toContain('rung-more')
  })
})

describe('nobody is corrected', () => {
  const passes = (events: readonly TestEvent[]) => {
    const { verdicts, corrections } = play(events)
    expect([verdicts, corrections]).toEqual([[], []])
  }

  it('for a devoted reader or two in a crowd', () => {
    const crowd = tireless({ kind: 'click', count: 3000, by: 'regulars', actors: 1000 })
    passes([...ordinary, ...crowd, ...tireless({ kind: 'click', count: 60, actors: 1, at: '38:06' })])
  })

  it('for fans who come twenty times a day', () => {
    passes([...ordinary, ...tireless({ kind: 'forward', count: 800, actors: 40, by: 'regulars' })])
  })

  it('for a thread in which one answers everybody', () => {
    //  12:00 ───────── twelve readers, ten comments each; one answers every second ───────── 15:00
    const readers = burst({
      kind: 'comment',
      count: 120,
      actors: 12,
      by: 'regulars',
      at: '36:00',
      overMinutes: 180,
    })
    const answers = readers
      .filter((_, place) => place % 2 === 0)
      .map((comment): TestEvent => {
        const { id, timeMs } = comment
        return {
          ...comment,
          id: `${id}-answered`,
          timeMs: timeMs + 30_000,
          actor: 'talker',
          device: 'phone-of-talker',
        }
      })
    passes([...ordinary, ...readers, ...answers])
  })

  it('on a platform where people act that often', () => {
    // Everywhere two are there all day, 150 clicks each, from the first day on; then there is one more.
    const thereAllDay = ['00:30', '30:00'].flatMap((start) =>
      Array.from({ length: 8 }, (_, number) =>
        burst({
          ...{ kind: 'click', account: `account-${number}`, by: 'regulars', actors: 2 },
          ...{ count: 300, at: start, overMinutes: start === '30:00' ? 600 : 1400 },
        }),
      ).flat(),
    )
    const late = tireless({ kind: 'click', account: 'account-0', count: 120, actors: 1 })
    passes([...ordinaryTraffic({ from: '00:00', to: '12:00' }), ...tuesday, ...thereAllDay, ...late])
    expect(play([...ordinary, ...late]).corrections).not.toEqual([])
  })

  it('before the platform has been seen for a day', () => {
    passes([...tuesday, ...tireless({ kind: 'click', count: 200, actors: 2 })])
  })
})

it('is the same after a restart', () => {
  const events = [...ordinary, ...tireless({ kind: 'click', count: 200, actors: 2 })]
  expect(playNumbers(events, { restartAt: at('38:20') })).toEqual(playNumbers(events))
})
