import { defaultPolicy } from '../policy/policy'
import { findAdversary } from '../simulator/adversary'
import type { Adversary } from '../simulator/adversary'
import { searchEvasion } from './evasion'
import { TrialPlatform } from './trial-platform'

const small = { units: 200, seed: 7, seeds: 1, tries: 4 }
const platform = TrialPlatform.of({ seed: small.seed }, { policy: defaultPolicy, key: new Uint8Array(16) })

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
    expect(await searchEvasion(farm, small, () => platform)).toMatchObject({ tried: 1, unseen: 0, ways: [] })
  }, 240_000)

  it('is told by ways that nobody saw, of those that the attacker can pay', async () => {
    const attacker = clicker({ actsPerAccount: [2, 1], hours: [12, 24], camouflage: [0] })
    const rich = await searchEvasion(attacker, small, () => platform)
    // Nobody is cheaper than a hundred accounts; who passes in half a day need not try a whole one.
    expect(rich).toMatchObject({ offence: 'inflated-clicks', units: 200, tried: 1, unseen: 1 })
    expect(rich.ways.map(({ cost }) => cost.accounts)).toEqual([100])
    // The same search, by somebody who cannot pay for any of it.
    const poor = { ...small, budget: { accounts: 99, hours: 100 } }
    expect(await searchEvasion(attacker, poor, () => platform)).toMatchObject({ tried: 0, ways: [] })
  }, 480_000)
})
