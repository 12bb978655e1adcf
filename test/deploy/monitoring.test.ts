import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tasks } from '../../src/service/installation'
import { declareMetrics } from '../../src/telemetry/metrics'
import { alerts, dashboardQueries, monitoringFolder, ruleGroups } from '../support/monitoring'
import { program, runToEnd } from '../support/stack/install'

// The first run on a machine fetches Prometheus and Alertmanager.
jest.setTimeout(300_000)

const root = join(__dirname, '../..')
const runbooks = join(root, 'docs/runbooks')

async function promtool(...args: readonly string[]): Promise<void> {
  const { file, env } = await program('promtool', ['prometheus'])
  await runToEnd(file, args, { env, cwd: join(monitoringFolder, 'rules') })
}

describe('the rules', () => {
  it('are such that Prometheus takes them', async () => {
    await promtool('check', 'rules', 'recording.yaml', 'alerts.yaml')
  })

  it('fire when they should and never else, as their own stories tell', async () => {
    await promtool('test', 'rules', 'alerts.test.yaml')
  })

  it('have a story in which each alert fires', () => {
    const stories = readFileSync(join(monitoringFolder, 'rules/alerts.test.yaml'), 'utf8')
    expect(alerts().filter(({ alert }) => !stories.includes(`alertname="${alert}"`))).toEqual([])
  })

  it('know how many tasks there are', () => {
    const undone = alerts().find(({ alert }) => alert === 'AssayTaskUndone')!
    expect(undone.expr).toMatch(new RegExp(`^${tasks.length} - `))
  })

  it('are sent on by a configuration that Alertmanager takes, a page to whom is woken', async () => {
    const { file, env } = await program('amtool', ['prometheus-alertmanager'])
    const config = `--config.file=${join(monitoringFolder, 'alertmanager.yaml')}`
    await runToEnd(file, ['check-config', join(monitoringFolder, 'alertmanager.yaml')], { env })
    for (const { alert, labels } of alerts()) {
      const { severity = '' } = labels ?? {}
      expect(['page', 'ticket']).toContain(severity)
      const asked = [`alertname=${alert}`, `severity=${severity}`, 'job=assay']
      await runToEnd(file, ['config', 'routes', 'test', config, `--verify.receivers=${severity}`, ...asked], {
        env,
      })
    }
  })

  it('inhibit no alert that does not exist', () => {
    const text = readFileSync(join(monitoringFolder, 'alertmanager.yaml'), 'utf8')
    const named = [...text.matchAll(/Assay[A-Z]\w+/g)].map(([name]) => name)
    const known = alerts().map(({ alert }) => alert)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  })
})

describe('the runbooks', () => {
  it('are one an alert', () => {
    const pages = readdirSync(runbooks).filter((file) => file !== 'README.md')
    expect(
      alerts()
        .map(({ alert }) => `${alert}.md`)
        .sort(),
    ).toEqual(pages.sort())
    for (const { alert, annotations } of alerts()) {
      expect(annotations?.['runbook_url']).toBe(`docs/runbooks/${alert}.md`)
    }
  })

  it.each(alerts().map(({ alert, labels }) => [alert, labels?.['severity']]))(
    'say of %s what it means, how to see it, what to do and when it is over',
    (alert, severity) => {
      const text = readFileSync(join(runbooks, `${alert}.md`), 'utf8')
      expect(text).toMatch(new RegExp(`^# ${alert}\n\nSeverity: ${severity!}\\.\n`))
      expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
        'What it means',
        'How to see it',
        'What to do',
        'How to know that it is over',
        'Why this threshold',
      ])
      const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => join(runbooks, link!))
      expect(links.filter((link) => !existsSync(link))).toEqual([])
    },
  )
})

describe('the metrics', () => {
  /** By name, the labels of each; a histogram has three names. */
  function known(): ReadonlyMap<string, readonly string[]> {
    const labels = new Map<string, readonly string[]>([
      ['up', []],
      ['ALERTS', ['alertname', 'alertstate']],
      // Those of the process, which the client of Prometheus declares for every program.
      ['process_start_time_seconds', []],
      ['process_cpu_seconds_total', []],
      ['process_resident_memory_bytes', []],
      ['nodejs_heap_size_used_bytes', []],
      ['nodejs_external_memory_bytes', []],
      ['nodejs_eventloop_lag_p99_seconds', []],
    ])
    for (const metric of Object.values(declareMetrics())) {
      if (!('name' in metric)) continue
      const { name, labelNames, constructor } = metric as unknown as Declared
      const isHistogram = constructor.name === 'Histogram'
      labels.set(name, labelNames)
      if (isHistogram) for (const end of ['bucket', 'count', 'sum']) labels.set(`${name}_${end}`, labelNames)
    }
    for (const { record } of ruleGroups().flatMap(({ rules }) => rules)) {
      if (record !== undefined) labels.set(record, record.startsWith('job_task:') ? ['task'] : [])
    }
    return labels
  }

  interface Declared {
    readonly name: string
    readonly labelNames: readonly string[]
  }

  const expressions = [
    ...ruleGroups().flatMap(({ rules }) =>
      rules.map(({ record, alert, expr }) => ({ where: record ?? alert!, expr })),
    ),
    ...dashboardQueries().map(({ dashboard, panel, expr }) => ({ where: `${dashboard}, ${panel}`, expr })),
  ]
  const nameIn = /\b(?:job(?:_task)?:\w+:\w+|(?:assay|process|nodejs)_\w+|up|ALERTS)\b/g

  it('that rules and dashboards name are declared, with their labels', () => {
    const metrics = known()
    const labels = new Set(['job', 'instance', 'le', ...[...metrics.values()].flat()])
    const unknown = expressions.flatMap(({ where, expr }) => [
      ...[...expr.matchAll(nameIn)]
        .filter(([name]) => !metrics.has(name))
        .map(([name]) => `${where}: no metric ${name}`),
      ...[...expr.matchAll(/(\w[\w:]*)\{([^}]*)\}/g)].flatMap(([, name, matchers]) =>
        [...matchers!.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)]
          .filter(([, label]) => !['job', 'instance', ...(metrics.get(name!) ?? [])].includes(label!))
          .map(([, label]) => `${where}: ${name!} has no label ${label!}`),
      ),
      ...[...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list]) =>
        list!
          .split(/,\s*/)
          .filter((label) => !labels.has(label))
          .map((label) => `${where}: no metric has a label ${label}`),
      ),
    ])
    expect(unknown).toEqual([])
  })

  it('are all shown somewhere: one that nobody looks at is one too many', async () => {
    const named = new Set(expressions.flatMap(({ expr }) => [...expr.matchAll(nameIn)].map(([name]) => name)))
    const shown = (name: string): boolean =>
      named.has(name) || ['bucket', 'count'].some((end) => named.has(`${name}_${end}`))
    const metrics = await declareMetrics().registry.getMetricsAsJSON()
    expect(metrics.map(({ name }) => name).filter((name) => !shown(name))).toEqual([])
  })
})

it('is made by generate.mjs where it is made of something else', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(monitoringFolder, 'generate.mjs'), '--check'],
    {
      encoding: 'utf8',
    },
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
