import type { ActFamily, NodeId } from '../../model/acts'
import { actFamilies } from '../../model/acts'
import type { JointTie, TieFamily } from '../../model/cluster'
import { tieFamilyOf } from '../../model/cluster'
import type { ClusterHistory, ClusterMember, TieEvidence } from '../../detectors/linked'
import { poissonUpperTail } from '../../windows/tails'
import type { Graph, GraphCluster, GraphNode } from './graph'
import { mostOnResource } from './graph'

/** Measures what holds a cluster together, family by family. */
export function historyOf(
  cluster: GraphCluster,
  graph: Graph,
  platform: {
    readonly nodesActive: number
    /** How many of them publish: whoever does not writes no text and sets no link. */
    readonly authors: number
    readonly declared: ReadonlySet<NodeId>
    readonly endMs: number
  },
): ClusterHistory {
  const nodes = [...cluster.members].sort().map((id) => graph.nodes.get(id)!)
  const ties: JointTie[] = []
  for (const [, , between] of graph.tiesWithin(cluster.members)) {
    for (const family of actFamilies) if (between[family] !== undefined) ties.push(between[family])
  }
  ties.sort(bySurest)
  const acts: Partial<Record<ActFamily, { most: number; pairs: number }>> = {}
  for (const { family, count } of ties) {
    const known = (acts[family] ??= { most: 0, pairs: 0 })
    known.most = Math.max(known.most, count)
    known.pairs++
  }
  const conduct = conductFamilies
    .map((family) =>
      conductEvidence(family, ties, family === 'joint-action' ? platform.nodesActive : platform.authors),
    )
    .filter((evidence) => evidence !== undefined)
  const control = controlEvidence(nodes, platform.nodesActive)
  const fromMs = ties.reduce((least, tie) => Math.min(least, tie.fromMs), Number.POSITIVE_INFINITY)
  return {
    id: cluster.id,
    members: membersOf(nodes),
    window: { start: Math.min(fromMs, platform.endMs), end: platform.endMs },
    acts,
    ties: [...conduct, ...control],
    texts: textsOf(ties),
    declared: nodes.filter(({ node }) => platform.declared.has(node)).length,
  }
}

/**
 * How sure a family of conduct is: the chance that anywhere among all sets of five nodes four pairs as sure as the four
 * surest here come together by chance, the chances of which are multiplied, since each pair is tested given what both of
 * its actors did. Of a smaller group, the same with as many nodes as it has.
 */
function conductEvidence(
  family: TieFamily,
  all: readonly JointTie[],
  nodes: number,
): TieEvidence | undefined {
  const ties = all.filter((tie) => tieFamilyOf[tie.family] === family)
  if (ties.length === 0) return undefined
  const { pairs, members } = extentOf(ties)
  const needed = Math.min(pairs, members - 1, 4)
  const weakest = ties[needed - 1]!.pValue
  const logChance = (needed + 1) * Math.log(Math.max(2, nodes)) + needed * Math.log(weakest)
  return {
    family,
    pairs,
    expected: falseShare * pairs,
    pValue: Math.min(1, Math.max(leastPValue, Math.exp(logChance))),
    members,
    sentence: conductSentence(family, ties, { pairs, members }),
  }
}

/** How many pairs some ties are between, and how many nodes. No strings are made for it: a cluster has thousands. */
function extentOf(ties: readonly JointTie[]): { readonly pairs: number; readonly members: number } {
  const members = new Set<NodeId>()
  const partners = new Map<NodeId, Set<NodeId>>()
  let pairs = 0
  for (const { a, b } of ties) {
    members.add(a).add(b)
    const known = partners.get(a)
    if (known === undefined) partners.set(a, new Set([b]))
    else if (known.has(b)) continue
    else known.add(b)
    pairs++
  }
  return { pairs, members: members.size }
}

function conductSentence(
  family: TieFamily,
  ties: readonly JointTie[],
  { pairs, members }: { pairs: number; members: number },
): string {
  const counts = ties.map(({ count }) => count).sort((a, b) => a - b)
  const median = counts[Math.floor(counts.length / 2)]!
  const expected = ties.map((tie) => tie.expected).sort((a, b) => a - b)[Math.floor(ties.length / 2)]!
  const withinMs = Math.max(...ties.map((tie) => tie.withinMs))
  const what = {
    'joint-action': 'acted on the same accounts',
    texts: 'published near-copies of the same texts',
    links: 'used the same links, pictures or tags',
  }[family as 'joint-action' | 'texts' | 'links']
  const kinds =
    family === 'joint-action' ? ` (${[...new Set(ties.map((tie) => tie.family))].sort().join(', ')})` : ''
  return `${members} of them, in ${pairs} pairs, ${what}${kinds} within ${spanInWords(withinMs)} of each other, ${median} times in the median pair, where chance explains ${expected.toPrecision(2)}.`
}

function controlEvidence(nodes: readonly GraphNode[], nodesActive: number): TieEvidence[] {
  const evidence: TieEvidence[] = []
  const found = (
    family: TieFamily,
    groups: ReadonlyMap<string, GraphNode[]>,
    shareOf: (node: GraphNode) => number,
    what: string,
    leastPlaces = 1,
  ): void => {
    let pairs = 0
    const members = new Set<NodeId>()
    let places = 0
    for (const group of groups.values()) {
      if (group.length < 2) continue
      places++
      pairs += (group.length * (group.length - 1)) / 2
      for (const { node } of group) members.add(node)
    }
    if (places < leastPlaces) return
    // Each pair is on one resource with the share of nodes that the resource has.
    const all = (nodes.length * (nodes.length - 1)) / 2
    const mean = nodes.reduce((sum, node) => sum + shareOf(node), 0) / nodes.length
    const expected = all * mean
    evidence.push({
      family,
      pairs,
      expected,
      pValue: poissonUpperTail(pairs, expected),
      members: members.size,
      sentence: `${members.size} of them share ${places} ${places === 1 ? what : what.replace(/y$/, 'ie') + 's'}; by chance ${expected.toPrecision(2)} pairs would.`,
    })
  }
  const share = (count: number): number => Math.max(0, count - 1) / Math.max(1, nodesActive)
  const byDevice = groupedBy(nodes, (node) =>
    node.device !== 0 && node.deviceNodes <= mostOnResource ? [String(node.device)] : [],
  )
  found('devices', byDevice, ({ deviceNodes }) => share(Math.min(deviceNodes, mostOnResource)), 'device')
  const byNetwork = groupedBy(nodes, (node) =>
    node.network !== 0 && node.networkNodes <= mostOnResource ? [String(node.network)] : [],
  )
  found(
    'networks',
    byNetwork,
    ({ networkNodes }) => share(Math.min(networkNodes, mostOnResource)),
    'network',
    leastNetworks,
  )
  const bySubject = groupedBy(nodes, ({ subject }) => (subject === undefined ? [] : [subject]))
  found('identities', bySubject, () => 1 / Math.max(100, nodesActive), 'verified identity')
  const byOperator = groupedBy(nodes, ({ operators = [] }) => operators)
  found('operators', byOperator, () => 1 / Math.max(100, nodesActive), 'operator')
  return evidence
}

function groupedBy(
  nodes: readonly GraphNode[],
  keysOf: (node: GraphNode) => readonly string[],
): Map<string, GraphNode[]> {
  const groups = new Map<string, GraphNode[]>()
  for (const node of nodes) {
    for (const key of keysOf(node)) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [node])
      else group.push(node)
    }
  }
  return groups
}

function membersOf(nodes: readonly GraphNode[]): ClusterMember[] {
  return [...nodes]
    .sort(
      (a, b) =>
        Number(b.isAccount) - Number(a.isAccount) ||
        b.partners.size - a.partners.size ||
        (a.node < b.node ? -1 : 1),
    )
    .map(({ node, id, isAccount }) => ({ id: id === '' ? node : id, isAccount }))
}

function textsOf(ties: readonly JointTie[]): string[] {
  const texts = new Set<string>()
  for (const tie of ties) for (const text of tie.texts ?? []) if (texts.size < 3) texts.add(text)
  return [...texts]
}

function bySurest(one: JointTie, other: JointTie): number {
  if (one.pValue !== other.pValue) return one.pValue - other.pValue
  if (one.a !== other.a) return one.a < other.a ? -1 : 1
  if (one.b !== other.b) return one.b < other.b ? -1 : 1
  return one.family < other.family ? -1 : 1
}

function spanInWords(ms: number): string {
  if (ms <= 60_000) return 'a minute'
  if (ms <= 600_000) return 'ten minutes'
  return ms <= 3_600_000 ? 'an hour' : 'a day'
}

const conductFamilies = ['joint-action', 'texts', 'links'] as const
/** The share of false pairs that the crew view allows. */
const falseShare = 0.01
const leastPValue = 1e-300
/** One network, or two, are a school or an office, where people are and no hand steers them. */
const leastNetworks = 3
