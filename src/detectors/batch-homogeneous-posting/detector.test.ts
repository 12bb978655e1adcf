import { article, happens, inTurns, members, ordinaryPapers, prose } from '../../../test/support/publishing'
import { clusterHistoryOf, tieOf } from '../../../test/support/linked'
import { at, play, standing } from '../../../test/support/timeline'
import { defaultsOf } from '../detector'
import { batchHomogeneousPosting } from './detector'

const ordinary = ordinaryPapers()
const five = members('copy', 5)
/** All publish one story a turn, each under a first line of its own. */
const copiesBy = (
  accounts: readonly string[],
  { after = '', ...more }: { device?: string; after?: string; with?: (turn: number) => Attached } = {},
) =>
  inTurns(accounts, (account, { turn, timeMs }) => {
    const text = `${account} writes. ${prose(`story-${turn}`)} ${after}`
    const { with: attached = () => ({}), ...from } = more
    return article({ account, timeMs, text, ...from, ...attached(turn) })
  })
type Attached = Pick<Parameters<typeof article>[0], 'link' | 'tag' | 'media'>
/** One story, which is nobody's habit. */
const onceBy = (accounts: readonly string[], story: string, clock: string) =>
  accounts.map((account, place) =>
    article({ account, timeMs: at(clock) + place * 30_000, text: prose(story) }),
  )

describe('batch homogeneous posting', () => {
  it('is found when five accounts publish near-copies of eight stories, and is only watched', () => {
    //  Mon 10 · 15  Tue 10 · 15  Wed 10 · 15  Thu 10 · 15
    //  copy-0 ─ copy-4   each time the same story, two minutes apart, each with its own first line
    const { verdicts } = play([...ordinary, ...copiesBy(five)])
    expect(standing(verdicts)).toEqual([
      expect.stringMatching(/^copy-\d: batch-homogeneous-posting, watch, author$/),
    ])
    const [verdict] = verdicts
    expect(five).toEqual(expect.arrayContaining([...verdict!.cluster!.members]))
    expect(verdict!.elements.map(({ element }) => element)).toEqual(['batch', 'likeness'])
    expect(verdict!.evidence.texts).toHaveLength(3)
    expect(verdict!.evidence.texts[0]).toContain(' writes. ')
  })

  it('is only watched when the picture, the link and the tag of each story come along, as those of a report do', () => {
    const { verdicts } = play([
      ...ordinary,
      ...copiesBy(five, {
        with: (turn) => ({
          link: `https://agency.example/${turn}`,
          tag: `of-${turn}`,
          media: `photo-${turn}`,
        }),
      }),
    ])
    expect(standing(verdicts)).toEqual([
      expect.stringMatching(/^copy-\d: batch-homogeneous-posting, watch, author$/),
    ])
  })

  it('is a case for a warning when they push the same links besides, under texts of their own', () => {
    const pushed = inTurns(five, (account, { turn, timeMs }) =>
      article({
        ...{ account, timeMs: timeMs + 3_600_000, text: prose(`${account}-${turn}`) },
        link: `https://shop.example/${turn}`,
      }),
    )
    const { verdicts } = play([...ordinary, ...copiesBy(five), ...pushed])
    expect(standing(verdicts)).toContainEqual(
      expect.stringMatching(/^copy-\d: batch-homogeneous-posting, warn, author$/),
    )
  })

  it('quotes the beginning of a text of emoji, and cuts none of them in two', () => {
    const copies = inTurns(five, (account, { turn, timeMs }) =>
      article({ account, timeMs, text: `${account} ${'👍'.repeat(300)} ${prose(`story-${turn}`)}` }),
    )
    const { texts } = play([...ordinary, ...copies]).verdicts[0]!.evidence
    expect(texts[0]).toMatch(/^copy-\d 👍{98}$/u)
  })

  it('is a case for a limit when the five publish from one device', () => {
    const { verdicts } = play([...ordinary, ...copiesBy(five, { device: 'shelf' })])
    expect(standing(verdicts)).toEqual([
      expect.stringMatching(/^copy-\d: batch-homogeneous-posting, limit, author$/),
    ])
    expect(
      verdicts
        .at(-1)!
        .elements.map(({ sentence }) => sentence)
        .join(' '),
    ).toContain('share 1 device')
  })

  it('is found, once they have phones in common, when they are three', () => {
    const { verdicts } = play([...ordinary, ...copiesBy(five.slice(0, 3), { device: 'shelf' })])
    expect(standing(verdicts)).toEqual([
      expect.stringMatching(/^copy-\d: batch-homogeneous-posting, limit, author$/),
    ])
  })

  describe('is not', () => {
    const passes = (events: Parameters<typeof play>[0]) => {
      const { verdicts, clusters } = play([...ordinary, ...events])
      expect(verdicts).toEqual([])
      return new Set(clusters.flatMap(({ exempt }) => exempt.map(({ reason }) => reason)))
    }

    it('a press release that sixty papers print within half an hour', () => {
      expect(passes(onceBy(members('paper', 60), 'release', '10:00'))).toEqual(new Set())
    })

    it('what an agency offers day after day, of which each paper takes what it likes', () => {
      const papers = members('paper', 120)
      const offered = Array.from({ length: 8 }, (_, release) =>
        onceBy(
          papers.filter((_paper, place) => (place * 7 + release * 13) % 6 === 0),
          `release-${release}`,
          `${10 + release * 11}:00`,
        ),
      )
      expect(passes(offered.flat())).toEqual(new Set())
    })

    it('syndication that says whose the text is', () => {
      const reasons = passes(copiesBy(members('paper', 20), { after: 'Source: The Agency' }))
      expect([...reasons]).toEqual(['their posts say whose the text is: syndication with credit'])
    })

    it('a network of papers that is openly declared', () => {
      const network = members('paper', 8)
      const declared = network.map((paper) =>
        happens(paper, 'renamed', '06:00', { 'declared-network': 'one-house' }),
      )
      expect([...passes([...declared, ...copiesBy(network)])]).toEqual([
        'they belong to one network that is openly declared',
      ])
    })

    it('official notices that others pass on word for word', () => {
      //  city      notice   notice   …        of a category that the policy exempts
      //  paper-0   the same two minutes later, paper-1 …
      const city = happens('city', 'renamed', '06:00', { category: 'official' })
      const notices = inTurns(['city', ...members('paper', 12)], (account, { turn, timeMs }) =>
        article({ account, timeMs, text: prose(`notice-${turn}`) }),
      )
      expect([...passes([city, ...notices])]).toEqual(['they pass on an official notice'])
    })

    it('one form that players fill in day after day, with the score of each', () => {
      const played = inTurns(members('player', 8), (account, { turn, timeMs }) => {
        const score = 10 + ((account.length * 7 + turn * 13 + Number(account.slice(7)) * 29) % 89)
        const text = `I scored ${score} in the harbour game and was faster than ${score} of all who play it`
        return article({ account, timeMs, text })
      })
      expect([...passes(played)]).toEqual([
        'their posts are one form that is filled in again and again, such as the score of a game',
      ])
    })

    it('what everybody says: good morning, happy new year', () => {
      const greetings = ['Good morning!', 'Happy New Year', '早上好']
      const said = inTurns(members('paper', 20), (account, { turn, timeMs }) =>
        article({ account, timeMs, text: greetings[turn % 3]! }),
      )
      expect(passes(said)).toEqual(new Set())
    })
  })

  describe('is judged by the history alone', () => {
    const judge = (described: Parameters<typeof clusterHistoryOf>[0]) =>
      batchHomogeneousPosting.judge(clusterHistoryOf(described), defaultsOf(batchHomogeneousPosting.params))

    it('with one family of ties it is watched, with a second it is warned, with control it is limited', () => {
      expect(judge({ ties: [tieOf('texts')] })!.recommendation).toBe('watch')
      expect(judge({ ties: [tieOf('texts'), tieOf('links')] })!.recommendation).toBe('warn')
      expect(judge({ ties: [tieOf('texts'), tieOf('operators')] })!.recommendation).toBe('limit')
      expect(judge({ ties: [tieOf('texts'), tieOf('operators', { pValue: 0.2 })] })!.recommendation).toBe(
        'watch',
      )
    })

    it('copies are what it takes, by four, or by three where something shows who controls them', () => {
      expect(judge({ ties: [tieOf('links'), tieOf('devices')] })).toBeUndefined()
      expect(judge({ ties: [tieOf('texts', { members: 3 })] })).toBeUndefined()
      expect(judge({ ties: [tieOf('texts', { members: 3 }), tieOf('devices')] })).toBeDefined()
    })

    it('readers who comment in the same words publish nothing', () => {
      const fans = members('fan', 5).map((id) => ({ id, isAccount: false }))
      expect(judge({ members: fans, ties: [tieOf('texts')] })).toBeUndefined()
    })

    it('a declared network among them is said', () => {
      expect(judge({ ties: [tieOf('texts')], declared: 2 })!.exonerating).toEqual([
        '2 of them belong to a network that is openly declared.',
      ])
    })
  })
})
