import type { Burst } from '../burst'
import { prepare } from '../simulation'
import type { Settings } from './adversary'
import { adversaries, findAdversary } from './index'

const units = 60
const platform = { scenario: 'quiet', hours: 24, events: 4_000, accounts: 80, actors: 1_000, seed: 3 }

/** What an attacker plans who is as careful as he can be, or as careless. */
function planned(offence: string, end: 'careful' | 'careless'): { burst: Burst; accounts: number } {
  const adversary = findAdversary(offence)
  const settings: Settings = Object.fromEntries(
    Object.entries(adversary.knobs).map(([knob, values]) => [
      knob,
      end === 'careful' ? values[values.length - 1]! : values[0]!,
    ]),
  )
  let made: { burst: Burst; accounts: number } | undefined
  prepare(platform, (open) => {
    const { bursts, accounts } = adversary.plan(
      open('attacker').confined({ learningHours: 8, hours: 12 }),
      units,
      settings,
    )
    made = { burst: bursts[0]!, accounts }
    return bursts
  })
  return made!
}

describe('an attacker', () => {
  it.each(adversaries.map(({ offence }) => offence))('on %s does what he is labelled with', (offence) => {
    for (const end of ['careful', 'careless'] as const) {
      const { burst, accounts } = planned(offence, end)
      expect(burst).toMatchObject({ offence, accountLabel: 'fraud', actorLabel: 'fraud' })
      expect(burst.deeds.length).toBeGreaterThanOrEqual(units)
      expect(accounts).toBeGreaterThan(0)
    }
  })

  it.each(['subscription', 'click', 'forward', 'comment'])('adds as many %ss as he wants', (kind) => {
    const { burst } = planned(`inflated-${kind}s`, 'careful')
    const bought = burst.deeds.filter((deed) => deed.kind === kind && 'isBought' in deed && deed.isBought)
    expect(bought).toHaveLength(units)
  })

  it('needs fewer accounts where each acts again and again', () => {
    expect(planned('inflated-clicks', 'careful').accounts).toBe(units)
    expect(planned('inflated-clicks', 'careless').accounts).toBe(1)
  })

  it('registers as many accounts as he wants, on a phone each where he is careful', () => {
    const { burst, accounts } = planned('bulk-registration', 'careful')
    expect(accounts).toBe(units)
    expect(burst.deeds.filter((deed) => deed.kind === 'account')).toHaveLength(units)
  })

  it('is none for an offence that nobody was taught', () => {
    expect(() => findAdversary('dormant-account')).toThrow(/nobody is set on "dormant-account"/)
  })
})
