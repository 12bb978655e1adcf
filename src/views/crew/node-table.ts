import type { Dictionary } from '../../model/dictionary'
import { mix32 } from '../../model/hash'
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
  private readonly names: Uint8Array
  /** How many bytes were ever written to the ring. */
  private written = 1
  /** Counts the weeks, so that whoever is where he was is counted there anew when older counts fade. */
  private week = 1

  constructor({ nodeCap, nameBytes }: { readonly nodeCap: number; readonly nameBytes: number }) {
    this.nodes = new Generations({ stride: nodeWords, spanMs: weekMs, cap: nodeCap })
    this.names = new Uint8Array(nameBytes)
  }

  get byteLength(): number {
    const { nodes, devices, networks, names } = this
    return nodes.byteLength + devices.byteLength + networks.byteLength + names.byteLength
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
    if (words[at + weekWord] !== this.week) {
      words[at + weekWord] = this.week
      words[at + devicesWord] = 0
      words[at + networksWord] = 0
    }
    if (node.device !== 0) {
      words[at + deviceWord] = node.device
      if (isFirst(words, at + devicesWord, node.device)) this.devices.add(node.device, 1)
    }
    if (node.network !== 0) {
      words[at + networkWord] = node.network
      if (isFirst(words, at + networksWord, node.network)) this.networks.add(node.network, 1)
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
    out.array('nodes.names', this.names.subarray(0, Math.min(this.written, this.names.length)))
    out.value('nodes.rest', { written: this.written, week: this.week })
  }

  load(from: SnapshotReader): void {
    this.nodes.load(from, 'nodes')
    this.devices.load(from, 'nodes.devices')
    this.networks.load(from, 'nodes.networks')
    this.names.set(from.uint8('nodes.names'))
    Object.assign(this, from.value<{ written: number; week: number }>('nodes.rest'))
  }

  /** Places are of 32 bits and wrap around; a name lives for one round of the ring. */
  private hasName(place: number, length: number): boolean {
    if (place === 0) return false
    const age = (this.written - place) >>> 0
    return age >= length && age <= this.names.length
  }

  private write(bytes: Uint8Array): number {
    let place = this.written >>> 0
    if (place === 0) place = this.written = 1
    for (const byte of bytes) this.names[this.written++ % this.names.length] = byte
    return place
  }

  private read(place: number, length: number): string {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.names[(place + i) % this.names.length]!
    return textDecoder.decode(bytes)
  }
}

/**
 * Whether a node had not been seen at a place this week, so far as the bits of a word tell: who goes back and forth
 * between two phones is one on each. One place in 32 is taken for another.
 */
function isFirst(words: Uint32Array, at: number, place: number): boolean {
  const bit = 1 << (mix32(place, placeSalt) & 31)
  if ((words[at]! & bit) !== 0) return false
  words[at]! |= bit
  return true
}

const deviceWord = 2
const networkWord = 3
const nameWord = 4
/** The length of the name, whether the node is a public account, whether it is tied. */
const factsWord = 5
/** The week that was counted in, and a bit for each device and network that the node was counted on. */
const weekWord = 6
const devicesWord = 7
const networksWord = 8
const nodeWords = 9
const lengthMask = 0xffff
const accountFlag = 1 << 16
const tiedFlag = 1 << 17
const placeSalt = 0x9fa3
const weekMs = 604_800_000
const textDecoder = new TextDecoder()
