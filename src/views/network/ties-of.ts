import { actFamilies } from '../../model/acts'
import type { ActFamily } from '../../model/acts'
import { tieFamilyOf } from '../../model/cluster'
import type { TieFamily } from '../../model/cluster'
import type { Graph, GraphNode } from './graph'
import { mostOnResource } from './graph'

/** What holds a cluster together now, pair by pair, as a person looks at it. */
export interface ClusterTies {
  readonly clusterId: string
  /** When it came about, and when its members or ties changed last. */
  readonly bornMs: number
  readonly lastMs: number
  /** How many belong to it; at most two hundred are listed. */
  readonly size: number
  readonly members: readonly { readonly id: string; readonly type: 'account' | 'actor' }[]
  /** Ties between those who are listed, the surest first; what they did, and when. */
  readonly ties: readonly PairTie[]
  /** Ties beyond the most that are listed. */
  readonly tiesLeftOut: number
}

export type PairTie = ActedTie | SharedTie

/** Two that acted alike at the same time, more often than chance brings about. */
export interface ActedTie {
  readonly a: string
  readonly b: string
  readonly family: TieFamily
  readonly act: ActFamily
  readonly count: number
  readonly expected: number
  readonly pValue: number
  readonly withinMs: number
  readonly fromMs: number
  readonly toMs: number
}

/** Two behind whom the same device, network, identity or operator stands. */
export interface SharedTie {
  readonly a: string
  readonly b: string
  readonly family: TieFamily
}

/** The ties of a cluster; undefined of one that is not there any more. */
export function tiesOf(clusterId: string, graph: Graph): ClusterTies | undefined {
  const cluster = graph.clusters.get(clusterId)
  if (cluster === undefined) return undefined
  const listed = [...cluster.members].sort().slice(0, mostMembers)
  const acted: ActedTie[] = []
  const shared: SharedTie[] = []
  for (const [one, other, between] of graph.tiesWithin(new Set(listed))) {
    const pair = { a: nameOf(one), b: nameOf(other) }
    for (const act of actFamilies) {
      const tie = between[act]
      if (tie === undefined) continue
      const { count, expected, pValue, withinMs, fromMs, toMs } = tie
      acted.push({
        ...pair,
        ...{ family: tieFamilyOf[act], act, count, expected, pValue, withinMs, fromMs, toMs },
      })
    }
    for (const family of sharedBy(one, other)) shared.push({ ...pair, family })
  }
  acted.sort((one, other) => one.pValue - other.pValue || other.count - one.count)
  const ties = [...shared, ...acted]
  return {
    clusterId,
    bornMs: cluster.bornMs,
    lastMs: cluster.lastMs,
    size: cluster.members.size,
    members: listed.map((key) => {
      const node = graph.nodes.get(key)!
      return { id: nameOf(node), type: node.isAccount ? 'account' : 'actor' }
    }),
    ties: ties.slice(0, mostTies),
    tiesLeftOut: Math.max(0, ties.length - mostTies),
  }
}

/** What two nodes have in common beside what they did; what very many share shows nothing. */
function sharedBy(one: GraphNode, other: GraphNode): TieFamily[] {
  const isShared = (name: 'device' | 'network', nodes: 'deviceNodes' | 'networkNodes'): boolean =>
    one[name] !== 0 && one[name] === other[name] && one[nodes] <= mostOnResource
  return [
    ...(isShared('device', 'deviceNodes') ? (['devices'] as const) : []),
    ...(isShared('network', 'networkNodes') ? (['networks'] as const) : []),
    ...(one.subject !== undefined && one.subject === other.subject ? (['identities'] as const) : []),
    ...((one.operators ?? []).some((operator) => other.operators?.includes(operator) === true)
      ? (['operators'] as const)
      : []),
  ]
}

/** The id by which the platform knows it; of one whose id never came, its pseudonym. */
function nameOf({ id, node }: GraphNode): string {
  return id === '' ? node : id
}

const mostMembers = 200
const mostTies = 2_000
