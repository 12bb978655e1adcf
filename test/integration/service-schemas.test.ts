import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { frameOf } from '../support/avro-records'
import { Installation } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { booksOf, missingIn } from '../support/metrics'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'
import { until } from '../support/waiting'

jest.setTimeout(240_000)

const newFolder = temporaryFolders()

/** A registry that knows these schemas, all of JSON, and may learn and forget some. */
async function forgetfulRegistry(known: Set<number>) {
  const server = createServer((request, response) => {
    const id = Number(/\/schemas\/ids\/(\d+)/.exec(request.url!)?.[1])
    response.writeHead(known.has(id) ? 200 : 404, {
      'content-type': 'application/vnd.schemaregistry.v1+json',
    })
    const unknown = { error_code: 40_403, message: 'Schema not found' }
    response.end(JSON.stringify(known.has(id) ? { schemaType: 'JSON', schema: '{}' } : unknown))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

it('comes to what it came to before when it reads again, whatever the registry has learnt or lost meanwhile', async () => {
  const { bootstrap } = await shared('kafka')
  const known = new Set([7])
  const registry = await forgetfulRegistry(known)
  const client = await kafkaClient(bootstrap)
  const env = { ASSAY_REGISTRY_URL: registry.url, ASSAY_ALLOWED_DEAD_LETTER_SHARE: '1' }
  const installation = new Installation(client, { bootstrap, partitions: 1, env })
  try {
    const framed = (id: number, number: number): Buffer => {
      const event = {
        ...{ kind: 'click', eventId: `event-${number}`, occurredAt: Date.now() + number },
        ...{ actorId: 'actor', accountId: 'account', contentId: 'content' },
      }
      return Buffer.concat([frameOf(id), Buffer.from(JSON.stringify(event))])
    }
    await installation.produce([framed(7, 0), framed(8, 1), framed(7, 2), framed(7, 3)])
    const first = installation.start()
    const url = await first.url
    await until(async () => (await booksOf(url)).counted === 3, 'three should count', 60_000)
    await first.stop()

    known.delete(7)
    known.add(8)
    // Without its checkpoints it reads everything again.
    const again = await installation.start(['--finish'], { ASSAY_STATE_FOLDER: newFolder() }).url
    const isDone = async (): Promise<boolean> => {
      const books = await booksOf(again)
      return books.read === 4 && books.counted === 3
    }
    await until(isDone, 'all should be read again', 60_000)
    const books = await booksOf(again)
    expect(books).toMatchObject({ read: 4, counted: 3, deadLetters: 1 })
    expect(missingIn(books)).toBe(0)
  } finally {
    await installation.close()
    registry.close()
  }
})
