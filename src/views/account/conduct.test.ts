import {
  at,
  burst,
  impressionsOf,
  leaving,
  ordinaryTraffic,
  phoneFarm,
  play,
} from '../../../test/support/timeline'
import type { Played } from '../../../test/support/timeline'
import { defaultPolicy } from '../../policy/policy'

/**
 * ```
 *  06:00        09:05      12:00   13:05        16:00
 *  ordinary traffic with its impressions ··········
 *  x            ▲ come              ▼ leave, and 300 clicks that no feed has shown
 * ```
 */
const came = { count: 120, at: '09:05', overMinutes: 20, ...phoneFarm }
const ordinary = ordinaryTraffic({ to: '15:00' })
const stream = [
  ...ordinary,
  ...impressionsOf(ordinary),
  ...burst({ kind: 'subscription', ...came }),
  ...leaving({ ...came, at: '13:05' }, came),
  ...burst({ kind: 'click', count: 300, at: '13:05', overMinutes: 40, entry: 'feed', ...phoneFarm }),
]
const names = ['manipulated-click-through', 'abnormal-unsubscription']
const foundIn = ({ findings }: Played) => findings.filter(({ detector }) => names.includes(detector))
const played = play(stream)

describe('what is found beside the numbers of an account', () => {
  it('is both offences, of the right account, with chances and counts that hold', () => {
    const found = foundIn(played)
    expect(new Set(found.map(({ detector }) => detector))).toEqual(new Set(names))
    for (const { accountId, pValue, counts, evidence } of found) {
      expect(accountId).toBe('x')
      expect(pValue).toBeGreaterThanOrEqual(0)
      expect(pValue).toBeLessThanOrEqual(0.1)
      expect(counts.authentic + counts.disputed).toBe(counts.raw)
      expect(counts.low <= counts.authentic && counts.authentic <= counts.high).toBe(true)
      for (const { observed } of evidence) expect(observed >= 0 && observed <= 1).toBe(true)
    }
  })

  it('is the same when the state is saved and restored between arrival and departure', () => {
    expect(foundIn(play(stream, { restartAt: at('13:20') }))).toEqual(foundIn(played))
  })

  it('is not found again in what a person has looked at, and the account teaches again', () => {
    //  13:05 leave, 14:00 raised   14:10 overturned   15:00–16:00 many of its readers leave   16:05 leave
    const again = { count: 60, at: '15:05', overMinutes: 30, ...phoneFarm }
    const honest = { count: 80, at: '15:00', overMinutes: 59, by: 'regulars' } as const
    const day = [
      ...stream.filter(({ kind }) => kind !== 'click'),
      ...ordinaryTraffic({ from: '15:00', to: '17:30' }),
      ...leaving(honest, { ...honest, at: '08:00' }),
      ...leaving({ ...again, at: '16:05' }, again),
    ]
    const isLeaving = ({ offence }: { offence: string }): boolean => offence === 'abnormal-unsubscription'
    const held = play(day)
    const overturned = held.verdicts
      .filter(({ status, detectedAt }) => status === 'raised' && detectedAt <= at('14:10'))
      .map(({ verdictId, accountId, offence }, number) => ({
        ...{ id: `f-${number}`, timeMs: at('14:10'), actor: 'ada', offence },
        ...({ kind: 'feedback', action: 'overturned', account: accountId, content: verdictId } as const),
      }))
    // The subscriptions are looked at in both, since their suspicion alone keeps the account from teaching.
    const numbersOnly = play([...day, ...overturned.filter((one) => !isLeaving(one))])
    const freed = play([...day, ...overturned], { restartAt: at('16:30') })

    const after = ({ findings }: Played) =>
      findings.filter((one) => isLeaving(one) && one.window.end > at('14:10'))
    expect(after(numbersOnly).some(({ window }) => window.start < at('14:10'))).toBe(true)
    expect(after(freed).length).toBeGreaterThan(0)
    expect(after(freed).every(({ window }) => window.start >= at('14:10'))).toBe(true)
    const expected = (played: Played) =>
      after(played).find(({ window }) => window.start === at('16:00'))!.surprise.expected
    expect(expected(freed)).toBeGreaterThan(1.5 * expected(numbersOnly))
  }, 120_000)

  it('is the same in a stream that was shuffled within the allowed disorder', () => {
    const late = (id: string): number => (id.length * 7919 + id.charCodeAt(id.length - 1) * 104_729) % 30_000
    const arrivals = [...stream].sort((a, b) => a.timeMs + late(a.id) - (b.timeMs + late(b.id)))
    expect(foundIn(play(arrivals, { disorderMs: 60_000 }))).toEqual(foundIn(played))
  })

  it('changes nothing of what is found of a single number', () => {
    const off = Object.fromEntries(
      names.map((name) => [name, { ...defaultPolicy.detectors[name]!, mode: 'off' as const }]),
    )
    const without = play(stream, {
      policy: { ...defaultPolicy, detectors: { ...defaultPolicy.detectors, ...off } },
    })
    expect(foundIn(without)).toEqual([])
    expect(without.findings).toEqual(played.findings.filter(({ detector }) => !names.includes(detector)))
  })
})
