import { disputed } from '../../test/support/findings'
import { defaultPolicy } from '../policy/policy'
import { isGraver, rungFor, rungs } from './ladder'

describe('the ladder', () => {
  it.each([
    // Anybody can buy traffic for a rival: however much it is, the number is corrected and nobody is to blame.
    { made: 100, operator: 0, rung: 'correct-count', role: 'beneficiary' },
    { made: 1_000_000, operator: 0, rung: 'correct-count', role: 'beneficiary' },
    // A few from the operator's device may be a family at one tablet.
    { made: 100, operator: 4, rung: 'correct-count', role: 'beneficiary' },
    { made: 100, operator: 5, rung: 'warn', role: 'operator' },
    // Much of it, and many of them from the own device.
    { made: 199, operator: 199, rung: 'warn', role: 'operator' },
    { made: 200, operator: 49, rung: 'warn', role: 'operator' },
    { made: 200, operator: 50, rung: 'limit', role: 'operator' },
    { made: 1_000_000, operator: 1_000_000, rung: 'limit', role: 'operator' },
  ])(
    'has $rung for $made made events, $operator of them on the own device',
    ({ made, operator, rung, role }) => {
      expect(
        rungFor({ counts: disputed(made), operatorEvents: operator, control: [] }, defaultPolicy.ladder),
      ).toEqual({
        recommendation: rung,
        role,
      })
    },
  )

  it.each([
    // Made events before several posts: a warning, however much it is; the graver rungs need the device itself.
    { test: 'before-publication', pValue: 1e-9, rung: 'warn' },
    { test: 'before-publication', pValue: 0.01, rung: 'correct-count' },
    // A rival can be as punctual as he likes.
    { test: 'repeat-timing', pValue: 1e-30, rung: 'correct-count' },
    { test: 'operator-network', pValue: 1e-30, rung: 'correct-count' },
  ] as const)('has $rung for $test with a chance of $pValue', ({ test, pValue, rung }) => {
    const control = [{ test, observed: 6, outOf: 8, expected: 0.2, pValue }]
    const evidence = { counts: disputed(1_000_000), operatorEvents: 0, control }
    expect(rungFor(evidence, defaultPolicy.ladder).recommendation).toBe(rung)
  })

  it('has its rungs in order', () => {
    rungs.forEach((rung, index) => {
      expect(rungs.filter((other) => isGraver(rung, other))).toEqual(rungs.slice(0, index))
    })
  })

  it('lets every rung expire', () => {
    for (const rung of rungs) expect(defaultPolicy.ladder.expiryDays[rung]).toBeGreaterThan(0)
  })
})
