import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { limitConnections, membersOf, networkOf } from './limits'

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it.each([
  ['10.1.2.3', true],
  ['::ffff:10.1.2.3', true],
  ['11.1.2.3', false],
  ['192.0.2.7', true],
  ['192.0.2.8', false],
  ['fd12::1%eth0', true],
  ['fe80::1', false],
  ['unknown', false],
  ['', false],
])('whether %j is a member is told by address and network: %s', (address, expected) => {
  expect(membersOf(['10.0.0.0/8', '192.0.2.7', 'fd00::/8'])(address)).toBe(expected)
})

it('hangs up on one address that holds as many connections as one may, until it lets one go', () => {
  const server = new EventEmitter() as unknown as Server
  limitConnections(server, { connections: 10, connectionsPerAddress: 2 }, membersOf(['192.0.2.100']))
  const connect = (remoteAddress: string) => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress, destroy: jest.fn() })
    server.emit('connection', socket as never)
    return socket
  }
  const [first, , third] = ['192.0.2.7', '192.0.2.7', '192.0.2.7'].map(connect)
  expect(first!.destroy).not.toHaveBeenCalled()
  expect(third!.destroy).toHaveBeenCalled()
  expect(connect('192.0.2.8').destroy).not.toHaveBeenCalled()
  first!.emit('close')
  expect(connect('192.0.2.7').destroy).not.toHaveBeenCalled()
  expect(connect('192.0.2.7').destroy).toHaveBeenCalled()
  for (let held = 0; held < 5; held++) expect(connect('192.0.2.100').destroy).not.toHaveBeenCalled()
  expect(server.maxConnections).toBe(10)
})
