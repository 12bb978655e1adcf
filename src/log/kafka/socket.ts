import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'

/**
 * A connection to a broker that is read into the same memory again and again: whoever is given some must be done with it when
 * it returns, as `takeResponses` is. Over TLS each read has memory of its own, as Node gives it.
 */
export const socketToBroker: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket =
    Object(ssl) === ssl
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
      : connectPlain(host, port, onConnect)
  socket.setKeepAlive(true, keepAliveMs)
  return socket
}

function connectPlain(host: string, port: number, onConnect: () => void): Socket {
  const onread = {
    buffer: Buffer.allocUnsafeSlow(readBytes),
    callback: (bytes: number, buffer: Uint8Array): boolean =>
      socket.emit('data', Buffer.from(buffer.buffer, buffer.byteOffset, bytes)),
  }
  const socket: Socket = connect({ host, port, onread }, onConnect)
  return socket
}

const readBytes = 65_536
const keepAliveMs = 60_000
