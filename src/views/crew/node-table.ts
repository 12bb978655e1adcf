import type { Dictionary } from '../../model/dictionary'
import { mix32 } from '../../model/hash'
import { widened } from '../../state/memory'
import { Generations } from '../../state/generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { CountMin } from '../../windows/count-min'

/** What is known of whoever acts: its name, where it was last, whether it is tied to others. */
export interface NodeRecord {
  id: string
  isAccount: boolean
  device: number
  network: number
  /** How many nodes have been seen on them, about; never fewer than there are. */
  deviceNodes: number
  networkNodes: number
}

/** Whoever acts, and where. */
export interface SeenNode {
  readonly high: number
  readonly low: number
  readonly isAccount: boolean
  readonly device: number
  readonly network: number
}

/**
 * Remembers, for the nodes of the acts of a week or two, what a tie must be able to say of them. Names lie in one ring
 * of bytes; a name that was overwritten is written again when its node acts.
 */
export class NodeTable {
  private readonly nodes: Generations
  private readonly devices = new CountMin({ width: 65_536, depth: 3 })
  private readonly networks = new CountMin({ width: 65_536, depth: 3 })
  /** As long as what was written, up to `nameBytes`, from where on it is a ring. */
  private names: Uint8Array = new Uint8Array(firstNameBytes)
  private readonly nameBytes: number
  /** Who was forgotten leaves his words behind until the week is over, so that a flood could ask for any number of them. */
  private readonly mostPlaces: number
  /** Two words for each node of several places this week: a bit for each device and for each network it was counted on. */
  private places: Uint32Array = new Uint32Array(firstPlaces * placesWords)
  private placesEnd = placesWords
  /** How many bytes were ever written to the ring. */
  private written = 1
  /** Counts the weeks, so that whoever is where he was is counted there anew when older counts fade. */
  private week = 1

  constructor({ nodeCap, nameBytes }: { readonly nodeCap: number; readonly nameBytes: number }) {
    this.nodes = new Generations({ stride: nodeWords, spanMs: weekMs, cap: nodeCap })
    this.nameBytes = nameBytes
    this.mostPlaces = placesRounds * nodeCap * placesWords
  }

  get byteLength(): number {
    const { nodes, devices, networks, names, places } = this
    return [nodes, devices, networks, names, places].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  get size(): number {
    return this.nodes.size
  }

  get evicted(): number {
    return this.nodes.evicted
  }

  advance(timeMs: number): void {
    if (!this.nodes.advance(timeMs)) return
    this.week++
    this.placesEnd = placesWords
    this.devices.scale(0.5)
    this.networks.scale(0.5)
  }

  /** Notes where a node is; its name, which is mostly known, has this index among some. */
  see(node: SeenNode, names: Pick<Dictionary, 'bytesOf'>, name: number): void {
    const at = this.nodes.touch(node.high, node.low)
    const { words } = this.nodes.young
    if (!this.hasName(words[at + nameWord]!, words[at + factsWord]! & lengthMask)) {
      const bytes = names.bytesOf(name)
      words[at + nameWord] = this.write(bytes)
      words[at + factsWord] = (words[at + factsWord]! & ~lengthMask) | bytes.length
    }
    if (node.isAccount) words[at + factsWord]! |= accountFlag
    const week = this.week & weekMask
    if (words[at + factsWord]! >>> weekShift !== week) {
      words[at + factsWord] = (words[at + factsWord]! & timelessMask) | (week << weekShift)
      words[at + placesWord] = 0
    }
    const { device, network } = node
    if (device !== 0) {
      if (this.isFirst(at, device, ofDevices)) this.devices.add(device, 1)
      words[at + deviceWord] = device
    }
    if (network !== 0) {
      if (this.isFirst(at, network, ofNetworks)) this.networks.add(network, 1)
      words[at + networkWord] = network
    }
  }

  /** Marks a node as tied to others; true when it was not before. */
  tie(high: number, low: number): boolean {
    const at = this.nodes.touch(high, low) + factsWord
    const { words } = this.nodes.young
    if ((words[at]! & tiedFlag) !== 0) return false
    words[at]! |= tiedFlag
    return true
  }

  isTied(high: number, low: number): boolean {
    const at = this.nodes.touch(high, low) + factsWord
    return (this.nodes.young.words[at]! & tiedFlag) !== 0
  }

  /** What is known of a node; its id is empty where the name was overwritten. */
  get(high: number, low: number): NodeRecord {
    const at = this.nodes.touch(high, low)
    const { words } = this.nodes.young
    const device = words[at + deviceWord]!
    const network = words[at + networkWord]!
    const name = words[at + nameWord]!
    const length = words[at + factsWord]! & lengthMask
    return {
      id: this.hasName(name, length) ? this.read(name, length) : '',
      isAccount: (words[at + factsWord]! & accountFlag) !== 0,
      device,
      network,
      deviceNodes: device === 0 ? 0 : this.devices.estimate(device),
      networkNodes: network === 0 ? 0 : this.networks.estimate(network),
    }
  }

  save(out: SnapshotWriter): void {
    this.nodes.save(out, 'nodes')
    this.devices.save(out, 'nodes.devices')
    this.networks.save(out, 'nodes.networks')
    out.array('nodes.names', this.names.subarray(0, Math.min(this.written, this.nameBytes)))
    out.array('nodes.places', this.places.subarray(0, this.placesEnd))
    out.value('nodes.rest', { written: this.written, week: this.week })
  }

  load(from: SnapshotReader): void {
    this.nodes.load(from, 'nodes')
    this.devices.load(from, 'nodes.devices')
    this.networks.load(from, 'nodes.networks')
    this.names = from.uint8('nodes.names')
    this.places = from.uint32('nodes.places')
    this.placesEnd = this.places.length
    Object.assign(this, from.value<{ written: number; week: number }>('nodes.rest'))
  }

  /**
   * Whether a node had not been seen at a device or a network this week, so far as a bit of 32 tells: who goes back and forth
   * between two phones is one on each. One in 32 is taken for another. Most nodes have one of each, and need no bits.
   */
  private isFirst(at: number, place: number, { word, countedFlag, bits }: PlacesOf): boolean {
    const { words } = this.nodes.young
    if (words[at + placesWord] === 0) {
      if ((words[at + factsWord]! & countedFlag) === 0) {
        words[at + factsWord]! |= countedFlag
        return true
      }
      if (bitOf(words[at + word]!) === bitOf(place)) return false
      // Without bits whoever goes back and forth is counted each time: never fewer are told than there are.
      if (this.placesEnd >= this.mostPlaces) return true
      this.beginPlaces(at)
    }
    const here = words[at + placesWord]! + bits
    const bit = bitOf(place)
    if ((this.places[here]! & bit) !== 0) return false
    this.places[here]! |= bit
    return true
  }

  private beginPlaces(at: number): void {
    const { words } = this.nodes.young
    const here = this.placesEnd
    this.placesEnd += placesWords
    if (this.placesEnd > this.places.length) {
      this.places = grown(this.places, this.placesEnd, this.mostPlaces)
    }
    words[at + placesWord] = here
    for (const { word, countedFlag, bits } of [ofDevices, ofNetworks]) {
      const isCounted = (words[at + factsWord]! & countedFlag) !== 0
      this.places[here + bits] = isCounted ? bitOf(words[at + word]!) : 0
    }
  }

  /** Places are of 32 bits and wrap around; a name lives for one round of the ring. */
  private hasName(place: number, length: number): boolean {
    if (place === 0) return false
    const age = (this.written - place) >>> 0
    return age >= length && age <= this.nameBytes
  }

  private write(bytes: Uint8Array): number {
    let place = this.written >>> 0
    if (place === 0) place = this.written = 1
    const end = Math.min(this.nameBytes, this.written + bytes.length)
    if (end > this.names.length) this.names = grown(this.names, end, this.nameBytes)
    for (const byte of bytes) this.names[this.written++ % this.nameBytes] = byte
    return place
  }

  private read(place: number, length: number): string {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.names[(place + i) % this.nameBytes]!
    return textDecoder.decode(bytes)
  }
}

function bitOf(place: number): number {
  return 1 << (mix32(place, placeSalt) & 31)
}

/** The beginning of an array, in one that is half as long again, or as long as it must be. */
function grown<T extends Uint8Array | Uint32Array>(array: T, least: number, most = Infinity): T {
  return widened(array, Math.max(least, Math.min(most, Math.ceil(array.length * growth))))
}
const growth = 1.5

const deviceWord = 2
const networkWord = 3
const nameWord = 4
/**
 * The length of the name, whether the node is a public account, whether it is tied, whether it was counted on a device and on
 * a network this week, and the week, which comes again after 79 years.
 */
const factsWord = 5
/** Where its places of this week are, if it has been at several. */
const placesWord = 6
const nodeWords = 7
const lengthMask = 0xffff
const accountFlag = 1 << 16
const tiedFlag = 1 << 17
const timelessMask = (1 << 18) - 1
const weekShift = 20
const weekMask = (1 << (32 - weekShift)) - 1

interface PlacesOf {
  /** The word of the latest, the flag that says that it is counted, and which word of several has their bits. */
  readonly word: number
  readonly countedFlag: number
  readonly bits: number
}
const ofDevices: PlacesOf = { word: deviceWord, countedFlag: 1 << 18, bits: 0 }
const ofNetworks: PlacesOf = { word: networkWord, countedFlag: 1 << 19, bits: 1 }
const placesWords = 2
/** How often as many nodes as one generation holds can have been at several places in one week. */
const placesRounds = 4
const firstPlaces = 512
const firstNameBytes = 1 << 16
const placeSalt = 0x9fa3
const weekMs = 604_800_000
const textDecoder = new TextDecoder()
