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
import { inflatedComments } from './detector'

const ordinary = ordinaryTraffic()
const comments = (described: Omit<Burst, 'kind'>) => burst({ kind: 'comment', ...described })
const praise = { text: 'what a wonderful article, everybody should read it' }

describe('inflated comments', () => {
  it('are found while a phone farm is at work, and only the number is corrected', () => {
    //  14:00   :05                 :25           15:00
    //  x  ·  ·   ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇  ·  ·   ·    300 comments with one text, 8 phones, 6 networks
    //              ▲ raised            ▲ escalated
    const farm = comments({ count: 300, at: '14:05', overMinutes: 20, ...phoneFarm, ...praise })
    const { verdicts, corrections } = play([...ordinary, ...farm])
    expect(standing(verdicts)).toEqual(['x: inflated-comments, correct-count, beneficiary'])
    expect(verdicts[0]!.detectedAt).toBeLessThan(at('14:10'))
    expect(corrected(corrections).disputed).toBeGreaterThan(294)
    expect(corrected(corrections).disputed).toBeLessThanOrEqual(301)
  })

  it("warn the account when its operator's own phone took part", () => {
    //  09:00   x publishes from x-phone
    //  14:05   90 comments from a farm
    //  14:10   10 from x-phone, under ten names
    const { verdicts } = play([
      ...ordinary,
      post('x', 'x-phone', '09:00'),
      ...comments({ count: 90, at: '14:05', overMinutes: 20, ...phoneFarm, ...praise }),
      ...comments({ count: 10, at: '14:10', overMinutes: 10, ...phoneFarm, ...praise, device: 'x-phone' }),
    ])
    expect(standing(verdicts)).toEqual(['x: inflated-comments, warn, operator'])
  })

  it('are found when every one is worded anew, by the company it keeps', () => {
    // A language model writes 300 different comments; they come from the same eight phones all the same.
    const worded = comments({ count: 300, at: '14:05', overMinutes: 50, ...phoneFarm })
    expect(standing(play([...ordinary, ...worded]).verdicts)).toEqual([
      'x: inflated-comments, correct-count, beneficiary',
    ])
  })

  it('are found over a day when no hour has enough of them', () => {
    //  Mon 18:00 ────────────────────── Tue 14:00
    //  x   ·▪··▪··▪·▪··▪··▪·▪··▪··▪·▪··▪··▪           48 in 20 hours, beside half as many honest ones
    //      └─────────────── 24 h ─────────────────┘
    const drip = comments({ count: 48, at: '18:00', overMinutes: 20 * 60, ...phoneFarm, devices: 4 })
    const { verdicts } = play([...ordinaryTraffic({ from: '06:00', to: '40:00' }), ...drip])
    expect(standing(verdicts)).toEqual(['x: inflated-comments, correct-count, beneficiary'])
    expect(verdicts[0]!.window.end - verdicts[0]!.window.start).toBeGreaterThan(23 * 3_600_000)
  })

  describe('are not', () => {
    const passes = (events: Parameters<typeof play>[0]) => {
      const { verdicts, corrections, surges } = play([...ordinary, ...events])
      expect(verdicts).toEqual([])
      expect(corrections).toEqual([])
      return surges.map(({ accountId, kind }) => `${accountId}: ${kind}`)
    }

    it('a lottery among those who write a certain sentence under an article', () => {
      //  500 people who were never here before, all with one text: new and alike, in two soft families
      const entrants = comments({
        count: 500,
        at: '14:05',
        overMinutes: 50,
        text: 'I take part in the lottery',
      })
      expect(passes(entrants)).toEqual(['x: comment'])
    })

    it('a fan club with one slogan, over and over', () => {
      const fans = { by: 'regulars', actors: 120, text: 'our team will win the cup today' } as const
      expect(passes(comments({ count: 600, at: '14:05', overMinutes: 50, ...fans }))).toEqual(['x: comment'])
    })

    it('a class that was told to: one network, and a phone each', () => {
      const text = 'greetings from class 5 b to our teacher'
      const pupils = comments({ count: 120, at: '14:05', overMinutes: 10, networks: 1, text })
      expect(passes(pupils)).toEqual(['x: comment'])
    })

    it('a quarrel that the whole platform takes part in', () => {
      const quarrel = comments({ count: 1000, at: '14:05', overMinutes: 50, by: 'regulars' })
      expect(passes(quarrel)).toEqual(['x: comment'])
    })

    it('a farm too small to move anything', () => {
      const few = comments({ count: 15, at: '14:05', overMinutes: 5, ...phoneFarm, ...praise })
      expect(passes(few)).toEqual([])
    })
  })

  it('are judged by the history alone', () => {
    const params = defaultsOf(audienceParams)
    const judge = (carrying: object) =>
      inflatedComments.judge(historyOf({ kind: 'comment', count: 200, carrying }), params)
    expect(judge({ 'shared-device': 150, 'shared-text': 150 })!.counts).toMatchObject({
      raw: 200,
      disputed: 147,
    })
    expect(judge({ 'shared-text': 190, newcomer: 190, unread: 190 })).toBeUndefined()
  })
})
