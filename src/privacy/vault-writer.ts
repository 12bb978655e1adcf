import type { Names } from '../ingest/names'
import { InTurn } from '../log/in-turn'
import { nodeIdOf } from '../model/acts'
import { NamePage, namesIn } from './name-pages'
import { weekMs as spanMs, weekOf } from './vault'
import type { NamesWriter, Vault } from './vault'

/**
 * Seals the names of those who act, each once a week or a little more often. It cannot open what it sealed.
 *
 * Whoever stores a checkpoint of an ingest flushes before: names of what came after the checkpoint come again when it is
 * read again, so that none is lost in a crash, and some lie in the vault twice.
 */
export class VaultWriter implements Names {
  /** Who was sealed this week. A slot holds one pseudonym, so two that share it are sealed more often than needed. */
  private readonly sealed = new Uint32Array(cacheSlots * 2)
  private weekEndMs = Number.NEGATIVE_INFINITY
  private pending: Pending[] = []
  private file: NamesWriter | undefined
  private readonly inTurn = new InTurn()
  private failure: unknown

  private constructor(
    private readonly vault: Vault,
    private erased: ReadonlyMap<string, number>,
  ) {}

  static async open(vault: Vault): Promise<VaultWriter> {
    return new VaultWriter(vault, await vault.erased())
  }

  take(high: number, low: number, bytes: Uint8Array, start: number, end: number, timeMs: number): void {
    const { sealed } = this
    const slot = (low & (cacheSlots - 1)) << 1
    if (sealed[slot] === low && sealed[slot + 1] === high && timeMs < this.weekEndMs) return
    if (timeMs >= this.weekEndMs) this.beginWeek(weekOf(timeMs))
    // Before it is noted as sealed: who acts again after an erasure has a name again.
    if (this.erased.size > 0 && timeMs <= (this.erased.get(nodeIdOf(high, low)) ?? -1)) return
    sealed[slot] = low
    sealed[slot + 1] = high
    let last = this.pending.at(-1)
    if (last === undefined || last.page.byteLength >= pageBytes || last.weekMs !== this.weekEndMs - spanMs) {
      last = { weekMs: this.weekEndMs - spanMs, page: new NamePage() }
      this.pending.push(last)
    }
    last.page.add(high, low, bytes, start, end)
  }

  /** Resolves when all names taken so far would survive a loss of power. */
  flush(): Promise<void> {
    return this.inTurn.run(async () => {
      // What was taken from `pending` is nowhere else, so nothing may be called safe any more.
      if (this.failure !== undefined) throw this.failure as Error
      const { pending } = this
      this.pending = []
      try {
        for (const { weekMs, page } of pending) await this.write(weekMs, page)
      } catch (error) {
        this.failure = error
        throw error
      }
    })
  }

  async close(): Promise<void> {
    await this.flush()
    await this.file?.close()
    this.file = undefined
  }

  private async write(weekMs: number, page: NamePage): Promise<void> {
    for (let left = page; left.byteLength > 0;) {
      if (this.file?.weekMs !== weekMs) {
        await this.file?.close()
        this.file = await this.vault.begin(weekMs)
        left = await this.withoutErased(left)
        if (left.byteLength === 0) break
      }
      if (await this.file.append(left)) break
      // The vault is being rewritten, and may have been read before this page was there: once more, in a new file.
      await this.file.close()
      this.file = undefined
    }
    page.clear()
  }

  /** Leaves out who was erased since we last looked; whoever acts again is sealed again. */
  private async withoutErased(page: NamePage): Promise<NamePage> {
    const known = this.erased
    this.erased = await this.vault.erased()
    const isNew = (pseudonym: string): boolean => this.erased.get(pseudonym) !== known.get(pseudonym)
    if (![...this.erased.keys()].some(isNew)) return page
    this.forgetSealed()
    const left = new NamePage()
    for (const { high, low, id } of namesIn(page.plain)) {
      if (!isNew(nodeIdOf(high, low))) left.add(high, low, id, 0, id.length)
    }
    return left
  }

  private beginWeek(weekMs: number): void {
    this.weekEndMs = weekMs + spanMs
    this.forgetSealed()
  }

  private forgetSealed(): void {
    this.sealed.fill(0)
  }
}

interface Pending {
  readonly weekMs: number
  readonly page: NamePage
}

/** 2 MB; a platform with more active actors writes some of their names more than once a week. */
const cacheSlots = 1 << 18
const pageBytes = 1 << 20
