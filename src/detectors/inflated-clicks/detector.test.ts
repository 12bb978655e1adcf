import { historyOf } from '../../../test/support/history'
import {
  at,
  burst,
  corrected,
  ordinaryTraffic,
  phoneFarm,
  play,
  playNumbers,
  post,
  standing,
} from '../../../test/support/timeline'
import type { Burst } from '../../../test/support/timeline'
import { audienceParams } from '../audience'
import { defaultsOf } from '../detector'
import { inflatedClicks } from './detector'

const ordinary = ordinaryTraffic()
const clicks = (described: Omit<Burst, 'kind'>) => burst({ kind: 'click', ...described })

describe('inflated clicks', () => {
  it('are found while a phone farm is at work, and only the number is corrected', () => {
    //  14:00   :05                 :25           15:00
    //  x  ·  ·   ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇  ·  ·   ·    300 clicks of a second each, 8 phones, 6 networks
    //              ▲ raised            ▲ escalated
    const farm = clicks({ count: 300, at: '14:05', overMinutes: 20, dwellMs: 1000, ...phoneFarm })
    const { verdicts, corrections } = playNumbers([...ordinary, ...farm])
    expect(standing(verdicts)).toEqual(['x: inflated-clicks, correct-count, beneficiary'])
    expect(verdicts[0]!.detectedAt).toBeLessThan(at('14:10'))
    expect(corrected(corrections).disputed).toBeGreaterThan(294)
    expect(corrected(corrections).disputed).toBeLessThanOrEqual(306)
  })

  it("warn the account when its operator's own phone took part", () => {
    //  09:00   x publishes from x-phone
    //  14:05   90 clicks from a farm
    //  14:10   10 from x-phone, under ten names
    const { verdicts } = playNumbers([
      ...ordinary,
      post('x', 'x-phone', '09:00'),
      ...clicks({ count: 90, at: '14:05', overMinutes: 20, ...phoneFarm }),
      ...clicks({ count: 10, at: '14:10', overMinutes: 10, ...phoneFarm, device: 'x-phone' }),
    ])
    expect(standing(verdicts)).toEqual(['x: inflated-clicks, warn, operator'])
  })

  it('are found without shared devices when a program leaves after a second, one visit every 20 s', () => {
    //  14:01                                     14:58
    //  x  | | | | | | | | | | | | | | | | | | | |      each with a device of its own, and two among them honest
    const paced = clicks({ count: 170, at: '14:01', overMinutes: 57, dwellMs: 1000, isTimed: true })
    const { verdicts } = playNumbers([...ordinary, ...paced])
    expect(standing(verdicts)).toEqual(['x: inflated-clicks, correct-count, beneficiary'])
    const sentences = verdicts[0]!.elements.map(({ sentence }) => sentence).join(' ')
    expect(sentences).toContain('same interval')
    expect(sentences).toContain('within three seconds')
  })

  it('are found over a day when no hour has enough of them', () => {
    //  Mon 18:00 ────────────────────── Tue 14:00
    //  x   ·▪·▪··▪·▪··▪·▪·▪··▪·▪··▪·▪··▪·             48 in 20 hours, beside three times as many honest ones
    //      └─────────────── 24 h ─────────────────┘
    const drip = clicks({ count: 48, at: '18:00', overMinutes: 20 * 60, ...phoneFarm, devices: 4 })
    const { verdicts } = playNumbers([...ordinaryTraffic({ from: '06:00', to: '40:00' }), ...drip])
    expect(standing(verdicts)).toEqual(['x: inflated-clicks, correct-count, beneficiary'])
    expect(verdicts[0]!.window.end - verdicts[0]!.window.start).toBeGreaterThan(23 * 3_600_000)
  })

  describe('are not', () => {
    const passes = (events: Parameters<typeof play>[0]) => {
      const { verdicts, corrections, surges } = play([...ordinary, ...events])
      expect(verdicts).toEqual([])
      expect(corrections).toEqual([])
      return surges.map(({ accountId, kind }) => `${accountId}: ${kind}`)
    }

    it('those whom a paid advert sends: strangers who leave at once', () => {
      const sent = clicks({ count: 800, at: '14:05', overMinutes: 50, dwellMs: 900, entry: 'external' })
      expect(passes(sent)).toEqual(['x: click'])
    })

    it('thousands behind the addresses of a large carrier', () => {
      // Two networks for 2,000 people, and they have two in five of all other accounts' readers too.
      const mobile = clicks({ count: 2000, at: '14:05', overMinutes: 30, isMobile: true })
      expect(passes(mobile)).toEqual(['x: click'])
    })

    it('an office: one network, a computer each, and the same page again and again', () => {
      const office = clicks({ count: 300, actors: 60, at: '14:05', overMinutes: 50, networks: 1 })
      expect(passes(office)).toEqual(['x: click'])
    })

    it('fans who reload the page of their idol', () => {
      const fans = clicks({ count: 600, actors: 100, by: 'regulars', at: '14:05', overMinutes: 50 })
      expect(passes(fans)).toEqual(['x: click'])
    })

    it('readers of news that breaks on a small account', () => {
      const readers = clicks({ count: 1500, at: '14:05', overMinutes: 30, by: 'regulars' })
      expect(passes(readers)).toEqual(['x: click'])
    })

    it('a farm too small to move anything', () => {
      const few = clicks({ count: 18, at: '14:05', overMinutes: 5, ...phoneFarm })
      expect(passes(few)).toEqual([])
    })
  })

  it('are judged by the history alone', () => {
    const params = defaultsOf(audienceParams)
    const judge = (carrying: object) => inflatedClicks.judge(historyOf({ count: 200, carrying }), params)
    expect(judge({ 'regular-gap': 150, 'short-dwell': 150 })!.counts).toMatchObject({
      raw: 200,
      disputed: 147,
    })
    expect(judge({ 'short-dwell': 190, newcomer: 190, repeated: 190 })).toBeUndefined()
  })
})
