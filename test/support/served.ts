import { createHash } from 'node:crypto'
import { Registry } from 'prom-client'
import type { NamedReport } from '../../src/backtest/report'
import type { FlowCounts } from '../../src/http/flow'
import { startHttp } from '../../src/http/server'
import type { HttpOptions, HttpServer } from '../../src/http/server'
import type { ClusterEvents } from '../../src/model/cluster'
import { defaultPolicy } from '../../src/policy/policy'
import { MemoryStanding } from '../../src/store/standing-memory'
import type { ClusterTies } from '../../src/views/network/ties-of'
import { clusterVerdictOf, correctionOf, lineOf, verdictOf } from './standing-promises'

/** Serves at a free port of this machine what a test names, and nothing where it names nothing. */
export function startServed(options: Partial<HttpOptions> = {}): Promise<HttpServer> {
  return startHttp({
    port: 0,
    standing: new MemoryStanding(),
    readiness: () => [],
    registry: new Registry(),
    policy: () => defaultPolicy,
    tokens: [],
    ...options,
  })
}

/** What a server is told of a token instead of the token. */
export function tokenHashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

export function urlOf({ address }: HttpServer): string {
  return `http://127.0.0.1:${address.port}`
}

/** A verdict on an account, one on a cluster of two, and a correction. */
export async function smallStanding(): Promise<MemoryStanding> {
  const standing = new MemoryStanding()
  const verdicts = [verdictOf(), clusterVerdictOf(['daily-bread', 'weekly-bread'])]
  await standing.apply({ log: 'verdicts', from: 0, records: verdicts.map(lineOf) })
  await standing.apply({ log: 'corrections', from: 0, records: [lineOf(correctionOf())] })
  return standing
}

/** Two accounts that share devices and forward the same things, as a cluster of any id. */
export function tiesOf(clusterId: string): ClusterTies {
  const pair = { a: 'daily-bread', b: 'weekly-bread' }
  return {
    ...{ clusterId, bornMs: 1, lastMs: 9, size: 2, tiesLeftOut: 0 },
    members: [
      { id: pair.a, type: 'account' },
      { id: pair.b, type: 'account' },
    ],
    ties: [
      { ...pair, family: 'devices' },
      {
        ...{ ...pair, family: 'joint-action', act: 'forward', count: 7, expected: 0.1 },
        ...{ pValue: 1e-9, withinMs: 60_000, fromMs: 2, toMs: 8 },
      },
    ],
  }
}

/** A cluster of any id that came about and took in another. */
export function eventsOf(clusterId: string): ClusterEvents {
  return {
    clusterId,
    events: [
      { at: 1, change: 'born', size: 1 },
      { at: 9, change: 'absorbed', size: 2, other: 'c-0' },
    ],
  }
}

/** A bolder policy, under which one account is newly flagged and one no longer is, which its gate does not allow. */
export const backtestReport: NamedReport = {
  ...{ name: 'bold.json', current: 'now-1', candidate: 'bold-2', records: 5_000 },
  newlyFlagged: [
    {
      ...{ offence: 'inflated-clicks', subject: 'account daily-bread', accountId: 'daily-bread' },
      ...{ verdictId: 'v-1', recommendation: 'warn', headline: '80 of 100 clicks are not by an audience.' },
    },
  ],
  noLongerFlagged: [
    {
      ...{ offence: 'steered-accounts', subject: 'cluster c-1', accountId: 'weekly-bread' },
      ...{ verdictId: 'v-2', recommendation: 'watch', headline: 'Two acted together.' },
    },
  ],
  byOffence: {
    'inflated-clicks': {
      ...{ current: 3, candidate: 4, newlyFlagged: 1, noLongerFlagged: 0, raised: 1, lowered: 0 },
    },
    'steered-accounts': {
      ...{ current: 1, candidate: 0, newlyFlagged: 0, noLongerFlagged: 1, raised: 0, lowered: 0 },
    },
  },
  byRung: { none: { warn: 1 }, watch: { none: 1 }, 'correct-count': { 'correct-count': 2, warn: 1 } },
  figures: {
    ...{ flaggedNow: 4, flagged: 4, newlyFlagged: 1, noLongerFlagged: 1, sanctionsNow: 0, sanctions: 2 },
    ...{ expectedWrongNow: 0.0031, expectedWrong: 0.42, disputedNow: 900, disputed: 1_100 },
  },
  gate: { limits: { newlyFlagged: 0 }, exceeded: ['newlyFlagged is 1, the gate is at most 0'] },
  ...{ failedCases: [], shared: ['actor', 'trace'] },
}

export const flow: FlowCounts = {
  ...{ asOfMs: null, records: 9, duplicates: 1, tooLate: 2, verdicts: 1, corrections: 1 },
  ...{ events: { click: 3 }, deadLetters: 3, deadLettersByReason: { 'bad-json': 3 } },
  tasks: [{ name: 'intake', lag: 5, isReady: true }],
}
