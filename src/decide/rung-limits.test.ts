import type { Recommendation } from '../model/records'
import { parsePolicy } from '../policy/policy'
import { Precision } from './precision'
import { RungLimits } from './rung-limits'
import type { Limited } from './rung-limits'

describe('the limits of the policy', () => {
  it('leave a rung as it is where nothing bites, and say nothing', () => {
    expect(allowed('limit')).toEqual({ rung: { recommendation: 'limit', role: 'operator' }, elements: [] })
  })

  it('keep it below what a grade may have, and say so', () => {
    const policy = parsePolicy({ highest: { byGrade: { verified: 'warn' } } })
    const account = { accountId: 'x', grade: 'verified' }
    const { rung, elements } = allowed('limit', { policy, now: { account } })
    expect(rung).toEqual({ recommendation: 'warn', role: 'operator' })
    expect(elements).toEqual([
      {
        ...{ element: 'limit-of-policy', test: 'highest of its grade and category' },
        ...{ observed: 0, expected: 0, pValue: 1 },
        sentence: 'The policy recommends no more than warn for accounts of this grade or category.',
      },
    ])
    // What is no graver anyway is not kept below anything.
    expect(allowed('warn', { policy, now: { account } }).elements).toEqual([])
  })

  it('keep it at a correction while the detector is often wrong, and say how often', () => {
    const limits = new RungLimits(wrongly(3))
    const { rung, elements } = allowed('warn', { limits })
    expect(rung.recommendation).toBe('correct-count')
    expect(elements).toMatchObject([{ test: 'precision by review', expected: 0.9 }])
    expect(elements[0]!.sentence).toBe(
      'Reviewers hold 86.9 % of what inflated-clicks says to be right; below 90.0 % it only corrects numbers.',
    )
    expect(allowed('watch', { limits })).toEqual({
      rung: { recommendation: 'watch', role: 'operator' },
      elements: [],
    })
    expect(allowed('warn', { limits, now: { detector: 'inflated-forwards' } }).rung.recommendation).toBe(
      'warn',
    )
  })

  it('do not while it is right exactly as often as it must be', () => {
    const precision = wrongly(3)
    const least = precision.of('inflated-clicks', now, parsePolicy({}))
    const policy = parsePolicy({ precision: { least } })
    expect(allowed('warn', { limits: new RungLimits(precision), policy }).rung.recommendation).toBe('warn')
  })

  it('keep what is new below a quota of the day that is taken, down to a rung that has room', () => {
    //  limit 2 a day, warn 0, correct-count 0: the third is left with nothing but watching
    const policy = parsePolicy({ quotas: { limit: 2, warn: 0, 'correct-count': 0 } })
    const limits = new RungLimits(new Precision())
    expect(allowed('limit', { limits, policy }).rung.recommendation).toBe('limit')
    for (const verdictId of ['v-1', 'v-2'])
      limits.take({ mode: 'live', verdictId, recommendation: 'limit' }, now)
    const { rung, elements } = allowed('limit', { limits, policy })
    expect(rung.recommendation).toBe('watch')
    expect(elements.map(({ test, observed, expected }) => [test, observed, expected])).toEqual([
      ['quota of the day', 2, 2],
      ['quota of the day', 0, 0],
      ['quota of the day', 0, 0],
    ])
    expect(elements[0]!.sentence).toBe('2 verdicts have reached limit on this day, and the policy allows 2.')
    // What it has come to before takes no new place.
    expect(allowed('limit', { limits, policy, now: { recommendation: 'limit' } }).rung.recommendation).toBe(
      'limit',
    )
  })

  it('count neither what is on trial nor what was found wrong, and begin anew with the day', () => {
    const policy = parsePolicy({ quotas: { limit: 1 } })
    const limits = new RungLimits(new Precision())
    const rungAt = (atMs: number, mode: Limited['mode'] = 'live'): string =>
      allowed('limit', { limits, policy, atMs, now: { mode } }).rung.recommendation
    limits.take({ mode: 'shadow', verdictId: 'v-0', recommendation: 'limit' }, now)
    expect(rungAt(now)).toBe('limit')
    limits.take({ mode: 'live', verdictId: 'v-1', recommendation: 'limit' }, now)
    expect([rungAt(now), rungAt(now, 'shadow')]).toEqual(['warn', 'limit'])
    limits.giveBack('v-9')
    expect(rungAt(now)).toBe('warn')
    limits.giveBack('v-1')
    expect(rungAt(now)).toBe('limit')
    limits.take({ mode: 'live', verdictId: 'v-2', recommendation: 'limit' }, now)
    const again = new RungLimits(new Precision())
    again.restore(limits.state())
    expect(allowed('limit', { limits: again, policy }).rung.recommendation).toBe('warn')
    expect([rungAt(now + 12 * hourMs - 1), rungAt(now + 12 * hourMs)]).toEqual(['warn', 'limit'])
  })
})

const hourMs = 3_600_000
/** Noon. */
const now = Date.UTC(2026, 0, 5, 12)

function allowed(
  recommendation: Recommendation,
  {
    limits = new RungLimits(new Precision()),
    policy = parsePolicy({}),
    atMs = now,
    now: described = {},
  }: {
    readonly limits?: RungLimits
    readonly policy?: ReturnType<typeof parsePolicy>
    readonly atMs?: number
    readonly now?: Partial<Limited>
  } = {},
): ReturnType<RungLimits['allowed']> {
  const limited: Limited = {
    account: { accountId: 'x' },
    ...{ detector: 'inflated-clicks', mode: 'live', recommendation: 'watch' },
    ...described,
  }
  return limits.allowed({ recommendation, role: 'operator' }, limited, { atMs, policy })
}

/** What reviewers hold of a detector of which so many were overturned just now. */
function wrongly(times: number): Precision {
  const precision = new Precision()
  for (let i = 0; i < times; i++) precision.add('inflated-clicks', 'overturned', now, parsePolicy({}))
  return precision
}
