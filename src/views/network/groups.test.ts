import fc from 'fast-check'
import { groupsOf } from './groups'

describe('groups', () => {
  it('are five who all act together', () => {
    expect(groupsOf(everyPairOf('abcde'))).toEqual([['a', 'b', 'c', 'd', 'e']])
    expect(groupsOf(everyPairOf('abcd'))).toEqual([])
  })

  it('leave out who hangs on by a thread', () => {
    //  a b c d e each with each;  e ─ x,  a ─ y ─ b
    expect(groupsOf([...everyPairOf('abcde'), ...pairs('ex ay yb')])).toEqual([['a', 'b', 'c', 'd', 'e']])
  })

  it('fall apart together when each of them has too few', () => {
    //  a chain of triangles is no crew, however long
    expect(groupsOf(pairs('ab bc ca cd de ec ef fg ge'))).toEqual([])
    expect(groupsOf(pairs('ab bc ca cd de ec ef fg ge'), { leastPartners: 2 })).toEqual([
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    ])
  })

  it('stay two where a single pair brings both together', () => {
    //  a b c d e each with each ── v w x y z each with each;  e ─ v met by chance
    expect(groupsOf([...everyPairOf('abcde'), ...everyPairOf('vwxyz'), ...pairs('ev')])).toEqual([
      ['a', 'b', 'c', 'd', 'e'],
      ['v', 'w', 'x', 'y', 'z'],
    ])
  })

  it('come largest first, whatever the order and the repeats of pairs', () => {
    const known = [...everyPairOf('abcde'), ...everyPairOf('pqrstu')]
    fc.assert(
      fc.property(fc.shuffledSubarray(known, { minLength: known.length }), (shuffled) => {
        const turned = shuffled.map(({ a, b }) => ({ a: b, b: a }))
        expect(groupsOf([...shuffled, ...turned])).toEqual([
          ['p', 'q', 'r', 's', 't', 'u'],
          ['a', 'b', 'c', 'd', 'e'],
        ])
      }),
    )
  })

  it('give every member as many partners in its group as asked', () => {
    const some = fc.array(fc.record({ a: fc.nat(12), b: fc.nat(12) }), { maxLength: 80 })
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 5 }), (known, leastPartners) => {
        for (const group of groupsOf(known, { leastPartners, leastMembers: 2 })) {
          for (const member of group) {
            const partners = known.flatMap(({ a, b }) => (a === member ? [b] : b === member ? [a] : []))
            const inside = new Set(partners.filter((other) => other !== member && group.includes(other)))
            expect(inside.size).toBeGreaterThanOrEqual(leastPartners)
          }
        }
      }),
    )
  })
})

function pairs(text: string): { a: string; b: string }[] {
  return text.split(' ').map((pair) => ({ a: pair[0]!, b: pair[1]! }))
}

function everyPairOf(members: string): { a: string; b: string }[] {
  const names = Array.from(members)
  return names.flatMap((a, index) => names.slice(index + 1).map((b) => ({ a, b })))
}
