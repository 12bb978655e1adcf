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
import { audienceParams } from '../audience'
import { defaultsOf } from '../detector'
import { inflatedForwards } from './detector'

const ordinary = ordinaryTraffic()
const forwards = (described: Omit<Burst, 'kind'>) => burst({ kind: 'forward', ...described })

describe('inflated forwards', () => {
  it('are found while a phone farm is at work, and only the number is corrected', () => {
    //  14:00   :05                 :25           15:00
    //  x  ·  ·   ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇  ·  ·   ·    300 forwards, 8 phones, 6 networks, unread
    //              ▲ raised            ▲ escalated
    const farm = forwards({ count: 300, at: '14:05', overMinutes: 20, ...phoneFarm })
    const { verdicts, corrections } = play([...ordinary, ...farm])
    expect(standing(verdicts)).toEqual(['x: inflated-forwards, correct-count, beneficiary'])
    expect(verdicts[0]!.detectedAt).toBeLessThan(at('14:10'))
    expect(corrected(corrections).disputed).toBeGreaterThan(294)
    expect(corrected(corrections).disputed).toBeLessThanOrEqual(302)
  })

  it("warn the account when its operator's own phone took part", () => {
    //  09:00   x publishes from x-phone
    //  14:05   90 forwards from a farm
    //  14:10   10 from x-phone, under ten names
    const { verdicts } = play([
      ...ordinary,
      post('x', 'x-phone', '09:00'),
      ...forwards({ count: 90, at: '14:05', overMinutes: 20, ...phoneFarm }),
      ...forwards({ count: 10, at: '14:10', overMinutes: 10, ...phoneFarm, device: 'x-phone' }),
    ])
    expect(standing(verdicts)).toEqual(['x: inflated-forwards, warn, operator'])
  })

  it('are found without shared devices when hired networks bring new actors', () => {
    // 240 forwards behind 6 networks that nobody else comes from; a phone each, as an emulator makes them up.
    const proxied = forwards({ count: 240, at: '14:05', overMinutes: 40, networks: 6, ageDays: 3 })
    const { verdicts } = play([...ordinary, ...proxied])
    expect(standing(verdicts)).toEqual(['x: inflated-forwards, correct-count, beneficiary'])
  })

  it('are found over a day when no hour has enough of them', () => {
    //  Mon 18:00 ────────────────────── Tue 14:00
    //  x   ·▪··▪··▪·▪··▪··▪·▪··▪··▪·▪··▪··▪           48 in 20 hours, beside as many honest ones
    //      └─────────────── 24 h ─────────────────┘
    const drip = forwards({ count: 48, at: '18:00', overMinutes: 20 * 60, ...phoneFarm, devices: 4 })
    const { verdicts } = play([...ordinaryTraffic({ from: '06:00', to: '40:00' }), ...drip])
    expect(standing(verdicts)).toEqual(['x: inflated-forwards, correct-count, beneficiary'])
    expect(verdicts[0]!.window.end - verdicts[0]!.window.start).toBeGreaterThan(23 * 3_600_000)
  })

  describe('are not', () => {
    const passes = (events: Parameters<typeof play>[0]) => {
      const { verdicts, corrections, surges } = play([...ordinary, ...events])
      expect(verdicts).toEqual([])
      expect(corrections).toEqual([])
      return surges.map(({ accountId, kind }) => `${accountId}: ${kind}`)
    }

    it('a fan club that passes on one slogan, over and over', () => {
      //  120 fans, 5 times each, always "our team will win the cup today": repetition is one family, and soft
      const fans = { by: 'regulars', actors: 120, text: 'our team will win the cup today' } as const
      expect(passes(forwards({ count: 600, at: '14:05', overMinutes: 50, ...fans }))).toEqual(['x: forward'])
    })

    it('a lottery that asks for a certain text', () => {
      const text = 'I take part, and so should my friends'
      const entrants = forwards({ count: 500, at: '14:05', overMinutes: 50, text })
      expect(passes(entrants)).toEqual(['x: forward'])
    })

    it('a chain letter on the phones of one carrier', () => {
      const mobile = forwards({ count: 2000, at: '14:05', overMinutes: 30, isMobile: true })
      expect(passes(mobile)).toEqual(['x: forward'])
    })

    it('a school that passes a notice on: one network, and a phone each', () => {
      const school = forwards({ count: 120, at: '14:05', overMinutes: 10, networks: 1, entry: 'group' })
      expect(passes(school)).toEqual(['x: forward'])
    })

    it('those of a small account that the whole platform talks of', () => {
      const viral = forwards({ count: 1000, at: '14:05', overMinutes: 50, by: 'regulars' })
      expect(passes(viral)).toEqual(['x: forward'])
    })

    it('a farm too small to move anything', () => {
      const few = forwards({ count: 15, at: '14:05', overMinutes: 5, ...phoneFarm })
      expect(passes(few)).toEqual([])
    })
  })

  it('are judged by the history alone', () => {
    const params = defaultsOf(audienceParams)
    const judge = (carrying: object) =>
      inflatedForwards.judge(historyOf({ kind: 'forward', count: 200, carrying }), params)
    expect(judge({ 'dense-network': 150, 'week-old': 150 })!.counts).toMatchObject({
      raw: 200,
      disputed: 147,
    })
    expect(judge({ 'shared-text': 190, repeated: 190, unread: 190 })).toBeUndefined()
  })
})
