/** `npm run stack`: starts the services in the foreground, says where they are and ends them on Ctrl-C. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaVersions, startKafka } from './kafka'
import { startAlertmanager, startPrometheus } from './prometheus'
import { startRedis } from './redis'
import { startRegistry } from './registry'

const usage = `usage: npm run stack -- [--brokers 1|3] [--kafka ${kafkaVersions.join('|')}] [NAME...]
  NAME: kafka, registry, redis, prometheus; without any, all of them. Prometheus brings Alertmanager.`

// Where assay listens when its settings say nothing else.
const metrics = '127.0.0.1:8080'
const rules = ['recording.yaml', 'alerts.yaml'].map((file) =>
  join(__dirname, '../../../deploy/monitoring/rules', file),
)

interface Options {
  readonly version: (typeof kafkaVersions)[number]
  readonly brokers: 1 | 3
}

/** Starts one of the services and gives what to tell about it, line by line. */
const starts: Readonly<Record<string, (options: Options) => Promise<string[]>>> = {
  kafka: async (options) => {
    const { bootstrap } = await startKafka(options)
    return [`export ASSAY_BROKERS=${bootstrap}`, `export ASSAY_KAFKA_REPLICATION=${options.brokers}`]
  },
  registry: async () => [`export ASSAY_REGISTRY_URL=${(await startRegistry()).url}`],
  redis: async () => [
    'export ASSAY_REDIS_MODE=single',
    `export ASSAY_REDIS_URLS=${(await startRedis()).url}`,
  ],
  prometheus: async () => {
    const alertmanager = (await startAlertmanager()).url
    const prometheus = (await startPrometheus({ targets: [metrics], rules, alertmanager })).url
    return [
      `# Prometheus, which reads ${metrics}, with the rules of deploy/monitoring: ${prometheus}`,
      `# Alertmanager: ${alertmanager}`,
    ]
  },
}

async function main(): Promise<void> {
  const { names, options } = readArguments()
  // Every service ends with this process; all there is to do is to end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(0))
  try {
    const told = await Promise.all(names.map((name) => starts[name]!(options)))
    process.stdout.write(`${told.flat().join('\n')}\n`)
  } catch (error) {
    process.stderr.write(`assay: ${(error as Error).message}\n`)
    process.exit(69)
  }
  process.stderr.write('assay: all is up; Ctrl-C ends it\n')
  // Nothing else keeps this process alive.
  setInterval(() => undefined, 60_000)
}

function readArguments(): { names: readonly string[]; options: Options } {
  try {
    const { values, positionals } = parseArgs({
      options: {
        brokers: { type: 'string', default: '1' },
        kafka: { type: 'string', default: kafkaVersions[0] },
      },
      allowPositionals: true,
    })
    const names = positionals.length > 0 ? positionals : Object.keys(starts)
    const unknown = names.find((name) => !(name in starts))
    if (unknown !== undefined) throw new Error(`there is no service "${unknown}"`)
    const version = kafkaVersions.find((known) => known === values.kafka)
    if (version === undefined) throw new Error(`there is no Kafka "${values.kafka}"`)
    if (values.brokers !== '1' && values.brokers !== '3') throw new Error(`not ${values.brokers} brokers`)
    return { names, options: { version, brokers: values.brokers === '1' ? 1 : 3 } }
  } catch (error) {
    process.stderr.write(`assay: ${(error as Error).message}\n${usage}\n`)
    process.exit(2)
  }
}

void main()
