import type { Note, NodeId } from '../../model/acts'
import type { ClusterEvents, ClusterReport, JointTie, TieReport } from '../../model/cluster'
import { verdictIdOf } from '../../model/verdict-id'
import { defaultPolicy } from '../../policy/policy'
import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { NetworkView } from './network-view'

const epochMs = 10_000
const five = ['a', 'b', 'c', 'd', 'e'].map(nodeOf)

it('tells with a finding how its cluster came about, and afterwards what became of it', () => {
  //  epoch 1    2             3
  //  all meet   two join      overturned
  const network = new Network()
  const [{ subject } = { subject: { id: '' } }] = network.tell({ ties: among(five, 0) }).findings
  const [grown] = network.tell({ ties: among([...five, nodeOf('f'), nodeOf('g')], 1) }).findings
  const events = [
    { at: epochMs, change: 'born', size: 5 },
    { at: 2 * epochMs, change: 'grown', size: 7 },
  ]
  expect(grown!.cluster).toMatchObject({ id: subject.id, size: 7, history: events })
  network.restart()
  network.tell({ notes: [overturned(grown!, 2)] })
  const ended = [...events, { at: 3 * epochMs, change: 'died', size: 7 }]
  expect(network.eventsOf(subject.id)).toEqual({ clusterId: subject.id, events: ended })
  expect(network.eventsOf('c-9')).toBeUndefined()
})

describe('a cluster whose verdict is overturned', () => {
  it('is none from that epoch on, and is one again by what its nodes do after it', () => {
    //  epoch 1       2            3                4                        5
    //  all meet      overturned   the same again   a sixth meets them too   all meet anew
    const network = new Network()
    const [found] = network.tell({ ties: among(five, 0) }).findings
    expect(found).toMatchObject({ offence: 'steered-accounts', subject: { type: 'cluster' } })
    const { changes, memberships } = network.tell({ notes: [overturned(found!, 1)] })
    expect(changes).toEqual([{ cluster: found!.subject.id, change: 'died', size: 5 }])
    expect(left(memberships)).toEqual(five)
    for (const { isCleared } of memberships) expect(isCleared).toBe(true)

    network.restart()
    expect(network.tell({ ties: among(five, 0) })).toMatchObject({ memberships: [], findings: [] })
    const sixth = network.tell({ ties: among([...five, nodeOf('f')], 0) })
    expect(sixth).toMatchObject({ memberships: [], findings: [] })
    const again = network.tell({ ties: among(five, 1) })
    // The sixth was never cleared, so that what it did with them counts as soon as they are one again.
    expect(again.memberships.map(({ node }) => node)).toEqual([...five, nodeOf('f')])
    expect(again.findings[0]!.subject.id).not.toBe(found!.subject.id)
  })

  it('takes with it who has joined since, and leaves all others as they are', () => {
    const network = new Network()
    const others = ['v', 'w', 'x', 'y', 'z'].map(nodeOf)
    const { findings } = network.tell({ ties: [...among(five, 0), ...among(others, 0)] })
    const ours = findings.find(({ accountId }) => accountId === five[0])!
    const joined = network.tell({ ties: among([...five, nodeOf('f')], 1) })
    expect(joined.memberships).toEqual([{ node: nodeOf('f'), cluster: ours.subject.id }])
    const { memberships } = network.tell({ notes: [overturned(ours, 2)] })
    expect(left(memberships)).toEqual([...five, nodeOf('f')])
  })

  it('is found by where its case began, also when that was the end of one before', () => {
    const network = new Network()
    const [found] = network.tell({ ties: among(five, 0) }).findings
    // The case that began with the window ended with its only finding, and the next one begins there.
    const second = { ...found!, window: { ...found!.window, start: epochMs } }
    expect(network.tell({ notes: [overturned(second, 1)] }).memberships).toHaveLength(5)
  })

  it.each([
    ['another verdict', { verdictId: 'v-0' }],
    ['a verdict under the name of another account', { accountId: 'somebody' }],
  ])('is not that of %s', (_what, changed) => {
    const network = new Network()
    const [found] = network.tell({ ties: among(five, 0) }).findings
    const { memberships } = network.tell({ notes: [{ ...overturned(found!, 1), ...changed }] })
    expect(memberships).toEqual([])
  })
})

/** Those who belong to no cluster any more. */
function left(memberships: ClusterReport['memberships']): NodeId[] {
  return memberships
    .filter(({ cluster }) => cluster === null)
    .map(({ node }) => node)
    .sort()
}

/** The view, and what it says to one epoch after the other. */
class Network {
  private view = new NetworkView(defaultPolicy)
  private epoch = 0

  tell({ ties = [], notes = [] }: { ties?: readonly JointTie[]; notes?: readonly Note[] }): ClusterReport {
    const sequence = ++this.epoch
    const named = [...new Set(ties.flatMap(({ a, b }) => [a, b]))]
    const unknown = { isAccount: false, device: 0, network: 0, deviceNodes: 0, networkNodes: 0 }
    const nodes = named.map((node) => ({ node, id: node, ...unknown }))
    const at = { sequence, endMs: sequence * epochMs, nodesActive: 1_000 }
    const report: TieReport = { ...at, ties, nodes, hot: [], notes }
    const told: ClusterReport[] = []
    this.view.fold(Buffer.from(JSON.stringify(report)), (_output, record) => {
      told.push(JSON.parse(Buffer.from(record).toString()) as ClusterReport)
    })
    expect(told).toHaveLength(1)
    return told[0]!
  }

  eventsOf(clusterId: string): ClusterEvents | undefined {
    return this.view.eventsOf(clusterId)
  }

  /** Goes on from what was saved. */
  restart(): void {
    const out = new SnapshotWriter()
    this.view.save(out)
    this.view = new NetworkView(defaultPolicy)
    this.view.load(new SnapshotReader(out.parts()))
  }
}

function overturned(
  { offence, subject, accountId, window }: ClusterReport['findings'][number],
  epoch: number,
): Note & { type: 'overturned' } {
  const verdictId = verdictIdOf({ mode: 'live', offence, subject: subject.id, startMs: window.start })
  return { type: 'overturned', accountId, verdictId, timeMs: epoch * epochMs }
}

/** Ties between all of some nodes, from what they did in an epoch. */
function among(nodes: readonly NodeId[], epoch: number): JointTie[] {
  const within = { withinMs: 60_000, count: 9, expected: 0.01, pValue: 1e-20 }
  const at = { fromMs: epoch * epochMs, toMs: epoch * epochMs + 5_000 }
  return nodes.flatMap((a, place) =>
    nodes.slice(place + 1).map((b) => ({ family: 'forward' as const, a, b, ...within, ...at })),
  )
}

function nodeOf(letter: string): NodeId {
  return letter.repeat(16)
}
