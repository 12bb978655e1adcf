import type { Block } from '../../model/block'
import { mix32 } from '../../model/hash'
import { Generations } from '../../state/generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { PaneStore } from '../../windows/panes'

/** What was shown of an account in a window. */
export interface Shown {
  readonly impressions: number
  /** Those to devices that had far too many of them, and how many such devices there were, about. */
  readonly heavy: number
  readonly devices: number
}

/**
 * Impressions by account and hour. A record stands for many of them, and its actor is a feed or a slot and nobody; where
 * a client counts, its device is known, and a device that was shown one account again and again within a day is no
 * reader of it.
 */
export class Exposures {
  private readonly hours: PaneStore
  private readonly devices: Generations
  private readonly sums = new Float64Array(counters)

  constructor(hoursKept: number, deviceCap: number) {
    this.hours = new PaneStore({ paneMs: hourMs, panes: hoursKept, counters, wholeCounters: counters })
    this.devices = new Generations({ stride: deviceStride, spanMs: dayMs, cap: deviceCap })
  }

  get byteLength(): number {
    return this.hours.byteLength + this.devices.byteLength
  }

  get evicted(): number {
    return this.devices.evicted
  }

  /** Takes in one record of impressions. */
  add(block: Block, row: number, account: number, hour: number): void {
    const amount = block.amount[row]!
    const at = this.hours.open(account, hour)
    const counts = this.hours.pane(hour)
    counts.set(at, impressionsCounter, Math.min(most, counts.get(at, impressionsCounter) + amount))
    const device = block.device[row]!
    if (device === 0) return
    this.devices.advance(block.timeMs[row]!)
    const heavy = this.heavyPart(device, account, Math.floor(hour / 24), amount)
    if (heavy === 0) return
    counts.set(at, heavyCounter, Math.min(most, counts.get(at, heavyCounter) + heavy))
    counts.set(at, devicesCounter, counts.get(at, devicesCounter) | (1 << (device & 31)))
  }

  /** How many impressions of an account an hour had. */
  impressionsIn(account: number, hour: number): number {
    return this.hours.count(account, hour, impressionsCounter)
  }

  /** What was shown of an account in the hours `[from, to]`. */
  within(account: number, { from, to }: { from: number; to: number }): Shown {
    this.sums.fill(0)
    this.hours.sum(account, { from, to }, this.sums)
    let bits = 0
    for (let hour = from; hour <= to; hour++) bits |= this.hours.count(account, hour, devicesCounter)
    let devices = 0
    for (let rest = bits; rest !== 0; rest &= rest - 1) devices++
    const impressions = this.sums[impressionsCounter]!
    return { impressions, heavy: Math.min(impressions, this.sums[heavyCounter]!), devices }
  }

  /** Calls back with each account of which something was shown in an hour. */
  forEach(hour: number, visit: (account: number) => void): void {
    this.hours.forEach(hour, visit)
  }

  save(out: SnapshotWriter): void {
    this.hours.save(out, 'exposures.hours')
    this.devices.save(out, 'exposures.devices')
  }

  load(from: SnapshotReader): void {
    this.hours.load(from, 'exposures.hours')
    this.devices.load(from, 'exposures.devices')
  }

  /** How many impressions turn out to be of a device with too many: none, all that it ever had, or the new ones. */
  private heavyPart(device: number, account: number, day: number, amount: number): number {
    const at = this.devices.touch(device, mix32(mix32(device, account), day))
    const { words } = this.devices.young
    const before = words[at + amountWord]!
    const after = Math.min(most, before + amount)
    words[at + amountWord] = after
    if (after <= mostOfReader) return 0
    return before <= mostOfReader ? after : amount
  }
}

const hourMs = 3_600_000
const dayMs = 86_400_000
const impressionsCounter = 0
const heavyCounter = 1
/** A bitmap of the devices with too many. */
const devicesCounter = 2
const counters = 3
/** Two words of key, then the impressions of the day. */
const deviceStride = 3
const amountWord = 2
const most = 0xffff_ffff
/** Impressions of one account that a reader's device has at most in a day. */
const mostOfReader = 60
