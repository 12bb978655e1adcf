import type { Dictionary } from '../../model/dictionary'
import { signed } from '../../model/hash'
import { widened } from '../../state/memory'
import { RecordTable } from '../../state/record-table'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/** The public accounts of a partition, numbered in the order in which they first appear. */
export class AccountTable {
  private readonly table = new RecordTable(3)
  /** The same by the low half of the hash alone, for those who know no more. */
  private readonly byLow = new RecordTable(3)
  readonly names: string[] = []
  /** The devices from which each account's operator publishes: the latest four, newest first. */
  private operators = new Uint32Array(1024 * devicesKept)
  /** Events of accounts that no room was left for, since this process began. */
  evicted = 0

  constructor(private readonly most = mostAccounts) {}

  /** The number of the account with this index in the names of a block; -1 where it is new and no room is left. */
  slotOf(names: Dictionary, index: number): number {
    const before = this.table.size
    if (before >= this.most && this.table.find(names.hashHigh[index]!, names.hashLow[index]!) < 0) {
      this.evicted++
      return -1
    }
    const at = this.table.add(signed(names.hashHigh[index]!), signed(names.hashLow[index]!))
    if (this.table.size !== before) {
      this.table.words[at + 2] = this.names.length
      // The table may get other words as it grows.
      const byLow = this.byLow.add(1, names.hashLow[index]!)
      this.byLow.words[byLow + 2] = this.names.length
      this.names.push(names.text(index))
      if (this.names.length * devicesKept > this.operators.length)
        this.operators = widened(this.operators, this.operators.length * 2)
    }
    return this.table.words[at + 2]!
  }

  /** The number of the account of which the low half of the hash is known, or -1. */
  slotOfLow(low: number): number {
    const at = this.byLow.find(1, low)
    return at < 0 ? -1 : this.byLow.words[at + 2]!
  }

  get size(): number {
    return this.names.length
  }

  get byteLength(): number {
    return this.table.byteLength + this.byLow.byteLength + this.operators.byteLength
  }

  addOperatorDevice(slot: number, device: number): void {
    const at = slot * devicesKept
    const { operators } = this
    if (operators[at] === device) return
    let place = 1
    while (place < devicesKept - 1 && operators[at + place] !== device) place++
    operators.copyWithin(at + 1, at, at + place)
    operators[at] = device
  }

  isOperatorDevice(slot: number, device: number): boolean {
    const at = slot * devicesKept
    const { operators } = this
    for (let place = 0; place < devicesKept; place++) if (operators[at + place] === device) return true
    return false
  }

  save(out: SnapshotWriter): void {
    this.table.save(out, 'accounts')
    this.byLow.save(out, 'accounts.byLow')
    out.array('accounts.operators', this.operators)
    out.value('accounts.names', this.names)
  }

  load(from: SnapshotReader): void {
    this.table.load(from, 'accounts')
    this.byLow.load(from, 'accounts.byLow')
    this.operators = from.uint32('accounts.operators')
    this.names.push(...from.value<string[]>('accounts.names'))
  }
}

const devicesKept = 4
/** Ten gigabytes or twenty of their hours and baselines; who writes another id into each event would take all that there is. */
const mostAccounts = 4_000_000
