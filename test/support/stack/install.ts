import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { accessSync, constants, existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { putInPlace } from '../put-in-place'

/** A program, and where and with what it has to run to find its own files. */
export interface Program {
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

export const registryVersion = '3.0.9'
const root = join(__dirname, '../../..')
/** Where all that is fetched lies. */
export const cache = join(root, 'node_modules/.cache/assay-stack')
const forgottenAfterMs = 3_600_000
const run = promisify(execFile)

/** The folder with the jars of a version of Kafka. */
export function kafkaJars(version: string): Promise<string> {
  return madeOnce(join(cache, `kafka-${version}`), (folder) =>
    copyJars(folder, join(root, 'deploy/stack/kafka.pom.xml'), [`-Dkafka.version=${version}`]),
  )
}

/** Fetches the jars that a pom names, and those that they need, into a folder. */
export function copyJars(folder: string, pom: string, settings: readonly string[] = []): Promise<void> {
  return maven(folder, [
    'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
    `--file=${pom}`,
    `-DoutputDirectory=${folder}`,
    ...settings,
  ])
}

/** The folder with the registry's jar and its libraries. */
export function registryJars(): Promise<string> {
  return madeOnce(join(cache, `registry-${registryVersion}`), (folder) =>
    maven(folder, [
      // Newer versions of the plugin insist on the artifact's parent, which was never published.
      'org.apache.maven.plugins:maven-dependency-plugin:2.10:unpack',
      `-Dartifact=io.apicurio:apicurio-registry-app:${registryVersion}:tar.gz:all`,
      `-DoutputDirectory=${folder}`,
    ]),
  )
}

/**
 * Finds a program on the PATH, or unpacks Debian packages that hold it into the cache. Unpacking needs no root and,
 * unlike installing, starts no service of the system.
 */
export async function program(name: string, packages: readonly string[] = [name]): Promise<Program> {
  const file = onPath(name)
  if (file !== undefined) return { file, env: process.env, cwd: '/' }
  const folder = await unpacked(name, packages)
  const env = { ...process.env, ...(await libraryPath(folder)) }
  return { file: join(folder, 'usr/bin', name), env, cwd: folder }
}

/** The folder where the Debian packages that hold a program, and what they need, lie unpacked. */
export function unpacked(name: string, packages: readonly string[]): Promise<string> {
  return madeOnce(join(cache, packages.join('+')), (aside) => unpackPackages(name, packages, aside))
}

/** Runs a short command to its end; a failure carries what it said. */
export async function runToEnd(
  file: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<void> {
  try {
    await run(file, args, { ...options, maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-20).join('\n')
    throw new Error(`${file} ${args[0] ?? ''} failed:\n${said}`, { cause: error })
  }
}

/** The java of the PATH, or a sentence that says how to get it. */
export function java(): string {
  return required('java', 'Java 17 or newer')
}

/** Runs Maven in the folder that it fills, since its plugins leave marks where they stand. */
async function maven(cwd: string, args: readonly string[]): Promise<void> {
  java()
  await runToEnd(required('mvn', 'Maven'), ['-q', '-B', ...args], { cwd })
}

/** A program of the PATH, or a sentence that says how to get it. */
export function required(name: string, title: string): string {
  const file = onPath(name)
  if (file !== undefined) return file
  throw new Error(`${title} is needed and "${name}" is not on the PATH; install it with your package manager`)
}

/** Where a program of the PATH lies. */
export function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function unpackPackages(name: string, packages: readonly string[], folder: string): Promise<void> {
  if (onPath('apt-get') === undefined) {
    throw new Error(`"${name}" is needed and is not on the PATH; install it with your package manager`)
  }
  const apt = join(folder, 'apt')
  await mkdir(join(apt, 'lists/partial'), { recursive: true })
  await mkdir(join(apt, 'archives/partial'), { recursive: true })
  const own = [
    `Dir::Cache=${apt}`,
    `Dir::State::Lists=${apt}/lists`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
  ]
  const options = ['-qq', ...own.flatMap((option) => ['-o', option])]
  await runToEnd('apt-get', [...options, 'update'])
  const download = ['--yes', '--download-only', '--no-install-recommends', '--reinstall', 'install']
  await runToEnd('apt-get', [...options, ...download, ...packages])
  for (const file of await readdir(join(apt, 'archives'))) {
    if (file.endsWith('.deb')) await runToEnd('dpkg', ['-x', join(apt, 'archives', file), folder])
  }
  await rm(apt, { recursive: true })
  await lookWhereTheyRun(join(folder, 'usr/bin'))
}

/**
 * Prometheus and Alertmanager read pages and templates at a place that is compiled in. With as many bytes in its stead,
 * they look below the folder they run in.
 */
async function lookWhereTheyRun(folder: string): Promise<void> {
  for (const file of (await readdir(folder)).map((name) => join(folder, name))) {
    const bytes = await readFile(file, 'latin1')
    const changed = bytes.replaceAll('/usr/share/prometheus', 'usr//share/prometheus')
    if (changed !== bytes) await writeFile(file, changed, 'latin1')
  }
}

/** Debian keeps libraries in folders named after the machine, such as usr/lib/x86_64-linux-gnu. */
export async function libraryPath(folder: string): Promise<NodeJS.ProcessEnv> {
  const folders: string[] = []
  for (const lib of ['usr/lib', 'lib'].map((path) => join(folder, path)).filter(existsSync)) {
    const machines = (await readdir(lib)).filter((name) => name.includes('-linux-'))
    folders.push(...machines.map((name) => join(lib, name)))
  }
  return { LD_LIBRARY_PATH: folders.join(delimiter) }
}

/** Makes a folder unless it is there. It is made aside, so that one that is there is whole. */
export async function madeOnce(folder: string, make: (aside: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder
  await forgetUnfinished(dirname(folder))
  process.stderr.write(`assay: fetching ${basename(folder)} ...\n`)
  // The name says when: dpkg gives the folder the time of what it unpacks.
  const aside = `${folder}.${randomUUID()}.${Date.now()}.unfinished`
  await mkdir(aside, { recursive: true })
  try {
    await make(aside)
    putInPlace(aside, folder)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  return folder
}

/** Removes what killed processes left half made. */
async function forgetUnfinished(parent: string): Promise<void> {
  await mkdir(parent, { recursive: true })
  for (const name of await readdir(parent)) {
    const begunMs = /\.(\d+)\.unfinished$/.exec(name)?.[1]
    if (begunMs === undefined || Number(begunMs) > Date.now() - forgottenAfterMs) continue
    await rm(join(parent, name), { recursive: true, force: true })
  }
}
