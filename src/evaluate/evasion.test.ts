import { defaultPolicy } from '../policy/policy'
import { findAdversary } from '../simulator/adversary'
import type { Adversary } from '../simulator/adversary'
import { searchEvasion } from './evasion'

const judge = { policy: defaultPolicy, key: new Uint8Array(16) }
const small = { units: 200, seed: 7, heldOutSeeds: 0, rounds: 1, attackers: 3 }

/** The attacker on clicks, who can do nothing but what is said here. */
function clicker(knobs: Adversary['knobs']): Adversary {
  const usual = findAdversary('inflated-clicks')
  return { ...usual, knobs: { ...usual.knobs, ...knobs } }
}

describe('the cost to evade', () => {
  it('is unknown where every way that there is was seen', async () => {
    // New accounts, ten a phone on three rented lines, that leave at once, at an even beat within the hour.
    const farm = clicker({
      actsPerAccount: [5],
      hours: [1],
      accountsPerDevice: [10],
      lines: [3],
      ageDays: [1],
      pace: ['steady'],
      dwellMs: [1_400],
      camouflage: [0],
    })
    const alone = { ...small, attackers: 1 }
    expect(await searchEvasion(farm, alone, judge)).toMatchObject({ tried: 1, unseen: 0, ways: [] })
  }, 240_000)

  it('is told by ways that nobody saw, of those that the attacker can pay', async () => {
    const attacker = clicker({ actsPerAccount: [2, 1], hours: [12, 24] })
    const rich = await searchEvasion(attacker, small, judge)
    expect(rich).toMatchObject({ offence: 'inflated-clicks', units: 200, tried: 3 })
    expect(rich.ways.length).toBeGreaterThan(0)
    for (const way of rich.ways) {
      const better = rich.ways.filter(
        ({ cost }) => cost.accounts <= way.cost.accounts && cost.hours <= way.cost.hours,
      )
      expect(better).toEqual([way])
    }
    // The same search, by somebody who cannot pay for any of it.
    const poor = { ...small, budget: { accounts: 99, hours: 100 } }
    expect(await searchEvasion(attacker, poor, judge)).toEqual({ ...rich, ways: [] })
  }, 480_000)
})
