import fc from 'fast-check'
import { disputed, findingOf, hour, reportOf } from '../../test/support/findings'
import { clusterHistoryOf, tieOf } from '../../test/support/linked'
import { batchHomogeneousPosting } from '../detectors/batch-homogeneous-posting/detector'
import { defaultsOf } from '../detectors/detector'
import { dormantAccount } from '../detectors/dormant-account/detector'
import { exemptionReasons } from '../model/cluster'
import type { ClusterFinding, ClusterReport, Exemption } from '../model/cluster'
import type { Finding, HourCounts, Surge } from '../model/finding'
import type { Correction, Verdict } from '../model/records'
import { defaultPolicy, parsePolicy } from '../policy/policy'
import type { Policy } from '../policy/policy'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { Budget } from './budget'
import { correctionOutput, DecideView, surgeOutput, verdictOutput } from './decide-view'

describe('a case', () => {
  it('is raised by the first finding that the budget lets pass', () => {
    const { verdicts } = decide([{ at: 14.5, findings: [findingOf()] }])
    expect(verdicts).toMatchObject([
      {
        status: 'raised',
        revision: 1,
        mode: 'live',
        offence: 'inflated-clicks',
        accountId: 'x',
        score: 0.8333,
      },
    ])
    expect(verdicts[0]).toMatchObject({ detectedAt: hour(14.5), policyVersion: 'default-1', pValue: 1e-9 })
    expect(verdicts[0]!.qValue).toBeLessThan(0.001)
  })

  it('is not raised by what may well be chance', () => {
    expect(decide([{ at: 14.5, findings: [findingOf({ pValue: 1e-3 })] }]).verdicts).toEqual([])
  })

  it('is revised each time that twice as much is in dispute, and not in between', () => {
    //  disputed   100   150   199   200   390   400
    //             │                 │           │
    //  revision   1 raised          2 escalated 3 escalated
    const growing = [100, 150, 199, 200, 390, 400]
    const { verdicts } = decide(
      growing.map((count, i) => ({ at: 14 + i / 10, findings: [findingOf({ counts: disputed(count) })] })),
    )
    expect(verdicts.map(({ revision, status, counts }) => [revision, status, counts.disputed])).toEqual([
      [1, 'raised', 100],
      [2, 'escalated', 200],
      [3, 'escalated', 400],
    ])
    expect(new Set(verdicts.map(({ verdictId }) => verdictId)).size).toBe(1)
  })

  it('is not revised by a window that leaves out how it began', () => {
    //  14:00          15:00          16:00
    //  ├── 100 raised ──┤
    //                   ├── 500 ──────┤          another stretch of the same case: nothing more to tell
    //  ├── 600 escalated ─────────────┤
    const later = findingOf({ window: { start: hour(15), end: hour(16) }, counts: disputed(500) })
    const whole = findingOf({ window: { start: hour(14), end: hour(16) }, counts: disputed(600) })
    const { verdicts } = decide([
      { at: 15, findings: [findingOf()] },
      { at: 16, findings: [later, whole] },
    ])
    expect(verdicts.map(({ counts }) => counts.disputed)).toEqual([100, 600])
  })

  it('is not revised by one that leaves out what a wider one has added', () => {
    const of = (start: number, count: number): Finding =>
      findingOf({ window: { start: hour(start), end: hour(15) }, counts: disputed(count) })
    const { verdicts } = decide(
      [of(14, 100), of(13, 200), of(14, 500)].map((one) => ({ at: 15, findings: [one] })),
    )
    expect(verdicts.map(({ counts }) => counts.disputed)).toEqual([100, 200])
  })

  it('that sanctions is not revised by what only corrects a number', () => {
    const sanctioned = findingOf({ operatorEvents: 5 })
    const endless = findingOf({ operatorEvents: 60, isCountOnly: true, counts: disputed(300) })
    const told = (findings: Finding[]): string[] =>
      decide(findings.map((one) => ({ at: 15, findings: [one] }))).verdicts.map(
        ({ recommendation, counts }) => `${recommendation} ${counts.disputed}`,
      )
    expect(told([sanctioned, endless])).toEqual(['warn 100'])
    expect(told([findingOf(), endless])).toEqual(['correct-count 100', 'correct-count 300'])
  })

  it("climbs when the operator's hand shows, and does not come down again", () => {
    //  operator's events   0                5       0      60       0
    //  disputed            300              300     300    300      600
    //  rung                correct-count    warn    –      limit    limit
    const found = [
      [0, 300],
      [5, 300],
      [0, 300],
      [60, 300],
      [0, 600],
    ] as const
    const { verdicts } = decide(
      found.map(([operatorEvents, count], i) => ({
        at: 14 + i / 10,
        findings: [findingOf({ counts: disputed(count), operatorEvents })],
      })),
    )
    expect(verdicts.map(({ revision, recommendation, role }) => [revision, recommendation, role])).toEqual([
      [1, 'correct-count', 'beneficiary'],
      [2, 'warn', 'operator'],
      [3, 'limit', 'operator'],
      [4, 'limit', 'operator'],
    ])
  })

  it('of a cluster is another, with an id of its own, when it has ended, though the ties reach back to before', () => {
    //  hour 10          10.5           10.6, 10.7       36
    //  5 named, raised  6, escalated   6, 5: no news    8: nothing came for a day, so it is raised anew, from 10.7 on
    // A report of either source has findings of its own kind; what becomes of them is the same.
    const named = (size: number): Finding =>
      ({
        ...batchHomogeneousPosting.judge(
          clusterHistoryOf({ ties: [tieOf('texts')] }),
          defaultsOf(batchHomogeneousPosting.params),
        )!,
        ...{ window: { start: hour(2), end: hour(40) }, pValue: 1e-12 },
        cluster: { id: 'c-1', size, members: [] },
      }) as unknown as Finding
    const { verdicts } = decide([
      { at: 10, findings: [named(5)] },
      { at: 10.5, findings: [named(6)] },
      { at: 10.6, findings: [named(6)] },
      { at: 10.7, findings: [named(5)] },
      { at: 36, findings: [named(8)] },
    ])
    expect(verdicts.map(({ revision, window }) => [revision, window.start])).toEqual([
      [1, hour(2)],
      [2, hour(2)],
      [1, hour(10.7)],
    ])
    expect(new Set(verdicts.map(({ verdictId }) => verdictId)).size).toBe(2)
  })

  it('ends when nothing new came for caseHours; what comes then is another', () => {
    //  Mon 14:30 raised      Tue 14:00 more    Wed 13:00 more     Thu 14:00 raised anew
    //  ├──────── 24 h ────────▶├─────── 24 h ───▶├────── 24 h ─────┤
    const at = (of: number, count: number) => ({
      at: of,
      findings: [findingOf({ window: { start: hour(of - 1), end: hour(of) }, counts: disputed(count) })],
    })
    const { verdicts } = decide([at(14.5, 100), at(38, 100), at(61, 100), at(86, 100)])
    expect(verdicts.map(({ status, revision, window }) => [status, revision, window.end])).toEqual([
      ['raised', 1, hour(14.5)],
      ['raised', 1, hour(86)],
    ])
    expect(verdicts[1]!.verdictId).not.toBe(verdicts[0]!.verdictId)
  })

  it.each([
    [1e-3, ['raised']],
    [1.001e-3, ['raised', 'raised']],
  ])('is kept open by grounds for suspicion and by nothing less: %p', (pValue, statuses) => {
    const weak = findingOf({ window: { start: hour(37), end: hour(38) }, pValue })
    const again = findingOf({ window: { start: hour(39), end: hour(40) } })
    const { verdicts } = decide([
      { at: 15, findings: [findingOf()] },
      { at: 38, findings: [weak] },
      { at: 40, findings: [again] },
    ])
    expect(verdicts.map(({ status }) => status)).toEqual(statuses)
  })

  it('has one name on every run, of its own for each offence, account, beginning and mode', () => {
    const idOf = (over: Partial<Finding>, policy?: Policy) =>
      decide([{ at: 15, findings: [findingOf(over)] }], policy).verdicts[0]!.verdictId
    expect(idOf({})).toBe(idOf({ counts: disputed(333), pValue: 1e-20 }))
    const others = [
      idOf({ detector: 'inflated-forwards', offence: 'inflated-forwards', kind: 'forward' }),
      idOf({ accountId: 'y' }),
      idOf({ window: { start: hour(13), end: hour(15) } }),
      idOf({}, onTrial),
    ]
    expect(new Set([idOf({}), ...others]).size).toBe(5)
  })
})

describe('corrections', () => {
  it('follow a verdict, content by content', () => {
    const { corrections, verdicts } = decide([
      { at: 14.5, findings: [findingOf()] },
      { at: 15, hours: [hourOf(14, { '': disputed(60), 'article-1': disputed(40) })] },
    ])
    const verdictIds = [verdicts[0]!.verdictId]
    expect(corrections).toEqual([
      { accountId: 'x', contentId: null, kind: 'click', hour: hour(14), ...disputed(60), verdictIds },
      { accountId: 'x', contentId: 'article-1', kind: 'click', hour: hour(14), ...disputed(40), verdictIds },
    ])
  })

  it('of hours that were told before there was a verdict come with it', () => {
    //  told    12:00  13:00  14:00            nothing is corrected on suspicion
    //  case                       14:30       now all three are
    const { corrections } = decide([
      { at: 13, hours: [hourOf(12, { a: disputed(20) }), hourOf(12, { a: disputed(99) }, 'y')] },
      { at: 14, hours: [hourOf(13, { a: disputed(30) })] },
      { at: 14.2, hours: [hourOf(14, { a: disputed(40) })] },
      { at: 14.5, findings: [findingOf()] },
    ])
    expect(corrections.map(({ disputed: count }) => count)).toEqual([20, 30, 40])
  })

  it('take the latest that was told of an hour', () => {
    const { corrections } = decide([
      { at: 13, hours: [hourOf(12, { a: disputed(20) })] },
      { at: 14, hours: [hourOf(12, { a: disputed(25) })] },
      { at: 14.5, findings: [findingOf()] },
      { at: 15, hours: [hourOf(12, { a: disputed(26) })] },
    ])
    expect(corrections.map(({ disputed: count }) => count)).toEqual([25, 26])
  })

  it('reach back a day and an hour, however many hours were told', () => {
    const hours = Array.from({ length: 30 }, (_, i) => ({
      at: i + 1,
      hours: [hourOf(i, { a: disputed(20) })],
    }))
    const window = { start: hour(29), end: hour(30.5) }
    const { corrections } = decide([...hours, { at: 30.5, findings: [findingOf({ window })] }])
    expect(corrections.map((one) => one.hour)).toEqual(Array.from({ length: 25 }, (_, i) => hour(5 + i)))
  })

  it('do not reach back further where nothing was told since', () => {
    const { corrections } = decide([
      { at: 13, hours: [hourOf(12, { a: disputed(20) })] },
      { at: 38.5, findings: [findingOf({ window: { start: hour(38), end: hour(38.5) } })] },
    ])
    expect(corrections).toEqual([])
  })

  it('leave an hour as it is in which little is in dispute', () => {
    const few = { raw: 100, authentic: 98, disputed: 2, low: 97, high: 100 }
    const small = { raw: 1000, authentic: 960, disputed: 40, low: 950, high: 970 }
    const tiny = { raw: 4, authentic: 2, disputed: 2, low: 1, high: 3 }
    const enough = { raw: 60, authentic: 57, disputed: 3, low: 55, high: 59 }
    const { corrections } = decide([
      { at: 14.5, findings: [findingOf()] },
      { at: 15, hours: [few, small, tiny, enough].map((counts, i) => hourOf(11 + i, { a: counts })) },
    ])
    expect(corrections).toMatchObject([enough])
  })

  it('are of the kind that is in dispute, and of no other account', () => {
    const { corrections } = decide([
      { at: 14.5, findings: [findingOf()] },
      {
        at: 15,
        hours: [
          hourOf(14, { a: disputed(40) }, 'y'),
          { ...hourOf(14, { a: disputed(40) }), kind: 'forward' },
        ],
      },
    ])
    expect(corrections).toEqual([])
  })

  it('name every verdict that stands behind them', () => {
    // Clicks of two offences: one number, two reasons to doubt it.
    const other = findingOf({ detector: 'inflated-clicks', offence: 'manipulated-click-through' })
    const { corrections, verdicts } = decide([
      { at: 14.5, findings: [findingOf(), other] },
      { at: 15, hours: [hourOf(14, { a: disputed(40) })] },
    ])
    expect(verdicts.map(({ offence }) => offence)).toEqual(['inflated-clicks', 'manipulated-click-through'])
    expect(corrections[0]!.verdictIds).toEqual(verdicts.map(({ verdictId }) => verdictId))
  })
})

describe('a detector on trial', () => {
  const story: Step[] = [
    { at: 14, hours: [hourOf(13, { a: disputed(30) })] },
    { at: 14.5, findings: [findingOf()] },
    { at: 15, hours: [hourOf(14, { a: disputed(40) })] },
  ]

  it('publishes verdicts as shadow, and corrects nothing', () => {
    const { verdicts, corrections } = decide(story, onTrial)
    expect(verdicts.map(({ mode }) => mode)).toEqual(['shadow'])
    expect(corrections).toEqual([])
  })

  it('changes no byte of what the live ones bring about, however much it finds', () => {
    const live = findingOf({ detector: 'inflated-forwards', offence: 'inflated-forwards', kind: 'forward' })
    const steps: Step[] = [
      { at: 14, findings: [{ ...live, accountId: 'y', pValue: 1e-5 }] },
      { at: 14.5, findings: [live] },
      { at: 15, hours: [{ ...hourOf(14, { a: disputed(40) }), kind: 'forward' }] },
    ]
    const noise = Array.from({ length: 50 }, (_, i) =>
      findingOf({ accountId: `z-${i}`, pValue: i % 2 ? 1e-12 : 0.05 }),
    )
    const loud = steps.map((step) => ({ ...step, findings: [...(step.findings ?? []), ...noise] }))
    // The chain is over all that is put out; of what it is over, what counts is the same.
    const counts = (line: string) => !line.includes('"mode":"shadow"') && !line.includes('"chain"')
    expect(decide(loud, onTrial).lines.filter(counts)).toEqual(decide(steps, onTrial).lines.filter(counts))
  })

  it('shares no case with a live one of the same offence', () => {
    // A newcomer for the same offence is on trial, and first; the live one raises a verdict that counts all the same.
    const newcomer = findingOf({ detector: 'unheard-of' })
    const { verdicts, corrections } = decide([{ at: 14.2, findings: [newcomer] }, ...story])
    expect(verdicts.map(({ mode, revision }) => [mode, revision])).toEqual([
      ['shadow', 1],
      ['live', 1],
    ])
    expect(corrections).toHaveLength(2)
  })
})

describe('the budget', () => {
  it('gives a verdict the level at which it would just have passed', () => {
    const [{ qValue } = { qValue: 0 }] = decide([{ at: 15, findings: [findingOf()] }]).verdicts
    expect(new Budget(qValue).bar / 1e-9).toBeCloseTo(1)
  })

  it('tells of its bar and its tests, those on trial by themselves', () => {
    const spent = new Budget(1 / 1000)
    spent.test(0.05)
    const fresh = { bar: new Budget(1 / 1000).bar, tests: 0 }
    const findings = [findingOf({ pValue: 0.05 })]
    const of = (policy?: Policy) => decide([{ at: 15, findings }], policy).stats.budget
    expect(of()).toEqual({ level: 1 / 1000, live: { bar: spent.bar, tests: 1 }, shadow: fresh })
    expect(of(onTrial)).toEqual({ level: 1 / 1000, live: fresh, shadow: { bar: spent.bar, tests: 1 } })
  })

  it('is not spent on an open case: its further findings can convict nobody new', () => {
    const once = { at: 14, findings: [findingOf()] }
    const often = Array.from({ length: 40 }, (_, i) => ({
      at: 14 + i / 100,
      findings: [findingOf({ pValue: 0.05 })],
    }))
    const other = { at: 15, findings: [findingOf({ accountId: 'y', pValue: 2e-6 })] }
    const qValues = (steps: Step[]) => decide(steps).verdicts.map(({ qValue }) => qValue)
    expect(qValues([once, ...often, other])).toEqual(qValues([once, other]))
  })

  it('is spent on suspicions of others, so that what would have passed alone does not after many', () => {
    const other = { at: 15, findings: [findingOf({ accountId: 'y', pValue: 1e-5 })] }
    const many = Array.from({ length: 40 }, (_, i) => ({
      at: 14 + i / 100,
      findings: [findingOf({ accountId: `z-${i}`, pValue: 0.05 })],
    }))
    expect(decide([other]).verdicts).toHaveLength(1)
    expect(decide([...many, other]).verdicts).toHaveLength(0)
  })
})

describe('surges', () => {
  const surge = (observed: number, accountId = 'x', kind: Surge['kind'] = 'click'): Surge => ({
    accountId,
    kind,
    window: { start: hour(14), end: hour(15) },
    observed,
    expected: 20,
    pValue: 1e-4,
    evidence: [],
  })

  it('are told once, and again when they have grown to three times as much', () => {
    const told = decide([100, 200, 299, 300].map((count, i) => ({ at: 15 + i, surges: [surge(count)] })))
    expect(told.surges.map(({ observed }) => observed)).toEqual([100, 300])
  })

  it('are told of each account and kind', () => {
    const all = [surge(100), surge(100, 'y'), surge(100, 'x', 'forward')]
    const { surges, stats } = decide([{ at: 15, surges: all }])
    expect(surges).toEqual(all)
    expect(stats.surges).toBe(3)
  })

  it('are not told of a number that is in dispute', () => {
    const steps: Step[] = [
      { at: 14.5, findings: [findingOf()] },
      { at: 15, surges: [surge(500)] },
    ]
    expect(decide(steps).surges).toEqual([])
    expect(decide(steps, onTrial).surges).toHaveLength(1)
  })
})

describe('what the network view lets pass', () => {
  const exempt = (accountIds: string[], offence: Exemption['offence']): Exemption => {
    const window = { start: hour(2), end: hour(40) }
    return { offence, accountIds, window, reason: exemptionReasons.declared }
  }
  const crowd = exempt(['a', 'b', 'c'], 'steered-accounts')

  it('is told once a day for each offence and first of the accounts', () => {
    const others = [
      exempt(['b', 'c', 'd'], 'steered-accounts'),
      exempt(['a', 'b', 'c'], 'batch-homogeneous-posting'),
    ]
    const view = new DecideView(defaultPolicy, ['network/0'])
    const told = [15, 16, 38.9, 39].map((at, index) => {
      const lines: unknown[] = []
      const report: ClusterReport = {
        ...{ source: 'network/0', sequence: index + 1, endMs: hour(at), passedMs: hour(at) },
        ...{ memberships: [], changes: [], findings: [], exempt: [crowd, ...others] },
      }
      view.fold(new TextEncoder().encode(JSON.stringify(report)), (output, record) => {
        lines.push([output, JSON.parse(new TextDecoder().decode(record))])
      })
      return lines
    })
    const all = [crowd, ...others].map((one) => [surgeOutput, one])
    expect(told).toEqual([all, [], [], all])
  })
})

describe('the decide view', () => {
  /** A report of either source has findings of its own kind; what becomes of them is the same. */
  const named = (id: string, accountId: string): Finding =>
    ({
      ...batchHomogeneousPosting.judge(
        clusterHistoryOf({ id, ties: [tieOf('texts')] }),
        defaultsOf(batchHomogeneousPosting.params),
      )!,
      ...{ accountId, pValue: 1e-7 },
    }) as unknown as Finding
  const some: Finding[] = ['x', 'y', 'z'].flatMap((accountId) => [
    named('c-1', accountId),
    named('c-2', accountId),
    findingOf({ accountId, pValue: 1e-6 }),
    findingOf({ accountId, window: { start: hour(9), end: hour(15) }, counts: disputed(250) }),
    findingOf({
      accountId,
      detector: 'inflated-comments',
      offence: 'inflated-comments',
      kind: 'comment',
      pValue: 1e-5,
    }),
  ])
  const story: Step[] = [
    { at: 13, hours: [hourOf(12, { a: disputed(20) }), hourOf(12, { a: disputed(9) }, 'y')] },
    { at: 14, findings: some.slice(0, 4) },
    { at: 15, findings: some, hours: [hourOf(14, { a: disputed(40), b: disputed(4) })] },
    { at: 16, findings: [findingOf({ operatorEvents: 9 })], hours: [hourOf(14, { a: disputed(50) }, 'y')] },
    { at: 60, findings: [findingOf({ window: { start: hour(59), end: hour(60) } })] },
  ]

  it('says the same whatever the order of the findings in a report', () => {
    const expected = decide([{ at: 15, findings: some }]).lines
    expect(expected.length).toBeGreaterThan(5)
    fc.assert(
      fc.property(fc.shuffledSubarray(some, { minLength: some.length }), (findings) => {
        expect(decide([{ at: 15, findings }]).lines).toEqual(expected)
      }),
    )
  })

  it('has decided nothing before the first epoch, then up to its end', () => {
    const view = new DecideView(defaultPolicy, ['account/0'])
    expect(view.asOfMs).toBeNull()
    view.fold(reportOf({ sequence: 1, endMs: hour(15) }), () => undefined)
    expect(view.asOfMs).toBe(hour(15))
  })

  it('takes no notice of a report that it has folded already', () => {
    const view = new DecideView(defaultPolicy, ['account/0'])
    const report = reportOf({ sequence: 1, endMs: hour(15), findings: [findingOf()] })
    const count = () => {
      let emitted = 0
      view.fold(report, () => emitted++)
      return emitted
    }
    // A verdict and its link.
    expect([count(), count()]).toEqual([2, 0])
    // The same number from another partition is another report.
    const other = reportOf({
      source: 'account/1',
      sequence: 1,
      endMs: hour(15),
      findings: [findingOf({ accountId: 'y' })],
    })
    let emitted = 0
    view.fold(other, () => emitted++)
    expect(emitted).toBe(2)
  })

  it.each(story.map((_, index) => index))(
    'goes on to the same bytes from a state saved after report %p',
    (savedAfter) => {
      expect(decide(story, defaultPolicy, savedAfter).lines).toEqual(decide(story).lines)
    },
  )

  it('counts what it has given out', () => {
    const { stats, verdicts, corrections, surges } = decide(story)
    expect(stats).toMatchObject({
      findings: story.flatMap(({ findings = [] }) => findings).length,
      verdicts: verdicts.length,
      corrections: corrections.length,
      surges: surges.length,
    })
  })
})

describe('a fact', () => {
  /** As findings on an account of itself come: with what clears them. */
  const told = (described: object): Finding =>
    ({
      ...dormantAccount.judge(
        { accountId: 'x', eventId: 'e', registeredMs: hour(0), sinceMs: hour(0), asOfMs: hour(48) },
        { noticeDays: 7 },
      )!,
      ...described,
    }) as unknown as Finding
  const cleared = told({ clears: true, recommendation: 'watch', pValue: 1 }) as unknown as ClusterFinding &
    Finding

  it('is raised whatever the budget is, and leaves it as it was', () => {
    const chances = Array.from({ length: 40 }, (_, i) => findingOf({ accountId: `a-${i}`, pValue: 0.01 }))
    const facts = Array.from({ length: 40 }, (_, i) =>
      told({ accountId: `f-${i}`, subject: { type: 'account', id: `f-${i}` } }),
    )
    const later = { at: 50, findings: [findingOf({ pValue: 1e-6 })] }
    const without = decide([{ at: 48, findings: chances }, later])
    const beside = decide([{ at: 48, findings: [...chances, ...facts] }, later])
    const others = beside.verdicts.filter(({ offence }) => offence !== 'dormant-account')
    expect(beside.verdicts).toHaveLength(40 + others.length)
    expect(others).toEqual(without.verdicts)
  })

  it('waits for what clears it for as long as its notice says, and tells of it', () => {
    //  48h       each day a report              7 days later
    //  raised    ·  ·  ·  ·  ·  ·   cleared     no case any more
    const days = (count: number) => Array.from({ length: count }, (_, day) => ({ at: 72 + 24 * day }))
    const told6 = decide([{ at: 48, findings: [told({})] }, ...days(5), { at: 190, findings: [cleared] }])
    expect(told6.verdicts.map(({ status, recommendation }) => [status, recommendation])).toEqual([
      ['raised', 'warn'],
      ['cleared', 'watch'],
    ])
    expect(told6.verdicts[1]).toMatchObject({
      ...{ verdictId: told6.verdicts[0]!.verdictId, revision: 2, detectedAt: hour(190) },
      elements: cleared.elements,
    })
    const told9 = decide([{ at: 48, findings: [told({})] }, ...days(8), { at: 270, findings: [cleared] }])
    expect(told9.verdicts.map(({ status }) => status)).toEqual(['raised'])
  })

  it('is told once while its case is open, and anew when it was taken back and holds again', () => {
    const all = [told({}), told({}), cleared, told({})]
    const { verdicts } = decide(all.map((one, i) => ({ at: 48 + i, findings: [one] })))
    expect(verdicts.map(({ status, window }) => [status, window.start])).toEqual([
      ['raised', hour(0)],
      ['cleared', hour(0)],
      ['raised', hour(50)],
    ])
    expect(verdicts[2]!.verdictId).not.toBe(verdicts[0]!.verdictId)
  })

  it('that is taken back opens nothing where nothing was told', () => {
    expect(decide([{ at: 48, findings: [cleared] }]).verdicts).toEqual([])
  })

  it('waits on in a state that was saved and restored', () => {
    const steps = [{ at: 48, findings: [told({})] }, { at: 150 }, { at: 190, findings: [cleared] }]
    expect(decide(steps, defaultPolicy, 1).lines).toEqual(decide(steps).lines)
  })
})

interface Step {
  /** Hour of the first day in which the reported epoch ended. */
  readonly at: number
  readonly findings?: Finding[]
  readonly hours?: HourCounts[]
  readonly surges?: Surge[]
}

/** Folds one report a step; where asked to, goes on with another view from the state after one of them. */
function decide(steps: readonly Step[], policy: Policy = defaultPolicy, savedAfter?: number) {
  let view = new DecideView(policy, ['account/0'])
  const lines: string[] = []
  const verdicts: Verdict[] = []
  const corrections: Correction[] = []
  const surges: Surge[] = []
  steps.forEach(({ at, ...told }, index) => {
    view.fold(reportOf({ sequence: index + 1, endMs: hour(at), ...told }), (output, record) => {
      const line = new TextDecoder().decode(record)
      lines.push(line)
      if (output === verdictOutput) verdicts.push(JSON.parse(line) as Verdict)
      if (output === correctionOutput) corrections.push(JSON.parse(line) as Correction)
      if (output === surgeOutput) surges.push(JSON.parse(line) as Surge)
    })
    if (index === savedAfter) view = restored(view, policy)
  })
  return { lines, verdicts, corrections, surges, stats: view.stats }
}

function restored(view: DecideView, policy: Policy): DecideView {
  const out = new SnapshotWriter()
  view.save(out)
  const other = new DecideView(policy, ['account/0'])
  other.load(new SnapshotReader(out.parts().map((part) => part.slice())))
  return other
}

function hourOf(of: number, contents: Record<string, Finding['counts']>, accountId = 'x'): HourCounts {
  return {
    accountId,
    kind: 'click',
    hour: hour(of),
    contents: Object.entries(contents).map(([contentId, counts]) => ({ contentId, counts })),
  }
}

const onTrial = parsePolicy({ detectors: { 'inflated-clicks': { mode: 'shadow' } } })
