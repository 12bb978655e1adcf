import { AliasTable } from './alias-table'
import { Random } from './random'

const shares = (table: AliasTable, size: number): number[] => {
  const random = new Random(1, 'alias')
  const counts = new Array<number>(size).fill(0)
  for (let time = 0; time < 200_000; time++) counts[table.draw(random)]!++
  return counts.map((count) => count / 200_000)
}

describe('an alias table', () => {
  it('draws by weight, and never what weighs nothing', () => {
    const table = new AliasTable()
    table.fill(Float64Array.of(5, 0, 1, 94), 4)
    const [five, none, one, most] = shares(table, 4)
    expect(five).toBeCloseTo(0.05, 2)
    expect(none).toBe(0)
    expect(one).toBeCloseTo(0.01, 2)
    expect(most).toBeCloseTo(0.94, 2)
  })

  it('can be filled again, with more and with fewer weights', () => {
    const table = new AliasTable()
    table.fill(Float64Array.of(1, 1), 2)
    table.fill(
      Float64Array.from({ length: 10 }, (_, at) => at + 1),
      10,
    )
    expect(shares(table, 10)[9]).toBeCloseTo(10 / 55, 2)
    table.fill(Float64Array.of(3, 1, 99), 2)
    expect(shares(table, 3)).toEqual([expect.closeTo(0.75, 2), expect.closeTo(0.25, 2), 0])
  })
})
