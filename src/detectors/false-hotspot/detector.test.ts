import {
  article,
  deed,
  inTurns,
  members,
  ordinaryPapers,
  ordinaryReaders,
  prose,
} from '../../../test/support/publishing'
import { clusterHistoryOf, tieOf } from '../../../test/support/linked'
import { at, play, standing } from '../../../test/support/timeline'
import type { HotspotHistory } from '../linked'
import { defaultsOf } from '../detector'
import { falseHotspot } from './detector'

const ordinary = ordinaryPapers()
const crew = members('pusher', 12)
/** What makes them a crew: the same link at each turn, in texts of their own. */
const known = inTurns(crew, (account, { turn, timeMs }) =>
  article({
    account,
    timeMs,
    text: prose(`${account} at ${turn}`),
    link: `https://shop.example/${turn}`,
  }),
)
const using = (tag: string, accounts: readonly string[], clock: string) =>
  accounts.map((account, place) => {
    const text = prose(`${account} on ${tag}`)
    return article({ account, timeMs: at(clock) + place * 60_000, text, tag })
  })
const about = (verdicts: ReturnType<typeof play>['verdicts'], name: string) =>
  verdicts.filter(({ subject }) => subject.id === name)

describe('a false hotspot', () => {
  it('is a tag that a crew pushes within minutes', () => {
    //  Mon 10 … Thu 15    twelve use the same links, time and again: a crew
    //  Thu 18:00          all of them publish under one tag, and three others take it up
    const pushed = [
      ...using('Hero', crew, '90:00'),
      ...using('Hero', ['paper-1', 'paper-2', 'paper-3'], '90:05'),
    ]
    const verdicts = about(play([...ordinary, ...known, ...pushed]).verdicts, 'Hero')
    expect(standing(verdicts)).toEqual([expect.stringMatching(/^pusher-\d+: false-hotspot, watch, engager$/)])
    expect(verdicts[0]).toMatchObject({ subject: { type: 'content', id: 'Hero' } })
    expect(verdicts[0]!.elements[0]!.sentence).toContain('who brought up the tag “Hero”')
    expect(verdicts[0]!.window.start).toBeGreaterThanOrEqual(at('90:00'))
  })

  it('is named, too, when those who pushed it turn out to be a crew by that very deed', () => {
    // Every tag they push ties them closer; the last ones are told with their names.
    const pushed = inTurns(crew, (account, { turn, timeMs }) =>
      article({ account, timeMs, text: prose(`${account} at ${turn}`), tag: `Hero-${turn}` }),
    )
    const { verdicts } = play([...ordinary, ...pushed])
    const hot = verdicts.filter(({ offence }) => offence === 'false-hotspot')
    expect(hot.map(({ subject }) => subject.id)).toContain('Hero-7')
    expect(hot.map(({ subject }) => subject.id)).not.toContain('')
  })

  it('has authors, who are watched, where those who push it turn to the posts of a few accounts', () => {
    //  Mon 10 … Thu 15     twelve readers pass on the same articles at the same time: a crew
    //  Thu 16:00 … 20:00   six accounts publish under one tag, in words of their own, and the twelve pass it all on
    const hands = members('hand', 12)
    const passedOn = inTurns(hands, (actor, { turn, timeMs }) => {
      const account = `paper-${turn * 5}`
      return deed({ kind: 'forward', actor, on: { account, content: `${account}-0`, timeMs } })
    })
    const authors = members('author', 6)
    const posts = Array.from({ length: 24 }, (_, place) => {
      const account = authors[place % 6]!
      const timeMs = at('88:00') + place * 10 * 60_000
      return article({ account, timeMs, text: prose(`${account} on it, ${place}`), tag: 'Hero' })
    })
    const pushes = posts.flatMap((on) =>
      hands.map((actor, hand) => deed({ kind: 'forward', actor, on, afterMs: 20_000 + hand * 40_000 })),
    )
    const { verdicts } = play([...ordinary, ...ordinaryReaders(), ...passedOn, ...posts, ...pushes])
    const hot = [...about(verdicts, 'Hero'), ...about(verdicts, 'h-Hero')]
    expect(standing(hot)).toEqual([
      expect.stringMatching(/^hand-\d+: false-hotspot, watch, engager$/),
      expect.stringMatching(/^author-\d: false-hotspot, watch, author$/),
    ])
    const named = hot.filter(({ role }) => role === 'author').at(-1)!
    expect([...named.cluster!.members].sort()).toEqual(authors)
    expect(named.exonerating[0]).toContain('need not have asked for it')
  })

  it('is not a tag that sixty papers take up in an hour', () => {
    const { verdicts } = play([...ordinary, ...using('Hero', members('paper', 60), '90:00')])
    expect(verdicts).toEqual([])
  })

  it('is not a tag of sixty papers that a crew has joined', () => {
    const { verdicts } = play([
      ...ordinary,
      ...known,
      ...using('Hero', members('paper', 60), '90:00'),
      ...using('Hero', crew, '90:10'),
    ])
    expect(about(verdicts, 'Hero')).toEqual([])
  })

  describe('is judged by the history alone', () => {
    const judge = (described: Partial<HotspotHistory>) =>
      falseHotspot.judge(
        {
          ...{ family: 'tag', name: 'Hero', cluster: clusterHistoryOf({ ties: [tieOf('links')] }) },
          ...{ sampled: 12, members: 10, usualShare: 0.1 },
          ...{ about: 'engagers', pushed: [] },
          window: { start: at('90:00'), end: at('91:00') },
          ...described,
        },
        defaultsOf(falseHotspot.params),
      )

    it('half of those who brought it up must be of the crew, and ten of them', () => {
      expect(judge({})).toMatchObject({ counts: { raw: 12, authentic: 2, disputed: 10 } })
      expect(judge({ members: 9 })).toBeUndefined()
      expect(judge({ sampled: 21 })).toBeUndefined()
    })

    it('where half of the platform is tied, a crew of ten in twelve is no wonder', () => {
      expect(judge({ usualShare: 0.1 })!.pValue).toBeLessThan(1e-8)
      expect(judge({ usualShare: 0.5 })!.pValue).toBeGreaterThan(0.01)
    })

    it('goes no further than what ties the crew', () => {
      expect(judge({})!.recommendation).toBe('watch')
      const tied = clusterHistoryOf({ ties: [tieOf('links'), tieOf('devices')] })
      expect(judge({ cluster: tied })!.recommendation).toBe('limit')
      expect(judge({ cluster: clusterHistoryOf({ ties: [] }) })).toBeUndefined()
    })

    it('has no authors where they are few, or where half of the crew left them alone', () => {
      const pushed = members('author', 5).map((id) => ({ id, by: 5 }))
      expect(judge({ about: 'authors', pushed })).toMatchObject({
        ...{ role: 'author', recommendation: 'watch', cluster: { members: members('author', 5) } },
      })
      expect(judge({ about: 'authors', pushed: pushed.slice(1) })).toBeUndefined()
      expect(
        judge({ about: 'authors', pushed: [...pushed.slice(1), { id: 'other', by: 4 }] }),
      ).toBeUndefined()
    })

    it('says who else brought it up', () => {
      expect(judge({})!.exonerating).toEqual(['2 others brought it up who do not belong to the cluster.'])
    })
  })
})
