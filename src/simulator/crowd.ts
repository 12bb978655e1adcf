import type { Names } from './names'
import type { Networks } from './networks'
import type { Random } from './random'
import { timeText } from './time-text'
import { isWeekend, localHourOf } from './season'
import { newReleaseAgent, userAgents } from './user-agents'

/** What is known of one actor; networks and devices by number, -1 where there is none. */
export interface Person {
  readonly createdAtMs: number
  readonly device: number
  readonly otherDevice: number
  readonly home: number
  readonly work: number
  readonly carrier: number
  readonly agent: number
}

/**
 * Every actor of the simulation, honest or bought, as columns: half a million of them in 18 MB. What a record says of
 * its actor comes from here alone, so nobody is marked by the way in which he is written.
 */
export class Crowd {
  size = 0
  private devices = 0
  private createdAtMs: Float64Array
  private device: Int32Array
  private otherDevice: Int32Array
  private home: Int32Array
  private work: Int32Array
  private carrier: Int32Array
  private agent: Uint8Array
  /** By number, who is somebody else of before, with another phone or in another place. */
  private readonly sameAs = new Map<number, number>()

  constructor(
    private readonly names: Names,
    private readonly networks: Networks,
    capacity: number,
  ) {
    this.createdAtMs = new Float64Array(capacity)
    this.device = new Int32Array(capacity)
    this.otherDevice = new Int32Array(capacity)
    this.home = new Int32Array(capacity)
    this.work = new Int32Array(capacity)
    this.carrier = new Int32Array(capacity)
    this.agent = new Uint8Array(capacity)
  }

  /** Takes somebody in and returns the number by which he is known. */
  add(person: Person): number {
    if (this.size === this.device.length) this.grow()
    const actor = this.size++
    this.createdAtMs[actor] = person.createdAtMs
    this.device[actor] = person.device
    this.otherDevice[actor] = person.otherDevice
    this.home[actor] = person.home
    this.work[actor] = person.work
    this.carrier[actor] = person.carrier
    this.agent[actor] = person.agent
    return actor
  }

  /** Somebody goes on with another phone or in another place: what he does from then on is done by the number returned. */
  changed(actor: number, changes: Partial<Person>): number {
    const changed = this.add({ ...this.person(actor), ...changes })
    this.sameAs.set(changed, this.sameAs.get(actor) ?? actor)
    return changed
  }

  newDevice(): number {
    return this.devices++
  }

  person(actor: number): Person {
    return {
      createdAtMs: this.createdAtMs[actor]!,
      device: this.device[actor]!,
      otherDevice: this.otherDevice[actor]!,
      home: this.home[actor]!,
      work: this.work[actor]!,
      carrier: this.carrier[actor]!,
      agent: this.agent[actor]!,
    }
  }

  isRegistered(actor: number, timeMs: number): boolean {
    return this.createdAtMs[actor]! <= timeMs
  }

  /**
   * The part of a record that says who acted: id, device, visit, address, client, place and age, as JSON. Clients
   * leave fields out now and then, and a device of a browser is often unknown.
   */
  appearance(actor: number, timeMs: number, random: Random, newReleaseShare = 0): string {
    // One draw decides which fields are missing: eight bits for each of four.
    const missing = random.bits()
    const network = this.networkAt(actor, timeMs, random)
    const who = this.sameAs.size === 0 ? actor : (this.sameAs.get(actor) ?? actor)
    let text = `"actorId":"${this.names.actor(who)}"`
    if ((missing & 0xff) >= 10) text += `,"deviceId":"${this.names.device(this.deviceAt(actor, random))}"`
    if (((missing >>> 8) & 0xff) >= 20) text += `,"sessionId":"${this.names.session(actor, timeMs)}"`
    if (((missing >>> 16) & 0xff) >= 6)
      text += `,"address":"${this.networks.address(network, actor, random)}"`
    if (((missing >>> 24) & 0xff) >= 4)
      text += `,"userAgent":"${this.agentAt(actor, random, newReleaseShare)}"`
    if ((missing & 0xf000) !== 0) text += `,"region":"${this.networks.region(network)}"`
    if ((missing & 0x1f) !== 7) text += `,"actorCreatedAt":${timeText(this.createdAtMs[actor]!)}`
    return text
  }

  /** The same with nothing but the id: what a back office knows. */
  bareAppearance(actor: number): string {
    return `"actorId":"${this.names.actor(actor)}"`
  }

  // At work on working days, elsewhere on the phone's carrier or at home.
  private networkAt(actor: number, timeMs: number, random: Random): number {
    const work = this.work[actor]!
    if (work >= 0 && atWork(timeMs) && random.chance(0.6)) return work
    const carrier = this.carrier[actor]!
    return carrier >= 0 && random.chance(0.42) ? carrier : this.home[actor]!
  }

  private deviceAt(actor: number, random: Random): number {
    const other = this.otherDevice[actor]!
    return other >= 0 && random.chance(0.25) ? other : this.device[actor]!
  }

  private agentAt(actor: number, random: Random, newReleaseShare: number): string {
    const updated = newReleaseShare > 0 && random.chance(newReleaseShare)
    return userAgents[updated ? newReleaseAgent : this.agent[actor]!]!
  }

  private grow(): void {
    const capacity = Math.ceil(this.size * 1.5) + 64
    this.createdAtMs = copied(this.createdAtMs, new Float64Array(capacity))
    this.device = copied(this.device, new Int32Array(capacity))
    this.otherDevice = copied(this.otherDevice, new Int32Array(capacity))
    this.home = copied(this.home, new Int32Array(capacity))
    this.work = copied(this.work, new Int32Array(capacity))
    this.carrier = copied(this.carrier, new Int32Array(capacity))
    this.agent = copied(this.agent, new Uint8Array(capacity))
  }
}

function atWork(timeMs: number): boolean {
  const hour = localHourOf(timeMs)
  return hour >= 9 && hour < 18 && !isWeekend(timeMs)
}

function copied<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
