import {
  clusterDetectors,
  copyDetectors,
  hotspotDetectors,
  registrationDetectors,
  returnDetectors,
} from '../../detectors'
import type { ClusterHistory, HotspotHistory, LinkedDetector } from '../../detectors/linked'
import { sureTies } from '../../detectors/linked'
import { tiesReachMs } from '../../model/acts'
import type { AccountNote, HandoverNote, Note, NodeId, OverturnedNote } from '../../model/acts'
import type {
  ClusterChange,
  ClusterEvents,
  ClusterFinding,
  ClusterReport,
  Exemption,
  HotObject,
  JointTie,
  Membership,
  PastAct,
  TieReport,
} from '../../model/cluster'
import { exemptionReasons, tieFamilyOf } from '../../model/cluster'
import type { NearMiss } from '../../model/nearest'
import { discardAbove, suspicious } from '../../model/significance'
import type { Policy } from '../../policy/policy'
import { PolicyInForce } from '../../policy/policy-in-force'
import type { PolicySeen } from '../../policy/policy-seen'
import type { Emit, View } from '../../runtime/view'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { LogPlaces } from '../../windows/log-places'
import { Accounts, patternOf } from './accounts'
import type { SavedAccounts } from './accounts'
import { ClusterHistories } from './cluster-histories'
import { Custody } from './custody'
import type { SavedCustody } from './custody'
import { historyOf } from './evidence'
import { Graph } from './graph'
import type { GraphCluster, SavedGraph } from './graph'
import { nearestOf } from './nearest'
import { OverturnedClusters } from './overturned'
import { tiesOf } from './ties-of'
import type { ClusterTies } from './ties-of'

/**
 * Ties become clusters, and clusters are judged: who is steered by one hand, who publishes alike in batches, what is
 * made hot, who copies, registers in bulk or comes back. Tells the account view who belongs to a crew, and the decide
 * view what it found. One partition, so that clusters are one for the whole platform.
 */
export class NetworkView implements View {
  readonly name = 'network'
  readonly source = 'network/0'
  private readonly graph = new Graph({ tieSpanMs: 7 * dayMs, mostPartners: 64 })
  private readonly accounts = new Accounts()
  /** Where in its log the ties of an hour lie. */
  private readonly places = new LogPlaces('ties', dayMs / 24)
  private readonly custody: Custody
  private readonly overturned = new OverturnedClusters()
  private readonly histories = new ClusterHistories()
  private nodesActive = 0
  private sequence = 0
  private folded = 0
  private expiredMs = 0
  private lastMs = 0
  /** Ties that an openly declared network explains, and credited copies: by whom, within a day. */
  private readonly excused = new Map<string, Excuse>()
  /** What nodes did before they were tied, until they belong to a cluster. */
  private readonly past = new Map<NodeId, readonly PastAct[]>()
  /** What rose by the hands of tied nodes within the last day, as it was told last. */
  private readonly hot = new Map<string, HotObject & { readonly toldMs: number }>()
  /** Whom the rulings of this epoch have cleared. */
  private readonly cleared = new Set<NodeId>()
  /** What was measured of clusters since groups were formed last; it holds until the next record. */
  private readonly measurements = new Map<GraphCluster, ClusterHistory>()
  readonly counts = { born: 0, merged: 0, split: 0, died: 0, exempt: 0 }

  private readonly policy: PolicyInForce<PolicySeen<'network'>>

  constructor(policy: Policy) {
    this.policy = new PolicyInForce(policy)
    this.custody = new Custody(this.policy)
  }

  fold(record: Uint8Array, emit: Emit): void {
    const report = JSON.parse(textDecoder.decode(record)) as TieReport
    if (report.sequence <= this.folded) {
      this.places.pass()
      return
    }
    this.folded = report.sequence
    this.nodesActive = report.nodesActive
    const endMs = report.endMs ?? this.lastMs
    this.places.note(endMs - 1)
    this.lastMs = endMs
    const findings: ClusterFinding[] = []
    const exempt: Exemption[] = []
    // The policy of an epoch holds for all of it.
    for (const note of report.notes) if (note.type === 'policy') this.policy.apply(note)
    for (const note of report.notes) this.note(note, findings, exempt)
    this.see(report)
    for (const tie of report.ties) {
      this.tie({ ...tie, a: this.nodeOf(tie.a), b: this.nodeOf(tie.b) }, findings, exempt)
    }
    const { touched, joined, left, changes } = this.graph.regroup(endMs)
    const expired = endMs >= this.expiredMs + dayMs / 24 ? this.expire(endMs) : nothing
    this.measurements.clear()
    this.histories.note([...changes, ...expired.changes], {
      atMs: endMs,
      sizeOf: (clusterId) => this.graph.clusters.get(clusterId)?.members.size,
    })
    for (const cluster of touched) this.judge(cluster, endMs, findings)
    if (expired !== nothing) {
      for (const cluster of this.graph.clusters.values()) this.judge(cluster, endMs, findings, true)
      // Those who made it rise may have turned out to be a cluster only since.
      for (const hot of this.hot.values()) this.judgeHotspot(hot, endMs, findings)
    }
    for (const hot of report.hot) {
      this.hot.set(`${hot.family} ${hot.name}`, { ...hot, toldMs: endMs })
      this.judgeHotspot(hot, endMs, findings)
    }
    this.countChanges([...changes, ...expired.changes])
    const told: Omit<ClusterReport, 'source' | 'sequence' | 'endMs' | 'passedMs'> = {
      memberships: [
        ...joined.flatMap(({ node: member, cluster }) =>
          this.actorsOf(member).map((node): Membership => {
            const acts = this.past.get(node)
            return acts === undefined ? { node, cluster } : { node, cluster, acts }
          }),
        ),
        ...[...left, ...expired.left].flatMap((member) =>
          this.actorsOf(member).map((node): Membership =>
            this.cleared.has(member) ? { node, cluster: null, isCleared: true } : { node, cluster: null },
          ),
        ),
      ],
      changes: [...changes, ...expired.changes],
      findings,
      exempt,
    }
    this.cleared.clear()
    this.measurements.clear()
    this.tell(told, { endMs, passedMs: report.endMs }, emit)
  }

  /**
   * How near an account is to a finding, by what is known of it and of whom it is tied to now. Undefined when nothing
   * ever told of the account here.
   */
  nearest(accountId: string): readonly NearMiss[] | undefined {
    const { accounts, graph, policy, lastMs } = this
    return nearestOf(accountId, {
      ...{ accounts, graph, detectors: policy.current.detectors, nowMs: lastMs },
      historyOf: (cluster) => this.historyOf(cluster, lastMs),
      hotspots: () => [...this.hot.values()].flatMap((hot) => this.hotspotsOf(hot, lastMs)),
    })
  }

  /** What others may need to know of an account to judge who runs it. */
  accountNamed(accountId: string): NamedAccount | undefined {
    const facts = this.accounts.named(accountId)
    if (facts === undefined) return undefined
    return { node: facts.node, transferDeclaredMs: this.custody.transferDeclaredMs(facts.node) }
  }

  /** What holds a cluster together now; undefined of one that is not there any more. */
  tiesOf(clusterId: string): ClusterTies | undefined {
    return tiesOf(clusterId, this.graph)
  }

  /** What happened to a cluster, also to one that ended lately; undefined of one that nothing is known of. */
  eventsOf(clusterId: string): ClusterEvents | undefined {
    const events = this.histories.of(clusterId)
    return events === undefined ? undefined : { clusterId, events }
  }

  /** Event time up to which it has judged; null before the first epoch. */
  get asOfMs(): number | null {
    return this.lastMs === 0 ? null : this.lastMs
  }

  /** Why an account was let pass where it looks like an offence, in the words of the exemptions; within a day. */
  exemptionsOf(accountId: string): readonly Pick<Exemption, 'offence' | 'reason'>[] {
    return [...this.excused.values()]
      .filter(({ accountIds }) => accountIds.includes(accountId))
      .map(({ offence, reason }) => ({ offence, reason }))
  }

  get stats(): NetworkViewStats {
    return {
      ...this.counts,
      nodes: this.graph.nodes.size,
      clusters: this.graph.clusters.size,
      accounts: this.accounts.size,
      evicted:
        this.graph.dropped +
        [this.accounts, this.custody, this.overturned, this.histories].reduce(
          (sum, { evicted }) => sum + evicted,
          0,
        ),
    }
  }

  save(out: SnapshotWriter): void {
    const { nodesActive, sequence, folded, expiredMs, lastMs, counts } = this
    out.value('network', { nodesActive, sequence, folded, expiredMs, lastMs, counts })
    this.places.save(out, 'network.places')
    this.policy.save(out)
    out.value('network.graph', this.graph.save())
    out.value('network.accounts', this.accounts.save())
    out.value('network.custody', this.custody.save())
    this.overturned.save(out)
    this.histories.save(out)
    out.value('network.excused', [...this.excused])
    out.value('network.past', [...this.past])
    out.value('network.hot', [...this.hot])
  }

  load(from: SnapshotReader): void {
    const saved = from.value<SavedNetwork>('network')
    this.nodesActive = saved.nodesActive
    this.sequence = saved.sequence
    this.folded = saved.folded
    this.expiredMs = saved.expiredMs
    this.lastMs = saved.lastMs
    Object.assign(this.counts, saved.counts)
    this.places.load(from, 'network.places')
    this.policy.load(from)
    this.graph.load(from.value<SavedGraph>('network.graph'))
    this.accounts.load(from.value<SavedAccounts>('network.accounts'))
    this.custody.load(from.value<SavedCustody>('network.custody'))
    this.overturned.load(from)
    this.histories.load(from)
    for (const [key, one] of from.value<[string, Excuse][]>('network.excused')) this.excused.set(key, one)
    for (const [node, acts] of from.value<[NodeId, PastAct[]][]>('network.past')) this.past.set(node, acts)
    for (const [key, hot] of from.value<[string, HotObject & { toldMs: number }][]>('network.hot')) {
      this.hot.set(key, hot)
    }
  }

  private see({ nodes }: TieReport): void {
    for (const facts of nodes) {
      const known = this.accounts.get(facts.node) ?? this.accounts.accountOf(facts.node)
      const node = this.graph.see(
        known === undefined ? facts : { ...facts, node: known.node, id: known.accountId },
      )
      if (facts.acts !== undefined) this.past.set(facts.node, facts.acts)
      if (known === undefined) continue
      node.isAccount = true
      if (known.subject !== undefined) node.subject = known.subject
      node.operators = known.operators
    }
  }

  /** Who it is about: whoever publishes for one account is that account, in what he reads and forwards as well. */
  private nodeOf(node: NodeId): NodeId {
    return this.accounts.accountOf(node)?.node ?? node
  }

  /** Those whose acts are those of a node: an account has the acts of its operators too. */
  private actorsOf(node: NodeId): readonly NodeId[] {
    const operators = this.accounts.get(node)?.operators ?? []
    return [node, ...operators.filter((operator) => operator !== node && this.nodeOf(operator) === node)]
  }

  private note(note: Note, findings: ClusterFinding[], exempt: Exemption[]): void {
    switch (note.type) {
      case 'policy':
        return
      case 'overturned':
        this.clear(note)
        return
      case 'operator':
        this.accounts.operate(note.account, note.accountId, note.actor)
        return
      case 'account': {
        const { registrations, returns } = this.accounts.happen(note)
        for (const history of registrations) this.ask(registrationDetectors, history, findings)
        for (const history of returns) this.ask(returnDetectors, history, findings)
        if (note.activity === 'transferred') findings.push(...this.custody.declare(note))
        if (note.activity === 'registered') this.excuseDeclared(note, exempt)
        return
      }
      case 'unused':
        findings.push(...this.custody.unused(note))
        return
      case 'used':
        findings.push(...this.custody.used(note))
        return
      case 'handover': {
        const found = this.custody.handover(note)
        findings.push(...found.findings)
        if (found.isDeclared) exempt.push(declaredTransferOf(note))
        return
      }
      case 'handback':
        findings.push(...this.custody.handback(note))
        return
      case 'copy': {
        if (this.isOfficial(note.node)) return
        const history = this.accounts.copy(note)
        if (history !== undefined) this.ask(copyDetectors, history, findings)
        return
      }
      case 'credit':
        this.excuse(`credit ${note.template}`, [note.accountId], note.timeMs, exempt, {
          offence: 'batch-homogeneous-posting',
          reason: note.isOfOfficial ? exemptionReasons.official : exemptionReasons.credit,
        })
    }
  }

  /** Says that accounts are exempt which a declared network registers. */
  private excuseDeclared({ node, accountId, timeMs }: AccountNote, exempt: Exemption[]): void {
    const network = this.accounts.get(node)?.declaredNetwork
    if (network === undefined) return
    const told = { offence: 'bulk-registration', reason: exemptionReasons.declared } as const
    this.excuse(`registered ${network}`, [accountId], timeMs, exempt, told)
  }

  /**
   * A cluster that was none: its ties are gone, and so are its memberships, until what its nodes do from here on ties
   * them again.
   */
  private clear(note: OverturnedNote): void {
    const about = this.overturned.clusterOf(note)
    if (about === undefined) return
    // Those who have joined since it was last told of belong to what was looked at.
    const members = new Set([...about.members, ...(this.graph.clusters.get(about.cluster)?.members ?? [])])
    for (const node of members) {
      this.overturned.clear(node, note.timeMs)
      this.cleared.add(node)
      for (const actor of this.actorsOf(node)) this.past.delete(actor)
    }
    this.graph.untie(members)
  }

  private tie(tie: JointTie, findings: ClusterFinding[], exempt: Exemption[]): void {
    const [a, b] = [this.accounts.get(tie.a), this.accounts.get(tie.b)]
    const network = a?.declaredNetwork
    const offence = tieFamilyOf[tie.family] === 'texts' ? 'batch-homogeneous-posting' : 'steered-accounts'
    if (network !== undefined && network === b?.declaredNetwork) {
      this.excuse(`declared ${network}`, [a!.accountId, b.accountId], tie.toMs, exempt, {
        offence,
        reason: exemptionReasons.declared,
      })
      return
    }
    if (a !== undefined && b !== undefined && isOneForm(tie.texts)) {
      this.excuse(`form ${patternOf(tie.texts[0]!)}`, [a.accountId, b.accountId], tie.toMs, exempt, {
        offence,
        reason: exemptionReasons.form,
      })
      return
    }
    if (tieFamilyOf[tie.family] !== 'joint-action' && a !== undefined && b !== undefined) {
      if (this.isOfficial(tie.a) || this.isOfficial(tie.b)) {
        this.excuse('official', [a.accountId, b.accountId], tie.toMs, exempt, {
          offence,
          reason: exemptionReasons.official,
        })
        return
      }
    }
    if (this.overturned.covers(tie)) return
    const back = tieFamilyOf[tie.family] === 'texts' ? this.accounts.returnOf(tie) : undefined
    if (back !== undefined) this.ask(returnDetectors, back, findings)
    this.graph.tie(tie)
  }

  private isOfficial(node: NodeId): boolean {
    const category = this.accounts.get(node)?.category
    return category !== undefined && this.policy.current.exemptCategories.includes(category)
  }

  /** Notes that something that looks like an offence is none; tells of it when it is about five, and when it doubles. */
  private excuse(
    key: string,
    accountIds: readonly string[],
    timeMs: number,
    exempt: Exemption[],
    told: Pick<Exemption, 'offence' | 'reason'>,
  ): void {
    const known = this.excused.get(key) ?? { ...told, accountIds: [], fromMs: timeMs, toldSize: 0 }
    this.excused.set(key, known)
    for (const id of accountIds) if (!known.accountIds.includes(id)) known.accountIds.push(id)
    if (known.accountIds.length < Math.max(leastExcused, 2 * known.toldSize)) return
    known.toldSize = known.accountIds.length
    this.counts.exempt++
    exempt.push({
      ...told,
      accountIds: [...known.accountIds].sort().slice(0, mostNamed),
      window: { start: known.fromMs, end: Math.max(known.fromMs, timeMs) + 1 },
    })
  }

  /** Judges a cluster when it is new, has grown by a quarter or holds together in another way, else within the hour. */
  private judge(cluster: GraphCluster, endMs: number, findings: ClusterFinding[], isDue = false): void {
    const size = cluster.members.size
    const history = this.measured(cluster, endMs)
    const families = sureTies(history, suspicious)
      .map(({ family }) => family)
      .sort()
      .join(' ')
    const hasGrown = size >= 1.25 * cluster.toldSize || (isDue && size > cluster.toldSize)
    if (!hasGrown && families === cluster.toldFamilies) return
    cluster.toldSize = size
    cluster.toldFamilies = families
    this.ask(clusterDetectors, history, findings, (finding) => {
      this.overturned.remember(finding, cluster.members, endMs)
    })
  }

  private judgeHotspot(hot: HotObject, endMs: number, findings: ClusterFinding[]): void {
    for (const history of this.hotspotsOf(hot, endMs)) this.ask(hotspotDetectors, history, findings)
  }

  /** What rose by the hands of a cluster, as it concerns those who did it and those whose posts they pushed. */
  private hotspotsOf(hot: HotObject, endMs: number): HotspotHistory[] {
    const byCluster = new Map<string, Set<NodeId>>()
    for (const tied of hot.tied) {
      const node = this.nodeOf(tied)
      const cluster = this.graph.nodes.get(node)?.cluster ?? null
      if (cluster === null) continue
      const members = byCluster.get(cluster) ?? new Set()
      byCluster.set(cluster, members.add(node))
    }
    const [largest] = [...byCluster].sort(
      ([a, members], [b, others]) => others.size - members.size || (a < b ? -1 : 1),
    )
    if (largest === undefined) return []
    const cluster = this.historyOf(this.graph.clusters.get(largest[0])!, endMs)
    const members = largest[1]
    const history = {
      ...{ family: hot.family, name: hot.name, cluster, sampled: hot.sampled, members: members.size },
      ...{ usualShare: hot.usualShare, window: { start: hot.fromMs, end: endMs } },
      pushed: this.pushedBy(members, hot),
    }
    return [
      { ...history, about: 'engagers' },
      { ...history, about: 'authors' },
    ]
  }

  /** The accounts that published what is hot, by how many of the members acted on their posts. */
  private pushedBy(members: ReadonlySet<NodeId>, { pushed }: HotObject): HotspotHistory['pushed'] {
    const found: { id: string; by: number }[] = []
    for (const { node, by } of pushed) {
      const account = this.accounts.get(node)
      if (account === undefined || members.has(node)) continue
      const pushing = new Set(by.map((one) => this.nodeOf(one)).filter((one) => members.has(one)))
      found.push({ id: account.accountId, by: pushing.size })
    }
    return found.sort((one, other) => other.by - one.by || (one.id < other.id ? -1 : 1))
  }

  /** A cluster may be judged and, in the same epoch, have made several things hot: it is measured once. */
  private measured(cluster: GraphCluster, endMs: number): ClusterHistory {
    const known = this.measurements.get(cluster)
    if (known !== undefined) return known
    const history = this.historyOf(cluster, endMs)
    this.measurements.set(cluster, history)
    return history
  }

  private historyOf(cluster: GraphCluster, endMs: number): ClusterHistory {
    const declared = new Set(
      [...cluster.members].filter((node) => this.accounts.get(node)?.declaredNetwork !== undefined),
    )
    const { nodesActive, accounts } = this
    const authors = Math.min(nodesActive, accounts.size)
    return historyOf(cluster, this.graph, { nodesActive, authors, declared, endMs })
  }

  private ask<History>(
    detectors: readonly LinkedDetector<History>[],
    history: History,
    findings: ClusterFinding[],
    onFinding: (finding: ClusterFinding) => void = () => undefined,
  ): void {
    for (const detector of detectors) {
      const settings = this.policy.current.detectors[detector.name]!
      if (settings.mode === 'off') continue
      const finding = detector.judge(history, settings)
      if (finding === undefined || finding.pValue > discardAbove) continue
      onFinding(finding)
      findings.push({ ...this.withHistory(finding), positions: this.places.of(finding.window) })
    }
  }

  private withHistory(finding: ClusterFinding): ClusterFinding {
    const { cluster } = finding
    const history = cluster === null ? undefined : this.histories.of(cluster.id)
    return history === undefined ? finding : { ...finding, cluster: { ...cluster!, history } }
  }

  private expire(nowMs: number): { left: readonly NodeId[]; changes: readonly ClusterChange[] } {
    this.expiredMs = nowMs
    this.accounts.expire(nowMs)
    this.places.forgetBefore(nowMs - tiesReachMs)
    this.custody.expire(nowMs)
    this.overturned.forgetBefore(nowMs - tiesReachMs)
    this.histories.forgetBefore(nowMs - tiesReachMs, (id) => this.graph.clusters.has(id))
    for (const [key, { fromMs }] of this.excused) if (fromMs < nowMs - dayMs) this.excused.delete(key)
    for (const [key, { toldMs }] of this.hot) if (toldMs < nowMs - dayMs) this.hot.delete(key)
    for (const node of this.past.keys()) {
      const known = this.graph.nodes.get(node)
      if (known === undefined || known.cluster !== null) this.past.delete(node)
    }
    return this.graph.expire(nowMs)
  }

  private countChanges(changes: readonly ClusterChange[]): void {
    for (const { change } of changes) if (change !== 'grown' && change !== 'shrunk') this.counts[change]++
  }

  private tell(
    told: Omit<ClusterReport, 'source' | 'sequence' | 'endMs' | 'passedMs'>,
    at: Pick<ClusterReport, 'endMs' | 'passedMs'>,
    emit: Emit,
  ): void {
    const full: ClusterReport = { source: this.source, sequence: ++this.sequence, ...at, ...told }
    emit(0, textEncoder.encode(JSON.stringify(full)))
  }
}

/** An account by its pseudonym, and when its transfer was declared, if it was. */
export interface NamedAccount {
  readonly node: NodeId
  readonly transferDeclaredMs: number | undefined
}

export interface NetworkViewStats {
  readonly nodes: number
  readonly clusters: number
  readonly accounts: number
  readonly evicted: number
  readonly born: number
  readonly merged: number
  readonly split: number
  readonly died: number
  readonly exempt: number
}

/** What looks like an offence and is none: who, why, and how many they were when it was told last. */
interface Excuse extends Pick<Exemption, 'offence' | 'reason'> {
  readonly accountIds: string[]
  readonly fromMs: number
  toldSize: number
}

interface SavedNetwork {
  readonly nodesActive: number
  readonly sequence: number
  readonly folded: number
  readonly expiredMs: number
  readonly lastMs: number
  readonly counts: NetworkView['counts']
}

function declaredTransferOf({ accountId, before, after }: HandoverNote): Exemption {
  return {
    offence: 'undeclared-transfer',
    accountIds: [accountId],
    window: { start: Math.min(before.toMs, after.fromMs), end: after.toMs + 1 },
    reason: 'its transfer was declared',
  }
}

/** Whether different texts are the same but for their figures: not several things that two published, but one. */
function isOneForm(texts: readonly string[] | undefined): texts is readonly string[] {
  return texts !== undefined && new Set(texts).size > 1 && new Set(texts.map(patternOf)).size === 1
}

const nothing = { left: [], changes: [] }
const dayMs = 86_400_000
const leastExcused = 5
const mostNamed = 200
const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()
