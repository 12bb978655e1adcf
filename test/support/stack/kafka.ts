import { randomBytes, randomUUID } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka as Client, logLevel } from 'kafkajs'
import { inNewHome } from './home'
import type { Home, Service } from './home'
import { java, kafkaJars, program, runToEnd } from './install'
import { freePorts, host } from './ports'

export const kafkaVersions = ['4.1.1', '3.9.2'] as const

export interface KafkaOptions {
  readonly version?: (typeof kafkaVersions)[number]
  /** Every broker is a controller as well. Topics are kept as often as there are brokers. */
  readonly brokers?: 1 | 3
  /** Adds listeners that ask who is there; see `KafkaSecurity`. */
  readonly secured?: boolean
}

/** Brokers go by their node id: 1, or 1 to 3. */
export interface Kafka {
  /** `host:port`, comma between brokers. */
  readonly bootstrap: string
  readonly brokers: readonly string[]
  /** Only of one that was started `secured`. */
  readonly security: KafkaSecurity
  kill(broker?: number): Promise<void>
  restart(broker?: number): Promise<void>
  pause(broker?: number): Promise<void>
  resume(broker?: number): void
  stop(): Promise<void>
}

export interface KafkaSecurity {
  /** User and password (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512) without TLS. */
  readonly sasl: string
  /** TLS that demands the client's certificate. */
  readonly tls: string
  /** User and password over TLS. */
  readonly saslTls: string
  readonly username: string
  readonly password: string
  /** The certificate a client has to trust. */
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

interface Node {
  readonly id: number
  readonly folder: string
  /** By listener. */
  readonly ports: Readonly<Record<Listener, number>>
}

const listeners = ['PLAINTEXT', 'CONTROLLER', 'SASL', 'TLS', 'SASLTLS'] as const
type Listener = (typeof listeners)[number]

// As little as a test needs: a node takes about 200 MB.
const jvmOptions = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** Starts a cluster that knows all its brokers when this resolves. */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const { version = kafkaVersions[0], brokers = 1, secured = false } = options
  const classPath = join(await kafkaJars(version), '*')
  return inNewHome(async (home) => {
    const nodes = await nodesIn(home.folder, brokers)
    const keys = secured ? await makeKeys(home.folder) : undefined
    for (const node of nodes) writeFileSync(settingsFile(node), settingsOf(node, nodes, keys))
    await formatStorage(classPath, nodes, keys)
    const services = await runNodes(home, classPath, nodes)
    const one = (broker = 1) => services[broker - 1]!
    const addressOf = (listener: Listener) => nodes.map(({ ports }) => `${host}:${ports[listener]}`)
    return {
      bootstrap: addressOf('PLAINTEXT').join(),
      brokers: addressOf('PLAINTEXT'),
      get security() {
        if (keys === undefined) throw new Error('this Kafka has no security; start it with { secured: true }')
        const [sasl, tls, saslTls] = (['SASL', 'TLS', 'SASLTLS'] as const).map((name) =>
          addressOf(name).join(),
        )
        return { sasl: sasl!, tls: tls!, saslTls: saslTls!, ...keys }
      },
      kill: (broker) => one(broker).kill(),
      restart: (broker) => one(broker).restart(),
      pause: (broker) => one(broker).pause(),
      resume: (broker) => {
        one(broker).resume()
      },
      stop: () => home.close(),
    }
  })
}

async function nodesIn(folder: string, count: number): Promise<Node[]> {
  const ports = await freePorts(count * listeners.length)
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    folder: join(folder, `broker-${index + 1}`),
    ports: Object.fromEntries(listeners.map((name) => [name, ports.pop()!])) as Record<Listener, number>,
  }))
}

async function runNodes(home: Home, classPath: string, nodes: readonly Node[]): Promise<Service[]> {
  // A cluster is up when each knows all; one that is started again may come back while others are down.
  let areUp = false
  const services = nodes.map((node) =>
    home.run({
      name: `broker-${node.id}`,
      file: java(),
      args: [...jvmOptions, '-cp', classPath, 'kafka.Kafka', settingsFile(node)],
      answers: () => knows(node, areUp ? [node] : nodes),
    }),
  )
  const running = await Promise.all(services)
  areUp = true
  return running
}

/** Resolves when a broker lists others, or itself, as alive. */
async function knows(node: Node, others: readonly Node[]): Promise<void> {
  const client = new Client({
    brokers: [`${host}:${node.ports.PLAINTEXT}`],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  })
  const admin = client.admin()
  try {
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    const missing = others.filter(({ id }) => !brokers.some(({ nodeId }) => nodeId === id))
    if (missing.length > 0) throw new Error(`brokers ${missing.map(({ id }) => id).join()} are missing`)
  } finally {
    await admin.disconnect()
  }
}

function settingsFile(node: Node): string {
  return `${node.folder}.properties`
}

function settingsOf({ id, folder, ports }: Node, nodes: readonly Node[], keys?: Keys): string {
  const open = listeners.filter((name) => keys !== undefined || name === 'PLAINTEXT' || name === 'CONTROLLER')
  const at = (names: readonly Listener[]) => names.map((name) => `${name}://${host}:${ports[name]}`).join()
  return linesOf({
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': nodes.map((node) => `${node.id}@${host}:${node.ports.CONTROLLER}`).join(),
    'controller.listener.names': 'CONTROLLER',
    listeners: at(open),
    'advertised.listeners': at(open.filter((name) => name !== 'CONTROLLER')),
    'log.dirs': folder,
    'auto.create.topics.enable': false,
    'default.replication.factor': nodes.length,
    'min.insync.replicas': Math.ceil(nodes.length / 2),
    'offsets.topic.replication.factor': nodes.length,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.replication.factor': nodes.length,
    'transaction.state.log.min.isr': Math.ceil(nodes.length / 2),
    'transaction.state.log.num.partitions': 5,
    // Tests wait for none of these.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 3_000,
    // Half of the heap by default.
    'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
    ...(keys === undefined ? {} : securityOf(keys)),
  })
}

function securityOf({ username, password, brokerPemFile, certFile }: Keys): Record<string, string> {
  const plainModule = 'org.apache.kafka.common.security.plain.PlainLoginModule'
  const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule'
  const loginModules = {
    plain: `${plainModule} required user_${username}="${password}";`,
    'scram-sha-256': `${scramModule} required;`,
    'scram-sha-512': `${scramModule} required;`,
  }
  const logins = ['sasl', 'sasltls'].flatMap((listener) =>
    Object.entries(loginModules).map(([mechanism, module]) => [
      `listener.name.${listener}.${mechanism}.sasl.jaas.config`,
      module,
    ]),
  )
  return {
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,SASLTLS:SASL_SSL',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...(Object.fromEntries(logins) as Record<string, string>),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': brokerPemFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certFile,
    'listener.name.tls.ssl.client.auth': 'required',
  }
}

function linesOf(settings: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** Formats the folder of the first node and copies it, since formatting starts a whole Java. */
async function formatStorage(classPath: string, nodes: readonly Node[], keys?: Keys): Promise<void> {
  const clusterId = newUuid()
  const [first, ...others] = nodes
  const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) =>
    keys === undefined
      ? []
      : ['--add-scram', `${mechanism}=[name=${keys.username},password=${keys.password}]`],
  )
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settingsFile(first!), ...users]
  await runToEnd(java(), [...jvmOptions, '-cp', classPath, ...format])
  for (const { id, folder } of others) {
    cpSync(first!.folder, folder, { recursive: true })
    const identity = { version: 1, 'cluster.id': clusterId, 'node.id': id, 'directory.id': newUuid() }
    writeFileSync(join(folder, 'meta.properties'), linesOf(identity))
  }
}

/** Kafka's own form of a UUID; it must not look like an option. */
function newUuid(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? newUuid() : id
}

interface Keys extends Omit<KafkaSecurity, 'sasl' | 'tls' | 'saslTls'> {
  readonly brokerPemFile: string
}

async function makeKeys(folder: string): Promise<Keys> {
  const broker = await selfSigned(folder, 'broker')
  const client = await selfSigned(folder, 'client')
  const brokerPemFile = join(folder, 'broker.pem')
  writeFileSync(brokerPemFile, readFileSync(broker.keyFile, 'utf8') + readFileSync(broker.certFile, 'utf8'))
  return { username: 'assay', password: randomUUID(), caFile: broker.certFile, brokerPemFile, ...client }
}

async function selfSigned(folder: string, name: string): Promise<{ certFile: string; keyFile: string }> {
  const { file, env } = await program('openssl')
  const [certFile, keyFile, configFile] = ['crt', 'key', 'cnf'].map((end) => join(folder, `${name}.${end}`))
  // All it has to know, so that it does not matter what the system's own file says.
  writeFileSync(
    configFile!,
    `[req]\nprompt = no\ndistinguished_name = name\nx509_extensions = extensions\n[name]\nCN = ${name}\n` +
      `[extensions]\nbasicConstraints = CA:TRUE\nsubjectAltName = IP:${host},DNS:localhost\n`,
  )
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile!]
  const request = ['req', '-x509', '-days', '2', '-config', configFile!, ...key, '-out', certFile!]
  await runToEnd(file, request, { env })
  return { certFile: certFile!, keyFile: keyFile! }
}
