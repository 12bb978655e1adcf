import { hour } from '../../test/support/findings'
import type { AccountDetails } from '../model/finding'
import { parsePolicy } from '../policy/policy'
import { exemptionOf, highestFor } from './exemptions'

const account: AccountDetails = { accountId: 'x', grade: 'verified', category: 'news', network: 'union' }

describe('an exemption', () => {
  const granted = { owner: 'ada', reason: 'a test', from: iso(10), until: iso(20) }
  const covers = (
    exemption: object,
    { fromMs = hour(12), toMs = hour(13) }: { fromMs?: number; toMs?: number } = {},
  ): boolean => {
    const policy = parsePolicy({ exemptions: [{ ...granted, ...exemption }] })
    return exemptionOf(account, 'inflated-clicks', { fromMs, toMs }, policy) !== undefined
  }

  it.each(['accountId', 'grade', 'category', 'network'] as const)('goes by the %s', (name) => {
    expect(covers({ subject: { [name]: account[name] } })).toBe(true)
    expect(covers({ subject: { [name]: 'other' } })).toBe(false)
  })

  it('covers the offences that it names, or all', () => {
    const subject = { accountId: 'x' }
    expect(covers({ subject, offences: ['inflated-forwards', 'inflated-clicks'] })).toBe(true)
    expect(covers({ subject, offences: ['inflated-forwards'] })).toBe(false)
  })

  it('covers what is partly in its time, which ends when it says', () => {
    //  hour   8 … 10 ════ exempt ════ 20 … 22
    const subject = { accountId: 'x' }
    const span = (from: number, to: number): boolean =>
      covers({ subject }, { fromMs: hour(from), toMs: hour(to) })
    expect([span(8, 9), span(8, 10), span(19, 22), span(20, 22)]).toEqual([false, true, true, false])
  })

  it('is the first of those that cover it', () => {
    const exemptions = ['first', 'second'].map((reason) => ({
      ...granted,
      subject: { accountId: 'x' },
      reason,
    }))
    const span = { fromMs: hour(12), toMs: hour(13) }
    expect(exemptionOf(account, 'inflated-clicks', span, parsePolicy({ exemptions }))!.reason).toBe('first')
    expect(exemptionOf(account, 'inflated-clicks', span, parsePolicy({}))).toBeUndefined()
  })
})

describe('the gravest that is recommended', () => {
  it.each([
    [{}, undefined],
    [{ byGrade: { verified: 'warn' } }, 'warn'],
    [{ byCategory: { news: 'limit' } }, 'limit'],
    [{ byGrade: { verified: 'warn' }, byCategory: { news: 'limit' } }, 'warn'],
    [{ byGrade: { verified: 'limit' }, byCategory: { news: 'warn' } }, 'warn'],
    [{ byGrade: { other: 'warn' }, byCategory: { other: 'limit' } }, undefined],
  ] as const)('for %j is %s: the milder of what holds for grade and category', (highest, most) => {
    expect(highestFor(account, parsePolicy({ highest }))).toBe(most)
  })

  it('is nothing for an account of which no more is known, or that is named like what every object has', () => {
    const policy = parsePolicy({ highest: { byGrade: { undefined: 'warn' } } })
    expect(highestFor({ accountId: 'x' }, policy)).toBeUndefined()
    expect(highestFor({ accountId: 'x', grade: 'constructor' }, policy)).toBeUndefined()
  })
})

function iso(of: number): string {
  return new Date(hour(of)).toISOString()
}
