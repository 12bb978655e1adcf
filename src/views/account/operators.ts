import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/**
 * From where each account is run: the devices, actors and networks that it publishes from. Accounts that share a device
 * or an actor are sisters. What publishes for more than a score of accounts is a tool or an agency and ties nobody, and
 * a network is a place that others come to as well, and no tie either.
 */
export class Operators {
  /** Accounts by what they publish from, and the other way round; means are hashes, marked by what they are of. */
  private readonly accountsOf = new Map<number, number[]>()
  private readonly meansOf = new Map<number, number[]>()
  evicted = 0

  /** Notes that an account has published from there; 0 is not known. */
  publish(account: number, means: { device: number; network: number; actor: number }): void {
    if (means.device !== 0) this.note(account, deviceMeans(means.device))
    if (means.network !== 0) this.note(account, networkMeans(means.network))
    this.note(account, actorMeans(means.actor))
  }

  isActorOf(account: number, actor: number): boolean {
    // Most accounts publish nothing while we listen, and a small number is found faster.
    if (!this.meansOf.has(account)) return false
    return this.accountsOf.get(actorMeans(actor))?.includes(account) ?? false
  }

  /** Whose device it is, seen from an account. */
  deviceOf(account: number, device: number): Whose {
    return this.whose(account, this.accountsOf.get(deviceMeans(device)))
  }

  /** Whose network it is, seen from an account. */
  networkOf(account: number, network: number): Whose {
    return this.whose(account, this.accountsOf.get(networkMeans(network)))
  }

  /** Accounts that share a device or an actor with this one. */
  sistersOf(account: number): Set<number> {
    const sisters = new Set<number>()
    for (const means of this.meansOf.get(account) ?? []) {
      if (isNetwork(means)) continue
      const accounts = this.accountsOf.get(means) ?? []
      if (accounts.length <= mostSisters) for (const other of accounts) sisters.add(other)
    }
    sisters.delete(account)
    return sisters
  }

  save(out: SnapshotWriter): void {
    out.value('operators', { accountsOf: [...this.accountsOf], evicted: this.evicted })
  }

  load(from: SnapshotReader): void {
    const saved = from.value<{ accountsOf: [number, number[]][]; evicted: number }>('operators')
    this.evicted = saved.evicted
    for (const [means, accounts] of saved.accountsOf) {
      this.accountsOf.set(means, accounts)
      for (const account of accounts) this.meansOf.set(account, [...(this.meansOf.get(account) ?? []), means])
    }
  }

  private note(account: number, means: number): void {
    const accounts = this.accountsOf.get(means)
    if (accounts === undefined) {
      if (this.accountsOf.size >= mostMeans) this.forgetOldest()
      this.accountsOf.set(means, [account])
    } else {
      if (accounts.length > mostSisters || accounts.includes(account)) return
      accounts.push(account)
    }
    const all = this.meansOf.get(account)
    if (all === undefined) this.meansOf.set(account, [means])
    else all.push(means)
  }

  private forgetOldest(): void {
    const [oldest] = this.accountsOf.keys()
    for (const account of this.accountsOf.get(oldest!)!) {
      const rest = this.meansOf.get(account)!.filter((means) => means !== oldest)
      if (rest.length === 0) this.meansOf.delete(account)
      else this.meansOf.set(account, rest)
    }
    this.accountsOf.delete(oldest!)
    this.evicted++
  }

  private whose(account: number, accounts: readonly number[] | undefined): Whose {
    if (accounts === undefined || accounts.length > mostSisters) return 'nobody'
    if (accounts.includes(account)) return 'own'
    const sisters = this.sistersOf(account)
    return accounts.some((other) => sisters.has(other)) ? 'sister' : 'stranger'
  }
}

/** `stranger`: of an account that has nothing to do with this one; `nobody`: no account is known to publish from there. */
export type Whose = 'own' | 'sister' | 'stranger' | 'nobody'

const deviceMeans = (device: number): number => device * 4
const actorMeans = (actor: number): number => actor * 4 + 1
const networkMeans = (network: number): number => network * 4 + 2
const isNetwork = (means: number): boolean => means % 4 === 2

const mostSisters = 20
const mostMeans = 300_000
