import type { TestEvent } from '../../../test/support/blocks'
import { happens, onDay } from '../../../test/support/publishing'
import { another, readers, runs, settledAccounts } from '../../../test/support/tenures'
import { at, play } from '../../../test/support/timeline'
import type { HandoverHistory } from '../linked'
import { defaultsOf } from '../detector'
import { undeclaredTransfer } from './detector'

const days = 124
const cut = 70
const here = (account: string): TestEvent[] => readers(account, 0, days)
/** One runs it up to day 70, another from there on. */
const changes = (account: string, to: object): TestEvent[] => [
  ...here(account),
  ...runs(account, 0, cut),
  ...runs(account, cut, days, to),
]
const own = (account: string) => ({
  ...another,
  ...{ by: `${account}-buyer`, device: `${account}-new`, network: `${account}-there` },
})

/**
 * All beside each other, on a platform of two dozen accounts of which nothing is to be told:
 *
 * ```
 *  day                0 ················ 70 ··············· 100 ········· 124
 *  sold               a a a a a a a a a  b b b b b b b b b   told
 *  helped             a a a a a a a a a  b a b b b b b b b   told: a helped for four days
 *  declared           ············ d     b b b b b b b b b   exempt
 *  late               a a a a a a a a a  b b b b b b b b b   told     d     cleared: it was declared after all
 *  long-away          a a a a a a a a a  b b b b b b b b b   told     a a   cleared: a is back
 *  holiday            a a a a a a a a a  b b b b b a a a a   nothing: three weeks
 * ```
 */
const stream = [
  ...settledAccounts(days),
  ...changes('sold', own('sold')),
  ...changes('helped', own('helped')),
  ...runs('helped', cut + 1, cut + 4),
  ...changes('declared', own('declared')),
  happens('declared', 'transferred', onDay(60, '9:00')),
  ...changes('late', own('late')),
  happens('late', 'transferred', onDay(115, '9:00')),
  ...changes('long-away', own('long-away')),
  ...runs('long-away', 112, days),
  ...here('holiday'),
  ...runs('holiday', 0, cut),
  ...runs('holiday', cut, cut + 21, own('holiday')),
  ...runs('holiday', cut + 21, days),
  ...changes('phone', { device: 'newer' }),
  ...changes('abroad', { device: 'local', network: 'far-away', hour: 18 }),
  ...here('team'),
  ...runs('team', 0, cut),
  ...runs('team', cut, days, own('team')),
  ...runs('team', 1, days, { by: 'second', device: 'second-phone', network: 'second-home' }),
  ...here('gradual'),
  ...runs('gradual', 0, cut),
  ...runs('gradual', cut, cut + 30, { everyDays: 5 }),
  ...runs('gradual', cut, days, own('gradual')),
  ...changes('desk', { ...own('desk'), network: 'desk-home' }),
  ...changes('alike', { by: 'heir', device: 'heir-phone', network: 'heir-home' }),
  ...readers('emptied', 0, cut),
  ...readers('emptied', cut, days, 'stranger'),
  ...runs('emptied', 0, cut),
  ...runs('emptied', cut, days, own('emptied')),
  ...here('short'),
  ...runs('short', 0, cut + 35).slice(0, 12),
  ...runs('short', 26, days, own('short')),
]
const played = once(() => play(stream))
const told = (account: string): string[] =>
  played()
    .verdicts.filter(({ accountId }) => accountId === account)
    .map(({ status, recommendation }) => `${status}: ${recommendation}`)

describe('an undeclared transfer', () => {
  it('is a case for a warning when everything changes for good and the readers stay', () => {
    expect(told('sold')).toEqual(['raised: warn'])
    const verdict = played().verdicts.find(({ accountId }) => accountId === 'sold')!
    expect(verdict).toMatchObject({ offence: 'undeclared-transfer', role: 'operator' })
    expect(verdict.detectedAt).toBeGreaterThanOrEqual(at(onDay(100, '0:00')))
    expect(verdict.detectedAt).toBeLessThan(at(onDay(104, '0:00')))
    expect(verdict.elements.map(({ element }) => element)).toEqual([
      ...['change-of-hands', 'change-of-hands', 'change-of-hands'],
      ...['change-of-habits', 'change-of-habits', 'same-audience', 'not-declared'],
    ])
    expect(verdict.elements[0]!.sentence).toMatch(
      /^Another publishes for it from 2026-03-17 on, in \d+ acts until 2026-04-1\d; none of those of before/,
    )
    expect(verdict.evidence.eventIds[0]).toBe('post-sold-sold-buyer-70')
    expect(verdict.evidence.eventIds).toHaveLength(2)
    expect(verdict.exonerating).toEqual(['It publishes as often as before, so far as chance allows.'])
  })

  it('is one too when the seller helps for some days', () => {
    expect(told('helped')).toEqual(['raised: warn'])
  })

  it('is cleared when it is declared after all', () => {
    expect(told('late')).toEqual(['raised: warn', 'cleared: watch'])
  })

  it('is cleared when whoever ran it before is back', () => {
    expect(told('long-away')).toEqual(['raised: warn', 'cleared: watch'])
    const [, cleared] = played().verdicts.filter(({ accountId }) => accountId === 'long-away')
    expect(cleared!.elements[0]!.sentence).toBe('Whoever ran it before was back on 2026-04-27 (UTC+8).')
  })

  it('is watched, and no more, where it is still run from the same place', () => {
    expect(told('desk')).toEqual(['raised: watch'])
  })

  it('passes when it was declared, and that is said', () => {
    expect(told('declared')).toEqual([])
    const exempt = played().clusters.flatMap((report) => report.exempt)
    expect(exempt).toMatchObject([
      { offence: 'undeclared-transfer', accountIds: ['declared'], reason: 'its transfer was declared' },
    ])
  })

  it.each([
    ['somebody who stands in for three weeks', 'holiday'],
    ['a new phone', 'phone'],
    ['a move abroad, with a new phone, a new home and other hours', 'abroad'],
    ['a team that one leaves and another joins', 'team'],
    ['an agency that does more and more of it', 'gradual'],
    ['another who goes on in the same way: too little to be sure', 'alike'],
    ['an account that its readers have left', 'emptied'],
    ['an account that had been known for less than a month', 'short'],
  ])('is not %s', (_what, account) => {
    expect(told(account)).toEqual([])
  })

  it('says nothing of anybody else', () => {
    const accounts = new Set(played().verdicts.map(({ accountId }) => accountId))
    expect([...accounts].sort()).toEqual(['desk', 'helped', 'late', 'long-away', 'sold'])
  })

  it('is found the same in a stream that was shuffled, and with a state that was saved and restored', () => {
    const late = (id: string): number => (id.length * 7919 + id.charCodeAt(id.length - 1) * 104_729) % 30_000
    const arrivals = [...stream].sort((a, b) => a.timeMs + late(a.id) - (b.timeMs + late(b.id)))
    expect(play(arrivals, { disorderMs: 60_000 }).verdicts).toEqual(played().verdicts)
    expect(play(stream, { restartAt: at(onDay(60, '0:00')) }).verdicts).toEqual(played().verdicts)
  })

  describe('is judged by the history alone', () => {
    const history: HandoverHistory = {
      accountId: 'sold',
      eventIds: ['first', 'latest'],
      before: { fromMs: at('0:00'), toMs: at(onDay(69, '6:00')), acts: 40 },
      after: { fromMs: at(onDay(70, '6:00')), toMs: at(onDay(101, '6:00')), acts: 16 },
      hands: (['operator', 'device', 'place'] as const).map((family, place) => ({
        ...{ family, isChanged: true, isKept: false, rate: 0.02 + 0.01 * place },
      })),
      habits: (['hours', 'tempo', 'texts'] as const).map((family) => ({
        ...{ family, pValue: 1e-5, before: [1, 9], after: [9, 1] },
      })),
      readers: { sampled: 16, returned: 12, usualShare: 0.8 },
    }
    const judge = (change: Partial<HandoverHistory>) =>
      undeclaredTransfer.judge({ ...history, ...change }, defaultsOf(undeclaredTransfer.params))
    const withHands = (...changed: boolean[]) => ({
      hands: history.hands.map((hand, place) => ({ ...hand, isChanged: changed[place]! })),
    })

    it('who it is, his phone and his place are as likely as the rarest of them, his habits are paid for', () => {
      expect(judge({})!.pValue).toBeCloseTo(0.02 * 3e-5, 12)
    })

    it('three families are needed, and the operator must be one of them', () => {
      expect(judge(withHands(true, true, false))!.recommendation).toBe('watch')
      expect(judge(withHands(false, true, true))).toBeUndefined()
      expect(judge(withHands(true, false, false))).toBeUndefined()
    })

    it('without a habit it is watched', () => {
      const habits = history.habits.map((habit) => ({ ...habit, pValue: 0.5 }))
      expect(judge({ habits })).toMatchObject({ recommendation: 'watch', pValue: 0.02 })
    })

    it('an audience that did not stay is another account', () => {
      expect(judge({ readers: { sampled: 16, returned: 2, usualShare: 0.1 } })).toBeUndefined()
      expect(judge({ readers: { sampled: 16, returned: 5, usualShare: 0.8 } })).toBeUndefined()
    })
  })
})

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => (known ??= { value: compute() }).value
}
