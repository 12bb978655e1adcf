import { PairSet } from './pair-set'

describe('a set of pairs', () => {
  it('knows each pair it was given, however many, and no other', () => {
    const pairs = new PairSet()
    const accounts = Array.from({ length: 100 }, (_, account) => account)
    const added = accounts.flatMap((account) =>
      Array.from({ length: 200 }, (_, actor) => pairs.add(account, actor)),
    )
    expect(added).not.toContain(false)
    expect(accounts.map((account) => pairs.add(account, 7))).not.toContain(true)
    expect(pairs.add(7, 200)).toBe(true)
    expect(pairs.add(200, 7)).toBe(true)
  })
})
