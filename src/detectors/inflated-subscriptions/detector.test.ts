import { historyOf } from '../../../test/support/history'
import {
  at,
  burst,
  corrected,
  ordinaryTraffic,
  phoneFarm,
  play,
  post,
  standing,
} from '../../../test/support/timeline'
import type { Burst } from '../../../test/support/timeline'
import { defaultsOf } from '../detector'
import { audienceParams } from '../audience'
import { inflatedSubscriptions } from './detector'

const ordinary = ordinaryTraffic()
const subscriptions = (described: Omit<Burst, 'kind'>) => burst({ kind: 'subscription', ...described })

describe('inflated subscriptions', () => {
  it('are found while a phone farm is at work, and only the number is corrected', () => {
    //  14:00   :05                 :25           15:00
    //  x  ·      ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇     ·   ·    300 subscriptions, 8 phones, 6 networks, all registered on Friday
    //              ▲ raised            ▲ escalated
    const farm = subscriptions({ count: 300, at: '14:05', overMinutes: 20, ...phoneFarm })
    const { verdicts, corrections } = play([...ordinary, ...farm])
    expect(standing(verdicts)).toEqual(['x: inflated-subscriptions, correct-count, beneficiary'])
    expect(verdicts[0]!.detectedAt).toBeLessThan(at('14:10'))
    expect(corrected(corrections).disputed).toBeGreaterThan(294)
    expect(corrected(corrections).disputed).toBeLessThanOrEqual(301)
  })

  it("warn the account when its operator's own phone took part", () => {
    //  09:00   x publishes from x-phone
    //  14:05   90 subscriptions from a farm
    //  14:10   10 from x-phone, under ten names
    const { verdicts } = play([
      ...ordinary,
      post('x', 'x-phone', '09:00'),
      ...subscriptions({ count: 90, at: '14:05', overMinutes: 20, ...phoneFarm }),
      ...subscriptions({ count: 10, at: '14:10', overMinutes: 10, ...phoneFarm, device: 'x-phone' }),
    ])
    expect(standing(verdicts)).toEqual(['x: inflated-subscriptions, warn, operator'])
  })

  it('are found without shared devices when a program paces them', () => {
    //  14:00                                     15:00
    //  x  | | | | | | | | | | | | | | | | | | | |      one every 20 s, each with a phone of its own, all new here
    const paced = subscriptions({ count: 170, at: '14:01', overMinutes: 57, ageDays: 3, isTimed: true })
    const { verdicts } = play([...ordinary, ...paced])
    expect(standing(verdicts)).toEqual(['x: inflated-subscriptions, correct-count, beneficiary'])
    expect(verdicts[0]!.elements[0]!.sentence).toMatch(/registered within|same interval/)
  })

  it('are found over a day when no hour has enough of them', () => {
    //  Mon 18:00 ────────────────────── Tue 14:00
    //  x   ·▪··▪··▪·▪··▪··▪·▪··▪··▪·▪··▪··▪           48 in 20 hours, beside half as many honest ones
    //      └─────────────── 24 h ─────────────────┘
    const drip = subscriptions({ count: 48, at: '18:00', overMinutes: 20 * 60, ...phoneFarm, devices: 4 })
    const { verdicts } = play([...ordinaryTraffic({ from: '06:00', to: '40:00' }), ...drip])
    expect(standing(verdicts)).toEqual(['x: inflated-subscriptions, correct-count, beneficiary'])
    expect(verdicts[0]!.window.end - verdicts[0]!.window.start).toBeGreaterThan(23 * 3_600_000)
  })

  describe('are not', () => {
    const passes = (events: Parameters<typeof play>[0]) => {
      const { verdicts, corrections, surges } = play([...ordinary, ...events])
      expect(verdicts).toEqual([])
      expect(corrections).toEqual([])
      return surges.map(({ accountId, kind }) => `${accountId}: ${kind}`)
    }

    it('those who scan a code on television', () => {
      // 600 people in ten minutes who never heard of x, and a third of them never used the platform: new is not false.
      const viewers = subscriptions({ count: 400, at: '14:05', overMinutes: 10, entry: 'qr-code' })
      const newHere = subscriptions({
        count: 200,
        at: '14:06',
        overMinutes: 10,
        entry: 'qr-code',
        ageDays: 0,
      })
      expect(passes([...viewers, ...newHere])).toEqual(['x: subscription'])
    })

    it('a school: one network, and a phone each', () => {
      const school = subscriptions({ count: 120, at: '14:05', overMinutes: 10, networks: 1 })
      expect(passes(school)).toEqual(['x: subscription'])
    })

    it('those whom a large carrier brings', () => {
      const mobile = subscriptions({ count: 2000, at: '14:05', overMinutes: 30, isMobile: true })
      expect(passes(mobile)).toEqual(['x: subscription'])
    })

    it('the subscribers of an account that moves here, whom the platform carries over itself', () => {
      // A back office writes them in one go, on one machine: nobody's doing, and not counted as a surge either.
      const moved = subscriptions({
        count: 800,
        at: '14:05',
        overMinutes: 2,
        devices: 1,
        networks: 1,
        entry: 'import',
      })
      expect(passes(moved)).toEqual([])
    })

    it('those of a small account that the whole platform talks of', () => {
      const viral = subscriptions({ count: 1000, at: '14:05', overMinutes: 50, by: 'regulars' })
      expect(passes(viral)).toEqual(['x: subscription'])
    })

    it('a farm too small to move anything', () => {
      const few = subscriptions({ count: 10, at: '14:05', overMinutes: 5, ...phoneFarm })
      expect(passes(few)).toEqual([])
    })
  })

  it('are judged by the history alone', () => {
    const params = defaultsOf(audienceParams)
    const judge = (carrying: object) =>
      inflatedSubscriptions.judge(historyOf({ kind: 'subscription', count: 200, carrying }), params)
    expect(judge({ 'shared-device': 150, 'week-old': 150 })!.counts).toMatchObject({
      raw: 200,
      disputed: 147,
    })
    expect(judge({ unread: 190, newcomer: 190, 'no-entry': 190 })).toBeUndefined()
  })
})
