import type { AccountDetails } from '../model/finding'

/** What the platform says of its accounts: of those that it has said something of, the latest named last. */
export class KnownAccounts {
  private readonly accounts = new Map<string, AccountDetails>()
  /** Accounts that were forgotten because there were too many. */
  evicted = 0

  constructor(private readonly cap = 200_000) {}

  put(details: AccountDetails): void {
    this.accounts.delete(details.accountId)
    this.accounts.set(details.accountId, details)
    if (this.accounts.size <= this.cap) return
    const [oldest] = this.accounts.keys()
    this.accounts.delete(oldest!)
    this.evicted++
  }

  /** Of an account that nothing was said of, its id alone. */
  get(accountId: string): AccountDetails {
    return this.accounts.get(accountId) ?? { accountId }
  }

  state(): readonly AccountDetails[] {
    return [...this.accounts.values()]
  }

  restore(accounts: readonly AccountDetails[]): void {
    for (const details of accounts) this.accounts.set(details.accountId, details)
  }
}
