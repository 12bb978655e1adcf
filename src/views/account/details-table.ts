import type { Block } from '../../model/block'
import { detailOf } from '../../model/details'
import type { AccountDetails } from '../../model/finding'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/** What the platform says of its accounts: category, grade, declared network. What is new is told once. */
export class DetailsTable {
  /** By the number of the account. */
  private readonly details = new Map<number, AccountDetails>()
  private readonly news = new Map<number, AccountDetails>()

  /** Takes what an event says of its account, where it says anything new. */
  note(account: number, accountId: string, { block, row }: { block: Block; row: number }): void {
    const known = this.details.get(account)
    const category = detailOf(block, row, 'category') ?? known?.category
    const grade = detailOf(block, row, 'grade') ?? known?.grade
    const network = detailOf(block, row, 'declared-network') ?? known?.network
    if (category === known?.category && grade === known?.grade && network === known?.network) return
    const details: AccountDetails = {
      accountId,
      ...(category === undefined ? {} : { category }),
      ...(grade === undefined ? {} : { grade }),
      ...(network === undefined ? {} : { network }),
    }
    this.details.set(account, details)
    this.news.set(account, details)
  }

  /** What has become known since it was asked last. */
  takeNews(): AccountDetails[] {
    const news = [...this.news.values()]
    this.news.clear()
    return news
  }

  /** What `takeNews` would give, for a snapshot. */
  saveNews(): [account: number, details: AccountDetails][] {
    return [...this.news]
  }

  loadNews(news: readonly (readonly [account: number, details: AccountDetails])[]): void {
    for (const [account, details] of news) this.news.set(account, details)
  }

  save(out: SnapshotWriter): void {
    out.value('details', [...this.details])
  }

  load(from: SnapshotReader): void {
    for (const [account, known] of from.value<[number, AccountDetails][]>('details')) {
      this.details.set(account, known)
    }
  }
}
