import type { JointTie } from '../../model/cluster'
import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { ClusterHistories } from './cluster-histories'
import { Graph } from './graph'

const hourMs = 3_600_000
const five = ['a', 'b', 'c', 'd', 'e']
const others = ['g', 'h', 'i', 'j', 'k']

it('tells the same merger to both, and goes on where it was saved', () => {
  //  1h  a b c d e               born
  //  2h  a b c d e f             grown
  //  3h  g h i j k               another is born
  //  4h  all of them             merged: the older one stays
  const play = new Play()
  const [first] = play.meet(five, 1)
  play.meet([...five, 'f'], 2)
  const [second] = play.meet(others, 3)
  play.restart()
  play.meet([...five, 'f', ...others], 4)
  expect(play.told(first!)).toEqual(['1h born 5', '2h grown 6', `4h absorbed 11 ${second}`])
  expect(play.told(second!)).toEqual(['3h born 5', `4h merged-into 5 ${first}`])
})

it('tells that members went, and once an hour', () => {
  const play = new Play()
  const [first] = play.meet([...five, ...others], 1)
  play.forget([...five, ...others])
  play.meet([...five, 'g', 'h'], 2)
  play.forget([...five, 'g', 'h'])
  play.meet([...five, 'g'], 2.5)
  play.meet([...five, 'g', 'h', 'm'], 2.6)
  expect(play.told(first!)).toEqual(['1h born 10', '2.5h shrunk 6', '2.6h grown 8'])
})

it('tells a part that leaves, where it came from and what is left', () => {
  const play = new Play()
  const seven = [...five, 'f', 'l']
  const [first] = play.meet([...seven, ...others], 1)
  play.forget([...seven, ...others])
  const [part] = play.meet(others, 2, seven)
  expect(play.told(first!)).toEqual(['1h born 12', `2h split 7 ${part}`])
  expect(play.told(part!)).toEqual([`2h split-from 5 ${first}`])
})

it('tells of a cluster that fell into halves that it is no more', () => {
  const play = new Play()
  const [first] = play.meet([...five, ...others], 1)
  play.forget([...five, ...others])
  const halves = play.meet(others, 2, five)
  expect(halves).toHaveLength(2)
  const splits = halves.map((half) => `2h split 0 ${half}`)
  expect(play.told(first!)).toEqual(['1h born 10', ...splits, '2h died 10'])
})

it('tells growth once an hour, and of a long life how it began and what was not growth', () => {
  const histories = new ClusterHistories()
  const sizeOf = () => 9
  histories.note([{ cluster: 'c-1', change: 'born', size: 5 }], { atMs: 0, sizeOf })
  histories.note([{ cluster: 'c-1', change: 'merged', size: 4, other: 'c-2' }], { atMs: 1, sizeOf })
  for (let minute = 0; minute < 60 * 40; minute += 20) {
    histories.note([{ cluster: 'c-1', change: 'grown', size: 10 + minute }], {
      atMs: minute * 60_000,
      sizeOf,
    })
  }
  const events = histories.of('c-1')!
  expect(events).toHaveLength(24)
  expect(events.slice(0, 2).map(({ change }) => change)).toEqual(['born', 'absorbed'])
  expect(events.at(-1)).toEqual({ at: (60 * 40 - 20) * 60_000, change: 'grown', size: 10 + 60 * 40 - 20 })
  for (let number = 0; number < 40; number++) {
    histories.note([{ cluster: 'c-1', change: 'merged', size: 4, other: `c-${number}` }], {
      atMs: 41 * hourMs,
      sizeOf,
    })
  }
  expect(histories.of('c-1')!.map(({ change }) => change)).toEqual([
    'born',
    ...Array.from({ length: 23 }, () => 'absorbed'),
  ])
})

it('keeps so many clusters, and of those that are gone for a while only', () => {
  const histories = new ClusterHistories(2)
  const born = (cluster: string, atMs: number) => {
    histories.note([{ cluster, change: 'born', size: 5 }], { atMs, sizeOf: () => 5 })
  }
  for (const [at, id] of ['c-1', 'c-2', 'c-3'].entries()) born(id, at)
  expect([histories.of('c-1'), histories.evicted]).toEqual([undefined, 1])
  histories.forgetBefore(3, (id) => id === 'c-3')
  expect(histories.of('c-2')).toBeUndefined()
  expect(histories.of('c-3')).toHaveLength(1)
})

/** A graph and what is kept of its clusters, hour by hour. */
class Play {
  private readonly graph = new Graph({ tieSpanMs: 1_000 * hourMs, mostPartners: 64 })
  private histories = new ClusterHistories()

  /** All of each group act together; the ids of the clusters that are new. */
  meet(members: readonly string[], hour: number, ...more: readonly (readonly string[])[]): string[] {
    for (const group of [members, ...more]) {
      for (const node of group) {
        const unknown = { isAccount: false, device: 0, network: 0, deviceNodes: 0, networkNodes: 0 }
        this.graph.see({ node, id: node, ...unknown })
      }
      for (const a of group) for (const b of group) if (a < b) this.graph.tie(tieOf(a, b, hour * hourMs))
    }
    const { changes } = this.graph.regroup(hour * hourMs)
    this.histories.note(changes, {
      atMs: hour * hourMs,
      sizeOf: (id) => this.graph.clusters.get(id)?.members.size,
    })
    return changes
      .filter(({ change }) => change === 'born' || change === 'split')
      .map(({ cluster }) => cluster)
  }

  forget(nodes: readonly string[]): void {
    this.graph.untie(new Set(nodes))
  }

  restart(): void {
    const out = new SnapshotWriter()
    this.histories.save(out)
    this.histories = new ClusterHistories()
    this.histories.load(new SnapshotReader(out.parts()))
  }

  told(clusterId: string): string[] {
    return this.histories
      .of(clusterId)!
      .map(({ at, change, size, other }) =>
        [`${at / hourMs}h`, change, size, other].filter((part) => part !== undefined).join(' '),
      )
  }
}

function tieOf(a: string, b: string, timeMs: number): JointTie {
  const pair = { family: 'forward' as const, withinMs: 60_000, a, b, count: 3, expected: 0, pValue: 1e-9 }
  return { ...pair, fromMs: timeMs, toMs: timeMs }
}
