import { article, happens, members, onDay, ordinaryPapers, prose } from '../../../test/support/publishing'
import { at, play, standing } from '../../../test/support/timeline'
import type { ReturnHistory } from '../linked'
import { defaultsOf } from '../detector'
import { reincarnatedAccount } from './detector'

/** Three thousand others who register over a day, each with a device, a network and a name of its own. */
const ordinary = members('novice', 3000).map((account, place) =>
  happens(account, 'registered', `${6 + (place % 12)}:${place % 60}`, {
    ...{ name: prose(account, 2), subject: `person-${account}` },
  }),
)
const gone = { name: 'Golden Hour', subject: 'person-x', device: 'phone-x', network: 'home-x' }
/** `gone` is closed on Monday; on Saturday `again` registers. */
const comesBack = (known: Parameters<typeof happens>[3], closedAt = '20:00') => [
  ...ordinary,
  happens('gone', 'login', '07:00', gone),
  // By a reviewer, at a desk of his own.
  happens('gone', 'closed', closedAt, { device: 'desk', network: 'review' }),
  happens('again', 'registered', onDay(5, '09:00'), known),
]

describe('a reincarnated account', () => {
  it('is found by its verified identity, and is only watched', () => {
    //  Mon 20:00  gone is closed
    //  Sat 09:00  again is registered by the same person
    const { verdicts } = play(comesBack({ name: 'Something Else', subject: 'person-x' }))
    expect(standing(verdicts)).toEqual(['again: reincarnated-account, watch, operator'])
    expect(verdicts[0]!.elements.map(({ sentence }) => sentence)).toEqual([
      'It has the verified identity of gone, which was closed.',
    ])
    expect(verdicts[0]!.window).toEqual({ start: at('20:00'), end: at(onDay(5, '09:00')) + 1 })
  })

  it('is a case for a limit when device and name are alike, whoever it says he is', () => {
    const { verdicts } = play(comesBack({ name: 'golden hour 2', subject: 'person-y', device: 'phone-x' }))
    expect(standing(verdicts)).toEqual(['again: reincarnated-account, limit, operator'])
    expect(verdicts[0]!.cluster!.members).toEqual(['again', 'gone'])
  })

  it('is found by a name that says so, and the phone that it comes from', () => {
    const { verdicts } = play(
      comesBack({ name: 'Golden Hour is back', subject: 'person-y', device: 'phone-x' }),
    )
    expect(standing(verdicts)).toEqual(['again: reincarnated-account, limit, operator'])
  })

  it('is found by the texts that it publishes once more, and is only watched', () => {
    //  Fri 18:00  gone publishes four texts; Fri 23:00 it is closed
    //  Sat 09:00  again registers, and publishes them from 10:00 on
    const four = members('text', 4)
    const texts = (account: string, startMs: number) =>
      four.map((text, place) => article({ account, timeMs: startMs + place * 600_000, text: prose(text) }))
    const { verdicts } = play([
      ...ordinaryPapers(),
      ...texts('gone', at(onDay(4, '18:00'))),
      ...comesBack({ name: 'Something Else', subject: 'person-y' }, onDay(4, '23:00')),
      ...texts('again', at(onDay(5, '10:00'))),
    ])
    expect(standing(verdicts)).toEqual(['again: reincarnated-account, watch, operator'])
    expect(verdicts[0]!.elements[0]!.sentence).toContain('texts of gone again, within a day of each')
  })

  describe('is not', () => {
    const passes = (events: Parameters<typeof play>[0]) => {
      expect(play(events).verdicts).toEqual([])
    }

    it('somebody who chose the same name', () => {
      passes(comesBack({ name: 'Golden Hour', subject: 'person-y' }))
    })

    it('a brother in the same home, with a name and a phone of his own', () => {
      passes(comesBack({ name: 'Something Else', subject: 'person-y', network: 'home-x' }))
    })

    it('whoever registers on the desk of the reviewer that closed it', () => {
      passes(comesBack({ name: 'Something Else', subject: 'person-y', device: 'desk', network: 'review' }))
    })

    it('a second account of somebody whose first is not closed until later', () => {
      passes(comesBack({ name: 'Golden Hour 2', subject: 'person-x', device: 'phone-x' }, onDay(6, '09:00')))
    })
  })

  describe('is judged by the history alone', () => {
    type What = ReturnHistory['marks'][number]['what']
    const judge = (marks: readonly (readonly [What, number])[], compared = 1) =>
      reincarnatedAccount.judge(
        {
          ...{ accountId: 'again', closedAccountId: 'gone', eventIds: ['e'], compared },
          ...{ closedMs: at('20:00'), registeredMs: at('96:00') },
          marks: marks.map(([what, pValue]) => ({ what, pValue, sentence: `Both have one ${what}.` })),
        },
        defaultsOf(reincarnatedAccount.params),
      )

    it('a device is in its network: the two are one thing, watched and no more', () => {
      expect(judge([['device', 1e-5]])!.recommendation).toBe('watch')
      const both = judge([
        ['device', 1e-5],
        ['network', 1e-4],
      ])
      expect(both!.recommendation).toBe('watch')
      expect(both!.pValue).toBe(judge([['device', 1e-5]])!.pValue)
    })

    it('a name or a network alone is nothing, and both together are watched', () => {
      expect(judge([['name', 1e-5]])).toBeUndefined()
      expect(judge([['network', 1e-5]])).toBeUndefined()
      const both = judge([
        ['name', 1e-5],
        ['network', 1e-5],
      ])
      expect(both!.recommendation).toBe('watch')
    })

    it('is paid for: the more were closed, the more chance has to find one alike', () => {
      expect(judge([['device', 1e-5]], 1000)!.pValue).toBeCloseTo(1000 * judge([['device', 1e-5]])!.pValue, 6)
    })

    it('what many have is said, and does not count', () => {
      const found = judge([
        ['identity', 1e-7],
        ['network', 0.02],
      ])
      expect(found!.recommendation).toBe('watch')
      expect(found!.exonerating).toEqual(['Both have one network. Many others have that as well.'])
    })
  })
})
