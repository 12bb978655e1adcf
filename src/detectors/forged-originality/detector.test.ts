import { article, happens, members, onDay, ordinaryPapers, prose } from '../../../test/support/publishing'
import type { Article } from '../../../test/support/publishing'
import { at, play, standing } from '../../../test/support/timeline'
import type { CopyHistory } from '../linked'
import { defaultsOf } from '../detector'
import { forgedOriginality } from './detector'

const ordinary = ordinaryPapers()
const work = (day: number) => prose(`the work of day ${day}`)
/** A paper publishes a work at nine; the thief publishes it as his own at eleven. */
const stolen = (day: number, more: Partial<Article> = {}) => [
  article({ account: `paper-${day}`, timeMs: at(onDay(day, '09:00')), text: work(day), original: true }),
  article({
    ...{ account: 'thief', timeMs: at(onDay(day, '11:00')), text: work(day), original: true },
    ...more,
  }),
]

describe('forged originality', () => {
  it('is watched once: a post claims to be original that another published two hours before', () => {
    //  09:00  paper-0   a work
    //  11:00  thief     the same, “original”
    const { verdicts } = play([...ordinary, ...stolen(0)])
    expect(standing(verdicts)).toEqual(['thief: forged-originality, watch, author'])
    const [verdict] = verdicts
    expect(verdict!.subject).toEqual({ type: 'account', id: 'thief' })
    expect(verdict!.elements[0]!.sentence).toMatch(
      /100 % of it is in a post of paper-0 from 120 minutes before/,
    )
    expect(verdict!.evidence.texts[0]).toBe(work(0).slice(0, 280))
    expect(verdict!.evidence.eventIds).toEqual([stolen(0)[1]!.id])
  })

  it('quotes the beginning, and cuts no emoji in two', () => {
    // One letter in front of them: the units of UTF-16 would end in the middle of one.
    const text = `!${'👍'.repeat(300)} ${work(0)}`
    const { verdicts } = play([...ordinary, ...stolen(0, { text })])
    expect(verdicts[0]!.evidence.texts[0]).toBe(`!${'👍'.repeat(279)}`)
  })

  it('is a case for a warning the third time within a month', () => {
    const { verdicts } = play([...ordinary, ...stolen(0), ...stolen(1), ...stolen(2)])
    // Each day's is a verdict of its own: a case ends after a day without news.
    expect(standing(verdicts).at(-1)).toBe('thief: forged-originality, warn, author')
    expect(verdicts.at(-1)!.elements[1]!.sentence).toBe(
      'The account published 3 such posts within thirty days, with texts of 3 other accounts.',
    )
  })

  it('is found behind changed words', () => {
    const words = work(0).split(' ')
    const spun = words.map((word, place) => (place % 8 === 7 ? 'otherwise' : word)).join(' ')
    const { verdicts } = play([...ordinary, ...stolen(0, { text: spun })])
    expect(standing(verdicts)).toEqual(['thief: forged-originality, watch, author'])
    expect(verdicts[0]!.score).toBeLessThan(1)
  })

  describe('is not', () => {
    const passes = (events: Parameters<typeof play>[0]) => {
      expect(play([...ordinary, ...events]).verdicts).toEqual([])
    }

    it('a copy that claims nothing', () => {
      passes(stolen(0, { original: false }))
    })

    it('the work of two who publish at once, each sure to be the first', () => {
      passes(stolen(0, { timeMs: at('09:03') }))
    })

    it('a work that its own author publishes on his second account', () => {
      const ofOne = stolen(0).map((event) => ({ ...event, actor: 'ann' }))
      passes(ofOne)
    })

    it('a work that moves within one declared house', () => {
      const house = ['thief', 'paper-0'].map((account) =>
        happens(account, 'renamed', '06:00', { 'declared-network': 'one-house' }),
      )
      passes([...house, ...stolen(0)])
    })

    it('a line that anybody could have written', () => {
      const greeting = 'A happy new year to all of our readers'
      const greetings = members('paper', 5).map((account, place) =>
        article({ account, timeMs: at('09:00') + place * 3_600_000, text: greeting, original: true }),
      )
      passes(greetings)
    })
  })

  describe('is judged by the history alone', () => {
    const judge = (described: Partial<CopyHistory>) =>
      forgedOriginality.judge(
        {
          ...{ accountId: 'thief', contentId: 'c', eventId: 'e', olderAccountId: 'paper-0', text: 'a work' },
          ...{ timeMs: at('11:00'), olderMs: at('09:00'), likeness: 0.8, coverage: 0, letters: 400 },
          ...{ copies: [0.8], victims: 1 },
          ...described,
        },
        defaultsOf(forgedOriginality.params),
      )

    it('by likeness as a whole, or by covered passages', () => {
      expect(judge({ likeness: 0.8 })!.score).toBe(0.8)
      expect(judge({ likeness: 0.3, coverage: 0.9 })!.score).toBe(0.9)
      expect(judge({ likeness: 0.7, coverage: 0.7 })).toBeUndefined()
    })

    it('by half of the text, where it is not the first time', () => {
      const half = { likeness: 0.2, coverage: 0.5 }
      expect(judge({ ...half, copies: [0.5, 0.5] })).toBeUndefined()
      expect(judge({ ...half, copies: [0.5, 0.4, 0.5] })).toBeUndefined()
      expect(judge({ ...half, copies: [0.5, 0.5, 0.5] })!.recommendation).toBe('watch')
      expect(judge({ copies: [0.8, 0.8, 0.8] })!.recommendation).toBe('warn')
    })

    it('by a lead of five minutes and sixty letters', () => {
      expect(judge({ olderMs: at('10:56') })).toBeUndefined()
      expect(judge({ olderMs: at('10:55') })).toBeDefined()
      expect(judge({ letters: 59 })).toBeUndefined()
    })

    it('always saying what cannot be known', () => {
      expect(judge({})!.exonerating[0]).toContain('who published elsewhere before can show it')
    })
  })
})
