import fc from 'fast-check'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { allDetectors } from '../../src/detectors'
import type { AccountDetector, AudienceHistory } from '../../src/detectors/detector'
import { defaultsOf, settingsOf } from '../../src/detectors/detector'
import { readBlock } from '../../src/model/block'
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
import { at, burst, ordinaryTraffic, phoneFarm, play, post } from '../support/timeline'
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
const shuffled = once(() => {
  const late = (id: string): number => (id.length * 7919 + id.charCodeAt(id.length - 1) * 104_729) % 30_000
  const arrivals = [...stream].sort((a, b) => a.timeMs + late(a.id) - (b.timeMs + late(b.id)))
  return play(arrivals, { disorderMs: 60_000 })
})
const restarted = once(() => play(stream, { restartAt: at('08:55') }))
// Four events an hour teach the platform nothing; two hundred and seventy of one second each do.
const besideQuiet = once(() => play([...stream, ...nameless('quiet', 32)]))
const besideLoud = once(() => play([...stream, ...nameless('loud', 2000)]))

const folder = join(__dirname, '../../src/detectors')
const named = allDetectors.map((detector): [string, AccountDetector] => [detector.name, detector])

describe('the detectors', () => {
  it('are those of the folders, one each', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(allDetectors.map(({ name }) => name).sort()).toEqual(folders.map(({ name }) => name).sort())
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

describe.each(named)('%s', (name, detector) => {
  const schema = settingsOf(detector.params)
  const foundIn = ({ findings }: Played): Finding[] => findings.filter((finding) => finding.detector === name)

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
    const off = {
      ...defaultPolicy,
      detectors: { ...defaultPolicy.detectors, [name]: { mode: 'off' as const } },
    }
    expect(foundIn(play(stream, { policy: off }))).toEqual([])
  })

  it('finds the same in the same stream, and in one that was shuffled within the allowed disorder', () => {
    expect(foundIn(play(stream))).toEqual(foundIn(played()))
    expect(foundIn(shuffled())).toEqual(foundIn(played()))
  })

  it('finds the same when the state is saved and restored midway, again and again', () => {
    expect(foundIn(restarted())).toEqual(foundIn(played()))
  })

  it('finds the same beside another account that is too quiet to say what is usual', () => {
    expect(foundIn(besideQuiet())).toEqual(foundIn(played()))
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

describe('the findings of a day', () => {
  it('are sound, of every kind of event, and none is of the school', () => {
    const { findings, verdicts } = played()
    for (const finding of findings) expectSound(finding)
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(judgedKinds))
    expect(new Set(verdicts.map(({ accountId }) => accountId))).toEqual(new Set(['x']))
  })

  it('leave the events as they were, in every view', () => {
    const raw = blockOf(stream, { watermarkMs: at('14:00') }).bytes
    const { epochMs, detectors } = defaultPolicy
    const account = new AccountView({ partition: 0, epochMs, originCap: 10_000, detectors })
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

function expectShare(value: number): void {
  expect(value).toBeGreaterThanOrEqual(0)
  expect(value).toBeLessThanOrEqual(1)
}

/** A number as a README writes it: 10,000 and 1e-12. */
function written(value: number): string {
  return value >= 10_000 ? value.toLocaleString('en-US') : String(value)
}

function anySettings(detector: AccountDetector): fc.Arbitrary<object> {
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
      reference: (trait: number) => references[trait],
      surprise: { observed: count, expected, pValue: surprise },
      eventIds: Array.from({ length: samples }, (_, i) => `e${i}`),
    }))
}
