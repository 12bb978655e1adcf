import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { limitConnections, networkOf } from './limits'

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

it('hangs up on one address that holds as many connections as one may, until it lets one go', () => {
  const server = new EventEmitter() as unknown as Server
  limitConnections(server, { connections: 10, connectionsPerAddress: 2 })
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
  expect(server.maxConnections).toBe(10)
})
