import fc from 'fast-check'
import { historyOf } from '../../test/support/history'
import { seeded } from '../../test/support/seeded'
import { families, shares, traits } from '../model/traits'
import type { Family, TraitName } from '../model/traits'
import {
  audienceParams,
  countsBy,
  crowdEvidence,
  crowdPValue,
  defineAudienceDetector,
  frequencyPValue,
  honestCount,
  jointPValue,
  mostTelling,
} from './audience'
import { defaultsOf } from './detector'

const params = defaultsOf(audienceParams)

describe('what the crowd of a window shows', () => {
  const found = (history: Parameters<typeof historyOf>[0]) =>
    new Map(crowdEvidence(historyOf(history), params).map((evidence) => [evidence.family, evidence]))

  it('is one piece of evidence a family, that of its most telling trait', () => {
    //  people        events of 100   usual
    //  week-old      5               5 %
    //  young         40              10 %    ◄ differs the most
    //  newcomer      45              30 %
    const crowd = found({
      count: 100,
      carrying: { 'week-old': 5, young: 40, newcomer: 45 },
      usual: { young: 0.1, newcomer: 0.3 },
    })
    expect(crowd.get('people')).toMatchObject({ trait: 'young', observed: 0.4, expected: 0.1 })
  })

  it('pays for the choice among the traits of a family', () => {
    // The same share of the same trait, once as the only trait of people that is known, once as one of three.
    const carrying = { young: 40 }
    const alone = found({
      count: 100,
      carrying,
      usual: { 'week-old': undefined, newcomer: undefined },
    }).get('people')!
    const ofThree = found({ count: 100, carrying }).get('people')!
    expect(ofThree.pValue).toBeCloseTo(3 * alone.pValue, 15)
  })

  it('leaves out what the platform has shown too little of', () => {
    const crowd = found({ count: 100, carrying: { 'regular-gap': 90 }, usual: { 'regular-gap': undefined } })
    expect(crowd.has('timing')).toBe(false)
    expect(crowd.has('devices')).toBe(true)
  })

  it("is not the operator's hand, and not the summary that only serves to count", () => {
    const crowd = found({ count: 100, carrying: { 'operator-device': 100, made: 100 } })
    expect([...crowd.keys()].filter((family) => families[family] === 'apart')).toEqual([])
    expect(Math.min(...[...crowd.values()].map(({ pValue }) => pValue))).toBe(1)
  })

  it('is nothing while a share exceeds the usual by less than minExcess, however many the events', () => {
    // 10,000 events are enough to be sure of 2 points more than usual; sure is not the same as telling.
    const few = { count: 10_000, usual: { 'short-dwell': { mean: 0.05, concentration: 1e6 } } }
    expect(found({ ...few, carrying: { 'short-dwell': 700 } }).get('attention')!.pValue).toBe(1)
    expect(found({ ...few, carrying: { 'short-dwell': 1600 } }).get('attention')!.pValue).toBeLessThan(1e-6)
  })

  it('is judged against how firmly the usual share is known', () => {
    const usual = (concentration: number) => ({ 'shared-device': { mean: 0.1, concentration } })
    const carrying = { 'shared-device': 35 }
    const vaguely = found({ count: 100, carrying, usual: usual(8) }).get('devices')!
    const firmly = found({ count: 100, carrying, usual: usual(80) }).get('devices')!
    expect(vaguely.pValue).toBeGreaterThan(0.01)
    expect(firmly.pValue).toBeLessThan(1e-4)
  })

  it('never gets less certain by one more event that carries a trait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 400 }),
        fc.double({ min: 0.005, max: 0.9, noNaN: true }),
        (count, mean) => {
          let before = 1
          for (let carrying = 0; carrying <= count; carrying++) {
            const usual = { 'shared-device': { mean, concentration: 20 } }
            const { pValue } = found({ count, carrying: { 'shared-device': carrying }, usual }).get(
              'devices',
            )!
            expect(pValue).toBeLessThanOrEqual(before * (1 + 1e-9))
            expect(pValue).toBeGreaterThanOrEqual(0)
            before = pValue
          }
        },
      ),
      { numRuns: 20 },
    )
  })
})

describe('the trait by which honest events are told', () => {
  /** 100 events, 80 of a shared device, and some more that name none; how many are honest by the trait that tells most. */
  const toldBy = (unnamed: number, usuallyUnnamed: number, shared = 80): [TraitName | undefined, number] => {
    const history = historyOf({
      count: shared + 20,
      carrying: { 'shared-device': shared, made: shared, uncleared: shared + unnamed },
      usual: { 'shared-device': 0.01, made: 0.01, uncleared: 0.01 + usuallyUnnamed },
    })
    const trait = mostTelling(history, crowdEvidence(history, params), params)
    return [trait, countsBy(trait, history).authentic]
  }

  it('leaves out who names no device, where more of them do than of an honest audience', () => {
    //  20 are left: as many name no device as usual   │ 5 of them do, and one in thirty of an honest audience
    expect(toldBy(1, 0.05)).toEqual(['shared-device', 20])
    expect(toldBy(5, 0.03)).toEqual(['uncleared', 16])
  })

  it('takes no notice of who names no device, where many of an honest audience do', () => {
    expect(toldBy(15, 0.3)).toEqual(['shared-device', 20])
    expect(toldBy(15, 0.15)).toEqual(['uncleared', 6])
  })

  it('takes a crowd that names no device for no straggler of the few that were made', () => {
    //  40 shared   15 name no device: more than a fifth of what is not cleared
    expect(toldBy(15, 0.03, 40)).toEqual(['shared-device', 20])
    expect(toldBy(8, 0.03, 40)).toEqual(['uncleared', 13])
  })
})

describe('the joint chance', () => {
  const named = Object.keys(families).filter((family) => families[family as Family] !== 'apart') as Family[]
  const isHard = (family: Family): boolean => families[family] === 'hard'
  /** Evidence as '…': a family and its p-value each. */
  const joint = (found: Partial<Record<Family, number>>, isHardFamily = isHard): number =>
    jointPValue(
      Object.entries(found).map(([family, pValue]) => {
        const { name } = [...traits, ...shares].find((sign) => sign.family === family)!
        return { family: family as Family, trait: name, observed: 1, expected: 0, pValue }
      }),
      isHardFamily,
    )

  it('convicts nobody by one family alone, however strange it is', () => {
    //  devices ████████████   p = 1e-300
    //  people  ·
    expect(joint({ devices: 1e-300, people: 0.6, attention: 0.8 })).toBe(1)
    expect(joint({ devices: 1e-300 })).toBe(1)
  })

  it('convicts nobody by soft families, however many differ', () => {
    // Newcomers who leave at once, all with the same words, from nowhere, with one program: an advert with a lottery.
    const soft = { people: 1e-50, attention: 1e-50, repetition: 1e-50, entry: 1e-50, agents: 1e-50 }
    expect(joint({ ...soft, devices: 1, networks: 1, timing: 1 })).toBe(1)
  })

  it('is small where a hard family and any other differ, and as large as the weaker of the two', () => {
    //  some hard family differs     1e-20 · 1 of them      the larger holds
    //  more families than one do    1e-8  · 3 others     ◄
    expect(joint({ devices: 1e-20, people: 1e-8, attention: 0.9, entry: 0.9 })).toBeCloseTo(3e-8, 12)
    expect(joint({ devices: 1e-8, people: 1e-20 })).toBe(1e-8)
    expect(joint({ devices: 1e-8, timing: 1e-20 })).toBe(1e-8)
    expect(joint({ devices: 1e-8, timing: 0.9, people: 1e-20 })).toBe(2e-8)
  })

  describe('of people who were seen nowhere else, from where nobody was seen before', () => {
    const chanceOf = (carrying: Partial<Record<TraitName, number>>) => {
      const history = historyOf({ count: 200, carrying })
      return crowdPValue(history, crowdEvidence(history, params), params)
    }
    const province = { newcomer: 190, 'dense-network': 190 } as const

    it('is one fact and no two: a province that opens a page, readers abroad', () => {
      expect(chanceOf(province)).toBeGreaterThan(0.5)
    })

    it('is small once either stands beside something else', () => {
      expect(chanceOf({ ...province, 'short-dwell': 150 })).toBeLessThan(1e-6)
      expect(chanceOf({ ...province, young: 150 })).toBeLessThan(1e-6)
      expect(chanceOf({ newcomer: 190, 'regular-gap': 150 })).toBeLessThan(1e-6)
      expect(chanceOf({ ...province, 'shared-device': 150 })).toBeLessThan(1e-6)
    })
  })

  it('takes networks for soft where somebody says that they are one school or office', () => {
    const isSchool = (family: Family): boolean => isHard(family) && family !== 'networks'
    expect(joint({ networks: 1e-20, people: 1e-20 })).toBeLessThan(1e-15)
    expect(joint({ networks: 1e-20, people: 1e-20, devices: 0.7 }, isSchool)).toBeGreaterThan(0.5)
    expect(joint({ networks: 1e-20, people: 0.9, devices: 1e-20 }, isSchool)).toBeLessThan(1e-15)
  })

  it('is never below the second least of the families, nor above 1', () => {
    const chance = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1e-300, 1e-12))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...named), chance), (found) => {
        const pValue = joint(found)
        const second = Object.values(found).sort((a, b) => a - b)[1] ?? 1
        expect(pValue).toBeGreaterThanOrEqual(second)
        expect(pValue).toBeLessThanOrEqual(1)
      }),
    )
  })

  it.each([
    ['honest in everything', []],
    // A school behind one network, a company whose people share devices: strange in one way, and honest.
    ['strange in one hard family', ['networks']],
    ['strange in all soft families', ['people', 'attention', 'repetition', 'entry', 'agents']],
  ] as const)(
    'wrongs an audience that is %s no more often than it says',
    (_name, strange: readonly Family[]) => {
      // Honest p-values are uniform. Of 20,000 audiences, at most one in a hundred gets a joint chance below 1 %.
      const random = seeded(3)
      let below = 0
      for (let i = 0; i < 20_000; i++) {
        const audience = Object.fromEntries(
          named.map((family) => [family, strange.includes(family) ? 1e-50 : random()]),
        )
        if (joint(audience) <= 0.01) below++
      }
      expect(below / 20_000).toBeLessThan(0.0115)
    },
  )
})

describe('the honest count', () => {
  const firmly = (mean: number) => ({ mean, concentration: 1e9 })

  it.each([
    // 60 of 100 carry the trait, and nobody honest does: the rest is honest.
    { raw: 100, carrying: 60, usual: 0, authentic: 40 },
    // One honest event in five carries it too: 40 without it stand for 50 honest ones.
    { raw: 100, carrying: 60, usual: 0.2, authentic: 50 },
    // As many carry it as with honest audiences.
    { raw: 100, carrying: 20, usual: 0.2, authentic: 100 },
    // Fewer even: there are not more honest events than events.
    { raw: 100, carrying: 0, usual: 0.2, authentic: 100 },
    { raw: 100, carrying: 100, usual: 0.2, authentic: 0 },
    { raw: 0, carrying: 0, usual: 0.2, authentic: 0 },
  ])('of $raw events of which $carrying carry what $usual usually do is $authentic', (known) => {
    const counts = honestCount(known.raw, known.carrying, firmly(known.usual))
    expect(counts).toMatchObject({
      raw: known.raw,
      authentic: known.authentic,
      disputed: known.raw - known.authentic,
    })
  })

  it('is all of them while nothing is known of what is usual', () => {
    expect(honestCount(100, 80, undefined)).toEqual({
      raw: 100,
      authentic: 100,
      disputed: 0,
      low: 100,
      high: 100,
    })
  })

  it('is drawn to what the hour usually brings where the trait says little', () => {
    //  by the trait   ├──────────── 25 ────────────┤     few honest events among many made ones
    //  by the hour              ├─ 40 ─┤
    //  together               ├── 38 ──┤
    const vague = { mean: 0.8, concentration: 10 }
    const alone = honestCount(1000, 995, vague)
    const together = honestCount(1000, 995, vague, { mean: 40, variance: 50 })
    expect(alone.authentic).toBe(25)
    expect(together.authentic).toBeGreaterThan(alone.authentic)
    expect(together.authentic).toBeLessThanOrEqual(40)
    expect(together.high - together.low).toBeLessThan(alone.high - alone.low)
  })

  it('takes no notice of the usual number where that contradicts what is seen', () => {
    // 300 honest events in an hour that usually brings 5: something happened, and the trait tells it well.
    const usual = { mean: 0.02, concentration: 80 }
    expect(honestCount(600, 306, usual, { mean: 5, variance: 8 })).toEqual(honestCount(600, 306, usual))
  })

  const anyUsual = fc.record({
    mean: fc.double({ min: 0.005, max: 0.98, noNaN: true }),
    concentration: fc.double({ min: 8, max: 80, noNaN: true }),
  })
  const anyExpected = fc.option(
    fc.record({
      mean: fc.double({ min: 0, max: 5000, noNaN: true }),
      variance: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    }),
    { nil: undefined },
  )

  it('adds up, and lies between its bounds', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(6000), anyUsual, anyExpected, (raw, carrying, usual, expected) => {
        const { authentic, disputed, low, high, ...rest } = honestCount(raw, carrying, usual, expected)
        expect(rest).toEqual({ raw })
        expect(authentic + disputed).toBe(raw)
        for (const bound of [low, authentic, high]) expect(Number.isInteger(bound)).toBe(true)
        expect(0 <= low && low <= authentic && authentic <= high && high <= raw).toBe(true)
      }),
    )
  })

  it('never rises by one more event that carries the trait', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(2000), anyUsual, (raw, carrying, usual) => {
        const fewer = honestCount(raw, Math.min(raw - 1, carrying), usual)
        const more = honestCount(raw, Math.min(raw - 1, carrying) + 1, usual)
        expect(more.authentic).toBeLessThanOrEqual(fewer.authentic)
      }),
    )
  })

  it('has the true number between its bounds nine times in ten', () => {
    // 200 honest events of which a tenth carries the trait by chance, and 400 made ones that all do but for one in 300.
    const random = seeded(5)
    let within = 0
    for (let trial = 0; trial < 500; trial++) {
      let carrying = 0
      for (let i = 0; i < 200; i++) if (random() < 0.1) carrying++
      for (let i = 0; i < 400; i++) if (random() > 1 / 300) carrying++
      const { low, high } = honestCount(600, carrying, { mean: 0.1, concentration: 60 })
      if (low <= 200 && 200 <= high) within++
    }
    expect(within / 500).toBeGreaterThanOrEqual(0.9)
  })
})

describe('a detector of an inflated number', () => {
  const detector = defineAudienceDetector({
    name: 'inflated-clicks',
    version: 3,
    offence: 'inflated-clicks',
    summary: 'Tests.',
  })
  const judged = (carrying: Partial<Record<TraitName, number>>, more = {}) =>
    detector.judge(historyOf({ count: 100, carrying, ...more }), params)
  const farm = { 'shared-device': 80, 'week-old': 80, made: 80 }

  it('finds nothing in a high number alone', () => {
    const surprise = { observed: 5000, expected: 3, pValue: 1e-300 }
    expect(detector.judge(historyOf({ count: 5000, surprise }), params)).toBeUndefined()
  })

  it('finds an audience that differs in devices and in age, and says by which', () => {
    const finding = judged(farm)!
    expect(finding).toMatchObject({
      detector: 'inflated-clicks',
      detectorVersion: 3,
      offence: 'inflated-clicks',
    })
    expect(finding.pValue).toBeLessThan(1e-6)
    expect(finding.tellingTrait).toBe('shared-device')
    expect(finding.counts).toMatchObject({ raw: 100, authentic: 21, disputed: 79 })
  })

  it('judges nothing below minCount', () => {
    const of = (count: number) =>
      detector.judge(historyOf({ count, carrying: { 'shared-device': count, 'week-old': count } }), params)
    expect(of(29)).toBeUndefined()
    expect(of(30)).toBeDefined()
  })

  it('is no grounds for suspicion where fewer than minDisputed are in dispute', () => {
    // 19 made events among 1,000 are a fact, and move nothing that anybody would look at.
    const few = { count: 100, carrying: { 'shared-device': 24, 'week-old': 24 } }
    const strict = { ...params, minDisputed: 10 }
    expect(detector.judge(historyOf(few), { ...params, minDisputed: 40 })!.pValue).toBe(0.01)
    expect(detector.judge(historyOf(few), strict)!.pValue).toBeLessThan(0.01)
  })

  describe('where few act without end', () => {
    // Sixty of a hundred are beyond the twenty-fourth of their actor; whoever comes that often has also come four times.
    const tireless = { overactive: 60, repeated: 90 }

    it('counts each as often as a person may come, and leaves the sanction to other evidence', () => {
      const finding = judged({ ...tireless, 'operator-device': 7 })!
      expect(finding.pValue).toBeLessThan(1e-5)
      expect(finding).toMatchObject({ tellingTrait: 'overactive', isCountOnly: true, control: [] })
      expect(finding.counts).toMatchObject({ raw: 100, authentic: 42, disputed: 58 })
    })

    it('takes no other family into account, and is none of two itself', () => {
      const alone = judged({ overactive: 60 })!.pValue
      const frequency = frequencyPValue(crowdEvidence(historyOf({ count: 100, carrying: tireless }), params))
      expect([judged(tireless)!.pValue, frequency]).toEqual([alone, alone])
      const soft = historyOf({ count: 100, carrying: { ...tireless, newcomer: 90, 'no-entry': 90 } })
      const evidence = crowdEvidence(soft, params)
      expect(jointPValue(evidence, (family) => families[family] === 'hard')).toBeGreaterThan(0.5)
    })

    it('stays with the evidence of a made audience where there is that as well', () => {
      const finding = judged({ ...farm, ...tireless })!
      expect(finding).toMatchObject({ tellingTrait: 'repeated' })
      expect(finding.isCountOnly).toBeUndefined()
      expect(finding.control.length).toBeGreaterThan(0)
    })

    it.each([
      ['a devoted few among many', { overactive: 8, repeated: 20 }],
      ['the devoted on a busy day', { overactive: 45, repeated: 80 }],
      ['readers who come back, none of them without end', { repeated: 95 }],
    ])('lets %s be', (_, carrying) => {
      expect(judged(carrying)).toBeUndefined()
    })

    it('lets a platform be on which that is usual', () => {
      const usual = { overactive: { mean: 0.3, concentration: 20 } }
      expect(judged(tireless, { usual })).toBeUndefined()
    })

    it('tells how near an account came to it', () => {
      const conditions = detector.conditions!(historyOf({ count: 100, carrying: tireless }), params)
      expect(conditions.filter(({ isMet, name }) => !isMet && name !== 'trait')).toEqual([])
      const few = detector.conditions!(historyOf({ count: 100, carrying: { overactive: 8 } }), params)
      expect(few.find(({ name }) => name === 'families')).toMatchObject({ observed: 0, needed: 2 })
    })
  })

  it('lets one school or office be, and names several hired networks', () => {
    const networks = { 'dense-network': 80, young: 80 }
    expect(judged(networks, { denseNetworks: 1 })).toBeUndefined()
    expect(judged(networks, { denseNetworks: 2 })).toBeUndefined()
    expect(judged(networks, { denseNetworks: 3 })).toBeDefined()
  })

  it("says how many events came from the operator's device, which is evidence of control and not of fraud", () => {
    expect(judged({ 'operator-device': 80 })).toBeUndefined()
    expect(judged({ ...farm, 'operator-device': 7 })!.operatorEvents).toBe(7)
  })

  it('leaves the history as it was', () => {
    const history = historyOf({ count: 100, carrying: farm })
    const before = JSON.stringify(history)
    detector.judge(Object.freeze(history), params)
    expect(JSON.stringify(history)).toBe(before)
  })
})
