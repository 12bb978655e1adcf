import { Dictionary } from '../../model/dictionary'
import { AccountTable } from './account-table'

describe('the accounts of a partition', () => {
  it('are found by the whole hash and by half of it, however many there are', () => {
    const names = new Dictionary()
    const bytes = new TextEncoder().encode('x')
    const accounts = new AccountTable()
    const numbers = Array.from({ length: 5_000 }, (_, i) => {
      const index = names.add(i + 1, i * 7 + 1, bytes, 0, 1)
      return accounts.slotOf(names, index)
    })
    expect(numbers).toEqual(Array.from({ length: 5_000 }, (_, i) => i))
    const byHalf = numbers.map((number) => accounts.slotOfLow(number * 7 + 1))
    expect(byHalf).toEqual(numbers)
  })
})
