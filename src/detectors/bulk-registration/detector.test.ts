import { happens, members, prose } from '../../../test/support/publishing'
import { at, play, standing } from '../../../test/support/timeline'
import type { RegistrationHistory } from '../linked'
import { defaultsOf } from '../detector'
import { bulkRegistration } from './detector'

/** What an honest day brings: three hundred accounts, each from a device, a network and a person of its own. */
const ordinary = members('novice', 300).map((account, place) =>
  happens(account, 'registered', `${6 + (place % 12)}:${place % 60}`, {
    ...{ name: prose(account, 2), subject: `person-${account}` },
  }),
)
type Known = Parameters<typeof happens>[3]
/** So many accounts register from nine on, one a minute. */
const registering = (count: number, known: (account: string, place: number) => Known) =>
  members('row', count).map((account, place) =>
    happens(account, 'registered', `9:${place}`, known(account, place)),
  )

describe('bulk registration', () => {
  it('is found when twelve accounts with names of one pattern come from one device', () => {
    //  09:00 ─────────── 09:11
    //  | | | | | | | | | | | |     Lucky Cat 0, Lucky Cat 7, … Lucky Cat 77
    const row = registering(12, (_, place) => ({ device: 'shelf', name: `Lucky Cat ${place * 7}` }))
    const { verdicts } = play([...ordinary, ...row])
    expect(standing(verdicts)).toEqual(['row-0: bulk-registration, limit, operator'])
    const [verdict] = verdicts
    expect(verdict!.detectedAt).toBeLessThan(at('09:10'))
    expect(verdict!.cluster).toMatchObject({ id: 'r-row-0', size: 10 })
    expect(verdict!.elements.map(({ element }) => element)).toEqual(['common-control', 'batch'])
  })

  it('is found behind a proxy, a device each, by names of one pattern', () => {
    const row = registering(12, (_, place) => ({ network: 'proxy', name: `Lucky Cat ${place * 7}` }))
    expect(standing(play([...ordinary, ...row]).verdicts)).toEqual([
      'row-0: bulk-registration, limit, operator',
    ])
  })

  it('is found when one verified identity registers a row of accounts', () => {
    const row = registering(10, (account) => ({ subject: 'person-x', name: prose(account, 2) }))
    expect(standing(play([...ordinary, ...row]).verdicts)).toEqual([
      'row-0: bulk-registration, watch, operator',
    ])
  })

  it('is one case for as long as it goes on', () => {
    //  Mon 09:00 … Tue 09:00 … Wed 09:00      one every two hours from one device
    const drip = Array.from({ length: 30 }, (_, place) =>
      happens(`drip-${place}`, 'registered', `${9 + place * 2}:00`, {
        ...{ device: 'shelf', name: prose(`drip-${place}`, 2) },
      }),
    )
    const { verdicts } = play([...ordinary, ...drip])
    expect(new Set(verdicts.map(({ verdictId }) => verdictId)).size).toBe(1)
  })

  it('is only watched when forty persons, each verified, register on the tablet of a stand', () => {
    const stand = registering(40, (account) => ({
      ...{ device: 'tablet', network: 'fair', subject: `person-${account}`, name: prose(account, 2) },
    }))
    const { verdicts } = play([...ordinary, ...stand])
    expect(standing(verdicts)).toEqual(['row-0: bulk-registration, watch, operator'])
    expect(verdicts[0]!.exonerating).toEqual(['They have nothing else in common.'])
  })

  describe('is not', () => {
    it('an office that registers forty accounts at a fair, on a phone each', () => {
      const office = registering(40, (account) => ({
        ...{ network: 'fair', subject: `person-${account}`, name: prose(account, 2) },
      }))
      expect(play([...ordinary, ...office]).verdicts).toEqual([])
    })

    it('a city that opens accounts for its offices on one desk, and declares them as one network', () => {
      const offices = registering(20, (_, place) => ({
        ...{ device: 'desk', name: `City Office ${place}`, 'declared-network': 'the-city' },
      }))
      const { verdicts, clusters } = play([...ordinary, ...offices])
      expect(verdicts).toEqual([])
      const [first] = clusters.flatMap(({ exempt }) => exempt)
      expect(first).toMatchObject({
        ...{ offence: 'bulk-registration', reason: 'they belong to one network that is openly declared' },
      })
    })

    it('nine accounts of one family of shops', () => {
      const shops = registering(9, (_, place) => ({ device: 'till', name: `Corner Shop ${place}` }))
      expect(play([...ordinary, ...shops]).verdicts).toEqual([])
    })
  })

  describe('is judged by the history alone', () => {
    const judge = (described: Partial<RegistrationHistory>) =>
      bulkRegistration.judge(
        {
          ...{ id: 'r-row-0', origin: 'device', accountIds: members('row', 12), eventIds: ['e'] },
          ...{ window: { start: at('09:00'), end: at('10:00') }, expected: 1.1, sharing: [] },
          ...described,
        },
        defaultsOf(bulkRegistration.params),
      )

    it('one device is watched, and limited with a second thing that half of them have', () => {
      expect(judge({})!.recommendation).toBe('watch')
      expect(judge({ sharing: [{ what: 'name', accounts: 5 }] })!.recommendation).toBe('watch')
      expect(judge({ sharing: [{ what: 'name', accounts: 6 }] })!.recommendation).toBe('limit')
    })

    it('one network alone says nothing', () => {
      expect(judge({ origin: 'network' })).toBeUndefined()
      expect(judge({ origin: 'network', sharing: [{ what: 'name', accounts: 12 }] })).toBeDefined()
    })

    it('where a device usually brings eight a day, twelve are no wonder', () => {
      expect(judge({ expected: 8 })!.pValue).toBeGreaterThan(0.05)
    })
  })
})
