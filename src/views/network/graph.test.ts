import fc from 'fast-check'
import type { ActFamily } from '../../model/acts'
import type { JointTie } from '../../model/cluster'
import { Graph } from './graph'
import type { Regrouped } from './graph'

const dayMs = 86_400_000

function graph(): Graph {
  return new Graph({ tieSpanMs: 7 * dayMs, mostPartners: 64 })
}

/** Ties everybody in a list with everybody else, at a time, and groups. */
function meet(
  into: Graph,
  members: readonly string[],
  timeMs: number,
  family: ActFamily = 'forward',
): Regrouped {
  for (const node of members) {
    into.see({ node, id: node, isAccount: false, device: 0, network: 0, deviceNodes: 0, networkNodes: 0 })
  }
  for (const a of members) for (const b of members) if (a < b) into.tie({ ...tieOf(a, b, timeMs), family })
  return into.regroup(timeMs)
}

function tieOf(a: string, b: string, timeMs: number): JointTie {
  const pair = { family: 'forward' as const, withinMs: 60_000, a, b, count: 3, expected: 0, pValue: 1e-9 }
  return { ...pair, fromMs: timeMs, toMs: timeMs }
}

function sizes({ clusters }: Graph): number[] {
  return [...clusters.values()].map(({ members }) => members.size).sort((a, b) => b - a)
}

const five = ['a', 'b', 'c', 'd', 'e']

describe('a cluster', () => {
  it('is born of five who all act together, and of no four', () => {
    const known = graph()
    expect(meet(known, five.slice(0, 4), 1).changes).toEqual([])
    const { changes, joined } = meet(known, five, 2)
    expect(changes).toEqual([{ cluster: expect.stringMatching(/^c-/) as string, change: 'born', size: 5 }])
    expect(joined.map(({ node }) => node)).toEqual(five)
  })

  it('is born of four by what they wrote, as a whole or in passages', () => {
    for (const family of ['text', 'passage'] as const) {
      expect(meet(graph(), five.slice(0, 4), 1, family).changes).toMatchObject([{ change: 'born', size: 4 }])
    }
    expect(meet(graph(), five.slice(0, 4), 1, 'tag').changes).toEqual([])
  })

  it('keeps its id while it grows and takes in a younger one', () => {
    //  a b c d e          born
    //  a b c d e f        grown
    //  f g h i j k        another is born beside it, and merged when all meet
    const known = graph()
    const [{ cluster: first } = { cluster: '' }] = meet(known, five, 1).changes
    expect(meet(known, [...five, 'f'], 2).changes).toEqual([{ cluster: first, change: 'grown', size: 6 }])
    const others = ['g', 'h', 'i', 'j', 'k']
    const [{ cluster: second } = { cluster: '' }] = meet(known, others, 3).changes
    const { changes } = meet(known, [...five, ...others], 4)
    expect(changes).toContainEqual({ cluster: first, change: 'merged', size: 5, other: second })
    expect([...known.clusters.keys()]).toEqual([first])
  })

  it('dies when nothing has renewed it for a week, and lets its members go', () => {
    const known = graph()
    meet(known, five, 1)
    expect(known.expire(7 * dayMs).left).toEqual([])
    const { left, changes } = known.expire(8 * dayMs)
    expect(left).toEqual(five)
    expect(changes).toMatchObject([{ change: 'died', size: 5 }])
    expect(known.nodes.size).toBe(0)
  })

  it('is two when the ties between its halves have gone', () => {
    //  day 0   a b c d e f g h i j         one
    //  day 5   a b c d e | f g h i j       each half meets again; the ties between them end with day 7
    //  day 9   a b c d e                   meets once more: it goes on, the others are a cluster of their own
    const known = graph()
    const others = ['f', 'g', 'h', 'i', 'j', 'k']
    meet(known, [...five, ...others], 0)
    meet(known, five, 5 * dayMs)
    meet(known, others, 5 * dayMs)
    expect(sizes(known)).toEqual([11])
    known.expire(8 * dayMs)
    meet(known, five, 9 * dayMs)
    meet(known, others, 9 * dayMs)
    expect(sizes(known)).toEqual([6, 5])
    for (const { id, members } of known.clusters.values()) {
      for (const node of members) expect(known.nodes.get(node)!.cluster).toBe(id)
    }
  })
})

it.each([
  ['first', five, ['g', 'h', 'i', 'j', 'k', 'l', 'm']],
  ['last', ['g', 'h', 'i', 'j', 'k'], [...five, 'f', '0']],
])(
  'leaves the id of a cluster to most of it where ties are gone, be the fewer grouped %s',
  (_when, few, most) => {
    const known = graph()
    const [born] = meet(known, [...few, ...most], 1).changes
    known.untie(new Set([...few, ...most]))
    for (const group of [few, most]) {
      for (const a of group) for (const b of group) if (a < b) known.tie(tieOf(a, b, 2))
    }
    const { changes } = known.regroup(2)
    expect(changes.find(({ change }) => change === 'split')).toMatchObject({
      size: few.length,
      other: born!.cluster,
    })
    expect(changes.find(({ change }) => change === 'shrunk')).toMatchObject({
      cluster: born!.cluster,
      size: 7,
    })
    expect([...known.clusters.get(born!.cluster)!.members].sort()).toEqual([...most].sort())
  },
)

it('knows of each node the one cluster that has it, whatever comes and goes, and goes on from its state', () => {
  const nodes = 'abcdefghijklmno'.split('')
  const step = fc.record({
    members: fc.subarray(nodes, { minLength: 3, maxLength: 8 }),
    days: fc.integer({ min: 0, max: 4 }),
    isExpiring: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let one = graph()
      const other = graph()
      let nowMs = 0
      for (const { members, days, isExpiring } of steps) {
        nowMs += days * dayMs + 1
        const ended = isExpiring ? [one.expire(nowMs), other.expire(nowMs)] : []
        expect(ended[0]).toEqual(ended[1])
        expect(meet(one, members, nowMs)).toEqual(meet(other, members, nowMs))
        const restored = graph()
        restored.load(JSON.parse(JSON.stringify(one.save())) as ReturnType<Graph['save']>)
        one = restored
        for (const [id, { members: within }] of one.clusters) {
          for (const node of within) expect(one.nodes.get(node)?.cluster).toBe(id)
        }
        for (const { node, cluster } of one.nodes.values()) {
          if (cluster !== null) expect(one.clusters.get(cluster)?.members.has(node)).toBe(true)
        }
      }
    }),
    { numRuns: 300 },
  )
})
