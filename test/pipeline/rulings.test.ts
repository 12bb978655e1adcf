import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Correction, Verdict } from '../../src/model/records'
import { defaultPolicy, parsePolicy } from '../../src/policy/policy'
import { Embedded } from '../../src/runtime/embedded'
import type { EmbeddedOptions } from '../../src/runtime/embedded'
import type { RawSource } from '../../src/runtime/intake'
import { declareMetrics, observeViews } from '../../src/telemetry/metrics'
import { difference, outputsIn } from '../support/outputs'
import { replayed, smallDayLines, textSource } from '../support/pipeline'
import { seeded } from '../support/seeded'
import { temporaryFolders } from '../support/temporary'

/**
 * Two verdicts of the day, and what people say of them:
 *
 * ```
 *  02:00 ─────────────── 02:35:40 ─────── 02:41:40 ┤ the last event
 *                        comments of a    subscriptions of b
 * ```
 */
const newFolder = temporaryFolders()
const events = textSource(smallDayLines().slice(0, 1500).join(''), { name: 'events', chunkBytes: 30_000 })
const at = (clock: string): number => Date.parse(`2024-03-04T${clock}Z`)

describe('an overturned verdict', () => {
  it('recommends nothing from then on, and leaves all others as they are', async () => {
    const before = await run([events])
    const [wrong, other] = before.verdicts
    const { verdicts, corrections, books, stats } = await run([
      events,
      feedback({ on: wrong!, decision: 'overturned', at: '03:00:00' }),
    ])
    const metrics = declareMetrics()
    observeViews(metrics, stats)
    const told = await metrics.registry.metrics()
    expect(told).toMatch(
      new RegExp(`^assay_detector_precision{detector="${wrong!.detector}"} 0\\.\\d+$`, 'm'),
    )
    // The decision is later than the last event, and yet takes effect: with the last epoch.
    expect(verdicts).toEqual([wrong, expect.objectContaining({ status: 'overturned' }), other])
    const { raw } = wrong!.counts
    expect(verdicts[1]).toMatchObject({
      ...{
        verdictId: wrong!.verdictId,
        revision: 2,
        recommendation: 'watch',
        expiresAt: verdicts[1]!.detectedAt,
      },
      counts: { raw, authentic: raw, disputed: 0 },
    })
    const ofOther = ({ accountId }: Correction): boolean => accountId === other!.accountId
    expect(corrections.filter(ofOther)).toEqual(before.corrections.filter(ofOther))
    expect(books).toMatchObject({ waiting: 0, countedByKind: { feedback: 1 } })
  })

  it('is not raised again by what was known when a person looked at it', async () => {
    const before = await run([events])
    const [wrong, other] = before.verdicts
    const decided = feedback({ on: wrong!, decision: 'overturned', at: '02:36:10' })
    const { verdicts, corrections } = await run([events, decided])
    expect(verdicts.map(({ verdictId, status }) => [verdictId, status])).toEqual([
      [wrong!.verdictId, 'raised'],
      [wrong!.verdictId, 'overturned'],
      [other!.verdictId, 'raised'],
    ])
    expect(verdicts[1]!.detectedAt).toBe(at('02:36:20'))
    expect(corrections.filter(({ verdictIds }) => verdictIds.includes(wrong!.verdictId))).toEqual([])
  })

  it('is one however late the decision comes, and whatever its place among the files', async () => {
    const [wrong] = (await run([events])).verdicts
    // Decided at 02:36:10, but told behind the last event of the same file.
    const said = feedbackLine({ on: wrong!, decision: 'overturned', at: '02:36:10' })
    const late = textSource(smallDayLines().slice(0, 1500).join('') + said, { name: 'events' })
    const { verdicts, books } = await run([late])
    expect(verdicts).toContainEqual(
      expect.objectContaining({ verdictId: wrong!.verdictId, status: 'overturned' }),
    )
    expect(books.tooLate).toBe(0)
  })
})

describe('a policy that takes over', () => {
  it('lets a detector count from its epoch on, and is named by what it decides', async () => {
    const before = onTrial('trial-1', 'shadow')
    const { verdicts, corrections } = await run(
      [events, policies([{ version: 'trial-2', mode: 'live', at: '02:38:04' }])],
      parsePolicy(before),
    )
    expect(new Set(verdicts.map(({ mode, policyVersion }) => `${policyVersion} ${mode}`))).toEqual(
      new Set(['trial-1 shadow', 'trial-2 live']),
    )
    for (const { mode, detectedAt } of verdicts) expect(mode === 'live').toBe(detectedAt > at('02:38:00'))
    expect(corrections.length).toBeGreaterThan(0)
  })

  it('never does so from where anybody can write, nor when it does not hold', async () => {
    const line = policyLine({ version: 'mine-1', mode: 'off', at: '02:10:00' })
    const { letters, verdicts } = await run([
      textSource(line, { name: 'engagement' }),
      events,
      policySource(
        [
          policyLine({
            version: 'mine-2',
            mode: 'off',
            at: '02:10:00',
            text: '{"version":"mine-2","oneWrongIn":0}',
          }),
          policyLine({
            version: 'mine-3',
            mode: 'off',
            at: '02:10:00',
            text: '{"version":"mine-3","epochMs":5000}',
          }),
          policyLine({ version: 'mine-4', mode: 'off', at: '02:10:00', text: '{"version":"other"}' }),
          policyLine({ version: 'mine-5', mode: 'off', at: '02:10:00', text: 'never' }),
          smallDayLines()[0]!,
        ].join(''),
      ),
    ])
    expect(letters.map(({ source, reason }) => `${source} ${reason}`)).toEqual([
      'engagement misplaced-policy',
      ...Array<string>(4).fill('policies bad-policy'),
      'policies misplaced-policy',
    ])
    expect(verdicts.map(({ policyVersion }) => policyVersion)).toEqual(['default-1', 'default-1'])
  })

  it('waits for its time, and an older one that comes late does not turn it back', async () => {
    const { verdicts } = await run([
      events,
      policies([
        { version: 'third', mode: 'shadow', at: '09:00:00' },
        { version: 'second', mode: 'live', at: '02:20:00' },
        { version: 'first', mode: 'off', at: '02:19:00' },
      ]),
    ])
    expect(new Set(verdicts.map(({ policyVersion }) => policyVersion))).toEqual(new Set(['second']))
  })
})

it.each([1, 2, 3])('decides the same when it is killed in between (seed %i)', async (seed) => {
  const [wrong] = (await run([events])).verdicts
  const sources = [
    events,
    feedback({ on: wrong!, decision: 'overturned', at: '02:36:10' }),
    policies([{ version: 'late-1', mode: 'shadow', at: '02:39:00' }]),
  ]
  const unbroken = newFolder()
  await embedded(unbroken, sources)
  const random = seeded(seed)
  let folder = newFolder()
  for (let kill = 0; kill < 3; kill++) {
    const copy = join(newFolder(), 'state')
    let turns = Math.floor(random() * 10)
    const onProgress = (): void => {
      if (turns-- === 0) cpSync(folder, copy, { recursive: true })
    }
    await embedded(folder, sources, { onProgress, isStopping: () => existsSync(copy) })
    if (existsSync(copy)) folder = copy
  }
  await embedded(folder, sources)
  expect(difference(outputsIn(unbroken), outputsIn(folder))).toBe('')
  const { verdicts, surges } = outputsIn(folder)
  expect(verdicts.toString()).toContain('"status":"overturned"')
  expect(verdicts.toString()).toContain('"policyVersion":"late-1"')
  expect(surges.toString()).toContain(`"type":"regression","verdictId":"${wrong!.verdictId}"`)
})

it('takes effect in a later run that brings nothing else, and takes back what rests on it alone', async () => {
  const folder = newFolder()
  await embedded(folder, [events])
  const [wrong, other] = parsed<Verdict>(outputsIn(folder).verdicts)
  const before = parsed<Correction>(outputsIn(folder).corrections)
  await embedded(folder, [events, feedback({ on: wrong!, decision: 'overturned', at: '05:00:00' })])
  const after = outputsIn(folder)
  expect(parsed<Verdict>(after.verdicts).slice(2)).toMatchObject([
    { verdictId: wrong!.verdictId, status: 'overturned' },
  ])
  const resting = before.filter(({ verdictIds }) => verdictIds.includes(wrong!.verdictId))
  expect(resting.length).toBeGreaterThan(0)
  expect(parsed<Correction>(after.corrections).slice(before.length)).toEqual(
    latest(resting).map((one) => ({
      ...one,
      ...{ authentic: one.raw, disputed: 0, low: one.raw, high: one.raw, verdictIds: [] },
    })),
  )
  expect(latest(before).some(({ accountId }) => accountId === other!.accountId)).toBe(true)
})

interface Said {
  readonly on: Verdict
  readonly decision: 'confirmed' | 'overturned'
  readonly at: string
}

function feedback(said: Said): RawSource {
  return { ...textSource(feedbackLine(said), { name: 'feedback' }), kind: 'feedback' }
}

function feedbackLine({ on: { accountId, verdictId }, decision, at: clock }: Said): string {
  const said = { kind: 'feedback', eventId: `f-${clock}`, occurredAt: at(clock), actorId: 'ada' }
  return `${JSON.stringify({ ...said, accountId, verdictId, decision })}\n`
}

interface Activated {
  readonly version: string
  readonly mode: 'off' | 'shadow' | 'live'
  readonly at: string
  readonly text?: string
}

function policies(activated: readonly Activated[]): RawSource {
  return policySource(activated.map(policyLine).join(''))
}

function policySource(lines: string): RawSource {
  return { ...textSource(lines, { name: 'policies' }), kind: 'policy' }
}

function policyLine({ version, mode, at: clock, text }: Activated): string {
  const of = { kind: 'policy', eventId: `p-${version}`, occurredAt: at(clock), actorId: 'ada' }
  const document = text ?? JSON.stringify(parsePolicy(onTrial(version, mode)))
  return `${JSON.stringify({ ...of, accountId: version, text: document })}\n`
}

function onTrial(version: string, mode: Activated['mode']): object {
  const names = Object.keys(defaultPolicy.detectors)
  return { version, detectors: Object.fromEntries(names.map((name) => [name, { mode }])) }
}

async function run(sources: readonly RawSource[], policy = defaultPolicy) {
  const { verdicts, corrections, ...rest } = await replayed(sources, { policy })
  return {
    ...rest,
    verdicts: verdicts.map((json) => JSON.parse(json) as Verdict),
    corrections: corrections.map((json) => JSON.parse(json) as Correction),
  }
}

/** The latest correction of each content and hour, which is the one that holds. */
function latest(corrections: readonly Correction[]): Correction[] {
  const keyOf = ({ accountId, contentId, kind, hour }: Correction): string =>
    `${accountId}|${contentId ?? ''}|${kind}|${hour}`
  return [...new Map(corrections.map((one) => [keyOf(one), one])).values()]
}

async function embedded(
  folder: string,
  sources: readonly RawSource[],
  options: Partial<EmbeddedOptions> = {},
): Promise<void> {
  let nowMs = 0
  const whole = await Embedded.open({
    ...{ policy: defaultPolicy, key: new Uint8Array(32), sources, folder },
    out: join(folder, 'verdicts.ndjson'),
    corrections: join(folder, 'corrections.ndjson'),
    deadLetters: join(folder, 'dead-letters.ndjson'),
    blockSpanMs: 600_000,
    clockMs: () => (nowMs += 300),
    ...options,
  })
  try {
    await whole.run()
  } finally {
    await whole.close()
  }
}

function parsed<T>(lines: Buffer): T[] {
  return lines
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
