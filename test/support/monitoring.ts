import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** What `deploy/monitoring` holds, as its tests look at it. */

export const monitoringFolder = join(__dirname, '../../deploy/monitoring')

export interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export interface RuleGroup {
  readonly name: string
  readonly rules: readonly Rule[]
}

export function ruleGroups(): readonly RuleGroup[] {
  return ['recording', 'alerts'].flatMap(
    (name) => (parse(readText(`rules/${name}.yaml`)) as { groups: RuleGroup[] }).groups,
  )
}

export function alerts(): readonly (Rule & { readonly alert: string })[] {
  return ruleGroups()
    .flatMap(({ rules }) => rules)
    .filter((rule): rule is Rule & { alert: string } => rule.alert !== undefined)
}

export interface DashboardQuery {
  readonly dashboard: string
  readonly panel: string
  readonly expr: string
}

export function dashboardQueries(): readonly DashboardQuery[] {
  return readdirSync(join(monitoringFolder, 'dashboards')).flatMap((file) => {
    const { title, panels } = JSON.parse(readText(`dashboards/${file}`)) as Dashboard
    return panels.flatMap((panel) =>
      (panel.targets ?? []).map(({ expr }) => ({ dashboard: title, panel: panel.title, expr })),
    )
  })
}

interface Dashboard {
  readonly title: string
  readonly panels: readonly {
    readonly title: string
    readonly targets?: readonly { readonly expr: string }[]
  }[]
}

/** The configuration of Alertmanager, which a test changes. */
export function alertmanagerConfig(): AlertmanagerConfig {
  return parse(readText('alertmanager.yaml')) as AlertmanagerConfig
}

export interface AlertmanagerConfig {
  route: Route
  receivers: { name: string; webhook_configs?: { url: string }[] }[]
  inhibit_rules: unknown[]
}

interface Route {
  group_wait?: string
  group_interval?: string
  routes?: Route[]
}

/** The same rules in a world that turns so many times as fast: all spans of time are shorter, no threshold is another. */
export function hastened(groups: readonly RuleGroup[], times: number): readonly RuleGroup[] {
  return groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => ({
      ...rule,
      expr: rule.expr.replace(/(?<=\[|offset )\d+[smhd]/g, (span) => shorter(span, times)),
      ...(rule.for === undefined ? {} : { for: shorter(rule.for, times) }),
    })),
  }))
}

/** The routes with their waits as much shorter, and each receiver as a path below an address. */
export function hastenedConfig(times: number, webhook: string): AlertmanagerConfig {
  const config = alertmanagerConfig()
  for (const route of [config.route, ...(config.route.routes ?? [])]) {
    for (const wait of ['group_wait', 'group_interval'] as const) {
      if (route[wait] !== undefined) route[wait] = shorter(route[wait], times)
    }
  }
  for (const receiver of config.receivers) {
    receiver.webhook_configs = [{ url: `${webhook}/${receiver.name}` }]
  }
  return config
}

function shorter(span: string, times: number): string {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(span)!
  const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 }[unit!]!
  return `${Math.max(1, Math.round((Number(count) * seconds) / times))}s`
}

function readText(file: string): string {
  return readFileSync(join(monitoringFolder, file), 'utf8')
}
