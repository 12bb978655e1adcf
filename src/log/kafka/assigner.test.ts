import fc from 'fast-check'
import { AssignerProtocol } from 'kafkajs'
import {
  assignUnits,
  readMember,
  readOwned,
  tolerance,
  weightedAssigner,
  writeOwned,
  type Member,
  type Unit,
} from './assigner'

const topics = ['raw.a', 'raw.b', 'tasks']

const units = fc
  .record({
    rawPartitions: fc.nat({ max: 24 }),
    otherPartitions: fc.nat({ max: 10 }),
    taskWeights: fc.array(fc.double({ min: 0.1, max: 40, noNaN: true }), { maxLength: 20 }),
  })
  .map(({ rawPartitions, otherPartitions, taskWeights }) => ({
    raw: [...unitsOf('raw.a', rawPartitions), ...unitsOf('raw.b', otherPartitions)],
    tasks: taskWeights.map((weight, partition) => ({ topic: 'tasks', partition, weight })),
  }))

function unitsOf(topic: string, count: number): Unit[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition, weight: 1 }))
}

const memberIds = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 9 })

const newcomer = (id: string): Member => ({ id, topics, owned: [] })

/** The same members, each with what it got. */
function settled(shares: ReadonlyMap<string, readonly Unit[]>): Member[] {
  return [...shares].map(([id, owned]) => ({ id, topics, owned }))
}

const nameOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic} ${partition}`
const names = (list: readonly Unit[]) => list.map(nameOf).sort()
const loadOf = (list: readonly Unit[]) => list.reduce((sum, { weight }) => sum + weight, 0)

/** Any claims: what nobody has, what several have, what does not exist. */
const claims = fc.array(
  fc.record({ topic: fc.constantFrom(...topics, 'gone'), partition: fc.nat({ max: 25 }) }),
)

describe('units handed out to members', () => {
  it('are each with one member, whatever members claim to own', () => {
    fc.assert(
      fc.property(
        units,
        memberIds,
        fc.array(claims, { minLength: 9, maxLength: 9 }),
        ({ raw, tasks }, ids, owned) => {
          const shares = assignUnits(
            ids.map((id, index) => ({ id, topics, owned: owned[index]! })),
            { raw, tasks },
          )
          expect(names([...shares.values()].flat())).toEqual(names([...raw, ...tasks]))
          expect([...shares.keys()].sort()).toEqual([...ids].sort())
        },
      ),
    )
  })

  it('are even: raw partitions to one, loads to the tolerance or the heaviest unit', () => {
    fc.assert(
      fc.property(
        units,
        memberIds,
        fc.array(claims, { minLength: 9, maxLength: 9 }),
        ({ raw, tasks }, ids, owned) => {
          const shares = assignUnits(
            ids.map((id, index) => ({ id, topics, owned: owned[index]! })),
            { raw, tasks },
          )
          const lists = [...shares.values()]
          const rawCounts = lists.map((list) => list.filter(({ topic }) => topic !== 'tasks').length)
          expect(Math.max(...rawCounts) - Math.min(...rawCounts)).toBeLessThanOrEqual(1)

          const loads = lists.map(loadOf)
          const mean = loadOf([...raw, ...tasks]) / ids.length
          const heaviest = Math.max(1, ...tasks.map(({ weight }) => weight))
          expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(
            Math.max(tolerance * mean, heaviest) + 1e-9,
          )
        },
      ),
    )
  })

  it('do not depend on the order of members and units', () => {
    fc.assert(
      fc.property(units, memberIds, claims, ({ raw, tasks }, ids, owned) => {
        const members = ids.map((id, index) => ({ id, topics, owned: index === 0 ? owned : [] }))
        const shares = assignUnits(members, { raw, tasks })
        const again = assignUnits([...members].reverse(), {
          raw: [...raw].reverse(),
          tasks: [...tasks].reverse(),
        })
        for (const [id, list] of shares) expect(names(again.get(id)!)).toEqual(names(list))
      }),
    )
  })

  it('stay where they are when nothing has changed', () => {
    fc.assert(
      fc.property(units, memberIds, (all, ids) => {
        const before = assignUnits(ids.map(newcomer), all)
        const after = assignUnits(settled(before), all)
        for (const [id, list] of before) expect(names(after.get(id)!)).toEqual(names(list))
      }),
    )
  })

  it('move only to the new member when one joins, and only from the lost one when one leaves', () => {
    // Twelve raw partitions and six tasks of weight 4 on three members: a fourth takes a quarter.
    const all = {
      raw: unitsOf('raw.a', 12),
      tasks: unitsOf('tasks', 6).map((unit) => ({ ...unit, weight: 4 })),
    }
    const three = assignUnits(['a', 'b', 'c'].map(newcomer), all)
    const four = assignUnits([...settled(three), newcomer('d')], all)
    for (const id of ['a', 'b', 'c']) {
      const had = names(three.get(id)!)
      for (const name of names(four.get(id)!)) expect(had).toContain(name)
    }
    expect(four.get('d')!.filter(({ topic }) => topic === 'raw.a')).toHaveLength(3)
    expect(four.get('d')!.filter(({ topic }) => topic === 'tasks')).toHaveLength(1)

    const left = assignUnits(
      settled(four).filter(({ id }) => id !== 'b'),
      all,
    )
    for (const id of ['a', 'c', 'd']) {
      const has = names(left.get(id)!)
      for (const name of names(four.get(id)!)) expect(has).toContain(name)
    }
  })

  it('move as many raw partitions as the new member gets, and no more, when one joins', () => {
    fc.assert(
      fc.property(units, memberIds, ({ raw }, ids) => {
        const before = assignUnits(ids.map(newcomer), { raw, tasks: [] })
        const after = assignUnits([...settled(before), newcomer('the new one')], { raw, tasks: [] })
        const kept = [...before].flatMap(([id, list]) =>
          names(list).filter((name) => names(after.get(id)!).includes(name)),
        )
        expect(raw.length - kept.length).toBe(after.get('the new one')!.length)
      }),
    )
  })

  it('go only to members that read their topic', () => {
    const shares = assignUnits(
      [
        { id: 'a', topics: ['raw.a'], owned: [{ topic: 'tasks', partition: 0 }] },
        { id: 'b', topics, owned: [] },
      ],
      { raw: unitsOf('raw.a', 4), tasks: unitsOf('tasks', 3) },
    )
    expect(names(shares.get('a')!)).toEqual(['raw.a 0', 'raw.a 2'])
    expect(shares.get('b')!.filter(({ topic }) => topic === 'tasks')).toHaveLength(3)
  })
})

describe('what a member says it owns', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(claims, (owned) => {
        expect(readOwned(writeOwned(owned))).toEqual(owned)
      }),
    )
  })

  it('is nothing when it is empty, newer or garbage', () => {
    expect(readOwned(undefined)).toEqual([])
    expect(readOwned(Buffer.alloc(0))).toEqual([])
    expect(readOwned(Buffer.from('{"v":2,"owned":[["a",1]]}'))).toEqual([])
    expect(readOwned(Buffer.from('{"v":1,"owned":[["a",1],["b"],7,["c",0.5],null]}'))).toEqual([
      { topic: 'a', partition: 1 },
    ])
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(Array.isArray(readOwned(bytes))).toBe(true)
        },
      ),
    )
  })

  it('comes from a member only when its metadata can be read', () => {
    const metadata = AssignerProtocol.MemberMetadata.encode({
      version: 1,
      topics,
      userData: Buffer.from('?'),
    })
    expect(readMember('m', metadata)).toEqual({ id: 'm', topics, owned: [] })
    expect(readMember('m', Buffer.from([0]))).toBeUndefined()
  })
})

describe('the assigner in a group', () => {
  const cluster = {
    findTopicPartitionMetadata: (topic: string) =>
      Array.from({ length: topic === 'tasks' ? 3 : 4 }, (_, partitionId) => ({ partitionId })),
  }
  const config = { cluster, groupId: 'g', logger: {} } as unknown as Parameters<
    ReturnType<typeof weightedAssigner>
  >[0]

  it('weighs tasks by their share of all raw partitions, lets members keep what they own and passes over others', async () => {
    const make = (owned: Unit[]) =>
      weightedAssigner({ controlTopic: 'tasks', taskShares: [2, 0.75, 0.75], owned: () => owned })(config)
    const leader = make([{ topic: 'tasks', partition: 0, weight: 9 }])
    const other = make([{ topic: 'raw.a', partition: 3, weight: 1 }])
    const shown = { topics: ['raw.a', 'tasks'] }
    const assignment = await leader.assign({
      topics: shown.topics,
      members: [
        { memberId: 'a', memberMetadata: leader.protocol(shown).metadata },
        { memberId: 'b', memberMetadata: other.protocol(shown).metadata },
        { memberId: 'broken', memberMetadata: Buffer.from([1]) },
      ],
    })
    const decoded = assignment.map(({ memberId, memberAssignment }) => [
      memberId,
      AssignerProtocol.MemberAssignment.decode(memberAssignment)!.assignment,
    ])
    expect(Object.fromEntries(decoded)).toEqual({
      a: { 'raw.a': [0, 1], tasks: [0] },
      b: { 'raw.a': [2, 3], tasks: [1, 2] },
    })
  })
})
