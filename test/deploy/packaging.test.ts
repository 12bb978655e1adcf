import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { tasks } from '../../src/service/installation'
import { loadSettings } from '../../src/settings/load-settings'
import { builtCli } from '../support/cli'
import { onPath } from '../support/stack/install'
import { temporaryFolders } from '../support/temporary'

/**
 * What can be told of images and manifests without Docker and a cluster. Where kustomize and helm are on the PATH, what
 * they make is looked at too; without them those tests are skipped, and deploy/README.md says so.
 */

const root = join(__dirname, '../..')
const deploy = join(root, 'deploy')
const newFolder = temporaryFolders()
const { version, bin, engines } = JSON.parse(read('package.json')) as {
  version: string
  bin: { assay: string }
  engines: { node: string }
}

describe('the image', () => {
  const stages = stagesOf(read('deploy/Dockerfile'))
  const [build, last] = [stages[0]!, stages.at(-1)!]
  const copies = (stage: Stage): string[] =>
    argumentsOf(stage, 'COPY')
      .filter((words) => !words.startsWith('--from='))
      .flatMap((words) => words.split(/\s+/).slice(0, -1))

  it('copies only what is there and is not ignored', () => {
    const copied = stages.flatMap(copies)
    expect(copied).toEqual(expect.arrayContaining(['package-lock.json', 'src', 'schemas']))
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([])
    const kept = read('deploy/Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    expect([...new Set(copied)].sort()).toEqual(kept.sort())
  })

  it('starts the command line that is built, with all that it reads beside it', () => {
    expect(argumentsOf(last, 'ENTRYPOINT')).toEqual([
      JSON.stringify(['node', `/app/${bin.assay}`]).replace(',', ', '),
    ])
    expect(argumentsOf(build, 'RUN').join()).toContain('npm run build')
    const { compilerOptions } = parse(read('tsconfig.build.json')) as { compilerOptions: { rootDir: string } }
    expect(
      existsSync(join(root, compilerOptions.rootDir, bin.assay.replace(/^dist\//, '').replace(/js$/, 'ts'))),
    ).toBe(true)
    // The build that all tests run is laid out as the image is: what it does without, the image may do without.
    const cli = dirname(dirname(dirname(builtCli())))
    const inImage = [
      ...copies(last),
      ...argumentsOf(last, 'COPY')
        .filter((words) => words.startsWith('--from='))
        .map((words) => words.split(/\s+/).at(-1)!),
    ]
    expect(inImage).toEqual(expect.arrayContaining([...readdirSync(cli), 'node_modules']))
  })

  it('is of a pinned version that assay runs on', () => {
    const node = /^ARG NODE_VERSION=(\d+\.\d+\.\d+)$/m.exec(read('deploy/Dockerfile'))![1]!
    const least = engines.node.replace('>=', '')
    expect(node.localeCompare(least, undefined, { numeric: true })).toBeGreaterThanOrEqual(0)
    expect(stages.map(({ from }) => from.split(' ')[0])).toEqual(
      stages.map(() => expect.stringMatching(/^node:\$\{NODE_VERSION\}-alpine$/) as string),
    )
  })

  it('runs as nobody special, and is asked whether it lives, not whether it is ready', () => {
    expect(argumentsOf(last, 'USER')).toEqual(['1000:1000'])
    const [health] = argumentsOf(last, 'HEALTHCHECK')
    expect(health).toContain('CMD ["node"')
    expect(health).toContain('/livez')
  })

  it('has a health check that tells a living one from none', () => {
    const [health] = argumentsOf(last, 'HEALTHCHECK')
    const [, ...args] = JSON.parse(/CMD (\[.*\])$/s.exec(health!)![1]!) as string[]
    const { status } = spawnSync(process.execPath, args, { env: { ...process.env, ASSAY_LISTEN_PORT: '9' } })
    expect(status).toBe(1)
  })
})

describe.each(['deploy/compose.yaml', 'deploy/stack/compose.yaml'])('%s', (file) => {
  const { services, volumes = {} } = parse(read(file), { merge: true }) as Compose

  it('names only files and services that are there', () => {
    for (const service of Object.values(services)) {
      const sources = (service.volumes ?? []).map((volume) => volume.split(':')[0]!)
      const missing = sources.filter((source) =>
        source.startsWith('.') ? !existsSync(join(root, dirname(file), source)) : !(source in volumes),
      )
      expect(missing).toEqual([])
      const needed = Object.keys(service.depends_on ?? {})
      expect(needed.filter((name) => !(name in services))).toEqual([])
      if (service.extends === undefined) continue
      const other = parse(readFileSync(join(root, dirname(file), service.extends.file), 'utf8')) as Compose
      expect(Object.keys(other.services)).toContain(service.extends.service)
    }
  })

  it('pins every image', () => {
    for (const { image, extends: from } of Object.values(services)) {
      if (from === undefined) expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+$/)
      if (image?.startsWith('assay:') === true) expect(image).toBe(`assay:${version}`)
    }
  })

  it('gives instances settings that hold, and little else', () => {
    const instances = Object.entries(services).filter(([name]) => name.startsWith('assay-'))
    expect(instances).toHaveLength(file === 'deploy/compose.yaml' ? 2 : 0)
    for (const [, { environment = {}, ...service }] of instances) {
      expect(loadSettings(undefined, textOf(environment)).kafka.brokers).toEqual(['kafka:29092'])
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], stop_grace_period: '30s' })
    }
  })
})

it('the Prometheus and Grafana of the composition use the rules and dashboards that there are', () => {
  const { rule_files, scrape_configs } = parse(read('deploy/stack/prometheus.yaml')) as {
    rule_files: string[]
    scrape_configs: { job_name: string }[]
  }
  const rules = rule_files.map((path) => path.replace('/etc/prometheus', 'deploy/monitoring'))
  expect(rules.filter((path) => !existsSync(join(root, path)))).toEqual([])
  expect(scrape_configs.map(({ job_name }) => job_name)).toEqual(['assay'])
})

describe('the manifests', () => {
  const base = join(deploy, 'kubernetes/base')
  const deployment = manifest('kubernetes/base/deployment.yaml') as unknown as Deployment
  const pod = deployment.spec.template
  const [container] = pod.spec.containers
  const labels = { 'app.kubernetes.io/name': 'assay' }

  it('are all named by a kustomization, and all that is named is there', () => {
    for (const folder of ['base', 'optional', 'overlays/small', 'overlays/production', '../monitoring']) {
      const here = join(deploy, 'kubernetes', folder)
      const named = namedIn(here)
      expect(named.filter((path) => !existsSync(join(here, path)))).toEqual([])
      // Those of monitoring are for others as well.
      if (folder === '../monitoring') continue
      const files = readdirSync(here).filter((name) => name !== 'kustomization.yaml')
      expect(files.filter((name) => !named.includes(name))).toEqual([])
    }
  })

  it('let an instance end in its own time, and never end one because it is not ready', () => {
    expect(pod.spec.terminationGracePeriodSeconds).toBe(30)
    expect(container!.livenessProbe.httpGet.path).toBe('/livez')
    expect(container!.startupProbe.httpGet.path).toBe('/livez')
    expect(container!.readinessProbe.httpGet.path).toBe('/readyz')
    expect(container!.args).toEqual(['run'])
    expect(container!.image).toBe(`assay:${version}`)
  })

  it('give it no right that it does not need', () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
    expect(pod.spec.automountServiceAccountToken).toBe(false)
    expect(container!.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    const writable = container!.volumeMounts.filter(({ readOnly }) => readOnly !== true)
    expect(writable.map(({ mountPath }) => mountPath)).toEqual(['/var/lib/assay', '/tmp'])
    const mounted = container!.volumeMounts.map(({ name }) => name)
    expect(pod.spec.volumes.map(({ name }) => name)).toEqual(mounted)
  })

  it('find each other by labels', () => {
    expect(pod.metadata.labels).toEqual(labels)
    expect(deployment.spec.selector.matchLabels).toEqual(labels)
    const spec = (file: string) => manifest(file)['spec'] as Record<string, unknown>
    expect(spec('kubernetes/base/service.yaml')['selector']).toEqual(labels)
    for (const file of ['base/pod-disruption-budget', 'optional/service-monitor']) {
      expect(spec(`kubernetes/${file}.yaml`)['selector']).toEqual({ matchLabels: labels })
    }
    expect(spec('kubernetes/base/network-policy.yaml')['podSelector']).toEqual({ matchLabels: labels })
    expect(manifest('kubernetes/base/service.yaml')).toMatchObject({ metadata: { labels } })
    // The rules know the job by this name, which comes from the label.
    expect(spec('kubernetes/optional/service-monitor.yaml')['jobLabel']).toBe('app.kubernetes.io/name')
    const scaled = spec('kubernetes/optional/scaled-object.yaml')
    expect(scaled['scaleTargetRef']).toEqual({ name: 'assay' })
    // More than tasks and raw partitions only stand by; with a few raw partitions, that is as many as there are tasks.
    expect(scaled['maxReplicaCount']).toBeLessThanOrEqual(tasks.length + 1)
  })

  it.each(['small', 'production'])('of the overlay %s set up what holds', (overlay) => {
    const secrets = newFolder()
    for (const name of ['kafka-password', 'redis-password']) writeFileSync(join(secrets, name), 'a-secret')
    const lines = read('deploy/kubernetes/base/settings.env').trim().split('\n')
    const { configMapGenerator } = parse(
      read(`deploy/kubernetes/overlays/${overlay}/kustomization.yaml`),
    ) as Kustomization
    const all = [...lines, ...configMapGenerator!.flatMap(({ literals = [] }) => literals)]
    const own = Object.fromEntries(container!.env.map(({ name, value }) => [name, value]))
    const env = Object.fromEntries(all.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]))
    const moved = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replace('/run/secrets/assay', secrets)]),
    )
    const settings = loadSettings(undefined, { ...own, ...moved })
    expect(settings.http).toMatchObject({ host: '0.0.0.0', port: 8080 })
    expect(settings.state.store).toBe(overlay === 'small' ? 'folder' : 'redis')
    expect(settings.keyFile).toBe('/run/secrets/assay/key')
  })

  it('hold no secret, only where one is', () => {
    const texts = filesBelow(deploy)
      .filter((file) => /\.(ya?ml|env|json|tpl)$/.test(file))
      .map((file) => [relative(deploy, file), readFileSync(file, 'utf8')] as const)
    expect(texts.length).toBeGreaterThan(30)
    const secret = /^kind: Secret$|(?:PASSWORD|TOKEN)=|BEGIN [A-Z ]*PRIVATE KEY/m
    expect(texts.filter(([, text]) => secret.test(text)).map(([file]) => file)).toEqual([])
    expect(existsSync(base)).toBe(true)
  })
})

describe('the chart', () => {
  const chart = join(deploy, 'helm/assay')
  const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Record<string, unknown>

  it('is of this version and takes what the others take', () => {
    expect(parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'))).toMatchObject({
      version,
      appVersion: version,
    })
    for (const template of readdirSync(join(chart, 'templates'))) {
      const text = readFileSync(join(chart, 'templates', template), 'utf8')
      for (const [, path] of text.matchAll(/\(list \. "([^"]+)"\)/g)) {
        expect(existsSync(join(chart, 'files/kubernetes', path!))).toBe(true)
      }
      for (const [, path] of text.matchAll(/"(files\/monitoring\/[^"*%]+)/g)) {
        expect(existsSync(join(chart, path!))).toBe(true)
      }
    }
  })

  it('has values that hold, and a schema of all of them', () => {
    const { properties } = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as {
      properties: Record<string, unknown>
    }
    expect(Object.keys(properties).filter((name) => name !== 'global')).toEqual(Object.keys(values))
    const settings = loadSettings(undefined, textOf(values['settings'] as Record<string, unknown>))
    expect(settings.kafka.brokers).toEqual(['kafka:9092'])
  })
})

// Neither comes with Node or from Maven: what they would be given is checked without them above.
describe('what the tools make', () => {
  const kustomize = onPath('kustomize')
  const helm = onPath('helm')

  const overlays = kustomize === undefined ? it.skip : it
  overlays.each(['small', 'production'])('kustomize builds %s, where it is on the PATH', (overlay) => {
    const { status, stdout, stderr } = spawnSync('kustomize', ['build', `kubernetes/overlays/${overlay}`], {
      cwd: deploy,
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(kindsIn(stdout)).toEqual(expect.arrayContaining(['Deployment', 'Service', 'NetworkPolicy']))
  })

  const everything = ['serviceMonitor', 'prometheusRule', 'dashboards', 'autoscaling', 'persistence']
  const charts = helm === undefined ? it.skip : it
  charts.each(['the least', 'everything'])('helm renders %s, where it is on the PATH', (what) => {
    const on = what === 'everything' ? everything.flatMap((name) => ['--set', `${name}.enabled=true`]) : []
    const args = ['template', 'a', 'helm/assay', '--kube-version', '1.30.0', ...on]
    const { status, stdout, stderr } = spawnSync('helm', args, { cwd: deploy, encoding: 'utf8' })
    expect({ status, stderr: stderr.replace(/^walk\.go.*\n/gm, '') }).toEqual({ status: 0, stderr: '' })
    const kinds = kindsIn(stdout)
    expect(kinds).toContain('Deployment')
    expect(kinds.includes('PrometheusRule')).toBe(what === 'everything')
  })
})

interface Stage {
  readonly from: string
  readonly instructions: readonly { readonly name: string; readonly words: string }[]
}

function stagesOf(text: string): Stage[] {
  const stages: { from: string; instructions: { name: string; words: string }[] }[] = []
  const lines = text.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, '')
  for (const [, name, words] of lines.matchAll(/^([A-Z]+) (.*)$/gm)) {
    if (name === 'FROM') stages.push({ from: words!, instructions: [] })
    else stages.at(-1)?.instructions.push({ name: name!, words: words! })
  }
  return stages
}

function argumentsOf({ instructions }: Stage, wanted: string): string[] {
  return instructions.filter(({ name }) => name === wanted).map(({ words }) => words)
}

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image?: string
        readonly volumes?: readonly string[]
        readonly environment?: Readonly<Record<string, unknown>>
        readonly depends_on?: Readonly<Record<string, unknown>>
        readonly extends?: { readonly file: string; readonly service: string }
      }
    >
  >
  readonly volumes?: Readonly<Record<string, unknown>>
}

interface Kustomization {
  readonly resources?: readonly string[]
  readonly patches?: readonly { readonly path: string }[]
  readonly configMapGenerator?: readonly {
    readonly files?: readonly string[]
    readonly envs?: readonly string[]
    readonly literals?: readonly string[]
  }[]
}

interface Probe {
  readonly httpGet: { readonly path: string }
}

interface Deployment {
  readonly spec: {
    readonly selector: { readonly matchLabels: unknown }
    readonly template: {
      readonly metadata: { readonly labels: unknown }
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly automountServiceAccountToken: boolean
        readonly securityContext: unknown
        readonly volumes: readonly { readonly name: string }[]
        readonly containers: readonly {
          readonly image: string
          readonly args: readonly string[]
          readonly env: readonly { readonly name: string; readonly value: string }[]
          readonly livenessProbe: Probe
          readonly startupProbe: Probe
          readonly readinessProbe: Probe
          readonly securityContext: unknown
          readonly volumeMounts: readonly {
            readonly name: string
            readonly mountPath: string
            readonly readOnly?: boolean
          }[]
        }[]
      }
    }
  }
}

function namedIn(folder: string): string[] {
  const { resources, patches, configMapGenerator } = parse(
    readFileSync(join(folder, 'kustomization.yaml'), 'utf8'),
  ) as Kustomization
  return [
    ...(resources ?? []),
    ...(patches ?? []).map(({ path }) => path),
    ...(configMapGenerator ?? []).flatMap(({ files = [], envs = [] }) => [...files, ...envs]),
  ]
}

function manifest(file: string): Record<string, unknown> {
  return parse(read(`deploy/${file}`)) as Record<string, unknown>
}

function kindsIn(text: string): string[] {
  return parseAllDocuments(text).map((document) => String(document.get('kind')))
}

function textOf(environment: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]))
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    // What a link leads to is below the folder as well.
    return entry.isDirectory() ? filesBelow(path) : entry.isSymbolicLink() ? [] : [path]
  })
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
