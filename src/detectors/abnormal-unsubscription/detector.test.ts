import { historyOf } from '../../../test/support/history'
import {
  at,
  burst,
  corrected,
  leaving,
  ordinaryTraffic,
  phoneFarm,
  play,
  post,
  standing,
} from '../../../test/support/timeline'
import type { Burst, Played } from '../../../test/support/timeline'
import type { TestEvent } from '../../../test/support/blocks'
import { defaultsOf } from '../detector'
import type { DepartureHistory } from './detector'
import { abnormalUnsubscription } from './detector'
import { unsubscriptionParams } from './params'

/** Everywhere a few of the ordinary audience leave, two or so an hour and account. */
const ordinary = [
  ...ordinaryTraffic(),
  ...Array.from({ length: 9 }, (_, account) =>
    leaving({
      ...{ account: account === 8 ? 'x' : `account-${account}`, count: 18, at: '06:00' },
      ...{ overMinutes: 600, by: 'regulars' },
    }),
  ).flat(),
]
const lot = (described: Omit<Burst, 'kind' | 'at' | 'overMinutes'>) => {
  const came = { ...described, at: '09:05', overMinutes: 20 }
  return [
    ...burst({ kind: 'subscription', ...came }),
    ...leaving({ ...described, at: '13:05', overMinutes: 40 }, came),
  ]
}
const found = ({ verdicts }: Played) =>
  standing(verdicts.filter(({ offence }) => offence === 'abnormal-unsubscription'))

describe('unsubscriptions', () => {
  it('are abnormal when a farm that came in the morning leaves at noon, and are not held against the account', () => {
    //  09:05        13:05     14:00
    //  x ▲▲▲▲         ▼▼▼▼▼▼▼▼  │       150 come, 150 leave
    const played = play([...ordinary, ...lot({ count: 150, ...phoneFarm })])
    expect(found(played)).toEqual(['x: abnormal-unsubscription, correct-count, beneficiary'])
    const verdict = played.verdicts.find(({ offence }) => offence === 'abnormal-unsubscription')!
    expect(verdict.detectedAt).toBe(at('14:00'))
    expect(verdict.counts.disputed).toBeGreaterThan(140)
    const sentences = verdict.elements.map(({ sentence }) => sentence).join(' ')
    expect(sentences).toContain('of the unsubscriptions')
    expect(sentences).toContain('within the same half hour')
    expect(verdict.exonerating.join(' ')).toContain('nothing shows that this one did')
  })

  it('lower no number: only what came is corrected', () => {
    const { corrections } = play([...ordinary, ...lot({ count: 150, ...phoneFarm })])
    expect(new Set(corrections.map(({ kind }) => kind))).toEqual(new Set(['subscription']))
    expect(corrected(corrections).disputed).toBeGreaterThan(140)
    expect(corrected(corrections).disputed).toBeLessThan(160)
  })

  it("warn the account when those on its operator's own phone leave with them", () => {
    const played = play([
      ...ordinary,
      post('x', 'x-phone', '08:00'),
      ...leaving({ count: 60, at: '13:05', overMinutes: 30, ...phoneFarm }),
      ...leaving({ count: 12, at: '13:10', overMinutes: 20, ...phoneFarm, device: 'x-phone' }),
    ])
    expect(found(played)).toEqual(['x: abnormal-unsubscription, warn, operator'])
  })

  describe('are honest', () => {
    const passes = (...events: readonly TestEvent[][]) => {
      const { findings, verdicts } = play([...ordinary, ...events.flat()])
      expect(verdicts).toEqual([])
      return findings.filter(
        ({ detector, pValue }) => detector === 'abnormal-unsubscription' && pValue <= 1e-3,
      )
    }

    it('after a scandal, and when a competition is over', () => {
      const scandal = leaving({
        ...{ account: 'account-3', count: 300, at: '12:05', overMinutes: 50 },
        ...{ by: 'regulars', actors: 300 },
      })
      expect(passes(scandal, lot({ count: 250 }))).toEqual([])
    })

    it('when a school class leaves from its one network', () => {
      expect(passes(lot({ count: 60, networks: 1 }))).toEqual([])
    })

    it('when the platform cleans up: such records name no client', () => {
      const dead = leaving({ count: 300, at: '12:00', overMinutes: 60, isTimed: true })
      const bare = dead.map(
        ({ id, timeMs, account, actor, kind, action }): TestEvent =>
          Object.fromEntries(
            Object.entries({ id, timeMs, account, actor, kind, action }).filter(([, value]) => value),
          ) as unknown as TestEvent,
      )
      expect(passes(bare)).toEqual([])
    })
  })

  it('are judged by the history alone: many who leave, or a farm that leaves as always, are not enough', () => {
    const params = defaultsOf(unsubscriptionParams)
    const rare = { observed: 200, expected: 4, pValue: 1e-9 }
    const history = (described: Partial<DepartureHistory>, carrying = {}): DepartureHistory => ({
      ...historyOf({ kind: 'unsubscription', count: 200, carrying, surprise: rare }),
      ...{ together: 0, brief: 0 },
      ...described,
    })
    const devices = { 'shared-device': 190 }
    expect(abnormalUnsubscription.judge(history({ together: 195 }), params)).toBeUndefined()
    expect(abnormalUnsubscription.judge(history({}, devices), params)).toBeUndefined()
    const both = abnormalUnsubscription.judge(history({ together: 195 }, devices), params)!
    expect(both.pValue).toBeLessThan(1e-3)
    expect(both.counts.disputed).toBeGreaterThan(180)
    const usual = { surprise: { ...rare, pValue: 0.3 }, together: 195 }
    expect(abnormalUnsubscription.judge(history(usual, devices), params)).toBeUndefined()
  })
})
