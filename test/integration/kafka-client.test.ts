import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KafkaClient } from '../../src/log/kafka/client'
import { startKafka, type Kafka } from '../support/stack/kafka'
import { temporaryFolders } from '../support/temporary'

const newFolder = temporaryFolders()

let kafka: Kafka
beforeAll(async () => {
  kafka = await startKafka({ secured: true })
}, 180_000)
afterAll(() => kafka.stop())

async function topicsBy(settings: object): Promise<ReadonlySet<string>> {
  const told: string[] = []
  const client = await KafkaClient.open(settings, { tell: (sentence) => told.push(sentence) })
  try {
    return await client.topics()
  } finally {
    await client.close()
    expect(told.join()).not.toContain(kafka.security.password)
  }
}

/** The settings of a user, with the password in a file that ends as editors end them. */
function user(mechanism: string, password = kafka.security.password): object {
  const passwordFile = join(newFolder(), 'password')
  writeFileSync(passwordFile, `${password}\n`)
  return { mechanism, username: kafka.security.username, passwordFile }
}

describe('a client of brokers that ask who is there', () => {
  it.each(['scram-sha-256', 'scram-sha-512'])('comes in by %s', async (mechanism) => {
    expect(await topicsBy({ brokers: [kafka.security.sasl], sasl: user(mechanism) })).toBeInstanceOf(Set)
  })

  it('comes in by a password over TLS', async () => {
    const { saslTls, caFile } = kafka.security
    expect(await topicsBy({ brokers: [saslTls], tls: { caFile }, sasl: user('plain') })).toBeInstanceOf(Set)
  })

  it('comes in by its certificate', async () => {
    const { tls, caFile, certFile, keyFile } = kafka.security
    expect(await topicsBy({ brokers: [tls], tls: { caFile, certFile, keyFile } })).toBeInstanceOf(Set)
  })

  it('does not come in with a wrong password or to brokers it does not trust, and says why', async () => {
    const { sasl, tls, certFile, keyFile } = kafka.security
    await expect(topicsBy({ brokers: [sasl], sasl: user('scram-sha-512', 'wrong') })).rejects.toThrow(
      'Authentication failed',
    )
    await expect(topicsBy({ brokers: [tls], tls: { certFile, keyFile } })).rejects.toThrow('self-signed')
  })
})

describe('a client whose brokers have gone', () => {
  it('says that none of them answers', async () => {
    const settings = { brokers: [kafka.security.sasl], sasl: user('scram-sha-512') }
    const client = await KafkaClient.open(settings, { tell: () => undefined, givesUpSoon: true })
    await client.topics()
    await kafka.stop()
    await expect(client.topics()).rejects.toThrow('none of the Kafka brokers')
    await client.close()
  })
})
