import type { ClusterHistory, TieEvidence } from '../../src/detectors/linked'
import type { TieFamily } from '../../src/model/cluster'

/** What was measured of a cluster, as a test writes it; what it leaves out is of five accounts that nothing ties. */
export function clusterHistoryOf(described: Partial<ClusterHistory> = {}): ClusterHistory {
  return {
    id: 'c-1',
    members: Array.from({ length: 5 }, (_, number) => ({ id: `copy-${number}`, isAccount: true })),
    window: { start: Date.UTC(2026, 0, 5), end: Date.UTC(2026, 0, 8) },
    acts: { text: { most: 8, pairs: 10 } },
    ties: [],
    texts: ['one and the same story'],
    declared: 0,
    ...described,
  }
}

/** A family of ties that chance does not explain: all ten pairs of five. */
export function tieOf(family: TieFamily, described: Partial<TieEvidence> = {}): TieEvidence {
  return {
    family,
    pairs: 10,
    expected: 0.1,
    pValue: 1e-12,
    members: 5,
    sentence: `5 of them are tied by ${family}.`,
    ...described,
  }
}
