import { refusalOf } from './activation'
import { differencesOf } from './difference'
import { defaultPolicy, parsePolicy } from './policy'

describe('a policy that is to take over', () => {
  const refusal = (written: object, approvedBy: readonly string[] = ['ada'], version = 'next-1') =>
    refusalOf(
      { version, document: JSON.stringify({ version: 'next-1', ...written }), approvedBy },
      defaultPolicy,
    )

  it('is taken when it holds', () => {
    expect(refusal({ oneWrongIn: 100, ladder: { suspend: {} } })).toBeUndefined()
  })

  it.each([
    ['does not hold', refusal({ oneWrongIn: 1 }), /oneWrongIn/],
    [
      'is of another version',
      refusal({}, ['ada'], 'next-2'),
      /says that it is version next-1, and .* next-2/,
    ],
    ['cuts time otherwise', refusal({ epochMs: 5000 }), /epochMs is 10000 for the life of a state/],
    ['allows other disorder', refusal({ allowedDisorderMs: 0 }), /allowedDisorderMs is 60000/],
    [
      'closes accounts on the word of one',
      refusal({ ladder: { close: {} } }, ['ada', 'ada']),
      /two different/,
    ],
  ])('is refused when it %s, and told why', (_name, told, reason) => {
    expect(told).toMatch(reason)
  })

  it('may have exemptions that are over: what was done before is held against nobody still', () => {
    const granted = { owner: 'ada', reason: 'a charity', from: '2020-01-01', until: '2020-06-01' }
    expect(refusal({ exemptions: [{ subject: { accountId: 'x' }, ...granted }] })).toBeUndefined()
  })

  it('may close accounts when two people are behind it', () => {
    expect(refusal({ ladder: { close: {} } }, ['ada', 'grace'])).toBeUndefined()
  })

  it.each(['', ' ', ' ada', 'Ada', 'ａｄａ'])('takes %j for nobody beside ada', (name) => {
    expect(refusal({ ladder: { close: {} } }, ['ada', name])).toMatch(/two different people .* is ada;/)
  })

  it('is refused when it is no JSON', () => {
    expect(refusalOf({ version: 'a', document: '{', approvedBy: [] }, defaultPolicy)).toMatch(/is not JSON/)
  })
})

describe('the differences of two policies', () => {
  it('are named one by one, with what each setting does', () => {
    const after = parsePolicy({
      version: 'next-1',
      detectors: { 'inflated-clicks': { mode: 'shadow', minCount: 50 } },
      ladder: { suspend: {} },
      quotas: { limit: 10 },
      exemptCategories: [],
    })
    const differences = differencesOf(defaultPolicy, after)
    expect(differences.map(({ setting, before, after: now }) => [setting, before, now])).toEqual([
      ['version', 'default-1', 'next-1'],
      ['detectors.inflated-clicks.mode', 'live', 'shadow'],
      ['detectors.inflated-clicks.minCount', expect.any(Number), 50],
      ['exemptCategories', ['official', 'government', 'emergency'], []],
      ['ladder.suspend.controlEvents', null, 50],
      ['ladder.suspend.controlPValue', null, 0],
      ['ladder.suspend.disputed', null, 200],
      ['ladder.suspend.confirmations', null, 1],
      ['ladder.suspend.earlierOffences', null, 0],
      ['quotas.limit', null, 10],
    ])
    for (const { meaning } of differences) expect(meaning).not.toBe('')
    expect(differences[1]!.meaning).toMatch(/shadow: verdicts are published/)
  })

  it('are none of a policy and itself', () => {
    expect(differencesOf(defaultPolicy, parsePolicy({}))).toEqual([])
  })
})
