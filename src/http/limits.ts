import type { Server } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Socket } from 'node:net'

/** How much one caller, and all together, may ask of a server. */
export interface HttpLimits {
  /** Of one token, or of one address without a token. */
  readonly requestsPerSecond: number
  /** Of one address without a token that opens what is asked for. */
  readonly refusalsPerSecond: number
  readonly changesPerSecond: number
  readonly connections: number
  readonly connectionsPerAddress: number
  readonly listeners: number
  /** Of one token, or of one address without a token. */
  readonly listenersPerCaller: number
  /** Within which the headers of a request have to be there, and then all of it. */
  readonly headersMs: number
  readonly requestMs: number
  /** How long a connection may lie idle between requests, and how long with an answer that nobody reads. */
  readonly keepAliveMs: number
  readonly unreadMs: number
}

export const usualLimits: HttpLimits = {
  requestsPerSecond: 1_000,
  refusalsPerSecond: 10,
  changesPerSecond: 10,
  connections: 1_024,
  connectionsPerAddress: 256,
  listeners: 100,
  listenersPerCaller: 20,
  headersMs: 5_000,
  requestMs: 10_000,
  keepAliveMs: 30_000,
  unreadMs: 60_000,
}

/** Whom an address counts as: an IPv6 network of 64 bits is one customer's, who has as many addresses as they like. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined) return mapped
  const [front = '', back] = address.split('%')[0]!.toLowerCase().split('::')
  const groups = front === '' ? [] : front.split(':')
  const following = back === undefined || back === '' ? 0 : back.split(':').length
  const zeros = back === undefined ? 0 : 8 - groups.length - following
  const first = [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...(back ?? '').split(':')]
  return `${first.slice(0, 4).join(':')}::/64`
}

/** Tells whether an address is one of these, each written as an address, or as a network: `10.0.0.0/8`. */
export function membersOf(written: readonly string[]): (address: string) => boolean {
  const members = new BlockList()
  for (const one of written) {
    const [address = '', bits] = one.split('/')
    const family = familyOf(address)
    if (bits === undefined) members.addAddress(address, family)
    else members.addSubnet(address, Number(bits), family)
  }
  return (address) => {
    const [plain = ''] = address.split('%')
    return isIP(plain) !== 0 && members.check(plain, familyOf(plain))
  }
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

/** Hangs up on an address that holds as many connections as one may. Proxies hold those of many, and count only together. */
export function limitConnections(
  server: Server,
  most: Pick<HttpLimits, 'connections' | 'connectionsPerAddress'>,
  isProxy: (address: string) => boolean = () => false,
): void {
  const open = new Map<string, number>()
  server.maxConnections = most.connections
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (isProxy(address)) return
    const network = networkOf(address)
    const count = (open.get(network) ?? 0) + 1
    if (count > most.connectionsPerAddress) {
      socket.destroy()
      return
    }
    open.set(network, count)
    socket.once('close', () => {
      const left = open.get(network)! - 1
      if (left === 0) open.delete(network)
      else open.set(network, left)
    })
  })
}
