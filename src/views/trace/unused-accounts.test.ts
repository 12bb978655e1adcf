import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { UnusedAccounts } from './unused-accounts'

const dayMs = 86_400_000
const start = Date.UTC(2026, 0, 5)
const text = (of: string): Uint8Array => new TextEncoder().encode(of)

describe('the accounts that nobody has used', () => {
  it('are told once, in the order of their registration, each when its six months are over', () => {
    const accounts = new UnusedAccounts()
    expect(live(accounts, 200, (day) => (day < 12 ? [day] : []))).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((day) => `a-${day} after 182`),
    ])
  })

  it('take no memory once they are used, however many register', () => {
    const accounts = new UnusedAccounts()
    for (let number = 1; number <= 100_000; number++) {
      register(accounts, number, start)
      if (number % 100 > 0) accounts.use(number, number, 'login', start)
    }
    expect(accounts.count).toBe(1000)
    expect(accounts.byteLength).toBeLessThan(1_000_000)
  })

  it('have a cap, at which the oldest go and are counted', () => {
    const accounts = new UnusedAccounts(1000)
    for (let number = 1; number <= 5000; number++) register(accounts, number, start)
    expect(accounts.count).toBe(1000)
    expect(accounts.evicted).toBe(4000)
    expect(accounts.drop(4000, 4000)).toBeUndefined()
    expect(accounts.count).toBe(1000)
    accounts.drop(4001, 4001)
    expect(accounts.count).toBe(999)
  })

  it('are the same after they were saved and loaded, at any moment', () => {
    const registers = (day: number): number[] => (day < 40 ? [3 * day, 3 * day + 1, 3 * day + 2] : [])
    const whole = live(new UnusedAccounts(50), 240, registers)
    const first = new UnusedAccounts(50)
    const told = live(first, 30, registers)
    const out = new SnapshotWriter()
    first.save(out, 'unused')
    const second = new UnusedAccounts(50)
    second.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'unused')
    told.push(...live(second, 240, registers, 30))
    expect(whole).toHaveLength(50)
    expect(told).toEqual(whole)
    expect(second.evicted).toBe(70)
  })
})

/** Lets days pass, with a login and a post of somebody else every six hours; says who was told after how many days. */
function live(
  accounts: UnusedAccounts,
  days: number,
  registered: (day: number) => readonly number[],
  from = 0,
): string[] {
  const told: string[] = []
  for (let day = from; day < days; day++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      const nowMs = start + day * dayMs + quarter * (dayMs / 4)
      accounts.advance(nowMs, ({ accountId, registeredMs }, _sinceMs, asOfMs) => {
        told.push(`${accountId} after ${Math.ceil((asOfMs - registeredMs) / dayMs)}`)
      })
      accounts.use(7, 0, 'login', nowMs)
      accounts.use(7, 0, 'post', nowMs)
    }
    for (const number of registered(day)) register(accounts, number, start + day * dayMs)
  }
  return told
}

function register(accounts: UnusedAccounts, number: number, registeredMs: number): void {
  const names = { accountId: text(`a-${number}`), eventId: text(`e-${number}`) }
  accounts.register({ high: number, low: number, registeredMs }, { high: 1, low: number }, names)
}
