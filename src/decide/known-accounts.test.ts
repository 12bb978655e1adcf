import { KnownAccounts } from './known-accounts'

describe('what the platform says of its accounts', () => {
  it('is the latest of each, and of one that it said nothing of the id alone', () => {
    const accounts = new KnownAccounts()
    accounts.put({ accountId: 'x', grade: 'verified', category: 'news' })
    accounts.put({ accountId: 'x', grade: 'constructor' })
    expect(accounts.get('x')).toEqual({ accountId: 'x', grade: 'constructor' })
    expect(accounts.get('y')).toEqual({ accountId: 'y' })
  })

  it('is forgotten of those named longest ago when there are too many, and counted', () => {
    //  named   a  b  c  a  d       three have room: b is the one that goes
    const accounts = new KnownAccounts(3)
    const put = (accountId: string): void => {
      accounts.put({ accountId, grade: 'verified' })
    }
    for (const accountId of ['a', 'b', 'c', 'a']) put(accountId)
    expect(accounts.evicted).toBe(0)
    put('d')
    expect(accounts.evicted).toBe(1)
    expect(['a', 'b', 'c', 'd'].filter((id) => accounts.get(id).grade === undefined)).toEqual(['b'])
  })

  it('goes on from its state, also in whom it forgets next', () => {
    const accounts = new KnownAccounts(2)
    for (const accountId of ['a', 'b', 'a']) accounts.put({ accountId, grade: 'verified' })
    const again = new KnownAccounts(2)
    again.restore(accounts.state())
    expect(again.get('b')).toEqual({ accountId: 'b', grade: 'verified' })
    again.put({ accountId: 'c' })
    expect(again.state().map(({ accountId }) => accountId)).toEqual(['a', 'c'])
  })
})
