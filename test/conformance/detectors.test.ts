import fc from 'fast-check'
import { controlOf } from '../support/history'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  accountDetectors,
  allDetectors,
  clusterDetectors,
  copyDetectors,
  handoverDetectors,
  hotspotDetectors,
  linkedDetectors,
  registrationDetectors,
  returnDetectors,
  unusedDetectors,
} from '../../src/detectors'
import type { AnyDetector, AudienceHistory } from '../../src/detectors/detector'
import { defaultsOf, settingsOf } from '../../src/detectors/detector'
import type {
  ClusterHistory,
  CopyHistory,
  HandoverHistory,
  HotspotHistory,
  LinkedDetector,
  RegistrationHistory,
  ReturnHistory,
  UnusedHistory,
} from '../../src/detectors/linked'
import { exonerationOf, factOf } from '../../src/explain/facts'
import { legalElements } from '../../src/explain/words/words'
import { actFamilies, habitFamilies, handFamilies } from '../../src/model/acts'
import { readBlock } from '../../src/model/block'
import type { ClusterFinding } from '../../src/model/cluster'
import { tieFamilies } from '../../src/model/cluster'
import type { TieFamily } from '../../src/model/cluster'
import { judgedKinds } from '../../src/model/event'
import type { Finding } from '../../src/model/finding'
import { offences } from '../../src/model/records'
import { discardAbove } from '../../src/model/significance'
import { families, traitCount, traits } from '../../src/model/traits'
import { defaultPolicy } from '../../src/policy/policy'
import { AccountView } from '../../src/views/account/account-view'
import { ActorView } from '../../src/views/actor/actor-view'
import { blockOf } from '../support/blocks'
import type { TestEvent } from '../support/blocks'
import { article, happens, inTurns, members, onDay, ordinaryPapers, prose } from '../support/publishing'
import { another, readers, runs, settledAccounts } from '../support/tenures'
import {
  at,
  burst,
  impressionsOf,
  leaving,
  ordinaryTraffic,
  phoneFarm,
  play,
  post,
} from '../support/timeline'
import type { Played } from '../support/timeline'

/**
 * What every detector in `src/detectors/index.ts` promises; a new one is tested by its line there.
 *
 * ```
 *  06:00    09:05    10:05    11:05    12:05      14:00
 *  ordinary traffic of eight accounts, and x ···········
 *  x        ▇ farm   ▇ farm   ▇ farm   ▇ farm             subscriptions, clicks, forwards, comments
 *  account-1                  ▇ school                    one network, a phone each
 * ```
 */
const stream = [
  ...ordinaryTraffic({ to: '14:00' }),
  post('x', 'x-phone', '08:00'),
  ...judgedKinds.flatMap((kind, i) => [
    ...burst({ kind, count: 150, at: `${9 + i}:05`, overMinutes: 20, ...phoneFarm }),
    ...burst({ kind, count: 12, at: `${9 + i}:10`, overMinutes: 10, ...phoneFarm, device: 'x-phone' }),
    ...burst({ kind, account: 'account-1', count: 120, at: '11:05', overMinutes: 10, networks: 1 }),
  ]),
]
const played = once(() => play(stream))
const playedAgain = once(() => play(stream))
const shuffled = once(() => {
  const late = (id: string): number => (id.length * 7919 + id.charCodeAt(id.length - 1) * 104_729) % 30_000
  const arrivals = [...stream].sort((a, b) => a.timeMs + late(a.id) - (b.timeMs + late(b.id)))
  return play(arrivals, { disorderMs: 60_000 })
})
const restarted = once(() => play(stream, { restartAt: at('08:55') }))
// Four events an hour teach the platform nothing; two hundred and seventy of one second each do.
const besideQuiet = once(() => play([...stream, ...nameless('quiet', 32)]))
const besideLoud = once(() => play([...stream, ...nameless('loud', 2000)]))

/**
 * What every detector of linked accounts meets; whoever adds one adds what it finds.
 *
 * ```
 *  Mon 10 · 15  Tue 10 · 15  Wed 10 · 15  Thu 10 · 15
 *  a hundred and twenty papers ··························
 *  ▇ copy-0 … copy-4: the same stories        ▇ pusher-0 … pusher-11: the same links and tags
 *   ▇ thief: a paper's work      ▇ row-0 … row-11: registered on one device      gone ▇ ─── ▇ again
 * ```
 */
const linkedStream = [
  ...ordinaryPapers(),
  ...inTurns(members('copy', 5), (account, { turn, timeMs }) =>
    article({ account, timeMs, text: prose(`story-${turn}`) }),
  ),
  ...inTurns(members('pusher', 12), (account, { turn, timeMs }) => {
    const own = { account, timeMs, text: prose(`${account} at ${turn}`) }
    return article({ ...own, link: `https://shop.example/${turn}`, tag: `Hero-${turn}` })
  }),
  article({ account: 'paper-0', timeMs: at('09:00'), text: prose('work') }),
  article({ account: 'thief', timeMs: at('11:00'), text: prose('work'), original: true }),
  ...members('row', 12).map((account, place) =>
    happens(account, 'registered', `9:${place}`, { device: 'shelf', name: `Lucky Cat ${place}` }),
  ),
  happens('gone', 'login', '07:00', { subject: 'person-x', device: 'phone-x' }),
  happens('gone', 'closed', '20:00'),
  happens('again', 'registered', onDay(2, '09:00'), { subject: 'person-x', device: 'phone-x' }),
]
/**
 * What takes months: an account that is never used, and one that changes hands.
 *
 * ```
 *  day      0 ············ 70 ·········· 110 ·········· 183
 *  sold     its owner      another, elsewhere
 *  still     registered                                 six months are over
 *  papers, one of which is logged in to every twenty hours ···
 * ```
 */
const monthsStream = [
  ...settledAccounts(110),
  ...members('keeper', 2).flatMap((account, place) => runs(account, place / 4, 185, { everyDays: 0.5 })),
  ...Array.from({ length: 222 }, (_, turn) => happens('keeper-0', 'login', `${turn * 20}:00`)),
  happens('still', 'registered', onDay(1, '10:00')),
  ...readers('sold', 0, 110),
  ...runs('sold', 0, 70),
  ...runs('sold', 70, 110, another),
]
/**
 * What stands beside a number.
 *
 * ```
 *  06:00      08:00 ─── 09:05 ─────── 13:00  13:05        14:00
 *  ordinary traffic of eight accounts, and what was shown of it ·
 *  x                    ▲ farm comes         ▼ leaves, and clicks what was never shown
 *  account-1  ▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪ shown to six phones alone
 * ```
 */
const conductStream = [
  ...ordinaryTraffic(),
  ...impressionsOf(ordinaryTraffic()),
  ...burst({ kind: 'subscription', count: 150, at: '09:05', overMinutes: 20, ...phoneFarm }),
  ...leaving(
    { count: 150, at: '13:05', overMinutes: 40, ...phoneFarm },
    { count: 150, at: '09:05', overMinutes: 20, ...phoneFarm },
  ),
  ...burst({ kind: 'click', count: 300, at: '13:05', overMinutes: 40, entry: 'feed', ...phoneFarm }),
  ...Array.from({ length: 3000 }, (_, i): TestEvent => ({
    ...{ id: `shown-${i}`, kind: 'impression', actor: 'feed-home', account: 'account-1', amount: 20 },
    ...{ timeMs: at('08:00') + Math.floor((i * 5 * 3_600_000) / 3000), device: `screen-${i % 6}` },
  })),
]
const conductPlayed = once(() => play(conductStream))
const asItIs = (events: typeof stream) => ({
  played: once(() => play(events)),
  off: once(() => play(events, { policy: policyWith(linkedDetectors, 'off') })),
  shadow: once(() => play(events, { policy: policyWith(linkedDetectors, 'shadow') })),
})
const overDays = asItIs(linkedStream)
const overMonths = asItIs(monthsStream)
const linkedPlayed = overDays.played

const folder = join(__dirname, '../../src/detectors')
const withName = <One extends AnyDetector>(detector: One): [string, One] => [detector.name, detector]
const named = Object.values(accountDetectors).flat().map(withName)

describe('the detectors', () => {
  it('are those of the folders, one each', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(allDetectors.map(({ name }) => name).sort()).toEqual(folders.map(({ name }) => name).sort())
  })

  it('find nothing that cannot be told in every language', () => {
    const days = [played(), conductPlayed(), linkedPlayed(), overMonths.played()]
    const findings = days.flatMap(({ clusters }) => clusters.flatMap((report) => report.findings))
    const told = [...days.flatMap(({ verdicts }) => verdicts), ...findings]
    const elements = told.flatMap((one) => one.elements)
    expect(new Set(told.map(({ detector }) => detector))).toEqual(
      new Set(allDetectors.map(({ name }) => name)),
    )
    expect(elements.filter((element) => factOf(element) === undefined)).toEqual([])
    expect(elements.filter(({ element }) => !(legalElements as readonly string[]).includes(element))).toEqual(
      [],
    )
    const sentences = told.flatMap((one) => one.exonerating)
    expect(sentences.filter((sentence) => exonerationOf(sentence) === undefined)).toEqual([])
  })

  it('explain every trait and every family in their README', () => {
    const text = readFileSync(join(folder, 'README.md'), 'utf8')
    for (const { name, family } of traits) {
      expect(text).toContain(`\`${name}\``)
      if (families[family] !== 'apart')
        expect(text).toMatch(new RegExp(`\\| ${family} +\\| ${families[family]} `))
    }
  })
})

describe.each(allDetectors.map(withName))('%s', (name, detector) => {
  const schema = settingsOf(detector.params)

  it('is a folder with its timelines and its README', () => {
    for (const file of ['detector.ts', 'detector.test.ts', 'README.md']) {
      expect([file, existsSync(join(folder, name, file))]).toEqual([file, true])
    }
  })

  it('finds an offence of the contract, the one it is named after if it is', () => {
    expect(offences).toContain(detector.offence)
    if ((offences as readonly string[]).includes(name)) expect(detector.offence).toBe(name)
    expect(Number.isInteger(detector.version) && detector.version >= 1).toBe(true)
  })

  it('is summed up in one sentence', () => {
    expect(detector.summary).toMatch(/^[A-Z][^.!?]+\.$/)
  })

  it('has settings whose defaults lie within their bounds, and a policy that knows them', () => {
    for (const [setting, { default: value, min, max, meaning }] of schema) {
      expect([setting, Number.isFinite(min) && Number.isFinite(max) && min <= value && value <= max]).toEqual(
        [setting, true],
      )
      expect(meaning).toMatch(/^\w.+[^.]$/)
    }
    expect(defaultPolicy.detectors[name]).toEqual({ mode: 'live', ...defaultsOf<object>(detector.params) })
  })

  it('explains every setting in its README, or in the one that it refers to for them', () => {
    const own = readFileSync(join(folder, name, 'README.md'), 'utf8')
    const shared = own.includes('(../README.md#settings)')
      ? readFileSync(join(folder, 'README.md'), 'utf8')
      : ''
    const rows = (own + shared).split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
    for (const [setting, { default: value, min, max, meaning }] of schema) {
      const row = rows.find((cells) => cells[1] === `\`${setting}\``)
      expect(row?.slice(1, 5)).toEqual([
        `\`${setting}\``,
        written(value),
        `${written(min)} to ${written(max)}`,
        meaning,
      ])
    }
  })
})

describe.each(named)('%s, over an audience,', (name, detector) => {
  const foundIn = ({ findings }: Played): Finding[] => findings.filter((finding) => finding.detector === name)

  it('says nothing but what it may, whatever the history and the settings', () => {
    fc.assert(
      fc.property(anyHistory(), anySettings(detector), (history, settings) => {
        const finding = detector.judge(history, settings)
        if (finding === undefined) return
        expect(finding).toMatchObject({
          detector: name,
          detectorVersion: detector.version,
          offence: detector.offence,
        })
        const { accountId, kind, window } = history
        expect(finding).toMatchObject({ accountId, kind, window })
        expectSound(finding)
        // What goes through a log comes out as it went in.
        expect(JSON.parse(JSON.stringify(finding))).toEqual(finding)
      }),
      { numRuns: 300 },
    )
  })

  it('judges the same history the same way, and leaves it as it was', () => {
    fc.assert(
      fc.property(anyHistory(), anySettings(detector), (history, settings) => {
        const before = JSON.stringify([history, settings])
        const first = detector.judge(Object.freeze(history), Object.freeze(settings))
        expect(detector.judge(history, settings)).toEqual(first)
        expect(JSON.stringify([history, settings])).toBe(before)
      }),
    )
  })

  it('is not asked when the policy has switched it off', () => {
    expect(foundIn(play(stream, { policy: policyWith([detector], 'off') }))).toEqual([])
  })

  it('finds the same in the same stream, and in one that was shuffled within the allowed disorder', () => {
    expect(foundIn(playedAgain())).toEqual(foundIn(played()))
    expect(foundIn(shuffled())).toEqual(foundIn(played()))
  })

  it('finds the same when the state is saved and restored midway, again and again', () => {
    expect(foundIn(restarted())).toEqual(foundIn(played()))
  })

  it('finds the same beside another account that is too quiet to say what is usual', () => {
    // Where the events lie in the log is another matter: the quiet ones lie between them.
    const measured = (of: Played) => foundIn(of).map((finding) => ({ ...finding, positions: [] }))
    expect(measured(besideQuiet())).toEqual(measured(played()))
  })

  it('takes from another account no more than what is usual: what was measured stays as it is', () => {
    //  from others come        how usual a trait is on the platform, and with it every chance and the honest count
    //  from the account alone  window, numbers, their surprise, the operator's events, the samples
    const measured = (of: Played) =>
      new Map(
        foundIn(of).map(
          ({ accountId, kind, window, surprise, operatorEvents, eventIds, counts: { raw } }) => [
            `${accountId} ${kind} ${window.start} ${window.end}`,
            { surprise, operatorEvents, eventIds, raw },
          ],
        ),
      )
    const alone = measured(played())
    const inBoth = [...measured(besideLoud())].filter(([window]) => alone.has(window))
    expect(inBoth.length).toBeGreaterThanOrEqual(alone.size / 2)
    for (const [window, found] of inBoth) expect(found).toEqual(alone.get(window))
  })
})

const overLinked = [
  ...eachWith(clusterDetectors, anyCluster(), overDays),
  ...eachWith(hotspotDetectors, anyHotspot(), overDays),
  ...eachWith(copyDetectors, anyCopy(), overDays),
  ...eachWith(registrationDetectors, anyRegistrations(), overDays),
  ...eachWith(returnDetectors, anyReturn(), overDays),
  ...eachWith(unusedDetectors, anyUnused(), overMonths),
  ...eachWith(handoverDetectors, anyHandover(), overMonths),
]

describe.each(overLinked)('%s, over linked accounts,', (name, { detector, anyCase, over }) => {
  const foundIn = ({ clusters }: Played): ClusterFinding[] =>
    clusters.flatMap(({ findings }) => findings).filter((finding) => finding.detector === name)

  it('says nothing but what it may, whatever the history and the settings', () => {
    fc.assert(
      fc.property(anyCase, ({ judge }) => {
        const finding = judge()
        if (finding === undefined) return
        const { version: detectorVersion, offence } = detector
        expect(finding).toMatchObject({ detector: name, detectorVersion, offence })
        expectSoundOfLinked(finding)
        expect(JSON.parse(JSON.stringify(finding))).toEqual(finding)
      }),
      { numRuns: 300 },
    )
  })

  it('judges the same history the same way, and leaves it as it was', () => {
    fc.assert(
      fc.property(anyCase, ({ judge, given }) => {
        const before = JSON.stringify(given)
        const first = judge()
        expect(judge()).toEqual(first)
        expect(JSON.stringify(given)).toBe(before)
      }),
    )
  })

  it('finds something in a stream, and nothing when the policy has switched it off', () => {
    expect(foundIn(over.played())).not.toEqual([])
    expect(foundIn(over.off())).toEqual([])
  })

  it('on trial finds the same, and nothing of it counts', () => {
    expect(foundIn(over.shadow())).toEqual(foundIn(over.played()))
    const modes = over.shadow().verdicts.map(({ mode }) => mode)
    expect(new Set(modes)).toEqual(new Set(['shadow']))
  })
})

describe('the findings on linked accounts', () => {
  const foundIn = ({ clusters }: Played) => clusters.flatMap(({ findings }) => findings)

  it('are the same in a stream that was shuffled within the allowed disorder', () => {
    const late = (id: string): number => (id.length * 7919 + id.charCodeAt(id.length - 1) * 104_729) % 30_000
    const arrivals = [...linkedStream].sort((a, b) => a.timeMs + late(a.id) - (b.timeMs + late(b.id)))
    expect(foundIn(play(arrivals, { disorderMs: 60_000 }))).toEqual(foundIn(linkedPlayed()))
  })

  it('are the same when the state is saved and restored midway', () => {
    expect(foundIn(play(linkedStream, { restartAt: at(onDay(2, '12:00')) }))).toEqual(foundIn(linkedPlayed()))
  })

  it('are sound', () => {
    for (const over of [overDays, overMonths]) foundIn(over.played()).forEach(expectSoundOfLinked)
  })
})

describe('the findings of a day', () => {
  it('are sound, of every kind of event, and none is of the school', () => {
    const { findings, verdicts } = played()
    for (const finding of findings) expectSound(finding)
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(judgedKinds))
    expect(new Set(verdicts.map(({ accountId }) => accountId))).toEqual(new Set(['x']))
  })

  it('leave the events as they were, in every view', () => {
    const raw = blockOf(stream, { watermarkMs: at('14:00') }).bytes
    const account = new AccountView({ partition: 0, originCap: 10_000, policy: defaultPolicy })
    let folded = 0
    const before = raw.slice()
    new ActorView().fold(raw, (_output, record) => {
      const known = record.slice()
      account.fold(record, () => undefined)
      expect(Buffer.compare(record, known)).toBe(0)
      folded += readBlock(record).rows
    })
    expect(Buffer.compare(raw, before)).toBe(0)
    expect(folded).toBe(stream.length)
  })
})

/** Events of an account over the day, without a network and a program, which would tell of those of others. */
function nameless(account: string, count: number): TestEvent[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `${account}-${i}`,
    timeMs: at('06:00') + Math.floor((i / count) * 8 * 3_600_000),
    kind: judgedKinds[i % 4]!,
    action: 'subscribe',
    account,
    actor: `visitor-${account}-${i % (count / 2)}`,
    device: `phone-${account}-${i % 7}`,
    dwellMs: 1000,
  }))
}

/** Computes something when it is first asked for, and once. */
function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => (known ??= { value: compute() }).value
}

function expectSound(finding: Finding): void {
  const { pValue, surprise, evidence, counts, operatorEvents, eventIds, window } = finding
  const { raw, authentic, disputed, low, high } = counts
  for (const chance of [pValue, surprise.pValue, ...evidence.map((one) => one.pValue)]) expectShare(chance)
  for (const { observed, expected } of evidence) [observed, expected].forEach(expectShare)
  expect(pValue).toBeLessThanOrEqual(discardAbove)
  expect(authentic + disputed).toBe(raw)
  expect(0 <= low && low <= authentic && authentic <= high && high <= raw).toBe(true)
  expect(operatorEvents).toBeGreaterThanOrEqual(0)
  expect(eventIds.length).toBeLessThanOrEqual(20)
  expect(window.start).toBeLessThan(window.end)
  const tested = evidence.map(({ family }) => family)
  expect(new Set(tested).size).toBe(tested.length)
  expect(tested.filter((family) => families[family] === 'apart')).toEqual([])
}

function expectSoundOfLinked(finding: ClusterFinding): void {
  const { pValue, score, counts, cluster, elements, texts, eventIds, window, recommendation } = finding
  for (const chance of [pValue, score, ...elements.map((one) => one.pValue)]) expectShare(chance)
  expect(counts.authentic + counts.disputed).toBe(counts.raw)
  expect(Math.min(counts.authentic, counts.disputed)).toBeGreaterThanOrEqual(0)
  expect(['watch', 'warn', 'limit']).toContain(recommendation)
  expect(elements.length).toBeGreaterThanOrEqual(recommendation === 'watch' ? 1 : 2)
  for (const { sentence } of elements) expect(sentence).toMatch(/^[A-Z0-9].+\.$/s)
  expect(texts.length).toBeLessThanOrEqual(3)
  expect(eventIds.length).toBeLessThanOrEqual(20)
  expect(window.start).toBeLessThan(window.end)
  if (cluster === null) return
  expect(cluster.members.length).toBe(Math.min(200, cluster.size))
}

function expectShare(value: number): void {
  expect(value).toBeGreaterThanOrEqual(0)
  expect(value).toBeLessThanOrEqual(1)
}

/** A number as a README writes it: 10,000 and 1e-12. */
function written(value: number): string {
  return value >= 10_000 ? value.toLocaleString('en-US') : String(value)
}

function anySettings(detector: AnyDetector): fc.Arbitrary<object> {
  const schema = settingsOf(detector.params)
  return fc.record(
    Object.fromEntries(
      schema.map(([setting, { default: value, min, max }]) => [
        setting,
        fc.oneof(fc.constant(value), fc.double({ min, max, noNaN: true })),
      ]),
    ),
  )
}

/** Whatever the account view may ever measure, likely or not; often with something to find. */
function anyHistory(): fc.Arbitrary<AudienceHistory> {
  const share = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }))
  const reference = fc.record({
    mean: fc.double({ min: 0.005, max: 0.98, noNaN: true }),
    concentration: fc.double({ min: 8, max: 80, noNaN: true }),
  })
  return fc
    .record({
      kind: fc.constantFrom(...judgedKinds),
      count: fc.oneof(fc.nat(60), fc.nat(5000)),
      shares: fc.array(share, { minLength: traitCount, maxLength: traitCount }),
      references: fc.array(fc.option(reference, { nil: undefined, freq: 8 }), {
        minLength: traitCount,
        maxLength: traitCount,
      }),
      denseNetworks: fc.nat(32),
      expected: fc.double({ min: 0, max: 5000, noNaN: true }),
      surprise: fc.double({ min: 0, max: 1, noNaN: true }),
      samples: fc.nat(20),
    })
    .map(({ kind, count, shares, references, denseNetworks, expected, surprise, samples }) => ({
      accountId: 'x',
      kind,
      window: { start: at('14:00'), end: at('15:00') },
      count,
      traits: traits.map((_, trait) => Math.round(count * shares[trait]!)),
      denseNetworks,
      control: controlOf(),
      reference: (trait: number) => references[trait],
      surprise: { observed: count, expected, pValue: surprise },
      eventIds: Array.from({ length: samples }, (_, i) => `e${i}`),
    }))
}

/** The default policy, with some detectors in another mode. */
function policyWith(detectors: readonly AnyDetector[], mode: 'off' | 'shadow'): typeof defaultPolicy {
  const changed = detectors.map(({ name }) => [name, { ...defaultPolicy.detectors[name]!, mode }] as const)
  return { ...defaultPolicy, detectors: { ...defaultPolicy.detectors, ...Object.fromEntries(changed) } }
}

interface LinkedCase {
  readonly given: readonly [history: unknown, settings: object]
  readonly judge: () => ClusterFinding | undefined
}

/** Each detector with whatever it may be shown, under any settings, and a stream with something for it to find. */
function eachWith<History>(
  detectors: readonly LinkedDetector<History>[],
  histories: fc.Arbitrary<History>,
  over: ReturnType<typeof asItIs>,
): [string, { detector: AnyDetector; anyCase: fc.Arbitrary<LinkedCase>; over: typeof over }][] {
  return detectors.map((detector) => {
    const anyCase = fc.tuple(histories, anySettings(detector)).map(([history, settings]) => ({
      given: [history, settings] as const,
      judge: () => detector.judge(Object.freeze(history), Object.freeze(settings)),
    }))
    return [detector.name, { detector, anyCase, over }]
  })
}

function anyChance(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(0, 1, 1e-300, 1e-12, 1e-5), fc.double({ min: 0, max: 1, noNaN: true }))
}

function anyWindow(): fc.Arbitrary<{ start: number; end: number }> {
  return fc
    .integer({ min: 1, max: 10_000_000 })
    .map((spanMs) => ({ start: at('10:00'), end: at('10:00') + spanMs }))
}

function anyCluster(): fc.Arbitrary<ClusterHistory> {
  const families = Object.keys(tieFamilies) as TieFamily[]
  return fc
    .record({
      size: fc.oneof(fc.integer({ min: 2, max: 12 }), fc.constant(300)),
      accounts: fc.nat(300),
      window: anyWindow(),
      ties: fc.uniqueArray(
        fc.record({
          family: fc.constantFrom(...families),
          pairs: fc.integer({ min: 1, max: 1000 }),
          expected: fc.double({ min: 0, max: 1000, noNaN: true }),
          pValue: anyChance(),
          members: fc.integer({ min: 2, max: 300 }),
        }),
        { selector: ({ family }) => family },
      ),
      most: fc.nat(50),
      texts: fc.array(fc.string(), { maxLength: 3 }),
      declared: fc.nat(5),
    })
    .map(({ size, accounts, ties, most, ...rest }) => ({
      id: 'c-1',
      members: members('member', size).map((id, place) => ({ id, isAccount: place < accounts })),
      acts: { text: { most, pairs: 1 } },
      ties: ties.map((tie) => ({ ...tie, sentence: 'They are tied.' })),
      ...rest,
    }))
}

function anyHotspot(): fc.Arbitrary<HotspotHistory> {
  return fc
    .record({
      family: fc.constantFrom(...actFamilies),
      name: fc.string({ minLength: 1 }),
      cluster: anyCluster(),
      sampled: fc.integer({ min: 1, max: 500 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      usualShare: fc.double({ min: 0, max: 1, noNaN: true }),
      about: fc.constantFrom('engagers' as const, 'authors' as const),
      pushed: fc.array(fc.record({ id: fc.string({ minLength: 1 }), by: fc.nat(500) }), { maxLength: 20 }),
      window: anyWindow(),
    })
    .map(({ share, ...rest }) => ({ ...rest, members: Math.round(share * rest.sampled) }))
}

function anyCopy(): fc.Arbitrary<CopyHistory> {
  return fc
    .record({
      likeness: fc.double({ min: 0, max: 1, noNaN: true }),
      coverage: fc.double({ min: 0, max: 1, noNaN: true }),
      letters: fc.nat(10_000),
      leadMs: fc.nat(100_000_000),
      text: fc.string(),
      copies: fc.array(fc.double({ min: 0.3, max: 1, noNaN: true }), { minLength: 1, maxLength: 100 }),
    })
    .map(({ leadMs, ...rest }) => ({
      ...{ accountId: 'thief', contentId: 'c', eventId: 'e', olderAccountId: 'paper' },
      ...{ timeMs: at('10:00') + leadMs, olderMs: at('10:00'), victims: 1 },
      ...rest,
    }))
}

function anyRegistrations(): fc.Arbitrary<RegistrationHistory> {
  const origins = ['device', 'identity', 'network'] as const
  return fc
    .record({
      origin: fc.constantFrom(...origins),
      count: fc.integer({ min: 3, max: 300 }),
      window: anyWindow(),
      expected: fc.double({ min: 0, max: 50, noNaN: true }),
      sharing: fc.array(
        fc.record({
          what: fc.constantFrom(...origins, 'name' as const),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        { maxLength: 3 },
      ),
    })
    .map(({ count, sharing, ...rest }) => ({
      id: 'r-row-0',
      accountIds: members('row', count),
      eventIds: members('event', count),
      sharing: sharing.map(({ what, share }) => ({ what, accounts: Math.round(share * count) })),
      ...rest,
    }))
}

function anyReturn(): fc.Arbitrary<ReturnHistory> {
  const whats = ['identity', 'device', 'network', 'name', 'operator', 'texts'] as const
  return fc
    .record({
      awayMs: fc.nat(10_000_000_000),
      compared: fc.integer({ min: 1, max: 10_000 }),
      marks: fc.uniqueArray(fc.record({ what: fc.constantFrom(...whats), pValue: anyChance() }), {
        selector: ({ what }) => what,
      }),
    })
    .map(({ awayMs, compared, marks }) => ({
      ...{ accountId: 'again', closedAccountId: 'gone', eventIds: ['e'], compared },
      ...{ closedMs: at('10:00'), registeredMs: at('10:00') + awayMs },
      marks: marks.map((mark) => ({ ...mark, sentence: 'Both have it.' })),
    }))
}

function anyUnused(): fc.Arbitrary<UnusedHistory> {
  return fc
    .record({ laterMs: fc.nat(10_000_000_000), spanMs: fc.integer({ min: 1, max: 20_000_000_000 }) })
    .map(({ laterMs, spanMs }) => ({
      ...{ accountId: 'still', eventId: 'e', registeredMs: at('10:00'), sinceMs: at('10:00') + laterMs },
      asOfMs: at('10:00') + laterMs + spanMs,
    }))
}

function anyHandover(): fc.Arbitrary<HandoverHistory> {
  const bins = fc.array(fc.nat(100), { minLength: 8, maxLength: 8 })
  const count = fc.integer({ min: 1, max: 1000 })
  return fc
    .record({
      acts: fc.tuple(count, count),
      spanMs: fc.integer({ min: 1, max: 10_000_000_000 }),
      hands: fc.array(fc.record({ isChanged: fc.boolean(), isKept: fc.boolean(), rate: anyChance() }), {
        minLength: handFamilies.length,
        maxLength: handFamilies.length,
      }),
      habits: fc.array(fc.record({ pValue: anyChance(), before: bins, after: bins }), {
        minLength: habitFamilies.length,
        maxLength: habitFamilies.length,
      }),
      readers: fc.record({
        sampled: fc.nat(16),
        returned: fc.nat(16),
        usualShare: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    })
    .map(({ acts, spanMs, hands, habits, readers: came }) => ({
      ...{ accountId: 'sold', eventIds: ['e'], readers: came },
      before: { fromMs: at('0:00'), toMs: at('10:00'), acts: acts[0] },
      after: { fromMs: at('10:00'), toMs: at('10:00') + spanMs, acts: acts[1] },
      hands: hands.map((hand, place) => ({ family: handFamilies[place]!, ...hand })),
      habits: habits.map((habit, place) => ({ family: habitFamilies[place]!, ...habit })),
    }))
}
