import { clusterDetectors, hotspotDetectors, registrationDetectors, returnDetectors } from '../../detectors'
import { forgedOriginality } from '../../detectors/forged-originality/detector'
import type { ClusterHistory, HotspotHistory, LinkedDetector } from '../../detectors/linked'
import type { DetectorSettings } from '../../detectors/detector'
import { atLeast, byNearness } from '../../model/nearest'
import type { Condition, NearMiss } from '../../model/nearest'
import type { Window } from '../../model/records'
import type { Accounts } from './accounts'
import type { Graph, GraphCluster, GraphNode } from './graph'

/** What the network view knows, as far as a question about one account needs it. */
export interface Known {
  readonly accounts: Accounts
  readonly graph: Graph
  readonly detectors: Readonly<Record<string, DetectorSettings>>
  readonly nowMs: number
  readonly historyOf: (cluster: GraphCluster) => ClusterHistory
  /** Everything that rose within a day by the hands of a cluster. */
  readonly hotspots: () => readonly HotspotHistory[]
}

/** Of each offence of linked accounts, what its detector asks for and what there is of it; nearest first. */
export function nearestOf(accountId: string, known: Known): readonly NearMiss[] | undefined {
  const { accounts, graph } = known
  const facts = accounts.named(accountId)
  const node = facts === undefined ? named(graph, accountId) : graph.nodes.get(facts.node)
  if (facts === undefined && node === undefined) return undefined
  const misses = tieMisses(node, known)
  for (const history of known.hotspots().filter((hot) => concerns(hot, accountId))) {
    misses.push(...ask(hotspotDetectors, history, history.window, known))
  }
  if (facts !== undefined) {
    const { copies, registrations, returns } = accounts.about(facts)
    misses.push(...copyMisses(copies, known))
    for (const history of registrations)
      misses.push(...ask(registrationDetectors, history, history.window, known))
    for (const history of returns) {
      const window = { start: history.closedMs, end: history.registeredMs + 1 }
      misses.push(...ask(returnDetectors, history, window, known))
    }
  }
  misses.sort(byNearness)
  return misses.filter(
    ({ detector }, place) => misses.findIndex((one) => one.detector === detector) === place,
  )
}

function named(graph: Graph, id: string): GraphNode | undefined {
  for (const node of graph.nodes.values()) if (node.id === id) return node
  return undefined
}

/** Who belongs to no cluster is asked how many he is tied to: a cluster is five who all act together. */
function tieMisses(node: GraphNode | undefined, known: Known): NearMiss[] {
  const cluster = known.graph.clusters.get(node?.cluster ?? '')
  if (cluster !== undefined) {
    const history = known.historyOf(cluster)
    return ask(clusterDetectors, history, history.window, known)
  }
  const partners = atLeast('partners', node?.partners.size ?? 0, leastPartners)
  const window = { start: known.nowMs - tieSpanMs, end: known.nowMs }
  return clusterDetectors
    .filter(({ name }) => known.detectors[name]!.mode !== 'off')
    .map(({ offence, name }) => missOf({ offence, name }, window, [partners]))
}

function concerns({ cluster, pushed }: HotspotHistory, accountId: string): boolean {
  return cluster.members.some(({ id }) => id === accountId) || pushed.some(({ id }) => id === accountId)
}

function copyMisses(
  copies: readonly { readonly alike: number; readonly timeMs: number }[],
  { detectors, nowMs }: Known,
): NearMiss[] {
  const settings = detectors[forgedOriginality.name] as Parameters<typeof forgedOriginality.judge>[1] &
    DetectorSettings
  if (copies.length === 0 || settings.mode === 'off') return []
  const { minLikeness, minLikenessRepeated, warnCopies } = settings
  const alike = Math.max(...copies.map((copy) => copy.alike))
  const reworded = copies.filter((copy) => copy.alike >= minLikenessRepeated).length
  const window = { start: Math.min(...copies.map(({ timeMs }) => timeMs)), end: nowMs }
  return [
    missOf(forgedOriginality, window, [
      // Where it is a habit, a reworded copy is enough.
      atLeast('likeness', alike, reworded >= warnCopies ? minLikenessRepeated : minLikeness),
      atLeast('copies', copies.length, 1),
    ]),
  ]
}

function ask<History>(
  detectors: readonly LinkedDetector<History>[],
  history: History,
  window: Window,
  known: Known,
): NearMiss[] {
  return detectors.flatMap((detector) => {
    const settings = known.detectors[detector.name]!
    if (settings.mode === 'off' || detector.conditions === undefined) return []
    return [missOf(detector, window, detector.conditions(history, settings))]
  })
}

function missOf(
  { offence, name }: Pick<LinkedDetector<never>, 'offence' | 'name'>,
  window: Window,
  conditions: readonly Condition[],
): NearMiss {
  const chances = conditions.filter((one) => one.name === 'tie' || one.name === 'mark')
  const pValue = Math.min(1, ...chances.map(({ observed }) => observed))
  return { offence, detector: name, window, pValue, conditions, elements: [] }
}

/** A cluster is a group in which everybody has four partners, or fewer where more than one thing ties them. */
const leastPartners = 4
const tieSpanMs = 7 * 86_400_000
