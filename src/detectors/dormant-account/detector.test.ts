import type { TestEvent } from '../../../test/support/blocks'
import { article, happens, onDay, prose } from '../../../test/support/publishing'
import { at, play, standing } from '../../../test/support/timeline'
import { defaultsOf } from '../detector'
import { dormantAccount } from './detector'

/** Eight others who log in every day and publish every second, from Monday, 5 January 2026, for so many days. */
function others({ days, silent = [] }: { days: number; silent?: readonly number[] }): TestEvent[] {
  return Array.from({ length: days }, (_, day) => day)
    .filter((day) => !silent.includes(day))
    .flatMap((day) =>
      Array.from({ length: 8 }, (_, number): TestEvent[] => {
        const account = `other-${number}`
        const login = happens(account, 'login', onDay(day, `${8 + number}:00`))
        const timeMs = at(onDay(day, `${9 + number}:30`))
        return day % 2 === number % 2
          ? [login, article({ account, timeMs, text: prose(`${account} ${day}`) })]
          : [login]
      }).flat(),
    )
}
/** Registered on 6 January at 10:00 UTC, which is 18:00 in UTC+8: six months end with 6 July. */
const registers = happens('still', 'registered', onDay(1, '10:00'))
const after = (days: number) => [...others({ days }), registers]
/** The first day on which more than six months are over, 7 July in UTC+8, begins on day 182 at 16:00 UTC. */
const over = 184

describe('a dormant account', () => {
  it('is given notice on the first day after six months, by the calendar of UTC+8', () => {
    //  6 January 18:00              6 July       7 July 00:00
    //  registered ···· nothing ···· six months   notice!
    const { verdicts } = play(after(over))
    expect(standing(verdicts)).toEqual(['still: dormant-account, warn, operator'])
    const [verdict] = verdicts
    expect(verdict!.window).toEqual({ start: at(onDay(1, '10:00')), end: at(onDay(182, '16:00')) })
    expect(verdict!.detectedAt).toBeGreaterThanOrEqual(at(onDay(182, '16:00')))
    expect(verdict!.detectedAt).toBeLessThan(at(onDay(183, '09:00')))
    expect(verdict!.evidence.eventIds).toEqual([registers.id])
    expect(verdict!.elements.map(({ sentence }) => sentence)).toEqual([
      'It was registered on 2026-01-06 (UTC+8).',
      'From its registration on there is no login, no change of name and no transfer until 2026-07-07, for 181 days.',
      'In the same time it published nothing, and whoever registered it did nothing on it.',
      'The stream carried logins and posts of other accounts all the time.',
      'A login, a post or any other use until 2026-08-06 (UTC+8) clears this; nothing is to be closed without it being given notice.',
    ])
  })

  it('is cleared by a login within the notice', () => {
    const login = happens('still', 'login', onDay(190, '12:00'))
    const { verdicts } = play([...after(192), login])
    expect(verdicts.map(({ status, recommendation }) => `${status}: ${recommendation}`)).toEqual([
      'raised: warn',
      'cleared: watch',
    ])
    expect(verdicts[1]).toMatchObject({ verdictId: verdicts[0]!.verdictId, revision: 2 })
    expect(verdicts[1]!.elements[0]!.sentence).toBe('It was used on 2026-07-14 (UTC+8).')
    expect(verdicts[1]!.evidence.eventIds).toEqual([login.id])
  })

  it('is told once, and not cleared by a login after the notice', () => {
    const { verdicts } = play([...after(222), happens('still', 'login', onDay(221, '06:00'))])
    expect(verdicts.map(({ status }) => status)).toEqual(['raised'])
  })

  it('is cleared until the last day of the notice is over, and not at the next moment', () => {
    //  7 July        6 August 24:00 in UTC+8, which is 16:00 UTC of day 213
    //  notice ······ login clears │ login does not
    const login = (clock: string) => happens('still', 'login', onDay(213, clock))
    const statusesAfter = (event: TestEvent) =>
      play([...after(215), event]).verdicts.map(({ status }) => status)
    expect(statusesAfter({ ...login('15:59'), timeMs: at(onDay(213, '16:00')) - 1 })).toEqual([
      'raised',
      'cleared',
    ])
    expect(statusesAfter(login('16:00'))).toEqual(['raised'])
  })

  it('whose stream has a gap has its six months from there on', () => {
    //  day 1        day 40, 41     day 222
    //  registered   nobody at all  six months after the gap
    const events = [...others({ days: 226, silent: [40, 41] }), registers]
    const { verdicts } = play(events)
    expect(standing(verdicts)).toEqual(['still: dormant-account, warn, operator'])
    expect(verdicts[0]!.window.start).toBe(at(onDay(42, '09:30')))
    expect(verdicts[0]!.elements[1]!.sentence).toMatch(
      /^From 2026-02-16 on, where the stream is without a gap/,
    )
    expect(play(events.filter(({ timeMs }) => timeMs < at(onDay(215, '0:00')))).verdicts).toEqual([])
  })

  it('is found the same when the state is saved and restored again and again', () => {
    const events = [...after(192), happens('still', 'login', onDay(190, '12:00'))]
    expect(play(events, { restartAt: at(onDay(170, '0:00')) }).verdicts).toEqual(play(events).verdicts)
  })

  it('costs the budget nothing and earns it nothing', () => {
    const { verdicts } = play(after(over))
    expect(verdicts[0]).toMatchObject({ pValue: 0, qValue: 0 })
  })

  describe('is not', () => {
    const passes = (events: readonly TestEvent[]) => {
      expect(play(events).verdicts).toEqual([])
    }

    it('an account of which six months are not over', () => {
      passes(others({ days: 182 }).concat(registers))
    })

    it('one that somebody logged in to, in the fifth month', () => {
      passes([...after(over), happens('still', 'login', onDay(150, '3:00'))])
    })

    it('one that a program publishes for, though nobody logs in', () => {
      const timeMs = at(onDay(160, '4:00'))
      passes([...after(over), article({ account: 'still', timeMs, text: prose('by itself') })])
    })

    it('one that was renamed, or given to another', () => {
      passes([...after(over), happens('still', 'renamed', onDay(20, '3:00'))])
      passes([...after(over), happens('still', 'transferred', onDay(20, '3:00'))])
    })

    it('one whose owner answers its readers', () => {
      const answer: TestEvent = {
        ...{ id: 'answer', kind: 'comment', account: 'still', actor: 'still', timeMs: at(onDay(90, '5:00')) },
        text: 'thank you all',
      }
      passes([...after(over), answer])
    })

    it('one that was closed', () => {
      passes([...after(over), happens('still', 'closed', onDay(20, '3:00'), { device: 'desk' })])
    })

    it('one whose registration was not seen', () => {
      passes(others({ days: over }))
    })

    it('anybody where the platform does not send logins', () => {
      passes(after(over).filter(({ action }) => action !== 'login'))
    })

    it('anybody where most of the stream was missing for a day', () => {
      const most = ({ timeMs, account }: TestEvent) =>
        timeMs < at(onDay(90, '0:00')) || timeMs >= at(onDay(92, '0:00')) || /still|[27]/.test(account!)
      passes(after(over).filter(most))
    })
  })

  it('is judged by the history alone: the notice is as long as the policy says', () => {
    const history = {
      ...{ accountId: 'still', eventId: 'e', registeredMs: at('10:00'), sinceMs: at('10:00') },
      asOfMs: at(onDay(183, '16:00')),
    }
    const found = dormantAccount.judge(history, { ...defaultsOf(dormantAccount.params), noticeDays: 60 })
    expect(found).toMatchObject({ isFact: true, recommendation: 'warn' })
    expect(found!.waitsUntilMs).toBe(at(onDay(244, '16:00')))
  })
})
