import { disputed, findingOf, hour } from '../../test/support/findings'
import { clusterHistoryOf, tieOf } from '../../test/support/linked'
import { batchHomogeneousPosting } from '../detectors/batch-homogeneous-posting/detector'
import { defaultsOf } from '../detectors/detector'
import type { ClusterFinding } from '../model/cluster'
import type { Finding } from '../model/finding'
import { defaultPolicy, parsePolicy } from '../policy/policy'
import type { Case } from './case-book'
import { verdictIdOf } from '../model/verdict-id'
import { headline, subjectOf, verdictFrom } from './verdict'

describe('a verdict', () => {
  it('says in sentences what was found, the strongest first', () => {
    expect(verdictOf().elements.map(({ element, sentence }) => `${element}: ${sentence}`)).toEqual([
      'false-traffic: 83 % of the clicks from 2026-01-05 14:00:00 to 2026-01-05 15:00:00 UTC came from a device that three or more of these actors use; 1.2 % is usual.',
      'false-traffic: 90 % of the clicks from 2026-01-05 14:00:00 to 2026-01-05 15:00:00 UTC ended within three seconds; 8.3 % is usual.',
      'unusual-number: There were 120 clicks from 2026-01-05 14:00:00 to 2026-01-05 15:00:00 UTC, where about 18 were to be expected.',
    ])
  })

  it("names the operator's hand as an element of its own", () => {
    const { elements } = verdictOf({ operatorEvents: 12 })
    expect(elements.at(-1)).toMatchObject({ element: 'common-control', observed: 12, expected: 0 })
    expect(elements.at(-1)!.sentence).toBe(
      "12 of the clicks from 2026-01-05 14:00:00 to 2026-01-05 15:00:00 UTC came from the device of the account's own operator, under five or more names.",
    )
    expect(elements.at(-1)!.test).toContain("a device that the account's operator publishes from")
  })

  it('tells of acts without end nothing but that, since whoever did it is not asked', () => {
    const evidence = [
      { family: 'devices', trait: 'shared-device', observed: 0.4, expected: 0.012, pValue: 1e-9 },
      { family: 'frequency', trait: 'overactive', observed: 0.9, expected: 0.01, pValue: 1e-20 },
    ] as const
    const control = [
      { test: 'before-publication', observed: 6, outOf: 8, expected: 0.2, pValue: 1e-7 },
    ] as const
    const told = (isCountOnly?: true): string[] =>
      verdictOf({
        ...{ evidence, control, operatorEvents: 12 },
        ...(isCountOnly === undefined ? {} : { isCountOnly }),
      }).elements.map(({ element, observed }) => `${element} ${observed}`)
    expect(told(true)).toEqual(['false-traffic 0.9', 'unusual-number 120'])
    expect(told()).toEqual([
      ...['false-traffic 0.9', 'false-traffic 0.4', 'unusual-number 120'],
      ...['common-control 12', 'common-control 6'],
    ])
  })

  it('names a trait that is not known any more by its name', () => {
    const gone = { family: 'people', trait: 'left-handed', observed: 0.5, expected: 0.1, pValue: 1e-9 }
    const { elements } = verdictOf({ evidence: [gone as unknown as Finding['evidence'][number]] })
    expect(elements[0]!.sentence).toMatch(/^50 % of the clicks .* UTC left-handed; 10 % is usual\.$/)
  })

  it('tells each test of control with its numbers and what would overturn it, and what the others did not find', () => {
    const control = [
      { test: 'before-publication', observed: 6, outOf: 8, expected: 0.2137, pValue: 1e-7 },
      { test: 'repeat-timing', observed: 5, outOf: 5, expected: 1.4, pValue: 6e-4 },
      { test: 'sister-devices', observed: 0, outOf: 100, expected: 0.1, pValue: 1 },
    ] as const
    const { elements, exonerating } = verdictOf({ control })
    expect(elements.slice(-2)).toMatchObject([
      { element: 'common-control', observed: 6, expected: 0.2137, pValue: 1e-7 },
      { element: 'coordination', observed: 5, expected: 1.4, pValue: 6e-4 },
    ])
    expect(elements.at(-2)!.sentence).toBe(
      'On 6 of its latest 8 posts made events came before the post was published, where about 0.21 are to be expected; nobody else could know of them. Overturned if the posts could be seen before the recorded time, or if somebody else knew of them or could guess their ids.',
    )
    expect(elements.at(-1)!.sentence).toContain('this alone shows nothing')
    expect(exonerating).toContain('None of it came from devices that sister accounts are run from.')
  })

  it.each([
    [0.05, [1, 0]],
    [0.0501, [0, 1]],
  ])('tells a test of control with a chance of %p once, against the account or for it', (pValue, times) => {
    const control = [{ test: 'repeat-timing', observed: 3, outOf: 5, expected: 1.4, pValue }] as const
    const { elements, exonerating } = verdictOf({ control })
    const sentences = [elements.map(({ sentence }) => sentence), exonerating]
    expect(sentences.map((told) => told.filter((one) => /made events/i.test(one)).length)).toEqual(times)
  })

  it('says what was tested and speaks for the account', () => {
    const surprise = { observed: 120, expected: 100, pValue: 0.3 }
    expect(verdictOf({ surprise }).exonerating).toEqual([
      '4.7 % of them followed at the same interval as the one before, which is usual (about 5.0 %).',
      "None of it came from a device of the account's own operator.",
      'The number as such is not unusual for this account.',
    ])
    expect(verdictOf({ operatorEvents: 12 }).exonerating).toHaveLength(1)
  })

  it('passes over evidence that chance may bring, and says against what the rest was held', () => {
    const evidence = [
      { family: 'attention', trait: 'unclicked', observed: 0.1, expected: 0, pValue: 1e-3 },
      { family: 'devices', trait: 'shared-device', observed: 0.0999, expected: 0.012, pValue: 1e-40 },
      { family: 'timing', trait: 'regular-gap', observed: 0.2, expected: 0.05, pValue: 1.1e-3 },
    ] as const
    const { elements, exonerating } = verdictOf({ evidence: [...evidence] })
    expect(elements.map(({ test }) => test)).toEqual([
      "share of shared-device, beta-binomial against the platform and the account's own past",
      "share of unclicked, beta-binomial against the account's own past and that of accounts like it",
      'upper tail against the seasonal baseline; never enough alone',
    ])
    expect(elements[0]!.sentence).toMatch(/^10\.0 % of the clicks /)
    expect(elements[1]!.sentence).toMatch(/^10 % of the clicks .* 0 % is usual\.$/)
    // Neither does it speak for the account where it is less likely than one in twenty.
    expect(exonerating).toEqual(["None of it came from a device of the account's own operator."])
  })

  it('says of unsubscriptions that nobody need have had a hand in them', () => {
    const anybody = expect.stringContaining('Anybody can send an account subscribers') as string
    const left = { kind: 'unsubscription', offence: 'abnormal-unsubscription' } as const
    expect(verdictOf(left).exonerating).toContainEqual(anybody)
    expect(verdictOf({ ...left, operatorEvents: 12 }).exonerating).not.toContainEqual(anybody)
    expect(verdictOf().exonerating).not.toContainEqual(anybody)
  })

  it('tells what a detector of linked accounts found in its own words', () => {
    const detector = batchHomogeneousPosting
    const history = clusterHistoryOf({ ties: [tieOf('texts')] })
    const found = detector.judge(history, defaultsOf(detector.params))!
    const finding = { ...found, score: 0.71234, exonerating: ['One of them is declared.'] }
    const verdict = verdictFrom(caseOf(finding), { finding, detectedAt: hour(15), policy: defaultPolicy })
    const { subject, elements, exonerating, texts, eventIds } = finding
    expect(verdict).toMatchObject({ subject, elements, exonerating, cluster: finding.cluster })
    expect(verdict.evidence).toEqual({ texts, eventIds, positions: finding.positions ?? [] })
    expect(verdict.score).toBe(0.7123)
    expect(headline(verdict)).toBe(
      `batch-homogeneous-posting: ${elements.map(({ sentence }) => sentence).join(' ')}`,
    )
  })

  it('has the events and places that it rests on, no score of nothing, and no cluster where none was found', () => {
    const positions = [{ log: 'accounts', partition: 0, from: 3, to: 9 }]
    const verdict = verdictOf({ positions, counts: { ...disputed(0), raw: 0 } })
    expect(verdict.evidence).toEqual({ eventIds: ['e1', 'e2'], texts: [], positions })
    expect(verdict.score).toBe(0)
    expect(verdict).not.toHaveProperty('cluster')
    const alone = {
      ...findingOf(),
      cluster: null,
      subject: { type: 'account', id: 'x' },
    } as unknown as ClusterFinding
    const told = verdictFrom(caseOf(alone), { finding: alone, detectedAt: hour(15), policy: defaultPolicy })
    expect(told).not.toHaveProperty('cluster')
    expect(subjectOf(findingOf())).toEqual({ type: 'account', id: 'x' })
  })

  it('falls under no rule where the policy names none', () => {
    const finding = findingOf()
    const policy = parsePolicy({ statutes: {} })
    expect(verdictFrom(caseOf(finding), { finding, detectedAt: hour(15), policy }).statutes).toEqual([])
  })

  it('has one line for a list', () => {
    expect(headline(verdictOf())).toBe(
      '100 of 120 clicks are not by an audience: 83 % of the clicks from 2026-01-05 14:00:00 to 2026-01-05 15:00:00 UTC came from a device that three or more of these actors use; 1.2 % is usual.',
    )
  })

  it('has a score that is the share in dispute, and expires as its rung says', () => {
    const { score, expiresAt, detectedAt, statutes } = verdictOf()
    expect(score).toBe(0.8333)
    expect(expiresAt - detectedAt).toBe(defaultPolicy.ladder.expiryDays['correct-count'] * 86_400_000)
    expect(statutes).toEqual(defaultPolicy.statutes['inflated-clicks'])
  })

  it('has an id that no other list of parts reads as', () => {
    const id = (subject: string, startMs: number) =>
      verdictIdOf({ mode: 'live', offence: 'inflated-clicks', subject, startMs })
    expect(id('x', 12)).toMatch(/^v-[0-9a-f]{32}$/)
    expect(id('x', 12)).toBe(id('x', 12))
    expect(id('x1', 2)).not.toBe(id('x', 12))
  })
})

function verdictOf(over: Partial<Finding> = {}): ReturnType<typeof verdictFrom> {
  const finding = findingOf(over)
  return verdictFrom(caseOf(finding), { finding, detectedAt: hour(15), policy: defaultPolicy })
}

function caseOf(finding: Finding | ClusterFinding): Case {
  return {
    verdictId: 'v-1',
    offence: finding.offence,
    mode: 'live',
    qValue: 1e-6,
    revision: 1,
    status: 'raised',
    startMs: finding.window.start,
    lastMs: finding.window.end,
    counts: finding.counts,
    recommendation: 'correct-count',
    role: 'beneficiary',
  }
}
