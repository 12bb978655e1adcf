/**
 * Writes what is made of other files: the dashboards, and the rules as a resource of the Prometheus operator. With --check it
 * writes nothing and ends with 1 when a file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'

const here = dirname(fileURLToPath(import.meta.url))

/** A figure in the unit that it is read in; several queries are several lines. */
function panel(title, unit, queries, options = {}) {
  return { title, unit, queries, ...options }
}

/** A query, and what a line of it is called. */
function query(expr, legend = '{{job}}') {
  return { expr, legend }
}

const job = 'job="$job"'
const one = 'job="$job", instance=~"$instance"'

const overview = {
  uid: 'assay-overview',
  title: 'assay: overview',
  description: 'Whether verdicts come, how late, and what is wrong: look here first.',
  rows: {
    'Is it at work?': [
      panel('Instances that answer', 'short', [query(`sum by (job) (up{${job}})`)], { type: 'stat' }),
      panel('Tasks done, of 7', 'short', [query(`job:assay_tasks_done:count{${job}}`)], { type: 'stat' }),
      panel('Not decided yet', 's', [query(`job:assay_decided_delay:seconds{${job}}`)], { type: 'stat' }),
      panel('Partitions halted', 'short', [query(`sum by (job) (assay_source_halted{${job}})`)], {
        type: 'stat',
      }),
    ],
    'What comes and what goes': [
      panel('Records read', 'ops', [query(`job:assay_records_read:rate5m{${job}}`, 'records')]),
      panel(
        'Verdicts published',
        'short',
        [
          query(
            `sum by (recommendation) (increase(assay_verdicts_total{${job}, mode="live"}[1h]))`,
            '{{recommendation}}',
          ),
        ],
        { description: 'Revisions included, in the hour before.' },
      ),
      panel('Event time that waits', 's', [query(`job:assay_decided_delay:seconds{${job}}`, 'delay')]),
      panel('What waits for each task', 'short', [
        query(`job_task:assay_lag_records:sum{${job}}`, '{{task}}'),
      ]),
    ],
    'What is lost on the way': [
      panel('Shares of the records', 'percentunit', [
        query(`job:assay_dead_letters:share10m{${job}}`, 'dead letters'),
        query(`job:assay_too_late:share10m{${job}}`, 'too late'),
        query(`job:assay_duplicates:share10m{${job}}`, 'repeated'),
      ]),
      panel(
        'What it rests on answers',
        'bool',
        [query(`min by (dependency) (assay_dependency_up{${job}})`, '{{dependency}}')],
        { max: 1 },
      ),
      panel('Alerts', 'short', [
        query('count by (alertname) (ALERTS{alertstate="firing", alertname=~"Assay.+"})', '{{alertname}}'),
      ]),
    ],
  },
}

const detection = {
  uid: 'assay-detection',
  title: 'assay: detection quality',
  description: 'What is found, how sure it is, and how often it was wrong.',
  rows: {
    Verdicts: [
      panel('Raised, by offence', 'short', [
        query(
          `sum by (offence) (increase(assay_verdicts_total{${job}, mode="live", status="raised"}[1h]))`,
          '{{offence}}',
        ),
      ]),
      panel('All, by what became of them', 'short', [
        query(`sum by (status) (increase(assay_verdicts_total{${job}, mode="live"}[1h]))`, '{{status}}'),
      ]),
      panel('Live and on trial', 'short', [
        query(`sum by (mode) (increase(assay_verdicts_total{${job}}[1h]))`, '{{mode}}'),
      ]),
      panel('Corrected counts', 'ops', [
        query(`sum by (job) (rate(assay_corrections_total{${job}}[5m]))`, 'corrections'),
      ]),
    ],
    'The false-flag budget': [
      panel(
        'Bar for the next finding',
        'sci',
        [query(`max by (mode) (assay_budget_bar{${job}})`, '{{mode}}')],
        {
          description: 'A finding whose chance under honest behaviour is above it becomes no verdict.',
          log: true,
        },
      ),
      panel('Tests', 'ops', [
        query(`sum by (mode) (rate(assay_budget_tests_total{${job}}[5m]))`, '{{mode}}'),
      ]),
      panel(
        'Allowed share of wrong verdicts',
        'percentunit',
        [query(`max by (job) (assay_budget_level{${job}})`)],
        {
          type: 'stat',
        },
      ),
      panel('Findings', 'ops', [query(`sum by (job) (rate(assay_findings_total{${job}}[5m]))`, 'findings')]),
    ],
    'What people say': [
      panel(
        'Precision by detector, of what was reviewed',
        'percentunit',
        [query(`max by (detector) (assay_detector_precision{${job}})`, '{{detector}}')],
        { max: 1 },
      ),
      panel('Reviews, by what came of them', 'short', [
        query(`sum by (outcome) (increase(assay_feedback_total{${job}}[1d]))`, '{{outcome}}'),
      ]),
      panel(
        'Policies that took over',
        'short',
        [query(`sum by (job) (increase(assay_policies_activated_total{${job}}[1d]))`)],
        { type: 'stat' },
      ),
    ],
  },
}

const pipeline = {
  uid: 'assay-pipeline',
  title: 'assay: pipeline',
  description: 'Each hop from a raw record to a verdict: where time and records are lost.',
  rows: {
    Intake: [
      panel('Records read, by raw partition', 'ops', [
        query(`sum by (source) (rate(assay_records_read_total{${job}}[5m]))`, '{{source}}'),
      ]),
      panel('Dead letters, by reason', 'ops', [
        query(`sum by (reason) (rate(assay_dead_letters_total{${job}}[5m]))`, '{{reason}}'),
      ]),
      panel('Too late, by raw partition', 'ops', [
        query(`sum by (source) (rate(assay_too_late_total{${job}}[5m]))`, '{{source}}'),
      ]),
      panel('Repeated, by raw partition', 'ops', [
        query(`sum by (source) (rate(assay_duplicates_total{${job}}[5m]))`, '{{source}}'),
      ]),
      panel(
        'How far behind each raw partition is',
        's',
        [query(`time() - max by (source) (assay_source_watermark_timestamp_seconds{${job}})`, '{{source}}')],
        { description: 'Event time. The one furthest behind holds up all verdicts.' },
      ),
      panel('Halted', 'bool', [query(`max by (source) (assay_source_halted{${job}})`, '{{source}}')], {
        max: 1,
      }),
    ],
    Views: [
      panel('Events counted, by kind', 'ops', [
        query(`sum by (kind) (rate(assay_events_counted_total{${job}}[5m]))`, '{{kind}}'),
      ]),
      panel('What waits for each task', 'short', [
        query(`job_task:assay_lag_records:sum{${job}}`, '{{task}}'),
      ]),
      panel('Time of a hop, 99 % within', 's', [
        query(`job_task:assay_hop_seconds:p99_5m{${job}}`, '{{task}}'),
      ]),
      panel('Records of keyed state', 'short', [
        query(`max by (table) (assay_table_records{${job}})`, '{{table}}'),
      ]),
      panel('Memory of keyed state', 'bytes', [
        query(`max by (view) (assay_state_bytes{${job}})`, '{{view}}'),
      ]),
      panel('Forgotten before its time', 'ops', [
        query(`sum by (view) (rate(assay_table_evicted_total{${job}}[5m]))`, '{{view}}'),
      ]),
    ],
    'What survives': [
      panel('Age of the newest checkpoint', 's', [
        query(`time() - max by (task) (assay_checkpoint_timestamp_seconds{${job}})`, '{{task}}'),
      ]),
      panel('Checkpoints stored', 'ops', [
        query(`sum by (task) (rate(assay_checkpoints_total{${job}}[5m]))`, '{{task}}'),
      ]),
      panel('Checkpoints that could not be stored', 'short', [
        query(`job:assay_checkpoint_failures:increase5m{${job}}`, '{{task}}'),
      ]),
      panel('Written into the served copy', 'ops', [
        query(`sum by (job) (rate(assay_served_records_total{${job}}[5m]))`, 'written'),
        query(`sum by (job) (rate(assay_served_failures_total{${job}}[5m]))`, 'failed'),
      ]),
    ],
  },
}

const instance = {
  uid: 'assay-instance',
  title: 'assay: one instance',
  description: 'What an instance does and what it costs.',
  rows: {
    'What it does': [
      panel('Ready', 'bool', [query(`assay_ready{${one}}`, '{{instance}}')], { max: 1 }),
      panel('Tasks', 'short', [query(`assay_task_owned{${one}}`, '{{instance}} {{task}}')], {
        description: '1: at work; 0: being restored.',
        max: 1,
      }),
      panel('Records read', 'ops', [
        query(`sum by (instance) (rate(assay_records_read_total{${one}}[5m]))`, '{{instance}}'),
      ]),
      panel('Versions', 'short', [query(`assay_build_info{${one}}`, '{{instance}} {{version}}')], { max: 1 }),
    ],
    'What it costs': [
      panel('Cores', 'short', [query(`rate(process_cpu_seconds_total{${one}}[5m])`, '{{instance}}')]),
      panel('Memory', 'bytes', [
        query(`process_resident_memory_bytes{${one}}`, '{{instance}} resident'),
        query(`nodejs_heap_size_used_bytes{${one}}`, '{{instance}} heap'),
        query(`nodejs_external_memory_bytes{${one}}`, '{{instance}} outside the heap'),
      ]),
      panel(
        'Blocked at a time, 99 % below',
        's',
        [query(`nodejs_eventloop_lag_p99_seconds{${one}}`, '{{instance}}')],
        {
          description: 'Beyond the session of the group, 10 s, others take its work.',
        },
      ),
      panel('Up for', 's', [query(`time() - process_start_time_seconds{${one}}`, '{{instance}}')]),
    ],
    'What it answers': [
      panel('Requests', 'reqps', [
        query(
          `sum by (route, status) (rate(assay_http_request_seconds_count{${one}}[5m]))`,
          '{{route}} {{status}}',
        ),
      ]),
      panel('Time of a request, 99 % within', 's', [
        query(
          `histogram_quantile(0.99, sum by (route, le) (rate(assay_http_request_seconds_bucket{${one}}[5m])))`,
          '{{route}}',
        ),
      ]),
      panel('Share of errors of ours', 'percentunit', [
        query(`job:assay_http_errors:share5m{${job}}`, '5xx'),
      ]),
    ],
    'What it tells in traces': [
      panel(
        'Spans',
        'ops',
        [query(`sum by (outcome) (rate(assay_spans_total{${one}}[5m]))`, '{{outcome}}')],
        { description: 'Without telemetry.tracesUrl there are none. What is made and not sent was dropped.' },
      ),
    ],
  },
}

/** A dashboard as Grafana reads it. */
function dashboard({ uid, title, description, rows }) {
  const panels = []
  let y = 0
  for (const [row, members] of Object.entries(rows)) {
    panels.push({ type: 'row', title: row, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] })
    y += 1
    const areStats = members.every(({ type }) => type === 'stat')
    const [perRow, height] = areStats ? [members.length, 4] : [2, 8]
    members.forEach((member, index) => {
      const w = 24 / perRow
      const gridPos = { x: (index % perRow) * w, y: y + Math.floor(index / perRow) * height, w, h: height }
      panels.push(panelOf(member, gridPos))
    })
    y += Math.ceil(members.length / perRow) * height
  }
  return {
    uid,
    title,
    description,
    tags: ['assay'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'utc',
    links: [
      {
        type: 'dashboards',
        title: 'assay',
        tags: ['assay'],
        includeVars: true,
        keepTime: true,
        asDropdown: false,
      },
    ],
    templating: { list: variables(Object.values(rows).flat().some(usesInstance)) },
    panels: panels.map((each, index) => ({ id: index + 1, ...each })),
  }
}

function usesInstance({ queries }) {
  return queries.some(({ expr }) => expr.includes('$instance'))
}

const datasource = { type: 'prometheus', uid: '${datasource}' }

function panelOf({ title, unit, queries, type = 'timeseries', description, max, log = false }, gridPos) {
  return {
    type,
    title,
    ...(description === undefined ? {} : { description }),
    datasource,
    gridPos,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat: legend,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: log ? undefined : 0,
        max,
        ...(type === 'stat'
          ? {}
          : { custom: { scaleDistribution: log ? { type: 'log', log: 10 } : { type: 'linear' } } }),
      },
      overrides: [],
    },
    options:
      type === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : { legend: { displayMode: 'list' } },
  }
}

function variables(hasInstance) {
  const of = (name, label, text) => ({
    ...{ name, label, type: 'query', datasource, refresh: 2, sort: 1 },
    query: { query: text, refId: name },
  })
  return [
    { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
    of('job', 'Installation', 'label_values(assay_ready, job)'),
    ...(hasInstance
      ? [
          {
            ...of('instance', 'Instance', 'label_values(assay_ready{job="$job"}, instance)'),
            multi: true,
            includeAll: true,
          },
        ]
      : []),
  ]
}

/** The rules as the operator of Prometheus takes them. */
function prometheusRule() {
  const groups = ['recording', 'alerts'].flatMap((name) => parse(read(`rules/${name}.yaml`)).groups)
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'assay', labels: { 'app.kubernetes.io/name': 'assay' } },
    spec: { groups },
  }
  return `# Made of rules/ by generate.mjs.\n${stringify(resource, { lineWidth: 0 })}`
}

function read(file) {
  try {
    return readFileSync(join(here, file), 'utf8')
  } catch {
    return ''
  }
}

const files = {
  ...Object.fromEntries(
    [overview, detection, pipeline, instance].map((each) => [
      `dashboards/${each.uid}.json`,
      `${JSON.stringify(dashboard(each), null, 1)}\n`,
    ]),
  ),
  'prometheus-rule.yaml': prometheusRule(),
}

const different = Object.entries(files).filter(([file, text]) => read(file) !== text)
if (process.argv.includes('--check')) {
  for (const [file] of different) {
    process.stderr.write(`deploy/monitoring/${file} is not what generate.mjs makes; run it\n`)
  }
  process.exitCode = different.length > 0 ? 1 : 0
} else {
  for (const [file, text] of different) writeFileSync(join(here, file), text)
}
