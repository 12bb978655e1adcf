import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is shipped besides our own code: all of it is pinned, may be used, and is listed. */

const root = join(__dirname, '../..')

interface Locked {
  readonly version: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly license?: string | readonly { readonly type: string }[]
  readonly hasInstallScript?: boolean
}

const { dependencies, devDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as Record<'dependencies' | 'devDependencies', Record<string, string>>
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>
}
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')
const shipped = locked.filter(([, { dev }]) => dev !== true)

/** Licences that let us ship a package with no more than its notice. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-2-Clause-Views',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Public Domain',
])

it('is pinned to a version and to its bytes', () => {
  const versions = Object.entries({ ...dependencies, ...devDependencies })
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  expect(locked.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''))).toEqual([])
})

it('has a licence that allows it', () => {
  const refused = shipped.filter(([, { license }]) => !isAllowed(license))
  expect(refused.map(([path, { license }]) => `${path}: ${JSON.stringify(license)}`)).toEqual([])
  expect([isAllowed('GPL-3.0'), isAllowed('(MIT OR GPL-3.0)'), isAllowed('MIT AND GPL-3.0')]).toEqual([
    false,
    true,
    false,
  ])
  expect(isAllowed(undefined)).toBe(false)
})

it('runs nothing of its own when it is installed, but what was looked at', () => {
  // protobufjs compares versions and warns; images are made with --ignore-scripts.
  const known = ['node_modules/protobufjs']
  expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual(known)
})

it('is listed whole in the bill of materials', () => {
  // With development left out, npm also leaves out what both sides need.
  const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx']
  const text = execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  const { components } = JSON.parse(text) as { components: { name: string; version: string }[] }
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`))
  // An alias says in its name what it is.
  const inPath = (path: string): string =>
    path.slice(path.lastIndexOf('node_modules/') + 13).replace(/-cjs$/, '')
  const missing = shipped.filter(([path, { version }]) => !listed.has(`${inPath(path)}@${version}`))
  expect(missing.map(([path]) => path)).toEqual([])
  expect(shipped.length).toBeGreaterThan(100)
})

/** Whether an expression of licences leaves us a choice that we may take: all that is joined by AND, one by OR. */
function isAllowed(license: Locked['license']): boolean {
  if (license === undefined) return false
  if (typeof license !== 'string') return license.some(({ type }) => allowed.has(type))
  const [all, one] = [/ AND /, / OR /].map((word) => license.replace(/[()]/g, '').split(word))
  if (/ AND /.test(license) && / OR /.test(license)) return false
  return one!.length > 1 ? one!.some((name) => allowed.has(name)) : all!.every((name) => allowed.has(name))
}
