import type { Correction, Verdict } from '../../src/model/records'
import type { HttpOptions } from '../../src/http/server'
import { MemoryStanding } from '../../src/store/standing-memory'
import { declareMetrics } from '../../src/telemetry/metrics'
import type { ClusterEvents } from '../../src/model/cluster'
import type { ClusterTies } from '../../src/views/network/ties-of'
import { atLeast } from '../../src/model/nearest'
import { builtConsole } from './cli'
import { backtestReport, startServed, urlOf } from './served'
import { clusterVerdictOf, correctionOf, lineOf, verdictOf } from './standing-promises'

/** A service that somebody looks at: a few verdicts, and as many more as a test sends. */
export interface Shown {
  readonly url: string
  publish(...verdicts: Verdict[]): Promise<void>
  close(): Promise<void>
}

/** An account that calls itself what would act on a page that is careless. */
export const hostileId = '<img src=x onerror=alert(1)>/../"\'&‮live‬​%00 ?#'
export const hostileText = '</p><script>alert(2)</script>\u202Edesrever\u202C \u200Bjoined'

const start = Date.UTC(2026, 2, 1, 1)
const hourMs = 3_600_000

/** What a small platform has to show, by its ids. */
export const shownVerdicts = {
  clicks: 'v-00000000000000000000000000000001',
  steered: 'v-00000000000000000000000000000002',
  hostile: 'v-00000000000000000000000000000003',
} as const
export const shownCluster = 'c-0000000000000001'
export const absorbedCluster = 'c-0000000000000002'

const dates = { window: { start, end: start + 3 * hourMs }, detectedAt: start + 3 * hourMs }
const expiresAt = start + 90 * 86_400_000

function verdictsShown(): Verdict[] {
  const share = {
    ...{ element: 'false-traffic', observed: 0.8, expected: 0.1, pValue: 1e-9 },
    test: "share of shared-device, beta-binomial against the platform and the account's own past",
    sentence: '80 % of the clicks came from a device that three or more of these actors use; 10 % is usual.',
  }
  const clicks = { ...dates, expiresAt, verdictId: shownVerdicts.clicks, elements: [share] }
  return [
    verdictOf({
      ...clicks,
      recommendation: 'correct-count',
      role: 'beneficiary',
      detectedAt: start + hourMs,
    }),
    verdictOf({
      ...clicks,
      ...{ revision: 2, status: 'escalated' },
      exonerating: ["None of it came from a device of the account's own operator."],
    }),
    clusterVerdictOf(['daily-bread', 'weekly-bread', 'monthly-bread', hostileId], {
      ...{ ...dates, expiresAt, verdictId: shownVerdicts.steered },
      subject: { type: 'cluster', id: shownCluster },
      cluster: {
        id: shownCluster,
        size: 5,
        members: ['daily-bread', 'weekly-bread', 'monthly-bread', hostileId],
      },
      evidence: {
        eventIds: ['e-1', hostileId],
        texts: ['Our bread is baked before dawn.', 'Our bread is sold before dawn!', '面包在黎明前出炉。'],
        positions: [{ log: 'accounts', partition: 0, from: 3, to: 9 }],
      },
    }),
    verdictOf({
      ...{ ...dates, expiresAt, verdictId: shownVerdicts.hostile },
      ...{ offence: 'forged-originality', accountId: hostileId, role: 'author', mode: 'shadow' },
      elements: [{ ...share, element: 'likeness', sentence: hostileText }],
      evidence: { eventIds: [hostileId], texts: [hostileText, `${hostileText}!`], positions: [] },
    }),
  ]
}

function correctionsShown(): Correction[] {
  return [0, 1, 2].map((hour) =>
    correctionOf({ hour: start + hour * hourMs, verdictIds: [shownVerdicts.clicks], raw: 100 + 10 * hour }),
  )
}

function tiesShown(clusterId: string): ClusterTies | undefined {
  if (clusterId !== shownCluster) return undefined
  const members = ['daily-bread', 'weekly-bread', 'monthly-bread', hostileId]
  const acted = { act: 'text', count: 9, expected: 0.2, pValue: 1e-8, withinMs: 60_000 } as const
  return {
    ...{ clusterId, bornMs: start, lastMs: start + hourMs, size: 5, tiesLeftOut: 0 },
    members: members.map((id) => ({ id, type: 'account' })),
    ties: members.flatMap((b, at) => {
      const pair = { a: members[(at + 1) % members.length]!, b }
      const when = { fromMs: start + at * 60_000, toMs: start + hourMs }
      return [
        { ...pair, ...acted, ...when, family: 'texts' as const },
        { ...pair, family: 'devices' as const },
      ]
    }),
  }
}

function eventsShown(clusterId: string): ClusterEvents | undefined {
  if (clusterId !== shownCluster) return undefined
  const at = (hour: number): number => start + hour * hourMs
  return {
    clusterId,
    events: [
      { at: at(0), change: 'born', size: 5 },
      { at: at(1), change: 'grown', size: 9 },
      { at: at(5), change: 'absorbed', size: 14, other: absorbedCluster },
      { at: at(9), change: 'split', size: 5, other: 'c-0000000000000003' },
    ],
  }
}

/** Serves the console over that platform. */
export async function showConsole(options: Partial<HttpOptions> = {}): Promise<Shown> {
  const standing = new MemoryStanding()
  let position = 0
  const publish = async (...verdicts: Verdict[]): Promise<void> => {
    await standing.apply({ log: 'verdicts', from: position, records: verdicts.map(lineOf) })
    position += verdicts.length
  }
  await publish(...verdictsShown())
  await standing.apply({ log: 'corrections', from: 0, records: correctionsShown().map(lineOf) })
  let clicks = 0
  const server = await startServed({
    standing,
    registry: declareMetrics().registry,
    nowMs: () => start + 4 * hourMs,
    console: builtConsole(),
    ties: tiesShown,
    backtests: [
      backtestReport,
      {
        ...{ ...backtestReport, name: 'calm.json', candidate: 'calm-1' },
        ...{ newlyFlagged: [], noLongerFlagged: [], byOffence: {}, byRung: {}, figures: {} },
        gate: { limits: {}, exceeded: [] },
      },
    ],
    clusterEvents: eventsShown,
    whyNot: (accountId) => ({
      ...{ accountId, asOf: start, past: [], exempt: [], verdictIds: [], elsewhere: [] },
      now: [
        {
          ...{ offence: 'inflated-clicks', detector: 'inflated-clicks', window: dates.window, pValue: 1 },
          elements: [],
          conditions: [{ ...atLeast('count', 3, 30), sentence: `3 clicks of ${accountId}, 30 are needed` }],
        },
      ],
    }),
    flow: () => ({
      ...{ asOfMs: start, records: (clicks += 100), duplicates: 1, tooLate: 2, verdicts: position },
      ...{ events: { click: clicks, comment: 7 }, corrections: 3, deadLetters: 1 },
      ...{ deadLettersByReason: { 'bad-json': 1 }, tasks: [{ name: 'intake', lag: 12, isReady: true }] },
    }),
    ...options,
  })
  return {
    url: urlOf(server),
    publish,
    close: () => server.close(),
  }
}
