import type { FlowCounts } from '../../src/http/flow'
import type { ClusterTies } from '../../src/views/network/ties-of'

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

export const flow: FlowCounts = {
  ...{ asOfMs: null, records: 9, duplicates: 1, tooLate: 2, verdicts: 1, corrections: 1 },
  ...{ events: { click: 3 }, deadLetters: 3, deadLettersByReason: { 'bad-json': 3 } },
  tasks: [{ name: 'intake', lag: 5, isReady: true }],
}
