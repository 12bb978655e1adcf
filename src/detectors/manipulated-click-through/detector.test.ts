import { historyOf } from '../../../test/support/history'
import type { TestEvent } from '../../../test/support/blocks'
import {
  at,
  burst,
  impressionsOf,
  ordinaryTraffic,
  phoneFarm,
  play,
  post,
  standing,
} from '../../../test/support/timeline'
import type { Burst, Played } from '../../../test/support/timeline'
import { defaultsOf } from '../detector'
import type { ClickThroughHistory } from './detector'
import { manipulatedClickThrough } from './detector'
import { clickThroughParams } from './params'

const ordinary = ordinaryTraffic()
const shown = impressionsOf(ordinary)
const clicks = (described: Omit<Burst, 'kind' | 'at'> & { readonly at?: string }) =>
  burst({ kind: 'click', ...described, at: described.at ?? '13:05' })
const found = ({ verdicts }: Played) =>
  standing(verdicts.filter(({ offence }) => offence === 'manipulated-click-through'))

describe('a click-through rate', () => {
  it('is found manipulated when a farm clicks from a feed that never showed the article', () => {
    //  06:00 ────── 13:05 ── 13:45 ── 14:00
    //  x  ·  ·  ·     ▇▇▇▇▇▇▇  ·        300 clicks "from the feed", 80 impressions an hour as ever
    const farm = clicks({ count: 300, overMinutes: 40, entry: 'feed', ...phoneFarm })
    const played = play([...ordinary, ...shown, ...farm])
    expect(found(played)).toEqual(['x: manipulated-click-through, correct-count, beneficiary'])
    const verdict = played.verdicts.find(({ offence }) => offence === 'manipulated-click-through')!
    expect(verdict.counts.disputed).toBeGreaterThan(250)
    expect(verdict.counts.disputed).toBeLessThan(320)
    expect(verdict.detectedAt).toBe(at('14:00'))
    const sentences = verdict.elements.map(({ sentence }) => sentence).join(' ')
    expect(sentences).toContain('from feeds and searches without the impressions')
    expect(sentences).toContain('a device that three or more')
    expect(verdict.statutes).toEqual(['cac-public-accounts-2021/12'])
  })

  it("costs the account a warning when its operator's own phone took part", () => {
    const played = play([
      ...ordinary,
      ...shown,
      post('x', 'x-phone', '09:00'),
      ...clicks({ count: 150, overMinutes: 40, entry: 'feed', ...phoneFarm }),
      ...clicks({
        ...{ count: 12, at: '13:10', overMinutes: 10, entry: 'feed' },
        ...{ ...phoneFarm, device: 'x-phone' },
      }),
    ])
    expect(found(played)).toEqual(['x: manipulated-click-through, warn, operator'])
  })

  it('is found manipulated when six phones load the feed all day and nobody clicks', () => {
    //  08:00 ──────────────── 13:00
    //  x  ▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪       60,000 impressions, counted by six phones
    const played = play([...ordinary, ...shown, ...counted({ devices: 6, records: 3000, each: 20 })])
    expect(found(played)).toEqual(['x: manipulated-click-through, correct-count, beneficiary'])
    const { counts, elements } = played.verdicts[0]!
    expect(counts.disputed).toBeGreaterThan(0.9 * counts.raw)
    expect(elements.map(({ sentence }) => sentence).join(' ')).toContain('of the impressions')
  })

  it('is judged by what follows the clicks where nothing says what was shown', () => {
    const farm = clicks({ count: 300, overMinutes: 40, ...phoneFarm })
    const played = play([...ordinary, ...farm])
    expect(found(played)).toEqual(['x: manipulated-click-through, correct-count, beneficiary'])
    const signs = played.findings
      .filter(({ detector }) => detector === 'manipulated-click-through')
      .map(({ evidence }) => evidence[0]!.trait)
    expect(new Set(signs)).toEqual(new Set(['unanswered']))
  })

  describe('is honest', () => {
    const passes = (...events: readonly TestEvent[][]) => {
      const { findings } = play([...ordinary, ...events.flat()])
      return findings.filter(
        ({ detector, pValue }) => detector === 'manipulated-click-through' && pValue <= 1e-3,
      )
    }
    const readers = { count: 900, overMinutes: 50, by: 'regulars' } as const

    it('where a post goes from chat to chat', () => {
      expect(passes(shown, clicks({ ...readers, entry: 'chat' }))).toEqual([])
    })

    it('where a notification brings everybody at once', () => {
      expect(passes(shown, clicks({ ...readers, overMinutes: 5, entry: 'direct' }))).toEqual([])
    })

    it('where the impressions of a feed are lost, for one account', () => {
      expect(passes(shown, clicks({ ...readers, entry: 'feed' }))).toEqual([])
    })

    it('where they are lost for all accounts from noon on, even with a farm at work that needs none', () => {
      const counted = shown.filter(({ timeMs }) => timeMs < at('12:00'))
      expect(passes(counted, clicks({ count: 60, overMinutes: 50, entry: 'direct', ...phoneFarm }))).toEqual(
        [],
      )
    })

    it('where they come hours late, and where a headline is four times as good', () => {
      const late = clicks({ ...readers, entry: 'feed' })
      const better = clicks({ ...readers, account: 'account-2', at: '12:05', entry: 'feed' })
      expect(
        passes(
          shown,
          late,
          impressionsOf(late, { lateMs: 2 * 3_600_000 }),
          better,
          impressionsOf(better, { each: 5 }),
        ),
      ).toEqual([])
    })

    it('where a job counts them three times', () => {
      expect(passes(impressionsOf(ordinary, { each: 60 }), shown)).toEqual([])
    })

    it('where an advert sends strangers who leave at once', () => {
      const sent = clicks({ count: 900, overMinutes: 50, dwellMs: 900, entry: 'external' })
      expect(passes(shown, sent)).toEqual([])
    })

    it('where a feed plays one video after the other, on many phones, and on two screens in a hall', () => {
      const autoplay = counted({ devices: 1500, records: 4000, each: 9 })
      const hall = counted({ devices: 2, records: 1500, each: 20, account: 'account-2' })
      expect(passes(shown, autoplay, hall)).toEqual([])
    })
  })

  describe('by the history alone', () => {
    const params = defaultsOf(clickThroughParams)
    const usual = [{ mean: 0.05, concentration: 200 }]
    const history = (described: Partial<ClickThroughHistory>, carrying = {}): ClickThroughHistory => ({
      ...historyOf({ count: 400, carrying }),
      ...{ needing: 380, impressions: 400, response: { hits: 80, trials: 400, usual: [] } },
      ...{ exposure: { hits: 380, trials: 400, usual }, heavyImpressions: 0, heavyDevices: 0 },
      ...described,
    })
    const farm = { 'shared-device': 390, newcomer: 390, 'short-dwell': 390 }

    it('needs both halves: a rate alone or a farm alone is none of this offence', () => {
      expect(manipulatedClickThrough.judge(history({}, farm), params)!.counts).toMatchObject({
        raw: 400,
        authentic: 40,
        disputed: 360,
      })
      expect(manipulatedClickThrough.judge(history({}), params)).toBeUndefined()
      const soft = { newcomer: 390, 'short-dwell': 390, repeated: 390 }
      expect(manipulatedClickThrough.judge(history({}, soft), params)).toBeUndefined()
      const exposure = { hits: 380, trials: 7600, usual }
      const answered = history({ exposure, impressions: 7600 }, farm)
      expect(manipulatedClickThrough.judge(answered, params)).toBeUndefined()
    })

    it('is surprised only when neither the past of the account nor its cohort explains it', () => {
      const explained = [...usual, { mean: 0.8, concentration: 8 }]
      const exposure = { hits: 380, trials: 400, usual: explained }
      expect(manipulatedClickThrough.judge(history({ exposure }, farm), params)).toBeUndefined()
    })
  })
})

/** Impressions that clients count, from 08:00 to 13:00. */
function counted(described: {
  devices: number
  records: number
  each: number
  account?: string
}): TestEvent[] {
  const { devices, records, each, account = 'x' } = described
  return Array.from({ length: records }, (_, i) => ({
    id: `counted-${account}-${i}`,
    timeMs: at('08:00') + Math.floor((i * 5 * 3_600_000) / records),
    kind: 'impression',
    actor: 'feed-home',
    account,
    device: `screen-${account}-${i % devices}`,
    amount: each,
  }))
}
