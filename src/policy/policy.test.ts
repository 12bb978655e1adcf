import { z } from 'zod'
import { allDetectors } from '../detectors'
import { defaultsOf, settingsOf } from '../detectors/detector'
import { SettingsError } from '../model/errors'
import { recommendations } from '../model/records'
import { defaultPolicy, parsePolicy, policySchema } from './policy'

describe('a policy', () => {
  it('is whole when nothing is written: every detector live, with its own defaults', () => {
    expect(parsePolicy({})).toEqual(defaultPolicy)
    expect(Object.keys(defaultPolicy.detectors)).toEqual(allDetectors.map(({ name }) => name))
    for (const { name, params } of allDetectors) {
      expect(defaultPolicy.detectors[name]).toEqual({ mode: 'live', ...defaultsOf<object>(params) })
    }
    expect(Object.keys(defaultPolicy.ladder.expiryDays)).toEqual([...recommendations])
  })

  it('takes what is written and leaves the rest at its defaults', () => {
    const policy = parsePolicy({
      oneWrongIn: 100,
      detectors: { 'inflated-clicks': { mode: 'shadow', minCount: 50 } },
    })
    expect(policy.oneWrongIn).toBe(100)
    expect(policy.detectors['inflated-clicks']).toMatchObject({
      mode: 'shadow',
      minCount: 50,
      minDisputed: 20,
    })
    expect(policy.detectors['inflated-forwards']).toEqual(defaultPolicy.detectors['inflated-forwards'])
    expect(policy.caseHours).toBe(24)
  })

  it('can be printed and read back', () => {
    const policy = parsePolicy({
      version: 'strict-2',
      detectors: { 'inflated-comments': { traitPValue: 1e-6 } },
    })
    expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy)
  })

  it.each([
    ['an unknown setting', { oneWrongInn: 100 }, /oneWrongInn/],
    ['an unknown detector', { detectors: { 'inflated-hopes': {} } }, /detectors: .*inflated-hopes/],
    ['an unknown setting of a detector', { detectors: { 'inflated-clicks': { minClicks: 3 } } }, /minClicks/],
    [
      'a number out of its bounds',
      { detectors: { 'inflated-clicks': { minCount: 3 } } },
      /detectors.inflated-clicks.minCount/,
    ],
    [
      'a mode that there is not',
      { detectors: { 'inflated-clicks': { mode: 'loud' } } },
      /"off"\|"shadow"\|"live"/,
    ],
    ['a version that no file name could have', { version: 'a/b' }, /version/],
    [
      'epochs that would lie across two minutes',
      { epochMs: 7000 },
      /epochMs: a minute must be a whole number/,
    ],
    ['cases that end within a window', { caseHours: 23 }, /caseHours/],
    ['a statute for no offence', { statutes: { littering: ['1'] } }, /statutes/],
    ['an exemption that nobody answers for', exempting({ owner: ' ' }), /exemptions.0.owner/],
    ['an exemption without an end', exempting({ until: undefined }), /exemptions.0.until/],
    ['an exemption longer than a year', exempting({ until: '2027-03-03' }), /within a year/],
    ['an exemption of nobody', exempting({ subject: {} }), /exemptions.0.subject/],
    ['one of two at once', exempting({ subject: { grade: 'a', category: 'b' } }), /should name one of/],
    [
      'closing that one person decides',
      { ladder: { close: { confirmations: 1 } } },
      /ladder.close.confirmations/,
    ],
    ['a quota of what changes nothing', { quotas: { watch: 3 } }, /quotas/],
    ['something else altogether', 'strict', /top level/],
  ])('is refused with %s, by name and with what to do', (_name, written, fault) => {
    const parse = () => parsePolicy(written, 'the policy strict.json')
    expect(parse).toThrow(SettingsError)
    expect(parse).toThrow(fault)
    expect(parse).toThrow(
      /^the policy strict.json does not hold: .*"assay policy show" prints one that does$/,
    )
  })

  it('names every fault at once', () => {
    expect(() => parsePolicy({ oneWrongIn: 1, caseHours: 0 })).toThrow(/oneWrongIn.*caseHours/)
  })

  it('cannot be changed by those who follow it', () => {
    const policy = parsePolicy({})
    expect(Object.isFrozen(policy)).toBe(true)
    expect(Object.isFrozen(policy.ladder.expiryDays)).toBe(true)
    expect(Object.isFrozen(policy.detectors['inflated-clicks'])).toBe(true)
  })

  it('has a JSON Schema for editors, with a meaning for every number that decides', () => {
    const schema = JSON.stringify(z.toJSONSchema(policySchema, { io: 'input' }))
    for (const { name, params } of allDetectors) {
      expect(schema).toContain(`"${name}"`)
      for (const [, { meaning }] of settingsOf(params)) expect(schema).toContain(meaning)
    }
  })
})

/** A policy with one exemption, which holds but for what is changed. */
function exempting(changed: object): object {
  const granted = { owner: 'ada', reason: 'a drill', from: '2026-03-01', until: '2027-03-01' }
  return { exemptions: [{ subject: { accountId: 'x' }, ...granted, ...changed }] }
}

it('takes an exemption of a year, and a ladder to its end', () => {
  const { exemptions, ladder } = parsePolicy({ ...exempting({}), ladder: { close: {} } })
  expect(exemptions).toHaveLength(1)
  expect(ladder.close).toEqual({
    controlEvents: 50,
    controlPValue: 0,
    disputed: 200,
    confirmations: 2,
    earlierOffences: 0,
  })
  expect(defaultPolicy.ladder).not.toHaveProperty('close')
})
