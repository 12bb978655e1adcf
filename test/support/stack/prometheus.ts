import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inNewHome } from './home'
import type { Service } from './home'
import { program } from './install'
import { freePorts, host, serves } from './ports'

export interface WebService extends Service {
  readonly url: string
  stop(): Promise<void>
}

export interface PrometheusOptions {
  /** Each as `host:port`; their /metrics are read every second. */
  readonly targets: readonly string[]
  /** Files of alerting and recording rules. */
  readonly rules?: readonly string[]
  /** Where alerts go, as a URL. */
  readonly alertmanager?: string
}

export interface AlertmanagerOptions {
  /** The URL that every alert is posted to at once; without it they can only be looked at. */
  readonly webhook?: string
  /** A whole configuration in the stead of that. */
  readonly config?: unknown
}

export async function startPrometheus(options: PrometheusOptions): Promise<WebService> {
  const { targets, rules = [], alertmanager } = options
  const found = await program('prometheus')
  return inNewHome(async (home) => {
    const [port] = await freePorts(1)
    const url = `http://${host}:${port!}`
    const configFile = join(home.folder, 'prometheus.json')
    const alertmanagers = alertmanager === undefined ? [] : [new URL(alertmanager).host]
    writeJson(configFile, {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: rules,
      scrape_configs: [{ job_name: 'assay', static_configs: [{ targets }] }],
      alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] },
    })
    const service = await home.run({
      name: 'prometheus',
      ...found,
      args: [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(home.folder, 'data')}`,
        `--web.listen-address=${host}:${port!}`,
      ],
      answers: () => serves(`${url}/-/ready`),
    })
    return Object.assign(service, { url, stop: () => home.close() })
  })
}

export async function startAlertmanager({ webhook, config }: AlertmanagerOptions = {}): Promise<WebService> {
  const found = await program('prometheus-alertmanager')
  return inNewHome(async (home) => {
    const [port] = await freePorts(1)
    const url = `http://${host}:${port!}`
    const configFile = join(home.folder, 'alertmanager.json')
    const receiver = webhook === undefined ? {} : { webhook_configs: [{ url: webhook }] }
    const simple = {
      route: { receiver: 'everybody', group_wait: '0s', group_interval: '1s' },
      receivers: [{ name: 'everybody', ...receiver }],
    }
    writeJson(configFile, config ?? simple)
    const service = await home.run({
      name: 'alertmanager',
      ...found,
      args: [
        `--config.file=${configFile}`,
        `--storage.path=${join(home.folder, 'data')}`,
        `--web.listen-address=${host}:${port!}`,
        // Alone; it would look for others on a fixed port.
        '--cluster.listen-address=',
      ],
      answers: () => serves(`${url}/-/ready`),
    })
    return Object.assign(service, { url, stop: () => home.close() })
  })
}

/** Both read YAML, and JSON is YAML. */
function writeJson(file: string, value: unknown): void {
  writeFileSync(file, JSON.stringify(value))
}
