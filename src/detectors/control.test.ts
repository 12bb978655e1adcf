import { controlOf } from '../../test/support/history'
import { seeded } from '../../test/support/seeded'
import { controlTests } from '../model/control'
import type { ControlEvidence, ControlTest } from '../model/control'
import { controlEvidence, controlPValue } from './control'
import type { ControlHistory } from './control'

const noPosts = { count: 8, primed: 0, leaked: 0, quick: 0, offsetsMs: [] }
const steady = [90_000, 91_000, 89_500, 90_400, 92_000, 88_000, 90_100]

describe('a test of control', () => {
  const of = (test: ControlTest, described: Partial<ControlHistory>): ControlEvidence | undefined =>
    controlEvidence(controlOf(described)).find((evidence) => evidence.test === test)

  it('takes made events before several posts for the work of somebody who knew of them', () => {
    //  post     1   2   3   4   5   6   7   8
    //  before   ██  ██  ██      ██  ██              5 of 8, where two of a thousand posts have any
    const found = of('before-publication', { posts: { ...noPosts, primed: 5 } })!
    expect(found).toMatchObject({ observed: 5, outOf: 8 })
    expect(found.expected).toBeLessThan(0.5)
    expect(found.pValue).toBeLessThan(1e-4)
  })

  it('takes one or two for the luck of a bot', () => {
    expect(of('before-publication', { posts: { ...noPosts, primed: 2 } })!.pValue).toBe(1)
    expect(of('before-publication', { posts: { ...noPosts, count: 2, primed: 2 } })).toBeUndefined()
  })

  it('takes records that come late for what they are, on this account and on the platform', () => {
    // Its honest readers are there before the post as well: the record of the post is late.
    const late = of('before-publication', { posts: { ...noPosts, primed: 5, leaked: 5 } })!
    expect(late.pValue).toBeGreaterThan(0.01)
    const platformPosts = { count: 1000, leaked: 700, quick: 0 }
    expect(
      of('before-publication', { posts: { ...noPosts, primed: 5 }, platformPosts })!.pValue,
    ).toBeGreaterThan(0.1)
  })

  it('takes the same delay behind every post for a program, and any delay that falls off with time for none', () => {
    const p = (offsetsMs: number[]) => of('repeat-timing', { posts: { ...noPosts, offsetsMs } })?.pValue
    expect(p(steady)).toBeLessThan(1e-4)
    expect(p([10_000, 95_000, 400_000, 31_000, 1_900_000, 700_000, 60_000])).toBeGreaterThan(0.05)
    expect(p(steady.slice(0, 4))).toBeUndefined()
    const random = seeded(7)
    let below = 0
    for (let i = 0; i < 4000; i++) {
      const offsets = Array.from({ length: 8 }, () => -60_000 * Math.log(1 - random()))
      if (p(offsets)! <= 0.01) below++
    }
    expect(below / 4000).toBeLessThanOrEqual(0.01)
  })

  it('counts what came from where sisters, or the account itself, are run, against how often that happens by chance', () => {
    expect(of('sister-devices', { sisterDevices: { events: 12, chance: 1e-3 } })!.pValue).toBeLessThan(1e-9)
    expect(of('sister-devices', { sisterDevices: { events: 4, chance: 1e-3 } })!.pValue).toBe(1)
    expect(of('operator-network', { operatorNetwork: { events: 12, chance: 1e-3 } })!.pValue).toBeLessThan(
      1e-9,
    )
    expect(of('operator-network', { made: 0 })).toBeUndefined()
  })

  it('holds the accounts that a crew moved against the sisters of this one', () => {
    const others = { accounts: 200, sisters: 3 }
    expect(of('sister-crew', { crews: [{ moved: 3, sisters: 3 }], others })!.pValue).toBeLessThan(1e-6)
    // A seller who serves a tenth of the platform serves a sister as well.
    expect(of('sister-crew', { crews: [{ moved: 20, sisters: 1 }], others })!.pValue).toBeGreaterThan(0.2)
    expect(of('sister-crew', { crews: [{ moved: 3, sisters: 0 }] })).toBeUndefined()
  })
})

describe('the tests of control together', () => {
  const joint = (found: Partial<Record<ControlTest, number>>): number =>
    controlPValue(
      Object.entries(found).map(([test, pValue]) => {
        return { test: test as ControlTest, observed: 5, outOf: 8, expected: 0.1, pValue }
      }),
    )

  it("need the operator's own hand", () => {
    expect(joint({ 'before-publication': 1e-8 })).toBe(1e-8)
    expect(joint({ 'sister-devices': 1e-8, 'before-publication': 1 })).toBeCloseTo(2e-8, 12)
    expect(joint({})).toBe(1)
  })

  it('never find against an account by what a guest or a watcher can do, however much of it there is', () => {
    const others = Object.entries(controlTests).filter(([, strength]) => strength !== 'own-hand')
    expect(others.length).toBeGreaterThanOrEqual(4)
    const all = Object.fromEntries(others.map(([test]) => [test, 1e-300]))
    expect(joint({ ...all, 'before-publication': 0.7, 'sister-devices': 1 })).toBe(1)
  })

  it('wrong nobody more often than they say', () => {
    // Honest chances are uniform; a rival makes all that he can do as strange as he likes.
    const random = seeded(11)
    let below = 0
    for (let i = 0; i < 20_000; i++) {
      const found = Object.fromEntries(
        Object.entries(controlTests).map(([test, strength]) => [
          test,
          strength === 'own-hand' ? random() : 1e-50,
        ]),
      )
      if (joint(found) <= 0.01) below++
    }
    expect(below / 20_000).toBeLessThan(0.0115)
  })
})
