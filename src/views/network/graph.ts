import { createHash } from 'node:crypto'
import type { ActFamily, NodeId } from '../../model/acts'
import { actFamilies } from '../../model/acts'
import type { ClusterChange, JointTie, NodeFacts } from '../../model/cluster'
import { tieFamilyOf } from '../../model/cluster'
import { groupsOf } from './groups'

/** Whoever is tied to somebody. */
export interface GraphNode extends Omit<NodeFacts, 'acts' | 'isAccount'> {
  isAccount: boolean
  /** Verified identity, and those who publish for it, where it is a public account. */
  subject?: string
  operators?: string[]
  cluster: string | null
  readonly partners: Map<NodeId, Ties>
}

/** What ties two nodes, by what they acted on. */
export type Ties = Partial<Record<ActFamily, JointTie>>

export interface GraphCluster {
  readonly id: string
  readonly bornMs: number
  members: Set<NodeId>
  lastMs: number
  /** What was told of it last: how many members, and which families of ties were sure. */
  toldSize: number
  toldFamilies: string
}

export interface Regrouped {
  /** Clusters that are new or have changed members or ties. */
  readonly touched: readonly GraphCluster[]
  readonly joined: readonly { readonly node: NodeId; readonly cluster: string }[]
  readonly left: readonly NodeId[]
  readonly changes: readonly ClusterChange[]
}

/**
 * Ties become clusters. A cluster is a group of nodes that all act together with several others of it; it keeps its id
 * while it grows, shrinks, takes in another or falls apart, as long as most of those who stay together were in it.
 *
 * ```
 *  a b c d e        born as c-1
 *  a b c d e f g    grown
 *  a b c d e f g + h i j k l (c-2)      merged: c-1, the older; c-2 is gone
 *  a b c d | e f g h i j k l            split: c-1 is where most of its members are, the rest is c-3
 * ```
 */
export class Graph {
  readonly nodes = new Map<NodeId, GraphNode>()
  readonly clusters = new Map<string, GraphCluster>()
  private dirty = new Set<NodeId>()
  /** Ties that were left out because a node had as many as are kept. */
  dropped = 0

  constructor(private readonly options: GraphOptions) {}

  /** Notes what is known of a node. */
  see({ node: key, id, isAccount, device, network, deviceNodes, networkNodes }: NodeFacts): GraphNode {
    const facts = { node: key, id, isAccount, device, network, deviceNodes, networkNodes }
    const known = this.nodes.get(facts.node)
    if (known !== undefined) {
      Object.assign(known, facts.id === '' ? { ...facts, id: known.id } : facts)
      return known
    }
    const node: GraphNode = { ...facts, cluster: null, partners: new Map() }
    this.nodes.set(facts.node, node)
    return node
  }

  /** Notes that two nodes, both seen before, act together. */
  tie(tie: JointTie): void {
    const [a, b] = [this.nodes.get(tie.a), this.nodes.get(tie.b)]
    if (a === undefined || b === undefined || a === b) return
    let ties = a.partners.get(b.node)
    if (ties === undefined) {
      const { mostPartners } = this.options
      if (a.partners.size >= mostPartners || b.partners.size >= mostPartners) {
        this.dropped++
        return
      }
      ties = {}
      a.partners.set(b.node, ties)
      b.partners.set(a.node, ties)
    }
    ties[tie.family] = tie
    this.dirty.add(a.node)
  }

  /** Forgets the ties between some nodes; what is left of their clusters shows when groups are formed anew. */
  untie(nodes: ReadonlySet<NodeId>): void {
    for (const id of nodes) {
      const node = this.nodes.get(id)
      if (node === undefined) continue
      this.dirty.add(id)
      for (const other of node.partners.keys()) if (nodes.has(other)) node.partners.delete(other)
    }
  }

  /** Forms the groups anew where ties have come or gone, and says what became of the clusters. */
  regroup(endMs: number): Regrouped {
    const result = { touched: new Set<GraphCluster>(), joined: [], left: [], changes: [] } as {
      touched: Set<GraphCluster>
      joined: { node: NodeId; cluster: string }[]
      left: NodeId[]
      changes: ClusterChange[]
    }
    const done = new Set<NodeId>()
    for (const start of [...this.dirty].sort()) {
      if (done.has(start) || !this.nodes.has(start)) continue
      const component = this.componentOf(start)
      for (const node of component) done.add(node)
      this.regroupComponent(component, endMs, result)
    }
    this.dirty = new Set()
    return { ...result, touched: [...result.touched] }
  }

  /** Forgets ties and clusters that nothing has renewed for a span; called now and then. */
  expire(nowMs: number): Pick<Regrouped, 'left' | 'changes'> {
    const oldestMs = nowMs - this.options.tieSpanMs
    const left: NodeId[] = []
    const changes: ClusterChange[] = []
    for (const cluster of this.clusters.values()) {
      if (cluster.lastMs >= oldestMs) continue
      changes.push({ cluster: cluster.id, change: 'died', size: cluster.members.size })
      for (const node of [...cluster.members].sort()) {
        left.push(node)
        const known = this.nodes.get(node)
        if (known !== undefined) known.cluster = null
      }
      this.clusters.delete(cluster.id)
    }
    for (const node of this.nodes.values()) {
      for (const [other, ties] of node.partners) {
        if (latestOf(ties) < oldestMs) node.partners.delete(other)
      }
      if (node.partners.size === 0 && node.cluster === null) this.nodes.delete(node.node)
    }
    return { left, changes }
  }

  /** Ties between members of a group, each once. */
  *tiesWithin(members: ReadonlySet<NodeId>): Generator<[a: GraphNode, b: GraphNode, ties: Ties]> {
    for (const id of members) {
      const node = this.nodes.get(id)!
      for (const [other, ties] of node.partners) {
        if (id < other && members.has(other)) yield [node, this.nodes.get(other)!, ties]
      }
    }
  }

  save(): SavedGraph {
    const pairs: [NodeId, NodeId, Ties][] = []
    for (const node of this.nodes.values()) {
      for (const [other, ties] of node.partners) if (node.node < other) pairs.push([node.node, other, ties])
    }
    return {
      nodes: [...this.nodes.values()].map((node) => ({ ...node, partners: null })),
      pairs,
      clusters: [...this.clusters.values()].map((cluster) => ({ ...cluster, members: [...cluster.members] })),
      dirty: [...this.dirty].sort(),
      dropped: this.dropped,
    }
  }

  load(saved: SavedGraph): void {
    for (const node of saved.nodes) this.nodes.set(node.node, { ...node, partners: new Map() })
    for (const [a, b, ties] of saved.pairs) {
      this.nodes.get(a)!.partners.set(b, ties)
      this.nodes.get(b)!.partners.set(a, ties)
    }
    for (const cluster of saved.clusters) {
      this.clusters.set(cluster.id, { ...cluster, members: new Set(cluster.members) })
    }
    for (const node of saved.dirty) this.dirty.add(node)
    this.dropped = saved.dropped
  }

  /** Whoever is connected by ties, or by a cluster that came apart: which part of it stays it is decided of all at once. */
  private componentOf(start: NodeId): NodeId[] {
    const found = new Set([start])
    const clusters = new Set<string>()
    // The set grows while it is walked.
    for (const node of found) {
      const { partners, cluster } = this.nodes.get(node)!
      for (const other of partners.keys()) found.add(other)
      if (cluster === null || clusters.has(cluster)) continue
      clusters.add(cluster)
      for (const other of this.clusters.get(cluster)!.members) found.add(other)
    }
    return [...found].sort()
  }

  private regroupComponent(
    component: readonly NodeId[],
    endMs: number,
    result: {
      touched: Set<GraphCluster>
      joined: { node: NodeId; cluster: string }[]
      left: NodeId[]
      changes: ClusterChange[]
    },
  ): void {
    const groups = this.groupsIn(component)
    const before = new Map<NodeId, string | null>()
    for (const node of component) {
      const known = this.nodes.get(node)!
      before.set(node, known.cluster)
      known.cluster = null
    }
    const former = new Map<string, GraphCluster>()
    for (const id of before.values()) {
      const cluster = id === null ? undefined : this.clusters.get(id)
      if (cluster !== undefined) former.set(cluster.id, cluster)
    }
    for (const id of former.keys()) this.clusters.delete(id)

    for (const group of groups) {
      const heir = this.heirOf(group, before, former)
      const cluster = heir ?? this.born(group, endMs)
      const sizeBefore = cluster.members.size
      cluster.members = new Set(group)
      cluster.lastMs = endMs
      this.clusters.set(cluster.id, cluster)
      result.touched.add(cluster)
      const taken = new Set(
        group.map((node) => before.get(node)).filter((id) => id !== null && id !== cluster.id),
      )
      if (heir === undefined) {
        const [other] = [...taken].sort()
        const size = group.length
        if (other === undefined || other === null)
          result.changes.push({ cluster: cluster.id, change: 'born', size })
        else result.changes.push({ cluster: cluster.id, change: 'split', size, other })
      } else if (group.length > sizeBefore) {
        result.changes.push({ cluster: cluster.id, change: 'grown', size: group.length })
      } else if (group.length < sizeBefore) {
        result.changes.push({ cluster: cluster.id, change: 'shrunk', size: group.length })
      }
      for (const node of group) {
        this.nodes.get(node)!.cluster = cluster.id
        if (before.get(node) !== cluster.id) result.joined.push({ node, cluster: cluster.id })
      }
    }
    for (const [id, cluster] of former) {
      if (this.clusters.has(id)) continue
      const into = [...cluster.members].map((node) => this.nodes.get(node)?.cluster ?? null)
      const other = into.find((one) => one !== null)
      const size = cluster.members.size
      if (other === undefined) result.changes.push({ cluster: id, change: 'died', size })
      else result.changes.push({ cluster: other, change: 'merged', size, other: id })
    }
    for (const node of component) {
      if (before.get(node) !== null && this.nodes.get(node)!.cluster === null) result.left.push(node)
    }
  }

  /**
   * Groups of five in which everybody has four partners; and smaller or looser ones of those that are left, where
   * something shows who is behind them, they are tied in two ways, or four are tied by what they wrote, which nobody
   * writes by chance.
   */
  private groupsIn(component: readonly NodeId[]): NodeId[][] {
    const all = new Set(component)
    const strict = groupsOf([...this.tiesWithin(all)].map(([a, b]) => ({ a: a.node, b: b.node })))
    for (const group of strict) for (const node of group) all.delete(node)
    const loose = groupsOf(
      [...this.tiesWithin(all)].map(([a, b]) => ({ a: a.node, b: b.node })),
      { leastPartners: 2, leastMembers: 3 },
    )
    return [...strict, ...loose.filter((group) => this.isFirm(group))]
  }

  private isFirm(group: readonly NodeId[]): boolean {
    let pairs = 0
    let controlled = 0
    let twofold = 0
    let written = 0
    for (const [a, b, ties] of this.tiesWithin(new Set(group))) {
      pairs++
      if (sharesControl(a, b)) controlled++
      const conducts = new Set(
        actFamilies.filter((family) => ties[family] !== undefined).map((family) => tieFamilyOf[family]),
      )
      if (conducts.size >= 2) twofold++
      if (ties.text !== undefined || ties.passage !== undefined) written++
    }
    return (
      controlled * 2 >= pairs ||
      twofold * 2 >= pairs ||
      (group.length >= leastWriters && written * 2 >= pairs)
    )
  }

  private heirOf(
    group: readonly NodeId[],
    before: ReadonlyMap<NodeId, string | null>,
    former: ReadonlyMap<string, GraphCluster>,
  ): GraphCluster | undefined {
    const shares = new Map<string, number>()
    for (const node of group) {
      const id = before.get(node) ?? null
      if (id !== null && !this.clusters.has(id)) shares.set(id, (shares.get(id) ?? 0) + 1)
    }
    const [best] = [...shares]
      .filter(([id, share]) => share * 2 > (former.get(id)?.members.size ?? Number.POSITIVE_INFINITY))
      .sort(([a], [b]) => former.get(a)!.bornMs - former.get(b)!.bornMs || (a < b ? -1 : 1))
    return best === undefined ? undefined : former.get(best[0])
  }

  private born(group: readonly NodeId[], bornMs: number): GraphCluster {
    const name = createHash('sha256').update(`cluster ${group[0]!} ${bornMs}`).digest('hex').slice(0, 16)
    return { id: `c-${name}`, bornMs, members: new Set(), lastMs: bornMs, toldSize: 0, toldFamilies: '' }
  }
}

export interface GraphOptions {
  /** How long a tie holds that is not renewed. */
  readonly tieSpanMs: number
  /** Most partners of one node that are kept: enough to tell a group, whatever its size. */
  readonly mostPartners: number
}

export interface SavedGraph {
  readonly nodes: readonly (Omit<GraphNode, 'partners'> & { readonly partners: null })[]
  readonly pairs: readonly (readonly [NodeId, NodeId, Ties])[]
  readonly clusters: readonly (Omit<GraphCluster, 'members'> & { readonly members: readonly NodeId[] })[]
  readonly dirty: readonly NodeId[]
  readonly dropped: number
}

/** So many make a group by texts alone. */
const leastWriters = 4

/** Resources that so many share are places where people are, not a hand that steers them. */
export const mostOnResource = 50

/** Whether something that two nodes share shows that one hand is behind both. */
export function sharesControl(a: GraphNode, b: GraphNode): boolean {
  return (
    (a.device !== 0 && a.device === b.device && a.deviceNodes <= mostOnResource) ||
    (a.subject !== undefined && a.subject === b.subject) ||
    (a.operators ?? []).some((operator) => b.operators?.includes(operator) === true)
  )
}

function latestOf(ties: Ties): number {
  let latestMs = Number.NEGATIVE_INFINITY
  for (const family of actFamilies) latestMs = Math.max(latestMs, ties[family]?.toMs ?? latestMs)
  return latestMs
}
