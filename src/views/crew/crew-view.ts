import { actFamilies, actFamilyCode, nodeIdOf, readActs } from '../../model/acts'
import type { Acts } from '../../model/acts'
import type { Dictionary } from '../../model/dictionary'
import { signed } from '../../model/hash'
import type { JointTie, NodeFacts, PastAct, Pushed, TieReport } from '../../model/cluster'
import type { Emit, View } from '../../runtime/view'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { JointActions } from './joint-actions'
import type { Hash64, JointPair } from './joint-actions'
import { HotObjects } from './hot-objects'
import { NodeTable } from './node-table'

/**
 * Who acts together: takes the thinned acts of all objects, in one partition, and tells which pairs meet more often
 * than chance explains, what is known of them, and which tags, links and phrases rise by their hands.
 */
export class CrewView implements View {
  readonly name = 'crew'
  private readonly joint = new JointActions()
  private readonly nodes = new NodeTable({ nodeCap: 600_000, nameBytes: 1 << 24 })
  private readonly hot = new HotObjects()
  /** What texts, links and tags are called that more than one has used, so that a verdict can name them. */
  private readonly names = new Map<string, string>()
  private sequence = 0
  private folded = 0
  private closedMs = Number.NEGATIVE_INFINITY
  /** What goes on as it came, at the end of the epoch. */
  private notes: Acts['notes'][number][] = []
  private readonly counts = { acts: 0, ties: 0 }

  fold(record: Uint8Array, emit: Emit): void {
    const acts = readActs(record)
    if (acts.sequence <= this.folded) return
    this.folded = acts.sequence
    this.take(acts)
    if (acts.endMs === Number.POSITIVE_INFINITY)
      this.tell({ endMs: null, ties: [], nodes: [], hot: [] }, emit)
    else if (acts.endMs > this.closedMs) this.close(acts.endMs, emit)
  }

  /** Event time up to which it has told ties; null before the first epoch. */
  get asOfMs(): number | null {
    return Number.isFinite(this.closedMs) ? this.closedMs : null
  }

  get stats(): CrewViewStats {
    const { joint, nodes, hot } = this
    const { pairs, meetings } = joint.evicted
    return {
      ...this.counts,
      tested: joint.tested,
      overActive: joint.overActive,
      nodes: nodes.size,
      evicted: joint.forgottenActs + pairs + meetings + nodes.evicted + hot.evicted,
      bytes: joint.byteLength + nodes.byteLength,
    }
  }

  save(out: SnapshotWriter): void {
    this.joint.save(out, 'joint')
    this.nodes.save(out)
    this.hot.save(out)
    const { sequence, folded, notes, counts } = this
    const closedMs = this.asOfMs
    out.value('crew', { sequence, folded, closedMs, notes, counts, names: [...this.names] })
  }

  load(from: SnapshotReader): void {
    this.joint.load(from, 'joint')
    this.nodes.load(from)
    this.hot.load(from)
    const saved = from.value<{
      sequence: number
      folded: number
      closedMs: number | null
      notes: CrewView['notes']
      counts: CrewView['counts']
      names: [string, string][]
    }>('crew')
    this.sequence = saved.sequence
    this.folded = saved.folded
    this.closedMs = saved.closedMs ?? Number.NEGATIVE_INFINITY
    this.notes = [...saved.notes]
    for (const [object, name] of saved.names) this.names.set(object, name)
    Object.assign(this.counts, saved.counts)
  }

  /** Who acts, and where: one object serves all acts. */
  private readonly node = { high: 0, low: 0, isAccount: false, device: 0, network: 0 }

  private take(acts: Acts): void {
    const { joint, nodes, node } = this
    const { actors, objects } = acts
    for (let row = 0; row < acts.rows; row++) {
      const actor = acts.actor[row]!
      const object = acts.object[row]!
      const family = acts.family[row]!
      const high = signed(actors.hashHigh[actor]!)
      const low = signed(actors.hashLow[actor]!)
      const timeMs = acts.timeMs[row]!
      const objectHigh = signed(objects.hashHigh[object]!)
      const objectLow = signed(objects.hashLow[object]!)
      const others = acts.popularity[row]!
      node.high = high
      node.low = low
      node.isAccount = acts.isAccount[row] === 1
      node.device = acts.device[row]!
      node.network = acts.network[row]!
      nodes.see(node, actors, actor)
      joint.add(family, high, low, objectHigh, objectLow, signed(acts.owner[row]!), others, timeMs)
      if (isTopic(family)) this.seeTopic(acts, row)
      if (family >= firstNamed && others > 0) {
        this.remember(nameKey(family, objects.hashHigh[object]!, objects.hashLow[object]!), objects, object)
      }
      this.counts.acts++
    }
    this.notes.push(...acts.notes)
  }

  private seeTopic(acts: Acts, row: number): void {
    const { actors, objects } = acts
    const actor = acts.actor[row]!
    const object = acts.object[row]!
    const topic = {
      family: acts.family[row]!,
      high: objects.hashHigh[object]!,
      low: objects.hashLow[object]!,
      timeMs: acts.timeMs[row]!,
    }
    const isTied = this.nodes.isTied(actors.hashHigh[actor]!, actors.hashLow[actor]!)
    this.hot.see(topic, isTied, () => objects.text(object))
  }

  private remember(key: string, objects: Dictionary, object: number): void {
    if (this.names.has(key)) return
    this.names.set(key, objects.text(object))
    if (this.names.size <= mostNames) return
    const [oldest] = this.names.keys()
    this.names.delete(oldest!)
  }

  private tieOf({
    family,
    tempoMs,
    a,
    b,
    objects,
    count,
    expected,
    pValue,
    fromMs,
    toMs,
  }: JointPair): JointTie {
    const quotes = objects.map(({ high, low }) => this.names.get(nameKey(family, high, low)))
    const texts = quotes.filter((text) => text !== undefined)
    return {
      family: actFamilies[family]!,
      withinMs: tempoMs,
      a: nodeIdOf(a.high, a.low),
      b: nodeIdOf(b.high, b.low),
      count,
      expected,
      pValue,
      fromMs,
      toMs,
      ...(isWritten(family) && texts.length > 0 ? { texts } : {}),
    }
  }

  private close(endMs: number, emit: Emit): void {
    this.closedMs = endMs
    this.nodes.advance(endMs)
    const pairs = this.joint.closeEpoch(endMs)
    this.counts.ties += pairs.length
    const nodes = this.factsOf(pairs, endMs)
    const hot = this.hot.close(endMs, {
      actorsOn: (family, object, sinceMs) => this.joint.actorsOn(family, object, sinceMs),
      isTied: ({ high, low }) => this.nodes.isTied(high, low),
      pushedBy: (tied, object, sinceMs) => this.pushedBy(tied, object, sinceMs),
    })
    this.tell({ endMs, ties: pairs.map((pair) => this.tieOf(pair)), nodes, hot }, emit)
  }

  /** Whose posts the tied forwarded or commented on, of those accounts that published with a tag. */
  private pushedBy(
    tied: readonly Hash64[],
    object: { readonly family: number } & Hash64,
    sinceMs: number,
  ): Pushed[] {
    if (object.family !== topicFamily) return []
    const publishers = new Map<number, { node: string; by: Set<string> }>()
    for (const { actor } of this.joint.actorsOn(tagFamily, object, sinceMs)) {
      publishers.set(actor.low, { node: nodeIdOf(actor.high, actor.low), by: new Set() })
    }
    if (publishers.size === 0) return []
    for (const actor of tied) {
      for (const { family, owner, timeMs } of this.joint.recentActs(actor)) {
        if (timeMs < sinceMs || (family !== forwardFamily && family !== commentFamily)) continue
        publishers.get(owner)?.by.add(nodeIdOf(actor.high, actor.low))
      }
    }
    return [...publishers.values()]
      .filter(({ by }) => by.size >= leastPushing)
      .map(({ node, by }) => ({ node, by: [...by].sort() }))
      .sort((one, other) => (one.node < other.node ? -1 : 1))
  }

  /** What is known of the nodes of some pairs; of those that are tied for the first time, also what they did before. */
  private factsOf(pairs: readonly JointPair[], endMs: number): NodeFacts[] {
    const named = new Map<string, Hash64>()
    for (const { a, b } of pairs) for (const node of [a, b]) named.set(nodeIdOf(node.high, node.low), node)
    return [...named].map(([node, hash]) => {
      const { high, low } = hash
      const facts = { node, ...this.nodes.get(high, low) }
      if (!this.nodes.tie(high, low)) return facts
      return { ...facts, acts: this.pastActs(hash, endMs) }
    })
  }

  private pastActs(node: Hash64, endMs: number): PastAct[] {
    const acts: PastAct[] = []
    for (const { family, object, owner, timeMs } of this.joint.recentActs(node)) {
      if (isTopic(family)) this.recall({ family, ...object }, endMs)
      else if (timeMs >= endMs - recalledMs && acts.length < mostRecalled) {
        acts.push({ family: actFamilies[family]!, owner, timeMs })
      }
    }
    return acts
  }

  /** What goes by no name that is remembered was nobody else's. */
  private recall(object: { readonly family: number } & Hash64, endMs: number): void {
    const name = this.names.get(nameKey(object.family, object.high, object.low))
    if (name !== undefined) this.hot.recall(object, name, endMs)
  }

  private tell(told: Pick<TieReport, 'endMs' | 'ties' | 'nodes' | 'hot'>, emit: Emit): void {
    const report: TieReport = {
      sequence: ++this.sequence,
      nodesActive: this.nodes.size,
      ...told,
      notes: this.notes,
    }
    this.notes = []
    emit(0, textEncoder.encode(JSON.stringify(report)))
  }
}

export interface CrewViewStats {
  readonly acts: number
  readonly ties: number
  readonly tested: number
  readonly overActive: number
  readonly nodes: number
  readonly evicted: number
  readonly bytes: number
}

function nameKey(family: number, high: number, low: number): string {
  return `${family} ${nodeIdOf(high, low)}`
}

/** Families whose objects have names that a hotspot is known by. */
const textFamily = actFamilyCode('text')
const passageFamily = actFamilyCode('passage')
function isWritten(family: number): boolean {
  return family === textFamily || family === passageFamily
}
/** Families whose objects are what people talk about; alike texts are judged as such. */
function isTopic(family: number): boolean {
  return family === linkFamily || family === topicFamily
}
const forwardFamily = actFamilyCode('forward')
const commentFamily = actFamilyCode('comment')
const tagFamily = actFamilyCode('tag')
const linkFamily = actFamilyCode('link')
const topicFamily = actFamilyCode('topic')
const firstNamed = textFamily
const mostNames = 50_000
/** Fewer tied nodes push nothing. */
const leastPushing = 5
/** What hours of an account can still be corrected. */
const recalledMs = 25 * 3_600_000
const mostRecalled = 200
const textEncoder = new TextEncoder()
