import { controlPValue } from '../detectors/control'
import { defaultPolicy, parsePolicy } from '../policy/policy'
import { isGraver, linkedRungFor, rungBelow, rungFor, rungs } from './ladder'

const strict = parsePolicy({ ladder: { suspend: {}, close: { earlierOffences: 1 } } }).ladder

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
      const evidence = {
        controlEvents: operator,
        controlPValue: 1,
        disputed: made,
        confirmations: 9,
        earlierOffences: 9,
      }
      expect(rungFor(evidence, defaultPolicy.ladder)).toEqual({ recommendation: rung, role })
    },
  )

  it.each([
    // Confirmed by nobody, by one, by two; as a first offence, and after one that people confirmed.
    { people: 0, earlier: 1, rung: 'limit' },
    { people: 1, earlier: 0, rung: 'suspend' },
    { people: 2, earlier: 0, rung: 'suspend' },
    { people: 2, earlier: 1, rung: 'close' },
  ])(
    'has $rung with $people people behind it and $earlier earlier offences, where the policy goes that far',
    ({ people, earlier, rung }) => {
      const evidence = {
        controlEvents: 50,
        controlPValue: 1,
        disputed: 200,
        confirmations: people,
        earlierOffences: earlier,
      }
      expect(rungFor(evidence, strict).recommendation).toBe(rung)
      // People cannot make up for evidence of control that is not there.
      expect(rungFor({ ...evidence, controlEvents: 49 }, strict).recommendation).toBe('warn')
      expect(rungFor({ ...evidence, controlEvents: 0 }, strict).recommendation).toBe('correct-count')
      // Control that is inferred, however surely, warns and no more.
      const inferred = { ...evidence, controlEvents: 0, controlPValue: 1e-9 }
      expect(rungFor(inferred, strict)).toEqual({ recommendation: 'warn', role: 'operator' })
      expect(rungFor({ ...inferred, controlPValue: 0 }, strict).recommendation).toBe('warn')
      const { controlPValue: bar } = strict.warn
      expect(rungFor({ ...inferred, controlPValue: bar }, strict).recommendation).toBe('warn')
      expect(rungFor({ ...inferred, controlPValue: 2e-3 }, strict).recommendation).toBe('correct-count')
      // The detector of linked accounts has weighed the evidence of control; only people are asked for.
      const limited = { recommendation: 'limit', role: 'operator' } as const
      const noNumbers = { ...evidence, controlEvents: 0, disputed: 0 }
      expect(linkedRungFor(limited, noNumbers, strict)).toEqual({ recommendation: rung, role: 'operator' })
      const warned = { recommendation: 'warn', role: 'operator' } as const
      expect(linkedRungFor(warned, noNumbers, strict)).toEqual(warned)
      // Who took no part in it is not limited further, and nobody is by what carries less than was found.
      const bystander = { recommendation: 'limit', role: 'beneficiary' } as const
      expect(linkedRungFor(bystander, noNumbers, strict)).toEqual(bystander)
      const closed = { recommendation: 'close', role: 'operator' } as const
      expect(linkedRungFor(closed, noNumbers, strict)).toEqual(closed)
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
    const evidence = {
      ...{ controlEvents: 0, controlPValue: controlPValue(control), disputed: 1_000_000 },
      ...{ confirmations: 0, earlierOffences: 0 },
    }
    expect(rungFor(evidence, defaultPolicy.ladder).recommendation).toBe(rung)
  })

  it('has its rungs in order', () => {
    rungs.forEach((rung, index) => {
      expect(rungs.filter((other) => isGraver(rung, other))).toEqual(rungs.slice(0, index))
    })
  })

  it('knows the rung below each', () => {
    expect(rungs.map(rungBelow)).toEqual(['watch', 'watch', 'correct-count', 'warn', 'limit', 'suspend'])
  })

  it('lets every rung expire', () => {
    for (const rung of rungs) expect(defaultPolicy.ladder.expiryDays[rung]).toBeGreaterThan(0)
  })
})
