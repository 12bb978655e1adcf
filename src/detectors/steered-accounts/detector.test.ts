import {
  article,
  deed,
  happens,
  inTurns,
  members,
  ordinaryPapers,
  ordinaryReaders,
  prose,
} from '../../../test/support/publishing'
import type { Deed } from '../../../test/support/publishing'
import { clusterHistoryOf, tieOf } from '../../../test/support/linked'
import { at, play, standing } from '../../../test/support/timeline'
import { defaultsOf } from '../detector'
import { steeredAccounts } from './detector'

const ordinary = [...ordinaryPapers(), ...ordinaryReaders()]
/** At each turn all pass on the same article, each time of another paper. */
const passingOn = (actors: readonly string[], more: Pick<Partial<Deed>, 'device' | 'network'> = {}) =>
  inTurns(actors, (actor, { turn, timeMs }) => {
    const account = `paper-${turn * 5}`
    return deed({ kind: 'forward', actor, on: { account, content: `${account}-0`, timeMs }, ...more })
  })
/** At each turn all publish something of their own with one and the same link. */
const linking = (accounts: readonly string[]) =>
  inTurns(accounts, (account, { turn, timeMs }) =>
    article({
      ...{ account, timeMs, text: prose(`${account} at ${turn}`) },
      link: `https://shop.example/${turn}`,
    }),
  )

describe('steered accounts', () => {
  it('are found when eight readers pass on the same eight papers at the same time, and are only watched', () => {
    //  Mon 10    15    Tue 10    15     …
    //  paper-0  -5      -10     -15          hand-0 … hand-7 pass on one article of it, two minutes apart
    const { verdicts, clusters } = play([...ordinary, ...passingOn(members('hand', 8))])
    expect(standing(verdicts)).toEqual([expect.stringMatching(/^hand-\d: steered-accounts, watch, engager$/)])
    expect(members('hand', 8)).toEqual(expect.arrayContaining([...verdicts[0]!.cluster!.members]))
    // Once it is known who belongs to the crew, what he does counts as a crew's in every account's numbers.
    const joined = clusters.flatMap(({ memberships }) =>
      memberships.filter(({ cluster }) => cluster !== null),
    )
    expect(new Set(joined.map(({ node }) => node)).size).toBe(8)
    expect(verdicts[0]!.subject.type).toBe('cluster')
    expect(verdicts[0]!.elements.map(({ element }) => element)).toEqual(['false-traffic'])
  })

  it('are a case for a limit when they share a phone, and are found when they are three', () => {
    const { verdicts } = play([...ordinary, ...passingOn(members('hand', 3), { device: 'shelf' })])
    expect(standing(verdicts)).toEqual([expect.stringMatching(/^hand-\d: steered-accounts, limit, engager$/)])
    const elements = verdicts.at(-1)!.elements.map(({ element }) => element)
    expect(elements).toEqual(['false-traffic', 'common-control'])
  })

  it('are found when papers push the same links in texts of their own', () => {
    const { verdicts } = play([...ordinaryPapers(), ...linking(members('pusher', 6))])
    expect(standing(verdicts)).toEqual([
      expect.stringMatching(/^pusher-\d: steered-accounts, watch, operator$/),
    ])
  })

  describe('are not', () => {
    const passes = (events: Parameters<typeof play>[0], beside = ordinary) => {
      const { verdicts, clusters } = play([...beside, ...events])
      expect(verdicts).toEqual([])
      return new Set(clusters.flatMap(({ exempt }) => exempt.map(({ reason }) => reason)))
    }

    it('a family on one tablet, each of whom passes on what he likes', () => {
      const family = inTurns(members('child', 4), (actor, { turn, timeMs }) => {
        const { account, content } = ordinary[(turn * 37 + Number(actor.at(-1)) * 101) % 960]!
        const on = { account: account!, content: content!, timeMs }
        return deed({ kind: 'forward', actor, on, device: 'tablet', network: 'home' })
      })
      expect(passes(family)).toEqual(new Set())
    })

    it('a class that comments on three papers in three lessons, from one network', () => {
      const lessons = [9, 10, 11].flatMap((hour) =>
        members('pupil', 30).map((actor, place) => {
          const account = `paper-${hour}`
          const on = { account, content: `${account}-0`, timeMs: at(`${24 + hour}:00`) + place * 60_000 }
          return deed({ kind: 'comment', actor, on, network: 'school' })
        }),
      )
      expect(passes(lessons)).toEqual(new Set())
    })

    it('two hundred who want to win a phone, all in the same words', () => {
      const players = members('player', 200).map((actor, place) => {
        const on = { account: 'paper-3', content: 'paper-3-0', timeMs: at('33:00') + place * 15_000 }
        return deed({ kind: 'comment', actor, on, text: 'I want to win the phone, please choose me today' })
      })
      expect(passes(players)).toEqual(new Set())
    })

    it('eight fans who read and pass on at once whatever one paper publishes', () => {
      const fans = inTurns(members('fan', 8), (actor, { turn, timeMs }) =>
        deed({ kind: 'forward', actor, on: { account: 'paper-3', content: `paper-3-${turn}`, timeMs } }),
      )
      expect(passes(fans)).toEqual(new Set())
    })

    it('papers of one declared house that link to each other', () => {
      const house = members('pusher', 6)
      const declared = house.map((paper) =>
        happens(paper, 'registered', '06:00', { 'declared-network': 'one-house' }),
      )
      expect([...passes([...declared, ...linking(house)], ordinaryPapers())]).toEqual([
        'they belong to one network that is openly declared',
      ])
    })
  })

  describe('are judged by the history alone', () => {
    const judge = (described: Parameters<typeof clusterHistoryOf>[0]) =>
      steeredAccounts.judge(clusterHistoryOf(described), defaultsOf(steeredAccounts.params))
    const hands = (count: number) => members('hand', count).map((id) => ({ id, isAccount: false }))

    it('acting together or pushing the same links is what it takes, alike texts are another offence', () => {
      expect(judge({ ties: [tieOf('joint-action')] })).toMatchObject({ recommendation: 'watch' })
      expect(judge({ ties: [tieOf('links')] })).toMatchObject({ recommendation: 'watch' })
      expect(judge({ ties: [tieOf('texts'), tieOf('devices')] })).toBeUndefined()
      expect(judge({ ties: [tieOf('joint-action', { pValue: 1e-3 })] })).toBeUndefined()
    })

    it('four are too few, unless something shows who controls them', () => {
      expect(judge({ members: hands(4), ties: [tieOf('joint-action')] })).toBeUndefined()
      const few = judge({ members: hands(4), ties: [tieOf('joint-action'), tieOf('operators')] })
      expect(few).toMatchObject({ recommendation: 'limit', role: 'engager' })
    })

    it('one verified identity is openly shown, and one network is where people are', () => {
      const withTie = (family: Parameters<typeof tieOf>[0]) =>
        judge({ ties: [tieOf('joint-action'), tieOf(family)] })!.recommendation
      expect(withTie('identities')).toBe('watch')
      expect(withTie('networks')).toBe('warn')
      expect(withTie('devices')).toBe('limit')
    })

    it('what two of five have in common says nothing of the others', () => {
      const withDevices = (count: number) =>
        judge({ ties: [tieOf('joint-action'), tieOf('devices', { members: count })] })!.recommendation
      expect(withDevices(2)).toBe('watch')
      expect(withDevices(3)).toBe('limit')
    })

    it('what was looked at and speaks for them is said', () => {
      const shared = judge({ ties: [tieOf('joint-action'), tieOf('networks', { pValue: 0.3 })] })
      expect(shared!.recommendation).toBe('watch')
      expect(shared!.exonerating[0]).toBe('They share networks no more than others do.')
    })
  })
})
